#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes hdf5_files.json: small HDF5 files of the library itself, in all the ways in which it can keep a description of a
model, so that our reader is tested with what another program wrote. Needs h5py, which the tests do not. The descriptions
are of a Lambda layer without code that means anything (`hostile`), or stand where no loader looks (`clean`)."""
import base64
import ctypes
import glob
import io
import json
import os
import pathlib
import pickle
import sys
import zlib

import h5py
import numpy

import forms
import others

HOSTILE = json.dumps(others.keras_config(others.LEGACY_LAMBDA))
LONG = json.dumps({**others.keras_config(others.LEGACY_LAMBDA), "padding": "x" * 6000})
CLEAN = json.dumps(others.keras_config(others.keras_layer(units=3)))
LIBRARY = glob.glob(os.path.join(os.path.dirname(h5py.__file__), "..", "h5py.libs", "libhdf5-*.so*"))


def written(write, **options):
    """The bytes of a file that write(file) fills."""
    out = io.BytesIO()
    with h5py.File(out, "w", **options) as file:
        write(file)
    return out.getvalue()


def many(file, count=60):
    for index in range(count):
        file.attrs[f"note_{index}"] = index


def fixed(text):
    return numpy.bytes_(text.encode())


def after_many(value):
    def write(file):
        many(file)
        file.attrs["model_config"] = value
    return write


def shared(value):
    """Attributes of two objects that are one message in a heap of the file's."""
    library = ctypes.CDLL(LIBRARY[0])
    plist = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    library.H5Pset_shared_mesg_nindexes(ctypes.c_int64(plist.id), 1)
    library.H5Pset_shared_mesg_index(ctypes.c_int64(plist.id), 0, 0x1F, 20)
    path = "/tmp/hdf5_make_shared.h5"
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_libver_bounds(h5py.h5f.LIBVER_LATEST, h5py.h5f.LIBVER_LATEST)
    with h5py.File(h5py.h5f.create(path.encode(), h5py.h5f.ACC_TRUNC, plist, access)) as file:
        for name in "abc":
            file.create_group(name).attrs["model_config"] = value
        many(file.create_group("d"))
        file["d"].attrs["model_config"] = value
    content = pathlib.Path(path).read_bytes()
    os.unlink(path)
    return content


def committed(file):
    file["type"] = numpy.dtype(f"S{len(HOSTILE)}")
    file.attrs.create("model_config", fixed(HOSTILE), dtype=file["type"])


def packed_links(file):
    """A group whose links are packed in their heap."""
    plist = h5py.h5p.create(h5py.h5p.GROUP_CREATE)
    library = ctypes.CDLL(LIBRARY[0])
    library.H5Pset_link_phase_change(ctypes.c_int64(plist.id), 0, 0)
    library.H5Pset_deflate(ctypes.c_int64(plist.id), 6)
    group = h5py.Group(h5py.h5g.create(file.id, b"packed", gcpl=plist))
    for index in range(60):
        group.create_group(f"layer_with_a_long_name_{index}")
    group["layer_with_a_long_name_50"].attrs["model_config"] = HOSTILE


def dataset(name="model_config", text=HOSTILE, pieces=None, **options):
    def write(file):
        value = fixed(text) if pieces is None else numpy.array(
            [text[i:i + pieces].encode() for i in range(0, len(text), pieces)], f"S{pieces}")
        file.create_dataset(name, data=value, **options)
    return write


def early(file):
    """Space for all chunks at once, unfiltered: found by computing."""
    space = h5py.h5s.create_simple((40,), (40,))
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((4,))
    plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    data = numpy.zeros(40, "S16")
    pieces = [HOSTILE[i:i + 16].encode() for i in range(0, len(HOSTILE), 16)]
    data[:len(pieces)] = pieces
    h5py.Dataset(h5py.h5d.create(file.id, b"model_config", h5py.h5t.py_create(numpy.dtype("S16")), space, plist))[:] = data


def two_ways(file):
    """Both sides may grow."""
    set_ = file.create_dataset("model_config", (1, 40), "S16", maxshape=(None, None), chunks=(1, 4), compression="gzip")
    pieces = [HOSTILE[i:i + 16].encode() for i in range(0, len(HOSTILE), 16)]
    set_[0, :len(pieces)] = pieces


def variable(file):
    file.create_dataset("model_config", data=HOSTILE, dtype=h5py.string_dtype())


def soft(file):
    file.create_dataset("elsewhere/text", data=fixed(HOSTILE))
    file["model_config"] = h5py.SoftLink("/elsewhere/text")


def split(file):
    half = len(HOSTILE) // 2
    file.attrs["model_config1"] = HOSTILE[half:]
    file.attrs["model_config0"] = HOSTILE[:half]


