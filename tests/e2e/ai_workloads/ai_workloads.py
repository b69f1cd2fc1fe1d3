#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every rule of content/falco, provoked in a container, and a benign twin of it that is silent.

    ai_workloads.py [--only TEXT] [--verbose]

Needs root, runc and a C compiler. Ends as a suite of tests/conformance/suites.tsv does. A rule
without an act in acts.yml fails, as does an alert that does not name its container.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from acting import PROJECT, VEDETTE, Bundle, Skip, Watch, compile_actor, nothing_ran  # noqa: E402

SUITE = "ai_workloads"
try:
    import yaml
except ImportError:
    nothing_ran(SUITE, "no module yaml for python3 (package python3-yaml)")

RULES = PROJECT / "content" / "falco"
IMAGE = "registry.example/ai/workload:1"
READY = "Vedette is ready"
OVER = "Act is over"
OWN_RULES = f"""
- rule: {READY}
  desc: the runner's own program was seen
  condition: evt.type in (execve, execveat) and proc.exepath endswith /vedette_ready
  output: ready
  priority: DEBUG
- rule: {OVER}
  desc: the last thing that a container of the runner does
  condition: evt.type in (open, openat) and fd.name = /act_is_over
  output: over in %container.id
  priority: DEBUG
"""
# What each alert of the pack must say of its container.
IDENTITY = {"container.name": "trainer", "container.image": IMAGE, "k8s.pod.name": "trainer-0",
            "k8s.ns.name": "research"}
ANNOTATIONS = {"io.kubernetes.cri.container-name": "trainer",
               "io.kubernetes.cri.image-name": IMAGE,
               "io.kubernetes.cri.sandbox-name": "trainer-0",
               "io.kubernetes.cri.sandbox-namespace": "research"}


class Stage:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.actor = compile_actor(folder)
        self.count = 0

    def process(self, text, bundle):
        """A line of ACTOR_CHAIN; the program is a copy of the actor."""
        exe, *words = text.split(" ")
        layer = bundle.upper if exe.startswith("upper:") else bundle.lower
        exe = exe.removeprefix("upper:")
        if "/" not in exe:
            exe = f"/bin/{exe}"
        shutil.copy(self.actor, bundle.place(exe, layer))
        return "\t".join([exe, "0", *words])

    def act(self, case, files, container_id, until):
        """Runs one container, which stays until until() returns; gives what became of it."""
        self.count += 1
        bundle = Bundle(self.folder / f"bundle{self.count}")
        for path in (*files, "/act_is_over"):
            bundle.place(path, bundle.lower).write_text("planted\n")
        shutil.copy(self.actor, bundle.place("/bin/init", bundle.lower))
        chain = "\n".join(self.process(text, bundle) for text in case["processes"])
        steps = "\n".join("\t".join(step.split(" ")) for step in case.get("steps", []))
        environment = [f"ACTOR_CHAIN={chain}", f"ACTOR_STEPS={steps}", "ACTOR_MARK=/act_is_over",
                       *case.get("environment", [])]
        done = bundle.run(container_id, ["/bin/init"], environment, annotations=ANNOTATIONS, until=until)
        shutil.rmtree(bundle.folder)
        return done

    def run_on_host(self):
        program = self.folder / "vedette_ready"
        shutil.copy(self.actor, program)
        subprocess.run([program], check=False)


def alerts_of(case, files, stage, watch):
    """(alerts of the container that acts out the case, None), or why there are none to judge."""
    container_id = f"{stage.count:04x}{os.getpid():08x}{0:052x}"  # alerts show twelve digits
    over = []

    def here(alert):
        return alert["output_fields"].get("container.id") == container_id[:12]

    # Its name is in files that the runtime removes with the container: it must not end before they
    # were read.
    def wait():
        over.extend(watch.wait_for(lambda alert: alert["rule"] == OVER and here(alert)))

    watch.mark()
    done = stage.act(case, files, container_id, wait)
    said = f"{done.returncode} {done.stderr.strip()[:200]}"
    if not over:
        return [], f"the end of the container was not seen; actor: {said}"
    if done.returncode != 0:
        return [], f"the act failed: {said}"
    return [alert for alert in watch.seen if here(alert) and alert["rule"] != OVER], None


def judge_attack(row, stage, watch):
    alerts, problem = alerts_of(row["attack"], row.get("files", []), stage, watch)
    if problem:
        return problem
    found = [alert for alert in alerts if alert["rule"] == row["rule"]]
    if not found:
        return f"no alert; others: {sorted({alert['rule'] for alert in alerts})}"
    if found[0]["priority"] != row["priority"]:
        return f"expected priority {row['priority']}, found {found[0]['priority']}"
    for alert in alerts:
        for field, value in IDENTITY.items():
            if alert["output_fields"].get(field) != value:
                return f"{alert['rule']}: {field} is {alert['output_fields'].get(field)}"
    return None


def judge_benign(row, stage, watch):
    alerts, problem = alerts_of(row["benign"], row.get("files", []), stage, watch)
    if problem:
        return f"benign twin: {problem}"
    if any(alert["rule"] == row["rule"] for alert in alerts):
        return "benign twin: alerts"
    return None


def rules_of_pack():
    done = subprocess.run([VEDETTE, "rules", "list", "--rules", RULES, "--format", "json"],
                          capture_output=True, text=True, check=True)
    return {rule["title"] for rule in json.loads(done.stdout)}


def flags_of(folder):
    own = pathlib.Path(folder) / "own_rules.yml"
    own.write_text(OWN_RULES)
    return ["--rules", str(RULES), "--rules", str(own)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    if os.geteuid() != 0:
        nothing_ran(SUITE, "not root, so the kernel cannot be watched")
    rows = yaml.safe_load((HERE / "acts.yml").read_text())
    uncovered = rules_of_pack() ^ {row["rule"] for row in rows}
    failures = [f"{name}: is not both in content/falco and in acts.yml" for name in sorted(uncovered)]
    passed = 0
    watch = None
    with tempfile.TemporaryDirectory(prefix="vedette-ai-") as folder:
        try:
            stage = Stage(folder)
            watch = Watch(folder, flags_of(folder))
            watch.wait_until_ready(stage.run_on_host, READY)
            for row in rows:
                if options.only not in row["rule"]:
                    continue
                for judge in (judge_attack, judge_benign):
                    problem = judge(row, stage, watch)
                    passed += problem is None
                    failures += [] if problem is None else [f"{row['rule']}: {problem}"]
                if options.verbose:
                    print(f"{row['rule']}: {len(failures)} failed so far", flush=True)
        except Skip as why:
            nothing_ran(SUITE, why)
        finally:
            if watch is not None and watch.process.poll() is None:
                watch.end()
    for failure in failures:
        print(f"FAILED {failure}")
    print(f"{SUITE} {passed} {len(failures)} 0")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
