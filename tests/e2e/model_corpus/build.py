# SPDX-License-Identifier: Apache-2.0
"""The labelled corpus: hostile and clean models of all formats, made here, with harmless payloads. `hostile()` and
`clean()` give {name: bytes}."""
import base64
import bz2
import collections
import datetime
import decimal
import enum
import fractions
import gzip
import json
import lzma
import pathlib
import pickle
import struct
import uuid
import zlib

import advisories
import evasions
import exchange
import families
import forms
import gadgets
import libraries
import others
from others import archived, gguf, graph_def, hdf5, keras, keras_config, keras_layer, onnx, safetensors, saved_model
from others import skops, tarred, tensor, torch

LIVE, CLEAN = others.LIVE, others.CLEAN
PACKED = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "z": zlib.compress,
          "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE)}
# Only import what others call: nothing to see in them alone.
QUIET = {"operator.attrgetter", "operator.methodcaller", "joblib.memory.Memory", "types.FunctionType", "types.CodeType",
         "ultralytics.YOLO"}


def hostile_pickles():
    out = {f"gadget/{one}.pkl": forms.stack_global(*gadgets.split(one), forms.HARMLESS)
           for one in gadgets.GADGETS if one not in QUIET}
    out |= {f"walk/{module}_{name}.pkl": forms.stack_global(module, name, forms.HARMLESS) for module, name in gadgets.WALKS}
    for form in forms.FORMS:
        for module, name in gadgets.FORM_TARGETS:
            arguments = (forms.HARMLESS,) if form is forms.stack_global else ()
            out[f"form/{form.__name__}_{module}.pkl"] = form(module, name, *arguments)
    return out


def hostile_containers():
    slip = archived([("m.pkl", LIVE)])
    at = slip.index(b"PK\x01\x02")
    wrong_sum = bytearray(slip)
    wrong_sum[14:18] = b"\1\2\3\4"
    out = {f"packed/m.pkl.{ending}": pack(LIVE) for ending, pack in PACKED.items()}
    out |= {f"packed/m.joblib.{ending}.joblib": pack(LIVE) for ending, pack in PACKED.items()}
    return out | {
        "zip/torch.pt": torch(LIVE), "zip/second.pt": torch(CLEAN, **{"archive/other.pkl": LIVE}),
        "zip/data.pt": torch(CLEAN, **{"archive/data/1": LIVE}), "zip/tar.pth": tarred(pickle=LIVE, storages=CLEAN),
        "zip/m.tar": tarred(**{"a/m.pkl": LIVE}), "zip/m.tar.gz": tarred("w:gz", **{"a/m.pkl": LIVE}),
        "zip/deep.zip": archived([("a.zip", archived([("b.tar.gz", tarred("w:gz", **{"m.pkl": LIVE}))]))]),
        "zip/prefix.zip": b"junk" * 20 + slip, "zip/deflated.zip": archived([("m.pkl", LIVE)], 8),
        "zip/sum.zip": bytes(wrong_sum), "zip/flag.zip": slip[:at + 8] + b"\x01" + slip[at + 9:],
        "zip/no_directory.zip": slip[:at], "zip/renamed.bin": slip, "zip/twice.zip": archived([("m.pkl", CLEAN)]) + slip,
        "zip/upwards.zip": archived([("../../x.pkl", CLEAN)]), "zip/absolute.zip": archived([("/etc/x", b"x")]),
        "zip/upwards.tar": tarred(**{"../../x": CLEAN}), "zip/other_name.jpg": LIVE, "zip/no_ending": LIVE,
        "numpy/a.npy": others.numpy_objects(LIVE), "numpy/a.npz": archived([("a.npy", others.numpy_objects(LIVE))]),
        **{f"tar/{name}.pth": others.torch_tar(**{name: LIVE}) for name in ("sys_info", "pickled", "storages", "tensors")},
        **{f"tar/old_form_{name}.pth": others.torch_tar(**{name: b"cos\nsystem\n(S'echo harmless'\ntR."})
           for name in ("storages", "tensors")},
        "package/import.pt": others.package(("mine/__init__.py", "import os\nos.system('echo harmless')\n")),
        "package/class.pt": others.package(("mine/m.py", "from subprocess import run\nclass M:\n  x = run(['echo'])\n")),
        "package/network.pt": others.package(("mine/m.py", "import urllib.request\nurllib.request.urlopen('http://127.0.0.1/')\n")),
        "package/function.pt": others.package(("mine/m.py", "import os\ndef f(x):\n  os.system('echo harmless')\n")),
        "package/pickle.pt": others.package(pickled=LIVE), "package/call.pt": others.package(
            ("mine/m.py", "def f(x):\n  return x\n"), pickled=forms.stack_global("mine.m", "f", forms.HARMLESS)),
        "package/instead.pt": others.package(("torch/_utils.py", "def _rebuild_tensor_v2(*a):\n  pass\n")),
        **{f"script/{name}_.pt": others.script(others.SCRIPT.format(*parts)) for name, parts in others.SCRIPT_HOSTILE.items()},
        "script/other_folder.pt": others.script(others.SCRIPT.format("f", 'torch.save(x, "/tmp/x")'), "code/mine/m.py"),
        "script/constants.pt": archived([("m/constants.pkl", LIVE), ("m/data.pkl", CLEAN)]),
        "script/code.pt": torch(CLEAN, **{"archive/code/__torch__.py": b"def forward(self):\n  exec('1')\n"}),
        "script/file.pt": torch(CLEAN, **{"archive/code/__torch__.py":
                                          b"def forward(self, x):\n  a = torch.from_file('/etc/passwd', False, 9)\n"}),
        "script/save.pt": torch(CLEAN, **{"archive/code/__torch__/m.py": b"def f(x):\n  ops.aten.save(x, '/tmp/x')\n"}),
    }


