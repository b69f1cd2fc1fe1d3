# SPDX-License-Identifier: Apache-2.0
"""The templates for CI systems, each run from its own text: the same story for all of them."""
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import comment_server
from ci_systems import (COMPONENT, HOSTILE_BRANCH, HOSTILE_FILES, IMAGE, JENKINSFILE, MAKEFILE, GitHub, GitLab, Kept,
                        Machine, Ran, Tekton)
from ci_test import VEDETTE, token


class Template:
    """What must hold for every system; each subclass says how a job is run there."""
    incomplete_may_warn = True

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.origin = self.folder / "origin"
        self.origin.mkdir()
        self.git("init", "-q", "-b", "main")
        self.kept = Kept(self.folder / "kept-cache", self.folder / "kept-uploads")
        self.kept.cache.mkdir()
        self.kept.uploads.mkdir()
        self.write("README.md", "nothing to see\n")
        self.write("app/main.py", "value = 1\n")
        self.commit("first")

    def git(self, *arguments):
        return subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments], cwd=self.origin,
                              check=True, capture_output=True, text=True, timeout=60).stdout.strip()

    def write(self, name, content):
        path = self.origin / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    def commit(self, message):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def branch(self, name):
        self.git("checkout", "-q", "-b", name)

    def leak(self, name="app/settings.py", seed=1):
        self.write(name, f"token = '{token(seed)}'\n")
        self.commit("a key")

    def job(self, branch="topic", target="main", **settings):
        """One job on a fresh machine, for a request of `branch` into `target`, or of the branch itself."""
        machine = Machine(self.folder, self.origin, branch)
        ran = self.run_job(machine, branch, target, {"program": VEDETTE, **settings})
        self.assertNotIn(comment_server.TOKEN, ran.output)
        self.assertFalse(list(self.folder.rglob("pwned*")), ran.output)
        return ran

    def code(self, ran, code):
        self.assertEqual(ran.code, code, ran.output)

    def verdict(self, ran):
        return json.loads((ran.reports / "verdict.json").read_text())

    def stage(self, ran, name):
        stages = json.loads((ran.reports / "stages.json").read_text())["stages"]
        return next(one for one in stages if one["name"] == name)

    def test_a_key_is_blocked_and_its_removal_passes(self):
        self.branch("clean")
        self.write("app/main.py", "value = 2\n")
        self.commit("better")
        self.git("checkout", "-q", "main")
        self.branch("topic")
        self.leak()
        ran = self.job()
        self.code(ran, 1)
        report = self.verdict(ran)
        self.assertTrue(report["compared_with_base"])
        self.assertEqual([one["finding"]["place"]["path"] for one in report["judgements"]], ["app/settings.py"])
        self.assertTrue(json.loads((ran.reports / "vedette.sarif").read_text())["runs"][0]["results"])
        self.assertTrue(ran.saved)
        self.assertNotIn(token(1), ran.output)
        self.blocked(ran)
        self.code(self.job("clean"), 0)

    def blocked(self, ran):
        """What else the system shows of a blocked run."""

    def test_an_incomplete_run_is_told_apart(self):
        for number in range(300):
            self.write(f"src/{number}.py", f"# {number}\n" + "value = 1\n" * 2000)
        self.commit("many")
        ran = self.job("main", None, budget="1ms")
        self.code(ran, 3)
        self.assertIn("incomplete", ran.output)
        self.assertTrue(self.verdict(ran)["incomplete"])
        if self.incomplete_may_warn:
            ran = self.job("main", None, budget="1ms", incomplete="warn")
            self.code(ran, 0)
            self.assertIn("incomplete", ran.output)
            self.leak()
            self.code(self.job("main", None, incomplete="warn"), 1)

    def test_a_new_machine_takes_what_was_known(self):
        for number in range(30):
            self.write(f"src/{number}.py", f"# {number}\nvalue = 1\n")
        self.commit("many")
        cold = self.job("main", None)
        self.code(cold, 0)
        self.assertTrue(cold.saved)
        self.assertEqual(self.stage(cold, "secrets")["cached"], 0)
        warm = self.job("main", None)
        self.code(warm, 0)
        self.assertGreater(self.stage(warm, "secrets")["cached"], 30)

    def test_names_of_branches_and_files_run_nothing(self):
        self.branch(HOSTILE_BRANCH)
        self.git("checkout", "-q", "-b", "topic")
        for number, name in enumerate(HOSTILE_FILES):
            self.write(f"app/{name}", f"token = '{token(20 + number)}'\n")
        self.commit("$(touch pwned)")
        ran = self.job("topic", HOSTILE_BRANCH)
        self.code(ran, 1)
        self.assertEqual(len(self.verdict(ran)["judgements"]), len(HOSTILE_FILES))
        self.assertNotIn("::error::forged", ran.output.splitlines())
        self.git("checkout", "-q", HOSTILE_BRANCH)
        self.code(self.job(HOSTILE_BRANCH, "main"), 0)

    def test_settings_run_nothing(self):
        for name in ("database", "base", "images", "budget", "arguments", "version", "program"):
            ran = self.job("main", None, **{name: "$(touch pwned);`touch pwned`"})
            self.assertIn(ran.code, (2, 3), (name, ran.output))
        ran = self.job("main", None, images="*.md")  # no pattern of file names either
        self.code(ran, 3)
        self.assertEqual(self.stage(ran, "image")["target"], "*.md")

    def test_the_program_is_looked_for(self):
        for program in ("/missing/vedette", "vedette-that-is-missing"):
            ran = self.job("main", None, program=program)
            self.code(ran, 2)
            self.assertIn(f"expected a program at {program}, found none", ran.output)
        ran = self.job("main", None, program="/bin/true")
        self.code(ran, 2)
        self.assertIn("version", ran.output)
        ran = self.job("main", None, version="0.0.1")
        self.code(ran, 2)
        self.assertIn("expected version 0.0.1, found", ran.output)
        found = subprocess.run([VEDETTE, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
        self.code(self.job("main", None, version=found), 0)

    def test_other_settings_arrive(self):
        self.branch("topic")
        self.leak()
        self.git("checkout", "-q", "-b", "more")
        self.write("b.py", "value = 2\n")
        self.write("c.py", f"token = '{token(2)}'\n")
        self.commit("more")
        ran = self.job("more", None, base="origin/topic", images="one.tar two.tar",
                       arguments="--without=models --exclude=/b.py")
        self.code(ran, 1)
        self.assertEqual([one["finding"]["place"]["path"] for one in self.verdict(ran)["judgements"]], ["c.py"])
        stages = json.loads((ran.reports / "stages.json").read_text())["stages"]
        self.assertEqual([one["target"] for one in stages if one["name"] == "image"], ["one.tar", "two.tar"])
        self.assertEqual(self.stage(ran, "models")["reason"], "it was not asked for")
        ran = self.job("main", None, database="missing.db", arguments="--without=history")
        self.code(ran, 3)
        self.assertIn("missing.db", json.dumps(self.verdict(ran)))

    def test_no_verdict_is_no_pass(self):
        self.write("vedette.yaml", "version: 1\ngate:\n  tierz: []\n")
        self.commit("broken")
        ran = self.job("main", None, **({"incomplete": "warn"} if self.incomplete_may_warn else {}))
        self.code(ran, 2)
        self.assertIn("tiers", ran.output)


class WithComment:
    """Systems that can post the verdict."""
    services = (comment_server.GitHub,)

    def test_the_verdict_is_posted_where_it_is_asked_for(self):
        self.branch("topic")
        self.leak()
        for service in self.services:
            self.service = service()
            self.addCleanup(self.service.close)
            self.code(self.job(), 1)
            self.assertEqual(self.service.requests, [])
            ran = self.job(comment=self.asked(self.service))
            self.code(ran, 1)
            self.assertEqual(self.service.wrong, [])
            self.assertEqual(len(self.service.bodies()), 1, ran.output)
            self.assertIn("must not be merged", self.service.bodies()[0])

    def asked(self, service):
        return "gitlab" if isinstance(service, comment_server.GitLab) else "github"


class GitHubAction(WithComment, Template, unittest.TestCase):
    service = None
    fork = False

    def asked(self, _):
        return "true"

    def run_job(self, machine, branch, target, settings):
        event = {"pull_request": {"number": 7, "head": {"repo": {"fork": self.fork}}}} if target else {}
        runs = len(list(self.folder.glob("event-*")))
        (self.folder / f"event-{runs}").write_text(json.dumps(event))
        self.summary = machine.scratch / "summary"
        self.summary.write_text("before\n")
        environment = {"GITHUB_WORKSPACE": str(machine.work), "RUNNER_TEMP": str(machine.scratch / "runner temp"),
                       "GITHUB_STEP_SUMMARY": str(self.summary), "GITHUB_REPOSITORY": "acme/shop",
                       "GITHUB_ACTIONS": "true", "GITHUB_BASE_REF": target or "",
                       "GITHUB_EVENT_PATH": str(self.folder / f"event-{runs}"),
                       "GITHUB_HEAD_REF": branch if target else "",
                       "GITHUB_REF": "refs/pull/7/merge" if target else f"refs/heads/{branch}"}
        if self.service:
            environment["GITHUB_API_URL"] = self.service.api_url
        contexts = {"runner": {"os": "Linux", "arch": "X64"}, "github": {
            "job": "gate", "run_id": str(100 + runs), "run_attempt": "1", "event": event, "token": comment_server.TOKEN}}
        return GitHub(machine, self.kept, contexts, environment).run(settings)

    def blocked(self, ran):
        self.assertEqual((ran.told["verdict"], ran.told["exit-code"]), ("blocked", "1"))
        self.assertIn("::error file=app/settings.py", ran.output)
        self.assertTrue(self.summary.read_text().startswith("before\n"))
        self.assertIn("app/settings.py", self.summary.read_text())

    def test_what_is_not_asked_for_is_not_done(self):
        self.branch("topic")
        self.leak()
        ran = self.job(cache="false", artifact="", **{"code-scanning": "true"})
        self.code(ran, 1)
        self.assertFalse(ran.saved)
        self.assertIsNone(ran.reports)
        self.assertEqual(len(ran.told["shown"]["runs"][0]["results"]), 1)
        self.assertEqual(list(self.kept.cache.iterdir()), [])

    def test_a_fork_is_not_commented_on(self):
        self.branch("topic")
        self.write("app/main.py", "value = 2\n")
        self.commit("better")
        self.service, self.fork = comment_server.GitHub(), True
        self.addCleanup(self.service.close)
        ran = self.job(comment="true")
        self.code(ran, 0)
        self.assertEqual(self.service.requests, [])
        self.assertIn("::notice title=Vedette::no comment", ran.output)

    def test_kept_results_are_sealed(self):
        self.job("main", None, **{"cache-secret": "ours"})
        ran = self.job("main", None, **{"cache-secret": "theirs"})
        self.assertIn("nothing was taken", ran.output)


class GitLabComponent(WithComment, Template, unittest.TestCase):
    incomplete_may_warn = False
    services = (comment_server.GitLab,)
    service = None
    more = {}
    shell = ("bash", "-eo", "pipefail")

    def asked(self, _):
        return True

    def run_job(self, machine, branch, target, settings):
        environment = {"GITLAB_CI": "true", "CI_COMMIT_REF_NAME": branch, "CI_PROJECT_ID": "1",
                       "GITLAB_TOKEN": comment_server.TOKEN}
        if target:
            base = subprocess.run(["git", "merge-base", "HEAD", f"origin/{target}"], cwd=machine.work, check=True,
                                  capture_output=True, text=True).stdout.strip()
            environment |= {"CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
                            "CI_MERGE_REQUEST_PROJECT_ID": "group/shop", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": target,
                            "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": branch, "CI_PIPELINE_SOURCE": "merge_request_event"}
        if self.service:
            environment["CI_API_V4_URL"] = self.service.api_url
        environment |= self.more
        return GitLab(machine, self.kept, environment, self.shell).run({"container": IMAGE, **settings})

    def blocked(self, ran):
        self.assertEqual(set(ran.told), {"codequality", "dependency_scanning", "secret_detection"})
        self.assertEqual(ran.told["codequality"][0]["location"]["path"], "app/settings.py")
        self.assertEqual(len(ran.told["secret_detection"]["vulnerabilities"]), 1)

    def test_a_fork_is_not_commented_on(self):
        self.branch("topic")
        self.write("app/main.py", "value = 2\n")
        self.commit("better")
        self.service, self.more = comment_server.GitLab(), {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "group/fork"}
        self.addCleanup(self.service.close)
        ran = self.job(comment=True)
        self.code(ran, 0)
        self.assertEqual(self.service.requests, [])
        self.assertIn("no comment", ran.output)

    def test_a_shell_without_bash_will_do(self):
        self.shell = ("sh", "-e")
        self.branch("topic")
        self.leak()
        self.code(self.job(), 1)

    def test_a_variable_as_an_input_is_only_a_value(self):
        self.branch(HOSTILE_BRANCH)
        ran = self.job(HOSTILE_BRANCH, None, base="$CI_COMMIT_REF_NAME")
        self.code(ran, 0)
        self.assertTrue(self.verdict(ran)["compared_with_base"])

    def test_the_job_is_as_the_component_was_asked(self):
        jobs = GitLab.interpolated(COMPONENT.read_text(),
                                   {"container": IMAGE, "job-name": "security", "stage": "check"})
        (name, job), = jobs.items()
        self.assertEqual((name, job["stage"], job["image"]["entrypoint"]), ("security", "check", [""]))
        with self.assertRaises(ValueError):
            GitLab.interpolated(COMPONENT.read_text(), {})


class TektonTask(WithComment, Template, unittest.TestCase):
    services = (comment_server.GitHub, comment_server.GitLab)
    service = None

    def run_job(self, machine, branch, target, settings):
        tekton = Tekton(machine, self.kept)
        lists = {name: settings[name].split(" ") for name in ("images", "arguments") if name in settings}
        settings |= lists
        if target:
            settings["base"] = f"origin/{target}"
        if settings.get("comment"):
            tekton.credentials.mkdir()
            (tekton.credentials / "token").write_text(comment_server.TOKEN)
            github = settings["comment"] == "github"
            settings |= {"repository": "acme/shop" if github else "group/shop", "request": "7"}
            # Where the interface is not the public one it is one more argument.
            settings["arguments"] = [f"--comment-api-url={self.service.api_url}"]
        ran = tekton.run({"container": IMAGE, **settings})
        self.assertEqual(set(ran.told), {"exit-code", "verdict"}, ran.output)
        return ran

    def blocked(self, ran):
        self.assertEqual(ran.told, {"exit-code": "1", "verdict": "blocked"})

    def test_arguments_keep_their_blanks(self):
        self.write("with blank.py", f"token = '{token(3)}'\n")
        self.write("b.py", f"token = '{token(4)}'\n")
        self.commit("keys")
        machine = Machine(self.folder, self.origin, "main")
        ran = Tekton(machine, self.kept, with_cache=False).run({
            "container": IMAGE, "program": VEDETTE, "arguments": ["--exclude=with blank.py", "--without=history"],
            "images": ["an image.tar", "--help"]})
        self.code(ran, 1)
        self.assertFalse(ran.saved)
        self.assertEqual([one["finding"]["place"]["path"] for one in self.verdict(ran)["judgements"]], ["b.py"])

    def test_least_privilege(self):
        (step,) = Tekton(Machine(self.folder, self.origin, "main"), self.kept).task["spec"]["steps"]
        self.assertEqual(step["securityContext"], {
            "runAsNonRoot": True, "runAsUser": 65532, "runAsGroup": 65532, "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"}})


class JenkinsStage(WithComment, Template, unittest.TestCase):
    services = (comment_server.GitHub, comment_server.GitLab)
    service = None

    def setUp(self):
        if shutil.which("groovy") is None or shutil.which("java") is None:
            self.skipTest("no groovy here (Debian: groovy), which a Jenkinsfile is written in")
        super().setUp()

    def run_job(self, machine, branch, target, settings):
        text = JENKINSFILE.read_text()
        cache = self.kept.cache / "shared"
        settings = {"cache": str(cache), **settings}
        environment = {"WORKSPACE": str(machine.work), "JENKINS_URL": "https://jenkins.example", "BRANCH_NAME": branch}
        if target:
            environment |= {"CHANGE_ID": "7", "CHANGE_TARGET": target, "CHANGE_BRANCH": branch}
        if settings.get("comment"):
            repository = "acme/shop" if settings["comment"] == "github" else "group/shop"
            settings |= {"repository": repository, "credentials": "forge",
                         "arguments": f"--comment-api-url={self.service.api_url}"}
        for name, value in settings.items():
            text, count = re.subn(rf"(VEDETTE_{name.upper()}) = '[^']*'", lambda found: f"{found[1]} = '{value}'", text)
            self.assertEqual(count, 1, name)
        (machine.root / "Jenkinsfile").write_text(text)
        given = {"jenkinsfile": str(machine.root / "Jenkinsfile"), "workspace": str(machine.work),
                 "scratch": str(machine.scratch), "environment": machine.environment(environment),
                 "credentials": {"forge": comment_server.TOKEN}, "result": str(machine.root / "result")}
        (machine.root / "given").write_text(json.dumps(given))
        java = pathlib.Path(shutil.which("java")).resolve().parents[1]
        runner = pathlib.Path(__file__).parent / "jenkins_stage.groovy"
        done = machine.run(["groovy", str(runner), str(machine.root / "given")], {"JAVA_HOME": str(java)})
        self.assertEqual(done.returncode, 0, done.stdout)
        result = json.loads((machine.root / "result").read_text())
        self.assertEqual(len(result["codes"]), 1, done.stdout)
        self.assertEqual(result["kept"], {"artifacts": ".vedette/reports/*", "junit": ".vedette/reports/vedette.xml"})
        code = result["codes"][0]
        expected = {0: "SUCCESS", 3: "UNSTABLE"} if settings.get("incomplete") == "warn" else {0: "SUCCESS"}
        self.assertEqual(result["result"], expected.get(code, "FAILURE"))
        for said in result["said"]:
            self.assertIn(f"(exit code {code})", said)
        reports = machine.work / ".vedette" / "reports"
        return Ran(0 if result["result"] != "FAILURE" else code, done.stdout + "\n".join(result["said"]),
                   reports if reports.is_dir() else None, cache.is_dir(), result)

    def blocked(self, ran):
        self.assertEqual(ran.told["said"], ["vedette: blocked (exit code 1)"])
        self.assertIn("<failure", (ran.reports / "vedette.xml").read_text())


class MakeTarget(Template, unittest.TestCase):
    target = "vedette"
    left = False

    def run_job(self, machine, branch, target, settings):
        (machine.work / "Makefile").write_text(f"include {MAKEFILE}\n")
        if self.left:
            (machine.work / ".vedette").mkdir()
            (machine.work / ".vedette" / "left.py").write_text(f"token = '{token(1)}'\n")
        names = {"program": "VEDETTE"}
        environment = {names.get(name, f"VEDETTE_{name.upper()}"): value for name, value in settings.items()}
        environment |= {"VEDETTE_CACHE": str(self.kept.cache / "shared")}
        if target:
            environment["VEDETTE_BASE"] = f"origin/{target}"
        done = machine.run(["make", "--no-print-directory", self.target], environment)
        told = re.findall(r"^make: \*\*\* \[.*\] Error (\d+)$", done.stdout, re.MULTILINE)
        # make's own code is 2 whatever failed; the code is in its message and in the file.
        self.assertEqual(done.returncode, 2 if told else 0, done.stdout)
        code = int(told[0]) if told else 0
        reports = machine.work / ".vedette" / "reports"
        written = reports / "exit-code"
        if written.is_file() and settings.get("incomplete") != "warn":
            self.assertEqual(int(written.read_text()), code)
        return Ran(code, done.stdout, reports if reports.is_dir() else None, (self.kept.cache / "shared").is_dir())

    def test_functions_of_make_in_settings_run_nothing(self):
        for name in ("base", "images", "arguments", "program"):
            ran = self.job("main", None, **{name: "$(shell touch pwned)"})
            self.assertIn(ran.code, (2, 3), ran.output)

    def test_what_an_earlier_run_left_is_passed_over(self):
        self.left = True
        self.code(self.job("main", None), 0)

    def test_staged(self):
        self.target = "vedette-staged"
        self.code(self.job("main", None), 0)



if __name__ == "__main__":
    unittest.main()
