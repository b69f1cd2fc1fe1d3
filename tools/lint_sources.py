#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs clang over every source, in parallel, and remembers what was clean.

Three passes: `headers` compiles alone each header that no source includes before all others (kernel C for the machine
that it is for), `clang` compiles tests, fuzzers and benchmarks without output (the second compiler, with
-Wthread-safety), `clang-tidy` checks everything else and compiles it the same way. A result is remembered in the
user's cache under the hash of the file, of every header of the project that it reaches, of the command and of the
configuration, with paths below the checkout and one name for every build folder, so that checkouts share it; only
clean results are remembered.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys
import time

ANY_INCLUDE = re.compile(rb'^\s*#\s*include\s+(?:"([^"]+)"|<)', re.M)
INCLUDE = re.compile(rb'^\s*#\s*include\s+"([^"]+)"', re.M)
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wthread-safety", "-Werror",
            # libstdc++ 12's own std::stable_sort, seen through clang.
            "-Wno-deprecated-declarations"]
# A function that the header's other half of the program would use is no mistake.
KERNEL_WARNINGS = ["-fsyntax-only", "-g", "-O2", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-unused-function",
                   "-Werror"]


class Sources:
    """Content hashes of files together with all project headers they reach."""

    def __init__(self, root, build, include_folders):
        self.root = root
        self.build = os.path.join(root, build)
        self.include_folders = include_folders
        self.reached = {}

    def find(self, name):
        for folder in self.include_folders:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                return path
        return None

    def reach(self, path):
        if path in self.reached:
            return self.reached[path]
        closure, pending = {}, [path]
        while pending:
            current = pending.pop()
            if current in closure:
                continue
            with open(current, "rb") as file:
                text = file.read()
            closure[current] = hashlib.sha256(text).hexdigest()
            for name in INCLUDE.findall(text):
                found = self.find(name.decode())
                if found:
                    pending.append(found)
        self.reached[path] = closure
        return closure

    def key(self, path, *parts):
        digest = hashlib.sha256()
        for part in parts:
            part = part.replace(self.build, "/build/release").replace(self.root, "")
            digest.update(part.encode() + b"\0")
        for name, content in sorted(self.reach(path).items()):
            digest.update(f"{os.path.relpath(name, self.root)}\0{content}\0".encode())
        return digest.hexdigest()


def compile_commands(root, folder):
    path = os.path.join(root, folder, "compile_commands.json")
    with open(path, encoding="utf-8") as file:
        entries = json.load(file)
    return {entry["file"]: entry["command"] for entry in entries}


def flags_of(command):
    """Includes, definitions and the language standard of a compile command; not its warnings."""
    words, flags, index = command.split(), [], 0
    while index < len(words):
        word = words[index]
        if word == "-isystem":
            flags += [word, words[index + 1]]
            index += 1
        elif word.startswith(("-I", "-D", "-std=")):
            flags.append(word.replace('\\"', '"'))
        index += 1
    return flags


def include_folders_of(commands, root):
    folders = []
    for command in commands.values():
        for word in re.findall(r"-I(\S+)", command):
            if word.startswith(root) and word not in folders:
                folders.append(word)
    return folders


def union_of_flags(commands):
    flags = []
    for command in commands.values():
        words = flags_of(command)
        index = 0
        while index < len(words):
            step = 2 if words[index] == "-isystem" else 1
            pair = words[index : index + step]
            if not words[index].startswith("-D") and pair[-1] not in flags:
                flags += pair
            index += step
    return flags


def is_source(path, root):
    return path.startswith(root + os.sep) and f"{os.sep}build{os.sep}" not in path


def begun_with(sources, commands, root):
    """Headers that a source includes before all others, and so compiles alone already."""
    found = set()
    for path in commands:
        if is_source(path, root):
            with open(path, "rb") as file:
                first = ANY_INCLUDE.search(file.read())
            if first and first[1]:
                found.add(sources.find(first[1].decode()))
    return found


def tasks_of(arguments, root, commands, sources):
    everything = union_of_flags(commands)
    begun = begun_with(sources, commands, root)
    for folder, _, names in os.walk(os.path.join(root, "src")):
        for name in sorted(names):
            if name.endswith(".h"):
                path = os.path.join(folder, name)
                if folder.endswith("/sensor/bpf"):
                    yield ("headers", path, [arguments.clang, "-target", "bpf", *KERNEL_WARNINGS,
                                             "-I" + os.path.join(root, "src"), "-x", "c", "-"])
                    continue
                if path in begun:
                    continue
                yield ("headers", path, [arguments.clang, "-fsyntax-only", *WARNINGS, *everything,
                                         "-x", "c++", "-"])
    for path, command in sorted(commands.items()):
        if not is_source(path, root):
            continue
        if re.search(r"_(test|fuzz|bench)\.cc$", path) or f"{os.sep}src{os.sep}" not in path:
            yield ("clang", path, [arguments.clang, "-fsyntax-only", *WARNINGS, *flags_of(command), path])
        else:
            yield ("clang-tidy", path, [arguments.tidy, "--quiet", "-p",
                                        os.path.join(root, arguments.build), path])


def run(task):
    kind, path, command = task
    # A header is included, not compiled: constants that only others use are no mistake.
    given = f'#include "{path}"\n'.encode() if kind == "headers" else b""
    done = subprocess.run(command, input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    text = done.stdout.decode(errors="replace")
    text = re.sub(r"^\d+ warnings?.*generated\.\n|^Suppressed.*\n|^Use -header-filter.*\n", "", text, flags=re.M)
    return done.returncode, text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--clang", default="clang++-19")
    parser.add_argument("--tidy", default="clang-tidy-19")
    parser.add_argument("only", nargs="*", help="parts of paths; without: everything")
    arguments = parser.parse_args()

    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    commands = compile_commands(root, arguments.build)
    sources = Sources(root, arguments.build, include_folders_of(commands, root))
    cache = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "vedette-lint")
    os.makedirs(cache, exist_ok=True)
    with open(os.path.join(root, ".clang-tidy"), encoding="utf-8") as file:
        configuration = file.read()
    version = subprocess.run([arguments.tidy, "--version"], stdout=subprocess.PIPE, check=True).stdout.decode()

    tasks = [task for task in tasks_of(arguments, root, commands, sources)
             if not arguments.only or any(part in task[1] for part in arguments.only)]
    if not tasks:
        print("lint: expected sources in the compile commands, found none", file=sys.stderr)
        return 1
    pending = {}
    for task in tasks:
        context = [version, configuration] if task[0] == "clang-tidy" else [version]
        key = sources.key(task[1], " ".join(task[2]), commands.get(task[1], ""), *context)
        if not os.path.exists(os.path.join(cache, key)):
            pending[key] = task

    start, failures = time.monotonic(), 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        running = {pool.submit(run, task): key for key, task in pending.items()}
        for future in concurrent.futures.as_completed(running):
            key = running[future]
            code, text = future.result()
            if code == 0:
                with open(os.path.join(cache, key), "w", encoding="utf-8"):
                    pass
            else:
                failures += 1
                print(f"{pending[key][0]}: {os.path.relpath(pending[key][1], root)}\n{text}", flush=True)
    for kind in ("headers", "clang", "clang-tidy"):
        total = sum(task[0] == kind for task in tasks)
        fresh = sum(task[0] == kind for task in pending.values())
        print(f"lint: {kind + ' (' + str(total) + ' files)':<28}{fresh} looked at, {total - fresh} unchanged")
    print(f"lint: {failures} of {len(tasks)} failed, {time.monotonic() - start:.0f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
