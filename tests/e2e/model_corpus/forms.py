# SPDX-License-Identifier: Apache-2.0
"""Pickles written by hand, operation by operation: any function, in every way a pickle can call it. Nothing here is
ever loaded, and what would be called does no harm."""
import base64
import pickle as p
import struct

HARMLESS = "echo harmless"


def text(value):
    """Of protocol 4."""
    raw = value.encode()
    if len(raw) < 256:
        return p.SHORT_BINUNICODE + bytes([len(raw)]) + raw
    return p.BINUNICODE + struct.pack("<I", len(raw)) + raw


def value(one):
    """A constant as protocol 4 writes it."""
    if one is None:
        return p.NONE
    if one is True:
        return p.NEWTRUE
    if isinstance(one, str):
        return text(one)
    if isinstance(one, bytes):
        return p.BINBYTES + struct.pack("<I", len(one)) + one
    if isinstance(one, int):
        return p.BININT + struct.pack("<i", one)
    if isinstance(one, (list, tuple)):
        start = p.MARK + b"".join(value(each) for each in one)
        return start + p.TUPLE if isinstance(one, tuple) else p.EMPTY_LIST + start + p.APPENDS
    if isinstance(one, dict):
        return p.EMPTY_DICT + p.MARK + b"".join(value(k) + value(v) for k, v in one.items()) + p.SETITEMS
    return one.code  # made by one of these functions


class Code:
    """Operations that leave one value."""

    def __init__(self, code):
        self.code = code


def name(module, attribute):
    return Code(text(module) + text(attribute) + p.STACK_GLOBAL)


def call(function, *arguments):
    return Code(value(function) + value(tuple(arguments)) + p.REDUCE)


def whole(one, protocol=4):
    return p.PROTO + bytes([protocol]) + value(one) + p.STOP


def stack_global(module, attribute, *arguments):
    return whole(call(name(module, attribute), *arguments))


def old_global(module, attribute, argument=HARMLESS):
    """Protocol 0: all in text."""
    return f"c{module}\n{attribute}\n(V{argument}\ntR.".encode()


def instance(module, attribute, argument=HARMLESS):
    return f"(V{argument}\ni{module}\n{attribute}\n.".encode()


def object_form(module, attribute, argument=HARMLESS):
    return b"(c" + f"{module}\n{attribute}\n".encode() + b"V" + argument.encode() + b"\no."


def new_object(module, attribute, argument=HARMLESS):
    return p.PROTO + b"\x04" + value(name(module, attribute)) + value((argument,)) + p.NEWOBJ + p.STOP


def new_object_with_keywords(module, attribute, argument=HARMLESS):
    return (p.PROTO + b"\x04" + value(name(module, attribute)) + value(()) + value({"args": argument}) + p.NEWOBJ_EX +
            p.STOP)


def by_memo(module, attribute, argument=HARMLESS):
    """Names and argument come out of the memo in another order than they went in."""
    return (p.PROTO + b"\x04" + text(argument) + p.MEMOIZE + p.POP + text(attribute) + p.MEMOIZE + p.POP +
            text(module) + p.MEMOIZE + p.POP + p.BINGET + b"\x02" + p.BINGET + b"\x01" + p.STACK_GLOBAL + p.BINGET +
            b"\x00" + p.TUPLE1 + p.REDUCE + p.STOP)


def by_dup(module, attribute, argument=HARMLESS):
    return (p.PROTO + b"\x04" + value(name(module, attribute)) + p.DUP + value((argument,)) + p.REDUCE + p.POP + p.STOP)


def framed(module, attribute, argument=HARMLESS):
    """A frame that says it is longer than it is."""
    body = value(call(name(module, attribute), argument)) + p.STOP
    return p.PROTO + b"\x04" + p.FRAME + struct.pack("<Q", len(body)) + body


def lying_protocol(module, attribute, argument=HARMLESS):
    """Says protocol 1, uses operations of 4."""
    return p.PROTO + b"\x01" + value(call(name(module, attribute), argument)) + p.STOP


def without_stop(module, attribute, argument=HARMLESS):
    return stack_global(module, attribute, argument)[:-1]


def broken_behind(module, attribute, argument=HARMLESS):
    return stack_global(module, attribute, argument)[:-1] + b"\xff\xfe\xfd" * 8


def second(module, attribute, argument=HARMLESS):
    return p.dumps({"weights": [1, 2]}) + stack_global(module, attribute, argument)


