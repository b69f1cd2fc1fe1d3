# SPDX-License-Identifier: Apache-2.0
"""Findings of other tools in SARIF and CycloneDX through the gate: what they mean, what is the same, and that nothing
broken passes."""
import json
import os
import pathlib
import random
import subprocess
import tempfile
import unittest

VEDETTE = os.environ["VEDETTE"]
NOW = "2026-11-27"
LOG4SHELL = "CVE-2021-44228"
LODASH = "pkg:npm/lodash@4.17.20"


def result(rule="py.sql", path="app/a.py", line=3, text="SQL from input", **more):
    return {"ruleId": rule, "message": {"text": text}, "locations": [{"physicalLocation": {
        "artifactLocation": {"uri": path}, "region": {"startLine": line, "snippet": {"text": "shown-nowhere"}}}}], **more}


def sarif(*results, tool="semgrep", rules=(), **run):
    return {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": tool, "rules": list(rules)}},
                                          "results": list(results), **run}]}


def bill(*vulnerabilities, **more):
    return {"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {"tools": [{"name": "trivy"}]},
            "components": [{"type": "library", "bom-ref": "a", "name": "lodash", "version": "4.17.20", "purl": LODASH},
                           {"type": "library", "bom-ref": "b", "name": "inner", "version": "1", "components": [
                               {"type": "library", "bom-ref": "c", "name": "deep", "version": "2"}]}],
            "vulnerabilities": list(vulnerabilities), **more}


def vulnerable(name="CVE-2021-23337", reference="a", score=7.2, **more):
    return {"id": name, "ratings": [{"score": score, "severity": "high", "method": "CVSSv31"}],
            "recommendation": "Upgrade lodash to version 4.17.21", "affects": [{"ref": reference}], **more}


def ours(name="CVE-2021-23337", **more):
    facts = {"ecosystem": "npm", "package": "lodash", "version": "4.17.20", "names": [name, "GHSA-35jh-r3h4-6jhm"],
             "advisories": [name], "exploited": False, "ransomware": False, "exploits": [], "fixed": "4.17.21"}
    return {"class": "vulnerability", "identity": "ab" * 16, "severity": "high", "confidence": "high",
            "rule": {"id": name, "title": "Bad", "pack": "x", "tags": []}, "message": "m",
            "place": {"path": "package-lock.json", "line": 7}, "vulnerability": facts | more}


