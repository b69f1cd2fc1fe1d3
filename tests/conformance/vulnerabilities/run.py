#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Published advisories against packages, evaluated a second way.

Of the advisories in vulndb below VEDETTE_DATA a database is built. Each PyPI package in them in up to nine of its versions
(as requirements.txt) and each Go module at and around every version that an event names (as go.mod) is scanned
with it. What `vedette scan packages --db` finds is compared with OSV's evaluation algorithm, written down in
Python over `packaging` and a few lines of SemVer: package, version, advisories, and all names of a vulnerability.
Upgrades are checked to be free of what they fix, and no smaller fix to be so. Last line:
`vulnerabilities passed failed skipped`.
"""
import functools
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile

data = os.path.join(os.environ.get("VEDETTE_DATA", "../shared/data"), "vulndb")
vedette = os.path.abspath(os.environ.get("VEDETTE", "build/release/bin/vedette"))
VERSIONS_MAX = 9
UPGRADES_MAX = 2  # of one package; trying all fixes of all advisories takes its time


def stop(reason):
    print(f"skip: {reason}")
    print("vulnerabilities 0 0 1")
    sys.exit(0)


try:
    from packaging.version import InvalidVersion, Version
except ImportError:
    stop("no packaging")
archives = [os.path.join(data, name) for name in ("PyPI-all.zip", "Go-all.zip")]
if not all(map(os.path.exists, archives)):
    stop("no advisories; set VEDETTE_DATA")


@functools.total_ordering
class SemVer:
    """SemVer 2.0.0, section 11."""

    def __init__(self, text):
        found = re.fullmatch(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+.*)?", text)
        if not found:
            raise ValueError(text)
        numbers = tuple(int(n or 0) for n in found.groups()[:3])
        parts = found.group(4)
        before = tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in parts.split(".")) if parts else ()
        self.key = numbers, not before, before

    def __eq__(self, other):
        return self.key == other.key

    def __lt__(self, other):
        return self.key < other.key


read_pypi, read_semver = functools.cache(Version), functools.cache(SemVer)


def is_affected(version, entry, order):
    """https://ossf.github.io/osv-schema/#evaluation"""
    if any(order(v) == version for v in entry.get("versions", [])):
        return True
    for one in entry.get("ranges", []):
        if one["type"] == "GIT":
            continue
        events = [next(iter(e.items())) for e in one["events"]]
        limits = [v for kind, v in events if kind == "limit"]
        if limits and not any(v == "*" or version < order(v) for v in limits):
            continue
        hit = False
        for kind, text in sorted(events, key=lambda e: (e[1] != "0", order(e[1]))):
            if kind == "introduced" and (text == "0" or version >= order(text)):
                hit = True
            elif kind == "fixed" and version >= order(text):
                hit = False
            elif kind == "last_affected" and version > order(text):
                hit = False
        if hit:
            return True
    return False


def events_of(entry):
    return [v for r in entry.get("ranges", []) if r["type"] != "GIT" for e in r["events"] for v in e.values() if v != "0"]


def pypi_name(name):
    return re.sub(r"[-_.]+", "-", name).lower()


records, packages, names = {}, {}, {}
for archive in archives:
    with zipfile.ZipFile(archive) as opened:
        for member in opened.namelist():
            record = json.loads(opened.read(member))
            if "withdrawn" not in record:
                records[record["id"]] = record
for identity, record in records.items():
    for entry in record["affected"]:
        ecosystem, name = entry["package"]["ecosystem"], entry["package"]["name"]
        key = ecosystem, pypi_name(name) if ecosystem == "PyPI" else name
        packages.setdefault(key, []).append((identity, entry))
    joined = {identity, *record.get("aliases", [])}
    for name in list(joined):
        joined |= names.get(name, set())
    for name in joined:
        names[name] = joined


