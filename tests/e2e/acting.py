# SPDX-License-Identifier: Apache-2.0
"""What runners of acted cases share: the actor (actor.c), containers made with runc for it, and
`vedette watch` beside it."""
import ctypes
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
DATA = pathlib.Path(os.environ.get("VEDETTE_DATA", PROJECT.parent / "shared" / "data"))
VEDETTE = os.environ.get("VEDETTE", str(PROJECT / "build" / "release" / "bin" / "vedette"))
WAIT_SECONDS = 5.0
LIBC = ctypes.CDLL(None, use_errno=True)
CAPABILITIES = [f"CAP_{name}" for name in
                "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP "
                "LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK "
                "IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN "
                "SYS_BOOT SYS_NICE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE "
                "AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND "
                "AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE".split()]
FOLDERS = ("etc", "tmp", "root", "proc", "dev", "sys")


class Skip(Exception):
    pass


def nothing_ran(suite, reason):
    """Ends the run of a suite of tests/conformance/suites.tsv that could not begin."""
    print(f"skip: {reason}")
    print(f"{suite} 0 0 1")
    sys.exit(0)


def compile_actor(folder):
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise Skip("no C compiler")
    actor = pathlib.Path(folder) / "actor"
    subprocess.run([compiler, "-static", "-O1", "-o", actor, HERE / "actor.c"], check=True)
    return actor


class Bundle:
    """A container to come: a root of two layers, into which programs and files are planted."""

    def __init__(self, folder):
        if shutil.which("runc") is None:
            raise Skip("no runc (package runc)")
        self.folder = pathlib.Path(folder)
        for part in ("shm", "upper", "work", "rootfs", *(f"lower/{name}" for name in FOLDERS)):
            (self.folder / part).mkdir(parents=True)
        self.lower = self.folder / "lower"
        self.upper = self.folder / "upper"
        passwd = "root:x:0:0::/root:/bin/sh\ndaemon:x:1:1::/:/bin/sh\n"
        (self.lower / "etc/passwd").write_text(passwd)

    def place(self, path, layer):
        """Where a path of the container lies before it starts; its folder is made."""
        place = layer / path.lstrip("/")
        if path.startswith("/dev/shm/"):
            place = self.folder / "shm" / path.removeprefix("/dev/shm/")
        place.parent.mkdir(parents=True, exist_ok=True)
        return place

    def run(self, container_id, arguments, environment, user=0, annotations=None, until=None):
        """Runs it to its end; its identity is where runtimes put it. Its standard input ends when
        until() returns."""
        self._write_config(container_id, arguments, environment, user, annotations or {})
        options = f"lowerdir={self.lower},upperdir={self.upper},workdir={self.folder}/work"
        root = str(self.folder / "rootfs").encode()
        if LIBC.mount(b"overlay", root, b"overlay", 0, options.encode()) != 0:
            raise Skip("no overlay mount: " + os.strerror(ctypes.get_errno()))
        try:
            process = subprocess.Popen(["runc", "run", "--bundle", self.folder, container_id],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
            if until is not None:
                until()
            _, said = process.communicate(timeout=30)
            return subprocess.CompletedProcess(process.args, process.returncode, stderr=said)
        finally:
            LIBC.umount2(root, 2)

    def _write_config(self, container_id, arguments, environment, user, annotations):
        subprocess.run(["runc", "spec", "--bundle", self.folder], check=True)
        path = self.folder / "config.json"
        config = json.loads(path.read_text())
        process = config["process"]
        process["terminal"] = False
        process["args"] = arguments
        process["user"] = {"uid": user, "gid": 0}
        process["env"] = ["PATH=/bin", *environment]
        process["noNewPrivileges"] = False
        # Ambient too: users that are not root keep them, as in the container that a case means.
        for kind in ("bounding", "effective", "permitted", "inheritable", "ambient"):
            process["capabilities"][kind] = CAPABILITIES
        process.pop("rlimits", None)
        config["root"] = {"path": "rootfs", "readonly": False}
        # Programs may be planted in /dev/shm, so it is a folder of ours.
        config["mounts"] = [mount for mount in config["mounts"] if mount["destination"] != "/dev/shm"]
        config["mounts"].append({"destination": "/dev/shm", "type": "bind",
                                 "source": str(self.folder / "shm"), "options": ["bind", "rw"]})
        config["linux"]["maskedPaths"] = []
        config["linux"]["readonlyPaths"] = []
        config["linux"]["cgroupsPath"] = f"/docker/{container_id}"
        config["annotations"] = annotations
        path.write_text(json.dumps(config))


class Watch:
    """`vedette watch` with flags of the caller and Falco's output, and the alerts it has given."""

    def __init__(self, folder, flags):
        self.alerts = pathlib.Path(folder) / "alerts.ndjson"
        self.errors = pathlib.Path(folder) / "watch.err"
        command = [VEDETTE, "watch", "--format", "falco", "--rule-matching", "all", *flags]
        # An alert goes to standard output at once; a file of --output appears at the end.
        with self.alerts.open("w") as alerts, self.errors.open("w") as errors:
            self.process = subprocess.Popen(command, stdout=alerts, stderr=errors)
        self.seen = []
        self.position = 0

    def wait_until_ready(self, provoke, rule):
        """Calls provoke() until `rule` has alerted. Skips where the kernel cannot be watched; whatever
        else ends the program is a fault of ours."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if self.process.poll() is not None and "kernel sensor" in self.errors.read_text():
                raise Skip("vedette watch ended: " + self.errors.read_text().strip().splitlines()[-1])
            provoke()
            if self.wait_for(lambda alert: alert["rule"] == rule, 0.3):
                return
        raise RuntimeError("vedette watch gave no alert within 30 s")

    def read(self):
        with self.alerts.open() as file:
            file.seek(self.position)
            while True:
                line = file.readline()
                if not line.endswith("\n"):
                    return
                self.position = file.tell()
                self.seen.append(json.loads(line))

    def mark(self):
        self.read()
        self.seen = []

    def wait_for(self, wanted, seconds=WAIT_SECONDS):
        end = time.monotonic() + seconds
        while True:
            self.read()
            found = [alert for alert in self.seen if wanted(alert)]
            if found or time.monotonic() > end:
                return found
            if self.process.poll() is not None and "kernel sensor" not in self.errors.read_text():
                raise RuntimeError(f"vedette watch ended: {self.errors.read_text().strip()}")
            time.sleep(0.01)

    def end(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=30)
