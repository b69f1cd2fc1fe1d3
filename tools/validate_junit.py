#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""validate_junit.py FILE

Checks JUnit XML as CI services read it: well formed, known elements and attributes in their places,
and counts that agree with the test cases. Prints one line per violation. Exit code: 0 valid, 1 not
valid, 2 wrong usage.
"""
import sys
import xml.etree.ElementTree as tree

ATTRIBUTES = {
    "testsuites": {"name"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
    "testcase": {"classname", "name", "file", "line", "time"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"message"},
    "system-out": set(),
}
CHILDREN = {"testsuites": {"testsuite"}, "testsuite": {"testcase"}, "testcase": {"failure", "error", "skipped", "system-out"},
            "failure": set(), "error": set(), "skipped": set(), "system-out": set()}


def check(element, problems):
    if element.tag not in ATTRIBUTES:
        problems.append(f"unknown element {element.tag}")
        return
    for name in set(element.attrib) - ATTRIBUTES[element.tag]:
        problems.append(f"{element.tag}: unknown attribute {name}")
    if "name" in ATTRIBUTES[element.tag] and not element.get("name"):
        problems.append(f"{element.tag}: no name")
    if element.tag == "testsuite":
        for name, found in (("tests", len(element.findall("testcase"))),
                            ("failures", len(element.findall("testcase/failure"))),
                            ("errors", len(element.findall("testcase/error"))),
                            ("skipped", len(element.findall("testcase/skipped")))):
            if int(element.get(name, "0")) != found:
                problems.append(f"{element.get('name')}: {name} is {element.get(name)}, not {found}")
    for child in element:
        if child.tag not in CHILDREN[element.tag]:
            problems.append(f"{child.tag} inside of {element.tag}")
        else:
            check(child, problems)


def main():
    if len(sys.argv) != 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    problems = []
    try:
        root = tree.parse(sys.argv[1]).getroot()
    except tree.ParseError as error:
        print(f"not well formed: {error}")
        return 1
    if root.tag != "testsuites":
        problems.append(f"the root is {root.tag}")
    check(root, problems)
    for text in problems[:20]:
        print(text)
    print(f"{len(root.findall('testsuite'))} suites, {len(problems)} violations")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