def hostile_graphs():
    out = {f"onnx/place_{index}.onnx": onnx(location=place) for index, place in enumerate(
        ("/etc/passwd", "../../secret", "C:\\x", "a/../../b", "file:///etc/passwd", "\\\\host\\x", ".."))}
    out |= {"onnx/python.onnx": onnx("PyOp", "ai.onnx.contrib"), "onnx/torch.onnx": onnx("PythonOp", "com.microsoft"),
            "onnx/no_name.bin": onnx(location="../../x")}
    for operation in ("PyFunc", "EagerPyFunc", "PyFuncStateless", "ReadFile", "WriteFile", "MatchingFiles",
                      "TextLineDataset", "DebugIdentityV3", "SqlDataset"):
        out[f"tf/{operation}/saved_model.pb"] = saved_model(operation)
        out[f"tf/{operation}_function/saved_model.pb"] = saved_model(operation, in_function=True)
        out[f"tf/{operation}.pb"] = graph_def(operation)
    return out


def hostile_headers():
    out = {"gguf/counts.gguf": gguf([("a", "b")], counts=(1 << 60, 1 << 60)),
           "gguf/text.gguf": b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1 << 62) + b"abc",
           "gguf/tensor.gguf": gguf([("general.architecture", "llama")], [("t", (1 << 40,), 0, 0)]),
           "gguf/overflow.gguf": gguf([("a", "b")], [("t", (1 << 40, 1 << 40), 0, 0)]),
           "gguf/dimensions.gguf": gguf([("a", "b")], [("t", (1,) * 9, 0, 0)]),
           "gguf/alignment.gguf": gguf([("general.alignment", 0)], [("t", (4,), 0, 0)]),
           "gguf/version.gguf": gguf([("a", "b")], version=77),
           "gguf/big.gguf": gguf([("tokenizer.chat_template", others.ESCAPES[0])], order=">"),
           "gguf/tool.gguf": gguf([("tokenizer.chat_template.tool_use", others.ESCAPES[1])])}
    for index, escape in enumerate(others.ESCAPES):
        out[f"chat/{index}.gguf"] = gguf([("general.architecture", "llama"), ("tokenizer.chat_template", escape)])
        out[f"chat/{index}/tokenizer_config.json"] = json.dumps({"chat_template": escape}).encode()
        out[f"chat/{index}/chat_template.jinja"] = escape.encode()
    twice = b'{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}'
    return out | {
        "st/overlap.safetensors": safetensors({"a": tensor(0, 12), "b": tensor(8, 16)}),
        "st/hole.safetensors": safetensors({"a": tensor(0, 4), "b": tensor(8, 16)}),
        "st/outside.safetensors": safetensors({"a": tensor(0, 1 << 40)}), "st/twice.safetensors": safetensors(twice),
        "st/size.safetensors": safetensors({"a": tensor(0, 16)}, size=1 << 50),
        "st/tail.safetensors": safetensors({"a": tensor(0, 16)}, bytes(16) + LIVE),
        "st/shape.safetensors": safetensors({"a": {"dtype": "F32", "shape": [1000], "data_offsets": [0, 16]}}),
        "st/type.safetensors": safetensors({"a": {"dtype": "X9", "shape": [4], "data_offsets": [0, 16]}})}


