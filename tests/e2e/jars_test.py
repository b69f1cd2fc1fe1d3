# SPDX-License-Identifier: Apache-2.0
"""`vedette db jars` and `--jars`: a library whose classes lie in somebody's jar without its name is named, in trees and
images, by the table that was given and no other, with its vulnerabilities."""
import hashlib
import io
import json
import os
import pathlib
import subprocess
import tarfile
import tempfile
import unittest
import zipfile

VEDETTE = os.environ["VEDETTE"]
# What javac made of four classes of com.acme.books.
CLASSES = pathlib.Path(__file__).parents[1] / "corpus/class_shape"
NAMES = {"Account": "account", "Interest": "interest", "Ledger": "ledger", "Report": "report", "Report$1": "switch_map"}
ADVISORY = {"id": "ACME-1", "modified": "2024-01-01T00:00:00Z", "affected": [{
    "package": {"ecosystem": "Maven", "name": "com.acme:books"},
    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}]}]}


def jar(folder):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n")
        for name, seed in NAMES.items():
            archive.writestr(f"{folder}/{name}.class", (CLASSES / seed).read_bytes())
    return out.getvalue()


class Jars(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.put("m2/com/acme/books/1.0/books-1.0.jar", jar("com/acme/books"))
        self.put("app/server.jar", jar("server/books"))
        code, _, text = self.run_plain("db", "jars", "-o", self.path("jars.db"), self.path("m2"))
        self.assertEqual((code, text.split(",")[0]), (0, "4 classes of 1 releases"), text)

    def path(self, name):
        return str(self.folder / name)

    def put(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def run_plain(self, *arguments):
        done = subprocess.run([VEDETTE, *arguments], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "HOME": str(self.folder)})
        return done.returncode, done.stdout, done.stderr

    def image(self):
        layer = io.BytesIO()
        with tarfile.open(fileobj=layer, mode="w") as tar:
            tar.add(self.path("app/server.jar"), "app/server.jar")
        layer = layer.getvalue()
        config = json.dumps({"os": "linux", "architecture": "amd64", "rootfs": {
            "type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]}}).encode()
        manifest = json.dumps([{"Config": "config.json", "RepoTags": ["app:1"], "Layers": ["layer.tar"]}]).encode()
        with tarfile.open(self.path("image.tar"), "w") as tar:
            for name, data in (("manifest.json", manifest), ("config.json", config), ("layer.tar", layer)):
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        return self.path("image.tar")

    def packages(self, *arguments):
        code, text, problems = self.run_plain("scan", *arguments, "-f", "json")
        self.assertEqual((code, problems), (0, ""))
        report = json.loads(text)
        report = report if isinstance(report["packages"], list) else report["packages"]
        return [(one["name"], one["version"], one.get("evidence"), one.get("place")) for one in report["packages"]]

    def test_a_tree_and_an_image_tell_the_same(self):
        known = ("com.acme:books", "1.0", "4 of 4 classes")
        target = self.path("app/server.jar")
        self.assertEqual(self.packages("packages", target), [])
        self.assertEqual(self.packages("packages", "--jars", self.path("jars.db"), target), [(*known, target + "!/server/books")])
        image = ("image", "--only", "packages", self.image())
        # Before, after, and from the cache: the table is part of what a layer's result depends on.
        for _ in range(2):
            self.assertEqual(self.packages(*image), [])
            self.assertEqual(self.packages(*image, "--jars", self.path("jars.db")), [(*known, "app/server.jar!/server/books")])
        self.assertEqual(self.packages("image", "--only", "packages", "--rootfs", self.path("app"), "--jars", self.path("jars.db")),
                         [(*known, "server.jar!/server/books")])

    def test_what_is_known_about_it_is_found(self):
        self.put("osv/ACME-1.json", json.dumps(ADVISORY).encode())
        self.assertEqual(self.run_plain("db", "build", "-q", "-o", self.path("v.db"), self.path("osv"))[0], 0)
        target = self.path("app/server.jar")
        code, text, _ = self.run_plain("scan", "packages", "--db", self.path("v.db"), "--jars", self.path("jars.db"), "-f", "json",
                                       target)
        self.assertEqual(code, 1)
        finding, = json.loads(text)["findings"]
        self.assertEqual(finding["place"]["path"], target + "!/server/books")
        self.assertIn("the package is recognised by 4 of 4 classes", json.dumps(finding["evidence"]))

    def test_a_bill_keeps_the_evidence(self):
        bill = self.path("bom.json")
        self.assertEqual(self.run_plain("scan", "packages", "--jars", self.path("jars.db"), "-f", "cyclonedx", "-o", bill,
                                        self.path("app/server.jar"))[0], 0)
        (name, version, evidence, place), = self.packages("sbom", bill)
        self.assertEqual((name, version, evidence), ("com.acme:books", "1.0", "4 of 4 classes"))

    def test_a_table_that_is_none_is_wrong_usage(self):
        whole = pathlib.Path(self.path("jars.db")).read_bytes()
        self.put("cut.db", whole[:-1])
        for table, said in (("cut.db", "damaged"), ("none.db", "none.db"), ("image.tar", "another file")):
            if table == "image.tar":
                self.image()
            code, _, text = self.run_plain("scan", "packages", "--jars", self.path(table), self.path("app/server.jar"))
            self.assertEqual(code, 2)
            self.assertIn(said, text)


if __name__ == "__main__":
    unittest.main()
