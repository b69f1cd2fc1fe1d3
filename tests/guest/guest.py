# SPDX-License-Identifier: Apache-2.0
"""A small machine of its own: the distribution's kernel in an emulator, with a root of busybox, the
programs to be tested and the libraries that they need, all in one archive that the kernel unpacks.
It has no disk and no network but its loopback.
"""
import os
import pathlib
import re
import shutil
import stat
import subprocess
import tempfile

CACHE = pathlib.Path(os.environ.get("VEDETTE_GUEST_CACHE") or
                     pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") /
                     "vedette" / "guest")
KERNEL = CACHE / "vmlinuz"
SECONDS_MAX = 240  # emulated: another load on this machine makes it slow


def missing():
    """Why no guest can be started here; None when one can."""
    if not KERNEL.is_file():
        return f"no guest kernel at {KERNEL}; tools/fetch_guest_kernel.sh gets one"
    for program, package in (("qemu-system-x86_64", "qemu-system-x86"), ("busybox", "busybox-static")):
        if shutil.which(program) is None:
            return f"{program} is not installed; install {package}"
    return None


def libraries_of(program):
    """The shared libraries that a program is linked with, its loader among them."""
    output = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return sorted(set(re.findall(r"(/\S+)", output)))


class Archive:
    """Files as the kernel unpacks them at its start: cpio, format newc."""

    def __init__(self):
        self.parts = []
        self.known = set()
        self.number = 0

    def _add(self, path, mode, content=b""):
        if path in self.known:
            return
        parent = str(pathlib.PurePosixPath(path).parent)
        if parent != ".":
            self._add(parent, stat.S_IFDIR | 0o755)
        self.known.add(path)
        self.number += 1
        name = path.encode() + b"\0"
        fields = (self.number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name), 0)
        head = b"070701" + b"".join(b"%08x" % field for field in fields) + name
        for part in (head, content):
            self.parts.append(part + b"\0" * (-len(part) % 4))

    def file(self, path, content, mode=0o755):
        self._add(path.lstrip("/"), stat.S_IFREG | mode, content)

    def link(self, path, target):
        self._add(path.lstrip("/"), stat.S_IFLNK | 0o777, target.encode())

    def folder(self, path):
        self._add(path.lstrip("/"), stat.S_IFDIR | 0o755)

    def program(self, path, source):
        """A program with its libraries, without what debuggers want."""
        with tempfile.NamedTemporaryFile() as stripped:
            subprocess.run(["strip", "-o", stripped.name, source], check=True)
            self.file(path, pathlib.Path(stripped.name).read_bytes())
        for library in libraries_of(source):
            self.file(library, pathlib.Path(library).read_bytes())

    def tree(self, path, source):
        for entry in sorted(pathlib.Path(source).rglob("*")):
            if entry.is_file():
                self.file(f"{path}/{entry.relative_to(source)}", entry.read_bytes(), 0o644)

    def write(self, file):
        self._add("TRAILER!!!", 0)
        with open(file, "wb") as out:
            for part in self.parts:
                out.write(part)


def base_archive(init):
    """busybox and `init`, the shell script that does everything and then ends."""
    archive = Archive()
    busybox = shutil.which("busybox")
    archive.file("bin/busybox", pathlib.Path(busybox).read_bytes())
    for applet in subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split():
        if applet != "busybox":
            archive.link(f"bin/{applet}", "busybox")
    for folder in ("dev", "proc", "sys", "tmp", "root", "run", "etc", "usr"):
        archive.folder(folder)
    archive.link("usr/bin", "/bin")
    archive.file("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n", 0o644)
    archive.file("etc/group", b"root:x:0:\nnogroup:x:65534:\n", 0o644)
    archive.file("init", init.encode())
    return archive


def boot(archive, folder, options="lsm=landlock,lockdown,yama,bpf"):
    """Runs the guest until it ends; what it wrote to its console."""
    initial = pathlib.Path(folder) / "initial.cpio"
    archive.write(initial)
    command = ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "1536",
               "-nographic", "-no-reboot", "-nic", "none", "-kernel", str(KERNEL), "-initrd", str(initial),
               "-append", f"console=ttyS0 panic=-1 quiet {options}"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS_MAX, stdin=subprocess.DEVNULL,
                              check=False)
        return done.stdout.decode(errors="replace").replace("\r\n", "\n")
    except subprocess.TimeoutExpired as late:
        said = (late.stdout or b"").decode(errors="replace")
        raise AssertionError(f"the guest did not end within {SECONDS_MAX} s:\n{said[-4000:]}") from late
    finally:
        initial.unlink(missing_ok=True)
