# SPDX-License-Identifier: Apache-2.0
"""Statements of producers (VEX) in and out, what was used, and what changed: over a tree, an image and bills of
materials of both."""
import gzip
import hashlib
import io
import json
import os
import pathlib
import subprocess
import tarfile
import tempfile
import unittest

import bill_schema

VEDETTE = os.environ["VEDETTE"]
DATA = bill_schema.DATA
OS_RELEASE = "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian 12\"\n"
DIGEST = "sha256:" + "ab" * 32


def advisory(number, ecosystem, package, fixed, **more):
    return {"id": f"X-{number}", "modified": "2026-01-02T00:00:00Z", "summary": f"bad {number}",
            "aliases": [f"CVE-2026-{number}"], "affected": [{
                "package": {"ecosystem": ecosystem, "name": package},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]}], **more}


def statement(vulnerability, status, *products, **more):
    return {"vulnerability": {"name": vulnerability}, "status": status,
            "products": [one if isinstance(one, dict) else {"@id": one} for one in products], **more}


def openvex(*statements, **more):
    return json.dumps({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://vex.example/1", "author": "Ada",
                       "timestamp": "2026-02-01T00:00:00Z", "version": 1, "statements": statements, **more})


def layer(**files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def dpkg(version):
    return (f"Package: libbad1\nStatus: install ok installed\nArchitecture: amd64\nSource: bad ({version})\n"
            f"Version: {version}\n\nPackage: fine\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n")


class Vex(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.tree = self.folder / "shop"
        self.tree.mkdir()
        self.lock(left="1.0.1", deep="3.0.0")
        osv = self.folder / "osv"
        osv.mkdir()
        for one in (advisory(1, "npm", "left", "2.0.0"), advisory(2, "npm", "deep", "3.0.1"),
                    advisory(3, "Debian:12", "bad", "1.0-2"), advisory(4, "npm", "left", "4.0.0")):
            (osv / f"{one['id']}.json").write_text(json.dumps(one))
        self.db = self.folder / "v.db"
        subprocess.run([VEDETTE, "db", "build", "-o", self.db, osv], check=True, capture_output=True)

    def lock(self, tree=None, **versions):
        packages = {"": {"name": "shop", "version": "1.0.0", "dependencies": {"left": "*"}}}
        for name, version in versions.items():
            packages[f"node_modules/{name}"] = {"version": version}
        packages["node_modules/left"]["dependencies"] = {"deep": "*"}
        lock = {"name": "shop", "version": "1.0.0", "lockfileVersion": 3, "packages": packages}
        ((tree or self.tree) / "package-lock.json").write_text(json.dumps(lock, indent=1))

    def image(self, *layers, name="layout", tag="registry.example/team/shop:1"):
        root = self.folder / name
        (root / "blobs/sha256").mkdir(parents=True)

        def blob(data):
            (root / "blobs/sha256" / sha256(data)[7:]).write_bytes(data)
            return {"digest": sha256(data), "size": len(data)}

        packed = [gzip.compress(one, mtime=0) for one in layers]
        config = blob(json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {
            "type": "layers", "diff_ids": [sha256(one) for one in layers]}}).encode())
        manifest = json.dumps({"schemaVersion": 2, "config": config, "layers": [blob(one) for one in packed]}).encode()
        entry = {"mediaType": "application/vnd.oci.image.manifest.v1+json", **blob(manifest),
                 "annotations": {"org.opencontainers.image.ref.name": tag}}
        (root / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
        (root / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        return str(root), entry["digest"]

    def scan(self, *arguments, expected=1):
        """The report as JSON, but for what is no JSON."""
        done = subprocess.run([VEDETTE, "scan", *map(str, arguments)], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, expected, done.stderr + done.stdout[:2000])
        self.stderr = done.stderr
        try:
            return json.loads(done.stdout)
        except ValueError:
            return done.stdout

    def judge(self, *arguments, expected=1):
        """Findings by CVE."""
        report = self.scan("packages", "--db", self.db, "-f", "json", *arguments, self.tree, expected=expected)
        return {one["rule"]["id"]: one for one in report["findings"]}

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def judge_image(self, image, *arguments, expected=1):
        report = self.scan("image", "--only", "packages", "--db", self.db, "-f", "json", *arguments, image,
                           expected=expected)
        return {one["rule"]["id"]: one for one in report["vulnerabilities"]["findings"]}, report

    def debian_image(self, *more, version="1.0-1", name="layout", **files):
        return self.image(layer(**{"etc/os-release": OS_RELEASE, "var/lib/dpkg/status": dpkg(version), **files}), *more,
                          name=name)

    def test_exit_code(self):
        everything = [statement(f"CVE-2026-{i}", "not_affected", "pkg:npm/left", "pkg:npm/deep",
                                justification="vulnerable_code_not_present") for i in (1, 2, 4)]
        vex = self.write("all.json", openvex(*everything))
        found = self.judge("--vex", vex, expected=0)
        self.assertEqual({one["suppressed"] for one in found.values()}, {True})
        self.assertEqual(found["CVE-2026-1"]["vulnerability"]["vex"]["justification"], "vulnerable_code_not_present")
        found = self.judge("--vex", self.write("one.json", openvex(everything[0])))
        self.assertEqual({name for name, one in found.items() if "suppressed" in one}, {"CVE-2026-1"})
        # A newer one takes it back.
        back = openvex(statement("CVE-2026-1", "affected", "pkg:npm/left@1.0.1", action_statement="update"),
                       timestamp="2026-03-01T00:00:00Z")
        found = self.judge("--vex", self.write("folder/b.json", back), "--vex", self.folder / "one.json")
        self.assertNotIn("suppressed", found["CVE-2026-1"])
        self.assertEqual(found["CVE-2026-1"]["vulnerability"]["vex"]["status"], "affected")
        table = self.scan("packages", "--db", self.db, "-f", "table", "--vex", vex, self.tree, expected=0)
        self.assertIn("3 not affected and 0 fixed by VEX", table)
        self.assertNotIn("CVE-2026-1 ", table)
        table = self.scan("packages", "--db", self.db, "-f", "table", "--vex", vex, "--show-suppressed", self.tree,
                          expected=0)
        self.assertIn("CVE-2026-1 ", table)
        # Shown, and still not counted.
        self.assertIn("medium 0 ", table)

    def test_wrong_use(self):
        for arguments in (["--vex", self.tree / "package-lock.json"], ["--vex", self.folder / "none.json"],
                          ["--usage", self.tree / "package-lock.json"], ["--only-used"]):
            self.scan("packages", "--db", self.db, *arguments, self.tree, expected=2)
        self.scan("packages", "--vex", self.write("v.json", openvex()), self.tree, expected=2)
        self.scan("secrets", "-f", "openvex", self.tree, expected=2)

    def test_dependency_of_a_product(self):
        inside = statement("CVE-2026-2", "not_affected", {
            "@id": "pkg:npm/left@1.0.1", "subcomponents": [{"@id": "pkg:npm/deep"}]}, impact_statement="not called")
        self.assertIn("suppressed", self.judge("--vex", self.write("v.json", openvex(inside)))["CVE-2026-2"])
        inside["products"][0]["@id"] = "pkg:npm/right"
        self.assertNotIn("suppressed", self.judge("--vex", self.write("v.json", openvex(inside)))["CVE-2026-2"])

    def test_image(self):
        image, digest = self.debian_image()
        found, _ = self.judge_image(image)
        self.assertEqual(set(found), {"CVE-2026-3"})
        product = "pkg:oci/shop@" + digest.replace(":", "%3A")
        inside = {"subcomponents": [{"@id": "pkg:deb/debian/bad"}]}
        for product, suppressed in (
                ({"@id": product, **inside}, True), ({"@id": product}, True),
                ({"@id": "pkg:oci/shop?repository_url=registry.example/team", **inside}, True),
                ({"@id": "pkg:oci/shop?repository_url=elsewhere.example/team", **inside}, False),
                ({"@id": "pkg:oci/shop@" + DIGEST, **inside}, False), ({"@id": "pkg:deb/debian/libbad1"}, True),
                ({"@id": "pkg:deb/debian/bad?distro=debian-12"}, True),
                ({"@id": "pkg:deb/ubuntu/bad"}, False), ({"@id": "x", "hashes": {"sha-256": digest[7:]}}, True)):
            vex = self.write("v.json", openvex(statement("CVE-2026-3", "not_affected", product, impact_statement="-")))
            found, report = self.judge_image(image, "--vex", vex, expected=0 if suppressed else 1)
            self.assertEqual("suppressed" in found["CVE-2026-3"], suppressed, product)
            self.assertEqual(report["vulnerabilities"]["summary"]["statements"], 1)

    def test_an_image_does_not_excuse_itself(self):
        own = openvex(statement("CVE-2026-3", "fixed", "pkg:deb/debian/bad"))
        for path in ("usr/share/vex/a/own.openvex.json", "vex.json"):
            image, _ = self.debian_image(name=path.replace("/", "-"), **{path: own})
            found, report = self.judge_image(image)
            self.assertNotIn("suppressed", found["CVE-2026-3"])
            reasons = [one["reason"] for one in report["vulnerabilities"]["summary"]["skipped"]]
            self.assertTrue(any("--image-vex" in reason for reason in reasons), reasons)
            found, _ = self.judge_image(image, "--image-vex", expected=0)
            self.assertEqual(found["CVE-2026-3"]["vulnerability"]["vex"]["file"], path + " of the image")
        # What a later layer deletes holds no more.
        deleted, _ = self.debian_image(layer(**{".wh.vex.json": ""}), name="deleted", **{"vex.json": own})
        found, _ = self.judge_image(deleted, "--image-vex")
        self.assertNotIn("suppressed", found["CVE-2026-3"])
        broken, _ = self.debian_image(name="broken", **{"vex.json": "{"})
        self.judge_image(broken, "--image-vex")

    def test_out_and_in_again(self):
        for form in ("openvex", "csaf", "cyclonedx"):
            out = self.folder / f"{form}.json"
            vex = self.write("v.json", openvex(statement("CVE-2026-1", "not_affected", "pkg:npm/left",
                                                         justification="vulnerable_code_not_in_execute_path")))
            self.scan("packages", "--db", self.db, "--vex", vex, "-f", form, "-o", out, self.tree)
            found = self.judge("--vex", out)
            said = found["CVE-2026-1"]["vulnerability"]["vex"]
            self.assertEqual(said["status"], "not_affected")
            self.assertIn(said["justification"], ("vulnerable_code_not_in_execute_path", "code_not_reachable"))
            self.assertNotIn("suppressed", found["CVE-2026-2"])
        document = json.loads((self.folder / "openvex.json").read_text())
        said = {one["vulnerability"]["name"]: one for one in document["statements"]}
        self.assertEqual(said["CVE-2026-2"]["status"], "affected")
        self.assertIn("3.0.1", said["CVE-2026-2"]["action_statement"])
        self.assertEqual(said["CVE-2026-2"]["products"][0]["@id"], "pkg:npm/deep@3.0.0")
        self.assertEqual(said["CVE-2026-2"]["vulnerability"]["aliases"], ["X-2"])

    def test_csaf(self):
        """What the profile csaf_vex demands (CSAF 2.0, sections 4.5, 6.1.6, 6.1.27)."""
        out = self.folder / "csaf.json"
        vex = self.write("v.json", openvex(statement("CVE-2026-1", "not_affected", "pkg:npm/left", impact_statement="-"),
                                           statement("CVE-2026-4", "under_investigation", "pkg:npm/left")))
        self.scan("packages", "--db", self.db, "--vex", vex, "-f", "csaf", "-o", out, self.tree)
        document = json.loads(out.read_text())
        self.assertEqual(document["document"]["category"], "csaf_vex")
        products = {one["product_id"] for one in document["product_tree"]["full_product_names"]}
        self.assertEqual(len(document["vulnerabilities"]), 3)
        for one in document["vulnerabilities"]:
            self.assertTrue(one["notes"][0]["text"])
            self.assertRegex(one["cve"], r"^CVE-\d{4}-\d+$|^$") if "cve" in one else self.assertTrue(one["ids"])
            groups = [set(group) for group in one["product_status"].values()]
            self.assertLessEqual(set().union(*groups), products)
            self.assertEqual(sum(map(len, groups)), len(set().union(*groups)))
            explained = {each for key in ("flags", "threats", "remediations") for part in one.get(key, [])
                         for each in part["product_ids"]}
            for key in ("known_affected", "known_not_affected"):
                self.assertLessEqual(set(one["product_status"].get(key, [])), explained)

    def test_bill_with_vulnerabilities(self):
        out = self.folder / "bom.json"
        vex = self.write("v.json", openvex(statement("CVE-2026-1", "not_affected", "pkg:npm/left",
                                                     justification="component_not_present")))
        self.scan("packages", "--db", self.db, "--vex", vex, "-f", "cyclonedx", "-o", out, self.tree)
        bill = json.loads(out.read_text())
        references = {one["bom-ref"] for one in bill["components"]}
        known = {one["id"]: one for one in bill["vulnerabilities"]}
        self.assertEqual(set(known), {"CVE-2026-1", "CVE-2026-2", "CVE-2026-4"})
        self.assertLessEqual({one["affects"][0]["ref"] for one in known.values()}, references)
        self.assertEqual(known["CVE-2026-1"]["analysis"]["justification"], "code_not_present")
        self.assertNotIn("analysis", known["CVE-2026-2"])
        validator = bill_schema.validator(self)
        self.assertEqual([error.message for error in validator.iter_errors(bill)], [])

    def test_bills_give_the_same_findings(self):
        image, digest = self.debian_image()
        found, _ = self.judge_image(image)
        tree = self.judge()
        for form in ("cyclonedx", "spdx"):
            bill = self.folder / f"image.{form}"
            self.scan("image", "-f", form, "-o", bill, image, expected=0)
            again = self.scan("sbom", "--db", self.db, "-f", "json", bill)["findings"]
            self.assertEqual([(one["rule"]["id"], one["identity"], one["vulnerability"]["source"]) for one in again],
                             [("CVE-2026-3", found["CVE-2026-3"]["identity"], "bad")])
            # Also what is said of the image holds for its bill.
            vex = self.write("v.json", openvex(statement("CVE-2026-3", "fixed", "pkg:oci/shop@" + digest)))
            self.scan("sbom", "--db", self.db, "--vex", vex, bill, expected=0)
            self.scan("packages", "-f", form, "-o", bill, self.tree, expected=0)
            again = self.scan("sbom", "--db", self.db, "-f", "json", bill)["findings"]
            self.assertEqual({one["identity"] for one in again}, {one["identity"] for one in tree.values()})

    def test_usage(self):
        image, digest = self.debian_image(**{"var/lib/dpkg/info/libbad1:amd64.list": "/.\n/usr/lib/libbad.so.1\n"})

        def usage(packages, **more):
            return self.write("usage.json", json.dumps({
                "version": 1, "lost": 0, "from": "2026-01-01T00:00:00Z", "to": "2026-01-08T00:00:00Z", "images": [
                    {"image": "other:1", "packages": [{"manager": "dpkg", "name": "libbad1", "files": 3}]},
                    {"image": "shop:1", "image_digest": "registry.example/team/shop@" + digest, "packages": packages,
                     "shared_objects": [], "forgotten": 0, **more}]}))

        found, _ = self.judge_image(image, "--usage", usage([]))
        self.assertIs(found["CVE-2026-3"]["vulnerability"]["used"], False)
        self.assertEqual(found["CVE-2026-3"]["vulnerability"]["watched_seconds"], 7 * 86400)
        found, _ = self.judge_image(image, "--usage", usage([{"manager": "dpkg", "name": "libbad1",
                                                              "version": "1.0-1", "files": 1}]))
        self.assertIs(found["CVE-2026-3"]["vulnerability"]["used"], True)
        # Where paths are missing, nothing is known not to be used.
        found, _ = self.judge_image(image, "--usage", usage([], forgotten=1))
        self.assertNotIn("used", found["CVE-2026-3"]["vulnerability"])
        found, _ = self.judge_image(image, "--usage", usage([]), "--only-used", expected=0)
        self.assertEqual(found, {})

    def test_diff(self):
        old = self.folder / "old.json"
        self.scan("packages", "-f", "cyclonedx", "-o", old, self.tree, expected=0)
        self.lock(left="3.0.0", deep="2.0.0", fresh="1.0.0")
        new = self.folder / "new.json"
        self.scan("packages", "-f", "cyclonedx", "-o", new, self.tree, expected=0)
        report = self.scan("sbom", "-f", "json", "--diff", old, new, expected=0)
        self.assertEqual([(one["name"], one["change"]) for one in report["packages"]],
                         [("deep", "downgraded"), ("fresh", "added"), ("left", "upgraded")])
        self.assertNotIn("vulnerabilities", report)
        report = self.scan("sbom", "-f", "json", "--db", self.db, "--diff", old, new, expected=0)
        known = {name: [one["rule"]["id"] for one in findings] for name, findings in report["vulnerabilities"].items()}
        self.assertEqual(known, {"new": [], "fixed": ["CVE-2026-1"], "unchanged": ["CVE-2026-2", "CVE-2026-4"]})
        report = self.scan("sbom", "-f", "json", "--db", self.db, "--diff", new, old)
        self.assertEqual(report["summary"]["vulnerabilities"], {"new": 1, "fixed": 0, "unchanged": 2})
        self.assertIn("| upgraded | left | 1.0.1 | 3.0.0 |",
                      self.scan("sbom", "-f", "markdown", "--diff", old, new, expected=0))
        self.assertIn("fixed vulnerabilities", self.scan("sbom", "-f", "table", "--db", self.db, "--diff", old, new,
                                                         expected=0))
        self.scan("sbom", "-f", "sarif", "--diff", old, new, expected=2)
        # Nothing is new about what a statement excuses.
        vex = self.write("v.json", openvex(statement("CVE-2026-1", "fixed", "pkg:npm/left")))
        self.scan("sbom", "-f", "json", "--db", self.db, "--vex", vex, "--diff", new, old, expected=0)

    def test_diff_of_images(self):
        bad, _ = self.debian_image()
        good, _ = self.debian_image(version="1.0-2", name="good")
        report = self.scan("image", "-f", "json", "--db", self.db, "--diff", bad, good, expected=0)
        self.assertEqual([(one["name"], one["before"], one["after"]) for one in report["packages"]],
                         [("libbad1", "1.0-1", "1.0-2")])
        self.assertEqual([one["rule"]["id"] for one in report["vulnerabilities"]["fixed"]], ["CVE-2026-3"])
        self.scan("image", "-f", "ndjson", "--db", self.db, "--diff", good, bad)


if __name__ == "__main__":
    unittest.main()
