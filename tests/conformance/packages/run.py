#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lock files and manifests that nobody here wrote, read a second way.

For each file of packages/lockfiles below VEDETTE_DATA, what `vedette scan packages` names is compared with what
a few lines of Python for its format find with other parsers (json, tomllib, yaml, ElementTree, regular
expressions): ecosystem, name, version and line of every package, and relation, scope, needs and licences where
the file states them. A file that no reader knows must be one of those that name no packages. Then the tree as a
whole, where manifests tell what is direct; then rpm's databases (rpm_reader.py). Last line: `packages passed failed skipped`.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as ElementTree

import rpm_reader

data = os.path.join(os.environ.get("VEDETTE_DATA", "../shared/data"), "packages", "lockfiles")
vedette = os.environ.get("VEDETTE", "build/release/bin/vedette")


def stop(reason):
    print(f"skip: {reason}")
    print("packages 0 0 1")
    sys.exit(0)


try:
    import yaml
except ImportError:
    stop("no PyYAML")
if not os.path.isdir(data):
    stop("no lock files; set VEDETTE_DATA")


def package(ecosystem, name, version, line, **more):
    return {"ecosystem": ecosystem, "name": name, "version": version, "line": line, **more}


def line_of(text, pattern, nth=0):
    """The line of the nth match of an expression, from 1."""
    found = [m.start() for m in re.finditer(pattern, text, re.M)]
    return text.count("\n", 0, found[nth]) + 1


def key_line(text, key, indent):
    return line_of(text, rf'^{" " * indent}"{re.escape(key)}"\s*:')


def exact(text):
    return text if re.fullmatch(r"\d+\.\d+\.\d+([-+][\w.+-]*)?", text) else ""