def hdf5_files(kind):
    """What the library itself wrote: see hdf5_make.py."""
    packed = json.loads(pathlib.Path(__file__).with_name("hdf5_files.json").read_text(encoding="utf-8"))
    return {f"hdf5/{name.partition('/')[2]}.h5": zlib.decompress(base64.b85decode(text))
            for name, text in packed.items() if name.startswith(kind + "/")}


def hostile_documents():
    out = hdf5_files("hostile")
    for name, layer in (("lambda", others.LAMBDA), ("legacy", others.LEGACY_LAMBDA), *others.KERAS_HOSTILE.items(), ("module", others.OTHER_MODULE), ("function", others.FUNCTION),
                        ("operation", keras_layer("TFOpLambda", function="io.write_file")),
                        ("download", keras_layer("Dense", kernel_initializer={
                            "module": "keras.utils", "class_name": "get_file", "config": {"origin": "http://127.0.0.1/x"}})),
                        ("torch", {"class_name": "TorchModuleWrapper", "module": "keras.layers", "config": {}})):
        out[f"keras/{name}.keras"] = keras(layer)
        out[f"keras/{name}.h5"] = hdf5(keras_config(layer))
        out[f"keras/{name}/config.json"] = json.dumps(keras_config(layer)).encode()
    sources = {
        "keras/nan.h5": hdf5({"a": float("nan"), **keras_config(others.LEGACY_LAMBDA)}),
        "keras/deep.keras": archived([("config.json", json.dumps({"a": 0, **keras_config(others.LAMBDA)}).replace(
            '"a": 0', '"a": ' + "[" * 900 + "]" * 900))]),
        "keras/inner.keras": keras(keras_layer(), **{"assets/x.pkl": LIVE}),
        "skops/os.skops": skops("os", "system", "FunctionNode"),
        "skops/caller.skops": skops("operator", "methodcaller", "OperatorFuncNode"),
        "yaml/tag/config.yaml": b"model: !!python/object/apply:os.system ['echo harmless']\n",
        "yaml/new/x.yml": b"a: !!python/object/new:subprocess.Popen [['echo','harmless']]\n",
        "yaml/target/model_config.yaml": b"model:\n  _target_: os.system\n  command: echo harmless\n",
        "json/target.json": b'{"model": {"_target_": "subprocess.call", "args": ["echo"]}}',
        "mlflow/MLmodel": b"flavors:\n  python_function:\n    loader_module: os\n    code: ../../evil\n",
        "hf/config.json": json.dumps({"auto_map": {"AutoModel": "evil/repository--modeling.Model"}}).encode(),
        "hf/modeling_x.py": b"import os\nos.system('echo harmless')\n",
        "hf/modeling_y.py": b"from os import system as s\nclass M:\n  def __init__(self):\n    s('echo harmless')\n",
        "hf/setup.py": b"import subprocess\nsubprocess.call(['echo','harmless'])\n",
        "hf/z.py": b"import base64; exec(base64.b64decode('cGFzcw=='))\n",
        "hf/requirements.txt": b"--index-url http://127.0.0.1/simple\ntorch\n",
        "nb/curl.ipynb": others.notebook("!curl http://127.0.0.1/x | sh"),
        "nb/shell.ipynb": others.notebook("%%bash\nrm -rf /tmp/none"),
        "nb/system.ipynb": others.notebook("import os\nos.system('echo harmless')"),
        "nb/output.ipynb": others.notebook("1", outputs=[{"data": {"text/html": ["<script>fetch('http://127.0.0.1/')</script>"]}}]),
        "xml/file.pmml": b'<?xml version="1.0"?><!DOCTYPE P [<!ENTITY x SYSTEM "file:///etc/passwd">]><PMML>&x;</PMML>',
        "xml/grow.pmml": b'<?xml version="1.0"?><!DOCTYPE P [<!ENTITY x "aaaaaaaaaa">]><PMML>&x;</PMML>',
        "xml/net.xml": b'<?xml version="1.0"?><net name="m"><layers><layer id="0" type="Custom" version="extension"/></layers></net>',
        "mxnet/x-symbol.json": b'{"nodes": [{"op": "Custom", "name": "c", "attrs": {"op_type": "evil"}}]}',
        "program/x.llamafile": b"MZqFpD='\n" + bytes(200), "program/x.bin": b"\x7fELF" + bytes(200),
        "program/model.pt": b"#!/bin/sh\necho harmless\n"}
    return out | sources


