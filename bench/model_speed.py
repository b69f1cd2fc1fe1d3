#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Time and memory of `vedette scan model`: large files of which only structure is to be read, a cold process on a
small file, a folder of small ones, and digests beside `openssl speed`.

  VEDETTE=build/release/bin/vedette bench/model_speed.py [--rounds N] [--gigabytes N] [--folder FOLDER]

Makes its own files (the large ones sparse: what is measured is that they are not read) in a temporary folder and
removes them. Prints medians of N runs (15), each a process of its own: wall milliseconds and peak memory.
"""
import argparse
import json
import os
import pathlib
import pickle
import re
import statistics
import struct
import subprocess
import tempfile
import time

VEDETTE = os.environ.get("VEDETTE", "build/release/bin/vedette")
SHARD = 1 << 28
SMALL = 20_000


def run(command):
    """Wall milliseconds, peak MB, exit code, milliseconds of processor time."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    return (time.monotonic() - begin) * 1000, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status), (
        usage.ru_utime + usage.ru_stime) * 1000


def median(command, rounds):
    run(command)
    runs = [run(command) for _ in range(rounds)]
    return (statistics.median(one[0] for one in runs), max(one[1] for one in runs), runs[-1][2],
            statistics.median(one[3] for one in runs))


def safetensors(path, size, tensors):
    """`tensors` of them that fill the file, as one file of a large model has."""
    each = size // tensors // 2 * 2
    header = json.dumps({f"model.layers.{i}.weight": {"dtype": "F16", "shape": [each // 2],
                                                      "data_offsets": [i * each, (i + 1) * each]}
                         for i in range(tensors)}).encode()
    header += b" " * (-len(header) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        file.truncate(8 + len(header) + each * tensors)


def torch_zip(path, size, tensors):
    """As torch.save writes it: all members stored, a pickle and the tensors' bytes (here holes). No member needs Zip64,
    offsets do."""
    state = pickle.dumps({f"layer{i}": [i] for i in range(tensors)}, 2)
    members = [("archive/data.pkl", state, len(state))]
    members += [(f"archive/data/{i}", None, size // tensors) for i in range(tensors)]
    members.append(("archive/version", b"3\n", 2))
    directory = b""
    with open(path, "wb") as file:
        for name, content, length in members:
            at, name = file.tell(), name.encode()
            file.write(struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, 0, 33, 0, length, length, len(name), 0) + name)
            if content is None:
                file.seek(length, 1)
            else:
                file.write(content)
            wide = struct.pack("<HHQ", 1, 8, at)
            directory += struct.pack("<4s6H3I5H2I", b"PK\1\2", 45, 45, 0, 0, 0, 33, 0, length, length, len(name),
                                     len(wide), 0, 0, 0, 0, 0xFFFFFFFF) + name + wide
        begin, count = file.tell(), len(members)
        file.write(directory)
        end = file.tell()
        file.write(struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, end - begin, begin))
        file.write(struct.pack("<4sIQI", b"PK\6\7", 0, end, 1))
        file.write(struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, min(count, 0xFFFF), min(count, 0xFFFF), end - begin,
                               0xFFFFFFFF, 0))


def openssl_speed():
    """Bytes a second of one core, blocks of 16 KiB."""
    done = subprocess.run(["openssl", "speed", "-evp", "sha256", "-bytes", "16384", "-seconds", "2"], check=True,
                          capture_output=True, text=True)
    return float(re.findall(r"([\d.]+)k\s*$", done.stdout.strip())[-1]) * 1000


def digests(folder, gigabytes):
    shards = folder / "shards"
    shards.mkdir()
    for i in range(max(1, int(gigabytes * (1 << 30)) // SHARD)):
        safetensors(shards / f"model-{i}.safetensors", SHARD, 50)
    size = sum(path.stat().st_size for path in shards.iterdir())
    speed = openssl_speed()
    print(f"openssl speed -evp sha256, 16 KiB, one core: {speed / 1e6:.0f} MB/s")
    for threads in (1, 2):
        command = [VEDETTE, "scan", "model", "--no-cache", "--threads", str(threads), "--digests", str(folder / "digests.json"), str(shards)]
        wall, peak, code, spent = median(command, 3)
        print(f"digests of {size / 1e9:.1f} GB, {threads} thread(s): {size / wall / 1e3:.0f} MB/s, {size / spent / 1e3:.0f} MB for "
              f"a second of processor time, {size / spent * 1000 / speed:.2f} of openssl, {peak:.0f} MB, exit code {code}")
    time.sleep(2)  # what changed less than two seconds ago is not remembered
    command = [VEDETTE, "scan", "model", "--digests", str(folder / "digests.json"), str(shards)]
    run(command)
    (shards / "README.md").write_text("changed\n", encoding="utf-8")
    wall, peak, code, _ = median(command, 3)
    print(f"digests again after a change of README.md: {wall:.1f} ms, {peak:.0f} MB, exit code {code}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--gigabytes", type=float, default=2)
    parser.add_argument("--folder", help="where the files are made")
    options = parser.parse_args()
    size = int(options.gigabytes * (1 << 30))
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = pathlib.Path(name)
        safetensors(folder / "model.safetensors", size, 500)
        torch_zip(folder / "model.pt", size, 500)
        (folder / "small.pkl").write_bytes(pickle.dumps({"weights": [1.5] * 20}))
        for file in ("model.safetensors", "model.pt", "small.pkl"):
            wall, peak, code, spent = median([VEDETTE, "scan", "model", "-f", "ndjson", str(folder / file)], options.rounds)
            print(f"{file}: {wall:.1f} ms ({spent:.1f} ms of processor time), {peak:.0f} MB, exit code {code}")
        small = folder / "small"
        small.mkdir()
        for i in range(SMALL):
            (small / f"{i}.pkl").write_bytes(pickle.dumps({"weights": [i, 1.5], "name": f"model {i}"}))
        wall, peak, code, _ = median([VEDETTE, "scan", "model", "-f", "ndjson", str(small)], 3)
        print(f"{SMALL} small files: {SMALL / wall * 1000:.0f} files/s, {peak:.0f} MB, exit code {code}")
        digests(folder, min(options.gigabytes, 1))


if __name__ == "__main__":
    main()
