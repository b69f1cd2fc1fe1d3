# SPDX-License-Identifier: Apache-2.0
"""`vedette scan secrets` over trees that are made to break it, and over the kinds of file in which keys
leak: what can be read is scanned, what cannot is said, memory stays bounded."""
import contextlib
import gzip
import io
import json
import os
import pathlib
import random
import shutil
import socket
import stat
import string
import struct
import subprocess
import tarfile
import tempfile
import threading
import unittest
import zipfile
import zlib

VEDETTE = os.environ["VEDETTE"]
MEMORY_KB_MAX = 150 * 1024
RULES = "[[rules]]\nid = 'acme'\nregex = '''\\b(acme_[0-9a-zA-Z]{24})\\b'''\nkeywords = ['acme_']\n"
# Put together here, so that no scanner takes this file for a leak.
KEY = "acme_" + "q7Zr2LmX9vB4tKc8Wd3HsYpN"


def hub_token():
    """Of a code host's form, its checksum included."""
    alphabet = string.digits + string.ascii_uppercase + string.ascii_lowercase
    body = "".join(random.Random(5).choices(alphabet, k=30))
    rest, check = zlib.crc32(body.encode()), ""
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        check = alphabet[digit] + check
    return "ghp" + "_" + body + check


def seven_zip(name, content, mode):
    """One file, stored, with a mode of Unix as some writers leave it: without a type."""
    names = b"\0" + name.encode("utf-16-le") + b"\0\0"
    attributes = b"\x01\x00" + struct.pack("<I", 0x8000 | mode << 16)
    size = bytes([len(content)])
    header = (b"\x01\x04\x06\x00\x01\x09" + size + b"\x00\x07\x0b\x01\x00\x01\x01\x00\x0c" + size + b"\x00\x08\x00\x00"
              b"\x05\x01\x11" + bytes([len(names)]) + names + b"\x15" + bytes([len(attributes)]) + attributes + b"\x00\x00")
    start = struct.pack("<QQI", len(content), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<I", zlib.crc32(start)) + start + content + header


class Scan(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="vedette-scan-")
        self.addCleanup(subprocess.run, ["rm", "-rf", self.folder], check=False)
        self.tree = os.path.join(self.folder, "tree")
        os.mkdir(self.tree)
        self.rules = os.path.join(self.folder, "rules.toml")
        pathlib.Path(self.rules).write_text(RULES)

    def add(self, name, content):
        path = os.path.join(self.tree, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return path

    def scan(self, *flags, own_rules=True, **process):
        """(exit code, findings, summary, stderr); no more memory than promised."""
        out = os.path.join(self.folder, "out.json")
        command = [VEDETTE, "scan", "secrets", "--no-cache", "-f", "json", "-o", out, *flags]
        command += ["--rules", self.rules] if own_rules else []
        with subprocess.Popen([*command, self.tree], stderr=subprocess.PIPE, **process) as child:
            errors = child.stderr.read()
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        self.assertLess(usage.ru_maxrss, MEMORY_KB_MAX, "peak memory, KB")
        self.assertIn(child.returncode, (0, 1, 3), errors)
        with open(out, encoding="utf-8") as file:
            report = json.load(file)
        self.assertNotIn(KEY, json.dumps(report))
        return child.returncode, report["findings"], report["summary"], errors.decode(errors="replace")

    def skipped(self, summary):
        return {row["reason"]: row["count"] for row in summary["skipped"]}

    def paths(self, findings):
        return sorted(os.path.relpath(found["place"]["path"], self.tree) for found in findings)

    def test_what_is_no_plain_file(self):
        self.add("a.txt", KEY)
        with open(self.add("hole", b"text " * 4000), "r+b") as file:
            file.truncate(10 << 30)
        os.mkfifo(os.path.join(self.tree, "pipe"))
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as listener:
            here = os.getcwd()
            os.chdir(self.tree)
            listener.bind("socket")
            os.chdir(here)
        with contextlib.suppress(PermissionError):
            os.mknod(os.path.join(self.tree, "device"), 0o600 | stat.S_IFCHR, os.makedev(1, 5))
        os.symlink("/dev/zero", os.path.join(self.tree, "endless"))
        os.symlink("..", os.path.join(self.tree, "loop"))
        self.add("z.txt", KEY)
        code, findings, summary, errors = self.scan()
        self.assertEqual(self.paths(findings)[:1], ["a.txt"])
        skipped = self.skipped(summary)
        self.assertEqual(skipped["larger than 64 MiB"], 1)
        self.assertGreaterEqual(skipped["pipe, socket or device"], 2)
        self.assertEqual(skipped["symbolic link, not followed"], 2)
        self.assertIn("hole", errors)
        self.assertEqual(code, 1)

    def test_what_may_not_be_read(self):
        self.add("secret.txt", KEY)
        self.add("shut/inside.txt", KEY)
        self.add("z.txt", "nothing")
        os.chmod(os.path.join(self.tree, "secret.txt"), 0)
        os.chmod(os.path.join(self.tree, "shut"), 0)
        self.addCleanup(os.chmod, os.path.join(self.tree, "shut"), 0o700)
        other = {}
        if os.geteuid() == 0:
            for path in (self.folder, self.tree):
                os.chmod(path, 0o777)
            other = {"user": 65534}
            try:
                subprocess.run([VEDETTE, "--version"], check=True, capture_output=True, **other)
            except (PermissionError, subprocess.CalledProcessError):
                self.skipTest("the program cannot be run without privileges from where it is")
        code, findings, summary, errors = self.scan(**other)
        self.assertEqual((code, findings), (3, []))
        self.assertEqual(self.skipped(summary), {"could not be read": 2})
        self.assertIn("Permission denied", errors)

    def test_names_and_depth(self):
        names = [b"new\nline", b"\xff\xfe\xc3", b"\x1b[31mred", b'"}{', "\u202eabc".encode()]
        for name in names:
            with open(os.path.join(self.tree.encode(), name), "wb") as file:
                file.write(KEY.encode())
        here = os.getcwd()
        os.chdir(self.tree)
        for _ in range(4000):
            os.mkdir("d")
            os.chdir("d")
        pathlib.Path("deep.txt").write_text(KEY)
        os.chdir(here)
        code, findings, _, _ = self.scan()
        places = sum(1 + len(found.get("also_at", [])) for found in findings)
        self.assertEqual((code, places), (1, len(names) + 1))
        for form in ("table", "ndjson", "csv", "sarif", "ocsf", "junit", "gitlab", "html"):
            done = subprocess.run([VEDETTE, "scan", "secrets", "--no-cache", "--rules", self.rules, "-f", form,
                                   self.tree], check=False, capture_output=True)
            self.assertEqual(done.returncode, 1, form)
            self.assertNotIn(b"\x1b[31mred", done.stdout, form)

    def test_archives_that_grow(self):
        bomb = bytes(0)
        with io.BytesIO() as inner:
            with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
                for number in range(16):
                    archive.writestr(f"{number}.txt", b" " * (16 << 20))
            bomb = inner.getvalue()
        for _ in range(5):
            with io.BytesIO() as outer:
                with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as archive:
                    for number in range(16):
                        archive.writestr(f"{number}.zip", bomb)
                bomb = outer.getvalue()
        self.add("42.zip", bomb)
        # Written by hand: tarfile takes a minute.
        header = tarfile.TarInfo("empty").tobuf()
        with gzip.open(os.path.join(self.tree, "members.tar.gz"), "wb", compresslevel=1) as file:
            for _ in range(1000):
                file.write(header * 1001)
        self.add("z.txt", KEY)
        code, findings, summary, errors = self.scan()
        self.assertEqual((code, self.paths(findings)), (1, ["z.txt"]))
        self.assertGreaterEqual(self.skipped(summary)["a limit for archives was reached"], 2)
        self.assertIn("42.zip", errors)
        self.assertIn("members.tar.gz", errors)

    def test_archives_hold_keys(self):
        with io.BytesIO() as inner:
            with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("config/app.properties", "\n\nkey = " + KEY)
            jar = inner.getvalue()
        with tarfile.open(os.path.join(self.tree, "image.tar"), "w") as image:
            with io.BytesIO() as layer:
                with tarfile.open(fileobj=layer, mode="w:gz") as archive:
                    member = tarfile.TarInfo("app/lib.jar")
                    member.size = len(jar)
                    archive.addfile(member, io.BytesIO(jar))
                content = layer.getvalue()
            member = tarfile.TarInfo("blobs/sha256/00")
            member.size = len(content)
            image.addfile(member, io.BytesIO(content))
        code, findings, _, _ = self.scan()
        self.assertEqual(code, 1)
        self.assertEqual(self.paths(findings),
                         ["image.tar/blobs/sha256/00/app/lib.jar/config/app.properties"])
        self.assertEqual(findings[0]["place"]["line"], 3)
        code, findings, summary, _ = self.scan("--max-archive-depth", "2")
        self.assertEqual((code, findings), (3, []))
        self.assertEqual(self.skipped(summary), {"a limit for archives was reached": 1})

    def test_a_tree_that_changes(self):
        self.add("a.txt", KEY)
        changing = [self.add(f"changing{number}", b"text\n" * 200_000) for number in range(8)]
        stop = threading.Event()

        def change():
            chance = random.Random(3)
            while not stop.is_set():
                path = chance.choice(changing)
                with contextlib.suppress(FileNotFoundError):
                    action = chance.randrange(4)
                    if action == 0:
                        os.truncate(path, chance.randrange(1_000_000))
                    elif action == 1:
                        os.unlink(path)
                    else:
                        with open(path, "ab") as file:
                            file.write(b"more\n" * 100_000)

        thread = threading.Thread(target=change)
        thread.start()
        try:
            for _ in range(10):
                _, findings, _, _ = self.scan()
                self.assertEqual(self.paths(findings), ["a.txt"])
        finally:
            stop.set()
            thread.join()

    def test_ignored(self):
        self.add(".gitignore", "ignored*\n")
        self.add(".vedetteignore", "own.txt\n")
        for name in ("kept.txt", "ignored.txt", "own.txt", "excluded/x.txt"):
            self.add(name, "acme_" + name[0] * 3 + KEY[8:])
        subprocess.run(["git", "init", "-q", self.tree], check=True)
        _, findings, summary, _ = self.scan("--exclude", "excluded")
        self.assertEqual(self.paths(findings), ["kept.txt"])
        self.assertEqual(self.skipped(summary), {"ignored by git": 1, "ignored by .vedetteignore": 1,
                                                 "excluded by --exclude": 1})
        # What git tracks is scanned all the same.
        subprocess.run(["git", "-C", self.tree, "add", "-f", "ignored.txt"], check=True)
        _, findings, summary, _ = self.scan("--exclude", "excluded")
        self.assertEqual(self.paths(findings), ["ignored.txt", "kept.txt"])
        self.assertNotIn("ignored by git", self.skipped(summary))
        _, findings, _, _ = self.scan("--no-ignore")
        self.assertEqual(self.paths(findings), ["excluded/x.txt", "ignored.txt", "kept.txt"])

    def test_kinds_of_files(self):
        token = hub_token()
        notebook = json.dumps({"cells": [{"cell_type": "code", "outputs": [
            {"output_type": "stream", "text": ["token = " + token + "\n"]}]}]}, indent=1)
        state = json.dumps({"resources": [{"instances": [{"attributes": {"token": token}}]}]}, indent=2)
        files = {
            "run.ipynb": notebook,
            "wide.txt": ("\ufefffirst\ntoken=" + token + "\n").encode("utf-16-le"),
            "big.txt": b"\xfe\xff" + ("first\ntoken=" + token + "\n").encode("utf-16-be"),
            ".env": "A=1\nGITHUB_TOKEN=" + token + "\n",
            "terraform.tfstate": state,
            "kubeconfig": "users:\n- name: ci\n  user:\n    token: " + token + "\n",
            ".bash_history": "ls\ncurl -H 'Authorization: token " + token + "' https://api.github.com\n",
            "ci.log": "2025-01-01T00:00:00Z ok\r\n2025-01-01T00:00:01Z \x1b[32mexport T=" + token + "\x1b[0m\r\n",
        }
        for name, content in files.items():
            shutil.rmtree(self.tree)
            os.mkdir(self.tree)
            self.add(name, content)
            code, findings, _, _ = self.scan(own_rules=False)
            # A state is told of for what it is, too.
            findings = [found for found in findings if found["rule"]["id"] == "github-pat"]
            self.assertEqual((code, len(findings)), (1, 1), name)
            text = content if isinstance(content, str) else content.decode("utf-16").lstrip("\ufeff")
            before = text.encode()[:text.encode().index(token.encode())]
            place = findings[0]["place"]
            self.assertEqual(place["line"], before.count(b"\n") + 1, name)
            self.assertEqual(place["column"], len(before) - (before.rfind(b"\n") + 1) + 1, name)

    def test_a_member_of_no_type_is_a_file(self):
        self.add("typeless.7z", seven_zip("conf", f"key = {KEY}\n".encode(), 0o644))
        _, findings, _, _ = self.scan()
        self.assertEqual([one["place"]["path"].split("/", 1)[-1].split("tree/")[-1] for one in findings], ["typeless.7z/conf"])


if __name__ == "__main__":
    unittest.main()
