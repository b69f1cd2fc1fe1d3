# SPDX-License-Identifier: Apache-2.0
"""Models in the formats by which libraries and devices exchange them, made byte by byte. `hostile()` gives {name: (bytes,
a word of the message that must be there)}, `clean()` {name: bytes}."""
import json
import struct

from others import LIVE, field


# FlatBuffers: a table is {place of its field: value}. Numbers are (struct's letter, value); texts, bytes, tables and lists
# of tables, of texts and of 32-bit numbers are what they are.
def flat(root, identifier=b""):
    out = bytearray(4) + identifier

    def align(size):
        out.extend(bytes(-len(out) % size))

    def put(value):
        if isinstance(value, dict):
            return put_table(value)
        align(4)
        if isinstance(value, str):
            value = value.encode()
        at = len(out)
        out.extend(struct.pack("<I", len(value)))
        if isinstance(value, bytes):
            out.extend(value + b"\0")
        elif value and isinstance(value[0], int):
            out.extend(struct.pack(f"<{len(value)}i", *value))
        else:
            out.extend(bytes(4 * len(value)))
            for index, one in enumerate(value):
                link(at + 4 + 4 * index, put(one))
        return at

    def link(place, to):
        out[place:place + 4] = struct.pack("<I", to - place)

    def put_table(fields):
        size, places = 4, {}
        for number, value in fields.items():
            width = struct.calcsize("<" + value[0]) if isinstance(value, tuple) else 4
            size += -size % width
            places[number] = size
            size += width
        align(8)
        entries = max(fields, default=-1) + 1
        fields_at = len(out)
        out.extend(struct.pack("<HH", 4 + 2 * entries, size))
        out.extend(b"".join(struct.pack("<H", places.get(number, 0)) for number in range(entries)))
        align(8)
        at = len(out)
        out.extend(struct.pack("<i", at - fields_at) + bytes(size - 4))
        for number, value in fields.items():
            place = at + places[number]
            if isinstance(value, tuple):
                packed = struct.pack("<" + value[0], value[1])
                out[place:place + len(packed)] = packed
            else:
                link(place, put(value))
        return at

    top = put_table(root)
    out[0:4] = struct.pack("<I", top)
    return bytes(out)


# TensorFlow Lite.
def flex_options(operation):
    texts = (operation.encode(), field(1, "node") + field(2, operation))
    out, places = b"", []
    for text in texts:
        out += bytes([len(text)])
        places.append(len(out))
        out += text + b"\0"
    begin = len(out) + 1
    out += bytes([2]) + bytes(begin + index - place for index, place in enumerate(places)) + bytes([5 << 2] * 2)
    return out + bytes([len(out) - begin, 10 << 2, 1])


def tflite(*custom, options=b"", buffer=None, opcode=0, tensor=0, tensor_buffer=1, metadata=(), behind=b""):
    codes = [{0: ("b", 32), 1: name, 3: ("i", 32)} for name in custom] or [{0: ("b", 0), 3: ("i", 0)}]
    tensors = [{0: [1, 2], 2: ("I", tensor_buffer), 3: "input"}, {0: [1, 2], 2: ("I", 0), 3: "output"}]
    operators = [{0: ("I", opcode + index), 1: [tensor], 2: [1], 5: options} for index in range(len(codes))]
    buffers = [{}, buffer or {0: struct.pack("<2f", 1, 2)}] + [{0: content} for _, content in metadata]
    return flat({0: ("I", 3), 1: codes, 2: [{0: tensors, 1: [0], 2: [1], 3: operators, 4: "main"}], 3: "made", 4: buffers,
                 6: [{0: name, 1: ("I", 2 + index)} for index, (name, _) in enumerate(metadata)]}, b"TFL3") + behind


