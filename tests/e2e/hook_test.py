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

    def write_other(self, text, name="pre-commit"):
        other = self.repository / ".git" / "hooks" / name
        other.parent.mkdir(exist_ok=True)
        other.write_text("#!/bin/sh\n" + text, encoding="utf-8")
        other.chmod(0o755)
        return other

    def test_what_commit_stages_itself(self):
        self.write("a.py", "x = 1\n")
        self.git("commit", "-q", "-m", "clean")
        self.hook("install")
        for flags in (["-a"], ["-o", "a.py"], ["-i", "a.py"]):
            with self.subTest(flags=flags):
                (self.repository / "a.py").write_text(LEAK, encoding="utf-8")
                self.git("commit", "-q", "-m", "leak", *flags, succeeds=False)
                self.git("checkout", "-q", "HEAD", "--", "a.py")
        (self.repository / "a.py").write_text(LEAK, encoding="utf-8")
        (self.repository / "b.py").write_text("y = 1\n", encoding="utf-8")
        self.git("add", "b.py")
        self.git("commit", "-q", "-m", "the leak is not staged")

    def test_never_drops_lines_of_others(self):
        quoting = self.write_other("# no: # Installed by `vedette hook install`.\nexit 0\n")
        text = quoting.read_text()
        self.hook("install")
        self.hook("uninstall")
        self.assertEqual(quoting.read_text(), text)
        self.hook("install")
        with quoting.open("a", encoding="utf-8") as file:
            file.write("echo added\n")
        for action in ("install", "uninstall"):
            self.assertIn("changed", self.hook(action, expected=2))
            self.assertIn("echo added", quoting.read_text())

    def test_refuses_to_rename_what_asks_for_its_name(self):
        for text in ('exec "tools/$(basename "$0")"\n', '. "$(dirname "$0")/h"\n', 'run "${0##*/}"\n'):
            with self.subTest(text=text):
                other = self.write_other(text)
                self.assertIn("another name", self.hook("install", expected=2))
                self.assertIn(text, other.read_text())
        self.write_other('cd "$(dirname "$0")/.." || exit 1\n')
        self.hook("install")

    def test_folders_of_account_and_worktree(self):
        account = self.folder / ".gitconfig"
        account.write_text("[core]\n\thooksPath = ~/hooks\n", encoding="utf-8")
        self.hook("install")
        self.write("a.py", LEAK)
        self.assertIn("a.py:1", self.git("commit", "-q", "-m", "leak", succeeds=False))
        for folder in ("", "~root/hooks"):
            self.git("config", "core.hooksPath", folder)
            self.assertIn("core.hooksPath", self.hook("install", expected=2))
        self.git("config", "extensions.worktreeConfig", "true")
        self.git("config", "--worktree", "core.hooksPath", "own-hooks")
        self.hook("install")
        self.assertIn("a.py:1", self.git("commit", "-q", "-m", "leak", succeeds=False))

    def start_remote(self):
        remote = self.folder / "remote.git"
        self.git("init", "-q", "--bare", "-b", "main", str(remote))
        self.git("remote", "add", "origin", str(remote))
        self.write("a.py", "x = 1\n")
        self.git("commit", "-q", "-m", "clean")
        self.git("push", "-q", "origin", "main")
        return remote

    def test_another_push_hook_reads_the_same_lines(self):
        self.start_remote()
        self.write_other("echo \"$1\" >> ../log\ncat >> ../log\n", "pre-push")
        self.hook("install", "--pre-push")
        self.write("b.py", "x = 1\n")
        self.git("commit", "-q", "-m", "clean")
        new, old = (self.git("rev-parse", name).strip() for name in ("HEAD", "HEAD~1"))
        self.git("push", "-q", "origin", "main")
        self.git("push", "-q", "origin", "main")  # nothing new: no line
        self.assertEqual((self.folder / "log").read_text(),
                         f"origin\nrefs/heads/main {new} refs/heads/main {old}\norigin\n")

    def test_push_over_what_was_never_fetched(self):
        remote = self.start_remote()
        theirs = self.folder / "theirs"
        self.git("clone", "-q", str(remote), str(theirs))
        self.write("c.py", "x = 1\n", folder=theirs)
        self.git("commit", "-q", "-m", "theirs", folder=theirs)
        self.git("push", "-q", "origin", "main", folder=theirs)
        self.hook("install", "--pre-push")
        self.write("d.py", LEAK)
        self.git("commit", "-q", "-m", "leak")
        self.assertIn("d.py:1", self.git("push", "-q", "--force", "origin", "main", succeeds=False))
        self.git("reset", "-q", "--hard", "HEAD~1")
        self.git("push", "-q", "--force", "origin", "main")

    def test_push_beside_more_branches_than_a_command_line_holds(self):
        self.start_remote()
        self.hook("install", "--pre-push")
        new = self.git("rev-parse", "HEAD").strip()
        # Packed at once: a file for each would take seconds.
        names = sorted(f"refs/remotes/origin/b{number}" for number in range(60_000))
        (self.repository / ".git" / "packed-refs").write_text(
            "# pack-refs with: peeled fully-peeled sorted \n" + "".join(f"{new} {name}\n" for name in names),
            encoding="utf-8")
        self.git("push", "-q", "origin", "main:same")
        self.write("b.py", "x = 1\n")
        self.git("commit", "-q", "-m", "clean")
        self.git("push", "-q", "origin", "main:clean")
        self.write("c.py", LEAK)
        self.git("commit", "-q", "-m", "leak")
        self.assertIn("c.py:1", self.git("push", "-q", "origin", "main:leak", succeeds=False))

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
