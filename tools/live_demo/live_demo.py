#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An attack acted out in a container, and what `vedette watch` says of it while it happens.

    sudo live_demo.py [--record FILE]

Where the kernel cannot be watched or no container be made, it says why and replays the recording
tests/e2e/recording/notebook.capture. With --record it makes that recording: FILE then holds what the
container did and nothing of the machine around it.
"""
import argparse
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
sys.path.insert(0, str(PROJECT / "tests" / "e2e"))
from acting import VEDETTE, Bundle, Skip  # noqa: E402

RULES = PROJECT / "content" / "falco"
RECORDING = PROJECT / "tests" / "e2e" / "recording" / "notebook.capture"
READY = "vedette-demo-ready"
ANNOTATIONS = {"io.kubernetes.cri.container-name": "notebook",
               "io.kubernetes.cri.image-name": "quay.example/jupyter/scipy-notebook:1",
               "io.kubernetes.cri.sandbox-name": "notebook-0",
               "io.kubernetes.cri.sandbox-namespace": "research"}
PLANTED = {"/root/.ssh/authorized_keys": "", "/root/.bash_history": "ls\n",
           "/root/.aws/credentials": "[default]\naws_access_key_id = PLANTED\n",
           "/run/secrets/kubernetes.io/serviceaccount/token": "planted\n",
           "/models/llama.safetensors": "planted\n" * 64}
# The notebook's kernel is a script under its name.
KERNEL = "#!/bin/sh\n/bin/sh /srv/attack.sh\n"


def make_bundle(folder):
    busybox = shutil.which("busybox")
    if busybox is None:
        raise Skip("no busybox (package busybox-static)")
    bundle = Bundle(folder / "bundle")
    shutil.copy(busybox, bundle.place("/bin/busybox", bundle.lower))
    for name in ("sh", "cat", "cp", "tar", "gzip", "mount", "rm", "usleep"):
        bundle.place(f"/bin/{name}", bundle.lower).symlink_to("busybox")
    python = bundle.place("/bin/python3", bundle.lower)
    python.write_text(KERNEL)
    python.chmod(0o755)
    for path, text in PLANTED.items():
        bundle.place(path, bundle.lower).write_text(text)
    shutil.copy(HERE / "attack.sh", bundle.place("/srv/attack.sh", bundle.lower))
    bundle.place("/mnt/x", bundle.lower)
    return bundle


class Watch:
    """`vedette watch`, whose lines are printed as they come."""

    def __init__(self, folder, flags):
        marker = folder / "ready.yml"
        marker.write_text(f"- rule: {READY}\n  desc: the watch has begun\n"
                          f"  condition: evt.type = execve and proc.args = {READY}\n"
                          f"  output: ready\n  priority: DEBUG\n")
        command = [VEDETTE, "watch", "--rules", RULES, "--rules", marker, "--format", "table", *flags]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.ready = threading.Event()
        self.heading = ""
        self.ending = False
        self.printer = threading.Thread(target=self._print)
        self.printer.start()

    def _print(self):
        for line in self.process.stdout:
            if READY in line:
                self.ready.set()
            elif not self.ready.is_set():
                self.heading += line
            elif not self.ending:
                print(line, end="", flush=True)

    def wait_until_ready(self):
        for _ in range(50):
            if self.process.poll() is not None:
                raise Skip(self.process.stderr.read().strip().splitlines()[-1])
            subprocess.run(["true", READY], check=False)
            if self.ready.wait(0.1):
                return
        self.end()
        raise Skip("vedette watch gave no alert within 5 s")

    def end(self):
        if self.process.poll() is None:
            time.sleep(0.5)  # the last alerts are on their way
            # Its summary would count the program that said that it is ready.
            self.ending = True
            self.process.send_signal(signal.SIGINT)
        self.process.stderr.read()
        self.process.wait(timeout=30)
        self.printer.join()


def show_one_in_full(capture):
    """The container of an alert, from the recording of what was watched."""
    rule = "Miner Started in Container"
    done = subprocess.run([VEDETTE, "detect", "--rules", RULES, "--rule", rule, "--format", "falco", capture],
                          capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines()[:1]:
        alert = json.loads(line)
        print("\ndemo: each alert names container, image and pod; one in full (--format falco):\n")
        for name in ("rule", "priority", "output"):
            print(textwrap.fill(f"{name:9} {alert[name]}", 110, subsequent_indent=" " * 10))


def act_live(capture):
    if os.geteuid() != 0:
        raise Skip("not root")
    with tempfile.TemporaryDirectory(prefix="vedette-demo-") as name:
        folder = pathlib.Path(name)
        bundle = make_bundle(folder)
        watch = Watch(folder, ["--record", capture])
        try:
            watch.wait_until_ready()
            print("demo: a notebook's container runs, and somebody else is in it; live alerts:\n")
            print(watch.heading, end="", flush=True)
            done = bundle.run(secrets.token_hex(32), ["/bin/python3", "-m", "ipykernel_launcher"],
                              ["HOME=/root"], annotations=ANNOTATIONS)
            if done.returncode != 0:
                raise Skip("runc: " + (done.stderr.strip().splitlines() or ["no message"])[-1])
        finally:
            watch.end()


def replay(why):
    print(f"demo: no live kernel here ({why}); the same, as it was recorded:\n", flush=True)
    done = subprocess.run([VEDETTE, "detect", "--rules", RULES, "--format", "table", RECORDING],
                          check=False, stderr=subprocess.DEVNULL)
    show_one_in_full(RECORDING)
    return 0 if done.returncode in (0, 1) else done.returncode


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--record", help="keeps what the container did as a capture")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vedette-demo-") as folder:
        capture = pathlib.Path(folder) / "watched.capture"
        try:
            act_live(capture)
        except Skip as why:
            if not options.record:
                return replay(why)
            print(f"demo: nothing recorded: {why}", file=sys.stderr)
            return 2
        if not options.record:
            show_one_in_full(capture)
            return 0
        scrub = [sys.executable, HERE / "scrub_capture.py", capture, "notebook", options.record]
        return subprocess.run(scrub, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
