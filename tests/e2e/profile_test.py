# SPDX-License-Identifier: Apache-2.0
"""Profiles as a whole: a container of runc is learned, then runs as before and otherwise, live and from a recording;
and it runs under the seccomp profile that was made of it.

Skips where the kernel cannot be watched or no container can be run, with the reason.
"""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
VEDETTE = os.environ.get("VEDETTE", str(PROJECT / "build" / "release" / "bin" / "vedette"))
IMAGE = "registry.example/profile-test:1"
NORMAL = "cat /etc/shop.conf /srv/model.safetensors; echo x > /var/log/shop-$$.log; sleep 0.1"
OTHER = NORMAL + "; cp /bin/busybox /tmp/tool; /tmp/tool true; echo x > /etc/cron.d/job"
CLONED = NORMAL + "; unshare -u true || echo refused"
RULE = """
title: Nothing at all
logsource: {product: linux, category: process_creation}
detection: {none: {CommandLine: vedette-no-such-command}, condition: none}
"""


class Profile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if os.geteuid() != 0:
            raise unittest.SkipTest("not root")
        for program in ("runc", "busybox"):
            if shutil.which(program) is None:
                raise unittest.SkipTest(f"no {program}")
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="vedette-profile-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.id = os.urandom(32).hex()
        cls.group = f"/kubepods/vedette-profile-{os.getpid()}"
        cls.addClassCleanup(cls.remove_groups)
        cls.make_root()
        (cls.folder / "rule.yml").write_text(RULE)
        cls.profile = cls.folder / "normal.yaml"
        cls.usage = cls.folder / "usage.json"
        cls.capture = cls.folder / "learned.capture"
        cls.learn()

    @classmethod
    def make_root(cls):
        root = cls.folder / "rootfs"
        for name in ("bin", "etc/cron.d", "var/log", "tmp", "srv", "proc", "var/lib/dpkg/info"):
            (root / name).mkdir(parents=True)
        shutil.copy(shutil.which("busybox"), root / "bin" / "busybox")
        for name in ("sh", "cat", "cp", "sleep", "unshare", "true"):
            (root / "bin" / name).symlink_to("busybox")
        (root / "etc" / "shop.conf").write_text("open: 9\n")
        (root / "srv" / "model.safetensors").write_text("weights\n")
        (root / "var/lib/dpkg/status").write_text("Package: shop\nArchitecture: amd64\nVersion: 1.2\n")
        (root / "var/lib/dpkg/info/shop.list").write_text("/etc\n/etc/shop.conf\n/etc/other.conf\n")

    @classmethod
    def remove_groups(cls):
        for hierarchy in pathlib.Path("/sys/fs/cgroup").iterdir():
            for group in (hierarchy / cls.group.lstrip("/"), hierarchy / "kubepods"):
                if group.is_dir() and not group.is_symlink():
                    try:
                        group.rmdir()
                    except OSError:
                        pass  # of others

    @classmethod
    def container(cls, script, seccomp=None):
        config = {
            "ociVersion": "1.0.2",
            "process": {"terminal": False, "user": {"uid": 0, "gid": 0}, "cwd": "/",
                        "args": ["/bin/sh", "-c", script], "env": ["PATH=/bin"],
                        "capabilities": {kind: ["CAP_SYS_ADMIN"] for kind in ("bounding", "effective", "permitted")}},
            "root": {"path": "rootfs"},
            "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
            "annotations": {"io.kubernetes.cri.container-name": "shop", "io.kubernetes.cri.image-name": IMAGE,
                            "io.kubernetes.cri.sandbox-namespace": "market", "app": "shop"},
            "linux": {"cgroupsPath": f"{cls.group}/{cls.id}",
                      "namespaces": [{"type": kind} for kind in ("pid", "mount", "ipc", "uts")]}}
        if seccomp:
            config["linux"]["seccomp"] = json.loads(seccomp.read_text())
        (cls.folder / "config.json").write_text(json.dumps(config))
        return subprocess.run(["runc", "run", "--bundle", cls.folder, cls.id], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=30, check=False)

    @classmethod
    def watch(cls, script, *flags, seconds="4s"):
        """Runs the container while it is watched; what the watch printed."""
        duration = [] if "--learn" in flags else ["--duration", seconds]
        stamp = cls.folder / "started.capture"
        stamp.unlink(missing_ok=True)
        record = [] if "--record" in flags else ["--record", stamp]
        target = cls.capture if "--record" in flags else stamp
        target.unlink(missing_ok=True)
        with subprocess.Popen([VEDETTE, "watch", "--rules", cls.folder / "rule.yml", *duration, *flags, *record],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            # The state at start is written first; what happens behind it is seen.
            for _ in range(100):
                if process.poll() is not None or (target.exists() and target.stat().st_size > 4096):
                    break
                time.sleep(0.05)
            if process.poll() is None:
                done = cls.container(script)
                cls.ran = done.stdout
                cls.run_errors = done.stderr
            out, errors = process.communicate(timeout=60)
        if "kernel sensor" in errors:
            raise unittest.SkipTest(errors.strip().splitlines()[-1])
        if cls.run_errors and "weights" not in cls.ran:
            raise unittest.SkipTest(f"runc: {cls.run_errors.strip().splitlines()[-1]}")
        return process.returncode, out, errors

    @classmethod
    def learn(cls):
        code, _, errors = cls.watch(
            NORMAL + "; sleep 4", "--learn", "3s", "--profile", cls.profile, "--usage", cls.usage, "--seccomp",
            cls.folder / "seccomp", "--network-policy", cls.folder / "policies", "--record", cls.capture)
        if code not in (0, 3):
            raise AssertionError(errors)

    def alerts(self, output):
        """Of the container, as rule id to values."""
        found = {}
        for line in output.splitlines():
            alert = json.loads(line)
            if alert["output_fields"]["profile.image"] == IMAGE:
                found.setdefault(alert["rule"], []).append(alert["output_fields"])
        return found

    def test_the_profile_is_readable_and_holds_what_was_done(self):
        text = self.profile.read_text()
        self.assertIn(f'  - image: "{IMAGE}"\n    namespace: "market"\n', text)
        own = text[text.index(IMAGE):].split("  - image: ")[0]
        self.assertIn("- path: /bin/busybox", own)
        self.assertIn('"<runtime>"', own)
        self.assertIn("/var/log/shop-", own)
        self.assertNotIn("rootfs", own)
        self.assertIn("sendfile", own)
        # The runtime's own calls are not the image's.
        self.assertNotIn("mount,", own)
        self.assertNotIn("pivot_root", own)

    def test_usage_names_files_models_and_packages(self):
        images = {image["image"]: image for image in json.loads(self.usage.read_text())["images"]}
        shop = images[IMAGE]
        self.assertEqual(shop["executables"], ["/bin/busybox"])
        self.assertEqual(shop["models"], ["/srv/model.safetensors"])
        self.assertIn("/etc/shop.conf", shop["files"])
        self.assertIn({"manager": "dpkg", "name": "shop", "version": "1.2", "files": 1}, shop["packages"])

    def test_the_policy_lets_nothing_in_or_out(self):
        policy = (self.folder / "policies" / "registry-example-profile-test-1.yaml").read_text()
        self.assertIn('"app": "shop"', policy)
        self.assertIn("ingress: []\n  egress: []\n", policy)

    def test_the_same_again_is_no_alert_and_other_things_are(self):
        # Scripts differ in a part of the name that a pattern stands for, not in what is done.
        _, out, _ = self.watch(NORMAL, "--profile", self.profile, "--format", "falco")
        self.assertEqual(self.alerts(out), {})
        _, out, _ = self.watch(OTHER, "--profile", self.profile, "--format", "falco")
        alerts = self.alerts(out)
        program = alerts["Executable not in the profile"][0]
        self.assertEqual(program["profile.value"], "/tmp/tool")
        self.assertEqual(program["profile.nearest"], "/bin/busybox")
        self.assertEqual(program["container.name"], "shop")
        written = {fields["profile.value"] for fields in alerts["File written that is not in the profile"]}
        self.assertEqual(written, {"/tmp/tool", "/etc/cron.d/job"})

    def test_a_recording_is_learned_checked_and_summed_up_without_the_kernel(self):
        again = self.folder / "again.yaml"
        policies = self.folder / "policies-again"
        seccomp = self.folder / "seccomp-again"
        done = subprocess.run([VEDETTE, "profile", "learn", "--profile", again, "--seccomp", seccomp,
                               "--network-policy", policies, self.capture],
                              capture_output=True, text=True, check=False)
        self.assertIn(done.returncode, (0, 3), done.stderr)
        self.assertEqual(again.read_text(), self.profile.read_text())
        name = "registry-example-profile-test-1.json"
        self.assertEqual((seccomp / name).read_text(), (self.folder / "seccomp" / name).read_text())
        done = subprocess.run([VEDETTE, "profile", "check", "--profile", again, "--format", "falco", self.capture],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.stdout, "")
        again.write_text("version: 1\nimages: []\n")
        done = subprocess.run([VEDETTE, "profile", "check", "--profile", again, "--format", "falco", self.capture],
                              capture_output=True, text=True, check=False)
        self.assertEqual(len(self.alerts(done.stdout)["Image without a profile"]), 1)
        usage = self.folder / "usage-again.json"
        subprocess.run([VEDETTE, "profile", "usage", "-o", usage, self.capture], capture_output=True, check=False)
        shop = next(image for image in json.loads(usage.read_text())["images"] if image["image"] == IMAGE)
        self.assertEqual(shop["models"], ["/srv/model.safetensors"])
        self.assertNotIn("packages", shop)

    def test_it_runs_under_its_seccomp_profile_and_nothing_else_does(self):
        seccomp = self.folder / "seccomp" / "registry-example-profile-test-1.json"
        done = self.container(NORMAL, seccomp)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("weights", done.stdout)
        free = self.container(CLONED)
        self.assertNotIn("refused", free.stdout)
        bound = self.container(CLONED, seccomp)
        self.assertIn("weights", bound.stdout)
        self.assertIn("refused", bound.stdout)
        self.assertIn("Operation not permitted", bound.stderr)


class Flags(unittest.TestCase):
    def refused(self, expected, *arguments):
        done = subprocess.run([VEDETTE, *arguments], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(expected, done.stderr)

    def test_flags_that_say_nothing_together_are_refused(self):
        self.refused("expected --learn TIME", "watch", "--seccomp", "x")
        self.refused("beside --learn", "watch", "--learn", "1s")
        self.refused("found both", "watch", "--learn", "1s", "--profile", "x", "--duration", "1s")
        self.refused("expected --profile FILE", "profile", "check", "x")
        self.refused("none", "profile", "learn", "x")
        self.refused("expected --output FILE", "profile", "usage", "x")

    def test_a_bad_profile_is_refused_with_its_line(self):
        with tempfile.TemporaryDirectory() as folder:
            profile = pathlib.Path(folder) / "bad.yaml"
            profile.write_text("version: 1\nimages:\n  - image: x\n    listens: [http]\n")
            expected = f"{profile}:4: expected a port like tcp/80"
            self.refused(expected, "watch", "--profile", profile)
            self.refused(expected, "profile", "check", "--profile", profile, "x")
            self.refused("cannot open", "watch", "--profile", "/nonexistent/profile.yaml")


if __name__ == "__main__":
    unittest.main()
