# SPDX-License-Identifier: Apache-2.0
"""Bills of materials that `vedette scan packages` writes: what others' schemas and tools say of them, and
that reading them again gives the same packages."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import bill_schema

VEDETTE = os.environ["VEDETTE"]
DATA = bill_schema.DATA
LOCK = {
    "name": "shop", "lockfileVersion": 3, "packages": {
        "": {"dependencies": {"left": "^1.0.0"}, "devDependencies": {"right": "^2.0.0"}},
        "node_modules/left": {"version": "1.0.1", "license": "MIT", "integrity": "sha512-" + "A" * 86 + "==",
                              "dependencies": {"@deep/est": "*"}},
        "node_modules/@deep/est": {"version": "3.0.0", "license": "see LICENSE"},
        "node_modules/right": {"version": "2.0.0", "dev": True, "license": "(MIT OR Apache-2.0)"},
    }
}


def key(package):
    return (package.get("purl"), package["name"], package.get("version"), package["relation"], package["scope"])


class Sbom(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.tree = self.folder / "shop"
        self.tree.mkdir()
        (self.tree / "package-lock.json").write_text(json.dumps(LOCK, indent=1))
        (self.tree / "requirements.txt").write_text("Flask_Login==1.0  # a comment\n")

    def run_vedette(self, *arguments, expected=0, **options):
        done = subprocess.run([VEDETTE, "scan", *arguments], capture_output=True, text=True, check=False, **options)
        self.assertEqual(done.returncode, expected, done.stderr)
        return done

    def bill(self, form, tree=None, *flags):
        out = self.folder / f"bill.{form}.json"
        self.run_vedette("packages", "-q", "-f", form, "-o", str(out), *flags, str(tree or self.tree))
        return out

    def test_cyclonedx(self):
        bill = json.loads(self.bill("cyclonedx").read_text())
        components = {one["bom-ref"]: one for one in bill["components"]}
        left = components["pkg:npm/left@1.0.1"]
        self.assertEqual(left["licenses"], [{"expression": "MIT"}])
        self.assertEqual(left["hashes"], [{"alg": "SHA-512", "content": "00" * 64}])
        self.assertEqual(left["evidence"]["occurrences"][0]["location"], str(self.tree / "package-lock.json"))
        self.assertEqual(components["pkg:npm/right@2.0.0"]["scope"], "excluded")
        self.assertEqual(components["pkg:npm/%40deep/est@3.0.0"]["licenses"], [{"license": {"name": "see LICENSE"}}])
        self.assertIn("pkg:pypi/flask-login@1.0", components)
        needs = {one["ref"]: one["dependsOn"] for one in bill["dependencies"]}
        self.assertEqual(needs["pkg:npm/left@1.0.1"], ["pkg:npm/%40deep/est@3.0.0"])
        self.assertIn("pkg:pypi/flask-login@1.0", needs["subject"])
        self.assertEqual(bill["metadata"]["component"]["name"], "shop")

    def test_spdx(self):
        bill = json.loads(self.bill("spdx").read_text())
        packages = {one["name"]: one for one in bill["packages"]}
        self.assertEqual(packages["right"]["licenseDeclared"], "(MIT OR Apache-2.0)")
        odd = packages["@deep/est"]["licenseDeclared"]
        self.assertEqual([(one["licenseId"], one["extractedText"]) for one in bill["hasExtractedLicensingInfos"]],
                         [(odd, "see LICENSE")])
        names = {one["SPDXID"]: one["name"] for one in bill["packages"]}
        relations = {(names.get(one["spdxElementId"]), one["relationshipType"], names.get(one["relatedSpdxElement"]))
                     for one in bill["relationships"]}
        self.assertIn(("@deep/est", "DEPENDENCY_OF", "left"), relations)
        self.assertIn((None, "DESCRIBES", "shop"), relations)

    def test_reproducible(self):
        for form in ("cyclonedx", "spdx"):
            first = self.bill(form, None, "--reproducible").read_bytes()
            self.assertEqual(first, self.bill(form, None, "--reproducible").read_bytes())
            self.assertNotIn(b"timestamp", first)

    def test_read_again(self):
        trees = [self.tree] + [DATA / "packages/lockfiles"] * (DATA / "packages/lockfiles").is_dir()
        for tree in trees:
            flags = ["--no-ignore"] if tree != self.tree else []
            listed = self.bill("json", tree, *flags)
            known = {key(one)[:3] for one in json.loads(listed.read_text())["packages"]}
            for form in ("cyclonedx", "spdx"):
                bill = self.bill(form, tree, *flags)
                again = self.folder / "again.json"
                self.run_vedette("sbom", "-f", "json", "-o", str(again), str(bill))
                self.assertEqual({key(one)[:3] for one in json.loads(again.read_text())["packages"]}, known)
        self.run_vedette("sbom", "-f", "json", "-o", str(again), str(self.bill("cyclonedx")))
        listed = json.loads(self.bill("json").read_text())["packages"]
        self.assertEqual({key(one) for one in json.loads(again.read_text())["packages"]}, {key(one) for one in listed})
        done = self.run_vedette("sbom", "-f", "json", "-", input=self.bill("spdx").read_text())
        self.assertEqual(len(json.loads(done.stdout)["packages"]), len(listed))

    def test_schema(self):
        validator = bill_schema.validator(self)
        bills = [self.bill("cyclonedx")]
        if (DATA / "packages/lockfiles").is_dir():
            bills.append(self.bill("cyclonedx", DATA / "packages/lockfiles", "--no-ignore"))
        for bill in bills:
            self.assertEqual([error.message for error in validator.iter_errors(json.loads(bill.read_text()))], [])

    XML = """<?xml version="1.0" encoding="UTF-8"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.4" version="1">
  <metadata><component type="application" bom-ref="app"><name>app</name></component></metadata>
  <components>
    <component type="library" bom-ref="a">
      <name>lodash</name><version>4.17.20</version><scope>optional</scope>
      <hashes><hash alg="SHA-256">ab</hash></hashes>
      <licenses><license><id>MIT</id></license></licenses>
      <purl>pkg:npm/lodash@4.17.20</purl>
      <components>
        <component type="library" bom-ref="b"><group>org</group><name>x</name><version>1</version>
          <purl>pkg:maven/org/x@1</purl></component>
      </components>
    </component>
    <component type="file"><name>no-package</name></component>
  </components>
  <dependencies>
    <dependency ref="app"><dependency ref="a"/></dependency>
    <dependency ref="a"><dependency ref="b"/></dependency>
  </dependencies>
