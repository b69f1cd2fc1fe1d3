# SPDX-License-Identifier: Apache-2.0
"""Of the templates what needs no CI system: hooks, the image, what the manual shows, others' schemas and linters."""
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

from ci_systems import ACTION, COMPONENT, HOSTILE_FILES, IMAGE, JENKINSFILE, MAKEFILE, PROJECT, TASK, GitLab, yaml
from ci_test import VEDETTE, token

MANUAL = PROJECT / "docs" / "ci-templates.md"


class PreCommit(unittest.TestCase):
    """.pre-commit-hooks.yaml, by pre-commit itself where it is installed, else by what it would call."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.root = self.folder / "a repository"
        self.environment = {"PATH": f"{pathlib.Path(VEDETTE).parent}:{os.environ['PATH']}", "HOME": str(self.folder),
                            "VEDETTE_CONTENT": str(PROJECT / "content"), "GIT_CONFIG_NOSYSTEM": "1",
                            "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "a",
                            "GIT_COMMITTER_EMAIL": "a@example.com"}
        # What `repo:` names: our hooks, at a revision.
        hooks = self.folder / "hooks"
        for place in (hooks, self.root):
            place.mkdir()
            self.done(["git", "init", "-q", "-b", "main"], place)
        shutil.copy(PROJECT / ".pre-commit-hooks.yaml", hooks)
        self.done(["git", "add", "-A"], hooks)
        self.done(["git", "commit", "-q", "-m", "hooks"], hooks)
        self.hooks = yaml.safe_load((hooks / ".pre-commit-hooks.yaml").read_text())
        revision = self.done(["git", "rev-parse", "HEAD"], hooks).stdout.strip()
        wanted = {"repo": str(hooks), "rev": revision, "hooks": [{"id": one["id"]} for one in self.hooks]}
        (self.root / ".pre-commit-config.yaml").write_text(json.dumps({"repos": [wanted]}))
        self.stage("README.md", "nothing to see\n")

    def done(self, command, folder=None, check=True):
        return subprocess.run(command, cwd=folder or self.root, env=self.environment, check=check, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120)

    def stage(self, name, content):
        (self.root / name).write_text(content)
        self.done(["git", "add", "-A"])

    def hook(self, name):
        """The code and the output of one hook over what is staged."""
        if shutil.which("pre-commit"):
            done = self.done(["pre-commit", "run", name], check=False)
        else:
            (hook,) = (one for one in self.hooks if one["id"] == name)
            self.assertEqual((hook["language"], hook["pass_filenames"]), ("system", False))
            done = self.done(["env", *shlex.split(hook["entry"])], check=False)
        self.assertFalse(list(self.folder.rglob("pwned*")))
        return done.returncode, done.stdout

    def test_a_key_is_refused_and_its_removal_passes(self):
        for name in ("vedette-secrets", "vedette-ci"):
            with self.subTest(name=name):
                self.assertEqual(self.hook(name)[0], 0)
                for number, file in enumerate(HOSTILE_FILES):
                    self.stage(file, f"token = '{token(number)}'\n")
                code, output = self.hook(name)
                self.assertEqual(code, 1, output)
                self.assertIn("touch pwned", output)
                self.assertNotIn(token(0), output)
                for file in HOSTILE_FILES:
                    self.stage(file, "token = None\n")
                self.assertEqual(self.hook(name)[0], 0)

    def test_a_commit_is_refused(self):
        if shutil.which("pre-commit") is None:
            self.skipTest("no pre-commit here (Debian: pre-commit)")
        self.done(["pre-commit", "install"])
        self.done(["git", "commit", "-q", "-m", "clean"])
        self.stage("settings.py", f"token = '{token(9)}'\n")
        self.assertNotEqual(self.done(["git", "commit", "-q", "-m", "key"], check=False).returncode, 0)
        self.assertEqual(self.done(["git", "log", "--oneline"]).stdout.count("\n"), 1)

    def test_a_missing_program_is_told(self):
        self.environment["PATH"] = os.environ["PATH"]
        code, output = self.hook("vedette-ci")
        self.assertNotEqual(code, 0)
        self.assertIn("vedette", output)


class ContainerImage(unittest.TestCase):
    """What the last stage of the Containerfile holds, run as its user and without anything else."""

    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("not root")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.root.chmod(0o755)

    def test_the_collected_files_scan_without_privileges(self):
        subprocess.run([PROJECT / "packaging" / "image" / "collect.sh", VEDETTE, self.root], check=True,
                       capture_output=True, timeout=120)
        self.assertEqual([path.name for path in (self.root / "usr" / "bin").iterdir()], [pathlib.Path(VEDETTE).name])
        (self.root / "proc").mkdir()
        (self.root / "work").mkdir()
        (self.root / "work" / "settings.py").write_text(f"token = '{token(1)}'\n")
        (self.root / "home" / "vedette").mkdir(parents=True)
        os.chown(self.root / "home" / "vedette", 65532, 65532)
        done = subprocess.run(
            ["unshare", "--mount", "--pid", "--net", "--fork", f"--mount-proc={self.root}/proc", "/usr/sbin/chroot",
             "--userspec=65532:65532", str(self.root), f"/usr/bin/{pathlib.Path(VEDETTE).name}", "ci", "--format=json",
             "/work"], env={"HOME": "/home/vedette"}, capture_output=True, text=True, timeout=120)
        if done.stderr.startswith("unshare"):
            self.skipTest("no name spaces here: " + done.stderr.strip())
        self.assertEqual(done.returncode, 1, done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual((len(report["judgements"]), report["incomplete"]), (1, False))
        # SQLite, which is opened by name, is there: results are kept.
        self.assertNotIn("expected", done.stderr)
        self.assertTrue(list((self.root / "home" / "vedette" / ".cache" / "vedette").glob("results-*.db")))

    def test_the_recipe_ends_without_privileges(self):
        lines = (PROJECT / "packaging" / "image" / "Containerfile").read_text().splitlines()
        stages = [number for number, line in enumerate(lines) if line.startswith("FROM ")]
        self.assertEqual(lines[stages[-1]], "FROM scratch")
        for number in stages[1:]:
            self.assertIn("USER 65532:65532", lines[number:])
        self.assertIn('ENTRYPOINT ["/usr/bin/vedette"]', lines[stages[-1]:])


class Documentation(unittest.TestCase):
    """What docs/ci-templates.md shows to copy is what the templates take."""

    def setUp(self):
        text = MANUAL.read_text()
        self.snippets = {}
        for part in text.split("\n## ")[1:]:
            title, _, rest = part.partition("\n")
            self.snippets[title] = re.findall(r"^```\w*\n(.*?)^```$", rest, re.MULTILINE | re.DOTALL)

    def read(self, title):
        return yaml.safe_load(self.snippets[title][0])

    def test_github(self):
        steps = self.read("GitHub")["jobs"]["vedette"]["steps"]
        (ours,) = (step for step in steps if step["uses"].startswith("example/vedette@"))
        action = yaml.safe_load(ACTION.read_text())
        self.assertLessEqual(set(ours["with"]), set(action["inputs"]))
        for step in steps[:-1]:
            self.assertRegex(step["uses"], "@[0-9a-f]{40}$")

    def test_gitlab(self):
        (include,) = self.read("GitLab")["include"]
        self.assertTrue(include["component"].partition("@")[0].endswith("/vedette"))
        self.assertEqual(list(GitLab.interpolated(COMPONENT.read_text(), include["inputs"])), ["vedette"])

    def test_jenkins(self):
        text = JENKINSFILE.read_text()
        for name in re.findall(r"^\w+", self.snippets["Jenkins"][0], re.MULTILINE):
            self.assertIn(f"  {name} = ''", text)

    def test_tekton(self):
        spec = yaml.safe_load(TASK.read_text())["spec"]
        shown = self.read("Tekton")
        for kind in ("params", "workspaces"):
            self.assertLessEqual({row["name"] for row in shown[kind]}, {row["name"] for row in spec[kind]})

    def test_make(self):
        text = MAKEFILE.read_text()
        for name in re.findall(r"VEDETTE_\w+(?==)", self.snippets["Make"][1]):
            self.assertIn(f"{name} ?=", text)

    def test_pre_commit(self):
        hooks = yaml.safe_load((PROJECT / ".pre-commit-hooks.yaml").read_text())
        self.assertLessEqual({row["id"] for row in self.read("pre-commit")[0]["hooks"]}, {row["id"] for row in hooks})


class OtherTools(unittest.TestCase):
    """What the systems' own schemas and linters say, where they are installed."""

    def tool(self, *command, text=None):
        if shutil.which(command[0]) is None:
            self.skipTest(f"no {command[0]} here")
        done = subprocess.run(command, input=text, cwd=PROJECT, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_schema_of_github_actions(self):
        self.tool("check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml")

    def test_the_schema_of_gitlab(self):
        head = yaml.safe_load(COMPONENT.read_text().split("\n---\n")[0])
        job = {**head, **GitLab.interpolated(COMPONENT.read_text(), {"container": IMAGE})}
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            file.write(json.dumps(job))
            file.flush()
            self.tool("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", file.name)

    def test_actionlint(self):
        with tempfile.TemporaryDirectory() as folder:
            workflows = pathlib.Path(folder) / ".github" / "workflows"
            workflows.mkdir(parents=True)
            shutil.copy(ACTION, folder)
            shown = MANUAL.read_text().split("## GitHub")[1].split("```")[1].removeprefix("yaml\n")
            (workflows / "gate.yml").write_text(shown.replace("example/vedette@v0.1.0", "./"))
            subprocess.run(["git", "init", "-q", folder], check=True)
            self.tool("actionlint", str(workflows / "gate.yml"))

    def test_shellcheck(self):
        action = yaml.safe_load(ACTION.read_text())
        job = GitLab.interpolated(COMPONENT.read_text(), {"container": IMAGE})["vedette"]
        task = yaml.safe_load(TASK.read_text())
        jenkins = JENKINSFILE.read_text().split("'''")[1].replace("\\\\", "\\")
        for script in (*(step["run"] for step in action["runs"]["steps"] if "run" in step), *job["script"],
                       task["spec"]["steps"][0]["script"], jenkins):
            self.tool("shellcheck", "-s", "sh", "-", text=script)

    def test_hadolint(self):
        self.tool("hadolint", "packaging/image/Containerfile")


if __name__ == "__main__":
    unittest.main()
