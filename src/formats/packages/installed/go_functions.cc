// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/installed/go_functions.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/hash.h"
#include "formats/packages/installed/program_sections.h"
#include "formats/packages/system/integers.h"
#include "formats/packages/text.h"

// Go's runtime/symtab.go and debug/gosym: a header of a mark, two zeros, the size of the shortest
// instruction and that of pointers; then numbers and offsets of pointers' size.
namespace vedette::formats::packages {
namespace {

constexpr std::size_t kFunctionsMax = 4'000'000;
constexpr std::size_t kNameBytesMax = 16'384;
constexpr std::size_t kHeaderBytes = 8;

// Where an offset stands among the header's words; the layout of Go 1.2 has none.
struct Layout {
  std::string_view mark;
  std::size_t names_word = 0;
  bool has_names = true;
};
constexpr auto kLayouts = std::to_array<Layout>({
    {"\xf1\xff\xff\xff", 3},         // Go 1.20
    {"\xf0\xff\xff\xff", 3},         // Go 1.18
    {"\xfa\xff\xff\xff", 2},         // Go 1.16
    {"\xfb\xff\xff\xff", 0, false},  // Go 1.2
});

class Table {
 public:
  // Nothing where it does not begin with a header whose offsets lie in it.
  static std::optional<Table> of(std::string_view bytes) {
    if (bytes.size() < kHeaderBytes || bytes[4] != 0 || bytes[5] != 0) return std::nullopt;
    if (bytes[6] != 1 && bytes[6] != 2 && bytes[6] != 4) return std::nullopt;
    if (bytes[7] != 4 && bytes[7] != 8) return std::nullopt;
    for (const Layout& layout : kLayouts) {
      if (!bytes.starts_with(layout.mark)) continue;
      Table table(bytes, layout);
      return table.is_sound() ? std::optional(table) : std::nullopt;
    }
    return std::nullopt;
  }

  bool is_complete() const { return layout_.has_names; }

  template <typename Take>
  void each_name(const Take& take) const {
    if (!layout_.has_names) return each_function(take);
    const std::uint64_t begin = word(layout_.names_word);
    std::string_view names = bytes_.substr(begin, word(layout_.names_word + 1) - begin);
    for (std::size_t i = 0; i < kFunctionsMax && !names.empty(); ++i) {
      const std::string_view name = names.substr(0, names.find('\0'));
      if (!name.empty()) take(name);
      names.remove_prefix(std::min(name.size() + 1, names.size()));
    }
  }

 private:
  Table(std::string_view bytes, const Layout& layout)
      : bytes_(bytes), layout_(layout), pointer_(static_cast<std::size_t>(bytes[7])) {}

  std::uint64_t number(std::uint64_t at) const {
    return pointer_ == 8 ? little_endian<std::uint64_t>(bytes_, at).value_or(0)
                         : little_endian<std::uint32_t>(bytes_, at).value_or(0);
  }
  std::uint64_t word(std::size_t index) const { return number(kHeaderBytes + index * pointer_); }

  bool is_sound() const {
    const std::uint64_t functions = word(0);
    if (functions == 0 || functions > kFunctionsMax) return false;
    if (!layout_.has_names) return functions * 2 * pointer_ <= bytes_.size();
    const std::uint64_t begin = word(layout_.names_word);
    const std::uint64_t end = word(layout_.names_word + 1);
    return kHeaderBytes <= begin && begin < end && end <= bytes_.size();
  }

  // Go 1.2: pairs of an address and the offset of a function's record, where the offset of its name
  // follows the address.
  template <typename Take>
  void each_function(const Take& take) const {
    const std::uint64_t count = word(0);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t record = word(2 + 2 * i);
      if (record >= bytes_.size()) continue;
      const auto name = little_endian<std::uint32_t>(bytes_, record + pointer_);
      if (!name || *name >= bytes_.size()) continue;
      const std::string_view text = bytes_.substr(*name, kNameBytesMax);
      if (const std::size_t end = text.find('\0'); end != std::string_view::npos && end != 0)
        take(text.substr(0, end));
    }
  }

