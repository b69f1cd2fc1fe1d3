# SPDX-License-Identifier: Apache-2.0
"""The pipeline as one command: what it chooses by a change, what it knows of the base, budgets, caches, and that nothing broken passes."""
import io
import json
import os
import pathlib
import pickle
import random
import signal
import subprocess
import tarfile
import tempfile
import time
import unittest
import zlib

VEDETTE = os.environ["VEDETTE"]
NOW = "2026-11-27"


def token(seed):
    """A token of GitHub's shape with a right checksum, of nobody."""
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    body = "".join(random.Random(seed).choices(letters, k=30))
    rest, check = zlib.crc32(body.encode()), ""
    while rest:
        rest, digit = divmod(rest, 62)
        check = letters[digit] + check
    return "ghp_" + body + check.rjust(6, "0")


class Harmless:
    """Its pickle would print a word, were it loaded."""

    def __reduce__(self):
        return os.system, (self.command,)

    def __init__(self, command="echo demonstration"):
        self.command = command


def advisory(number, package, fixed):
    return {"id": f"PYSEC-2026-{number}", "aliases": [f"CVE-2026-{number}"], "modified": "2026-01-02T00:00:00Z",
            "published": "2026-01-02T00:00:00Z", "summary": "bad",
            "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
            "affected": [{"package": {"ecosystem": "PyPI", "name": package},
                          "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]}]}


def image_archive(path, files):
    """A docker archive with one layer."""
    import hashlib
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    digest = hashlib.sha256(layer.getvalue()).hexdigest()
    config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers",
                                                                           "diff_ids": [f"sha256:{digest}"]},
                         "history": [{"created_by": "COPY . /"}]}).encode()
    with tarfile.open(path, "w") as tar:
        for name, content in {"layer.tar": layer.getvalue(), "config.json": config, "manifest.json": json.dumps(
                [{"Config": "config.json", "RepoTags": ["shop:1"], "Layers": ["layer.tar"]}]).encode()}.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


