// SPDX-License-Identifier: Apache-2.0
#include "formats/models/pickle/fold.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "formats/archive/gzip.h"

namespace vedette::formats::models {
namespace {

constexpr std::size_t kFoldedMax = std::size_t{4} << 20;

// A call at hand: the graph, where the call stands, and what it is given.
struct Folding {
  ValueGraph& graph;
  std::uint64_t offset = 0;
  std::vector<ValueId> arguments;  // a copy: the graph grows meanwhile

  ValueId argument(std::size_t index) const {
    return index < arguments.size() ? arguments[index] : kUnknownValue;
  }
  // A string's or bytes' text.
  std::optional<std::string_view> text(std::size_t index) const {
    const Value& value = graph[argument(index)];
    if (value.kind != ValueKind::kString && value.kind != ValueKind::kBytes) return std::nullopt;
    return value.text;
  }
  ValueId make(ValueKind kind, std::string_view text) const {
    if (text.size() > kFoldedMax) return kUnknownValue;
    return graph.add(kind, graph.keep(text), offset);
  }
};

using Fold = ValueId (*)(const Folding& folding);

std::optional<std::string> decode_base64(std::string_view text) {
  std::string out;
  unsigned bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    int digit = -1;
    if (c >= 'A' && c <= 'Z') digit = c - 'A';
    if (c >= 'a' && c <= 'z') digit = c - 'a' + 26;
    if (c >= '0' && c <= '9') digit = c - '0' + 52;
    if (c == '+' || c == '-') digit = 62;
    if (c == '/' || c == '_') digit = 63;
    if (digit < 0) continue;
    bits = bits << 6 | static_cast<unsigned>(digit);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> held & 0xFF);
    }
  }
  return out;
}

std::optional<std::string> decode_hexadecimal(std::string_view text) {
  std::string out;
  int high = -1;
  for (const char c : text) {
    int digit = -1;
    if (c >= '0' && c <= '9') digit = c - '0';
    if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
    if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
    if (c == ' ') continue;
    if (digit < 0) return std::nullopt;
    if (high < 0) {
      high = digit;
    } else {
      out += static_cast<char>(high * 16 + digit);
      high = -1;
    }
  }
  return out;
}

std::string rot13(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>('a' + (c - 'a' + 13) % 26);
    if (c >= 'A' && c <= 'Z') c = static_cast<char>('A' + (c - 'A' + 13) % 26);
  }
  return out;
}

ValueId fold_base64(const Folding& f) {
  const auto text = f.text(0);
  return text ? f.make(ValueKind::kBytes, *decode_base64(*text)) : kUnknownValue;
}

ValueId fold_hexadecimal(const Folding& f) {
  const auto text = f.text(0);
  const auto bytes = text ? decode_hexadecimal(*text) : std::nullopt;
  return bytes ? f.make(ValueKind::kBytes, *bytes) : kUnknownValue;
}

ValueId fold_zlib(const Folding& f) {
  const auto text = f.text(0);
  if (!text) return kUnknownValue;
  const auto bytes = archive::unpack_zlib(*text, kFoldedMax);
  return bytes ? f.make(ValueKind::kBytes, *bytes) : kUnknownValue;
}

// Of those that leave ASCII as it is.
bool is_plain_encoding(std::string_view encoding) {
  return encoding.starts_with("utf-8") || encoding.starts_with("utf8") ||
         encoding.starts_with("UTF") || encoding.starts_with("ascii") ||
         encoding.starts_with("latin") || encoding.starts_with("iso") || encoding.starts_with("cp");
}

// codecs.decode(x, encoding), bytes.decode(x), str(x, encoding)
ValueId fold_decode(const Folding& f) {
  const auto text = f.text(0);
  if (!text) return kUnknownValue;
  const std::string_view encoding = f.text(1).value_or("utf-8");
  if (encoding.starts_with("rot")) return f.make(ValueKind::kString, rot13(*text));
  if (encoding.starts_with("base64")) return fold_base64(f);
  if (encoding.starts_with("hex")) return fold_hexadecimal(f);
  if (encoding.starts_with("zlib") || encoding.starts_with("zip")) return fold_zlib(f);
  if (!is_plain_encoding(encoding)) return kUnknownValue;
  return f.make(ValueKind::kString, *text);
}

