#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether every package that other tools find in an image is found here too.

    bench/image_completeness.py IMAGE VEDETTE=PROGRAM|REPORT [trivy=PROGRAM|REPORT] [syft=PROGRAM|REPORT]

Each tool is run, or a JSON report of it is read. Packages are compared by (ecosystem, name, version), names as
Package URL compares them. For each other tool: how many packages, how many of them we name, and each that we do not,
with its place; then what only we name. image_differences.tsv beside this script explains differences: ecosystem, name,
version ("*": any) and why, by tabs; what it explains is counted apart. Exit code 1 when something is unexplained.
"""
import collections
import fnmatch
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
SHOWN = 60


def split_purl(purl):
    """(type, namespace and name, version) of a Package URL"""
    body = purl.partition("#")[0].partition("?")[0].removeprefix("pkg:")
    kind, _, rest = body.partition("/")
    name, at, version = rest.rpartition("@")
    if not at:
        name, version = rest, ""
    return kind, urllib.parse.unquote(name), urllib.parse.unquote(version)


def key_of(purl):
    kind, name, version = split_purl(purl)
    if kind in ("deb", "rpm", "apk", "alpm"):  # the distribution is no part of the name
        name = name.rpartition("/")[2]
        epoch = re.search(r"[?&]epoch=(\d+)", purl)
        if epoch and epoch[1] != "0" and ":" not in version:
            version = f"{epoch[1]}:{version}"
    if kind == "pypi":
        name = re.sub(r"[-_.]+", "-", name).lower()
    if kind == "golang":
        name = name.lower()
        version = version.removeprefix("v").removeprefix("go").partition("+")[0] if name == "stdlib" else version
    return kind, name, version


def of_vedette(report):
    for package in report["packages"]["packages"]:
        yield package["purl"], package["path"]


def of_trivy(report):
    for result in report.get("Results", []):
        for package in result.get("Packages", []):
            purl = package.get("Identifier", {}).get("PURL")
            if purl:
                yield purl, package.get("FilePath") or result["Target"]


def of_syft(report):
    for package in report["artifacts"]:
        if package.get("purl"):
            yield package["purl"], package["locations"][0]["path"] if package["locations"] else ""
        else:
            yield f"pkg:{package['type']}/{package['name']}@{package['version']}", ""


TOOLS = {
    "vedette": (of_vedette, ["scan", "image", "-q", "--only", "packages", "-f", "json", "-o", "OUT", "IMAGE"]),
    "trivy": (of_trivy, ["image", "-q", "--input", "IMAGE", "--list-all-pkgs", "--scanners", "license", "--skip-db-update",
                         "--skip-java-db-update", "--offline-scan", "-f", "json", "-o", "OUT"]),
    "syft": (of_syft, ["-q", "docker-archive:IMAGE", "-o", "json=OUT"]),
}


def packages_of(tool, program, image):
    read, arguments = TOOLS[tool]
    if program.endswith(".json"):
        with open(program, encoding="utf-8") as file:
            report = json.load(file)
    else:
        with tempfile.TemporaryDirectory(prefix="vedette-bench-") as folder:
            out = os.path.join(folder, "report")
            command = [one.replace("IMAGE", image).replace("OUT", out) for one in arguments]
            environment = {**os.environ, "SYFT_CHECK_FOR_APP_UPDATE": "false", "TRIVY_CACHE_DIR": folder}
            subprocess.run([program, *command], check=False, env=environment)
            with open(out, encoding="utf-8") as file:
                report = json.load(file)
    found = collections.defaultdict(set)
    for purl, place in read(report):
        found[key_of(purl)].add(place.lstrip("/"))
    return found


def explanations():
    with open(os.path.join(HERE, "image_differences.tsv"), encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if line.strip() and not line.startswith("#")]
    return [(*row[:3], row[3], row[4]) for row in rows]


def explained(key, places, rows):
    for *wanted, place, why in rows:
        if all(fnmatch.fnmatchcase(a, b) for a, b in zip(key, wanted)) and all(fnmatch.fnmatchcase(p, place) for p in places):
            return why
    return None


def same_in_ours(key, ours):
    """Whether one of ours is the package that another tool names: Syft takes a jar's artifact for its group, where it
    knows none, and writes a version as the jar's file has it."""
    kind, name, version = key
    group, _, artifact = name.rpartition("/")
    if key in ours:
        return True
    return kind == "maven" and group == artifact and ((kind, artifact, version) in ours or any(
        other.endswith("/" + artifact) and version == known for what, other, known in ours if what == kind))


def show(title, found, keys):
    print(f"{title}: {len(keys)} {dict(collections.Counter(kind for kind, _, _ in keys))}")
    for key in sorted(keys)[:SHOWN]:
        print("   ", *key, "in", sorted(found[key])[0])


def main(image, *tools):
    found = {name.lower(): packages_of(name.lower(), program, image) for name, _, program in
             (one.partition("=") for one in tools)}
    ours = found.pop("vedette")
    rows = explanations()
    missing = 0
    for name, theirs in found.items():
        kinds = dict(collections.Counter(kind for kind, _, _ in theirs))
        other = {key for key in theirs if not same_in_ours(key, ours)}
        print(f"{name}: {len(theirs)} packages {kinds}, {len(theirs) - len(other)} of them here too")
        why = {key: explained(key, theirs[key], rows) for key in other}
        for reason, count in collections.Counter(filter(None, why.values())).most_common():
            print(f"  {count} not here: {reason}")
        unexplained = [key for key, reason in why.items() if reason is None]
        show("  not here, unexplained", theirs, unexplained)
        missing += len(unexplained)
    others = set().union(*found.values()) if found else set()
    show(f"vedette: {len(ours)} packages; only here", ours, ours.keys() - others)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