class Pipeline(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.shared = pathlib.Path(folder.name)
        for number, package in enumerate(("leftpad", "rightpad"), 1):
            (cls.shared / f"{number}.json").write_text(json.dumps(advisory(number, package, "2.0")))
        (cls.shared / "kev.json").write_text(json.dumps({
            "title": "CISA Catalog of Known Exploited Vulnerabilities", "catalogVersion": "2026.01.05",
            "dateReleased": "2026-01-05T00:00:00Z", "count": 2, "vulnerabilities": [
                {"cveID": f"CVE-2026-{number}", "vendorProject": "a", "product": "b", "vulnerabilityName": "c",
                 "dateAdded": "2026-01-05", "shortDescription": "d", "requiredAction": "e", "dueDate": "2026-02-05",
                 "knownRansomwareCampaignUse": "Unknown", "notes": "", "cwes": []} for number in (1, 2)]}))
        cls.database = str(cls.shared / "known.db")
        subprocess.run([VEDETTE, "db", "build", "-o", cls.database, *map(str, cls.shared.glob("*.json"))], check=True,
                       capture_output=True, timeout=60)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name) / "work"
        self.root.mkdir()
        self.cache = str(pathlib.Path(folder.name) / "cache")
        self.outside = pathlib.Path(folder.name)
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "CI_"))}
        self.git("init", "-q", "-b", "main")
        self.write("README.md", "nothing to see\n")
        self.commit("first")

    def git(self, *arguments, cwd=None):
        return subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments],
                              cwd=cwd or self.root, check=True, capture_output=True, text=True, timeout=60).stdout.strip()

    def write(self, name, content):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(self, message):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def run_ci(self, *arguments, cwd=None, cache=None, **more):
        return subprocess.run([VEDETTE, "ci", "--now", NOW, "--cache-dir", cache or self.cache, *arguments],
                              cwd=cwd or self.root, capture_output=True, text=True, timeout=120,
                              env=self.environment, **more)

    def judged(self, *arguments, code=None, **more):
        ran = self.run_ci("-f", "json", *arguments, **more)
        self.assertTrue(ran.stdout, ran.stderr)
        if code is not None:
            self.assertEqual(ran.returncode, code, ran.stdout + ran.stderr)
        return json.loads(ran.stdout)

    @staticmethod
    def stages(report):
        return {stage["name"]: stage for stage in report["stages"]}

    @staticmethod
    def told(report):
        return sorted((one["verdict"], one["new"], one["finding"]["rule"]["id"]) for one in report["judgements"])

    def test_a_clean_tree_passes_and_every_stage_is_told(self):
        report = self.judged(code=0)
        stages = self.stages(report)
        self.assertEqual({name: stage["status"] for name, stage in stages.items()},
                         {"packages": "not needed", "models": "done", "secrets": "done", "history": "done"})
        self.assertIn("--db", stages["packages"]["reason"])
        self.assertFalse(report["compared_with_base"])

    def test_a_folder_without_git_has_no_history(self):
        (self.outside / "plain").mkdir()
        (self.outside / "plain" / "a.txt").write_text("x")
        stages = self.stages(self.judged(code=0, cwd=self.outside / "plain"))
        self.assertEqual(stages["history"]["status"], "not needed")

    def test_all_finds_each_thing_once(self):
        self.write("app/settings.py", f"token = '{token(1)}'\n")
        self.write("requirements.txt", "leftpad==1.0\n")
        self.write("model.pkl", pickle.dumps(Harmless()))
        self.commit("bad")
        report = self.judged("--db", self.database, code=1)
        kinds = [one["finding"]["class"] for one in report["judgements"] if one["verdict"] == "block"]
        self.assertEqual(len(kinds), 3, self.told(report))
        # The history has the secret, too: its commit is a place of the one finding.
        secret = [one["finding"] for one in report["judgements"] if one["finding"]["place"]["path"] == "app/settings.py"]
        self.assertEqual(len(secret), 1)
        self.assertEqual(secret[0]["also_at"][0]["path"], "app/settings.py")
        self.assertIn("commit", secret[0]["also_at"][0])

    def test_a_change_is_compared_with_what_was_there(self):
        self.write("old.py", f"token = '{token(2)}'\n")
        self.write("requirements.txt", "leftpad==1.0\n")
        self.write("old.pkl", pickle.dumps(Harmless()))
        self.commit("old sins")
        self.git("checkout", "-q", "-b", "topic")
        self.write("old.py", f"# moved down\ntoken = '{token(2)}'\n")
        self.write("new.py", f"token = '{token(3)}'\n")
        self.write("requirements.txt", "leftpad==1.0\nrightpad==1.0\n")
        self.write("new.pkl", pickle.dumps(Harmless("echo another")))
        self.commit("more")
        report = self.judged("--base", "main", "--db", self.database, code=1)
        self.assertTrue(report["compared_with_base"])
        news = sorted(one["finding"]["place"]["path"] for one in report["judgements"]
                      if one["new"] and one["verdict"] == "block")
        self.assertEqual(news, ["new.pkl", "new.py", "requirements.txt"])
        known = {one["finding"]["place"]["path"]: one["verdict"] for one in report["judgements"] if not one["new"]}
        self.assertEqual(known.get("old.py"), "warn")
        self.assertEqual(known.get("requirements.txt"), "warn")
        self.assertEqual(self.stages(report)["history"]["status"], "not needed")

    def test_a_secret_that_a_later_commit_takes_away_is_leaked_all_the_same(self):
        self.git("checkout", "-q", "-b", "topic")
        self.write("settings.py", f"token = '{token(4)}'\n")
        self.commit("oops")
        (self.root / "settings.py").unlink()
        self.commit("nobody saw it")
        report = self.judged("--base", "main", code=1)
        self.assertEqual([one["new"] for one in report["judgements"]], [True])

    def test_an_old_secret_that_is_written_back_is_not_new(self):
        self.write("settings.py", f"token = '{token(5)}'\n")
        self.commit("old")
        self.git("checkout", "-q", "-b", "topic")
        self.write("settings.py", "token = None\n")
        self.commit("away")
        self.write("settings.py", f"# again\ntoken = '{token(5)}'\n")
        self.commit("and back")
        report = self.judged("--base", "main")
        self.assertEqual([one["new"] for one in report["judgements"]], [False])

    def test_what_main_did_meanwhile_is_not_the_branchs(self):
        self.git("checkout", "-q", "-b", "topic")
        self.write("a.txt", "mine\n")
        self.commit("mine")
        self.git("checkout", "-q", "main")
        self.write("theirs.py", f"token = '{token(6)}'\n")
        self.commit("theirs")
        self.git("checkout", "-q", "topic")
        self.assertEqual(self.judged("--base", "main", code=0)["judgements"], [])
        self.git("merge", "-q", "--no-edit", "main")
        self.assertEqual(self.judged("--base", "main", code=0)["judgements"], [])

    def test_only_what_the_change_concerns_runs(self):
        self.write("requirements.txt", "leftpad==1.0\n")
        self.commit("base")
        self.git("checkout", "-q", "-b", "topic")
        self.write("docs.md", "words\n")
        self.commit("words")
        stages = self.stages(self.judged("--base", "main", "--db", self.database, code=0))
        self.assertEqual(stages["packages"]["status"], "not needed")
        self.assertEqual(stages["secrets"]["status"], "done")
        stages = self.stages(self.judged("--only", "secrets", code=0))
        self.assertEqual(stages["models"]["reason"], "it was not asked for")

    def test_staged(self):
        self.assertEqual(self.stages(self.judged("--staged", code=0))["secrets"]["status"], "not needed")
        self.write("settings.py", f"token = '{token(7)}'\n")
        self.write("unstaged.py", f"token = '{token(8)}'\n")
        self.git("add", "settings.py")
        report = self.judged("--staged", code=1)
        self.assertEqual([one["finding"]["place"]["path"] for one in report["judgements"]], ["settings.py"])

    def test_the_ci_system_says_what_the_base_is(self):
        self.git("checkout", "-q", "-b", "topic")
        self.write("a.txt", "mine\n")
        self.commit("mine")
        self.git("update-ref", "refs/remotes/origin/main", "main")
        self.environment["GITHUB_BASE_REF"] = "main"
        ran = self.run_ci("-f", "json")
        self.assertIn("GITHUB_BASE_REF", ran.stderr)
        self.assertTrue(json.loads(ran.stdout)["compared_with_base"])
        self.assertFalse(self.judged("--all")["compared_with_base"])

    def test_an_image_is_one_more_stage(self):
        image_archive(self.outside / "shop.tar", {"app/key.py": f"token = '{token(9)}'\n".encode(),
                                                  "m.pkl": pickle.dumps(Harmless())})
        report = self.judged("--image", str(self.outside / "shop.tar"), "--db", self.database, code=1)
        stage = self.stages(report)["image"]
        self.assertEqual((stage["status"], stage["target"]), ("done", str(self.outside / "shop.tar")))
        self.assertEqual(len([one for one in report["judgements"] if one["verdict"] == "block"]), 2)
        missing = self.judged("--image", str(self.outside / "missing.tar"), code=3)
        self.assertEqual(self.stages(missing)["image"]["status"], "failed")

    def test_a_budget_is_kept_and_the_rest_is_finished_later(self):
        for number in range(400):
            self.write(f"src/{number}.py", f"# {number}\n" + "value = 1\n" * 2000)
        self.write("src/key.py", f"token = '{token(10)}'\n")
        self.commit("many")
        cut = self.judged("--budget", "1ms")
        self.assertTrue(cut["incomplete"])
        left = [stage for stage in cut["stages"] if stage["status"] in ("unfinished", "not started")]
        self.assertTrue(left)
        self.assertIn("budget", left[0]["reason"])
        self.assertTrue(any("--resume" in problem.get("hint", "") for problem in cut["problems"]))
        rest = self.judged("--resume", code=1)
        self.assertFalse(rest["incomplete"])
        self.assertEqual({stage["status"] for stage in rest["stages"]}, {"done", "not needed"})
        self.assertEqual(self.told(rest), self.told(self.judged("--all", code=1)))
        # With nothing left over everything is looked at again.
        self.write("src/other.py", f"token = '{token(11)}'\n")
        again = self.judged("--resume", code=1)
        self.assertEqual(len(again["judgements"]), 2)

    def test_what_is_staged_later_is_looked_at(self):
        missing = str(self.outside / "missing.tar")
        self.write("settings.py", "token = read()\n")
        self.git("add", "settings.py")
        self.judged("--staged", "--image", missing, code=3)
        self.assertTrue(self.stages(self.judged("--staged", "--image", missing, "--resume"))["secrets"]["resumed"])
        self.write("settings.py", f"token = '{token(13)}'\n")
        self.git("add", "settings.py")
        report = self.judged("--staged", "--image", missing, "--resume")
        self.assertEqual(len(report["judgements"]), 1)

    def test_a_budget_without_a_finding_is_no_pass(self):
        for number in range(200):
            self.write(f"src/{number}.py", "value = 1\n" * 2000)
        self.assertEqual(self.run_ci("--budget", "1ms").returncode, 3)

    def test_reports_and_traces(self):
        self.write("a.py", f"token = '{token(12)}'\n")
        ran = self.run_ci("--report", "markdown=comment.md", "--report", "json=gate.json", "--findings", "found", "--stages",
                          "stages.json", "--trace", "trace.json")
        self.assertEqual(ran.returncode, 1, ran.stderr)
        self.assertIn("secrets", ran.stdout)
        self.assertIn("block", (self.root / "comment.md").read_text())
        json.loads((self.root / "gate.json").read_text())
        found = json.loads((self.root / "found" / "secrets.json").read_text())
        self.assertEqual(len(found["findings"]), 1)
        stages = json.loads((self.root / "stages.json").read_text())
        self.assertEqual(len(stages["stages"]), 4)
        events = json.loads((self.root / "trace.json").read_text())["traceEvents"]
        spans = [event for event in events if event["ph"] == "X" and event["pid"] == 2]
        self.assertTrue(spans)
        for slot in {span["tid"] for span in spans}:
            ends = 0
            for span in sorted((one for one in spans if one["tid"] == slot), key=lambda one: one["ts"]):
                self.assertGreaterEqual(span["ts"] + 0.01, ends)
                ends = span["ts"] + span["dur"]

    def test_a_run_is_remembered(self):
        self.write("a.py", f"token = '{token(15)}'\n")
        self.run_ci("--report", "json=gate.json", "--stages", "stages.json")
        store = str(self.outside / "history.db")
        added = subprocess.run([VEDETTE, "history", "add", "--store", store, "--repository", "shop", "--commit", "a" * 40,
                                "--branch", "main", "--stages", "stages.json", "gate.json"], cwd=self.root,
                               capture_output=True, text=True, timeout=60)
        self.assertEqual(added.returncode, 0, added.stderr)
        report = subprocess.run([VEDETTE, "report", "--store", store, "-f", "json", "--now", NOW], cwd=self.root,
                                capture_output=True, text=True, timeout=60)
        self.assertEqual(report.returncode, 0, report.stderr)
        scanners = json.dumps(json.loads(report.stdout))
        for scanner in ("secrets", "models"):
            self.assertIn(scanner, scanners)
        self.assertNotIn("packages", scanners)

    def history(self, store, *arguments):
        ran = subprocess.run([VEDETTE, *arguments, "--store", store, "-f", "json", "--now", "2026-11-28"], cwd=self.root,
                             capture_output=True, text=True, timeout=60)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return json.loads(ran.stdout)

    def test_a_run_keeps_itself(self):
        store = str(self.outside / "history.db")
        self.write("a.py", f"token = '{token(16)}'\n")
        self.commit("bad")
        self.environment.update({"GITHUB_REPOSITORY": "example/shop", "GITHUB_REF_TYPE": "branch",
                                 "GITHUB_REF_NAME": "main", "GITHUB_RUN_ID": "77"})
        self.judged("--history", store, code=1)
        self.judged("--history", store, code=1)  # again: the same run
        runs = self.history(store, "history", "runs")
        self.assertEqual(len(runs["runs"]), 1, runs)
        self.assertIn("example/shop", json.dumps(runs))
        # What a run of the change alone did not look at is not gone.
        self.write("b.txt", "more\n")
        self.commit("harmless")
        self.environment["GITHUB_RUN_ID"] = "78"
        self.judged("--base", "HEAD~1", "--history", store, code=0)
        self.assertEqual(len(self.history(store, "history", "runs")["runs"]), 2)
        findings = self.history(store, "history", "list")["findings"]
        self.assertEqual([one["standing"] for one in findings], ["open"])
        told = self.run_ci("--staged", "--history", store)
        self.assertEqual(told.returncode, 2)
        self.assertIn("--staged", told.stderr)

    def test_a_history_that_cannot_be_kept_is_told(self):
        ran = self.run_ci("--history", "/proc/no/history.db")
        self.assertEqual(ran.returncode, 3, ran.stderr)
        self.assertIn("/proc/no", ran.stderr)

    def test_a_cache_that_cannot_be_opened_is_told(self):
        (self.outside / "file").write_text("no folder")
        report = self.judged(cache=str(self.outside / "file"))
        self.assertTrue(any("no results are known or kept" in one["message"] for one in report["problems"]), report["problems"])

    def test_what_a_change_mends_is_told(self):
        self.write("requirements.txt", "leftpad==1.0\nrightpad==1.0\n")
        self.write("model.pkl", pickle.dumps(Harmless()))
        self.write("key.py", f"token = '{token(17)}'\n")
        image_archive(self.outside / "old.tar", {"m.pkl": pickle.dumps(Harmless())})
        image_archive(self.outside / "new.tar", {"m.pkl": pickle.dumps({"a": 1})})
        self.commit("old sins")
        self.git("checkout", "-q", "-b", "topic")
        self.write("requirements.txt", "leftpad==2.0\nrightpad==1.0\n")
        self.write("model.pkl", pickle.dumps({"weights": [1.0]}))
        self.write("key.py", "token = ''\n")
        self.commit("mended")
        base = self.outside / "old.json"
        scanned = subprocess.run([VEDETTE, "scan", "image", "--models", "-f", "json", "-o", base, self.outside / "old.tar"],
                                 capture_output=True, text=True, timeout=60)
        self.assertEqual(scanned.returncode, 1, scanned.stderr)
        report = self.judged("--base", "main", "--db", self.database, "--image", str(self.outside / "new.tar"),
                             "--base-report", str(base))
        # Not the key: who has cloned the repository has it still.
        self.assertEqual(sorted(one["path"] for one in report["fixed"]), ["m.pkl", "model.pkl", "requirements.txt"])

    def test_a_base_that_is_the_head_has_nothing_new(self):
        self.write("key.py", f"token = '{token(18)}'\n")
        self.commit("old sin")
        report = self.judged("--base", "HEAD", code=0)
        self.assertEqual(report["judgements"], [])

    def test_threads_change_nothing(self):
        for number in range(60):
            self.write(f"src/{number}.py", f"token = '{token(100 + number)}'\n")
        self.commit("many")
        reports = []
        for threads in ("1", "2", "5"):
            report = self.judged("--threads", threads, "--no-cache", code=1)
            del report["stages"]
            reports.append(report)
        self.assertEqual(reports[0], reports[1])
        self.assertEqual(reports[0], reports[2])

    def test_wrong_usage_is_told(self):
        for arguments, words in ((["--base", "nothing"], "nothing"), (["--only", "secret"], "secret"),
                                 (["--staged", "--base", "main"], "one of"), (["--report", "x"], "FORMAT=FILE"),
                                 (["--report", "x=y"], "expected a format"), (["--resume", "--no-cache"], "cache"),
                                 (["--budget", "soon"], "duration"), (["--db", "missing.db"], None)):
            ran = self.run_ci(*arguments)
            self.assertEqual(ran.returncode, 3 if words is None else 2, (arguments, ran.stdout, ran.stderr))
            if words:
                self.assertIn(words, ran.stderr)

    def test_a_broken_policy_lets_nothing_pass(self):
        self.write("vedette.yaml", "version: 1\ngate:\n  tierz: []\n")
        ran = self.run_ci()
        self.assertEqual(ran.returncode, 2)
        self.assertIn("tiers", ran.stderr)

    def test_a_shallow_clone_is_told(self):
        for number in range(3):
            self.write("a.txt", str(number))
            self.commit(str(number))
        self.git("branch", "old", "HEAD~3")
        clone = self.outside / "clone"
        self.git("clone", "-q", "--depth", "1", "--no-single-branch", f"file://{self.root}", str(clone))
        ran = self.run_ci("--base", "origin/old", cwd=clone)
        self.assertEqual(ran.returncode, 2)
        self.assertIn("shallow", ran.stderr)

    def test_a_cache_is_carried_over(self):
        for number in range(50):
            self.write(f"src/{number}.py", "value = 1\n" * 100)
        self.write("src/key.py", f"token = '{token(13)}'\n")
        self.commit("many")
        carried = str(self.outside / "carried")
        first = self.judged("--cache-export", carried, code=1)
        other = str(self.outside / "other")
        second = self.judged("--cache-import", carried, cache=other, code=1)
        self.assertEqual(self.told(first), self.told(second))
        self.assertGreater(self.stages(second)["secrets"]["cached"], 50)

    def test_a_change_without_work_has_nothing_to_carry_and_passes(self):
        carried = self.outside / "carried"
        ran = self.run_ci("--staged", "--cache-export", str(carried))
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn("nothing to keep", ran.stderr)
        self.assertFalse(carried.exists())

    def test_a_cache_of_somebody_else_is_not_taken(self):
        self.write("src/key.py", f"token = '{token(14)}'\n")
        self.commit("key")
        carried = str(self.outside / "carried")
        self.environment["VEDETTE_CACHE_KEY"] = "ours"
        self.run_ci("--cache-export", carried)
        self.environment["VEDETTE_CACHE_KEY"] = "theirs"
        ran = self.run_ci("--cache-import", carried, cache=str(self.outside / "b"))
        self.assertEqual(ran.returncode, 1)
        self.assertIn("nothing was taken", ran.stderr)
        self.environment["VEDETTE_CACHE_KEY"] = "ours"
        ran = self.run_ci("--cache-import", carried, cache=str(self.outside / "c"))
        self.assertIn("known results taken", ran.stderr)
        del self.environment["VEDETTE_CACHE_KEY"]
        ran = self.run_ci("--cache-import", carried, cache=str(self.outside / "d"))
        self.assertIn("known results taken", ran.stderr)

    def test_a_damaged_cache_hides_nothing(self):
        for number in range(30):
            self.write(f"src/{number}.py", f"token = '{token(200 + number)}'\n" + "value = 1\n" * 50)
        self.commit("keys")
        expected = self.told(self.judged("--no-cache", code=1))
        self.judged(code=1)
        carried = self.outside / "carried"
        self.judged("--cache-export", str(carried), code=1)
        rng = random.Random(7)
        for round_ in range(12):
            store = pathlib.Path(self.cache) / "results-1.db"
            for path in (store, carried / "results.db", carried / "manifest"):
                if not path.exists():
                    continue
                content = bytearray(path.read_bytes())
                if not content:
                    continue
                for _ in range(rng.choice((1, 20, 500))):
                    content[rng.randrange(len(content))] = rng.randrange(256)
                path.write_bytes(bytes(content[:rng.randrange(len(content))] if rng.random() < 0.3 else content))
            report = self.judged("--cache-import", str(carried), code=1)
            self.assertEqual(self.told(report), expected, round_)

    def test_killed_at_any_moment_the_next_run_is_right(self):
        for number in range(150):
            self.write(f"src/{number}.py", f"token = '{token(300 + number % 20)}'\n" + "value = 1\n" * 500)
        self.commit("keys")
        expected = self.told(self.judged("--no-cache", code=1))
        rng = random.Random(11)
        for round_ in range(10):
            running = subprocess.Popen([VEDETTE, "ci", "--now", NOW, "--cache-dir", self.cache, "--budget", "50ms"],
                                       cwd=self.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                       env=self.environment)
            time.sleep(rng.random() * 0.15)
            running.send_signal(signal.SIGKILL)
            running.wait()
            self.assertEqual(self.told(self.judged("--resume", code=1)), expected, round_)

    def test_others_reports_are_judged_too(self):
        self.write("other.sarif", json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "lint", "rules": [
            {"id": "bad", "properties": {"security-severity": "9.5"}}]}}, "results": [
                {"ruleId": "bad", "message": {"text": "bad"}, "locations": [{"physicalLocation": {
                    "artifactLocation": {"uri": "a.py"}, "region": {"startLine": 1}}}]}]}]}))
        report = self.judged("--with-report", "other.sarif")
        self.assertIn("bad", [one["finding"]["rule"]["id"] for one in report["judgements"]])


if __name__ == "__main__":
    unittest.main()
