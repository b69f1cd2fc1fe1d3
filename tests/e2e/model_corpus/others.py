# SPDX-License-Identifier: Apache-2.0
"""Models of other formats than pickles, made byte by byte: each with a call that must be named, or with None."""
import hashlib
import io
import json
import pickle
import struct
import tarfile
import zipfile

import forms

LIVE = forms.stack_global("os", "system", forms.HARMLESS)
CLEAN = forms.whole({"weights": [1, 2, 3], "name": "plain"})


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def archived(members, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def tarred(mode="w", **members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def torch(data, **more):
    return archived([("archive/data.pkl", data), ("archive/version", b"3\n"), ("archive/data/0", bytes(64)),
                     *more.items()])


def torch_tar(sys_info=None, pickled=None, storages=None, tensors=None, count=3):
    """As PyTorch before 0.1.10: each member begins with pickles, between which raw numbers stand."""
    def listed(name, raw, live):
        out = pickle.dumps(count, 2)
        for index in range(count):
            if name == "storages":
                out += forms.whole((str(index), "cpu", forms.name("torch", "FloatStorage")))
                out += struct.pack("<q4f", 4, 1.5, -2.25, 1e30, 0.125)
            else:
                out += pickle.dumps((index, str(index), "torch.FloatTensor"), 2) + struct.pack("<iiqqq", 1, 0, 4, 1, 0)
            if live and index == 1:
                out += live
        return out + raw
    return tarred(sys_info=sys_info or pickle.dumps({"protocol_version": 1000, "little_endian": True}, 2),
                  pickle=pickled or CLEAN, storages=listed("storages", pickle.dumps([], 2), storages),
                  tensors=listed("tensors", b"", tensors))


def package(*modules, external="torch\nnumpy\n", pickled=None):
    """As torch.package writes it."""
    return archived([("p/.data/extern_modules", external), ("p/.data/version", "6\n"), ("p/model/model.pkl", pickled or CLEAN),
                     *((f"p/{name}", text) for name, text in modules)])


def script(text, name="code/__torch__/m.py", **more):
    """As torch.jit.save writes it."""
    return archived([("m/data.pkl", CLEAN), ("m/constants.pkl", pickle.dumps((), 2)), ("m/version", "3\n"), (f"m/{name}", text),
                     *more.items()])


SCRIPT = ("class M(Module):\n  __parameters__ = [\"weight\", ]\n  weight : Tensor\n  def {}(self: __torch__.m.M,\n    x: Tensor) -> "
          "Tensor:\n    _0 = __torch__.torch.nn.functional.relu(x, )\n    {}\n    return torch.add(_0, 1)\n")
SCRIPT_HOSTILE = {
    "save": ("forward", 'ops.aten.save(_0, "/tmp/harmless")'), "save_at_load": ("__setstate__", 'torch.save(x, "/tmp/harmless")'),
    "read": ("forward", 'y = torch.from_file("/etc/passwd", False, 9)'),
    "image": ("forward", 'y = ops.image.read_file("/etc/passwd")'), "write": ("forward", 'ops.image.write_file("/tmp/x", x)'),
    "network": ("forward", 'ops.rpc.rpc_sync("other", f, (x,))'), "sound": ("forward", 'ops.torchaudio.ffmpeg_x("http://127.0.0.1/")'),
    "library": ("forward", 'torch.ops.load_library("/tmp/x.so")'),
}
SCRIPT_CLEAN = {
    "plain": ("forward", "y = torch.relu(x)"), "comment": ("forward", "y = x  # torch.save(x, '/tmp/x')"),
    "text": ("forward", "print(\"torch.save(\")"), "own": ("forward", "ops.mylibrary.nms(x)"),
    "vision": ("forward", "y = ops.torchvision.nms(x, x, 0.5)"), "method": ("forward", "(self).save(x, )"),
}


# Protocol buffers.
def varint(number):
    out = b""
    while True:
        byte = number & 0x7F
        number >>= 7
        if not number:
            return out + bytes([byte])
        out += bytes([byte | 0x80])


def field(number, content):
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    if isinstance(content, str):
        content = content.encode()
    return varint(number << 3 | 2) + varint(len(content)) + content


def onnx(operation="Relu", domain="", location=None, metadata=None):
    node = field(1, "x") + field(2, "y") + field(3, "node") + field(4, operation) + (field(7, domain) if domain else b"")
    tensor = field(1, 2) + field(2, 1) + field(8, "w")
    if location is not None:
        tensor += field(13, field(1, "location") + field(2, location)) + field(14, 1)
    else:
        tensor += field(9, struct.pack("<2f", 1, 2))
    graph = field(1, node) + field(2, "graph") + field(5, tensor)
    out = field(1, 8) + field(2, "maker") + field(7, graph) + field(8, field(1, domain) + field(2, 1))
    for key, value in (metadata or {}).items():
        out += field(14, field(1, key) + field(2, value))
    return out


def node_def(operation):
    return field(1, "node") + field(2, operation)


def graph_def(*operations, in_function=False):
    nodes = [field(1, node_def("Placeholder")), field(1, node_def("MatMul"))]
    if in_function:
        function = field(1, field(1, "f")) + b"".join(field(3, node_def(one)) for one in operations)
        return b"".join(nodes) + field(2, field(1, function))
    return b"".join(nodes + [field(1, node_def(one)) for one in operations])


def saved_model(*operations, in_function=False):
    meta = field(1, field(4, "serve")) + field(2, graph_def(*operations, in_function=in_function))
    return field(1, 1) + field(2, meta)


# GGUF.
def gguf(values=(), tensors=(), version=3, order="<", counts=None):
    def text(one):
        raw = one.encode()
        return struct.pack(order + "Q", len(raw)) + raw
    out = b"GGUF" + struct.pack(order + "I", version)
    out += struct.pack(order + "QQ", *(counts or (len(tensors), len(values))))
    for key, value in values:
        out += text(key)
        if isinstance(value, str):
            out += struct.pack(order + "I", 8) + text(value)
        elif isinstance(value, list):
            out += struct.pack(order + "IIQ", 9, 8, len(value)) + b"".join(text(one) for one in value)
        else:
            out += struct.pack(order + "II", 4, value)
    for name, shape, kind, offset in tensors:
        out += text(name) + struct.pack(order + "I", len(shape)) + struct.pack(order + f"{len(shape)}Q", *shape)
        out += struct.pack(order + "IQ", kind, offset)
    out += bytes(-len(out) % 32)
    return out + bytes(256)


# safetensors.
def safetensors(header, body=bytes(16), size=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if size is None else size) + text + body


def tensor(begin, end, dtype="F32"):
    return {"dtype": dtype, "shape": [(end - begin) // 4], "data_offsets": [begin, end]}


# Keras.
def keras_layer(class_name="Dense", **config):
    return {"class_name": class_name, "config": {"name": "layer", **config}, "module": "keras.layers",
            "registered_name": None}


def keras_config(*layers):
    return {"module": "keras", "class_name": "Sequential", "config": {"name": "model", "layers": list(layers)},
            "registered_name": None}


def keras(*layers, **members):
    return archived([("metadata.json", json.dumps({"keras_version": "3.5.0"})),
                     ("config.json", json.dumps(keras_config(*layers))), ("model.weights.h5", b"\x89HDF\r\n\x1a\n" + bytes(64)),
                     *members.items()])


LAMBDA = keras_layer("Lambda", function={"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": None}})
OTHER_MODULE = {"class_name": "system", "module": "os", "config": {}, "registered_name": "system"}
FUNCTION = keras_layer("Dense", activation={"class_name": "function", "module": "builtins", "config": "eval"})




def keras_function(module, name, **arguments):
    """A layer that calls a function that is there already."""
    return keras_layer("Lambda", function={"module": module, "class_name": "function", "config": name,
                                           "registered_name": "function"}, arguments=arguments)


KERAS_HOSTILE = {
    "safe_mode": keras_function("keras.config", "enable_unsafe_deserialization"),
    "attribute": keras_function("keras.src.backend.common.global_state", "set_global_attribute", value=False),
    "get_file": keras_function("keras.utils", "get_file", fname="x", origin="http://127.0.0.1/x.tar", extract=True),
    "load": keras_function("keras.models", "load_model", safe_mode=False),
    "vocabulary": keras_layer("StringLookup", vocabulary="/etc/passwd"),
    "address": keras_layer("IntegerLookup", vocabulary="http://127.0.0.1/words"),
    "tokenizer": {"class_name": "PARSeqTokenizer", "module": "keras_hub.models", "config": {"vocabulary": "../../secret"}},
    "merges": {"class_name": "BytePairTokenizer", "module": "keras_hub.tokenizers", "config": {"merges": "~/.ssh/id_rsa"}},
    "table": {"class_name": "TextFileInitializer", "module": "tensorflow", "config": {"filename": "/etc/passwd"}},
    "graph": keras_layer("TFSMLayer", filepath="/tmp/other"),
    "name": {"class_name": "Dense", "module": "keras.layers", "config": {"name": "../../../tmp/x"}},
    "tuple": {"class_name": "Lambda", "config": {"function": {"class_name": "__tuple__", "items": ["4wEAAAA=", None, None]}}},
    "shape": {"class_name": "Lambda", "config": {"function": "relu", "function_type": "function",
                                                 "output_shape": ["4wEAAAA=", None, None], "output_shape_type": "lambda"}},
    "old": {"class_name": "Lambda", "config": {"function": "marshalled", "function_type": "lambda"}},
    "module_function": {"class_name": "Lambda", "config": {"function": "system", "function_type": "function", "module": "os"}},
    "raw": keras_layer("TFOpLambda", function="raw_ops.ReadFile"),
}
KERAS_CLEAN = (
    keras_layer("StringLookup", vocabulary=["a", "/etc/passwd"]), keras_layer("StringLookup", vocabulary="words.txt"),
    keras_layer("Lambda", function={"module": "keras.ops", "class_name": "function", "config": "relu"}, output_shape=[3]),
    keras_layer("Lambda", function={"module": "builtins", "class_name": "function", "config": "my_own", "registered_name": "function"}),
    {"class_name": "MyLayer", "module": "my_package.layers", "config": {"units": 3}, "registered_name": "my_package>MyLayer"},
    keras_layer("Dense", name="block_1/conv:0"), keras_layer("TFOpLambda", function="math.add"),
    {"class_name": "Tokenizer", "module": "keras_hub.models", "config": {"vocabulary": None, "merges": None, "proto": None}},
    {"class_name": "Lambda", "config": {"function": "relu", "function_type": "function", "output_shape": None,
                                        "output_shape_type": "raw", "module": "tensorflow.keras.activations"}},
    {"class_name": "Lambda", "config": {"function": "swish", "function_type": "function",
                                        "output_shape": {"class_name": "__tuple__", "items": [1, 2]}}},
)

# As Keras 2 writes it to HDF5.
LEGACY_LAMBDA = {"class_name": "Lambda", "config": {"name": "layer", "function_type": "lambda",
                                                    "function": ["4wEAAAA=", None, None]}}


def hdf5_attribute(name, text):
    """A message of an object header: an attribute of a text of a fixed size."""
    kind = struct.pack("<II", 0x13, len(text))
    space = struct.pack("<BBBB", 2, 0, 0, 0)
    body = struct.pack("<BBHHHB", 3, 0, len(name) + 1, len(kind), len(space), 0) + name.encode() + b"\0" + kind + space + text
    return struct.pack("<BHB", 12, len(body), 0) + body


def hdf5(description, name="model_config"):
    """A superblock of version 2, and a group with the description as its attribute."""
    messages = hdf5_attribute(name, json.dumps(description).encode())
    head = b"\x89HDF\r\n\x1a\n" + struct.pack("<BBBBQQQQI", 2, 8, 8, 0, 0, 2**64 - 1, 0, 48, 0)
    return head + b"OHDR" + struct.pack("<BBI", 2, 2, len(messages)) + messages + bytes(4)


def numpy_objects(pickled):
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + pickled


def numpy_floats():
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }"
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + struct.pack("<2d", 1, 2)


def skops(module, class_name, loader="ObjectNode"):
    return archived([("schema.json", json.dumps({"__class__": class_name, "__module__": module, "__loader__": loader,
                                                 "content": {}, "protocol": 2, "_skops_version": "0.10"}))])


def notebook(*cells, outputs=()):
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
        {"cell_type": "code", "source": list(one) if isinstance(one, (list, tuple)) else [one], "outputs": list(outputs),
         "metadata": {}, "execution_count": None} for one in cells]}).encode()