def hostile_tflite():
    out = {f"tflite/{name}.tflite": (tflite("Flex" + name, options=flex_options(name)), name)
           for name in ("PyFunc", "ReadFile", "WriteFile", "EagerPyFunc", "MatchingFiles", "DebugIdentityV3")}
    program = b"\x7fELF\x02\x01\x01" + bytes(11) + b"\x3e\0" + bytes(100)
    return out | {
        "tflite/second.tflite": (tflite("FlexAdd", "FlexWriteFile"), "WriteFile"),
        "tflite/hidden.tflite": (tflite("FlexAdd", options=flex_options("WriteFile")), "WriteFile"),
        "tflite/other_name": (tflite("FlexReadFile"), "ReadFile"),
        "tflite/root.tflite": (struct.pack("<I", 1 << 30) + b"TFL3" + bytes(64), "outside"),
        "tflite/buffer.tflite": (tflite(buffer={1: ("Q", 1 << 40), 2: ("Q", 64)}), "outside"),
        "tflite/overflow.tflite": (tflite(buffer={1: ("Q", 64), 2: ("Q", (1 << 64) - 64)}), "outside"),
        "tflite/opcode.tflite": (tflite(opcode=77), "operation 77 of 1"),
        "tflite/tensor.tflite": (tflite(tensor=1000), "tensor 1000 of 2"),
        "tflite/negative.tflite": (tflite(tensor=-5), "tensor -5"),
        "tflite/place.tflite": (tflite(tensor_buffer=99), "buffer 99 of 2"),
        "tflite/pickle.tflite": (tflite(metadata=(("extra", LIVE),)), "os.system"),
        "tflite/program.tflite": (tflite(metadata=(("helper", program),)), "helper"),
        "tflite/cut.tflite": (tflite("Own")[:-60], "outside"),
        # A pickle that begins as such a model: a text of six bytes.
        "tflite/both.pkl": (b"U\x06\0\0TFL3" + LIVE[2:], "os.system")}


# Core ML.
def coreml(number, content, version=4):
    description = field(1, field(1, "input") + field(3, field(5, field(1, 3)))) + field(10, field(1, "output"))
    return field(1, version) + field(2, description) + field(number, content)


def coreml_layer(content=b""):
    return field(1, field(1, "layer") + field(2, "input") + field(3, "output") + content)


def coreml_program(name):
    value = field(2, field(2, field(1, 11))) + field(5, field(1, name) + field(2, 64))
    constant = field(1, "const") + field(5, field(1, "val") + field(2, value))
    block = field(3, constant)
    function = field(2, "CoreML5") + field(3, field(1, "CoreML5") + field(2, block))
    return field(1, 1) + field(2, field(1, "main") + field(2, function))


def coreml_link(name, search):
    return field(1, field(1, field(1, name)) + field(2, field(1, search)))


def manifest(path):
    return json.dumps({"fileFormatVersion": "1.0.0", "itemInfoEntries": {
        "A1": {"author": "com.apple.CoreML", "description": "Weights", "name": "weights", "path": "com.apple.CoreML/weights"},
        "B2": {"author": "com.apple.CoreML", "description": "Model", "name": "model.mlmodel", "path": path}},
        "rootModelIdentifier": "B2"}).encode()


def hostile_coreml():
    linked = coreml_link("Other.mlmodelc", ".:/Users/Shared")
    return {
        "coreml/link.mlmodel": (coreml(556, linked), "/Users/Shared"),
        "coreml/link_name.mlmodel": (coreml(556, coreml_link("../../Other.mlmodelc", "")), "../../Other"),
        "coreml/pipeline.mlmodel": (coreml(202, field(1, coreml(556, linked))), "/Users/Shared"),
        "coreml/classifier.mlmodel": (coreml(200, field(1, field(1, coreml(556, linked)))), "/Users/Shared"),
        "coreml/blob.mlmodel": (coreml(502, coreml_program("@model_path/../../../etc/passwd"), 7), "etc/passwd"),
        "coreml/blob_absolute.mlmodel": (coreml(502, coreml_program("/etc/passwd"), 7), "/etc/passwd"),
        "coreml/up.mlpackage/Manifest.json": (manifest("../../secret"), "../../secret"),
        "coreml/no_name": (coreml(556, linked), "/Users/Shared")}


# Caffe.
def caffe_layer(kind, content=b""):
    return field(100, field(1, "layer") + field(2, kind) + field(3, "data") + field(4, "out") + content)


