#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What other scanners of models say of the labelled corpus of tests/e2e/model_corpus, which is ours: only the distance
says something, not our own figure.

    bench/model_peers.py VEDETTE

picklescan, modelscan and modelaudit are asked where they are on PATH (all are on PyPI). A file counts as told where a tool
calls it dangerous, or gives it medium (a warning) or more.
"""
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/e2e/model_corpus"))
import build  # noqa: E402


def run(*command, folder):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def vedette(program, folder):
    done = run(program, "scan", "model", "-q", "-f", "json", ".", folder=folder)
    return [one["place"]["path"] for one in json.loads(done.stdout)["findings"]
            if one["severity"] in ("medium", "high", "critical")]


def picklescan(program, folder):
    done = run(program, "-p", ".", folder=folder)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if "dangerous" in line]
    return [os.path.relpath(line.split(":")[0], folder if line.startswith("/") else ".") for line in lines]


def modelscan(program, folder):
    with tempfile.TemporaryDirectory() as outside:
        report = os.path.join(outside, "report.json")
        run(program, "-p", ".", "-r", "json", "-o", report, folder=folder)
        with open(report, encoding="utf-8") as file:
            text = file.read()
    found = json.loads(text[text.index("{"):text.rindex("}") + 1], strict=False)
    return [one["source"].split(":")[0] for one in found["issues"]]


def modelaudit(program, folder):
    environment = dict(os.environ, PROMPTFOO_DISABLE_TELEMETRY="1", NO_COLOR="1")
    done = subprocess.run([program, "scan", "--no-cache", "--format", "json", "."], cwd=folder, capture_output=True, text=True,
                          check=False, env=environment)
    found = json.loads(done.stdout[done.stdout.index("{"):])
    paths = [one["location"] for one in found["issues"] if one["severity"] in ("warning", "critical") and one.get("location")]
    return [os.path.relpath(path.split(":")[0].split(" ")[0], folder if path.startswith("/") else ".") for path in paths]


def asked(ask, program, files):
    """Paths that are told. Where a file ends the scanner the rest is asked in halves; it counts as not told."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        try:
            return ask(program, folder)
        except (OSError, ValueError):
            names = list(files)
    if len(names) == 1:
        return []
    half = len(names) // 2
    return [path for part in (names[:half], names[half:]) for path in asked(ask, program, {name: files[name] for name in part})]


def told(ask, program, files):
    """Names of the files that are told, and the seconds."""
    begin = time.monotonic()
    paths = asked(ask, program, files)
    seconds = time.monotonic() - begin
    names = set()
    for path in paths:
        path = path.removeprefix("./")
        while path not in files and "/" in path:
            path = path.rpartition("/")[0]
        names.add(path)
    return names & files.keys(), seconds


def main(program):
    hostile, clean = build.hostile(), build.clean()
    kinds = collections.Counter(name.split("/")[0] for name in hostile)
    for name, ask, where in (("vedette", vedette, os.path.abspath(program)),
                             ("picklescan", picklescan, shutil.which("picklescan")),
                             ("modelscan", modelscan, shutil.which("modelscan")),
                             ("modelaudit", modelaudit, shutil.which("modelaudit"))):
        if where is None:
            print(f"{name}: not on PATH")
            continue
        found, first = told(ask, where, hostile)
        wrong, second = told(ask, where, clean)
        print(f"{name}: {len(found)} of {len(hostile)} hostile, {len(wrong)} of {len(clean)} clean, {first + second:.1f} s")
        by_kind = collections.Counter(one.split("/")[0] for one in found)
        print("    " + ", ".join(f"{kind} {by_kind[kind]}/{count}" for kind, count in sorted(kinds.items())))


if __name__ == "__main__":
    main(*sys.argv[1:])