CHAT = ("{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}")
NAMESPACE_CHAT = ("{%- set ns = namespace(found=false) -%}{%- for m in messages -%}{%- if m.role == 'system' -%}"
                  "{%- set ns.found = true -%}{%- endif -%}{{ m.content | trim }}{%- endfor -%}"
                  "{%- if not ns.found -%}{{ raise_exception('no system message') }}{%- endif -%}")
ESCAPES = ("{{ ''.__class__.__mro__[1].__subclasses__() }}",
           "{{ cycler.__init__.__globals__.os.popen('echo harmless').read() }}",
           "{{ lipsum.__globals__['os'].popen('echo harmless').read() }}",
           "{{ ''['__cl' + 'ass__'] }}",
           "{{ ''|attr('__class__') }}",
           "{{ ''['\\x5f\\x5fclass\\x5f\\x5f'] }}",
           "{{ self._TemplateReference__context }}",
           "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
           "{{ ''|attr(['__', 'class', '__']|join) }}",
           "{{ joiner.__init__.__globals__ }}",
           "{{ namespace.__init__.__globals__ }}",
           "{{ ''['%sclass%s'|format('__', '__')] }}",
           "{{ ''['__ssalc__'|reverse] }}")


def blob(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def layered(*layers, config=b"{}"):
    """A manifest of (media type, content, annotations)."""
    return json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                       "config": {"mediaType": "application/vnd.cncf.model.config.v1+json", "digest": blob(config), "size": len(config)},
                       "layers": [{"mediaType": kind, "digest": blob(content), "size": len(content), "annotations": more}
                                  for kind, content, more in layers]}).encode()


def oci(name, *layers, config=b"{}"):
    """An OCI layout as {path: content}."""
    manifest = layered(*layers, config=config)
    index = {"schemaVersion": 2, "manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json",
                                               "digest": blob(manifest), "size": len(manifest)}]}
    out = {f"{name}/oci-layout": b'{"imageLayoutVersion": "1.0.0"}', f"{name}/index.json": json.dumps(index).encode()}
    return out | {f"{name}/blobs/sha256/{blob(content)[7:]}": content for content in (manifest, config, *(one[1] for one in layers))}


def ollama(name, *layers, config=b"{}"):
    """A folder of Ollama's as {path: content}."""
    out = {f"{name}/manifests/registry.example/library/m/latest": layered(*layers, config=config)}
    return out | {f"{name}/blobs/{blob(content).replace(':', '-')}": content for content in (config, *(one[1] for one in layers))}
