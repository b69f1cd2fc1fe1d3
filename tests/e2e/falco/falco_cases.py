#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Falco's end-to-end cases, each really acted out, against `vedette watch` with Falco's own rules.

    falco_cases.py [--only TEXT] [--verbose]

Needs root, the data (VEDETTE_DATA), a C compiler and, for cases in containers, runc. Ends as a suite
of tests/conformance/suites.tsv does: reasons of what was skipped, then "falco_cases passed failed
skipped".
"""
import argparse
import itertools
import json
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from acting import DATA, Bundle, Skip, Watch, compile_actor, nothing_ran  # noqa: E402

SUITE = "falco_cases"
try:
    import yaml
except ImportError:
    nothing_ran(SUITE, "no module yaml for python3 (package python3-yaml)")


def parse(path):
    # A template may stand where YAML wants quotes.
    text = re.sub(r":\s+(%\{[^}]*\})\s*$", r': "\1"', path.read_text(), flags=re.M)
    return yaml.safe_load(text)["tests"]


def substitute(value, values):
    """Fills %{ item.NAME } in, whole values keep their type."""
    if isinstance(value, dict):
        return {key: substitute(each, values) for key, each in value.items()}
    if isinstance(value, list):
        return [substitute(each, values) for each in value]
    if not isinstance(value, str):
        return value
    whole = re.fullmatch(r"%\{\s*item\.(\w+)\s*\}", value)
    if whole:
        return values[whole.group(1)]
    return re.sub(r"%\{\s*item\.(\w+)\s*\}", lambda found: str(values[found.group(1)]), value)


def instances(test):
    if "cases" not in test:
        yield {}
    for case in test.get("cases", []):
        values = case["values"]
        if case["strategy"] == "matrix":
            for row in itertools.product(*values.values()):
                yield dict(zip(values.keys(), row))
        else:
            lists = {key: value if isinstance(value, list) else [value] for key, value in values.items()}
            for row in zip(*lists.values()):
                yield dict(zip(lists.keys(), row))


OPEN_FLAGS = {"O_RDONLY": os.O_RDONLY, "O_WRONLY": os.O_WRONLY, "O_RDWR": os.O_RDWR,
              "O_CREAT": os.O_CREAT, "O_TRUNC": os.O_TRUNC, "O_APPEND": os.O_APPEND}


def open_flags(text):
    return sum(OPEN_FLAGS[name] for name in text.split("|"))


def step_line(step, test):
    args = step.get("args", {})
    call = step["syscall"]
    if call in ("open", "openat", "openat2"):
        how = args.get("how", args)
        mode = how.get("mode", 0)
        return f"{call}\t{args['pathname']}\t{open_flags(how['flags'])}\t{mode}"
    if call in ("link", "linkat"):
        return f"{call}\t{args['oldPath']}\t{args['newPath']}"
    if call in ("symlink", "symlinkat"):
        return f"{call}\t{args['target']}\t{args['linkPath']}"
    if call in ("dup2", "dup3"):
        return f"{call}\t{args['newFd']}"
    if call == "socket" and args["domain"] == "AF_PACKET":
        return "packet"
    raise Skip(f"no step for {call}")


def steps_of(test):
    lines = []
    for resource in test.get("resources", []):
        if resource["type"] == "clientServer":
            host, port = resource["address"].rsplit(":", 1)
            host = host.strip("[]")
            family = "6" if resource["l4Proto"].endswith("6") else "4"
            public = host if family == "4" and not host.startswith("127.") else ""
            lines.append(f"network\t{public}" if public else "network")
            lines.append(f"connect\t{family}\t{host}\t{port}")
        if resource["type"] == "process" and resource.get("fileLess"):
            lines.append(f"fileless\t{resource['name']}")
    before = re.fullmatch(r"sleep (\d+)", test.get("before", ""))
    if before:
        lines.append(f"sleep\t{before.group(1)}")
    lines += [step_line(step, test) for step in test.get("steps", [])]
    return "\n".join(lines)


def user_id(name):
    if not name:
        return 0
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        raise Skip(f"this system has no user {name}")


class Stage:
    """A scratch folder with the actor, its namesakes and containers; everything planted is removed."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.actor = compile_actor(folder)
        self.count = 0
        self.planted = []
        # Users of other names run it too.
        os.chmod(self.folder, 0o755)

    def plant(self, path, directory):
        path = pathlib.Path(path)
        if path.exists() or path.is_symlink():
            return
        for parent in reversed(path.parents):
            if not parent.exists():
                parent.mkdir()
                self.planted.append(parent)
        if directory:
            path.mkdir()
        else:
            path.write_text("planted\n")
        self.planted.append(path)

    def clear(self):
        for path in reversed(self.planted):
            try:
                path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
            except OSError:
                pass
        self.planted = []

    def chain(self, processes, place):
        """Lines of ACTOR_CHAIN; the programs are copies of the actor where place(path) says."""
        lines = []
        for process in processes:
            exe = process.get("exe") or f"{'' if place else self.folder}/bin{self.count}/{process['name']}"
            path = place(exe) if place else pathlib.Path(exe)
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.actor, path)
            if place is None:
                self.planted.append(path)
            # What a shell would make of the words is not asked for: one argument each.
            words = str(process.get("args", "")).split(" ") if process.get("args") else []
            lines.append("\t".join([exe, str(user_id(process.get("user"))), *words]))
        return lines

    def start_on_host(self, processes, steps):
        self.count += 1
        environment = {"PATH": "/usr/bin:/bin", "ACTOR_STEPS": steps,
                       "ACTOR_CHAIN": "\n".join(self.chain(processes, None))}
        return subprocess.Popen([self.actor], env=environment, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)

    def run_on_host(self, processes, steps):
        process = self.start_on_host(processes, steps)
        _, said = process.communicate(timeout=30)
        return subprocess.CompletedProcess(process.args, process.returncode, stderr=said)

    def run_in_container(self, processes, steps):
        self.count += 1
        bundle = Bundle(self.folder / f"bundle{self.count}")
        layer = bundle.upper if processes[0].get("exe") else bundle.lower
        first, *others = self.chain(processes, lambda path: bundle.place(path, layer))
        exe, user, *words = first.split("\t")
        # An id as runtimes give it: the identity that alerts must carry.
        return bundle.run(f"{self.count:04x}{os.getpid():08x}{0:052x}", [exe, *words],
                          [f"ACTOR_STEPS={steps}", "ACTOR_CHAIN=" + "\n".join(others)], int(user))


