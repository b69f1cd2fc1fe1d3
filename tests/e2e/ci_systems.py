# SPDX-License-Identifier: Apache-2.0
"""What a CI system does with a template: small runners that read the template's own text and run its steps.

Each run is on a machine of its own: a fresh clone, home and temporary folder. What outlives it is what the system keeps,
in `Kept`. Steps of others (caches, uploads) are played by what they promise.
"""
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import yaml
except ImportError:
    print("skip: no module yaml for python3 (package python3-yaml)")
    sys.exit(0)

PROJECT = pathlib.Path(__file__).resolve().parents[2]
ACTION = PROJECT / "action.yml"
COMPONENT = PROJECT / "templates" / "vedette.yml"
JENKINSFILE = PROJECT / "packaging" / "ci" / "jenkins" / "Jenkinsfile"
TASK = PROJECT / "packaging" / "ci" / "tekton" / "vedette-task.yaml"
MAKEFILE = PROJECT / "packaging" / "ci" / "make" / "vedette.mk"
IMAGE = "registry.example/vedette-ci@sha256:0"  # of jobs; the tests have no containers
TIMEOUT_SECONDS = 120

# Names that would do something, were they pasted into a script or printed as they are.
HOSTILE_BRANCH = "a$(touch${IFS}pwned)`touch${IFS}pwned`\";touch${IFS}pwned;'&touch${IFS}pwned&"
HOSTILE_FILES = ["$(touch pwned).py", "`touch pwned`.py", "; touch pwned;.py", "-rf.py", "a\n::error::forged\n.py",
                 "it's \" quoted.py"]


@dataclasses.dataclass
class Kept:
    """What a CI system keeps between jobs."""
    cache: pathlib.Path
    uploads: pathlib.Path


@dataclasses.dataclass
class Ran:
    code: int
    output: str = ""
    reports: pathlib.Path | None = None  # what was uploaded
    saved: bool = False  # the cache was kept
    told: dict = dataclasses.field(default_factory=dict)  # outputs, results, summaries


class Machine:
    """A fresh machine with a clone of `origin` at `branch`."""

    def __init__(self, folder, origin, branch):
        self.root = pathlib.Path(tempfile.mkdtemp(dir=folder))
        self.work = self.root / "work space"
        self.home, self.scratch = self.root / "home", self.root / "scratch"
        self.home.mkdir()
        self.scratch.mkdir()
        subprocess.run(["git", "clone", "-q", "--branch", branch, str(origin), str(self.work)], check=True,
                       capture_output=True, timeout=60)

    def environment(self, more):
        return {"PATH": os.environ["PATH"], "HOME": str(self.home), "TMPDIR": str(self.scratch),
                "VEDETTE_CONTENT": str(PROJECT / "content"), **more}

    def run(self, command, environment):
        return subprocess.run(command, cwd=self.work, env=self.environment(environment), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                              timeout=TIMEOUT_SECONDS, check=False)

    def script(self, text, environment, shell=("sh", "-e"), arguments=()):
        path = self.scratch / "script"
        path.write_text(text)
        return self.run([*shell, str(path), *arguments], environment)


def keep(source, target):
    """Copies a folder that must be there over what was kept."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)


class Expression:
    """GitHub's expressions, as far as an action needs them: names, strings, == != && || ! and calls."""
    tokens = re.compile(r"\s*(==|!=|&&|\|\||[!()]|'(?:[^']|'')*'|[A-Za-z_][\w.-]*)")

    def __init__(self, text, contexts, functions):
        self.list, at = [], 0
        while at < len(text.rstrip()):
            found = self.tokens.match(text, at)
            if not found:
                raise ValueError(f"an expression that the runner does not know: {text}")
            self.list.append(found[1])
            at = found.end()
        self.contexts, self.functions = contexts, functions

    def value(self):
        answer = self.either()
        if self.list:
            raise ValueError(f"the end of an expression, found {self.list}")
        return answer

    def taken(self, token):
        if self.list and self.list[0] == token:
            self.list.pop(0)
            return True
        return False

    def either(self):
        left = self.both()
        while self.taken("||"):
            right = self.both()
            left = left or right
        return left

    def both(self):
        left = self.compared()
        while self.taken("&&"):
            right = self.compared()
            left = left and right
        return left

    def compared(self):
        left = self.single()
        if self.taken("=="):
            return self.text(left) == self.text(self.single())
        if self.taken("!="):
            return self.text(left) != self.text(self.single())
        return left

    def single(self):
        if self.taken("!"):
            return not self.single()
        if self.taken("("):
            answer = self.either()
            assert self.taken(")"), self.list
            return answer
        token = self.list.pop(0)
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if self.taken("("):
            assert self.taken(")"), "a call without arguments"
            return self.functions[token]()
        answer = self.contexts
        for part in token.split("."):
            answer = answer.get(part) if isinstance(answer, dict) else None
        return answer

    @staticmethod
    def text(value):
        return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