class Import(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, document, name="report.json"):
        if not isinstance(document, str):  # of ours it is told apart by how it begins
            document = json.dumps(document, **({"separators": (",", ":")} if "findings" in document else {"indent": 1}))
        (self.folder / name).write_text(document)
        return name

    def run_gate(self, *arguments):
        return subprocess.run([VEDETTE, "gate", "--now", NOW, "-f", "json", *arguments], cwd=self.folder,
                              capture_output=True, text=True, timeout=60, check=False)

    def judged(self, *documents, code=0):
        names = [self.write(one, f"{number}.json") for number, one in enumerate(documents)]
        ran = self.run_gate(*names)
        self.assertEqual(ran.returncode, code, ran.stderr + ran.stdout)
        return json.loads(ran.stdout)

    def one(self, *documents, code=0):
        judgements = self.judged(*documents, code=code)["judgements"]
        self.assertEqual(len(judgements), 1, judgements)
        return judgements[0]["finding"]

    def test_severity_comes_from_score_level_and_rule(self):
        rule = {"id": "py.sql", "defaultConfiguration": {"level": "error"}}
        scored = rule | {"properties": {"security-severity": "9.8"}}
        cases = [((result(), ()), "medium"), ((result(level="note"), ()), "low"), ((result(), (rule,)), "high"),
                 ((result(level="note"), (scored,)), "critical"), ((result(level="none"), ()), "informational"),
                 ((result(ruleId="py.sql/1"), (rule,)), "high"),
                 ((result(rule=None, ruleIndex=0), (rule,)), "high")]
        for (one, rules), expected in cases:
            self.assertEqual(self.one(sarif(one, rules=rules))["severity"], expected, one)

    def test_messages_are_filled_and_places_resolved(self):
        one = result()
        one["message"] = {"id": "m", "arguments": ["x", "{0}"]}
        one["locations"][0]["physicalLocation"]["artifactLocation"] = {"index": 0}
        rule = {"id": "py.sql", "messageStrings": {"m": {"text": "{0} reaches {1} {2}"}}}
        document = sarif(one, rules=[rule], artifacts=[{"location": {"uri": "file:///src/a%20b.py"}}],
                         originalUriBaseIds={"%SRCROOT%": {"uri": "file:///src/"}})
        finding = self.one(document)
        self.assertEqual((finding["message"], finding["place"]["path"]), ("x reaches {0} ", "a b.py"))

    def test_what_is_no_failure_is_none(self):
        got = self.judged(sarif(result(kind="pass"), result(kind="notApplicable"), result(baselineState="absent"),
                                result(suppressions=[{"kind": "inSource"}]),
                                result(suppressions=[{"kind": "external", "status": "rejected"}])))
        self.assertEqual(len(got["judgements"]), 1)
        self.assertFalse(got["incomplete"])
        self.assertIn("1 results that semgrep counts as suppressed", got["problems"][0]["message"])

    def test_code_is_no_secret(self):
        policy = "version: 1\ngate: {tiers: [{name: c, verdict: block, when: {kind: KIND}}]}\n"
        cases = {"code": sarif(result()), "secret": sarif(result("generic"), tool="gitleaks"),
                 "vulnerability": bill(vulnerable())}
        for kind in cases:
            self.write(policy.replace("KIND", kind), "vedette.yaml")
            for other, document in cases.items():
                self.judged(document, code=1 if other == kind else 0)

    def test_a_secret_is_told_nowhere(self):
        value = "".join(["not", "-a-", "real", "-one"])
        one = result("aws-key", text=f"found {value}")
        one["locations"][0]["physicalLocation"]["region"]["snippet"]["text"] = value
        document = sarif(one, tool="gitleaks", rules=[{"id": "aws-key", "shortDescription": {"text": "AWS key"}}])
        finding = self.one(document)
        self.assertEqual((finding["message"], finding["severity"]), ("AWS key", "high"))
        self.write(document)
        for output in ("json", "table", "markdown", "github", "codequality"):
            ran = self.run_gate("-f", output, "report.json")
            self.assertNotIn(value, ran.stdout + ran.stderr, output)
            self.assertNotIn("shown-nowhere", ran.stdout + ran.stderr, output)

    def test_identities_outlive_lines_and_tell_twins_apart(self):
        def identities(*results):
            return [one["finding"]["identity"] for one in self.judged(sarif(*results))["judgements"]]
        self.assertEqual(identities(result(line=3)), identities(result(line=30)))
        self.assertEqual(len(set(identities(result(line=3), result(line=9), result(path="b.py")))), 3)
        moved = {"fingerprints": {"k/v1": "f"}}
        self.assertEqual(identities(result(**moved)), identities(result(path="moved.py", **moved)))
        known = result(partialFingerprints={"vedetteIdentity/v1": "cd" * 16})
        self.assertEqual(identities(known), ["cd" * 16])

    def test_packages_are_read_from_messages(self):
        texts = ["Package: lodash\nInstalled Version: 4.17.20\nVulnerability CVE-2021-23337\nSeverity: HIGH\n"
                 "Fixed Version: 4.17.21, 5.0\nLink: x",
                 "A high vulnerability in npm package: lodash, version 4.17.20 was found at: /package-lock.json",
                 "Package 'lodash@4.17.20' is vulnerable to 'CVE-2021-23337' (also known as 'x')."]
        for text in texts:
            finding = self.one(sarif(result("CVE-2021-23337-lodash", text=text)))
            facts = finding["vulnerability"]
            self.assertEqual((facts["package"], facts["version"], facts["names"]),
                             ("lodash", "4.17.20", ["CVE-2021-23337"]), text)

    def test_a_bill_of_vulnerabilities(self):
        finding = self.one(bill(vulnerable(published="2021-02-15T00:00:00Z")))
        facts = finding["vulnerability"]
        self.assertEqual((facts["ecosystem"], facts["package"], facts["version"], facts["fixed"], facts["score"]),
                         ("npm", "lodash", "4.17.20", "4.17.21", 7.2))
        self.assertEqual((finding["severity"], facts["published"][:10]), ("high", "2021-02-15"))
        deep = self.one(bill(vulnerable(LOG4SHELL, "c", 10)))
        self.assertEqual((deep["severity"], deep["vulnerability"]["package"]), ("critical", "deep"))
        self.assertEqual(len(self.judged(bill(vulnerable(reference="nowhere"), vulnerable("X-1", affects=[])))
                             ["judgements"]), 2)
        vector = {"vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "score": 1}
        self.assertEqual(self.one(bill(vulnerable(ratings=[vector])))["severity"], "critical")

    def test_an_analysis_is_a_statement(self):
        got = self.judged(bill(vulnerable(score=10, analysis={"state": "not_affected"})))["judgements"][0]
        self.assertEqual(got["verdict"], "allow")
        got = self.judged(bill(vulnerable(analysis={"state": "exploitable"})))["judgements"][0]
        self.assertEqual(got["verdict"], "warn")

    def test_what_two_tools_found_is_one(self):
        mine = {"findings": [ours()], "summary": {"scanner": "packages"}}
        theirs = bill(vulnerable("GHSA-35jh-r3h4-6jhm", score=9.9))
        other = sarif(result("CVE-2021-23337", path="other.json",
                             text="Package 'lodash@4.17.20' is vulnerable to 'CVE-2021-23337'"))
        for order in ((mine, theirs, other), (other, theirs, mine), (theirs, mine, other)):
            finding = self.one(*order)
            self.assertEqual((finding["identity"], finding["severity"], finding["place"]["path"]),
                             ("ab" * 16, "critical", "package-lock.json"))
            self.assertIn("other.json", [place["path"] for place in finding["also_at"]])
        # Another version is another finding; two that are both suppressed stay so.
        self.assertEqual(len(self.judged({"findings": [ours(version="4.17.19")], "summary": {}}, theirs)["judgements"]),
                         2)
        quiet = bill(vulnerable(analysis={"state": "not_affected"}))
        self.assertEqual(self.judged(quiet, bill(vulnerable()))["judgements"][0]["verdict"], "warn")
        self.assertEqual(self.judged(quiet, quiet)["judgements"][0]["verdict"], "allow")

    def test_what_a_tool_lost_is_said(self):
        broken = {"executionSuccessful": False}
        self.judged(sarif(invocations=[broken]), code=3)
        self.judged(sarif(invocations=[{"executionSuccessful": True, "toolExecutionNotifications": [
            {"level": "error", "message": {"text": "cannot parse a.py"}}]}]), code=3)
        self.judged({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}}]}, code=3)
        self.judged(sarif(), code=0)

    def test_what_is_broken_never_passes(self):
        plain = bill()
        del plain["vulnerabilities"]
        cases = [plain, {"version": "2.0.0", "runs": [{}]}, {"version": "2.1.0", "runs": []},
                 {"version": "2.1.0", "runs": [{"results": []}]}, sarif(result(None)), sarif("x"),
                 bill({"ratings": []}), {"runs": 1}]
        for number, one in enumerate(cases):
            ran = self.run_gate(self.write(one, f"case-{number}.json"))
            self.assertEqual(ran.returncode, 2, one)
            self.assertIn(f"case-{number}.json", ran.stderr)
        chance = random.Random(8)
        for document in (sarif(result(), result("b")), bill(vulnerable())):
            whole = json.dumps(document, indent=1)
            for _ in range(40):
                self.write(whole[:chance.randrange(len(whole) - 1)], "damaged.json")
                self.assertEqual(self.run_gate("damaged.json").returncode, 2)

    def test_a_mark_of_byte_order_and_a_base(self):
        self.write("\ufeff" + json.dumps(sarif(result())), "base.json")
        self.write(sarif(result(line=9), result("other")), "branch.json")
        got = json.loads(self.run_gate("--base", "base.json", "branch.json").stdout)
        self.assertEqual(sorted(one["new"] for one in got["judgements"]), [False, True])

    def test_our_own_reports_come_back(self):
        (self.folder / "app").mkdir()
        (self.folder / "app/requirements.txt").write_text("flask==2.0.0\n")
        listed = subprocess.run([VEDETTE, "scan", "packages", "-f", "json", "app"], cwd=self.folder, capture_output=True,
                                text=True, timeout=60, check=True)
        ran = self.run_gate(self.write(listed.stdout, "packages.json"))
        self.assertEqual(ran.returncode, 2)
        self.assertIn("packages.json: expected findings, found a list of packages; look for what is known of them with "
                      "`vedette scan packages --db FILE`", ran.stderr)
        (self.folder / "app" / "a.py").write_text("key = '" + "AKIA" + "Z7QKX3NV5TDLW2MP" + "'\n")
        for output in ("json", "sarif"):
            subprocess.run([VEDETTE, "scan", "secrets", "-f", output, "-o", f"own.{output}", "app"], cwd=self.folder,
                           check=False, capture_output=True, timeout=60)
        own, read = (json.loads(self.run_gate(f"own.{output}").stdout)["judgements"] for output in ("json", "sarif"))
        self.assertTrue(own)
        keys = ("identity", "severity", "confidence", "message")
        self.assertEqual([[one["finding"][key] for key in keys] + [one["verdict"]] for one in own],
                         [[one["finding"][key] for key in keys] + [one["verdict"]] for one in read])


if __name__ == "__main__":
    unittest.main()