def in_bytes(module, attribute, argument=HARMLESS):
    return p.dumps({"state": stack_global(module, attribute, argument)})


def in_text(module, attribute, argument=HARMLESS):
    return p.dumps({"state": old_global(module, attribute, argument).decode("latin-1")})


def in_loads(module, attribute, argument=HARMLESS):
    return stack_global("pickle", "loads", stack_global(module, attribute, argument))


def deep(module, attribute, argument=HARMLESS):
    return whole({"a": [{"b": (call(name(module, attribute), argument),)}]})


def among_many(module, attribute, argument=HARMLESS):
    numbers = [index * 0.5 if False else index for index in range(3000)]
    return whole([numbers, call(name(module, attribute), argument), numbers])


def set_state(module, attribute, argument=HARMLESS):
    """An object is given the function as its __setstate__, then a state."""
    plain = call(name("builtins", "object"))
    return (p.PROTO + b"\x04" + value(plain) + value({"__setstate__": name(module, attribute)}) + p.BUILD +
            value(argument) + p.BUILD + p.STOP)


def by_getattr(module, attribute, argument=HARMLESS):
    found = call(name("builtins", "getattr"), call(name("builtins", "__import__"), module), attribute)
    return whole(call(found, argument))


def by_partial(module, attribute, argument=HARMLESS):
    return whole(call(call(name("functools", "partial"), name(module, attribute), argument)))


def by_map(module, attribute, argument=HARMLESS):
    return whole(call(name("builtins", "list"), call(name("builtins", "map"), name(module, attribute), [argument])))


def by_resolve_name(module, attribute, argument=HARMLESS):
    return whole(call(call(name("pkgutil", "resolve_name"), f"{module}:{attribute}"), argument))


def by_import_module(module, attribute, argument=HARMLESS):
    loaded = call(name("importlib", "import_module"), module)
    return whole(call(call(name("builtins", "getattr"), loaded, attribute), argument))


def by_methodcaller(module, attribute, argument=HARMLESS):
    loaded = call(name("importlib", "import_module"), module)
    return whole(call(call(name("operator", "methodcaller"), attribute, argument), loaded))


def by_attrgetter(module, attribute, argument=HARMLESS):
    loaded = call(name("importlib", "import_module"), module)
    return whole(call(call(name("operator", "attrgetter"), attribute), loaded))


def by_dotted(module, attribute, argument=HARMLESS):
    """A module that has the other one as an attribute."""
    return stack_global("torch.serialization", f"{module}.{attribute}", argument)


def by_reduce(module, attribute, argument=HARMLESS):
    return whole(call(name("functools", "reduce"), name(module, attribute), [argument], ""))


def by_partial_state(module, attribute, argument=HARMLESS):
    """functools.partial's own state names what is called."""
    partial = call(name("functools", "partial"), name("builtins", "print"))
    return (p.PROTO + b"\x04" + value(partial) + value((name(module, attribute), (argument,), {}, {})) + p.BUILD +
            value(()) + p.REDUCE + p.STOP)


def put_together(module, attribute, argument=HARMLESS):
    """The module's name is decoded."""
    decoded = call(name("_codecs", "encode"), module, "ascii")
    found = call(name("builtins", "__import__"), call(name("builtins", "str"), decoded, "ascii"))
    return whole(call(call(name("builtins", "getattr"), found, attribute), argument))


def as_default_factory(module, attribute, argument=HARMLESS):
    factory = call(name("functools", "partial"), name(module, attribute), argument)
    return whole(call(name("collections", "defaultdict"), factory))


def changed_module(module, attribute, _argument=HARMLESS):
    """Puts a function where another one was."""
    return (p.PROTO + b"\x04" + value(name("torch", "nn.Module")) + value({"forward": name(module, attribute)}) +
            p.BUILD + p.STOP)


def encoded_exec(_module, _attribute, _argument=HARMLESS):
    code = base64.b64encode(b"import os; os.getcwd()").decode()
    return whole(call(name("builtins", "exec"), call(name("base64", "b64decode"), code)))


FORMS = (old_global, instance, object_form, stack_global, new_object, new_object_with_keywords, by_memo, by_dup, framed,
         lying_protocol, without_stop, broken_behind, second, in_bytes, in_text, in_loads, deep, among_many, set_state,
         by_getattr, by_partial, by_map, by_resolve_name, by_import_module, by_methodcaller, by_attrgetter, by_dotted,
         by_reduce, by_partial_state, put_together, as_default_factory, changed_module, encoded_exec)