def caffe(*layers):
    return field(1, "net") + b"".join(layers)


def caffe_text(kind, more=""):
    return (f'name: "net"\n# a net\ninput: "data"\ninput_dim: 1\nlayer {{\n  name: "a"\n  type: "{kind}"\n  bottom: "data"\n'
            f'  top: "out"\n{more}}}\nlayer {{ name: "b" type: "ReLU" }}\n').encode()


def hostile_caffe():
    python = field(130, field(1, "own_module") + field(2, "OwnLayer") + field(3, "{'a': 1}"))
    text = "  python_param {\n    module: 'own_module' layer: \"OwnLayer\" param_str: \"{'a': 1}\"\n  }\n"
    return {
        "caffe/python.caffemodel": (caffe(caffe_layer("Python", python)), "own_module"),
        "caffe/system.caffemodel": (caffe(caffe_layer("Python", field(130, field(1, "os") + field(2, "system")))), "os.system"),
        "caffe/second.caffemodel": (caffe(caffe_layer("ReLU"), caffe_layer("Python", python)), "own_module"),
        "caffe/output.caffemodel": (caffe(caffe_layer("HDF5Output", field(113, field(1, "/etc/cron.d/x")))), "/etc/cron.d/x"),
        "caffe/python.prototxt": (caffe_text("Python", text), "calls OwnLayer"),
        "caffe/angles.prototxt": (caffe_text("Python", "python_param: < module: 'os' layer: 'sys' \"tem\" >"), "os.system"),
        "caffe/escapes.prototxt": (caffe_text("Pyth\\157n", "python_param { module: '\\x6fs' layer: 'system' }"), "os.system"),
        "caffe/list.prototxt": (b'layer: [{ name: "a" type: "ReLU" }, { name: "b" type: "Python" python_param '
                                b'{ module: "os" layer: "system" } }]', "os.system"),
        "caffe/broken.prototxt": (caffe_text("Python", text) + b"layer { name: ", "own_module"),
        "caffe/no_ending": (caffe_text("Python", text), "own_module"),
        "caffe/output.prototxt": (caffe_text("HDF5Output", 'hdf5_output_param { file_name: "../../x.h5" }'), "../../x.h5")}


# PaddlePaddle.
def paddle_operation(name, **texts):
    variables = field(1, field(1, "X") + field(2, "x")) + field(2, field(1, "Out") + field(2, "y"))
    settings = b"".join(field(4, field(1, key) + field(2, 2) + field(5, value)) for key, value in texts.items())
    return field(4, variables + field(3, name) + settings)


def paddle(*operations):
    block = field(1, 0) + field(2, (1 << 64) - 1) + field(3, field(1, "x") + field(2, field(1, 7))) + b"".join(operations)
    return field(1, block) + field(4, field(1, 2006000))


def paddle_tree(*operations):
    return json.dumps({"base_code": {"magic": "pir", "version": 1, "trainable": False}, "program": {"regions": [
        {"#": "region_0", "blocks": [{"#": "block_0", "args": [], "ops": [
            {"#": name, "I": [], "O": [], "A": [{"N": key, "AT": {"#": "0.a_str", "D": value}} for key, value in texts.items()]}
            for name, texts in operations]}]}]}}).encode()


def hostile_paddle():
    return {
        "paddle/py_func.pdmodel": (paddle(paddle_operation("relu"), paddle_operation("py_func")), "py_func"),
        "paddle/run.pdmodel": (paddle(paddle_operation("run_program")), "run_program"),
        "paddle/save.pdmodel": (paddle(paddle_operation("save_combine", file_path="/etc/cron.d/x")), "/etc/cron.d/x"),
        "paddle/here.pdmodel": (paddle(paddle_operation("save", file_path="x")), "writes a file"),
        "paddle/load.pdmodel": (paddle(paddle_operation("load", file_path="../../x")), "../../x"),
        "paddle/read.pdmodel": (paddle(paddle_operation("read_file", filename="/etc/passwd")), "/etc/passwd"),
        "paddle/listen.pdmodel": (paddle(paddle_operation("listen_and_serv", endpoint="127.0.0.1:1")), "listens"),
        "paddle/__model__": (paddle(paddle_operation("py_func")), "py_func"),
        "paddle/inference.json": (paddle_tree(("1.conv2d", {}), ("1.read_file", {"filename": "/etc/passwd"})), "/etc/passwd"),
        "paddle/in_place.json": (paddle_tree(("1.save_combine_", {"file_path": "x"})), "writes a file"),
        "paddle/model.pdparams": (LIVE, "os.system")}


