# SPDX-License-Identifier: Apache-2.0
"""The results that `vedette scan secrets` keeps: a scan that takes them says the same as one that does
not, what changed is scanned again, and nothing that happens to the store changes a report."""
import json
import os
import pathlib
import random
import subprocess
import tarfile
import tempfile
import time
import unittest

VEDETTE = os.environ["VEDETTE"]
RULES = "[[rules]]\nid = 'acme'\nregex = '''\\b(acme_[0-9a-zA-Z]{24})\\b'''\nkeywords = ['acme_']\n"
# Put together here, so that no scanner takes this file for a leak.
KEY = "acme_" + "q7Zr2LmX9vB4tKc8Wd3HsYpN"
OTHER = "acme_" + "Hs3YpNq7Zr2LmX9vB4tKc8Wd"
WHO = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "init.defaultBranch=main",
       "-c", "gc.auto=0", "-c", "commit.gpgsign=false", "-c", "core.logAllRefUpdates=false"]
# A file's stamp counts once it is two seconds old.
SETTLED = 2.2


class Cache(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.tree = self.folder / "tree"
        self.tree.mkdir()
        self.cache = self.folder / "cache"
        self.rules = self.folder / "rules.toml"
        self.rules.write_text(RULES)
        self.clock = 1_700_000_000

    def add(self, name, text):
        path = self.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def scan(self, *flags, target=None, cache=True):
        """The report without what may differ, and how many files were known."""
        where = ["--cache-dir", str(self.cache)] if cache else ["--no-cache"]
        done = subprocess.run([VEDETTE, "scan", "secrets", "-q", "-f", "json", "--rules", str(self.rules), *where,
                               *flags, str(target or self.tree)], capture_output=True, text=True, check=False)
        self.assertIn(done.returncode, (0, 1, 3), done.stderr)
        report = json.loads(done.stdout)
        known = report["summary"].pop("cached")
        for name in ("seconds", "load_seconds"):
            report["summary"].pop(name)
        return report, known

    def check(self, known, *flags, target=None):
        """What the cache knows is `known`, and makes no difference."""
        report, count = self.scan(*flags, target=target)
        self.assertEqual(count, known)
        self.assertEqual(report, self.scan(*flags, target=target, cache=False)[0])
        return report

    def make_tree(self):
        for number in range(40):
            self.add(f"src/{number}.txt", f"file {number}\n" * number)
        self.add("conf/app.yml", f"line\nkey: {KEY}\n")
        self.add("conf/allowed.yml", f"key: {KEY}  # vedette:allow\n")
        self.add("conf/picture.bin", "a\0b")
        self.add("empty", "")
        inner = self.folder / "inner.txt"
        inner.write_text(f"first\n{OTHER}\n")
        with tarfile.open(self.tree / "packed.tar.gz", "w:gz") as tar:
            tar.add(inner, "deep/inner.txt")
        (self.tree / "link").symlink_to("empty")

    def git(self, *arguments):
        self.clock += 60
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
                       "GIT_AUTHOR_DATE": f"{self.clock} +0000", "GIT_COMMITTER_DATE": f"{self.clock} +0000"}
        return subprocess.run(["git", *WHO, *arguments], cwd=self.tree, env=environment, check=True,
                              capture_output=True, text=True).stdout.strip()

    def commit(self, name, text):
        self.add(name, text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", f"change {name}")

    def test_unchanged_files_are_not_read(self):
        self.make_tree()
        time.sleep(SETTLED)
        report = self.check(0)
        self.assertEqual(len(report["findings"]), 2)
        self.check(45)
        self.check(45, "--threads", "1")
        # Nothing of it is read: what cannot be read does not matter.
        before, _ = self.scan()
        traced = subprocess.run(["strace", "-f", "-e", "trace=openat", VEDETTE, "scan", "secrets", "-q", "--rules",
                                 str(self.rules), "--cache-dir", str(self.cache), str(self.tree)],
                                capture_output=True, text=True, check=False) if self.has_strace() else None
        if traced:
            self.assertNotIn('"app.yml"', traced.stderr)
        self.assertEqual(self.scan()[0], before)

    @staticmethod
    def has_strace():
        return any(os.access(os.path.join(folder, "strace"), os.X_OK) for folder in os.get_exec_path())

    def test_changed_files_are_read(self):
        self.make_tree()
        time.sleep(SETTLED)
        self.check(0)
        path = self.add("src/7.txt", f"file 7\n{KEY}\n")
        self.check(44)
        # The same size and time of change, which whoever owns the file may set.
        before = path.stat()
        path.write_text(f"file 7\n{OTHER}\n")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        self.assertEqual(path.stat().st_size, before.st_size)
        report, _ = self.scan()
        identities = {found["identity"] for found in report["findings"] if found["place"]["path"].endswith("7.txt")}
        elsewhere = {found["identity"] for found in report["findings"] if "packed" in found["place"]["path"]}
        self.assertEqual(identities, elsewhere)

    def test_a_fresh_copy_is_known_by_its_bytes(self):
        self.make_tree()
        report, _ = self.scan("--threads", "1")
        other = self.folder / "other"
        self.tree.rename(other)
        subprocess.run(["cp", "-r", str(other), str(self.tree)], check=True)
        again, known = self.scan()
        self.assertEqual(again, report)
        self.assertEqual(known, 43)  # all but the archive and what is binary

    def test_rules_and_options_are_part_of_the_question(self):
        self.make_tree()
        time.sleep(SETTLED)
        self.scan()
        self.check(0, "--thorough")
        self.check(0, "--max-archive-depth", "1")
        self.check(0, "--max-file-size", "1")
        self.rules.write_text(RULES.replace("'acme'", "'other'"))
        self.check(0)

    def test_a_file_that_changes_at_once_is_read_again(self):
        path = self.add("a.txt", "aaaa\n")
        for number in range(30):
            key = KEY if number % 2 else OTHER
            path.write_text(key)
            report, _ = self.scan()
            self.assertEqual(report, self.scan(cache=False)[0])

    def test_history_reads_only_what_is_new(self):
        self.tree.mkdir(exist_ok=True)
        self.git("init", "-q")
        self.commit("a.yml", f"key: {KEY}\n")
        self.git("tag", "old")
        for number in range(20):
            self.commit(f"{number % 3}.txt", f"text {number}\n")
        report = self.check(0, "--history")
        self.assertEqual(len(report["findings"]), 1)
        self.check(21, "--history")
        self.commit("b/new.yml", f"again: {KEY}\nother: {OTHER}\n")
        self.git("checkout", "-q", "-b", "side", "old")
        self.commit("side.yml", "side\n")
        self.git("repack", "-adfq")
        report = self.check(21, "--history")
        self.assertEqual(len(report["findings"]), 2)
        self.assertEqual(report["findings"][0]["place"]["path"], "a.yml")
        self.check(23, "--history")
        # Of what a branch held that is gone nothing is told.
        self.git("checkout", "-q", "main")
        self.git("branch", "-q", "-D", "side")
        self.check(0, "--history")
        self.git("reset", "-q", "--hard", "HEAD~1")
        self.check(22, "--history")  # git still knows where it was
        (self.tree / ".git/ORIG_HEAD").unlink()
        report = self.check(0, "--history")
        self.assertEqual(len(report["findings"]), 1)
        loose = self.folder / "loose"
        loose.write_text(f"key: {OTHER}\n")
        self.git("tag", "blob", self.git("hash-object", "-w", str(loose)))
        self.assertEqual(len(self.check(21, "--history")["findings"]), 2)
        self.check(22, "--history")
        self.check(0, "--history", "--all-objects")
        self.check(0, "--history", "HEAD~2..HEAD")

    def test_a_shallow_history_is_not_kept(self):
        self.git("init", "-q")
        for number in range(4):
            self.commit("a.yml", f"key: {KEY if number == 1 else number}\n")
        shallow = self.folder / "shallow"
        self.git("clone", "-q", "--depth", "1", f"file://{self.tree}", str(shallow))
        self.check(0, "--history", target=shallow)
        self.check(0, "--history", target=shallow)
        subprocess.run(["git", "fetch", "-q", "--unshallow"], cwd=shallow, check=True)
        self.assertEqual(len(self.check(0, "--history", target=shallow)["findings"]), 1)

    def test_no_secret_is_kept(self):
        self.make_tree()
        self.git("init", "-q")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "all")
        self.scan()
        self.scan("--history")
        kept = b"".join(path.read_bytes() for path in self.cache.rglob("*") if path.is_file())
        self.assertIn(b"app.yml", kept)
        for secret in (KEY, OTHER):
            self.assertNotIn(secret.encode(), kept)
            self.assertNotIn(secret[8:20].encode(), kept)

    def test_many_at_once_and_killed_ones(self):
        self.make_tree()
        for number in range(300):
            self.add(f"more/{number}.txt", f"more {number} {KEY}\n" * 50)
        expected, _ = self.scan(cache=False)
        command = [VEDETTE, "scan", "secrets", "-q", "-f", "json", "--rules", str(self.rules), "--cache-dir",
                   str(self.cache), str(self.tree)]
        shuffle = random.Random(1)
        running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(12)]
        for number, process in enumerate(running):
            if number % 3 == 0:
                time.sleep(shuffle.random() * 0.03)
                process.kill()
        for number, process in enumerate(running):
            out, errors = process.communicate()
            if number % 3 == 0:
                continue
            report = json.loads(out)
            self.assertEqual(report["findings"], expected["findings"], errors)
            self.assertEqual(report["summary"]["problems"], [])
        self.assertEqual(self.scan()[0], expected)

    def test_a_broken_store_costs_time_only(self):
        self.make_tree()
        expected, _ = self.scan(cache=False)
        self.scan()
        store = next(self.cache.glob("results*.db"))
        whole = store.read_bytes()
        for broken in (b"", b"x" * 5000, whole[:3000], whole[:5000] + os.urandom(4000) + whole[9000:],
                       whole[:100] + bytes(len(whole) - 100)):
            for path in self.cache.glob("results*"):
                path.unlink()
            store.write_bytes(broken)
            first, _ = self.scan()
            first["summary"]["problems"] = [problem for problem in first["summary"]["problems"]
                                            if problem.get("kind") != "warning"]
            self.assertEqual(first["findings"], expected["findings"])
            self.assertEqual(self.scan()[0]["findings"], expected["findings"])

    def test_a_cache_that_cannot_be_made(self):
        self.make_tree()
        self.cache.write_text("a file")
        report, expected = self.scan()[0], self.scan(cache=False)[0]
        told = report["summary"].pop("problems")
        self.assertEqual(expected["summary"].pop("problems"), [])
        self.assertEqual([one["kind"] for one in told], ["warning"])
        self.assertIn("no results are known or kept", told[0]["message"])
        self.assertEqual(report, expected)


if __name__ == "__main__":
    unittest.main()
