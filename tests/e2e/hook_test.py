#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`vedette hook` with git itself: commits and pushes that leak are refused.

  tests/e2e/hook_test.py
"""
import os
import pathlib
import subprocess
import tempfile
import unittest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
VEDETTE = os.environ.get("VEDETTE", str(PROJECT / "build" / "release" / "bin" / "vedette"))
# Not in one piece, so that no scanner takes this file for a leak.
LEAK = 'password = "' + "Kx9#mQ2v" + 'Lp7zTw"\n'


class HookTest(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)
        self.repository = self.folder / "it's a repository"
        self.repository.mkdir()
        self.environment = {
            **os.environ, "HOME": str(self.folder), "XDG_CACHE_HOME": str(self.folder / "cache"),
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.org",
            "GIT_COMMITTER_NAME": "Ann", "GIT_COMMITTER_EMAIL": "ann@example.org",
            "VEDETTE_CONTENT": os.environ.get("VEDETTE_CONTENT", str(PROJECT / "content"))}
        for variable in ("GIT_INDEX_FILE", "GIT_DIR", "XDG_CONFIG_HOME"):
            self.environment.pop(variable, None)
        self.git("init", "-q", "-b", "main")

    def tearDown(self):
        self.temporary.cleanup()

    def run_in(self, command, folder=None):
        return subprocess.run(command, cwd=folder or self.repository, env=self.environment, capture_output=True,
                              text=True, check=False)

    def git(self, *arguments, folder=None, succeeds=True):
        done = self.run_in(["git", *arguments], folder)
        self.assertEqual(done.returncode == 0, succeeds, done.stdout + done.stderr)
        self.assertNotIn("Lp7zTw", done.stdout + done.stderr)
        return done.stdout + done.stderr

    def hook(self, *arguments, expected=0, folder=None):
        done = self.run_in([VEDETTE, "hook", *arguments], folder)
        self.assertEqual(done.returncode, expected, done.stderr)
        return done.stdout + done.stderr

    def write(self, name, text, folder=None):
        ((folder or self.repository) / name).write_text(text, encoding="utf-8")
        self.git("add", "-A", folder=folder)

    def test_refuses_a_commit_that_leaks(self):
        self.assertIn("installed", self.hook("install"))
        self.assertIn("installed already", self.hook("install"))
        self.write("a.py", "x = 1\n")
        self.git("commit", "-q", "-m", "clean")
        self.write("conf.py", LEAK)
        self.assertIn("conf.py:1", self.git("commit", "-q", "-m", "leak", succeeds=False))
        self.git("commit", "-q", "--no-verify", "-m", "leak")
        # What HEAD has is not new.
        self.write("conf.py", "y = 2\n" + LEAK)
        self.git("commit", "-q", "-m", "more")
        # `commit -a` stages in an index of its own.
        (self.repository / "a.py").write_text(LEAK.replace("Kx9", "Zq4"), encoding="utf-8")
        self.assertIn("a.py:1", self.git("commit", "-q", "-a", "-m", "leak", succeeds=False))
        self.git("checkout", "-q", "a.py")
        self.assertIn("removed", self.hook("uninstall"))
        self.assertIn("nothing done", self.hook("uninstall"))
        self.assertFalse((self.repository / ".git" / "hooks" / "pre-commit").exists())

    def test_keeps_and_calls_another_hook(self):
        other = self.repository / ".git" / "hooks" / "pre-commit"
        other.parent.mkdir(exist_ok=True)
        other.write_text("#!/bin/sh\necho before >> ../called\n[ ! -e ../refuse ]\n", encoding="utf-8")
        other.chmod(0o755)
        self.assertIn("before-vedette", self.hook("install"))
        self.hook("install")
        self.write("a.py", "x = 1\n")
        self.git("commit", "-q", "-m", "clean")
        self.assertEqual((self.folder / "called").read_text(), "before\n")
        (self.folder / "refuse").touch()
        self.write("b.py", "x = 1\n")
        self.git("commit", "-q", "-m", "refused by the other", succeeds=False)
        self.assertIn("again", self.hook("uninstall"))
        self.assertIn("called", other.read_text())
        self.hook("install")
        other.write_text("#!/bin/sh\n", encoding="utf-8")  # somebody put another one over ours
        self.assertIn("join them", self.hook("install", expected=2))

    def test_worktrees_and_configured_folders(self):
        self.hook("install")
        self.write("a.py", "x = 1\n")
        self.git("commit", "-q", "-m", "clean")
        tree = self.folder / "tree"
        self.git("worktree", "add", "-q", str(tree), "-b", "side")
        self.write("b.py", LEAK, folder=tree)
        self.git("commit", "-q", "-m", "leak", folder=tree, succeeds=False)
        self.hook("uninstall", folder=tree)
        self.git("config", "core.hooksPath", "our-hooks")
        self.hook("install")
        self.assertTrue((self.repository / "our-hooks" / "pre-commit").exists())
        self.write("c.py", LEAK)
        self.git("commit", "-q", "-m", "leak", succeeds=False)

    def test_refuses_a_push_that_leaks(self):
        remote = self.folder / "remote.git"
        self.git("init", "-q", "--bare", str(remote))
        self.git("remote", "add", "origin", str(remote))
        self.write("old.py", LEAK)
        self.git("commit", "-q", "-m", "there already")
        self.git("push", "-q", "origin", "main")
        self.hook("install", "--pre-push")
        self.write("a.py", "x = 1\n")
        self.git("commit", "-q", "-m", "clean")
        self.git("push", "-q", "origin", "main")
        self.git("checkout", "-q", "-b", "topic")
        self.write("b.py", "x = 1\n")
        self.git("commit", "-q", "-m", "clean")
        self.git("push", "-q", "origin", "topic")
        leak = LEAK.replace("Kx9", "Zq4")
        self.write("c.py", leak)
        self.git("commit", "-q", "-m", "leak")
        self.git("rm", "-q", "c.py")
        self.git("commit", "-q", "-m", "gone")
        self.assertIn("c.py:1", self.git("push", "-q", "origin", "topic", succeeds=False))
        self.assertIn("c.py:1", self.git("push", "-q", "origin", "topic:other", succeeds=False))
        self.git("push", "-q", "origin", "--delete", "topic")
        self.hook("uninstall", "--pre-push")
        self.git("push", "-q", "origin", "topic")

    def test_says_what_is_missing(self):
        plain = self.folder / "plain"
        plain.mkdir()
        self.hook("install", str(plain), expected=2)
        self.hook("install")
        hook = self.repository / ".git" / "hooks" / "pre-commit"
        hook.write_text(hook.read_text().replace(VEDETTE, "/gone/vedette"), encoding="utf-8")
        self.write("a.py", "x = 1\n")
        if "/gone/vedette" in hook.read_text():
            self.assertIn("any more", self.git("commit", "-q", "-m", "x", succeeds=False))


if __name__ == "__main__":
    unittest.main()