def flags_of(folder, rules):
    overlay = folder / "enable.yaml"
    overlay.write_text("".join(f"- rule: {json.dumps(rule)}\n  enabled: true\n" for rule in sorted(rules)))
    # Later files change what earlier ones say, so the order is the names'.
    files = [DATA / "falco" / "rules" / name for name in
             ("falco_rules.yaml", "falco-incubating_rules.yaml", "falco-sandbox_rules.yaml")]
    return [word for file in (*files, overlay) for word in ("--rules", str(file))]


def run_from_shared_memory(stage):
    marker = "/dev/shm/vedette_ready"
    shutil.copy(stage.actor, marker)
    subprocess.run([marker], check=False)
    os.unlink(marker)


def same(expected, found):
    return str(expected) == str(found).strip()


def expectation(test):
    outcome = test["expectedOutcome"]
    fields = outcome.get("outputFields", {})

    def wanted(alert):
        return (alert["rule"] == test["rule"] and alert["source"] == outcome["source"]
                and alert["priority"].lower() == outcome["priority"]
                and all(same(value, alert["output_fields"].get(name)) for name, value in fields.items()))

    return wanted


def run_instance(test, stage, watch):
    run_if = test.get("runIf") or {}
    if run_if.get("arch", {}).get("op") == "ne" and os.uname().machine == "aarch64":
        raise Skip("not on this processor")
    for resource in test.get("resources", []):
        if resource["type"] == "fd":
            stage.plant(resource["filePath"], resource.get("subtype") == "directory")
    for step in test.get("steps", []):
        for key in ("newPath", "linkPath"):
            place = step.get("args", {}).get(key)
            if place:
                pathlib.Path(place).unlink(missing_ok=True)
                stage.planted.append(pathlib.Path(place))
    context = test.get("context", {})
    processes = context.get("processes", [])
    steps = steps_of(test)
    watch.mark()
    in_container = context.get("container") is not None
    run = stage.run_in_container if in_container else stage.run_on_host
    done = run(processes, steps)
    found = watch.wait_for(expectation(test))
    if found:
        identity = found[0]["output_fields"].get("container.id")
        if in_container and "container.id" in found[0]["output_fields"] and identity in (None, "", "host"):
            return f"the alert names no container: {found[0]['output_fields']}"
        return None
    near = [alert["output_fields"] for alert in watch.seen if alert["rule"] == test["rule"]]
    said = (done.stderr or "").strip()[:200]
    return f"no such alert; of the rule: {near[:2]}; others: {sorted({a['rule'] for a in watch.seen})}; actor: {done.returncode} {said}"