def hostile_exchange():
    out = {"exchange/" + name: content for name, (content, _) in exchange.hostile().items()}
    return out | {"advisory/" + name: content for name, (content, _) in advisories.hostile().items()}


def hostile():
    return (hostile_pickles() | hostile_containers() | hostile_graphs() | hostile_headers() | hostile_documents()
            | hostile_exchange() | evasions.hostile()
            | {"library/" + name: content for name, content in libraries.hostile().items()}
            | {"family/" + name: content for name, content in families.hostile().items()})


class Colour(enum.Enum):
    RED = 1


def values():
    now = datetime.datetime(2026, 1, 2, 3, 4, 5)
    return {"none": None, "numbers": [1, -1, 2**40, 1.5, True], "text": "os.system", "bytes": b"subprocess",
            "nested": {"a": [{"b": ({"c"}, frozenset([1]))}]}, "ordered": collections.OrderedDict(a=1),
            "default": collections.defaultdict(list, a=[1]), "counter": collections.Counter("abca"),
            "deque": collections.deque([1, 2], 5), "date": now, "zone": now.replace(tzinfo=datetime.timezone.utc),
            "delta": datetime.timedelta(3), "decimal": decimal.Decimal("1.25"), "fraction": fractions.Fraction(1, 3),
            "complex": complex(1, 2), "array": bytearray(b"abc"), "uuid": uuid.UUID(int=5), "path": pathlib.PurePosixPath("/a"),
            "range": range(5), "slice": slice(1, 2), "big": 10**60, "many": list(range(2000)), "shared": [[1]] * 5}


def clean_pickles():
    out = {f"value/{name}_{protocol}.pkl": pickle.dumps(value, protocol)
           for name, value in values().items() for protocol in range(6)}
    array = forms.call(forms.name("numpy.core.multiarray", "_reconstruct"), forms.name("numpy", "ndarray"), (0,), b"b")
    out["library/numpy.pkl"] = forms.whole(array)
    out["library/numpy2.pkl"] = forms.whole(forms.call(forms.name("numpy._core.multiarray", "_reconstruct"),
                                                       forms.name("numpy", "ndarray"), (0,), b"b"))
    for index, (module, name) in enumerate((
            ("sklearn.linear_model._logistic", "LogisticRegression"), ("sklearn.ensemble._forest", "RandomForestClassifier"),
            ("sklearn.pipeline", "Pipeline"), ("xgboost.sklearn", "XGBClassifier"), ("lightgbm.sklearn", "LGBMClassifier"),
            ("catboost.core", "CatBoostClassifier"), ("torch.nn.modules.linear", "Linear"),
            ("transformers.training_args", "TrainingArguments"), ("pandas.core.frame", "DataFrame"),
            ("statsmodels.regression.linear_model", "OLS"), ("networkx.classes.graph", "Graph"),
            ("spacy.vocab", "Vocab"), ("PIL.Image", "Image"), ("torch.optim.adam", "Adam"))):
        made = forms.call(forms.name("copyreg", "_reconstructor"), forms.name(module, name),
                          forms.name("builtins", "object"), None)
        out[f"library/{index}.pkl"] = forms.whole(made)
    return out


