#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Histories, staged changes and diffs through the command, over repositories made on the spot.

  tests/e2e/history_test.py
"""
import base64
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
VEDETTE = os.environ.get("VEDETTE", str(PROJECT / "build" / "release" / "bin" / "vedette"))
# Not in one piece, so that no scanner takes this file for a leak.
TOKEN = "ghp_" + "16C7e42F292c6912E7710c838347" + "Ae178B4a"
PASSWORDS = ["Kx9#mQ2v" + "Lp7z", "Wt4!nB8c" + "Rf1y", "Hj6%dS3x" + "Gk0u"]
RULES = """
[[rules]]
id = "token"
regex = '''ghp_[0-9a-zA-Z]{36}'''
keywords = ["ghp_"]
[[rules]]
id = "password"
regex = '''password: "([^"]{8,20})"'''
keywords = ["password"]
"""
WHO = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "init.defaultBranch=main",
       "-c", "gc.auto=0", "-c", "commit.gpgsign=false"]


class HistoryTest(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)
        self.repository = self.folder / "repository"
        self.rules = self.folder / "rules.toml"
        self.rules.write_text(RULES, encoding="utf-8")
        self.clock = 1_700_000_000

    def tearDown(self):
        self.temporary.cleanup()

    def git(self, *arguments, folder=None):
        self.clock += 60
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
                       "GIT_AUTHOR_DATE": f"{self.clock} +0000", "GIT_COMMITTER_DATE": f"{self.clock} +0000"}
        return subprocess.run(["git", *WHO, *arguments], cwd=folder or self.repository, env=environment,
                              check=True, capture_output=True, text=True).stdout.strip()

    def start(self, *flags):
        self.repository.mkdir()
        self.git("init", "-q", *flags)

    def commit(self, message, **files):
        for name, text in files.items():
            path = self.repository / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")

    def scan(self, *arguments, expected=None, stdin=None, target=None):
        done = subprocess.run(
            [VEDETTE, "scan", "secrets", "--rules", str(self.rules), "--thorough", "--no-cache", "-f", "json",
             *arguments, *([str(target or self.repository)] if target is not False else [])],
            capture_output=True, text=True, input=stdin, check=False)
        if expected is not None:
            self.assertEqual(done.returncode, expected, done.stderr)
        for secret in [TOKEN, *PASSWORDS]:
            self.assertNotIn(secret, done.stdout + done.stderr)
        return json.loads(done.stdout)

    @staticmethod
    def places(report):
        return [(f["rule"]["id"], f["place"]["path"], f["place"].get("line")) for f in report["findings"]]

    def make_history(self):
        self.commit("begin", a_dot_txt="nothing\n")
        first = self.commit("add configuration", conf__app_dot_yml=f'db:\n  password: "{PASSWORDS[0]}"\n')
        self.commit("more", conf__app_dot_yml=f'db:\n  user: x\n  password: "{PASSWORDS[0]}"\n')
        self.git("rm", "-q", "conf/app.yml")
        self.git("commit", "-q", "-m", "remove it")
        self.git("checkout", "-q", "-b", "side")
        second = self.commit("side", b_dot_txt=f"key {TOKEN}\n")
        self.git("checkout", "-q", "main")
        return first, second

    def check_history(self, **options):
        report = self.scan("--history", expected=1, **options)
        self.assertEqual(self.places(report), [("password", "conf/app.yml", 2), ("token", "b.txt", 1)])
        return report

    def test_each_secret_once_at_the_commit_that_brought_it(self):
        self.start()
        first, second = self.make_history()
        report = self.check_history()
        commits = [f["place"]["commit"] for f in report["findings"]]
        self.assertEqual([c["id"] for c in commits], [first, second])
        self.assertEqual((commits[0]["author"], commits[0]["subject"]), ("Ann", "add configuration"))
        self.assertEqual(report["summary"]["commits"], 5)
        threads = [self.scan("--history", "--threads", count)["findings"] for count in ("1", "2", "7")]
        self.assertEqual(threads[0], threads[1])
        self.assertEqual(threads[0], threads[2])

    def test_packed_bare_and_other_hash(self):
        for flags in ([], ["--object-format=sha256"]):
            with self.subTest(flags=flags):
                self.start(*flags)
                self.make_history()
                self.check_history()
                self.git("repack", "-adfq")
                self.git("pack-refs", "--all")
                self.check_history()
                bare = self.folder / ("bare" + "".join(flags))
                self.git("clone", "-q", "--mirror", str(self.repository), str(bare), folder=self.folder)
                self.check_history(target=bare)
                subprocess.run(["rm", "-rf", str(self.repository)], check=True)

    def explain(self, identity):
        return subprocess.run([VEDETTE, "scan", "secrets", "--rules", str(self.rules), "--thorough", "--no-cache",
                               "--history", "--explain", identity, str(self.repository)],
                              capture_output=True, text=True, check=False)

    def test_explains_a_leak(self):
        self.start()
        first, second = self.make_history()
        self.git("tag", "-a", "-m", "released", "v1", first)
        self.git("remote", "add", "origin", "https://someone:hunter2hunter@example.org/x.git")
        self.git("update-ref", "refs/remotes/origin/main", "main")
        found = self.scan("--history")["findings"]
        done = self.explain(found[0]["identity"][:8])
        self.assertEqual(done.returncode, 1, done.stderr)
        for text in (first[:12], "Ann <ann@example.org>: add configuration", "branches: main, side\n",
                     "branches of remotes: origin/main\n", "tags: v1\n", "Not in the files of HEAD", "Rotate",
                     "filter-repo", "example.org/x.git"):
            self.assertIn(text, done.stdout)
        for secret in [*PASSWORDS, "hunter2hunter"]:
            self.assertNotIn(secret, done.stdout + done.stderr)
        self.git("checkout", "-q", "side")
        done = self.explain(found[1]["identity"])
        self.assertIn("Still in HEAD\n  b.txt:1\n", done.stdout)
        self.assertIn("branches: side\n", done.stdout)
        self.assertNotIn("tags:", done.stdout)
        self.assertNotIn(TOKEN, done.stdout + done.stderr)
        done = self.explain("0123456789")
        self.assertEqual(done.returncode, 2)
        self.assertIn("0123456789", done.stderr)

    def test_explains_what_was_moved_and_came_twice(self):
        self.start()
        self.commit("begin", a_dot_txt="nothing\n")
        self.git("branch", "other")
        first = self.commit("a key", old_dot_txt=f"key {TOKEN}\n")
        self.git("mv", "old.txt", "new.txt")
        self.git("commit", "-q", "-m", "move it")
        self.git("checkout", "-q", "other")
        again = self.commit("the same key again", old_dot_txt=f"again {TOKEN}\n")
        self.git("rm", "-q", "old.txt")
        gone = self.commit("away with it", a_dot_txt="more\n")
        self.git("update-ref", "refs/remotes/origin/other", "HEAD")
        self.git("checkout", "-q", "main")
        done = self.explain(self.scan("--history")["findings"][0]["identity"])
        self.assertIn("Still in HEAD\n  new.txt:1\n", done.stdout)
        self.assertIn("branches: main, other\n", done.stdout)
        self.assertIn("branches of remotes: origin/other\n", done.stdout)
        self.assertIn("in their files today: main\n", done.stdout)
        brought = done.stdout.partition("Brought in by\n")[2].partition("Taken out by\n")
        self.assertIn(f"  commit {first[:12]} ", brought[0])
        self.assertIn(f"  commit {again[:12]} ", brought[0])
        self.assertIn(f"  commit {gone[:12]} ", brought[2])

    def test_ranges(self):
        self.start()
        first, _ = self.make_history()
        report = self.scan("main..side", "--history", expected=1)
        self.assertEqual(self.places(report), [("token", "b.txt", 1)])
        self.assertEqual(self.scan("--history", f"{first}~1", expected=0)["findings"], [])
        self.assertEqual(len(self.scan("--history", first)["findings"]), 1)
        done = subprocess.run([VEDETTE, "scan", "secrets", "--history", "nowhere", str(self.repository)],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("nowhere", done.stderr)

    def test_dangling_objects(self):
        self.start()
        self.commit("begin", a_dot_txt="nothing\n")
        self.git("checkout", "-q", "-b", "lost")
        self.commit("lost", c_dot_yml=f'password: "{PASSWORDS[1]}"\n')
        self.git("checkout", "-q", "main")
        self.git("branch", "-q", "-D", "lost")
        # The reflog still knows it.
        self.assertEqual(len(self.scan("--history", expected=1)["findings"]), 1)
        self.git("reflog", "expire", "--expire=now", "--all")
        self.assertEqual(self.scan("--history", expected=0)["findings"], [])
        report = self.scan("--history", "--all-objects", expected=1)
        self.assertEqual(self.places(report), [("password", "c.yml", 1)])

    def test_archives_in_a_history(self):
        self.start()
        self.commit("begin", conf_dot_yml=f'password: "{PASSWORDS[2]}"\n')
        subprocess.run(["tar", "czf", "x.tar.gz", "conf.yml"], cwd=self.repository, check=True)
        (self.repository / "conf.yml").unlink()
        self.git("add", "-A")
        self.git("commit", "-q", "--amend", "-m", "packed")
        self.git("reflog", "expire", "--expire=now", "--all")
        self.git("gc", "-q", "--prune=now")
        report = self.scan("--history", expected=1)
        self.assertEqual(self.places(report), [("password", "x.tar.gz/conf.yml", 1)])

    def test_shallow_worktree_and_damage(self):
        self.start()
        self.make_history()
        shallow = self.folder / "shallow"
        self.git("clone", "-q", "--depth", "1", f"file://{self.repository}", str(shallow), folder=self.folder)
        report = self.scan("--history", target=shallow)
        self.assertEqual(report["findings"], [])
        self.assertTrue(any("shallow" in p["message"] for p in report["summary"]["problems"]))
        tree = self.folder / "tree"
        self.git("worktree", "add", "-q", str(tree), "side")
        self.check_history(target=tree)
        self.git("repack", "-adfq")
        pack = next((self.repository / ".git" / "objects" / "pack").glob("*.pack"))
        os.chmod(pack, 0o644)
        data = bytearray(pack.read_bytes())
        for at in range(len(data) // 2, len(data) // 2 + 40):
            data[at] ^= 0x55
        pack.write_bytes(data)
        report = self.scan("--history")
        self.assertTrue(any(s["loss"] for s in report["summary"]["skipped"]))

    # A mapping would end the program with SIGBUS.
    def test_a_pack_that_is_cut_off_while_it_is_read(self):
        self.start()
        self.commit("a key", first_dot_txt=f"key {TOKEN}\n")
        noise = {f"d__{i}_dot_txt": base64.b64encode(os.urandom(300_000)).decode() for i in range(16)}
        self.commit("much", **noise)
        self.git("repack", "-adq", "--window=0")
        [pack] = (self.repository / ".git" / "objects" / "pack").glob("*.pack")
        pack.chmod(0o600)
        with subprocess.Popen([VEDETTE, "scan", "secrets", "--history", "--rules", str(self.rules), "--no-cache",
                               "--threads", "1", "-f", "json", str(self.repository)],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            state = pathlib.Path(f"/proc/{process.pid}")
            while process.poll() is None:
                try:
                    if (any(os.readlink(one).endswith(".pack") for one in (state / "fd").iterdir())
                            or ".pack" in (state / "maps").read_text(encoding="utf-8")):
                        break
                except OSError:
                    pass  # it was closed meanwhile
            os.truncate(pack, pack.stat().st_size // 2)
            output, errors = process.communicate(timeout=60)
        self.assertIn(process.returncode, (1, 3), errors)
        self.assertIn("became shorter while it was read", output + errors)

    def test_staged_lines_only(self):
        self.start()
        self.commit("begin", a_dot_yml=f'password: "{PASSWORDS[0]}"\n', deep__b_dot_txt="x\n")
        self.assertEqual(self.scan("--staged", expected=0)["findings"], [])
        (self.repository / "a.yml").write_text(f'x: 1\npassword: "{PASSWORDS[0]}"\npassword: "{PASSWORDS[1]}"\n')
        self.assertEqual(self.scan("--staged", expected=0)["findings"], [])  # not staged yet
        self.git("add", "-A")
        self.assertEqual(self.places(self.scan("--staged", expected=1)), [("password", "a.yml", 3)])
        (self.repository / "deep" / "new").mkdir()
        (self.repository / "deep" / "new" / "c.txt").write_text(f"{TOKEN}\n")
        self.git("add", "-A")
        self.assertEqual(self.places(self.scan("--staged", target=self.repository / "deep")),
                         [("password", "a.yml", 3), ("token", "deep/new/c.txt", 1)])
        self.git("commit", "-q", "-m", "all")
        self.git("mv", "a.yml", "renamed.yml")
        self.assertEqual(self.scan("--staged", expected=0)["findings"], [])

    def test_staged_before_the_first_commit(self):
        self.start()
        self.assertEqual(self.scan("--staged", expected=0)["findings"], [])
        (self.repository / "a.txt").write_text(f"{TOKEN}\n")
        self.git("add", "-A")
        self.assertEqual(self.places(self.scan("--staged", expected=1)), [("token", "a.txt", 1)])

    def test_diffs(self):
        self.start()
        self.commit("begin", a_dot_yml=f'password: "{PASSWORDS[0]}"\n' + "x\n" * 20)
        text = f'password: "{PASSWORDS[0]}"\n' + "x\n" * 15 + f'  password: "{PASSWORDS[1]}"\n' + "x\n" * 5
        (self.repository / "a.yml").write_text(text)
        (self.repository / "mit ä.txt").write_text(f"{TOKEN}\n")
        self.git("add", "-A")
        expected = [("password", "a.yml", 17), ("token", "mit ä.txt", 1)]
        for flags in ([], ["--no-prefix"], ["-U0"], ["-c"]):
            diff = self.git("diff", "--cached", *flags)
            report = self.scan("--diff", "-", stdin=diff + "\n", target=False, expected=1)
            self.assertEqual(self.places(report), expected, flags)
        self.git("commit", "-q", "-m", "change")
        patch = self.git("format-patch", "-1", "--stdout")
        self.assertEqual(self.places(self.scan("--diff", "-", stdin=patch, target=False)), expected)
        # What a commit takes away is no leak of its own.
        reverse = self.git("diff", "HEAD", "HEAD~1")
        self.assertEqual(self.scan("--diff", "-", stdin=reverse, target=False, expected=0)["findings"], [])
        broken = patch.replace("@@ -", "@@ broken -", 1)
        self.assertTrue(self.scan("--diff", "-", stdin=broken, target=False, expected=None)["summary"])

    def test_wrong_use(self):
        self.folder.joinpath("plain").mkdir()
        for arguments in (["--history", str(self.folder / "plain")], ["--history", "--staged", "."],
                          ["--all-objects", "."], ["--diff", str(self.folder / "none")], ["--stdin", "."]):
            done = subprocess.run([VEDETTE, "scan", "secrets", *arguments], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn("expected" if "plain" not in arguments[-1] else "repository", done.stderr.replace("cannot", "expected"))


if __name__ == "__main__":
    unittest.main()