def run_sleepers(test, stage, watch):
    """Instances that only wait before they act, side by side: what failed, by their values."""
    every = [(values, substitute(test, values)) for values in instances(test)]
    watch.mark()
    started = [stage.start_on_host(each["context"]["processes"], steps_of(each)) for _, each in every]
    for process in started:
        process.communicate(timeout=60)
    return [(values, None if watch.wait_for(expectation(each)) else "no such alert") for values, each in every]


def run_test(test, stage, watch):
    """(values, None or why it failed) of each instance; a Skip in place of the reason."""
    sleeps = str(test.get("before", "")).startswith("sleep")
    if sleeps and not test.get("context", {}).get("container") and not test.get("resources"):
        try:
            return run_sleepers(test, stage, watch)
        finally:
            stage.clear()
    results = []
    for values in instances(test):
        try:
            results.append((values, run_instance(substitute(test, values), stage, watch)))
        except Skip as why:
            results.append((values, why))
        finally:
            stage.clear()
    return results


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    cases = DATA / "falco" / "e2e_cases"
    if not cases.is_dir():
        nothing_ran(SUITE, f"no Falco cases in {cases} (set VEDETTE_DATA)")
    if os.geteuid() != 0:
        nothing_ran(SUITE, "not root, so the kernel cannot be watched")
    tests = [(path.stem, test) for path in sorted(cases.glob("*.yaml")) for test in parse(path)
             if options.only in test["name"]]
    passed, failures, skipped = 0, [], {}
    with tempfile.TemporaryDirectory(prefix="vedette-falco-") as folder:
        watch = None
        try:
            stage = Stage(folder)
            watch = Watch(folder, flags_of(pathlib.Path(folder), {test["rule"] for _, test in tests}))
            watch.wait_until_ready(lambda: run_from_shared_memory(stage), "Execution from /dev/shm")
            for _, test in tests:
                for values, reason in run_test(test, stage, watch):
                    if reason is None:
                        passed += 1
                    elif isinstance(reason, Skip):
                        skipped.setdefault(str(reason), []).append(test["name"])
                    else:
                        failures.append(f"{test['name']} {values}: {reason}")
                if options.verbose:
                    print(f"{test['name']}: {len(failures)} failed so far", flush=True)
        except Skip as why:
            nothing_ran(SUITE, why)
        finally:
            if watch is not None and watch.process.poll() is None:
                watch.end()
    for failure in failures:
        print(f"FAILED {failure}")
    for why, names in skipped.items():
        print(f"skip: {len(names)}: {why} ({', '.join(sorted(set(names)))})")
    print(f"falco_cases {passed} {len(failures)} {sum(map(len, skipped.values()))}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