def clean_containers():
    out = {f"packed/m.pkl.{ending}": pack(CLEAN) for ending, pack in PACKED.items()}
    code = (b"class M(Module):\n  __parameters__ = [\"weight\", ]\n  weight : Tensor\n  def forward(self: __torch__.M,\n"
            b"    x: Tensor) -> Tensor:\n    _0 = torch.add(x, 1)\n    return torch.relu(_0)\n")
    out |= {f"script/{name}_.pt": others.script(others.SCRIPT.format(*parts)) for name, parts in others.SCRIPT_CLEAN.items()}
    out |= {"tar/plain.pth": others.torch_tar(), "tar/many.pth": others.torch_tar(count=50), "package/plain.pt": others.package(
        ("mine/__init__.py", ""), ("mine/m.py", "import os\nimport torch\nclass M(torch.nn.Module):\n  def f(self):\n    return os.path.join('a', 'b')\n"))}
    return out | {"zip/torch.pt": torch(CLEAN), "zip/script.pt": torch(CLEAN, **{"archive/code/__torch__.py": code}),
                  "zip/m.tar": tarred(**{"a/m.pkl": CLEAN}), "zip/m.tar.gz": tarred("w:gz", **{"a/m.pkl": CLEAN}),
                  "zip/deflated.zip": archived([("m.pkl", CLEAN)], 8), "zip/empty.zip": archived([]),
                  "numpy/a.npy": others.numpy_floats(), "numpy/a.npz": archived([("a.npy", others.numpy_floats())])}


def clean_graphs():
    out = {f"onnx/{name}.onnx": onnx(name) for name in ("Relu", "MatMul", "Conv", "Gemm", "Softmax", "Identity", "If")}
    out |= {"onnx/beside.onnx": onnx(location="weights.bin"), "onnx/folder.onnx": onnx(location="data/weights.bin"),
            "onnx/domain.onnx": onnx("FusedMatMul", "com.microsoft"), "onnx/ml.onnx": onnx("Scaler", "ai.onnx.ml"),
            "onnx/told.onnx": onnx(metadata={"author": "ada", "license": "MIT"})}
    for operation in ("Conv2D", "SaveV2", "RestoreV2", "MergeV2Checkpoints", "StatefulPartitionedCall", "Const", "Print",
                      "HashTableV2", "InitializeTableFromTextFileV2", "ShardedFilename"):
        out[f"tf/{operation}/saved_model.pb"] = saved_model(operation)
        out[f"tf/{operation}.pb"] = graph_def(operation)
    return out


def clean_headers():
    sizes = {"BOOL": 1, "U8": 1, "I8": 1, "F16": 2, "BF16": 2, "I16": 2, "I32": 4, "F32": 4, "I64": 8, "F64": 8,
             "F8_E4M3": 1, "F8_E5M2": 1}
    out = {f"st/{kind}.safetensors": safetensors(
        {"a": {"dtype": kind, "shape": [2, 2], "data_offsets": [0, 4 * size]}, "__metadata__": {"format": "pt"}},
        bytes(4 * size)) for kind, size in sizes.items()}
    out |= {f"st/length_{length}.safetensors": safetensors({"x" * length: tensor(0, 16)}) for length in range(1, 80, 4)}
    out["st/empty.safetensors"] = safetensors({}, b"")
    for version in (1, 2, 3):
        if version > 1:
            out[f"gguf/{version}.gguf"] = gguf([("general.architecture", "llama"), ("general.alignment", 32)],
                                               [("t", (4,), 0, 0)], version=version)
    out["gguf/big.gguf"] = gguf([("general.architecture", "llama")], [("t", (4,), 0, 0)], order=">")
    for index, chat in enumerate((others.CHAT, others.NAMESPACE_CHAT, "{{ messages[-1]['content'] }}",
                                  "{# a comment with __class__ #}{{ bos_token }}", "{% raw %}{{ x.__class__ }}{% endraw %}",
                                  "{%- for m in messages %}{{ m['role'] ~ ': ' ~ m['content'] }}{%- endfor %}",
                                  "{{ '__' + bos_token }}", "{{ tools | tojson(indent=4) }}")):
        out[f"chat/{index}.gguf"] = gguf([("tokenizer.ggml.tokens", ["a", "__class__"]), ("tokenizer.chat_template", chat)])
        out[f"chat/{index}/tokenizer_config.json"] = json.dumps({"chat_template": chat}).encode()
        out[f"chat/{index}/chat_template.jinja"] = chat.encode()
    return out