class GitHub:
    """Runs the steps of a composite action."""

    def __init__(self, machine, kept, contexts, environment):
        self.action = yaml.safe_load(ACTION.read_text())
        self.machine, self.kept, self.failed = machine, kept, None
        self.contexts, self.environment = {"steps": {}, **contexts}, environment
        self.ran = Ran(0)

    def evaluate(self, text):
        functions = {"always": lambda: True, "success": lambda: self.failed is None}
        return Expression(text, self.contexts, functions).value()

    def filled(self, text):
        return re.sub(r"\$\{\{(.*?)\}\}", lambda found: Expression.text(self.evaluate(found[1])), str(text))

    def inputs(self, given):
        unknown = set(given) - set(self.action["inputs"])
        if unknown:
            raise ValueError(f"unknown inputs {unknown}")
        return {name: given.get(name, self.filled(row.get("default", ""))) for name, row in self.action["inputs"].items()}

    def run(self, given):
        self.contexts["inputs"] = self.inputs(given)
        for step in self.action["runs"]["steps"]:
            condition = step.get("if", "success()")
            if "always()" not in condition:
                condition = f"success() && ({condition})"
            if not self.evaluate(condition):
                continue
            code, outputs = self.called(step) if "uses" in step else self.step(step)
            self.contexts["steps"][step.get("id", "")] = {"outputs": outputs}
            if code and self.failed is None:
                self.failed = code
        self.ran.code = self.failed or 0
        self.ran.told.update({name: self.filled(row["value"]) for name, row in self.action["outputs"].items()})
        return self.ran

    def step(self, step):
        if "${{" in step["run"]:
            raise ValueError("an expression is pasted into a script")
        output = self.machine.scratch / f"output-{len(self.contexts['steps'])}"
        output.touch()
        values = {name: self.filled(value) for name, value in step.get("env", {}).items()}
        done = self.machine.script(step["run"], {**self.environment, **values, "GITHUB_OUTPUT": str(output)})
        self.ran.output += done.stdout
        return done.returncode, dict(line.split("=", 1) for line in output.read_text().splitlines())

    def called(self, step):
        name, _, version = step["uses"].partition("@")
        if not re.fullmatch(r"[0-9a-f]{40}", version):
            raise ValueError(f"{name} is not pinned to a commit")
        values = {key: self.filled(value) for key, value in step["with"].items()}
        play = {"actions/cache/restore": self.restore, "actions/cache/save": self.save,
                "actions/upload-artifact": self.upload, "github/codeql-action/upload-sarif": self.show}[name]
        play(values)
        return 0, {}

    def restore(self, values):
        assert values["path"], "a path to restore"
        wanted = [values["key"], *values["restore-keys"].split()]
        for prefix in wanted:
            for entry in sorted(self.kept.cache.glob("*"), key=lambda one: one.stat().st_mtime, reverse=True):
                if entry.name.startswith(prefix):
                    keep(entry, values["path"])
                    return

    def save(self, values):
        if pathlib.Path(values["path"]).is_dir() and not (self.kept.cache / values["key"]).exists():
            keep(values["path"], self.kept.cache / values["key"])
            self.ran.saved = True

    def upload(self, values):
        if pathlib.Path(values["path"]).is_dir():
            keep(values["path"], self.kept.uploads / values["name"])
            self.ran.reports = self.kept.uploads / values["name"]

    def show(self, values):
        self.ran.told["shown"] = json.loads(pathlib.Path(values["sarif_file"]).read_text())