# MXNet.
def mxnet_graph(operation, key="attrs", **settings):
    return json.dumps({"nodes": [{"op": "null", "name": "data", "inputs": []},
                                 {"op": operation, "name": "n", key: settings, "inputs": [[0, 0, 0]]}],
                       "arg_nodes": [0], "heads": [[1, 0, 0]], "attrs": {"mxnet_version": ["int", 10900]}}).encode()


def mxnet_arrays(shape=(2, 2), names=("arg:w",), mark=0xF993FAC9, size=None, count=1):
    array = struct.pack("<Ii", mark, 0) if mark != 0xF993FAC8 else struct.pack("<I", mark)
    array += struct.pack(f"<I{len(shape)}q", len(shape), *shape) + struct.pack("<iii", 1, 0, 0)
    array += bytes(16 if size is None else size)
    return struct.pack("<QQQ", 0x112, 0, count) + array + struct.pack("<Q", len(names)) + b"".join(
        struct.pack("<Q", len(name)) + name.encode() for name in names)


def hostile_mxnet():
    return {
        "mxnet/native-symbol.json": (mxnet_graph("_Native", info="0x41414141"), "0x41414141"),
        "mxnet/native_old-symbol.json": (mxnet_graph("_NDArray", "param", info="0x42424242"), "0x42424242"),
        "mxnet/lua-symbol.json": (mxnet_graph("TorchModule", "attr", lua_string="os.execute('true')"), "os.execute"),
        "mxnet/custom-symbol.json": (mxnet_graph("Custom", op_type="own"), "Custom"),
        "mxnet/shape.params": (mxnet_arrays((1 << 40, 1 << 40)), "overflows"),
        "mxnet/long.params": (mxnet_arrays((1 << 20,)), "longer"),
        "mxnet/dimensions.params": (mxnet_arrays((1,) * 70), "70 dimensions"),
        "mxnet/names.params": (mxnet_arrays(names=("a", "b")), "1 arrays have 2 names"),
        "mxnet/count.params": (mxnet_arrays(count=1 << 60), "has type")}


# MessagePack.
def pack(value):
    if isinstance(value, dict):
        assert len(value) < 16
        return bytes([0x80 | len(value)]) + b"".join(pack(key) + pack(one) for key, one in value.items())
    if isinstance(value, list):
        return b"\xdc" + struct.pack(">H", len(value)) + b"".join(map(pack, value))
    if isinstance(value, str):
        return b"\xda" + struct.pack(">H", len(value.encode())) + value.encode()
    if isinstance(value, bytes):
        return b"\xc6" + struct.pack(">I", len(value)) + value
    if isinstance(value, tuple):
        return b"\xc9" + struct.pack(">Ib", len(value[1]), value[0]) + value[1]
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    return b"\xd3" + struct.pack(">q", value) if isinstance(value, int) else b"\xc0"


def flax_array(content=struct.pack("<4f", 1, 2, 3, 4), kind="float32"):
    return (1, pack([[2, 2], kind, content]))


def flax(**more):
    return pack({"params": {"dense": {"kernel": flax_array(), "bias": flax_array()}}, "step": 3, **more})