def clean_documents():
    out = hdf5_files("clean")
    for index, layer in enumerate((*others.KERAS_CLEAN, keras_layer(units=3, activation="relu"), keras_layer("Dropout", rate=0.5),
                                   keras_layer("Conv2D", filters=3), keras_layer("LSTM", units=8),
                                   keras_layer("BatchNormalization", momentum=0.9))):
        out[f"keras/{index}.keras"] = keras(layer)
        out[f"keras/{index}.h5"] = hdf5(keras_config(layer))
        out[f"keras/{index}/config.json"] = json.dumps(keras_config(layer)).encode()
    return out | {
        "skops/lr.skops": skops("sklearn.linear_model._base", "LinearRegression"),
        "mlflow/MLmodel": b"artifact_path: model\nflavors:\n  python_function:\n    env: conda.yaml\n    loader_module: mlflow.sklearn\n    model_path: model.pkl\n",
        "yaml/config.yaml": b"model:\n  _target_: mypackage.Model\n  lr: 0.1\n", "yaml/empty.yml": b"",
        "hf/config.json": b'{"model_type": "llama", "hidden_size": 64, "architectures": ["LlamaForCausalLM"]}',
        "hf/tokenizer.json": b'{"version": "1.0", "model": {"type": "BPE", "vocab": {"a": 0, "__class__": 1}}}',
        "hf/adapter_config.json": b'{"peft_type": "LORA", "base_model_name_or_path": "x/y"}',
        "hf/generation_config.json": b'{"eos_token_id": 2}',
        "hf/model.safetensors.index.json": b'{"metadata": {}, "weight_map": {"a": "model-00001-of-00002.safetensors"}}',
        "hf/modeling_x.py": b"import os\nimport torch\nclass X(torch.nn.Module):\n  def forward(self, x):\n    self.eval()\n    return torch.load(os.path.join('a', 'b'))\n",
        "hf/convert.py": b"import subprocess\ndef main():\n  subprocess.run(['ls'])\nif __name__ == '__main__':\n  main()\n",
        "hf/README.md": b"---\nlicense: mit\n---\n# Model\nRun `os.system('x')` never.\n",
        "hf/requirements.txt": b"torch==2.1\nnumpy>=1.2\n--extra-index-url https://download.example/whl\n",
        "nb/torch.ipynb": others.notebook("import torch\nprint(torch.__version__)"),
        "nb/pip.ipynb": others.notebook("!pip install torch\nimport torch"),
        "nb/smi.ipynb": others.notebook("!nvidia-smi\n%matplotlib inline"),
        "nb/plot.ipynb": others.notebook("1", outputs=[{"data": {"text/html": ["<script>Plotly.newPlot(1)</script>"]}}]),
        "xml/x.pmml": b'<?xml version="1.0"?><PMML version="4.4"><Header/></PMML>',
        "xml/net.xml": b'<?xml version="1.0"?><net name="m"><layers><layer id="0" type="Parameter" version="opset1"/></layers></net>',
        "mxnet/x-symbol.json": b'{"nodes": [{"op": "null", "name": "data"}, {"op": "Convolution", "name": "c"}]}',
        "text/lightgbm.txt": b"tree\nversion=v4\nnum_class=1\n", "text/vocab.txt": b"[PAD]\nos\nsystem\n",
        "text/merges.txt": b"#version: 0.2\no s\n", "text/xgboost.json": b'{"learner": {}, "version": [2, 0, 0]}',
        "text/empty.pkl": b"", "text/LICENSE": b"Apache License\n"}


def clean():
    exchanged = {"exchange/" + name: content for name, content in exchange.clean().items()}
    of_libraries = {"libraries/" + name: content for name, content in libraries.clean().items()}
    return (clean_pickles() | clean_containers() | clean_graphs() | clean_headers() | clean_documents() | exchanged
            | of_libraries | evasions.clean() | {"advisory/" + name: content for name, content in advisories.clean().items()}
            | {"family/" + name: content for name, content in families.clean().items()})