</bom>
"""

    def read_xml(self, text):
        path = os.path.join(self.folder, "bom.xml")
        pathlib.Path(path).write_text(text)
        done = subprocess.run([VEDETTE, "scan", "sbom", "-f", "ndjson", path], capture_output=True, text=True, check=False)
        return done, [one for one in map(json.loads, done.stdout.splitlines()) if one["type"] == "package"]

    def test_cyclonedx_in_xml(self):
        done, packages = self.read_xml(self.XML)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        first, second = packages
        self.assertEqual((first["purl"], first["line"], first["licenses"], first["checksum"], first["scope"], first["needs"],
                          first["relation"]), ("pkg:npm/lodash@4.17.20", 5, ["MIT"], "sha256:ab", "optional", [1], "direct"))
        self.assertEqual((second["purl"], second["line"]), ("pkg:maven/org/x@1", 11))

    def test_bad_xml(self):
        for text in (self.XML[:500], self.XML.replace("<bom ", '<!DOCTYPE bom [<!ENTITY x "y">]><bom '), "<bom/>", "<a></a>",
                     self.XML.replace("http://cyclonedx", "http://other"), "<" * 1000):
            done, packages = self.read_xml(text)
            self.assertEqual((done.returncode, packages), (3, []), text[:60])
            self.assertIn("bom.xml", done.stderr)

    def test_what_is_no_bill(self):
        wrong = self.folder / "wrong.json"
        for text in ("", "{}", "not json", '{"bomFormat": "CycloneDX", "components": [{"name": '):
            wrong.write_text(text)
            done = self.run_vedette("sbom", "-f", "json", str(wrong), expected=3)
            self.assertIn("wrong.json", done.stderr)


if __name__ == "__main__":
    unittest.main()