def hostile_msgpack():
    return {
        "flax/bytes.msgpack": (flax(extra=LIVE), "os.system"),
        "flax/array.msgpack": (flax(extra=flax_array(LIVE, "uint8")), "os.system"),
        "flax/objects.msgpack": (pack({b"nd": True, b"type": "|O", b"kind": b"O", b"shape": [1], b"data": LIVE}), "pickle.loads"),
        "flax/text_pickle.msgpack": (pack({b"nd": True, b"type": "|O", b"kind": b"O", b"shape": [1],
                                           b"data": b"cos\nsystem\n(S'echo harmless'\ntR."}), "os.system"),
        "flax/marker.msgpack": (pack({"py/reduce": [{"py/function": "os.system"}, {"py/tuple": ["echo harmless"]}]}),
                                 "os.system"),
        "flax/program.msgpack": (flax(extra=b"\x7fELF\x02\x01\x01" + bytes(11) + b"\x3e\0" + bytes(100)), "extra"),
        "flax/no_ending": (flax(extra=LIVE), "os.system"),
        # A table of eight pairs, and a pickle that begins with True.
        "flax/both.pkl": (b"\x880" + LIVE[2:], "os.system")}


# XGBoost and LightGBM.
def xgboost(left=(1, -1, -1), right=(2, -1, -1), feature=(0, 0, 0), features=4):
    tree = {"base_weights": [0.5, 1, -1], "categories": [], "default_left": [0, 0, 0], "id": 0, "left_children": list(left),
            "right_children": list(right), "split_indices": list(feature), "tree_param": {"num_nodes": str(len(left))}}
    return {"learner": {"attributes": {}, "feature_names": [], "gradient_booster": {
        "model": {"gbtree_model_param": {"num_trees": "1"}, "tree_info": [0], "trees": [tree]}, "name": "gbtree"},
        "learner_model_param": {"num_class": "0", "num_feature": str(features)}}, "version": [2, 1, 0]}


def ubj(value):
    if isinstance(value, dict):
        return b"{" + b"".join(b"L" + struct.pack(">q", len(key)) + key.encode() + ubj(one) for key, one in value.items()) + b"}"
    if isinstance(value, list) and value and all(isinstance(one, int) for one in value):
        return b"[$l#L" + struct.pack(">q", len(value)) + struct.pack(f">{len(value)}i", *value)
    if isinstance(value, list):
        return b"[#L" + struct.pack(">q", len(value)) + b"".join(map(ubj, value))
    if isinstance(value, str):
        return b"SL" + struct.pack(">q", len(value)) + value.encode()
    return b"d" + struct.pack(">f", value) if isinstance(value, float) else b"l" + struct.pack(">i", value)


def lightgbm(left="1 -1", right="-2 -3", leaves=3, feature="0 1", last=3):
    return (f"tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx={last}\n"
            f"objective=regression\nfeature_names=a b c d\n\nTree=0\nnum_leaves={leaves}\nnum_cat=0\nsplit_feature={feature}\n"
            f"left_child={left}\nright_child={right}\nleaf_value=1 2 3\nshrinkage=1\n\n\nend of trees\n\nparameters:\n"
            f"[boosting: gbdt]\nend of parameters\n").encode()


def hostile_trees():
    bad = {"child": ({"left": (7000, -1, -1)}, "child 7000"), "negative": ({"left": (-9, -1, -1)}, "child -9"),
           "circle": ({"left": (1, 0, -1), "right": (2, 2, -1)}, "twice"), "feature": ({"feature": (900, 0, 0)}, "feature 900"),
           "lists": ({"right": (2, -1)}, "right children")}
    out = {f"xgboost/{name}.json": (json.dumps(xgboost(**how)).encode(), word) for name, (how, word) in bad.items()}
    out |= {f"xgboost/{name}.ubj": (ubj(xgboost(**how)), word) for name, (how, word) in bad.items()}
    return out | {
        "xgboost/cut.ubj": (ubj(xgboost())[:-20], "longer"),
        "lightgbm/child.txt": (lightgbm(left="500 -1"), "child 500"), "lightgbm/leaf.txt": (lightgbm(left="1 -99"), "leaf 98"),
        "lightgbm/circle.txt": (lightgbm(left="1 1"), "twice"), "lightgbm/feature.txt": (lightgbm(feature="0 77"), "feature 77"),
        "lightgbm/leaves.txt": (lightgbm(leaves=9), "9 leaves"), "lightgbm/no_ending": (lightgbm(left="500 -1"), "child 500"),
        "catboost/tree.cbm": (catboost(starts=[0, 900]), "outside"),
        "catboost/size.cbm": (b"CBM1" + struct.pack("<I", 1 << 30) + bytes(64), "longer"),
        "catboost/root.cbm": (catboost()[:8] + b"\xff\xff\xff\x7f" + catboost()[12:], "outside"),
        "catboost/both.pkl": (b"CBM1" + bytes(64) + b"0" + LIVE[2:], "os.system")}


