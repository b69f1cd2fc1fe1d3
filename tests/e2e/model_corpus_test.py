# SPDX-License-Identifier: Apache-2.0
"""Every hostile model of the corpus is told and every clean one is not; damaged ones neither end the program nor hold it
up. VEDETTE_FULL=1 cuts each file at 50 places and changes it 1,000 times (an hour); without, a sample of that."""
import collections
import json
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "model_corpus"))
import build  # noqa: E402

VEDETTE = os.environ["VEDETTE"]
LEVELS = ("informational", "low", "medium", "high", "critical")
FULL = os.environ.get("VEDETTE_FULL") == "1"
CUTS, CHANGES = (50, 1000) if FULL else (2, 4)


class Corpus(unittest.TestCase):
    def scan(self, files):
        """{name: worst level as a number, -1 for none}, for {name: bytes}."""
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            done = subprocess.run([VEDETTE, "scan", "model", "-q", "-f", "json", "."], cwd=folder, capture_output=True,
                                  text=True, timeout=600, check=False)
        self.assertIn(done.returncode, (0, 1, 3), done.stderr)
        worst = dict.fromkeys(files, -1)
        for finding in json.loads(done.stdout)["findings"]:
            path = finding["place"]["path"].removeprefix("./")
            while path not in worst and "/" in path:
                path = path.rpartition("/")[0]
            worst[path] = max(worst[path], LEVELS.index(finding["severity"]))
        return worst

    def test_hostile(self):
        files = build.hostile()
        self.assertGreaterEqual(len(files), 300)
        missed = [name for name, level in self.scan(files).items() if level < LEVELS.index("medium")]
        self.assertEqual(missed, [])

    def test_clean(self):
        files = build.clean()
        self.assertGreaterEqual(len(files), 300)
        told = [name for name, level in self.scan(files).items() if level > LEVELS.index("informational")]
        self.assertEqual(told, [])

    def test_the_call_is_named(self):
        for module, name in build.gadgets.FORM_TARGETS:
            files = {f"{form.__name__}.pkl": form(module, name, *((build.forms.HARMLESS,)
                                                                  if form is build.forms.stack_global else ()))
                     for form in build.forms.FORMS if form is not build.forms.encoded_exec}
            with tempfile.TemporaryDirectory() as folder:
                for file, content in files.items():
                    pathlib.Path(folder, file).write_bytes(content)
                done = subprocess.run([VEDETTE, "scan", "model", "-q", "-f", "json", "."], cwd=folder, text=True,
                                      capture_output=True, timeout=60, check=False)
            named = {finding["place"]["path"].removeprefix("./").split("/")[0]
                     for finding in json.loads(done.stdout)["findings"] if name in finding["message"]}
            self.assertEqual(set(files) - named, set(), f"{module}.{name}")

    def test_the_reason_is_named(self):
        cases = build.exchange.hostile() | build.advisories.hostile()
        with tempfile.TemporaryDirectory() as folder:
            for name, (content, _) in cases.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            done = subprocess.run([VEDETTE, "scan", "model", "-q", "-f", "json", "."], cwd=folder, text=True,
                                  capture_output=True, timeout=60, check=False)
        said = collections.defaultdict(str)
        for finding in json.loads(done.stdout)["findings"]:
            path = finding["place"]["path"].removeprefix("./")
            while path not in cases and "/" in path:
                path = path.rpartition("/")[0]
            said[path] += finding["message"] + "\n"
        missed = {name: said[name] for name, (_, word) in cases.items() if word not in said[name]}
        self.assertEqual(missed, {})

    def damaged(self, content, chance):
        for _ in range(CUTS):
            yield content[:chance.randrange(len(content) + 1)]
        for _ in range(CHANGES):
            changed = bytearray(content)
            for _ in range(chance.randrange(1, 5)):
                if changed:
                    changed[chance.randrange(len(changed))] = chance.choice((0, 0xFF, chance.randrange(256)))
            yield bytes(changed)

    def test_damage(self):
        chance = random.Random(11)
        files = {**build.hostile(), **{"clean/" + name: content for name, content in build.clean().items()}}
        names = sorted(files)
        for begin in range(0, len(names), 100):
            batch = {}
            for name in names[begin:begin + 100]:
                for index, content in enumerate(self.damaged(files[name], chance)):
                    folder, _, last = name.rpartition("/")
                    batch[f"{folder}/{index}/{last}"] = content
            started = time.monotonic()
            self.scan(batch)
            # No file may take a second; together they take far less.
            self.assertLess(time.monotonic() - started, 5 + len(batch) / 200)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        if "asan" not in os.environ.get("VEDETTE_BUILD", ""):
            print(f"peak {peak >> 10} MiB over {len(names) * (CUTS + CHANGES)} damaged files", file=sys.stderr)


if __name__ == "__main__":
    unittest.main()
