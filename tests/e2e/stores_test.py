# SPDX-License-Identifier: Apache-2.0
"""Images where container engines keep them: the same as from an archive. Stores are made by podman and containerd where
these are installed, and by hand in their form."""
import base64
import gzip
import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import tarfile
import tempfile
import time
import unittest

VEDETTE = os.environ["VEDETTE"]
NAME = "shop.example/shop:1"
STATUS = b"Package: zlib1g\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.2.13\n\n"
PACKAGE = b'{"name":"lodash","version":"4.17.20"}'


def layer(*entries):
    """(name, content): bytes, None for a folder, a text for a link."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            if content is None:
                info.type, info.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(info)
            elif isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content
                tar.addfile(info)
            else:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


LAYERS = [layer(("etc", None), ("etc/os-release", b'ID=debian\nVERSION_ID="12"\n'), ("var", None), ("var/lib", None),
                ("var/lib/dpkg", None), ("var/lib/dpkg/status", STATUS + STATUS.replace(b"zlib1g", b"gone")),
                ("old", None), ("old/x.txt", b"x" * 3000), ("lib", "usr/lib"), ("a" * 120, b"long name")),
          layer(("var", None), ("var/lib", None), ("var/lib/dpkg", None), ("var/lib/dpkg/status", STATUS), ("app", None),
                ("app/node_modules", None), ("app/node_modules/lodash", None),
                ("app/node_modules/lodash/package.json", PACKAGE), ("app/empty", b""), ("old/.wh.x.txt", b""),
                ("srv", None), ("srv/node_modules", None), ("srv/node_modules/behind", None),
                ("srv/node_modules/behind/package.json", PACKAGE.replace(b"lodash", b"behind")))]
CONFIG = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": [
    "sha256:" + hashlib.sha256(one).hexdigest() for one in LAYERS]},
    "history": [{"created_by": "COPY base"}, {"created_by": "COPY app"}]}).encode()
ID = hashlib.sha256(CONFIG).hexdigest()


def tar_split(tar):
    """Lines of tar-split for a tar: what is between contents, and where contents go."""
    lines, at = [], 0
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        for member in archive:
            lines.append({"type": 2, "payload": base64.b64encode(tar[at:member.offset_data]).decode()})
            lines.append({"type": 1, "name": member.name, "size": member.size if member.isfile() else 0})
            at = member.offset_data + (member.size if member.isfile() else 0)
    lines.append({"type": 2, "payload": base64.b64encode(tar[at:]).decode()})
    return gzip.compress("".join(json.dumps({**one, "position": i}) + "\n" for i, one in enumerate(lines)).encode())


def unpack(tar, folder):
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        for member in archive:
            path = folder / member.name
            if member.isdir():
                path.mkdir(parents=True, exist_ok=True)
            elif member.issym():
                path.symlink_to(member.linkname)
            elif not path.name.startswith(".wh."):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.extractfile(member).read())


class Stores(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.archive = self.folder / "saved.tar"
        with tarfile.open(self.archive, "w") as tar:
            def add(name, content):
                info = tarfile.TarInfo(name)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
            add(ID + ".json", CONFIG)
            for index, one in enumerate(LAYERS):
                add(f"{index}/layer.tar", one)
            add("manifest.json", json.dumps([{"Config": ID + ".json", "RepoTags": [NAME],
                                              "Layers": ["0/layer.tar", "1/layer.tar"]}]).encode())

    def scan(self, *arguments):
        done = subprocess.run([VEDETTE, "scan", "image", "--no-cache", "-f", "json", *map(str, arguments)],
                              capture_output=True, text=True, timeout=60, check=False)
        return done, json.loads(done.stdout) if done.stdout else None

    @staticmethod
    def essence(report):
        """All but how long it took, and the bytes of what lies around layers."""
        image = {key: value for key, value in report["image"].items() if key != "source"}
        return {"image": image, "packages": report["packages"], "secrets": report["secrets"]["findings"]}

    def check_same(self, *arguments):
        saved, expected = self.scan(self.archive)
        self.assertEqual(saved.returncode, 0, saved.stderr)
        self.assertIn("lodash", saved.stdout)
        done, found = self.scan(*arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.essence(found), self.essence(expected))
        return found

    def docker(self):
        root = self.folder / "docker"
        images = root / "image/overlay2"
        (images / "imagedb/content/sha256").mkdir(parents=True)
        (images / "imagedb/content/sha256" / ID).write_bytes(CONFIG)
        (images / "repositories.json").write_text(json.dumps({"Repositories": {"shop.example/shop": {
            NAME: "sha256:" + ID}}}))
        chain = None
        for index, one in enumerate(LAYERS):
            own = "sha256:" + hashlib.sha256(one).hexdigest()
            chain = own if chain is None else "sha256:" + hashlib.sha256(f"{chain} {own}".encode()).hexdigest()
            place = images / "layerdb/sha256" / chain.split(":")[1]
            place.mkdir(parents=True)
            (place / "cache-id").write_text(f"cache{index}")
            (place / "tar-split.json.gz").write_bytes(tar_split(one))
            (root / f"overlay2/cache{index}/diff").mkdir(parents=True)
            unpack(one, root / f"overlay2/cache{index}/diff")
        return root

    def podman(self):
        root = self.folder / "containers"
        config = "=" + base64.b64encode(f"sha256:{ID}".encode()).decode()
        (root / "overlay-images" / ID).mkdir(parents=True)
        (root / "overlay-images" / ID / config).write_bytes(CONFIG)
        ids = [hashlib.sha256(one).hexdigest() for one in LAYERS]
        (root / "overlay-images/images.json").write_text(json.dumps([{
            "id": ID, "digest": "sha256:" + "ab" * 32, "names": [NAME], "layer": ids[-1]}]))
        (root / "overlay-layers").mkdir()
        (root / "overlay-layers/layers.json").write_text(json.dumps([
            {"id": ids[0]}, {"id": ids[1], "parent": ids[0]}]))
        for own, one in zip(ids, LAYERS):
            (root / f"overlay-layers/{own}.tar-split.gz").write_bytes(tar_split(one))
            (root / f"overlay/{own}/diff").mkdir(parents=True)
            unpack(one, root / f"overlay/{own}/diff")
        return root, ids

    def test_docker(self):
        root = self.docker()
        for name in (NAME, "shop:1", ID[:12], "sha256:" + ID):
            self.check_same("--from", "docker", "--store", root, name)

    def test_podman(self):
        root, _ = self.podman()
        for name in (NAME, "shop:1", ID[:12], "shop@sha256:" + "ab" * 32):
            self.check_same("--from", "podman", "--store", root, name)

    def test_the_source_is_told(self):
        root, _ = self.podman()
        found = self.check_same("--from", "podman", "--store", root, NAME)
        self.assertEqual(found["image"]["source"], {"kind": "podman", "place": str(root)})
        _, saved = self.scan(self.archive)
        self.assertEqual(saved["image"]["source"], {"kind": "archive", "place": str(self.archive)})

    def test_of_several_names_the_nearest(self):
        root, ids = self.podman()
        images = root / "overlay-images/images.json"
        own, = json.loads(images.read_text())
        other = {**own, "id": "0" * 64, "names": ["evil.example/shop:1"], "digest": ""}
        for own["names"], asked in ((["localhost/shop:1"], "shop:1"), (["docker.io/library/shop:latest"], "shop"),
                                    (["docker.io/team/shop:1"], "team/shop:1"), ([NAME], NAME)):
            other["names"] = ["evil.example/" + asked]
            images.write_text(json.dumps([other, own]))
            _, found = self.scan("--from", "podman", "--store", root, asked)
            self.assertEqual(found["image"]["name"], own["names"][0])

    def test_layers_of_another_store(self):
        root, ids = self.podman()
        more = self.folder / "more"
        (more / "overlay-layers").mkdir(parents=True)
        (more / "overlay").mkdir()
        shutil.move(root / f"overlay-layers/{ids[0]}.tar-split.gz", more / "overlay-layers")
        shutil.move(root / "overlay" / ids[0], more / "overlay")
        (more / "overlay-layers/layers.json").write_text(json.dumps([{"id": ids[0]}]))
        (root / "overlay-layers/layers.json").write_text(json.dumps([{"id": ids[1], "parent": ids[0]}]))
        config = self.folder / "storage.conf"
        config.write_text(f'[storage]\ndriver = "overlay"\ngraphroot = "{root}"\n[storage.options]\n'
                          f'additionalimagestores = ["{self.folder}/none", "{more}"]\n')
        os.environ["CONTAINERS_STORAGE_CONF"] = str(config)
        self.addCleanup(os.environ.pop, "CONTAINERS_STORAGE_CONF")
        self.check_same("--from", "podman", NAME)
        (more / "overlay-layers/layers.json").write_text("[")
        self.assertEqual(self.scan("--from", "podman", NAME)[0].returncode, 2)

    def test_layers_without_tar_split(self):
        root, ids = self.podman()
        (root / f"overlay-layers/{ids[1]}.tar-split.gz").unlink()
        _, expected = self.scan(self.archive)
        done, found = self.scan("--from", "podman", "--store", root, NAME)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("not checked", done.stderr)
        self.assertEqual(found["packages"]["packages"], expected["packages"]["packages"])
        if os.geteuid() != 0:
            self.skipTest("only root makes an overlay's whiteouts")
        os.mknod(root / f"overlay/{ids[1]}/diff/var/lib/dpkg/status.d", 0o600 | 0o020000, 0)
        (root / f"overlay/{ids[1]}/diff/etc").mkdir()
        try:
            os.mknod(root / f"overlay/{ids[1]}/diff/etc/os-release", 0o600 | 0o020000, 0)
        except OSError as error:
            self.skipTest(f"no whiteout can be made here: {error}")
        _, found = self.scan("--from", "podman", "--store", root, NAME)
        self.assertEqual(found["image"]["distribution"], "")

    def test_podman_itself(self):
        if shutil.which("podman") is None:
            self.skipTest("podman is not installed")
        tried = []
        for driver in ("vfs", "overlay"):
            root = self.folder / driver
            loaded = subprocess.run(["podman", "--root", root, "--runroot", self.folder / "run", "--storage-driver", driver,
                                     "load", "-i", self.archive], capture_output=True, text=True, timeout=120, check=False)
            if loaded.returncode == 0:
                self.check_same("--from", "podman", "--store", root, "shop:1")
            tried.append((driver, loaded.returncode, loaded.stderr[-200:]))
            subprocess.run(["umount", root / driver], capture_output=True, check=False)
        if all(code for _, code, _ in tried):
            self.skipTest(f"podman cannot load an image here: {tried}")

    def test_containerd_itself(self):
        if shutil.which("containerd") is None or shutil.which("ctr") is None:
            self.skipTest("containerd is not installed")
        root, socket = self.folder / "root", self.folder / "c.sock"
        config = self.folder / "config.toml"
        config.write_text(f'version = 2\nroot = "{root}"\nstate = "{self.folder}/state"\n'
                          f'disabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\n  address = "{socket}"\n')
        with open(self.folder / "log", "w", encoding="utf-8") as log:
            server = subprocess.Popen(["containerd", "-c", config], stdout=log, stderr=log)
        try:
            for _ in range(100):
                if socket.exists():
                    break
                time.sleep(0.1)
            loaded = subprocess.run(["ctr", "-a", socket, "-n", "k8s.io", "images", "import", "--no-unpack", self.archive],
                                    capture_output=True, text=True, timeout=60, check=False)
        finally:
            server.terminate()
            server.wait(timeout=30)
        if loaded.returncode != 0:
            self.skipTest(f"containerd cannot load an image here: {loaded.stderr[-200:]}")
        done, found = self.scan("--from", "containerd", "--store", root, "shop:1")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("lodash", done.stdout)
        _, expected = self.scan(self.archive)
        # Its blobs are known by the digest of what is stored.
        names = [sorted(one["purl"] for one in report["packages"]["packages"]) for report in (found, expected)]
        self.assertEqual(names[0], names[1])
        metadata = root / "io.containerd.metadata.v1.bolt/meta.db"
        whole = metadata.read_bytes()
        for damage in (b"", whole[:1000], whole[:9000], b"\xff" * 20000):
            metadata.write_bytes(damage)
            done, _ = self.scan("--from", "containerd", "--store", root, "shop:1")
            self.assertEqual(done.returncode, 2, len(damage))
            self.assertTrue(done.stderr.startswith("vedette: "), done.stderr)

    def test_no_image_and_no_store(self):
        root = self.docker()
        for arguments in (("--from", "docker", "--store", root, "nowhere"), ("--from", "podman", "--store", root, "shop:1"),
                          ("--from", "containerd", "--store", self.folder / "none", "x"), ("--store", root, "shop:1")):
            done, _ = self.scan(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn("expected", done.stderr)

    def test_a_store_that_lies(self):
        root, ids = self.podman()
        split = root / f"overlay-layers/{ids[1]}.tar-split.gz"
        content = root / f"overlay/{ids[1]}/diff/app/node_modules/lodash/package.json"
        whole, told = split.read_bytes(), content.read_bytes()
        lines = gzip.decompress(whole)
        told_size = f'"size": {len(told)}'.encode()
        self.assertIn(told_size, lines)
        cases = {"changed": lambda: content.write_bytes(told.replace(b"lodash", b"loduck")),
                 "shorter": lambda: content.write_bytes(told[:5]), "missing": content.unlink,
                 "a pipe": lambda: (content.unlink(), os.mkfifo(content)),
                 "a folder": lambda: (content.unlink(), content.mkdir()),
                 "a link that leads out": lambda: (content.unlink(), content.symlink_to("/etc/passwd")),
                 "a huge size": lambda: (content.unlink(), split.write_bytes(gzip.compress(lines.replace(
                     told_size, b'"size": 999999999999999999')))),
                 "a negative size": lambda: split.write_bytes(gzip.compress(lines.replace(told_size, b'"size": -1'))),
                 "a wrong size": lambda: split.write_bytes(gzip.compress(lines.replace(told_size, b'"size": 7'))),
                 "cut": lambda: split.write_bytes(whole[:40]), "no lines": lambda: split.write_bytes(gzip.compress(b"x\n")),
                 "upwards": lambda: split.write_bytes(gzip.compress(lines.replace(
                     b'"app/node_modules/lodash/package.json"', b'"../../../../../../../../etc/passwd"'))),
                 "other type": lambda: split.write_bytes(gzip.compress(lines.replace(b'"type": 2', b'"type": 9')))}
        for name, change in cases.items():
            with self.subTest(name):
                change()
                done, found = self.scan("--from", "podman", "--store", root, "shop:1")
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertIn("zlib1g", done.stdout)  # of the other layer
                self.assertNotIn("root:", done.stdout)
                self.assertIsNotNone(found)
                if name in ("missing", "shorter", "a pipe", "a folder"):  # what follows it in the layer
                    self.assertIn("behind", done.stdout)
                if content.is_dir():
                    content.rmdir()
                content.unlink(missing_ok=True)
                content.write_bytes(told)
                split.write_bytes(whole)
        (root / "overlay-layers/layers.json").write_text(json.dumps([{"id": ids[1], "parent": ids[1]}]))
        self.assertEqual(self.scan("--from", "podman", "--store", root, "shop:1")[0].returncode, 2)


if __name__ == "__main__":
    unittest.main()