def spread(versions):
    if len(versions) <= VERSIONS_MAX:
        return versions
    return [versions[i * (len(versions) - 1) // (VERSIONS_MAX - 1)] for i in range(VERSIONS_MAX)]


def questions():
    """Which packages in which versions, with what to compare versions by."""
    for (ecosystem, name), entries in sorted(packages.items()):
        order = read_pypi if ecosystem == "PyPI" else read_semver
        try:
            known = {v for _, e in entries for v in [*e.get("versions", []), *events_of(e)]}
            known = sorted(known, key=lambda v: (order(v), v))
        except (InvalidVersion, ValueError):
            yield ecosystem, name, entries, order, None
            continue
        if ecosystem == "Go":
            if name in ("stdlib", "toolchain"):
                continue
            known = sorted({*known, "0.0.1", *(v + ".0" if v.count(".") == 1 else v for v in known)}, key=order)
            known = [v for v in known if v.count(".") >= 2]
        yield ecosystem, name, entries, order, spread(known)


passed = failed = skipped = 0
expected, orders = {}, {}
with tempfile.TemporaryDirectory() as folder:
    lines = {}
    for ecosystem, name, entries, order, versions in questions():
        if versions is None:
            skipped += 1
            continue
        for number, version in enumerate(versions):
            written = "v" + version if ecosystem == "Go" else version
            lines.setdefault((ecosystem, number), []).append((name, written))
            hits = {i for i, e in entries if is_affected(order(version), e, order)}
            expected[ecosystem, name, written] = hits
            orders[ecosystem, name] = order, entries
    for (ecosystem, number), asked in lines.items():
        path = os.path.join(folder, f"{ecosystem}-{number}")
        os.makedirs(path)
        if ecosystem == "PyPI":
            text = "".join(f"{name}=={version}\n" for name, version in asked)
        else:
            text = "module example.org/m\n\ngo 1.21\n\nrequire (\n"
            text += "".join(f"\t{name} {version}\n" for name, version in asked) + ")\n"
        with open(os.path.join(path, "requirements.txt" if ecosystem == "PyPI" else "go.mod"), "w",
                  encoding="utf-8") as file:
            file.write(text)
    database = os.path.join(folder, "v.db")
    subprocess.run([vedette, "db", "build", "-q", "-o", database, *archives], check=True)
    done = subprocess.run([vedette, "scan", "packages", "--db", database, "-q", "-f", "ndjson", folder],
                          stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 1:
        print(f"exit code {done.returncode}, not 1")
        failed += 1

found, upgrades, whole = {}, {}, {}
for line in done.stdout.splitlines():
    one = json.loads(line)["vulnerability"]
    key = one["ecosystem"], one["package"], one["version"]
    found.setdefault(key, set()).update(one["advisories"])
    whole.setdefault(key, []).append(one)
    for advisory in one["advisories"]:
        if set(one["names"]) != names[advisory]:
            print(f"{advisory}: names {one['names']}, not {sorted(names[advisory])}")
            failed += 1
for key, hits in expected.items():
    if found.get(key, set()) != hits:
        failed += 1
        print(f"{key}: only vedette {sorted(found.get(key, set()) - hits)}, only the other {sorted(hits - found.get(key, set()))}")
        continue
    passed += 1
for key in found.keys() - expected.keys():
    print(f"{key}: nobody asked")
    failed += 1

checked, tried = 0, {}
for (ecosystem, name, version), ones in sorted(whole.items()):
    tried[ecosystem, name] = tried.get((ecosystem, name), 0) + 1
    if tried[ecosystem, name] > UPGRADES_MAX:
        continue
    order, entries = orders[ecosystem, name]
    upgrade, current = ones[0].get("upgrade"), order(version)
    hits = expected[ecosystem, name, version]
    fixes = sorted((order(v[next(iter(v))]) for _, e in entries for r in e.get("ranges", []) if r["type"] != "GIT"
                    for v in r["events"] if "fixed" in v))
    free = [f for f in fixes if f > current and not any(is_affected(f, e, order) for i, e in entries if i in hits)]
    clean = [f for f in free if not any(is_affected(f, e, order) for _, e in entries)]
    best = (clean or free or [None])[0]
    checked += 1
    if best is not None and (upgrade is None or order(upgrade) != best):
        print(f"{name} {version}: upgrade {upgrade}, not the smallest")
        failed += 1
    else:
        passed += 1

print(f"{len(expected)} packages in versions, {sum(map(bool, expected.values()))} of them hit, {checked} upgrades")
print(f"vulnerabilities {passed} {failed} {skipped}")
sys.exit(1 if failed else 0)
