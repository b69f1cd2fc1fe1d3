#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""validate_json.py SCHEMA FILE [--lines]

Checks a JSON file, or with --lines each of its lines, against a JSON Schema. Prints one line per
violation. Exit code: 0 valid, 1 not valid, 2 wrong usage, 77 python3-jsonschema is not installed.
"""
import json
import sys

MESSAGES_MAX = 20


def main():
    arguments = [a for a in sys.argv[1:] if a != "--lines"]
    if len(arguments) != 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        import jsonschema
    except ImportError:
        print("skipped: python3-jsonschema is not installed")
        return 77
    with open(arguments[0], encoding="utf-8") as file:
        schema = json.load(file)
    with open(arguments[1], encoding="utf-8") as file:
        documents = [json.loads(l) for l in file] if "--lines" in sys.argv else [json.load(file)]
    validator_class = jsonschema.validators.validator_for(schema)
    validator = validator_class(schema, format_checker=jsonschema.FormatChecker())
    count = 0
    for number, document in enumerate(documents, 1):
        for error in validator.iter_errors(document):
            count += 1
            if count <= MESSAGES_MAX:
                path = "/".join(str(part) for part in error.absolute_path)
                print(f"document {number}: {path}: {error.message[:300]}")
    print(f"{len(documents)} documents, {count} violations")
    return 1 if count or not documents else 0


if __name__ == "__main__":
    sys.exit(main())