def catboost(sizes=(2, 1), starts=(0, 2)):
    core = flat({0: "FlabuffersModel_v1", 1: {0: ("i", 1), 1: [0, 1, 1], 2: list(sizes), 3: list(starts)},
                 2: [{0: "params", 1: "{}"}]})
    return b"CBM1" + struct.pack("<I", len(core)) + core


# TensorRT.
def tensorrt(content=b"", description=None):
    engine = b"ftrt" + bytes(60) + b"\x7fELF\x02\x01\x01" + bytes(11) + b"\xbe\0" + bytes(64) + content + bytes(64)
    if description is None:
        return engine
    text = json.dumps(description).encode()
    return struct.pack("<i", len(text)) + text + engine


def hostile_tensorrt():
    library = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\0\x3e\0" + bytes(100)
    windows = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + bytes(100)
    return {"tensorrt/plugin.engine": (tensorrt(b"YoloLayer_TRT\0"), "YoloLayer_TRT"),
            "tensorrt/library.plan": (tensorrt(library), "library"), "tensorrt/windows.plan": (tensorrt(windows), "library"),
            "tensorrt/described.engine": (tensorrt(library, {"task": "detect"}), "library")}


# OpenVINO and PMML.
def constant(shape="1, 4", offset="0", size="16"):
    return f'element_type="f32" shape="{shape}" offset="{offset}" size="{size}"'


def net(kind="ReLU", version="opset1", data=constant(), head='<?xml version="1.0"?>'):
    return (f'{head}<net name="m" version="11"><layers><layer id="0" name="in" type="Parameter" version="opset1">'
            f'<data shape="1,4" element_type="f32"/></layer><layer id="1" name="c" type="Const" version="opset1"><data {data}/>'
            f'</layer><layer id="2" name="x" type="{kind}" version="{version}"/></layers><edges/></net>').encode()


def pmml(content="", head='<?xml version="1.0"?>'):
    return (f'{head}<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"><Header/><DataDictionary/>'
            f"<TransformationDictionary>{content}</TransformationDictionary></PMML>").encode()


def hostile_xml():
    entity = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    outside = '<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">'
    return {
        "openvino/extension.xml": (net("Own", "extension"), "Own"), "openvino/entity.xml": (net(head=entity), "XXE"),
        "openvino/type.xml": (net(head=outside), "127.0.0.1"),
        "openvino/size.xml": (net(data=constant("1000")), "4000 bytes"),
        "openvino/place.xml": (net(data=constant(offset="-5")), "no place"),
        "openvino/overflow.xml": (net(data=constant("99999999999,99999999999")), "overflows"),
        "openvino/wide.xml": (net(head=entity.replace("<?xml version=\"1.0\"?>", "")).decode().encode("utf-16"), "XXE"),
        "openvino/comment.xml": (b"<!-- a net -->" + net("Own", "extension", head=""), "Own"),
        "pmml/entity.pmml": (pmml(head=entity), "XXE"), "pmml/type.pmml": (pmml(head=outside), "127.0.0.1"),
        "pmml/far.pmml": (pmml(head="<!--" + "x" * 70000 + "-->" + entity[21:]), "XXE"),
        "pmml/java.pmml": (pmml('<DefineFunction name="f"><Apply function="com.example.Own"/></DefineFunction>'), "example.Own"),
        "pmml/script.pmml": (pmml('<Extension name="script" value="java.lang.Runtime.getRuntime().exec()"/>'), "getRuntime")}


