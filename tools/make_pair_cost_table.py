#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes src/match/pair_cost_table.h from the identifiers and words of source trees.

  tools/make_pair_cost_table.py FOLDER... > src/match/pair_cost_table.h

Every distinct word counts once a folder, so that no single project shapes the table.
"""
import collections
import math
import os
import re
import sys

CLASSES = "abcdefghijklmnopqrstuvwxyz0."  # letters without case, any digit, anything else
WORD = re.compile(rb"[A-Za-z][A-Za-z0-9_\-]{2,30}")
FILE_BYTES_MAX = 400_000


def class_of(byte):
    char = chr(byte).lower()
    if "a" <= char <= "z":
        return ord(char) - ord("a")
    return 26 if char.isdigit() else 27


def main(folders):
    counts = collections.Counter()
    for folder in folders:
        words = set()
        for place, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(place, name)
                if os.path.islink(path) or os.path.getsize(path) > FILE_BYTES_MAX or ".min." in name:
                    continue
                with open(path, "rb") as file:
                    data = file.read()
                if b"\0" not in data[:4096]:
                    words.update(WORD.findall(data))
        # Words with many digits are what the table must find rare.
        for word in words:
            if sum(48 <= byte <= 57 for byte in word) > 3:
                continue
            classes = [27] + [class_of(byte) for byte in word]
            counts.update(zip(classes, classes[1:]))
    print("// SPDX-License-Identifier: Apache-2.0\n#pragma once\n\n#include <array>\n#include <string_view>\n")
    print("// Made by tools/make_pair_cost_table.py. Row: the class of a character, column: that of the next, in")
    print("// the order a to z, digit, other. The character '0' + n says that the pair costs n / 4 bits.")
    print("namespace vedette::match {\n")
    print("inline constexpr std::array<std::string_view, 28> kPairCosts = {")
    for row in range(28):
        total = sum(counts[row, column] for column in range(28)) + 28
        costs = [-math.log2((counts[row, column] + 1) / total) for column in range(28)]
        text = "".join(chr(48 + min(43, round(cost * 4))) for cost in costs)
        text = text.replace("\\", "[")  # one step less, and no escape
        print(f'    "{text}",  // {CLASSES[row]}')
    print("};\n\n}  // namespace vedette::match")


if __name__ == "__main__":
    main(sys.argv[1:])