// _codecs.encode("…", "latin1"): how protocol 2 writes bytes.
ValueId fold_encode(const Folding& f) {
  const auto text = f.text(0);
  if (!text) return kUnknownValue;
  const std::string_view encoding = f.text(1).value_or("utf-8");
  if (encoding.starts_with("rot")) return f.make(ValueKind::kString, rot13(*text));
  if (!encoding.starts_with("latin")) return f.make(ValueKind::kBytes, *text);
  std::string bytes;
  for (std::size_t i = 0; i < text->size(); ++i) {
    const auto byte = static_cast<unsigned char>((*text)[i]);
    if ((byte == 0xC2 || byte == 0xC3) && i + 1 < text->size()) {
      bytes += static_cast<char>((byte & 3) << 6 | ((*text)[++i] & 0x3F));
    } else {
      bytes += (*text)[i];
    }
  }
  return f.make(ValueKind::kBytes, bytes);
}

ValueId fold_lower(const Folding& f) {
  const auto text = f.text(0);
  if (!text || f.arguments.size() != 1) return kUnknownValue;
  std::string out(*text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return f.make(f.graph[f.argument(0)].kind, out);
}

ValueId fold_strip(const Folding& f) {
  const auto text = f.text(0);
  if (!text || f.arguments.size() != 1) return kUnknownValue;
  constexpr std::string_view kBlanks = " \t\r\n\v\f";
  const std::size_t first = std::min(text->find_first_not_of(kBlanks), text->size());
  const std::size_t last = text->find_last_not_of(kBlanks);
  const std::size_t size = last == std::string_view::npos ? 0 : last + 1 - first;
  return f.make(f.graph[f.argument(0)].kind, text->substr(first, size));
}

ValueId fold_concatenate(const Folding& f) {
  const auto left = f.text(0);
  const auto right = f.text(1);
  if (!left || !right) return kUnknownValue;
  return f.make(f.graph[f.argument(0)].kind, std::string(*left) + std::string(*right));
}

// str.join(separator, [parts])
ValueId fold_join(const Folding& f) {
  const auto separator = f.text(0);
  const Value& list = f.graph[f.argument(1)];
  if (!separator || (list.kind != ValueKind::kList && list.kind != ValueKind::kTuple))
    return kUnknownValue;
  std::string out;
  for (std::size_t i = 0; i < list.parts.size(); ++i) {
    const Value& part = f.graph[list.parts[i]];
    if (part.kind != ValueKind::kString && part.kind != ValueKind::kBytes) return kUnknownValue;
    if (i != 0) out += *separator;
    out += part.text;
    if (out.size() > kFoldedMax) return kUnknownValue;
  }
  return f.make(f.graph[f.argument(0)].kind, out);
}

ValueId fold_replace(const Folding& f) {
  const auto text = f.text(0);
  const auto old = f.text(1);
  const auto with = f.text(2);
  if (!text || !old || !with || old->empty()) return kUnknownValue;
  std::string out;
  std::size_t at = 0;
  for (std::size_t found = text->find(*old); found != std::string_view::npos;
       found = text->find(*old, at)) {
    out += text->substr(at, found - at);
    out += *with;
    at = found + old->size();
    if (out.size() > kFoldedMax) return kUnknownValue;
  }
  return f.make(ValueKind::kString, out += text->substr(at));
}

ValueId fold_character(const Folding& f) {
  const Value& number = f.graph[f.argument(0)];
  if (number.kind != ValueKind::kInteger || number.number < 1 || number.number > 126)
    return kUnknownValue;
  const char c = static_cast<char>(number.number);
  return f.make(ValueKind::kString, {&c, 1});
}

// bytes([105, 100]), bytearray(b"id")
ValueId fold_bytes(const Folding& f) {
  const Value& list = f.graph[f.argument(0)];
  if (list.kind == ValueKind::kBytes) return f.argument(0);
  if (list.kind == ValueKind::kString) return f.make(ValueKind::kBytes, list.text);
  if (list.kind != ValueKind::kList && list.kind != ValueKind::kTuple) return kUnknownValue;
  std::string out;
  for (const ValueId part : list.parts) {
    const Value& number = f.graph[part];
    if (number.kind != ValueKind::kInteger || number.number < 0 || number.number > 255)
      return kUnknownValue;
    out += static_cast<char>(number.number);
  }
  return f.make(ValueKind::kBytes, out);
}

ValueId fold_module(const Folding& f) {
  const auto name = f.text(0);
  return name ? f.graph.add_global(std::string(*name), "", f.offset) : kUnknownValue;
}

// pkgutil.resolve_name("os:system"), pydoc.locate("os.system")
ValueId fold_resolve(const Folding& f) {
  const auto path = f.text(0);
  if (!path) return kUnknownValue;
  const std::string name(*path);
  std::size_t cut = name.find(':');
  if (cut == std::string::npos) cut = name.rfind('.');
  if (cut == std::string::npos) return f.graph.add_global(name, "", f.offset);
  return f.graph.add_global(name.substr(0, cut), name.substr(cut + 1), f.offset);
}

// dill._dill._load_type("slice"): of builtins, or of dill's own table of types.
ValueId fold_type(const Folding& f) {
  const auto name = f.text(0);
  if (!name) return kUnknownValue;
  if (*name == "PartialType") return f.graph.add_global("functools", "partial", f.offset);
  const bool is_builtin = !name->empty() && (*name)[0] >= 'a' && (*name)[0] <= 'z';
  return f.graph.add_global(is_builtin ? "builtins" : "types", std::string(*name), f.offset);
}

ValueId attribute(const Folding& f, ValueId object, std::string_view name) {
  const Value& base = f.graph[object];
  if (base.kind != ValueKind::kGlobal || name.empty()) return kUnknownValue;
  std::string path(base.name);
  if (!path.empty()) path += '.';
  path += name;
  return f.graph.add_global(std::string(base.text), path, f.offset);
}

// numpy's _ufunc_reconstruct("os", "system")
ValueId fold_named(const Folding& f) {
  const auto module = f.text(0);
  const auto name = f.text(1);
  if (!module || !name) return kUnknownValue;
  return f.graph.add_global(std::string(*module), std::string(*name), f.offset);
}

ValueId fold_attribute(const Folding& f) {
  const auto name = f.text(1);
  return name ? attribute(f, f.argument(0), *name) : kUnknownValue;
}

// operator.getitem(vars(module), "name"), and of module.__dict__
ValueId fold_entry(const Folding& f) {
  const auto key = f.text(1);
  const Value& base = f.graph[f.argument(0)];
  if (!key) return kUnknownValue;
  if (base.kind == ValueKind::kDictionary) {
    for (std::size_t i = 0; i + 1 < base.parts.size(); i += 2) {
      const Value& name = f.graph[base.parts[i]];
      if (name.kind == ValueKind::kString && name.text == *key) return base.parts[i + 1];
    }
  }
  if (base.kind == ValueKind::kGlobal && base.text == "sys" && base.name == "modules")
    return f.graph.add_global(std::string(*key), "", f.offset);
  return attribute(f, f.argument(0), *key);
}

// vars(module): stands for the module, whose entries are its attributes.
ValueId fold_vars(const Folding& f) {
  return f.graph[f.argument(0)].kind == ValueKind::kGlobal ? f.argument(0) : kUnknownValue;
}

ValueId call_of(const Folding& f, ValueId callee, std::vector<ValueId> arguments) {
  const ValueId tuple = f.graph.add_parts(ValueKind::kTuple, std::move(arguments), f.offset);
  return f.graph.add_parts(ValueKind::kCall, {callee, tuple}, f.offset);
}

// functools.reduce(f, [a, b]), map(f, [a]): what f is called with first.
ValueId fold_applied(const Folding& f) {
  const Value& list = f.graph[f.argument(1)];
  if (list.kind != ValueKind::kList && list.kind != ValueKind::kTuple) return kUnknownValue;
  std::vector<ValueId> arguments(
      list.parts.begin(), list.parts.begin() + static_cast<std::ptrdiff_t>(
                                                   std::min<std::size_t>(1, list.parts.size())));
  return call_of(f, f.argument(0), std::move(arguments));
}

// itertools.accumulate([a, b], f), iter(f, end): the function stands behind, or alone.
ValueId fold_applied_behind(const Folding& f) {
  const ValueKind kind = f.graph[f.argument(1)].kind;
  if (kind != ValueKind::kGlobal && kind != ValueKind::kCall) return kUnknownValue;
  return call_of(f, f.argument(1), {});
}

ValueId fold_repeated(const Folding& f) {
  if (f.arguments.size() != 2) return kUnknownValue;
  return call_of(f, f.arguments[0], {});
}

// itertools.starmap(f, [(a, b)])
ValueId fold_spread(const Folding& f) {
  const Value& list = f.graph[f.argument(1)];
  if ((list.kind != ValueKind::kList && list.kind != ValueKind::kTuple) || list.parts.empty())
    return kUnknownValue;
  const Value& first = f.graph[list.parts[0]];
  return first.kind == ValueKind::kTuple ? call_of(f, f.argument(0), first.parts) : kUnknownValue;
}

// operator.call(f, *arguments)
ValueId fold_called(const Folding& f) {
  if (f.arguments.empty()) return kUnknownValue;
  return call_of(f, f.arguments[0], {f.arguments.begin() + 1, f.arguments.end()});
}

// torch._tensor._rebuild_from_type_v2(f, type, arguments, state) calls f(*arguments).
ValueId fold_rebuilt(const Folding& f) {
  const Value& given = f.graph[f.argument(2)];
  if (given.kind != ValueKind::kTuple) return kUnknownValue;
  return call_of(f, f.argument(0), given.parts);
}

// toolz.functoolz._restore_curry(class, "module:name", arguments, …): a partial() of what is named.
ValueId fold_curried(const Folding& f) {
  const auto path = f.text(1);
  if (!path) return kUnknownValue;
  const std::size_t colon = path->rfind(':');
  if (colon == std::string_view::npos) return kUnknownValue;
  const std::string module(path->substr(0, colon));
  const ValueId named = f.graph.add_global(module, std::string(path->substr(colon + 1)), f.offset);
  return call_of(f, f.graph.add_global("functools", "partial", f.offset), {named});
}

struct Row {
  std::string_view name;
  Fold fold;
};
constexpr auto kRows = std::to_array<Row>({
    {"base64.b64decode", fold_base64},
    {"base64.decodebytes", fold_base64},
    {"base64.standard_b64decode", fold_base64},
    {"base64.urlsafe_b64decode", fold_base64},
    {"binascii.a2b_base64", fold_base64},
    {"binascii.unhexlify", fold_hexadecimal},
    {"binascii.a2b_hex", fold_hexadecimal},
    {"base64.b16decode", fold_hexadecimal},
    {"builtins.bytes.fromhex", fold_hexadecimal},
    {"builtins.bytearray.fromhex", fold_hexadecimal},
    {"zlib.decompress", fold_zlib},
    {"codecs.decode", fold_decode},
    {"_codecs.decode", fold_decode},
    {"builtins.bytes.decode", fold_decode},
    {"builtins.str", fold_decode},
    {"codecs.encode", fold_encode},
    {"_codecs.encode", fold_encode},
    {"builtins.str.encode", fold_encode},
    {"builtins.str.lower", fold_lower},
    {"builtins.str.strip", fold_strip},
    {"operator.add", fold_concatenate},
    {"operator.concat", fold_concatenate},
    {"operator.iadd", fold_concatenate},
    {"operator.iconcat", fold_concatenate},
    {"builtins.str.__add__", fold_concatenate},
    {"builtins.str.join", fold_join},
    {"builtins.str.replace", fold_replace},
    {"builtins.chr", fold_character},
    {"builtins.bytes", fold_bytes},
    {"builtins.bytearray", fold_bytes},
    {"importlib.import_module", fold_module},
    {"builtins.__import__", fold_module},
    {"importlib.__import__", fold_module},
    {"importlib._bootstrap.__import__", fold_module},
    {"dill._dill._import_module", fold_resolve},
    {"cloudpickle.cloudpickle.subimport", fold_module},
    {"pkgutil.resolve_name", fold_resolve},
    {"pydoc.locate", fold_resolve},
    {"torch._utils._import_dotted_name", fold_resolve},
    {"django.utils.module_loading.import_string", fold_resolve},
    {"logging.config._resolve", fold_resolve},
    {"torch._utils._import_dotted_name", fold_resolve},
    {"sentence_transformers.util.import_from_string", fold_resolve},
    {"hydra._internal.utils._locate", fold_resolve},
    {"torch._tensor._rebuild_from_type", fold_rebuilt},
    {"torch._tensor._rebuild_from_type_v2", fold_rebuilt},
    {"builtins.getattr", fold_attribute},
    {"numpy.core._ufunc_reconstruct", fold_named},
    {"dill._dill._load_type", fold_type},
    {"cloudpickle.cloudpickle._builtin_type", fold_type},
    {"dill._dill._getattribute", fold_attribute},
    {"builtins.object.__getattribute__", fold_attribute},
    {"builtins.type.__getattribute__", fold_attribute},
    {"operator.getitem", fold_entry},
    {"builtins.dict.__getitem__", fold_entry},
    {"builtins.dict.get", fold_entry},
    {"builtins.vars", fold_vars},
    {"builtins.map", fold_applied},
    {"builtins.filter", fold_applied},
    {"itertools.imap", fold_applied},
    {"itertools.ifilter", fold_applied},
    {"itertools.takewhile", fold_applied},
    {"itertools.dropwhile", fold_applied},
    {"itertools.filterfalse", fold_applied},
    {"itertools.starmap", fold_spread},
    {"itertools.accumulate", fold_applied_behind},
    {"itertools.groupby", fold_applied_behind},
    {"builtins.iter", fold_repeated},
    {"functools.reduce", fold_applied},
    {"builtins.reduce", fold_applied},
    {"operator.call", fold_called},
    {"toolz.functoolz._restore_curry", fold_curried},
});

std::string full_name(const Value& global) {
  std::string name(canonical_module(global.text));
  if (!global.name.empty()) (name += '.') += global.name;
  return name;
}

// What partial(f, …), methodcaller(name, …) and attrgetter(path) come to when they are called.
ValueId fold_prepared(ValueGraph& graph, const Value& callee, const Folding& f) {
  const Value& maker = graph[callee.parts[0]];
  const Value& given = graph[callee.parts[1]];
  if (maker.kind != ValueKind::kGlobal || given.kind != ValueKind::kTuple || given.parts.empty())
    return kUnknownValue;
  const std::string name = full_name(maker);
  const std::vector<ValueId> held = given.parts;
  if (name == "functools.partial" || name == "_functools.partial") {
    std::vector<ValueId> arguments(held.begin() + 1, held.end());
    arguments.insert(arguments.end(), f.arguments.begin(), f.arguments.end());
    return call_of(f, held[0], std::move(arguments));
  }
  const Value& path = graph[held[0]];
  if (path.kind != ValueKind::kString || f.arguments.empty()) return kUnknownValue;
  if (name.ends_with("operator.attrgetter")) return attribute(f, f.arguments[0], path.text);
  if (name.ends_with("operator.itemgetter")) {
    const Folding entry{graph, f.offset, {f.arguments[0], held[0]}};
    return fold_entry(entry);
  }
  if (name.ends_with("operator.methodcaller")) {
    const ValueId method = attribute(f, f.arguments[0], path.text);
    if (method == kUnknownValue) return kUnknownValue;
    return call_of(f, method, {held.begin() + 1, held.end()});
  }
  return kUnknownValue;
}

}  // namespace

