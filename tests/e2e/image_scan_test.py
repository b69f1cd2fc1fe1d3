# SPDX-License-Identifier: Apache-2.0
"""`vedette scan image` over images that are made here, good ones and ones that are made to break it: what a
container would see is listed, what a layer deletes is still looked at, nothing is written, memory is bounded."""
import functools
import gzip
import hashlib
import io
import json
import os
import pathlib
import shutil
import struct
import subprocess
import tarfile
import tempfile
import unittest
import zipfile
import zlib

import bill_schema

VEDETTE = os.environ["VEDETTE"]
MEMORY_KB_MAX = 200 * 1024
RULES = "[[rules]]\nid = 'acme'\nregex = '''\\b(acme_[0-9a-zA-Z]{24})\\b'''\nkeywords = ['acme_']\n"
# Put together here, so that no scanner takes this file for a leak.
KEY = "acme_" + "q7Zr2LmX9vB4tKc8Wd3HsYpN"
OTHER_KEY = "acme_" + "Zr2LmX9vB4tKc8Wd3HsYpNq7"
LINE = "token = \"%s\"\n"
OS_RELEASE = "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian 12\"\n"


def dpkg(**versions):
    return "".join(f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n"
                   for name, version in versions.items())


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def layer(*entries):
    """Of (name, content), or (name, type, link); for a name also the entry's header."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, *rest in entries:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            if len(rest) == 1 and rest[0] is not None:
                data = rest[0].encode() if isinstance(rest[0], str) else rest[0]
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
                continue
            info.type = tarfile.DIRTYPE if rest[0] is None else rest[0]
            info.linkname = rest[1] if len(rest) > 1 else ""
            tar.addfile(info)
    return out.getvalue()


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout


def config_of(layers, environment=(), history=None):
    history = history or [{"created_by": f"RUN step {i}"} for i in range(len(layers))]
    return json.dumps({"architecture": "amd64", "os": "linux", "config": {"Env": list(environment)},
                       "rootfs": {"type": "layers", "diff_ids": [sha256(one) for one in layers]},
                       "history": history}).encode()


def add_file(tar, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


class ImageScan(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="vedette-image-")
        self.addCleanup(subprocess.run, ["rm", "-rf", self.folder], check=False)
        self.rules = os.path.join(self.folder, "rules.toml")
        pathlib.Path(self.rules).write_text(RULES)

    def saved(self, *layers, environment=(), history=None, pack=None):
        """An archive as `docker save` of old writes it; its path."""
        path = os.path.join(self.folder, "saved.tar" + (".gz" if pack else ""))
        config = config_of(layers, environment, history)
        with tarfile.open(path, "w:gz" if pack else "w") as tar:
            # The lowest layer last, as nothing asks for an order.
            for i, one in reversed(list(enumerate(layers))):
                add_file(tar, f"{i}/layer.tar", one)
            add_file(tar, "abc.json", config)
            add_file(tar, "manifest.json", json.dumps([{
                "Config": "abc.json", "RepoTags": ["app:1"],
                "Layers": [f"{i}/layer.tar" for i in range(len(layers))]}]).encode())
        return path

    # Without the time in gzip's header, so that the same layer has the same digest a second later.
    def layout(self, *layers, pack=functools.partial(gzip.compress, mtime=0), name="layout", damage=None):
        """An OCI layout in a folder; its path."""
        root = pathlib.Path(self.folder, name)
        (root / "blobs/sha256").mkdir(parents=True)

        def blob(data, stored=None):
            (root / "blobs/sha256" / sha256(data)[7:]).write_bytes(data if stored is None else stored)
            return {"digest": sha256(data), "size": len(data)}

        packed = [pack(one) for one in layers]
        manifest = json.dumps({
            "schemaVersion": 2, "config": blob(config_of(layers)),
            "layers": [blob(one, damage(one) if damage else None) for one in packed]}).encode()
        entry = {"mediaType": "application/vnd.oci.image.manifest.v1+json", **blob(manifest)}
        (root / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
        (root / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        return str(root)

    def scan(self, *flags, memory_kb_max=MEMORY_KB_MAX, cache=("--no-cache",)):
        """(exit code, report, stderr)."""
        out = os.path.join(self.folder, "out.json")
        command = [VEDETTE, "scan", "image", *cache, "--rules", self.rules, "-f", "json", "-o", out, *flags]
        read, write = os.pipe()
        with subprocess.Popen(command, stderr=write, stdout=subprocess.DEVNULL) as process:
            os.close(write)
            with os.fdopen(read, "rb") as errors:
                text = errors.read().decode()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.assertGreaterEqual(process.returncode, 0, text)
        self.assertLess(usage.ru_maxrss, memory_kb_max)
        self.assertNotIn(KEY, text)
        report = None
        if os.path.exists(out):
            written = pathlib.Path(out).read_text()
            self.assertNotIn(KEY, written)
            self.assertNotIn(OTHER_KEY, written)
            report = json.loads(written)
            os.remove(out)
        return process.returncode, report, text

    def packages(self, report):
        return {p["name"]: p for p in report["packages"]["packages"]}

    def findings(self, report):
        return {f["place"]["path"]: f for f in report["secrets"]["findings"]}

    BASE = (("etc/os-release", OS_RELEASE), ("var/lib/dpkg/status", dpkg(libc6="2.36-9", old="1.0")),
            ("root/.env", LINE % KEY), ("opt/", None), ("opt/app.conf", LINE % OTHER_KEY))
    TOP = (("var/lib/dpkg/status", dpkg(libc6="2.36-9", curl="8.0")), ("root/.wh..env", ""))

    def check_usual(self, code, report, text):
        self.assertEqual(code, 1, text)
        packages = self.packages(report)
        self.assertEqual(sorted(packages), ["curl", "libc6"])
        layers = [one["digest"] for one in report["image"]["layers"]]
        self.assertEqual(packages["libc6"]["layer"], layers[0])
        self.assertEqual(packages["curl"]["layer"], layers[1])
        self.assertEqual(packages["curl"]["purl"], "pkg:deb/debian/curl@8.0?arch=amd64&distro=debian-12")
        findings = self.findings(report)
        self.assertEqual(sorted(findings), ["opt/app.conf", "root/.env"])
        self.assertTrue(findings["root/.env"]["place"]["layer"]["hidden"])
        self.assertFalse(findings["opt/app.conf"]["place"]["layer"]["hidden"])
        self.assertEqual(findings["opt/app.conf"]["place"]["layer"]["instruction"], "RUN step 0")
        self.assertEqual(findings["opt/app.conf"]["place"]["layer"]["digest"], layers[0])

    def test_all_forms_give_the_same(self):
        layers = (layer(*self.BASE), layer(*self.TOP))
        forms = [self.saved(*layers), self.saved(*layers, pack=True), self.layout(*layers),
                 self.layout(*layers, pack=zstd, name="zstd"), self.layout(*layers, pack=bytes, name="plain")]
        archive = os.path.join(self.folder, "layout.tar")
        with tarfile.open(archive, "w") as tar:
            tar.add(forms[2], arcname=".")
        for form in [*forms, archive]:
            with self.subTest(form=os.path.basename(form)):
                self.check_usual(*self.scan(form))

    def test_opaque_folders_and_replaced_folders(self):
        below = layer(("a/x", LINE % KEY), ("b/x", LINE % KEY), ("c/x", LINE % KEY), ("d/x", LINE % KEY))
        above = layer(("a/.wh..wh..opq", ""), ("a/y", LINE % KEY), ("b", "now a file"), ("c/", None),
                      (".wh.d", ""), ("d/", None))
        _, report, _ = self.scan(self.saved(below, above))
        hidden = {path: f["place"]["layer"]["hidden"] for path, f in self.findings(report).items()}
        self.assertEqual(hidden, {"a/x": True, "a/y": False, "b/x": True, "c/x": False, "d/x": True})

    def test_a_hard_link_keeps_what_its_other_name_loses(self):
        below = layer(("a", LINE % KEY), ("b", tarfile.LNKTYPE, "a"), ("c", LINE % OTHER_KEY))
        _, report, _ = self.scan(self.saved(below, layer((".wh.a", ""), (".wh.c", ""))))
        findings = self.findings(report)
        self.assertFalse(findings["a"]["place"]["layer"]["hidden"])
        self.assertEqual(findings["a"]["also_at"][0]["path"], "b")
        self.assertTrue(findings["c"]["place"]["layer"]["hidden"])

    def test_a_package_manager_that_is_removed_has_no_packages(self):
        _, report, _ = self.scan(self.saved(layer(*self.BASE), layer(("var/lib/.wh.dpkg", ""))))
        self.assertEqual(report["packages"]["packages"], [])

    def test_configuration_and_history_are_looked_at_and_masked(self):
        history = [{"created_by": f"RUN curl -H 'token: {KEY}' example.org"}]
        code, report, _ = self.scan(self.saved(layer(("a", "x")), environment=[f"TOKEN={OTHER_KEY}"],
                                               history=history))
        self.assertEqual(code, 1)
        self.assertEqual([f["place"]["path"] for f in report["secrets"]["findings"]], ["image configuration"] * 2)
        self.assertIn("acme", report["image"]["layers"][0]["instruction"])

    def test_secrets_in_archives_of_layers(self):
        inner = layer(("deep/.env", LINE % KEY))
        _, report, _ = self.scan(self.saved(layer(("srv/backup.tgz", gzip.compress(inner)))))
        self.assertEqual(list(self.findings(report)), ["srv/backup.tgz/deep/.env"])

    def test_names_that_lead_out_are_said_and_passed_over(self):
        one = layer(("../../etc/shadow", LINE % KEY), ("a", tarfile.SYMTYPE, "/etc"), ("a/passwd", LINE % KEY),
                    ("h", tarfile.LNKTYPE, "../../etc/passwd"), ("good", LINE % OTHER_KEY))
        code, report, text = self.scan(self.saved(one))
        self.assertEqual(code, 1)
        self.assertEqual(sorted(self.findings(report)), ["a/passwd", "good"])
        self.assertIn("one that leads out", text)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "etc")))

    def test_parts_that_lead_out_of_the_layout_are_not_opened(self):
        root = pathlib.Path(self.layout(layer(*self.BASE)))
        outside = pathlib.Path(self.folder, "outside")
        (root / "blobs/sha256").rename(outside)
        (root / "blobs/sha256").symlink_to(outside)
        code, report, text = self.scan(str(root))
        self.assertEqual((code, report), (2, None), text)

    def test_broken_layers_cost_themselves(self):
        good, bad = layer(*self.BASE), layer(("x", "y" * 100_000), ("z", LINE % KEY))
        for name, damage in (("cut", lambda data: data[:len(data) // 2] if len(data) > 1000 else data),
                             ("other", lambda data: data + b"\0" * 512)):
            with self.subTest(name):
                root = self.layout(good, bad, pack=bytes, name=name,
                                   damage=lambda data, d=damage: d(data) if data == bad else data)
                code, report, text = self.scan(root)
                self.assertEqual(code, 1)
                self.assertEqual(sorted(self.packages(report)), ["libc6", "old"])
                self.assertIn(sha256(bad), text)
        root = self.layout(layer(("a", "b")), pack=gzip.compress, name="flipped",
                           damage=lambda data: data[:-6] + b"\xff" + data[-5:])
        code, _, text = self.scan(root)
        self.assertEqual(code, 3, text)

    def test_a_missing_layer_is_said(self):
        one, other = layer(*self.BASE), layer(("q", LINE % KEY))
        root = self.layout(one, other, pack=bytes)
        os.remove(os.path.join(root, "blobs/sha256", sha256(one)[7:]))
        code, report, text = self.scan(root)
        self.assertEqual((code, list(self.findings(report))), (1, ["q"]))
        self.assertIn("cannot open", text)

    def test_what_is_no_image(self):
        path = os.path.join(self.folder, "text")
        pathlib.Path(path).write_text("no image")
        for target in (path, self.folder, os.path.join(self.folder, "missing")):
            code, report, text = self.scan(target)
            self.assertEqual((code, report), (2, None))
            self.assertTrue(text)

    def test_a_bomb_is_not_unpacked(self):
        # In steps: a child's peak memory begins with that of the parent.
        out = io.BytesIO()
        with gzip.GzipFile(fileobj=out, mode="wb") as file:
            for _ in range(300):
                file.write(bytes(1 << 20))
        bomb = gzip.compress(out.getvalue(), 9)
        code, report, text = self.scan(self.saved(layer(("bomb.gz", bomb), ("good", LINE % KEY))))
        self.assertEqual((code, list(self.findings(report))), (1, ["good"]), text)

    def test_a_size_that_lies(self):
        one = bytearray(layer(("var/lib/dpkg/status", dpkg(a="1"))))
        one[124:136] = b"77777777777\0"  # eight gigabytes
        one[148:156] = b" " * 8
        one[148:156] = b"%06o\0 " % sum(one[:512])
        code, report, text = self.scan(self.saved(bytes(one)))
        self.assertEqual(code, 3, text)
        self.assertEqual(report["packages"]["packages"], [])

    def test_three_million_empty_files(self):
        header = bytearray(tarfile.TarInfo("d/" + "0" * 8).tobuf(tarfile.USTAR_FORMAT))
        base = sum(header) - sum(header[2:10]) - sum(header[148:156]) + 8 * 32
        path = os.path.join(self.folder, "many.tar.gz")
        with gzip.open(path, "wb", compresslevel=1) as file:
            for begin in range(0, 3_000_000, 10_000):
                block = bytearray()
                for number in range(begin, begin + 10_000):
                    name = b"%08d" % number
                    header[2:10] = name
                    header[148:156] = b"%06o\0 " % (base + sum(name))
                    block += header
                file.write(block)
        root = pathlib.Path(self.layout(layer(*self.BASE)))
        data = pathlib.Path(path).read_bytes()
        (root / "blobs/sha256" / sha256(data)[7:]).write_bytes(data)
        index = json.loads((root / "index.json").read_text())
        manifest_path = root / "blobs/sha256" / index["manifests"][0]["digest"][7:]
        manifest = json.loads(manifest_path.read_text())
        manifest["layers"].append({"digest": sha256(data), "size": len(data)})
        new = json.dumps(manifest).encode()
        (root / "blobs/sha256" / sha256(new)[7:]).write_bytes(new)
        index["manifests"][0]["digest"] = sha256(new)
        (root / "index.json").write_text(json.dumps(index))
        code, report, text = self.scan(str(root))
        self.assertEqual(code, 1, text)
        self.assertEqual(report["image"]["layers"][1]["entries"], 3_000_000)
        self.assertEqual(sorted(self.packages(report)), ["libc6", "old"])

    def test_a_root_file_system(self):
        root = pathlib.Path(self.folder, "root")
        for name, text in (("etc/os-release", OS_RELEASE), ("var/lib/dpkg/status", dpkg(a="1")), ("x", LINE % KEY)):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        code, report, _ = self.scan("--rootfs", str(root))
        self.assertEqual(code, 1)
        self.assertEqual(self.packages(report)["a"]["distribution"], "debian-12")
        self.assertEqual(len(report["secrets"]["findings"]), 1)

    def test_programs_of_a_root_file_system(self):
        program = shutil.which("umoci")  # of Go
        if program is None:
            self.skipTest("umoci is not installed")
        content = pathlib.Path(program).read_bytes()
        root = pathlib.Path(self.folder, "root")
        for name, data in (("etc/os-release", OS_RELEASE.encode()), ("usr/bin/any", content), ("usr/bin/none", b"#!/bin/sh\n")):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(data)
        (root / "usr/bin/link").symlink_to("/usr/bin/umoci")
        _, report, _ = self.scan("--rootfs", str(root), "--only", "packages")
        found = {one["purl"] for one in report["packages"]["packages"]}
        self.assertTrue(any(purl.startswith("pkg:golang/stdlib@") for purl in found), found)
        _, report, _ = self.scan(self.layout(layer(("etc/os-release", OS_RELEASE), ("usr/bin/any", content))), "--only", "packages")
        self.assertEqual({one["purl"] for one in report["packages"]["packages"]}, found)

    @staticmethod
    def rust_program(name, size=0):
        """An ELF as `cargo auditable` leaves it, with a section of its crates, and `size` bytes of machine code."""
        crates = zlib.compress(json.dumps({"packages": [{"name": name, "version": "1.2.3", "source": "registry", "root": True}]}
                                          ).encode())
        names = b"\0.dep-v0\0.shstrtab\0"
        at = 64 + size

        def section(name, kind, offset, length):
            return struct.pack("<IIQQQQIIQQ", name, kind, 0, 0, offset, length, 0, 0, 1, 0)
        header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 2, 62, 1, 0, 0, at + len(crates) + len(names), 0, 64, 56,
                             0, 64, 3, 2)
        return (header + b"\x90" * size + crates + names + bytes(64) + section(1, 1, at, len(crates)) +
                section(9, 3, at + len(crates), len(names)))

    def test_a_root_file_system_is_as_its_image(self):
        jar = io.BytesIO()
        with zipfile.ZipFile(jar, "w") as archive:
            archive.writestr("META-INF/maven/org.example/tool/pom.properties", "groupId=org.example\nartifactId=tool\nversion=4\n")
        plain = "lib/node_modules/left-pad/package.json"
        files = {"etc/os-release": OS_RELEASE.encode(), "var/lib/dpkg/status": dpkg(a="1", b="2").encode(),
                 "var/lib/dpkg/info/a.list": b"/usr/bin/owned\n", "opt/tool.jar": jar.getvalue(),
                 "opt/" + "deep/" * 40 + "program": self.rust_program("deep"), "usr/bin/small": self.rust_program("small"),
                 "usr/bin/large": self.rust_program("large", 9 << 20), "srv/" + plain: b'{"name":"left-pad","version":"1.0.0"}',
                 "srv/unread.bin": bytes(1 << 20), "srv/pnpm/blob": b'{"name":"linked","version":"2.0.0"}'}
        links = {"usr/bin/zmall": "usr/bin/small", "srv/x/node_modules/linked/package.json": "srv/pnpm/blob"}
        root = pathlib.Path(self.folder, "root")
        for name, data in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(data)
        outside = pathlib.Path(self.folder, "outside", plain)
        outside.parent.mkdir(parents=True)
        outside.write_text('{"name":"outside","version":"1"}')
        (root / "srv/out").symlink_to(outside.parents[2])
        (root / "srv/escape").symlink_to("../../outside")
        (root / "usr/bin/also").symlink_to("small")
        os.mkfifo(root / "srv/pipe")
        image = self.saved(layer(*files.items()))
        _, expected, text = self.scan("--only", "packages", image)
        self.assertEqual(text, "")
        for name, target in links.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            os.link(root / target, root / name)
        code, found, text = self.scan("--only", "packages", "--rootfs", str(root))
        self.assertEqual((code, text), (0, ""))

        def essence(report):
            return sorted((one["purl"], one["path"]) for one in report["packages"]["packages"])
        own = {("pkg:npm/linked@2.0.0", "srv/x/node_modules/linked/package.json")}
        self.assertEqual(set(essence(found)), set(essence(expected)) | own)
        self.assertEqual(len(essence(found)), len(essence(expected)) + 1)
        names = {one["name"] for one in found["packages"]["packages"]}
        self.assertLessEqual({"a", "b", "deep", "small", "large", "left-pad", "tool"}, {name.split(":")[-1] for name in names})
        self.assertNotIn("outside", names)
        # What cannot be looked at is said, and all else is there.
        deep = root / "srv" / "/".join(["d"] * 300)
        deep.mkdir(parents=True)
        code, found, text = self.scan("--only", "packages", "--rootfs", str(root))
        self.assertEqual(code, 3)
        self.assertIn("could not be read", text)
        self.assertEqual(set(essence(found)), set(essence(expected)) | own)
        # An absolute link is no way out, either.
        (root / "etc/os-release").unlink()
        (root / "etc/os-release").symlink_to(pathlib.Path(self.folder, "outside", "os-release"))
        pathlib.Path(self.folder, "outside", "os-release").write_text("ID=alpine\nVERSION_ID=3\n")
        _, found, _ = self.scan("--only", "packages", "--rootfs", str(root))
        self.assertNotIn("alpine", json.dumps(found))

    def test_a_layer_that_is_known_is_not_read_again(self):
        cache = ("--cache-dir", os.path.join(self.folder, "cache"))
        layers = (layer(*self.BASE), layer(*self.TOP))
        one = self.layout(*layers)
        first = self.scan(one, cache=cache)
        self.check_usual(*first)
        second = self.scan(one, cache=cache)
        self.check_usual(*second)
        files = first[1]["secrets"]["summary"]["files"]
        self.assertEqual([run[1]["secrets"]["summary"]["cached"] for run in (first, second)], [0, files])
        for _, report, _ in (first, second):
            for field in ("seconds", "load_seconds", "cached"):
                report["secrets"]["summary"][field] = 0
        self.assertEqual(first[1], second[1])
        # Another image of the same base, whose own layer is new.
        _, report, _ = self.scan(self.layout(layers[0], layer(("b/.env", LINE % OTHER_KEY)), name="other"), cache=cache)
        self.assertEqual(sorted(self.findings(report)), ["b/.env", "opt/app.conf", "root/.env"])
        self.assertEqual(sorted(self.packages(report)), ["libc6", "old"])
        self.assertEqual(report["secrets"]["summary"]["cached"], 4)
        # Other rules find other things, and a layer of another size is read.
        pathlib.Path(self.rules).write_text(RULES.replace("acme_[", "acmf_["))
        self.assertEqual(self.scan(one, cache=cache)[0], 0)
        pathlib.Path(self.rules).write_text(RULES)
        blob = pathlib.Path(one, "blobs/sha256", first[1]["image"]["layers"][1]["digest"][7:])
        blob.write_bytes(blob.read_bytes()[:-20])
        code, _, text = self.scan(one, cache=cache)
        self.assertIn("the layer is not the one that the image names", text)
        # What a broken layer gave is not kept.
        self.assertEqual(self.scan(one, cache=cache)[2], text)
        self.assertEqual(code, 1)

    def database(self):
        path = os.path.join(self.folder, "v.db")
        record = os.path.join(self.folder, "osv.json")
        pathlib.Path(record).write_text(json.dumps({
            "id": "DEBIAN-CVE-2020-1", "upstream": ["CVE-2020-1"], "modified": "2020-01-01T00:00:00Z",
            "summary": "curl does what it should not",
            "affected": [{"package": {"ecosystem": "Debian:12", "name": "curl"},
                          "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "8.1"}]}]}]}))
        subprocess.run([VEDETTE, "db", "build", "-o", path, record], check=True, stderr=subprocess.DEVNULL)
        return path

    def run_plain(self, *flags):
        done = subprocess.run([VEDETTE, "scan", "image", "--no-cache", "--rules", self.rules, *flags], check=False,
                              capture_output=True, text=True)
        self.assertNotIn(KEY, done.stdout + done.stderr)
        return done.returncode, done.stdout, done.stderr

    def test_what_a_database_knows_names_the_layer(self):
        image = self.saved(layer(*self.BASE), layer(*self.TOP))
        known = ("--db", self.database())
        code, report, _ = self.scan(*known, image)
        self.assertEqual(code, 1)
        found = report["vulnerabilities"]["findings"]
        self.assertEqual([one["rule"]["id"] for one in found], ["CVE-2020-1"])
        self.assertEqual(found[0]["place"]["layer"]["digest"], report["image"]["layers"][1]["digest"])
        self.assertEqual(found[0]["place"]["layer"]["instruction"], "RUN step 1")
        self.assertEqual(sorted(self.findings(report)), ["opt/app.conf", "root/.env"])
        _, text, _ = self.run_plain(*known, "-f", "table", image)
        self.assertIn("update curl 8.0 to 8.1", text)
        self.assertIn("root/.env", text)
        _, text, _ = self.run_plain(*known, "-f", "ndjson", image)
        self.assertEqual([json.loads(line).get("type", "finding") for line in text.splitlines()],
                         ["image", "finding", "finding", "finding"])
        _, text, _ = self.run_plain(*known, "-f", "sarif", image)
        self.assertEqual(len(json.loads(text)["runs"][0]["results"]), 3)
        # What GitLab has two reports for.
        code, _, text = self.run_plain(*known, "-f", "gitlab", image)
        self.assertEqual(code, 2)
        self.assertIn("--only packages", text)
        code, text, _ = self.run_plain(*known, "-f", "gitlab", "--only", "packages", image)
        self.assertEqual((code, len(json.loads(text)["vulnerabilities"])), (1, 1))

    def test_files_are_told_with_their_packages(self):
        base = (("etc/os-release", OS_RELEASE), ("var/lib/dpkg/status", dpkg(bash="5", curl="8", empty="1")),
                ("var/lib/dpkg/info/bash.list", "/.\n/bin\n/bin/bash\n/usr\n/usr/share\n/usr/share/bash.txt\n/usr/share/gone\n"),
                ("var/lib/dpkg/info/curl.list", "/.\n/usr\n/usr/bin\n/usr/bin/curl\n/usr/share\n/usr/share/bash.txt\n"),
                ("usr/bin/bash", b"\x7fELF"), ("usr/bin/curl", b"\x7fELF"), ("usr/share/bash.txt", "a"),
                ("usr/share/gone", "b"), ("usr/share/alien", "c"))
        image = self.saved(layer(*base), layer(("usr/bin/curl", b"\x7fELF again"), ("usr/share/.wh.gone", "")))
        expected = {"bash": ["usr/bin/bash", "usr/share/bash.txt"], "curl": ["usr/bin/curl", "usr/share/bash.txt"], "empty": None}

        def told(report):
            return {one["name"]: one.get("files") for one in report["packages"]}
        packages = ("--only", "packages", image)
        self.assertEqual(set(told(self.scan(*packages)[1]["packages"]).values()), {None})
        for _ in range(2):  # the second is from the cache
            self.assertEqual(told(self.scan("--files", *packages)[1]["packages"]), expected)
        bill = os.path.join(self.folder, "bom.json")
        self.assertEqual(self.run_plain("--files", "-f", "cyclonedx", "-o", bill, image)[0], 0)
        back = subprocess.run([VEDETTE, "scan", "sbom", "-f", "json", bill], capture_output=True, text=True, check=True)
        self.assertEqual(told(json.loads(back.stdout)), expected)
        again = os.path.join(self.folder, "again.json")
        subprocess.run([VEDETTE, "scan", "sbom", "-f", "cyclonedx", "-o", again, bill], check=True)
        parts = [[c.get("components") for c in json.loads(pathlib.Path(one).read_text())["components"]] for one in (bill, again)]
        self.assertEqual(*parts)
        self.assertEqual(list(bill_schema.validator(self).iter_errors(json.loads(pathlib.Path(bill).read_text()))), [])

    def test_spdx_tells_files_with_their_sums(self):
        sparse = tarfile.TarInfo("usr/share/holes")
        sparse.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}
        link = tarfile.TarInfo("usr/bin/rbash")
        link.type, link.linkname = tarfile.SYMTYPE, "bash"
        hard = tarfile.TarInfo("usr/bin/sh")
        hard.type, hard.linkname = tarfile.LNKTYPE, "./usr/bin/bash"
        names = ("bin/bash", "bin/rbash", "bin/sh", "usr/share/a.txt", "usr/share/empty", "usr/share/holes", "usr/share/large")
        large = b"0123456789abcdef" * 700_000  # more than what is read at once, and looked at
        base = (("etc/os-release", OS_RELEASE), ("var/lib/dpkg/status", dpkg(bash="5", libc="2")),
                ("var/lib/dpkg/info/bash.list", "".join(f"/{one}\n" for one in names)),
                ("var/lib/dpkg/info/libc.list", "/usr/share/a.txt\n"),
                ("usr/bin/bash", b"\x7fELF"), (link, b""), (hard, b""), ("usr/share/a.txt", "old"), ("usr/share/empty", ""),
                (sparse, b"stored"), ("usr/share/large", large))
        image = self.saved(layer(*base), layer(("usr/share/a.txt", "new")))

        def sum_of(content):
            return hashlib.sha1(content).hexdigest()
        expected = {"./usr/bin/bash": sum_of(b"\x7fELF"), "./usr/bin/sh": sum_of(b"\x7fELF"), "./usr/share/a.txt": sum_of(b"new"),
                    "./usr/share/empty": sum_of(b""), "./usr/share/large": sum_of(large)}
        path = os.path.join(self.folder, "bill.spdx.json")
        for cache in (("--no-cache",), ("--cache-dir", self.folder), ("--cache-dir", self.folder)):
            subprocess.run([VEDETTE, "scan", "image", "--files", "-f", "spdx", *cache, "-o", path, image],
                           check=False, capture_output=True)
            bill = json.loads(pathlib.Path(path).read_text())
            files = {one["SPDXID"]: one for one in bill["files"]}
            self.assertEqual({one["fileName"]: one["checksums"][0]["checksumValue"] for one in files.values()}, expected)
            packages = {one["name"]: one for one in bill["packages"]}
            self.assertTrue(packages["bash"]["filesAnalyzed"])
            code = packages["bash"]["packageVerificationCode"]
            self.assertEqual(code["packageVerificationCodeValue"], sum_of("".join(sorted(expected.values())).encode()))
            self.assertEqual(code["packageVerificationCodeExcludedFiles"], ["./usr/bin/rbash", "./usr/share/holes"])
            self.assertEqual(packages["libc"]["packageVerificationCode"],
                             {"packageVerificationCodeValue": sum_of(expected["./usr/share/a.txt"].encode())})
            owned = [files[one["relatedSpdxElement"]]["fileName"] for one in bill["relationships"]
                     if one["spdxElementId"] == packages["libc"]["SPDXID"] and one["relationshipType"] == "CONTAINS"]
            self.assertEqual(owned, ["./usr/share/a.txt"])
        for form in ("spdx", "cyclonedx"):
            bills = [self.run_plain("--files", "-f", form, "--reproducible", image)[1] for _ in range(2)]
            self.assertEqual(*bills)
            self.assertEqual(form == "spdx", "1970-01-01" in bills[0])
            self.assertNotIn("1970-01-01", self.run_plain("-f", form, image)[1])
        again = os.path.join(self.folder, "again.spdx.json")
        subprocess.run([VEDETTE, "scan", "sbom", "-f", "spdx", "-o", again, path], check=True)
        self.assertEqual(json.loads(pathlib.Path(again).read_text())["files"], bill["files"])
        # Without --files nothing is looked at for it.
        self.run_plain("-f", "spdx", "-o", path, image)
        self.assertNotIn("files", json.loads(pathlib.Path(path).read_text()))

    def test_a_layer_with_statements_is_kept_unless_they_hold_a_secret(self):
        def vex(tooling):
            return json.dumps({
                "@context": "https://openvex.dev/ns/v0.2.0", "@id": "a", "author": "b", "timestamp": "2026-01-01T00:00:00Z",
                "version": 1, "statements": [{"vulnerability": {"name": "CVE-2020-1"}, "status": "not_affected",
                                              "justification": "component_not_present",
                                              "products": [{"@id": "pkg:deb/debian/curl"}]}], "tooling": tooling})
        base = (("etc/os-release", OS_RELEASE), ("var/lib/dpkg/status", dpkg(curl="8.0")))
        known = ("--db", self.database(), "--image-vex")
        for only in ((), ("--only", "packages")):
            for name, tooling, kept in (("clean", "made by hand", True), ("leaking", f"token = {KEY}", False)):
                image = self.layout(layer(*base, ("vex.json", vex(tooling))), name=name + "-".join(only))
                cache = ("--cache-dir", os.path.join(self.folder, "cache-" + name + "-".join(only)))
                runs = [self.scan(*known, *only, image, cache=cache)[1] for _ in range(2)]
                findings = [run["vulnerabilities"]["findings"] for run in runs]
                self.assertEqual(findings[0], findings[1])
                self.assertEqual(findings[0][0]["vulnerability"]["vex"]["status"], "not_affected")
                if not only:  # else nothing tells of it
                    self.assertEqual([run["secrets"]["summary"]["cached"] > 0 for run in runs], [False, kept], name)
                stored = b"".join(one.read_bytes() for one in pathlib.Path(cache[1]).rglob("*") if one.is_file())
                self.assertNotIn(KEY.encode(), stored)
                self.assertEqual(b"made by hand" in stored, kept, (name, only))

    def test_a_baseline_knows_both_kinds(self):
        image = self.saved(layer(*self.BASE), layer(*self.TOP))
        known = ("--db", self.database(), "--baseline", os.path.join(self.folder, "known"))
        self.assertEqual(self.run_plain(*known, image)[0], 2)  # there is none yet
        self.assertNotEqual(self.run_plain(*known, "--update-baseline", image)[0], 1)
        code, report, _ = self.scan(*known, image)
        self.assertNotEqual(code, 1)
        self.assertEqual(report["vulnerabilities"]["findings"] + report["secrets"]["findings"], [])
        self.assertEqual(report["secrets"]["summary"]["in_baseline"], 3)


if __name__ == "__main__":
    unittest.main()