class GitLab:
    """Runs the job of a component."""

    def __init__(self, machine, kept, environment, shell=("bash", "-eo", "pipefail")):
        self.machine, self.kept, self.environment, self.shell = machine, kept, environment, shell
        self.text = COMPONENT.read_text()

    @staticmethod
    def interpolated(text, given):
        """The job of the component: the header's inputs are put into the text before it is read."""
        head, body = re.split(r"^---$", text, maxsplit=1, flags=re.MULTILINE)
        rows = yaml.safe_load(head)["spec"]["inputs"]
        if set(given) - set(rows):
            raise ValueError(f"unknown inputs {set(given) - set(rows)}")
        values = {}
        for name, row in rows.items():
            if name not in given and "default" not in row:
                raise ValueError(f"the input {name} is missing")
            value = given.get(name, row.get("default"))
            if row.get("type") == "boolean":
                assert isinstance(value, bool), name
            values[name] = str(value).lower() if isinstance(value, bool) else value
        return yaml.safe_load(re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda found: values[found[1]], body))

    def run(self, given):
        (job,) = self.interpolated(self.text, given).values()
        for line in job["script"]:
            assert "$[[" not in line
        cache, artifacts = job["cache"], job["artifacts"]
        stored = self.kept.cache / cache["key"]
        for path in cache["paths"]:
            if (stored / path).is_dir():
                keep(stored / path, self.machine.work / path)
        # The runner expands variables in variables, once, and hands them to the shell quoted.
        values = {name: re.sub(r"\$(\w+)", lambda found: self.environment.get(found[1], ""), str(value))
                  for name, value in job["variables"].items()}
        done = self.machine.script("\n".join(job["script"]), {**self.environment, **values,
                                   "CI_PROJECT_DIR": str(self.machine.work)}, self.shell)
        ran = Ran(done.returncode, done.stdout)
        for path in cache["paths"]:
            if (done.returncode == 0 or cache["when"] == "always") and (self.machine.work / path).is_dir():
                keep(self.machine.work / path, stored / path)
                ran.saved = True
        for path in artifacts["paths"]:
            if (done.returncode == 0 or artifacts["when"] == "always") and (self.machine.work / path).is_dir():
                keep(self.machine.work / path, self.kept.uploads / "reports")
                ran.reports = self.kept.uploads / "reports"
        ran.told = {kind: json.loads((self.machine.work / path).read_text())
                    for kind, path in artifacts["reports"].items() if (self.machine.work / path).is_file()}
        return ran


class Tekton:
    """Runs the step of a Task."""

    def __init__(self, machine, kept, with_cache=True):
        self.task = yaml.safe_load(TASK.read_text())
        self.machine, self.kept, self.with_cache = machine, kept, with_cache
        self.credentials = machine.root / "credentials"

    def paths(self):
        bound = {"source": self.machine.work, "cache": self.kept.cache if self.with_cache else "",
                 "credentials": self.credentials if self.credentials.is_dir() else ""}
        declared = {row["name"]: row.get("optional", False) for row in self.task["spec"]["workspaces"]}
        assert declared == {"source": False, "cache": True, "credentials": True}
        results = [row["name"] for row in self.task["spec"]["results"]]
        return {f"workspaces.{name}.path": str(path) for name, path in bound.items()} | {
            f"results.{name}.path": str(self.machine.scratch / name) for name in results}

    def run(self, given):
        spec, values = self.task["spec"], {}
        for row in spec["params"]:
            value = given.pop(row["name"], row.get("default"))
            if value is None:
                raise ValueError(f"the parameter {row['name']} is missing")
            assert isinstance(value, list) == (row.get("type") == "array"), row["name"]
            values[f"params.{row['name']}"] = value
        assert not given, given
        values |= self.paths()
        (step,) = spec["steps"]
        if re.search(r"\$\((params|workspaces|results|context)\.", step["script"]):
            raise ValueError("a value is pasted into the script")
        environment = self.environment(step, values)
        arguments = []
        for argument in step["args"]:
            whole = re.fullmatch(r"\$\(([\w.-]+)\[\*\]\)", argument)
            arguments += values[whole[1]] if whole else [argument]
        script = self.machine.script(step["script"], environment, ("sh",), arguments)
        results = {row["name"]: (self.machine.scratch / row["name"]).read_text()
                   for row in spec["results"] if (self.machine.scratch / row["name"]).is_file()}
        reports = self.machine.work / ".vedette" / "reports"
        return Ran(script.returncode, script.stdout, reports if reports.is_dir() else None,
                   (self.kept.cache / "vedette").is_dir(), results)

    def environment(self, step, values):
        """Of the step, as Tekton fills it in and then Kubernetes, which knows only names that came before."""
        (mounted,) = (mount["mountPath"] for mount in step["volumeMounts"])
        environment = {}
        for row in step["env"]:
            value = re.sub(r"\$\(([\w.-]+)\)", lambda found: values.get(found[1], found[0]), row["value"])
            value = re.sub(r"\$\((\w+)\)", lambda found: environment.get(found[1], found[0]), value)
            environment[row["name"]] = str(self.machine.scratch) if value == mounted else value
        return environment