std::string_view canonical_module(std::string_view module) {
  struct Alias {
    std::string_view from;
    std::string_view to;
  };
  static constexpr auto kAliases = std::to_array<Alias>({
      {"__builtin__", "builtins"},
      {"__builtins__", "builtins"},
      {"posix", "os"},
      {"nt", "os"},
      {"copy_reg", "copyreg"},
      {"exceptions", "builtins"},
      {"_io", "io"},
      {"_operator", "operator"},
      {"_functools", "functools"},
      {"cPickle", "pickle"},
      {"_pickle", "pickle"},
      {"_collections", "collections"},
      {"UserDict", "collections"},
      {"UserList", "collections"},
      {"_datetime", "datetime"},
      {"_socket", "socket"},
      {"Queue", "queue"},
      {"_thread", "threading"},
      {"thread", "threading"},
      {"ConfigParser", "configparser"},
      {"urllib2", "urllib.request"},
      {"httplib", "http.client"},
      {"_ctypes", "ctypes"},
      {"_posixsubprocess", "subprocess"},
      {"_winapi", "subprocess"},
      {"numpy._core", "numpy.core"},
      {"posixpath", "os.path"},
      {"ntpath", "os.path"},
      {"pathlib._local", "pathlib"},
      {"__mp_main__", "__main__"},
      {"_pyio", "io"},
      {"_bootsubprocess", "subprocess"},
      {"Tkinter", "tkinter"},
      {"SocketServer", "socketserver"},
      {"_ssl", "ssl"},
      {"_sqlite3", "sqlite3"},
  });
  for (const Alias& alias : kAliases) {
    if (module == alias.from) return alias.to;
  }
  // joblib, numba, ray, PySpark and others carry a copy of it.
  if (module.ends_with(".cloudpickle") || module.ends_with(".cloudpickle_fast"))
    return "cloudpickle.cloudpickle";
  return module;
}

ValueId fold_call(ValueGraph& graph, ValueId call) {
  const std::vector<ValueId> parts = graph[call].parts;
  if (parts.size() < 2 || graph.is_full()) return kUnknownValue;
  const Value callee = graph[parts[0]];
  Folding folding{graph, graph[call].offset, {}};
  if (graph[parts[1]].kind == ValueKind::kTuple) folding.arguments = graph[parts[1]].parts;
  if (callee.kind == ValueKind::kCall && callee.parts.size() >= 2)
    return fold_prepared(graph, callee, folding);
  if (callee.kind != ValueKind::kGlobal) return kUnknownValue;
  const std::string name = full_name(callee);
  for (const Row& row : kRows) {
    if (row.name == name) return row.fold(folding);
  }
  return kUnknownValue;
}

}  // namespace vedette::formats::models
