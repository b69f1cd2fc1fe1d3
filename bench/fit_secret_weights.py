#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fits the generic weights of src/scan/secrets/weights.h to labelled lines, and writes them there.

  bench/fit_secret_weights.py FOLDER [--split tune] [--strength 1.0] [--bench build/release/bin/secret_judge_bench] [--write]

FOLDER as for bench/secret_quality.py. Logistic regression over the signals that the judge sees of each candidate on
a labelled line, of lines with several each counts for a part. The weights that stand in the file are where
it starts from and is drawn to (a Gaussian prior around them), so that few lines cannot overturn what many taught.
"""
import argparse
import collections
import csv
import math
import os
import re
import subprocess

HEADER = "src/scan/secrets/weights.h"
WEIGHT = re.compile(r'\{Signal::k\w+,\s*"([^"]+)",\s*"(?:[^"\\]|\\.)*"(?:\s*"(?:[^"\\]|\\.)*")*,\s*(-?[\d.]+),\s*(-?[\d.]+)\}')
BIAS = re.compile(r"(kGenericBias = )(-?[\d.]+)")
ROUNDS = 40


def read_candidates(options):
    with open(os.path.join(options.folder, "labels.tsv"), encoding="utf-8") as file:
        labels = {
            (f"{row['repository']}/{row['path']}", row["line"]): row["label"] == "secret"
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            if row["split"] == options.split
        }
    paths = sorted({path for path, _ in labels})
    shown = subprocess.run(
        [os.path.abspath(options.bench), os.path.abspath("content/secrets"), "show"],
        input="\n".join(paths), cwd=os.path.join(options.folder, "trees"), stdout=subprocess.PIPE, text=True,
        errors="replace", check=True)
    by_line = collections.defaultdict(list)
    for line in shown.stdout.splitlines():
        path, number, _, _, _, kind, probability, names = line.split("\t")
        if (path, number) in labels and kind == "generic" and probability != "-":
            by_line[path, number].append(frozenset(names.split("|")))
    return [(names, labels[key], 1 / len(all_names)) for key, all_names in by_line.items() for names in all_names]


def fit(candidates, prior, bias, strength):
    """One weight after the other by Newton's step, until they stand."""
    weights = dict(prior)
    holders = collections.defaultdict(list)
    for index, (names, _, _) in enumerate(candidates):
        for name in names:
            holders[name].append(index)
    odds = [bias + sum(weights[name] for name in names) for names, _, _ in candidates]

    def step(indices, pull, pull_strength):
        slope, bend = pull, pull_strength
        for index in indices:
            _, label, part = candidates[index]
            chance = 1 / (1 + math.exp(-odds[index]))
            slope += part * (label - chance)
            bend += part * chance * (1 - chance)
        change = max(-1.0, min(1.0, slope / (bend + 1e-9)))
        for index in indices:
            odds[index] += change
        return change

    start = bias
    for _ in range(ROUNDS):
        bias += step(range(len(candidates)), -0.1 * strength * (bias - start), 0.1 * strength)
        for name, indices in holders.items():
            weights[name] += step(indices, -strength * (weights[name] - prior[name]), strength)
    return weights, bias


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--split", default="tune")
    parser.add_argument("--strength", type=float, default=1.0)
    parser.add_argument("--bench", default="build/release/bin/secret_judge_bench")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    with open(HEADER, encoding="utf-8") as file:
        text = file.read()
    prior = {match[1]: float(match[2]) for match in WEIGHT.finditer(text)}
    bias = float(BIAS.search(text)[2])
    candidates = read_candidates(options)
    weights, bias = fit(candidates, prior, bias, options.strength)
    for name, weight in weights.items():
        if abs(weight - prior[name]) >= 0.1:
            print(f"{name:24} {prior[name]:5.1f} -> {weight:5.1f}")
    print(f"{len(candidates)} candidates, bias {bias:.2f}")
    if options.write:
        def replace(match):
            begin, end = match.span(2)
            return match[0][: begin - match.start()] + f"{weights[match[1]]:.1f}" + match[0][end - match.start() :]

        text = BIAS.sub(lambda match: f"{match[1]}{bias:.2f}", WEIGHT.sub(replace, text))
        with open(HEADER, "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main()
