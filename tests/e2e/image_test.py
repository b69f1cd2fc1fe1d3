# SPDX-License-Identifier: Apache-2.0
"""The agent's image (packaging/image/build.sh), run by runc with the privileges that the DaemonSet
gives and no more: it sees what the host does, confines itself, and answers.

Skips without root, umoci or runc, and where the kernel cannot be watched.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
AGENT = os.environ.get("VEDETTE_AGENT", str(PROJECT / "build" / "release" / "bin" / "vedette-agent"))
# Of the DaemonSet, but SYS_RESOURCE, which older kernels need for maps and a container's root may lack.
CAPABILITIES = ["CAP_BPF", "CAP_PERFMON", "CAP_DAC_READ_SEARCH", "CAP_SYS_PTRACE"]
RULE = """
- rule: planted file read
  desc: a planted file is opened
  condition: evt.type in (open, openat, openat2) and fd.name endswith /vedette_planted
  output: read %fd.name by %proc.name
  priority: WARNING
"""


class Image(unittest.TestCase):
    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("not root")
        for tool in ("umoci", "runc"):
            if shutil.which(tool) is None:
                self.skipTest(f"no {tool} here")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vedette-image-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "etc").mkdir()
        (self.folder / "state").mkdir()
        (self.folder / "etc" / "rules.yaml").write_text(RULE)
        (self.folder / "etc" / "vedette-agent.yaml").write_text(
            "rules: [/etc/vedette/rules.yaml]\nstatus: /var/lib/vedette/agent.sock\n"
            "spool: {folder: /var/lib/vedette/spool}\n"
            "sinks: [{kind: file, path: /var/lib/vedette/alerts.ndjson, sync: false}]\n")
        (self.folder / "vedette_planted").write_text("planted\n")

    def bundle(self):
        """The image unpacked, with the DaemonSet's privileges and mounts."""
        subprocess.run([PROJECT / "packaging" / "image" / "build.sh", AGENT, self.folder / "layout"], check=True,
                       capture_output=True)
        bundle = self.folder / "bundle"
        unpacked = subprocess.run(["umoci", "unpack", "--image", f"{self.folder}/layout:latest", bundle], check=False,
                                  capture_output=True, text=True)
        if unpacked.returncode != 0:
            self.skipTest("umoci cannot unpack here: " + unpacked.stderr.strip()[-200:])
        config = json.loads((bundle / "config.json").read_text())
        process = config["process"]
        process["terminal"] = False
        process["capabilities"] = {name: CAPABILITIES for name in ("bounding", "effective", "permitted")}
        process["noNewPrivileges"] = True
        process["rlimits"] = []
        config["root"]["readonly"] = True
        linux = config["linux"]
        linux["namespaces"] = [space for space in linux["namespaces"] if space["type"] not in ("pid", "cgroup", "network")]
        linux.pop("seccomp", None)
        linux["resources"] = {}
        linux["cgroupsPath"] = "/" + self.name
        linux["maskedPaths"] = linux["readonlyPaths"] = []
        config["mounts"] = [mount for mount in config["mounts"] if mount["type"] not in ("cgroup", "mqueue")]
        for source, target, mode in ((self.folder / "etc", "/etc/vedette", "ro"),
                                     (self.folder / "state", "/var/lib/vedette", "rw"),
                                     ("/sys/kernel/tracing", "/sys/kernel/tracing", "rw"),
                                     ("/sys/fs/cgroup", "/sys/fs/cgroup", "ro"), ("/run", "/run", "ro")):
            config["mounts"].append({"destination": target, "type": "bind", "source": str(source),
                                     "options": ["rbind", mode]})
        (bundle / "config.json").write_text(json.dumps(config))
        return bundle

    def test_the_image_watches_the_host(self):
        self.name = f"vedette-image-{os.getpid()}"
        bundle = self.bundle()
        log = (self.folder / "log").open("w+")
        self.addCleanup(log.close)
        runtime = ["runc", "--root", str(self.folder / "runc")]
        process = subprocess.Popen([*runtime, "run", "--bundle", bundle, self.name], stdout=log, stderr=log)
        self.addCleanup(subprocess.run, [*runtime, "delete", "--force", self.name], capture_output=True, check=False)

        def said():
            return (self.folder / "log").read_text()

        end = time.monotonic() + 20
        while "watching with" not in said() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        if "watching with" not in said():
            text = said()
            process.kill()
            process.wait()
            if "runc run failed" in text or "BPF" in text or "kernel" in text:
                self.skipTest(text.strip().splitlines()[-1])
            self.fail(text)
        self.assertNotIn("not confined", said())
        (self.folder / "vedette_planted").read_text()
        alerts = self.folder / "state" / "alerts.ndjson"
        end = time.monotonic() + 20
        while time.monotonic() < end and not (alerts.exists() and "planted file read" in alerts.read_text()):
            time.sleep(0.02)
        self.assertIn("planted file read", alerts.read_text())
        answer = subprocess.run([AGENT, "status", "--json", "--socket", self.folder / "state" / "agent.sock"],
                                capture_output=True, text=True, check=True)
        status = json.loads(answer.stdout)
        self.assertTrue(status["ledger"]["closes"])
        os.kill(status["pid"], signal.SIGTERM)
        process.wait(20)
        self.assertIn("the ledger closes", said())


if __name__ == "__main__":
    unittest.main(verbosity=2)