def pypi(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def named(name, versions):
    return f"{name}@{versions[name]}"


def npm_lock(text):
    packages = json.loads(text)["dependencies"]
    versions = {n: p["version"] for n, p in packages.items()}
    for name, entry in packages.items():
        needs = {named(n, versions) for n in entry.get("requires", {})}
        scope = "development" if entry.get("dev") else "production"
        yield package("npm", name, entry["version"], key_line(text, name, 4), needs=needs, scope=scope)


def npm_installed(text):
    value = json.loads(text)
    indent = min(len(m) for m in re.findall(r'^( +)"version"', text, re.M))
    licenses = [value["license"]] if "license" in value else None
    yield package("npm", value["name"], value["version"], key_line(text, "version", indent), licenses=licenses)


def npm_manifest(text):
    value = json.loads(text)
    for key, scope in (("dependencies", "production"), ("devDependencies", "development")):
        for name, wanted in value.get(key, {}).items():
            line = key_line(text, name, 4)
            yield package("npm", name, exact(wanted), line, requested=wanted, scope=scope, relation="direct")


def yarn_lock(text):
    blocks = re.findall(r"^(\S[^\n]*):\n((?: +[^\n]*\n?)+)", text, re.M)
    entries = []
    for key, body in blocks:
        version = re.search(r'^  version "(.*)"', body, re.M)[1]
        needs = re.findall(r'^    "?([^\s"]+)"? "(.*)"', body, re.M)
        entries.append(([d.strip('" ') for d in key.split(",")], version, needs, key))
    known = {d: f"{re.sub('@[^@]*$', '', d)}@{version}" for keys, version, _, _ in entries for d in keys}
    for keys, version, needs, key in entries:
        wanted = {known[f"{name}@{need}"] for name, need in needs}
        name = re.sub("@[^@]*$", "", keys[0])
        yield package("npm", name, version, line_of(text, rf"^{re.escape(key)}:"), needs=wanted)


def pnpm_lock(text):
    value = yaml.safe_load(text)
    for key, entry in value["packages"].items():
        name, version = re.fullmatch(r"/(.+)@([^@]+)", key).groups()
        relation = "direct" if name in value["dependencies"] else "transitive"
        scope = "development" if entry["dev"] else "production"
        line = line_of(text, rf"^  {re.escape(key)}:")
        yield package("npm", name, version, line, relation=relation, scope=scope, needs=set())


def bun_lock(text):
    value = json.loads(re.sub(r",(\s*[}\]])", r"\1", text))
    project = value["workspaces"][""]
    asked = {n for key, names in project.items() if key.endswith("ependencies") for n in names}
    versions = {n: p[0].rsplit("@", 1)[1] for n, p in value["packages"].items()}
    production, todo = set(), [*project["dependencies"], *project["peerDependencies"]]
    while todo:
        name = todo.pop()
        if name not in production:
            production.add(name)
            todo += value["packages"][name][2].get("dependencies", {})
    yield package("npm", project["name"], "", key_line(text, "", 4), relation="root")
    for name, entry in value["packages"].items():
        needs = {named(n, versions) for n in entry[2].get("dependencies", {})}
        relation = "direct" if name in asked else "transitive"
        scope = "production" if name in production else "development"
        line = key_line(text, name, 4)
        yield package("npm", name, versions[name], line, needs=needs, relation=relation, scope=scope)


def cargo_lock(text):
    packages = tomllib.loads(text)["package"]
    versions = {p["name"]: p["version"] for p in reversed(packages)}
    there = {f"{p['name']}@{p['version']}" for p in packages}

    def need(wanted):
        name, *rest = wanted.split(" ")
        return f"{name}@{rest[0] if rest else versions[name]}"

    direct = {need(n) for p in packages if "source" not in p for n in p.get("dependencies", [])}
    for nth, entry in enumerate(packages):
        own = f"{entry['name']}@{entry['version']}"
        relation = "root" if "source" not in entry else "direct" if own in direct else "transitive"
        line = line_of(text, r"^\[\[package\]\]", nth)
        # One of the files was edited by hand: it needs what it does not list.
        needs = {need(n) for n in entry.get("dependencies", [])} & there
        yield package("cargo", entry["name"], entry["version"], line, needs=needs, relation=relation)


def cargo_toml(text):
    value = tomllib.loads(text)
    tables = [(value.get("dependencies", {}), "production"), (value.get("dev-dependencies", {}), "development")]
    tables += [(t.get("dependencies", {}), "production") for t in value.get("target", {}).values()]
    for table, scope in tables:
        for name, wanted in table.items():
            optional = isinstance(wanted, dict) and wanted.get("optional")
            wanted = wanted["version"] if isinstance(wanted, dict) else wanted
            version = wanted[1:] if wanted.startswith("=") else ""
            line = line_of(text, rf"^{name} = ")
            yield package("cargo", name, version, line, requested=wanted, scope="optional" if optional else scope)


def podfile_lock(text):
    value = yaml.safe_load(text)
    direct = {re.split(r" \(", d)[0] for d in value["DEPENDENCIES"]}
    for pod in value["PODS"]:
        pod = pod if isinstance(pod, str) else next(iter(pod))
        name, version = re.fullmatch(r"(.*) \((.*)\)", pod).groups()
        relation = "direct" if name in direct else "transitive"
        yield package("cocoapods", name, version, line_of(text, rf"^  - {re.escape(pod)}"), relation=relation)


def composer(text, indent):
    value = json.loads(text)
    sections = [("packages", "production"), ("packages-dev", "development")]
    entries = [(p, scope) for key, scope in sections for p in value.get(key, [])]
    versions = {p["name"]: p["version"] for p, _ in entries}
    for _, other in [(p, o) for p, _ in entries for o in p.get("provide", {})]:
        versions.setdefault(other, None)
    provided = {o: f"{p['name']}@{p['version']}" for p, _ in reversed(entries) for o in p.get("provide", {})}
    for entry, scope in entries:
        needs = {named(n, versions) if versions[n] else provided[n] for n in entry.get("require", {}) if n in versions}
        line = line_of(text, rf'^ {{{indent}}}"name": "{entry["name"]}"') - 1
        more = {"needs": needs, "scope": scope, "licenses": entry.get("license")}
        yield package("composer", entry["name"], entry["version"], line, **more)


def composer_json(text):
    for name, wanted in json.loads(text)["require"].items():
        yield package("composer", name, exact(wanted), key_line(text, name, 4), requested=wanted)


def conan_lock(text):
    nodes = json.loads(text)["graph_lock"]["nodes"]
    names = {key: node["ref"].split("#")[0].split("@")[0] for key, node in nodes.items() if "ref" in node}
    asked = set(nodes["0"].get("requires", []))
    for key, full in names.items():
        name, version = full.split("/")
        relation = "root" if key == "0" else "direct" if key in asked else "transitive"
        needs = {names[n].replace("/", "@") for n in nodes[key].get("requires", [])}
        yield package("conan", name, version, key_line(text, key, 3), relation=relation, needs=needs)


def conda_environment(text):
    for entry in yaml.safe_load(text)["dependencies"]:
        name, version = entry.split("=")[:2]
        yield package("conda", name, version, line_of(text, rf"- {re.escape(entry)}"))


def conda_meta(text):
    value = json.loads(text)
    yield package("conda", value["name"], value["version"], key_line(text, "version", 2), licenses=[value["license"]])


def deps_json(text):
    for key, entry in json.loads(text)["libraries"].items():
        name, version = key.split("/")
        relation = "root" if entry["type"] == "project" else "unknown"
        yield package("nuget", name, version, key_line(text, key, 4), relation=relation)


def go_mod(text):
    module = re.search(r"^module (.*)", text, re.M)[1]
    yield package("golang", module, "", 1, relation="root")
    for nth, line in enumerate(text.split("\n"), 1):
        found = re.match(r"(?:require )?\s*(\S+\.\S+) (v\S+)( // indirect)?$", line)
        if found:
            yield package("golang", found[1], found[2], nth, relation="transitive" if found[3] else "direct")


def go_sum(text):
    for nth, line in enumerate(text.splitlines(), 1):
        name, version, _ = line.split(" ")
        if not version.endswith("/go.mod"):
            yield package("golang", name, version, nth)


def gradle_lock(text):
    for nth, line in enumerate(text.splitlines(), 1):
        if not line.startswith(("#", "empty=")):
            group, artifact, version = line.split("=")[0].split(":")
            yield package("maven", f"{group}:{artifact}", version, nth, scope="production")


def julia_manifest(text):
    value = tomllib.loads(text)
    entries = [(name, p) for name, packages in value["deps"].items() for p in packages]
    names = {p["uuid"]: f"{name}@{p.get('version', value['julia_version'])}" for name, p in entries}
    for nth, (name, entry) in enumerate(entries):
        needs = {names[u] for u in entry.get("deps", {}).values()}
        line = line_of(text, r"^\[\[deps\.", nth)
        version = entry.get("version", value["julia_version"])
        yield package("julia", name, version, line, needs=needs, resolved=f"uuid:{entry['uuid']}")


def julia_project(text):
    for name in tomllib.loads(text)["deps"]:
        yield package("julia", name, "", line_of(text, rf"^{name} = "))


def mix_lock(text):
    entries = re.findall(r'^  "(\w+)": \{:hex, :(\w+), "([^"]+)", "\w+", \[[^]]*\], \[(.*?)\], "hexpm"', text, re.M)
    versions = {name: version for name, _, version, _ in entries}
    for key, name, version, rest in entries:
        needs = {named(n, versions) for n in re.findall(r"\{:(\w+),", rest) if n in versions}
        yield package("hex", name, version, line_of(text, rf'^  "{key}":'), needs=needs)


def nuget_lock(text):
    (framework,) = json.loads(text)["dependencies"].values()
    versions = {n: p["resolved"] for n, p in framework.items()}
    for name, entry in framework.items():
        needs = {named(n, versions) for n in entry.get("dependencies", {})}
        relation = entry["type"].lower()
        yield package("nuget", name, entry["resolved"], key_line(text, name, 12), needs=needs, relation=relation)


def packages_props(text):
    for entry in ElementTree.fromstring(text).iter("PackageVersion"):
        name = entry.get("Include")
        yield package("nuget", name, entry.get("Version"), line_of(text, f'Include="{name}"'))


def requirements(text):
    for nth, line in enumerate(text.splitlines(), 1):
        name, mark, version = re.fullmatch(r"([\w.-]+)(==|>)(.*)", line).groups()
        yield package("pypi", pypi(name), version if mark == "==" else "", nth, requested=mark + version)


def pipfile_lock(text):
    value = json.loads(text)
    for key, scope in (("default", "production"), ("develop", "development")):
        for name, entry in value[key].items():
            if scope == "production" or name not in value["default"]:
                nth = 1 if scope == "development" and re.search(rf'^ {{8}}"{name}"', text, re.M) is None else 0
                yield package("pypi", pypi(name), entry.get("version", "")[2:], line_of(text, rf'^ {{8}}"{re.escape(name)}":', nth), scope=scope)


def toml_packages(text, header, needs_of, roots=False):
    packages = tomllib.loads(text)[header]
    versions = {pypi(p["name"]): p["version"] for p in packages}
    for nth, entry in enumerate(packages):
        needs = {named(pypi(n), versions) for n in needs_of(entry)}
        more = {}
        if roots and "virtual" in entry["source"]:
            more["relation"] = "root"
        line = line_of(text, rf"^\[\[{header}\]\]", nth)
        yield package("pypi", pypi(entry["name"]), entry["version"], line, needs=needs, **more)


def poetry_lock(text):
    return toml_packages(text, "package", lambda p: p.get("dependencies", {}))


def uv_lock(text):
    return toml_packages(text, "package", lambda p: [d["name"] for d in p.get("dependencies", [])], True)


def pylock(text):
    return toml_packages(text, "packages", lambda p: [d["name"] for d in p.get("dependencies", [])])


def pyproject(text):
    for name, wanted in tomllib.loads(text)["tool"]["poetry"]["dependencies"].items():
        if name != "python":
            yield package("pypi", name, "", line_of(text, rf"^{name} = "), requested=wanted)


def pom(text):
    root = ElementTree.fromstring(text)
    space = {"m": "http://maven.apache.org/POM/4.0.0"}

    def say(node, key, default=""):
        return node.findtext(f"m:{key}", default, space)

    properties = {p.tag.split("}")[1]: p.text for p in root.find("m:properties", space)}
    own = f"{say(root, 'groupId')}:{say(root, 'artifactId')}"
    yield package("maven", own, say(root, "version"), line_of(text, "<artifactId>"), relation="root")
    for nth, entry in enumerate(root.findall("m:dependencies/m:dependency", space)):
        version = re.sub(r"\$\{(.*?)\}", lambda m: properties[m[1]], say(entry, "version"))
        scope = "development" if say(entry, "scope") == "test" else "production"
        name = f"{say(entry, 'groupId')}:{say(entry, 'artifactId')}"
        yield package("maven", name, version, line_of(text, "<dependency>", nth), scope=scope, relation="direct")


def pubspec_lock(text):
    for name, entry in yaml.safe_load(text)["packages"].items():
        relation = entry["dependency"].split(" ")[0]
        yield package("pub", name, entry["version"], line_of(text, rf"^  {name}:"), relation=relation)


def sbt_lock(text):
    for entry in json.loads(text)["dependencies"]:
        line = line_of(text, f'"org" : "{entry["org"]}"') - 1
        yield package("maven", f"{entry['org']}:{entry['name']}", entry["version"], line, scope="production")


def swift_resolved(text):
    for entry in json.loads(text)["object"]["pins"]:
        name = entry["repositoryURL"].removeprefix("https://").removesuffix(".git")
        line = line_of(text, f'"package": "{entry["package"]}"') - 1
        yield package("swift", name, entry["state"]["version"], line)


READERS = [
    (r"bun\.lock", bun_lock),
    (r"Cargo\.lock", cargo_lock),
    (r"Cargo\.toml", cargo_toml),
    (r"Podfile\.lock", podfile_lock),
    (r"composer\.lock", lambda text: composer(text, 12)),
    (r"installed\.json", lambda text: composer(text, 6)),
    (r"composer\.json", composer_json),
    (r"conan\.lock", conan_lock),
    (r"environment\.yaml", conda_environment),
    (r"conda-meta/.*\.json", conda_meta),
    (r".*\.deps\.json", deps_json),
    (r"go\.mod", go_mod),
    (r"go\.sum", go_sum),
    (r"gradle\.lockfile", gradle_lock),
    (r"Manifest\.toml", julia_manifest),
    (r"Project\.toml", julia_project),
    (r"mix\.lock", mix_lock),
    (r"node_modules/.*package\.json", npm_installed),
    (r"package\.json", npm_manifest),
    (r"package-lock\.json", npm_lock),
    (r"packages\.lock\.json", nuget_lock),
    (r"Directory\.Packages\.props", packages_props),
    (r"requirements\.txt", requirements),
    (r"Pipfile\.lock", pipfile_lock),
    (r"pnpm-lock\.yaml", pnpm_lock),
    (r"poetry\.lock", poetry_lock),
    (r"pyproject\.toml", pyproject),
    (r"pom\.xml", pom),
    (r"pubspec\.lock", pubspec_lock),
    (r"pylock\.toml", pylock),
    (r"build\.sbt\.lock", sbt_lock),
    (r"Package\.resolved", swift_resolved),
    (r"uv\.lock", uv_lock),
    (r"yarn\.lock", yarn_lock),
]
# What names no packages: rules, charts, infrastructure, scripts.
OTHERS = re.compile(r"(custom-policy|dockerfile|dockerfile_file_pattern|helm\w*|secrets|terraform)/")


def scan(target):
    command = [vedette, "scan", "packages", "--installed", "--no-ignore", "-f", "json", "-q", target]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return json.loads(done.stdout)


def show(one):
    return " ".join(str(one.get(key, "")) for key in ("line", "ecosystem", "name", "version"))


def differences(found, expected):
    """Both are lists of packages; what only one has, and fields that differ."""
    names = {p["number"]: f"{p['name']}@{p.get('version', '')}" for p in found}

    def key(p):
        return (p["line"], p["ecosystem"], p["name"], p.get("version", ""))

    left, right = {key(p): p for p in found}, {key(p): p for p in expected}
    for one in sorted(left.keys() - right.keys()):
        yield f"only vedette: {one}"
    for one in sorted(right.keys() - left.keys()):
        yield f"only the other reader: {one}"
    if len(left) != len(found) or len(right) != len(expected):
        yield "a package twice"
    for one in sorted(left.keys() & right.keys()):
        ours = dict(left[one])
        ours["needs"] = {names[n] for n in ours.get("needs", [])}
        for field, value in right[one].items():
            if value is not None and ours.get(field, "") != value:
                yield f"{field} of {show(right[one])}: {ours.get(field)!r}, not {value!r}"


passed = failed = compared = others = 0
for folder, _, files in sorted(os.walk(data)):
    for file in sorted(files):
        path = os.path.relpath(os.path.join(folder, file), data)
        reader = next((r for pattern, r in READERS if re.search(rf"(^|/){pattern}$", path)), None)
        result = scan(os.path.join(data, path))
        if reader is None:
            others += 1
            wrong = [] if OTHERS.match(path) else ["nobody reads it"]
            wrong += ["packages of a file that names none"] if result["packages"] else []
        else:
            with open(os.path.join(data, path), encoding="utf-8") as opened:
                expected = list(reader(opened.read()))
            compared += len(expected)
            wrong = list(differences(result["packages"], expected))
            wrong += [f"problem: {p['message']}" for p in result["problems"]]
        for line in wrong:
            print(f"{path}: {line}")
        passed, failed = passed + (not wrong), failed + bool(wrong)

# Manifests tell lock files what is direct, and what it is for.
TOGETHER = {
    ("yarn", "jquery"): ("direct", "production"),
    ("yarn", "promise"): ("direct", "development"),
    ("yarn", "asap"): ("transitive", "development"),
    ("cargo", "memchr"): ("direct", "optional"),
    ("cargo", "regex"): ("direct", "production"),
    ("cargo", "winapi"): ("direct", "development"),
    ("cargo", "aho-corasick"): ("transitive", "production"),
    ("poetry", "click"): ("direct", "production"),
    ("poetry", "colorama"): ("transitive", "production"),
    ("composer", "guzzlehttp/guzzle"): ("direct", "production"),
    ("composer", "guzzlehttp/psr7"): ("transitive", "production"),
}
for (folder, name), wanted in TOGETHER.items():
    found = [(p["relation"], p["scope"]) for p in scan(os.path.join(data, folder))["packages"]
             if p["name"] == name and "node_modules" not in p["path"]]
    right = wanted in found and all(f == wanted or name == "memchr" for f in found)
    if not right:
        print(f"{folder}: {name} is {found}, not {wanted}")
    passed, failed = passed + right, failed + (not right)

# rpm's databases of images, each of another kind.
with tempfile.TemporaryDirectory() as temporary:
    for folder, _, files in sorted(os.walk(os.path.join(os.path.dirname(data), "rpmdb"))):
        for file in files:
            place = os.path.join(temporary, os.path.basename(folder), "rpm")
            os.makedirs(place)
            shutil.copy(os.path.join(folder, file), place)
            result = scan(os.path.dirname(place))
            found = [(p["name"], p["version"], p.get("architecture", ""), p.get("licenses", [""])[0])
                     for p in result["packages"]]
            expected = rpm_reader.packages(os.path.join(folder, file), file)
            right = found == expected and not result["problems"]
            compared += len(expected)
            if not right:
                print(f"{folder}: {sorted(set(found) ^ set(expected))} {result['problems']}")
            passed, failed = passed + right, failed + (not right)

print(f"{compared} packages compared, {others} files name none")
print(f"packages {passed} {failed} 0")
sys.exit(1 if failed else 0)
