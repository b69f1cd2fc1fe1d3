#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""validate_ocsf.py SCHEMA_FOLDER FILE

Checks OCSF events, one JSON object a line, against a checkout of the OCSF schema: classes and
objects with what they extend, include and get from profiles and extensions; required and unknown
attributes, types, arrays, enums, constraints, and the identity of type_uid and class_uid. Prints
one line per violation. Exit code: 0 valid, 1 not valid, 2 wrong usage.
"""
import json
import os
import re
import sys

MESSAGES_MAX = 40


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def merge(base, over):
    """Attributes of `over` win, member by member."""
    result = {name: dict(value) for name, value in base.items()}
    for name, value in over.items():
        known = result.setdefault(name, {})
        for key, part in value.items():
            if key == "enum":
                known["enum"] = {**known.get("enum", {}), **part}
            else:
                known[key] = part
    return result


class Schema:
    def __init__(self, folder):
        self.folder = folder
        dictionary = load(f"{folder}/dictionary.json")
        self.dictionary = dictionary["attributes"]
        self.types = dictionary["types"]["attributes"]
        self.categories = load(f"{folder}/categories.json")["attributes"]
        self.version = load(f"{folder}/version.json")["version"]
        self.events = self.collect(f"{folder}/events")
        self.objects = self.collect(f"{folder}/objects")
        self.patches = []
        self.profiles = self.collect(f"{folder}/profiles")
        for extension in sorted(os.listdir(f"{folder}/extensions")):
            self.add_extension(f"{folder}/extensions/{extension}")
        self.made = {}
        self.observables = self.collect_observables()

    @staticmethod
    def collect(folder):
        found = {}
        for parent, _, names in os.walk(folder):
            for name in sorted(names):
                if name.endswith(".json"):
                    document = load(f"{parent}/{name}")
                    found[document.get("name", name[:-5])] = document
        return found

    def add_extension(self, folder):
        """New objects and classes join; one that extends its own name adds to what is there."""
        if not os.path.isdir(folder):
            return
        if os.path.exists(f"{folder}/dictionary.json"):
            extra = load(f"{folder}/dictionary.json")
            self.dictionary = merge(self.dictionary, extra.get("attributes", {}))
            self.types.update(extra.get("types", {}).get("attributes", {}))
        for kind, target in (("objects", self.objects), ("events", self.events),
                             ("profiles", self.profiles)):
            if not os.path.isdir(f"{folder}/{kind}"):
                continue
            for parent, _, names in os.walk(f"{folder}/{kind}"):
                for name in sorted(names):
                    document = load(f"{parent}/{name}")
                    document["folder"] = folder
                    own = document.get("name")
                    extends = document.get("extends")
                    if own is None or own == extends:
                        self.patches.append((kind, extends, document))
                    else:
                        target.setdefault(own, document)

    def collect_observables(self):
        """Numbers that observable.type_id may have beside those listed in the object."""
        found = {}
        for source in (self.types, self.dictionary, self.objects):
            for value in source.values():
                if isinstance(value, dict) and isinstance(value.get("observable"), int):
                    found[str(value["observable"])] = value.get("caption", "")
        return found

    def own_attributes(self, document):
        attributes = dict(document.get("attributes", {}))
        includes = attributes.pop("$include", [])
        result = {}
        for include in includes:
            # An extension includes its own files and those of the core.
            folders = [document.get("folder", self.folder), self.folder]
            extra = next(load(f"{f}/{include}") for f in folders if os.path.exists(f"{f}/{include}"))
            part = {k: v for k, v in extra.get("attributes", {}).items() if k != "$include"}
            profile = extra.get("name") if extra.get("meta") == "profile" else None
            if profile:
                part = {k: {"profile": profile, **v} for k, v in part.items()}
            result = merge(result, part)
        return merge(result, attributes)

    def make(self, kind, name):
        """The whole definition of a class or object: attributes and constraints."""
        key = (kind, name)
        if key in self.made:
            return self.made[key]
        document = (self.events if kind == "events" else self.objects)[name]
        base = {"attributes": {}, "constraints": {}, "extra": {}}
        parent = document.get("extends")
        if parent and parent != name:
            base = self.make(kind, parent)
        attributes = merge(base["attributes"], self.own_attributes(document))
        for patch_kind, target, patch in self.patches:
            if patch_kind == kind and target == name:
                attributes = merge(attributes, self.own_attributes(patch))
        constraints = document["constraints"] if "constraints" in document else base["constraints"]
        result = {"attributes": attributes, "constraints": constraints,
                  "uid": document.get("uid"), "category": document.get("category") or
                  base.get("category"), "caption": document.get("caption")}
        self.made[key] = result
        return result

    def class_by_uid(self, class_uid):
        for name, document in self.events.items():
            if "uid" not in document:
                continue
            made = self.make("events", name)
            category = self.categories.get(made["category"], {}).get("uid")
            if category is not None and category * 1000 + document["uid"] == class_uid:
                return made, category
        return None, None

    def base_type(self, name):
        while name in self.types and "type" in self.types[name]:
            name = self.types[name]["type"]
        return name


class Checker:
    def __init__(self, schema):
        self.schema = schema
        self.problems = []
        self.profiles = set()

    def problem(self, path, text):
        self.problems.append(f"{path or 'event'}: {text}")

    def check_event(self, event):
        if not isinstance(event, dict) or not isinstance(event.get("class_uid"), int):
            return self.problem("class_uid", "expected an object with an integer class_uid")
        made, category = self.schema.class_by_uid(event["class_uid"])
        if made is None:
            return self.problem("class_uid", f"no class has {event['class_uid']}")
        self.profiles = set((event.get("metadata") or {}).get("profiles") or [])
        if event.get("category_uid") != category:
            self.problem("category_uid", f"expected {category}, found {event.get('category_uid')}")
        if event.get("class_name", made["caption"]) != made["caption"]:
            self.problem("class_name", f"expected {made['caption']}")
        if isinstance(event.get("activity_id"), int):
            expected = event["class_uid"] * 100 + event["activity_id"]
            if event.get("type_uid") != expected:
                self.problem("type_uid", f"expected {expected}, found {event.get('type_uid')}")
        version = (event.get("metadata") or {}).get("version")
        if version != self.schema.version:
            self.problem("metadata.version", f"{version} is not the schema's {self.schema.version}")
        # These are told by the class, not listed as enums.
        self.check_object(made, event, "", skip={"class_uid", "category_uid"})

    def applies(self, attribute):
        profile = attribute.get("profile")
        return profile is None or profile in self.profiles

    def check_object(self, made, value, path, skip=frozenset()):
        attributes = made["attributes"]
        for name, attribute in attributes.items():
            required = attribute.get("requirement") == "required" and self.applies(attribute)
            if required and name not in value:
                self.problem(f"{path}{name}", "required, absent")
        for name, part in value.items():
            if name not in attributes:
                self.problem(f"{path}{name}", "unknown attribute")
            elif not self.applies(attributes[name]):
                self.problem(f"{path}{name}", f"needs the profile {attributes[name]['profile']}")
            elif name not in skip:
                self.check_attribute(name, attributes[name], part, f"{path}{name}")
        for rule, names in (made["constraints"] or {}).items():
            present = sum(1 for name in names if name in value)
            if rule == "at_least_one" and present == 0:
                self.problem(path.rstrip("."), f"needs at least one of {', '.join(names)}")
            if rule == "just_one" and present != 1:
                self.problem(path.rstrip("."), f"needs just one of {', '.join(names)}")
        self.check_siblings(attributes, value, path)

    def check_siblings(self, attributes, value, path):
        """severity_id 4 goes with severity "High"."""
        for name, part in value.items():
            definition = {**self.schema.dictionary.get(name, {}), **attributes.get(name, {})}
            sibling = definition.get("sibling")
            enum = self.enum_of(name, attributes.get(name, {}))
            if not sibling or sibling not in value or str(part) not in enum or part == 99:
                continue
            caption = enum[str(part)]
            if caption and value[sibling] != caption:
                self.problem(f"{path}{sibling}", f"expected {caption!r}, found {value[sibling]!r}")

    def enum_of(self, name, attribute):
        enum = {**self.schema.dictionary.get(name, {}).get("enum", {}), **attribute.get("enum", {})}
        captions = {key: entry.get("caption", "") for key, entry in enum.items()}
        if name == "type_id" and "observable" in attribute.get("description", ""):
            captions.update(self.schema.observables)
        return captions

    def check_attribute(self, name, attribute, value, path):
        definition = {**self.schema.dictionary.get(name, {}), **attribute}
        if "type" not in definition:
            return self.problem(path, "not in the dictionary")
        if definition.get("is_array"):
            if not isinstance(value, list):
                return self.problem(path, "expected an array")
            for index, part in enumerate(value):
                self.check_value(name, attribute, definition, part, f"{path}[{index}]")
        else:
            self.check_value(name, attribute, definition, value, path)

    def check_value(self, name, attribute, definition, value, path):
        kind = definition["type"]
        if kind == "object":
            if not isinstance(value, dict):
                self.problem(path, "expected an object")
            return
        if kind not in self.schema.types:
            if not isinstance(value, dict):
                return self.problem(path, f"expected an object of kind {kind}")
            return self.check_object(self.schema.make("objects", kind), value, path + ".")
        if not self.check_primitive(kind, value, path):
            return
        enum = self.enum_of(name, attribute)
        if enum and str(value) not in enum:
            self.problem(path, f"{value!r} is none of {', '.join(sorted(enum))}")

    def check_primitive(self, kind, value, path):
        base = self.schema.base_type(kind)
        wanted = {"string_t": str, "boolean_t": bool, "float_t": (int, float), "integer_t": int,
                  "long_t": int}.get(base)
        good = wanted is None or isinstance(value, wanted)
        if isinstance(value, bool) and wanted is not bool and wanted is not None:
            good = False
        if base == "integer_t" and good and not -2**31 <= value < 2**31:
            good = False
        if not good:
            self.problem(path, f"expected {kind}, found {value!r}"[:200])
            return False
        entry = self.schema.types[kind]
        if "regex" in entry and not re.search(entry["regex"], value):
            self.problem(path, f"{value!r} is no {kind}"[:200])
        if "max_len" in entry and len(value) > entry["max_len"]:
            self.problem(path, f"longer than {entry['max_len']}")
        if "range" in entry and not entry["range"][0] <= value <= entry["range"][1]:
            self.problem(path, f"{value} is outside of {entry['range']}")
        return True


def main():
    if len(sys.argv) != 3:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    schema = Schema(sys.argv[1])
    events = 0
    problems = []
    with open(sys.argv[2], encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            checker = Checker(schema)
            checker.check_event(json.loads(line))
            events += 1
            problems += [f"line {number}: {text}" for text in checker.problems]
    for text in problems[:MESSAGES_MAX]:
        print(text)
    print(f"{events} events, {len(problems)} violations")
    return 1 if problems or events == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
