# SPDX-License-Identifier: Apache-2.0
"""`vedette watch` run over this machine, and containers of runc made of busybox alone: what the tests
and the scenarios of bench/ that need a live kernel share."""
import hashlib
import json
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import time

PROJECT = pathlib.Path(__file__).resolve().parents[2]
VEDETTE = os.environ.get("VEDETTE", str(PROJECT / "build" / "release" / "bin" / "vedette"))
CGROUPS = "vedette_e2e"  # below the root of each hierarchy
MARK_RULE = """
- rule: The watcher is ready
  desc: a program that the one who waits starts until this appears
  condition: evt.type in (execve, execveat) and proc.args contains {mark}
  output: ready
  priority: DEBUG
"""


class CannotWatch(Exception):
    """The kernel or the user does not allow it; says why."""


class Watcher:
    """A `vedette watch` that writes alerts, errors and statistics to files in `folder`."""

    def __init__(self, folder, rules, *flags, form="falco"):
        self.folder = pathlib.Path(folder)
        self.alerts = self.folder / "alerts"
        self.errors = self.folder / "errors"
        self.statistics = self.folder / "statistics.json"
        mark = f"vedette-ready-{os.getpid()}-{time.monotonic_ns()}"
        own = self.folder / "ready.yaml"
        own.write_text(MARK_RULE.format(mark=mark))
        command = [VEDETTE, "watch", "--rules", own, "--format", form, "--stats", self.statistics, *flags]
        for path in rules:
            command += ["--rules", path]
        with self.alerts.open("w") as out, self.errors.open("w") as errors:
            self.process = subprocess.Popen(command, stdout=out, stderr=errors)
        try:
            self._wait(mark)
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def _wait(self, mark):
        end = time.monotonic() + 60
        while self.alerts.stat().st_size == 0:
            if self.process.poll() is not None:
                said = self.errors.read_text().strip()
                if "kernel sensor" in said:
                    raise CannotWatch(said.splitlines()[-1])
                raise AssertionError(f"vedette watch ended: {said}")
            if time.monotonic() > end:
                raise AssertionError("no alert within 60 s")
            subprocess.run(["true", mark], check=False)
            time.sleep(0.05)

    @property
    def pid(self):
        return self.process.pid

    def resident_kilobytes(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def processor_seconds(self):
        stat = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        """Ends it in order; its statistics."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        return json.loads(self.statistics.read_text())

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Containers:
    """Runs containers with a root of busybox; what they leave behind goes with close()."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        if shutil.which("runc") is None or not os.path.exists("/bin/busybox"):
            raise CannotWatch("no runc, or no busybox")
        for name in ("bin", "etc", "proc", "dev"):
            (self.folder / "rootfs" / name).mkdir(parents=True)
        shutil.copy("/bin/busybox", self.folder / "rootfs" / "bin" / "busybox")
        for name in ("sh", "true", "cat", "sleep"):
            (self.folder / "rootfs" / "bin" / name).symlink_to("busybox")

    @staticmethod
    def id_of(name):
        return hashlib.sha256(name.encode()).hexdigest()

    def bundle(self, name, script, image="", mounts=()):
        folder = self.folder / "bundles" / name
        folder.mkdir(parents=True)
        config = {
            "ociVersion": "1.0.2",
            "process": {"terminal": False, "user": {"uid": 0, "gid": 0}, "cwd": "/", "args": ["/bin/sh", "-c", script],
                        "env": ["PATH=/bin"], "capabilities": {"bounding": ["CAP_KILL"]}},
            "root": {"path": str(self.folder / "rootfs")},
            "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
                       {"destination": "/dev", "type": "tmpfs", "source": "tmpfs"}, *mounts],
            "annotations": {"io.kubernetes.cri.image-name": image, "io.kubernetes.cri.container-name": name},
            "linux": {"cgroupsPath": f"/{CGROUPS}/{self.id_of(name)}",
                      "namespaces": [{"type": kind} for kind in ("pid", "mount", "ipc", "uts")]},
        }
        (folder / "config.json").write_text(json.dumps(config))
        return folder

    def run(self, name, script, image="", mounts=()):
        folder = self.bundle(name, script, image, mounts)
        done = subprocess.run(["runc", "run", self.id_of(name)], cwd=folder, capture_output=True, stdin=subprocess.DEVNULL,
                              check=False, timeout=60)
        shutil.rmtree(folder)
        if done.returncode != 0:
            raise AssertionError(f"runc: {done.stderr.decode(errors='replace')}")

    def close(self):
        for top in ("/sys/fs/cgroup", *(entry.path for entry in os.scandir("/sys/fs/cgroup") if entry.is_dir())):
            remove_cgroups(os.path.join(top, CGROUPS))


def records(capture):
    """(kind, header fields, fields by id) of each record of a capture (record_layout.h)."""
    data = pathlib.Path(capture).read_bytes()
    at = 16
    while at + 56 <= len(data):
        size, kind, _, _, pid, _, _, _, _, call, _ = struct.unpack_from("<IHHQIIQQqII", data, at)
        fields, place = {}, at + 56
        while place + 4 <= at + size:
            number, length = struct.unpack_from("<HH", data, place)
            if number == 0:
                break
            fields[number] = data[place + 4:place + 4 + length]
            place += 4 + (length + 3 & ~3)
        yield kind, pid, call, fields
        at += size


def delivered_and_lost(capture, call, pid):
    """Events of a process's system call that a capture holds, and events of any call that were lost."""
    kind_lost, kind_call, field_kind, field_lost = 2, 13, 96, 102
    delivered = lost = 0
    for kind, of, number, fields in records(capture):
        if kind == kind_call and number == call and of == pid:
            delivered += 1
        elif kind == kind_lost and struct.unpack("<I", fields.get(field_kind, bytes(4)))[0] == kind_call:
            lost += struct.unpack("<Q", fields[field_lost])[0]
    return delivered, lost


def remove_cgroups(path):
    """All control groups at and below `path`."""
    for inner, _, _ in os.walk(path, topdown=False):
        try:
            os.rmdir(inner)
        except OSError:
            pass