def hostile():
    return (hostile_tflite() | hostile_coreml() | hostile_caffe() | hostile_paddle() | hostile_mxnet() | hostile_msgpack()
            | hostile_trees() | hostile_tensorrt() | hostile_xml())


def clean():
    zipped = b"PK\x05\x06" + bytes(18)
    own = coreml_layer(field(500, field(10, "OwnLayer")))
    return {
        "tflite/plain.tflite": tflite(), "tflite/own.tflite": tflite("TFLite_Detection_PostProcess"),
        "tflite/flex.tflite": tflite("FlexAddV2", options=flex_options("AddV2")), "tflite/left_out.tflite": tflite(tensor=-1),
        "tflite/metadata.tflite": tflite(metadata=(("min_runtime_version", b"1.5.0"), ("TFLITE_METADATA", bytes(40)))),
        "tflite/files.tflite": tflite(behind=zipped),
        "coreml/net.mlmodel": coreml(500, coreml_layer(field(140, field(1, 3)))), "coreml/own.mlmodel": coreml(500, own),
        "coreml/own_model.mlmodel": coreml(555, field(10, "OwnModel")),
        "coreml/program.mlmodel": coreml(502, coreml_program("@model_path/weights/weight.bin"), 7),
        "coreml/link.mlmodel": coreml(556, coreml_link("Other.mlmodelc", "$BUNDLE_MAIN:.")),
        "coreml/x.mlpackage/Manifest.json": manifest("com.apple.CoreML/model.mlmodel"),
        "caffe/net.caffemodel": caffe(caffe_layer("Convolution"), caffe_layer("ReLU")),
        "caffe/net.prototxt": caffe_text("Convolution"),
        "caffe/output.prototxt": caffe_text("HDF5Output", 'hdf5_output_param { file_name: "out.h5" }'),
        "caffe/solver.prototxt": b'net: "train.prototxt"\nbase_lr: 0.01\ntype: "SGD"\nsnapshot_prefix: "x"\n',
        "paddle/net.pdmodel": paddle(paddle_operation("feed"), paddle_operation("conv2d"), paddle_operation("fetch")),
        "paddle/load.pdmodel": paddle(paddle_operation("load_combine", file_path="params")),
        "paddle/inference.json": paddle_tree(("1.conv2d", {}), ("1.relu_", {})),
        "mxnet/net-symbol.json": mxnet_graph("Convolution", kernel="(3, 3)"), "mxnet/net.params": mxnet_arrays(),
        "mxnet/old.params": mxnet_arrays(mark=0xF993FAC8), "mxnet/no_names.params": mxnet_arrays(names=()),
        "flax/plain.msgpack": flax(), "flax/kind.msgpack": flax(extra=(42, b"abc")),
        "flax/numpy.msgpack": pack({b"nd": True, b"type": "<f4", b"kind": b"", b"shape": [1], b"data": bytes(4)}),
        "flax/marker.msgpack": pack({"py/object": "collections.OrderedDict", "a": 1}),
        "xgboost/net.json": json.dumps(xgboost()).encode(), "xgboost/net.ubj": ubj(xgboost()),
        "xgboost/one.ubj": ubj(xgboost((-1,), (-1,), (0,))), "lightgbm/net.txt": lightgbm(),
        "lightgbm/one.txt": lightgbm("", "", 1, ""), "catboost/net.cbm": catboost(),
        "tensorrt/net.engine": tensorrt(b"EfficientNMS_TRT\0"), "tensorrt/described.engine": tensorrt(b"", {"task": "detect"}),
        "openvino/net.xml": net(), "openvino/tokens.xml": net("StringTensorUnpack", "extension"),
        "openvino/wide.xml": net(head="").decode().encode("utf-16"),
        "pmml/net.pmml": pmml('<DefineFunction name="f"><Apply function="+"/></DefineFunction>'),
        "pmml/old.pmml": pmml(head='<?xml version="1.0"?><!DOCTYPE PMML PUBLIC "PMML 2.0" '
                                   '"http://www.dmg.org/v2-0/pmml_v2_0.dtd">'),
        "pmml/extension.pmml": pmml('<Extension name="weight" value="0.5"/>')}
