# SPDX-License-Identifier: Apache-2.0
"""`vedette scan model` over pickles and what holds them, all made here: written and never loaded. What would be called
is named, what libraries write is clean, what nobody knows is said to be unknown."""
import base64
import collections
import datetime
import decimal
import gzip
import io
import json
import os
import pathlib
import pickle
import pickletools
import random
import subprocess
import tarfile
import tempfile
import unittest
import zipfile
import zlib

VEDETTE = os.environ["VEDETTE"]


class Calls:
    """Pickles as a call; nothing is called when it is written."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


HARMLESS = "echo harmless"


def stack_global(module, name, argument):
    """Of protocol 4, by hand: a function that need not be there."""
    def text(value):
        return pickle.SHORT_BINUNICODE + bytes([len(value)]) + value.encode()
    return (pickle.PROTO + b"\x04" + text(module) + text(name) + pickle.STACK_GLOBAL + text(argument) +
            pickle.TUPLE1 + pickle.REDUCE + pickle.STOP)


class ModelScan(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="vedette-model-")
        self.addCleanup(subprocess.run, ["rm", "-rf", self.folder], check=False)

    def add(self, name, content):
        path = os.path.join(self.folder, name)
        pathlib.Path(path).write_bytes(content)
        return path

    def scan(self, *targets, flags=()):
        """(exit code, findings)"""
        done = subprocess.run([VEDETTE, "scan", "model", "-f", "json", *flags, *targets], check=False, capture_output=True,
                              text=True, timeout=60)
        self.assertIn(done.returncode, (0, 1, 3), done.stderr)
        return done.returncode, json.loads(done.stdout)["findings"]

    def check_hostile(self, content, call, name="model.pkl", severity="critical"):
        code, findings = self.scan(self.add(name, content))
        self.assertEqual(code, 1, name)
        messages = [one["message"] for one in findings]
        self.assertTrue(any(call in message for message in messages), (call, messages))
        self.assertIn(severity, [one["severity"] for one in findings])
        return findings

    def check_clean(self, content, name="model.pkl"):
        code, findings = self.scan(self.add(name, content))
        self.assertEqual((code, findings), (0, []), name)

    def test_all_protocols(self):
        for protocol in range(6):
            with self.subTest(protocol=protocol):
                self.check_hostile(pickle.dumps(Calls(os.system, HARMLESS), protocol), 'system("echo harmless")')
                self.check_clean(pickle.dumps({"weights": [1.5, 2, None, True], "names": ("a", b"b", {"c"})}, protocol))

    def test_what_libraries_write_is_clean(self):
        for value in (collections.OrderedDict(a=1), collections.defaultdict(list, a=[1]), datetime.datetime(2020, 1, 1),
                      decimal.Decimal("1.5"), complex(1, 2), bytearray(b"x"), frozenset([1]), collections.Counter("aab")):
            with self.subTest(value=value):
                self.check_clean(pickle.dumps(value))

    def test_what_nobody_knows_is_said_and_is_not_critical(self):
        findings = self.check_hostile(stack_global("acme.models", "rebuild", "x"), 'acme.models.rebuild("x")', severity="medium")
        self.assertNotIn("critical", [one["severity"] for one in findings])

    def test_indirect_ways(self):
        for module, name in (("pkgutil", "resolve_name"), ("runpy", "run_path"),
                             ("numpy.testing._private.utils", "runstring"), ("torch.hub", "load"), ("pip", "main"),
                             ("builtins", "eval"), ("code", "InteractiveInterpreter"), ("ctypes", "CDLL")):
            with self.subTest(module=module):
                code, findings = self.scan(self.add("m.pkl", stack_global(module, name, "x")))
                self.assertEqual(code, 1)
                self.assertTrue(any(f"{module}.{name}" in one["message"] for one in findings), findings)

    def test_text_is_put_together(self):
        inner = base64.b64encode(b"import os").decode()
        self.check_hostile(pickle.dumps(Calls(exec, Calls(base64.b64decode, inner))), "exec(")

    def test_what_is_behind_and_what_is_missing(self):
        live = pickle.dumps(Calls(os.system, HARMLESS))
        self.check_hostile(live[:-1], "system")  # no STOP
        self.check_hostile(live + b"\xff\x00 tail", "system")
        self.check_hostile(pickle.dumps([1]) + live, "system")  # a second one
        self.check_hostile(pickle.dumps({"inner": live}), "system")  # in bytes of another
        self.check_hostile(pickletools.optimize(live), "system")

    def test_containers(self):
        live = pickle.dumps(Calls(os.system, HARMLESS))
        clean = pickle.dumps({"a": [1, 2]})
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as torch:
            torch.writestr("archive/data.pkl", live)
            torch.writestr("archive/data/0", bytes(64))
        self.check_hostile(out.getvalue(), "system", "model.pt")
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as torch:
            torch.writestr("archive/data.pkl", clean)
            torch.writestr("archive/data/0", bytes(64))
        self.check_clean(out.getvalue(), "model.pt")
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            member = tarfile.TarInfo("inner/model.pkl")
            member.size = len(live)
            tar.addfile(member, io.BytesIO(live))
        self.check_hostile(out.getvalue(), "system", "models.tar")
        self.check_hostile(gzip.compress(live), "system", "model.pkl.gz")
        self.check_hostile(zlib.compress(live), "system", "model.joblib")

    def test_an_archive_that_lies(self):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as torch:
            torch.writestr("data.pkl", pickle.dumps(Calls(os.system, HARMLESS)))
        stored = out.getvalue()
        self.check_hostile(stored.replace(b"PK\x01\x02", b"XX\x01\x02"), "system", "cut.zip")  # no directory
        at = stored.index(b"PK\x01\x02")
        self.check_hostile(stored[:at + 8] + b"\x01" + stored[at + 9:], "system", "flag.zip")  # said to be encrypted

    def test_show_is_readable_and_runs_nothing(self):
        mark = os.path.join(self.folder, "ran")
        path = self.add("m.pkl", pickle.dumps(Calls(os.system, f"touch {mark}")))
        done = subprocess.run([VEDETTE, "scan", "model", "--show", path], check=False, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0)
        self.assertIn("system(", done.stdout)
        self.assertFalse(os.path.exists(mark))

    def test_show_tells_numbers(self):
        for protocol in (0, 4):
            path = self.add("n.pkl", pickle.dumps(Calls(print, 0.5, -1.25, 7, -3), protocol))
            done = subprocess.run([VEDETTE, "scan", "model", "--show", path], check=False, capture_output=True, text=True)
            self.assertIn("print(0.5, -1.25, 7, -3)", done.stdout)

    def test_damage_neither_ends_nor_stops_it(self):
        chance = random.Random(7)
        good = pickle.dumps({"a": Calls(os.system, HARMLESS), "b": [Calls(eval, "1"), list(range(50))]})
        folder = os.path.join(self.folder, "many")
        os.mkdir(folder)
        for i in range(300):
            bytes_ = bytearray(good[:chance.randrange(len(good))] if i % 3 == 0 else good)
            for _ in range(chance.randrange(4)):
                if bytes_:
                    bytes_[chance.randrange(len(bytes_))] = chance.randrange(256)
            pathlib.Path(folder, f"{i}.pkl").write_bytes(bytes_)
        code, findings = self.scan(folder)
        self.assertEqual(code, 1)
        self.assertGreater(len(findings), 150)

    def test_no_secret_of_a_call_is_shown(self):
        key = "glpat-" + "x9Kd7QmB2vRt5NwZ8pLs"
        path = self.add("m.pkl", pickle.dumps(Calls(os.system, f"curl -H 'PRIVATE-TOKEN: {key}' https://code.example")))
        for flags in (("-f", "json"), ("-f", "table"), ("-f", "sarif"), ("-f", "html"), ("--show",)):
            with self.subTest(flags=flags):
                done = subprocess.run([VEDETTE, "scan", "model", *flags, path], check=False, capture_output=True, text=True)
                self.assertIn("PRIVATE-TOKEN", done.stdout)
                self.assertNotIn(key, done.stdout + done.stderr)

    def losses(self, path):
        done = subprocess.run([VEDETTE, "scan", "model", "-f", "json", path], check=False, capture_output=True, text=True)
        self.assertEqual(json.loads(done.stdout)["findings"], [])
        return done.returncode, done.stderr

    def test_what_is_not_looked_at_is_said(self):
        deep = pickle.dumps([1])
        for _ in range(20):
            deep = gzip.compress(deep)
        self.assertEqual(self.losses(self.add("deep.gz", deep))[0], 3)
        large = gzip.compress(bytes(70 << 20), 1)
        code, said = self.losses(self.add("large.gz", large))
        self.assertEqual(code, 3)
        self.assertIn("large.gz", said)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as stored:
            stored.writestr("data.pkl", pickle.dumps([1]))
        sealed = out.getvalue().replace(b"PK\x03\x04\x14\x00\x00\x00\x00", b"PK\x03\x04\x14\x00\x01\x00\x63")
        at = sealed.index(b"PK\x01\x02")
        sealed = sealed[:at + 8] + b"\x01\x00\x63" + sealed[at + 11:]  # a method that nobody knows
        self.assertEqual(self.losses(self.add("sealed.zip", sealed))[0], 3)

    def test_nothing_packed_is_no_loss(self):
        for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w", method) as packed:
                packed.writestr("m/", b"")
                packed.writestr("m/__init__.py", b"")
                packed.writestr("m/m.pkl", pickle.dumps([1]))
            self.check_clean(out.getvalue(), "empty.zip")

    def test_no_file(self):
        done = subprocess.run([VEDETTE, "scan", "model", os.path.join(self.folder, "none")], check=False, capture_output=True)
        self.assertIn(done.returncode, (2, 3))


if __name__ == "__main__":
    unittest.main()
