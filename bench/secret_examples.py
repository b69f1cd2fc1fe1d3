#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Recall and precision of `vedette scan secrets` on the examples that other scanners test their rules with.

  bench/secret_examples.py EXAMPLES [--name x.py] [--vedette PROGRAM] [--rules]

EXAMPLES has a line of JSON for each: "text", "kind" ("tp": a secret, "fp": none), "rule" (theirs) and "path" (may be
empty: the file is called --name then). Gitleaks': let `Validate` and `ValidateWithPaths` of
cmd/generate/config/utils/validate.go write theirs, and run cmd/generate/config. An example counts as found when
anything is found in it. --rules lists the rules whose examples were missed; no text is shown.
"""
import argparse
import collections
import json
import os
import subprocess
import tempfile


def found_in(program, folder, flags):
    command = [program, "scan", "secrets", "--no-cache", "--no-ignore", "-q", "-f", "ndjson", *flags, folder]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode > 1:
        raise SystemExit(f"exit code {done.returncode}")
    places = (json.loads(line).get("place") for line in done.stdout.splitlines())
    return {int(os.path.relpath(place["path"], folder).split("/")[0]) for place in places if place}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples")
    parser.add_argument("--name", default="x.py")
    parser.add_argument("--vedette", default="build/release/bin/vedette")
    parser.add_argument("--rules", action="store_true")
    options = parser.parse_args()
    with open(options.examples, encoding="utf-8") as file:
        examples = [json.loads(line) for line in file]
    with tempfile.TemporaryDirectory() as folder:
        for number, example in enumerate(examples):
            os.mkdir(os.path.join(folder, str(number)))
            name = os.path.basename(example.get("path") or options.name)
            with open(os.path.join(folder, str(number), name), "w", encoding="utf-8") as file:
                file.write(example["text"] + "\n")
        for flags in ([], ["--thorough"]):
            found = found_in(os.path.abspath(options.vedette), folder, flags)
            right = sum(example["kind"] == "tp" and number in found for number, example in enumerate(examples))
            wrong = sum(example["kind"] != "tp" and number in found for number, example in enumerate(examples))
            true = sum(example["kind"] == "tp" for example in examples)
            print(f"{'thorough' if flags else 'default':9} recall {right / max(1, true):.3f} ({right} of {true}) "
                  f"precision {right / max(1, right + wrong):.3f} ({wrong} of {len(examples) - true} wrong)")
            if options.rules:
                missed = collections.Counter(example.get("rule") for number, example in enumerate(examples)
                                             if example["kind"] == "tp" and number not in found)
                for rule, count in missed.most_common():
                    print(f"  {rule:45} {count} missed")


if __name__ == "__main__":
    main()