def objects(file):
    """As PyTables keeps objects of Python."""
    set_ = file.create_dataset("values", (1,), h5py.vlen_dtype(numpy.uint8))
    set_[0] = numpy.frombuffer(forms.stack_global("os", "system", forms.HARMLESS), numpy.uint8)
    set_.attrs["PSEUDOATOM"] = fixed("object")


def of_size(size, text=None):
    """Of many groups, each with some attributes."""
    def write(file):
        for index in range(size):
            group = file.create_group(f"model_weights/layer_{index}")
            group.attrs["weight_names"] = numpy.array([b"kernel:0", b"bias:0"])
            group.create_dataset("kernel:0", data=numpy.ones((2, 2), "f4"))
        if text:
            file.attrs["model_config"] = text
    return write


def plain(**attributes):
    def write(file):
        for name, value in attributes.items():
            file.attrs[name] = value
    return write


HOSTILE_FILES = {
    "variable": (plain(model_config=HOSTILE), {}), "fixed": (plain(model_config=fixed(HOSTILE)), {}),
    "array": (plain(model_config=numpy.array([HOSTILE.encode()])), {}),
    "new": (plain(model_config=HOSTILE), {"libver": "latest"}), "block": (plain(model_config=HOSTILE), {"userblock_size": 512}),
    "training": (plain(training_config=HOSTILE), {}), "split": (split, {}),
    "dense": (after_many(HOSTILE), {"libver": "latest"}), "dense_fixed": (after_many(fixed(HOSTILE)), {"libver": "latest"}),
    "huge": (after_many(fixed(LONG)), {"libver": "latest"}), "committed": (committed, {}),
    "committed_new": (committed, {"libver": "latest"}), "packed_links": (packed_links, {"libver": "latest"}),
    "contiguous": (dataset(), {}), "contiguous_new": (dataset(), {"libver": "latest"}), "of_any_size": (variable, {}),
    "chunks": (dataset(pieces=16, chunks=(4,)), {}), "deflated": (dataset(pieces=16, chunks=(4,), compression="gzip"), {}),
    "lzf": (dataset(pieces=16, chunks=(40,), compression="lzf", shuffle=True, fletcher32=True, text=HOSTILE + " " * 400), {}),
    "single": (dataset(pieces=16, chunks=(60,), compression="gzip", text=HOSTILE + " " * 800), {"libver": "latest"}),
    "fixed_array": (dataset(pieces=16, chunks=(4,), compression="gzip"), {"libver": "latest"}),
    "paged": (dataset(pieces=1, chunks=(1,), text=HOSTILE + " " * 1000), {"libver": "latest"}),
    "growing": (dataset(pieces=16, chunks=(4,), maxshape=(None,)), {"libver": "latest"}),
    "growing_far": (dataset(pieces=1, chunks=(1,), maxshape=(None,), compression="gzip"), {"libver": "latest"}),
    "growing_old": (dataset(pieces=4, chunks=(2,), maxshape=(None,)), {}),
    "two_ways": (two_ways, {"libver": "latest"}), "early": (early, {"libver": "latest"}), "soft": (soft, {}),
    "soft_new": (soft, {"libver": "latest"}), "many": (of_size(40, HOSTILE), {}), "many_new": (of_size(40, HOSTILE), {"libver": "latest"}),
    "pickle": (plain(value=fixed("cos\nsystem\n(S'echo harmless'\ntR.")), {}),
    "objects": (objects, {}),
    "shape": (lambda file: file.create_dataset("w", (1 << 30, 1 << 20), "f4", chunks=(1, 1 << 18)), {}),
}
CLEAN_FILES = {
    "text": (dataset("notes"), {}), "text_new": (dataset("notes", chunks=(4,), pieces=16, compression="gzip"), {"libver": "latest"}),
    "model": (of_size(10, CLEAN), {}), "model_new": (of_size(40, CLEAN), {"libver": "latest"}), "dense": (after_many(CLEAN), {"libver": "latest"}),
    "attribute": (plain(note="a Lambda layer, with \"class_name\" and os.system", title="A study.\nOf layers."), {}),
    "objects": (lambda file: file.attrs.create("value", fixed(pickle.dumps({"a": 1}, 0).decode())), {}),
    "large": (lambda file: file.create_dataset("w", (1 << 16, 1 << 10), "f4", chunks=(256, 256), compression="gzip"), {}),
}


def main():
    files = {f"hostile/{name}": written(write, **options) for name, (write, options) in HOSTILE_FILES.items()}
    files["hostile/shared"] = shared(fixed(HOSTILE))
    files |= {f"clean/{name}": written(write, **options) for name, (write, options) in CLEAN_FILES.items()}
    packed = {name: base64.b85encode(zlib.compress(content, 9)).decode() for name, content in files.items()}
    pathlib.Path(sys.argv[1]).write_text(json.dumps(packed, indent=0) + "\n", encoding="utf-8")
    print({name: len(text) for name, text in packed.items()})


main()