  std::string_view bytes_;  // the caller's
  Layout layout_;
  std::size_t pointer_;
};

// Its section, where there is one; PE has it among the constants.
std::optional<Table> find_table(std::string_view program) {
  for (const std::string_view name : {".gopclntab", ".data.rel.ro.gopclntab", "__gopclntab"}) {
    const auto section = program_section(program, name);
    if (!section) continue;
    if (std::optional<Table> table = Table::of(*section)) return table;
  }
  for (const Layout& layout : kLayouts) {
    for (std::size_t at = program.find(layout.mark); at != std::string_view::npos;
         at = program.find(layout.mark, at + 1)) {
      if (std::optional<Table> table = Table::of(program.substr(at))) return table;
    }
  }
  return std::nullopt;
}

// Without arguments of types: "(*Map[go.shape.string]).Get".
std::string without_brackets(std::string_view name) {
  std::string out;
  std::size_t depth = 0;
  for (const char c : name) {
    if (c == '[') ++depth;
    if (depth == 0) out += c;
    if (c == ']' && depth > 0) --depth;
  }
  return out;
}

// The linker writes a dot in a path's last part, and what is no letter, as "%2e".
std::string unescaped(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    unsigned char value = 0;
    const bool is_escape =
        path[i] == '%' && i + 2 < path.size() &&
        std::from_chars(path.data() + i + 1, path.data() + i + 3, value, 16).ptr ==
            path.data() + i + 3;
    out += is_escape ? static_cast<char>(value) : path[i];
    if (is_escape) i += 2;
  }
  return out;
}

// Makes keys of names. Those of one package stand together mostly, so that its path is hashed once
// for many.
class Keys {
 public:
  explicit Keys(const GoPaths& also) : also_(also) {}

  void add(std::string_view name) {
    if (name.size() > kNameBytesMax) return;
    if (name.find('[') != std::string_view::npos) {
      whole_ = without_brackets(name);
      name = whole_;
    }
    const std::size_t slash = name.rfind('/');
    const std::size_t dot = name.find('.', slash == std::string_view::npos ? 0 : slash);
    if (dot == std::string_view::npos) return;
    if (seeds_.empty() || name.substr(0, dot) != package_) begin_package(name.substr(0, dot));
    add_symbol(name.substr(dot + 1));
    if (keys_.size() >= sort_at_) {
      sort();
      sort_at_ = keys_.size() + kKeysSorted;
    }
  }

  std::vector<std::uint32_t> take() {
    sort();
    keys_.shrink_to_fit();
    return std::move(keys_);
  }

 private:
  // Doubles are dropped now and then, so that memory is bounded by what differs.
  static constexpr std::size_t kKeysSorted = 1'000'000;

  void begin_package(std::string_view written) {
    package_ = written;
    const std::string path = unescaped(written);
    seeds_ = {hash_bytes(path)};
    for (const auto& [from, to] : also_) {
      if (!path.starts_with(from)) continue;
      const std::string rest = path.substr(from.size());
      if (rest.empty() || rest.starts_with('/')) seeds_.push_back(hash_bytes(to + rest));
    }
    push({});
  }

  // "(*Transport).RoundTrip.func1" is of Transport.RoundTrip: names of one and two parts.
  void add_symbol(std::string_view symbol) {
    if (symbol.find('(') != std::string_view::npos) {
      plain_.clear();
      for (const char c : symbol) {
        if (c != '(' && c != '*' && c != ')') plain_ += c;
      }
      symbol = plain_;
    }
    const std::string_view text = cut_first(symbol, "-").before;
    const std::size_t dot = text.find('.');
    if (dot == 0 || text.empty()) return;
    push(text.substr(0, dot));
    if (dot != std::string_view::npos) push(text.substr(0, text.find('.', dot + 1)));
  }

  void push(std::string_view symbol) {
    for (const std::uint64_t seed : seeds_)
      keys_.push_back(static_cast<std::uint32_t>(hash_bytes(symbol, seed)));
  }

  void sort() {
    std::ranges::sort(keys_);
    keys_.erase(std::ranges::unique(keys_).begin(), keys_.end());
  }

  const GoPaths& also_;               // the caller's
  std::string package_;               // as it is written
  std::vector<std::uint64_t> seeds_;  // hashes of its paths
  std::string whole_;
  std::string plain_;
  std::vector<std::uint32_t> keys_;
  std::size_t sort_at_ = kKeysSorted;
};

}  // namespace

std::uint32_t go_symbol_key(std::string_view package, std::string_view symbol) {
  return static_cast<std::uint32_t>(hash_bytes(symbol, hash_bytes(package)));
}

GoFunctions go_functions(std::string_view program, const GoPaths& also) {
  GoFunctions functions;
  const std::optional<Table> table = find_table(program);
  if (!table) return functions;
  Keys keys(also);
  table->each_name([&keys](std::string_view name) { keys.add(name); });
  functions.keys = keys.take();
  // Every program has a runtime: a table without it has names that somebody changed.
  const bool has_runtime =
      std::ranges::binary_search(functions.keys, go_symbol_key("runtime", "main"));
  functions.is_complete = table->is_complete() && has_runtime;
  return functions;
}

}  // namespace vedette::formats::packages
