// SPDX-License-Identifier: Apache-2.0
#include "ingest/ignore_rules.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

// A line is split where its first wildcard stands. The literal beginning is compared as bytes; the
// rest becomes steps of a nondeterministic automaton, whose states are kept as a set of bits: that
// is linear in the path for every pattern, where git's own matcher may take exponential time. Which
// steps a pattern means follows git's wildmatch.c and dir.c.
namespace vedette::ingest {
namespace {

using ByteSet = std::bitset<256>;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kSpecial = "*?[\\";

// git cuts blanks at the end, but not one that a backslash protects, and no tabs.
std::string_view without_trailing_blanks(std::string_view line) {
  std::optional<std::size_t> first_blank;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == ' ') {
      if (!first_blank) first_blank = at;
      continue;
    }
    first_blank.reset();
    if (line[at] != '\\') continue;
    ++at;
    if (at == line.size()) return line;
  }
  return line.substr(0, first_blank.value_or(line.size()));
}

bool is_between(unsigned char byte, char low, char high) {
  return byte >= static_cast<unsigned char>(low) && byte <= static_cast<unsigned char>(high);
}
bool is_digit(unsigned char byte) { return is_between(byte, '0', '9'); }
bool is_upper(unsigned char byte) { return is_between(byte, 'A', 'Z'); }
bool is_lower(unsigned char byte) { return is_between(byte, 'a', 'z'); }
bool is_alpha(unsigned char byte) { return is_upper(byte) || is_lower(byte); }
bool is_alnum(unsigned char byte) { return is_alpha(byte) || is_digit(byte); }
bool is_blank(unsigned char byte) { return byte == ' ' || byte == '\t'; }
// git counts neither the vertical tab nor the form feed.
bool is_space(unsigned char byte) { return is_blank(byte) || byte == '\n' || byte == '\r'; }
bool is_print(unsigned char byte) { return is_between(byte, ' ', '~'); }
bool is_graph(unsigned char byte) { return is_print(byte) && byte != ' '; }
bool is_punct(unsigned char byte) { return is_graph(byte) && !is_alnum(byte); }
bool is_control(unsigned char byte) { return byte < 0x20 || byte == 0x7F; }
bool is_hex(unsigned char byte) {
  return is_digit(byte) || is_between(byte, 'a', 'f') || is_between(byte, 'A', 'F');
}

struct NamedClass {
  std::string_view name;
  bool (*holds)(unsigned char byte);
};
constexpr std::array kNamedClasses = {
    NamedClass{"alnum", is_alnum},   NamedClass{"alpha", is_alpha}, NamedClass{"blank", is_blank},
    NamedClass{"cntrl", is_control}, NamedClass{"digit", is_digit}, NamedClass{"graph", is_graph},
    NamedClass{"lower", is_lower},   NamedClass{"print", is_print}, NamedClass{"punct", is_punct},
    NamedClass{"space", is_space},   NamedClass{"upper", is_upper}, NamedClass{"xdigit", is_hex},
};

// Reads "[...]" into a set, at the bracket; ends behind its own. Says no for what git takes to
// match nothing.
class ClassReader {
 public:
  ClassReader(std::string_view text, std::size_t at) : text_(text), at_(at + 1) {}

  bool read(ByteSet& set) {
    const bool negated = peek() == '!' || peek() == '^';
    if (negated) ++at_;
    // A bracket right at the beginning stands for itself.
    for (bool first = true; first || peek() != ']'; first = false) {
      if (at_ >= text_.size() || !read_one(set)) return false;
    }
    ++at_;
    if (negated) set.flip();
    return true;
  }
  std::size_t end() const { return at_; }

 private:
  // 0 at the end; a line holds no NUL.
  unsigned char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? static_cast<unsigned char>(text_[at_ + ahead]) : 0;
  }

  bool read_one(ByteSet& set) {
    unsigned char byte = peek();
    if (byte == '\\') {
      ++at_;
      byte = peek();
      if (byte == 0) return false;
    } else if (byte == '-' && before_ != 0 && peek(1) != 0 && peek(1) != ']') {
      return read_range(set);
    } else if (byte == '[' && peek(1) == ':') {
      const std::size_t close = text_.find(']', at_ + 2);
      if (close == std::string_view::npos) return false;
      if (close > at_ + 2 && text_[close - 1] == ':') return read_named(close, set);
    }
    set.set(byte);
    before_ = byte;
    ++at_;
    return true;
  }

  bool read_range(ByteSet& set) {
    ++at_;
    if (peek() == '\\') ++at_;
    if (peek() == 0) return false;
    for (std::size_t byte = before_; byte <= peek(); ++byte) set.set(byte);
    before_ = 0;
    ++at_;
    return true;
  }

  bool read_named(std::size_t close, ByteSet& set) {
    const std::string_view name = text_.substr(at_ + 2, close - 1 - (at_ + 2));
    const auto* const named = std::ranges::find(kNamedClasses, name, &NamedClass::name);
    if (named == kNamedClasses.end()) return false;
    for (std::size_t byte = 0; byte < set.size(); ++byte) {
      if (named->holds(static_cast<unsigned char>(byte))) set.set(byte);
    }
    before_ = 0;
    at_ = close + 1;
    return true;
  }

  std::string_view text_;
  std::size_t at_;
  unsigned char before_ = 0;  // where a range may begin
};

}  // namespace

IgnoreRules IgnoreRules::parse(std::string_view text) {
  IgnoreRules rules;
  rules.source_bytes_ = text.size();
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    if (line.back() == '\r') line.remove_suffix(1);
    // git reads lines as C strings.
    line = line.substr(0, line.find('\0'));
    rules.add(without_trailing_blanks(line));
  }
  return rules;
}

void IgnoreRules::add(std::string_view line) {
  Pattern pattern;
  if (line.starts_with('!')) {
    pattern.keeps = true;
    line.remove_prefix(1);
  }
  if (line.ends_with('/')) {
    pattern.folders_only = true;
    line.remove_suffix(1);
  }
  if (line.empty()) return;
  const std::size_t special = std::min(line.find_first_of(kSpecial), line.size());
  if (line.find('/') != std::string_view::npos) {
    pattern.form = Form::kPath;
    const std::size_t from = line.front() == '/' ? 1 : 0;
    pattern.literal = line.substr(from, special - from);
  } else if (special == line.size()) {
    pattern.literal = line;
  } else if (line.front() == '*' && line.find_first_of(kSpecial, 1) == std::string_view::npos) {
    pattern.form = Form::kNameEnd;
    pattern.literal = line.substr(1);
  } else {
    pattern.form = Form::kNameSteps;
    pattern.literal = line.substr(0, special);
  }
  if (pattern.form == Form::kPath || pattern.form == Form::kNameSteps) {
    if (!compile_steps(line.substr(special), pattern.form == Form::kPath, pattern)) return;
  }
  if (patterns_.size() == kPatternsMax || pattern.steps.size() > kPatternStepsMax) {
    ++left_out_;
    return;
  }
  patterns_.push_back(std::move(pattern));
}

// False for a pattern that nothing matches.
bool IgnoreRules::compile_steps(std::string_view text, bool is_path, Pattern& pattern) {
  for (std::size_t at = 0; at < text.size() && pattern.steps.size() <= kPatternStepsMax;) {
    switch (text[at]) {
      case '*':
        compile_stars(text, at, is_path, pattern);
        break;
      case '?':
        pattern.steps.push_back({StepKind::kAnyOne, 0, 0});
        ++at;
        break;
      case '[':
        if (!compile_class(text, at, pattern)) return false;
        break;
      case '\\':
        if (++at == text.size()) return false;
        [[fallthrough]];
      default:
        pattern.steps.push_back({StepKind::kByte, static_cast<std::uint8_t>(text[at]), 0});
        ++at;
    }
  }
  return true;
}

bool IgnoreRules::compile_class(std::string_view text, std::size_t& at, Pattern& pattern) {
  ByteSet set;
  ClassReader reader(text, at);
  if (!reader.read(set)) return false;
  at = reader.end();
  set.reset('/');
  std::size_t index = 0;
  while (index < sets_.size() && sets_[index] != set) ++index;
  if (index == sets_.size()) {
    if (index == kSetsMax) {
      ++left_out_;
      return false;
    }
    sets_.push_back(set);
  }
  pattern.steps.push_back({StepKind::kClass, 0, static_cast<std::uint16_t>(index)});
  return true;
}

// Stars cross slashes where they are two or more and fill all between two slashes; the beginning of
// `text` counts as a slash, also behind a literal "foo", for git compares that one first.
void IgnoreRules::compile_stars(std::string_view text, std::size_t& at, bool is_path,
                                Pattern& pattern) const {
  const std::size_t begin = at;
  at = std::min(text.find_first_not_of('*', begin), text.size());
  const std::string_view after = text.substr(at);
  const bool crosses = is_path && at - begin >= 2 && (begin == 0 || text[begin - 1] == '/') &&
                       (after.empty() || after.front() == '/' || after.starts_with("\\/"));
  if (!crosses) {
    pattern.steps.push_back({StepKind::kAnyRun, 0, 0});
    return;
  }
  if (!after.starts_with('/')) {
    pattern.steps.push_back({StepKind::kAnyPath, 0, 0});
    return;
  }
  pattern.steps.push_back({StepKind::kMayBegin, 0, 0});
  pattern.steps.push_back({StepKind::kAnyPath, 0, 0});
  pattern.steps.push_back({StepKind::kByte, '/', 0});
  ++at;
}

IgnoreVerdict IgnoreRules::judge(std::string_view path, EntryKind kind) const {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  for (auto pattern = patterns_.rbegin(); pattern != patterns_.rend(); ++pattern) {
    if (pattern->folders_only && kind != EntryKind::kFolder) continue;
    if (matches(*pattern, path, name)) {
      return pattern->keeps ? IgnoreVerdict::kKept : IgnoreVerdict::kIgnored;
    }
  }
  return IgnoreVerdict::kNone;
}

bool IgnoreRules::matches(const Pattern& pattern, std::string_view path,
                          std::string_view name) const {
  switch (pattern.form) {
    case Form::kName:
      return name == pattern.literal;
    case Form::kNameEnd:
      return name.ends_with(pattern.literal);
    case Form::kNameSteps:
      return name.starts_with(pattern.literal) &&
             follow(pattern.steps, name.substr(pattern.literal.size()));
    case Form::kPath:
      return path.starts_with(pattern.literal) &&
             follow(pattern.steps, path.substr(pattern.literal.size()));
  }
  return false;
}

bool IgnoreRules::accepts(const Step& step, unsigned char byte) const {
  switch (step.kind) {
    case StepKind::kByte:
      return byte == step.byte;
    case StepKind::kAnyOne:
    case StepKind::kAnyRun:
      return byte != '/';
    case StepKind::kAnyPath:
      return true;
    case StepKind::kMayBegin:
      return false;
    case StepKind::kClass:
      return sets_[step.set].test(byte);
  }
  return false;
}

bool IgnoreRules::follow(const std::vector<Step>& steps, std::string_view text) const {
  constexpr std::size_t kWordBits = 64;
  using States = std::array<std::uint64_t, (kPatternStepsMax + 1) / kWordBits>;
  const std::size_t words = steps.size() / kWordBits + 1;
  const auto add = [](States& states, std::size_t state) {
    states[state / kWordBits] |= std::uint64_t{1} << (state % kWordBits);
  };
  States now;
  States then;
  std::fill_n(now.begin(), words, 0);
  add(now, 0);
  for (std::size_t at = 0;; ++at) {
    std::fill_n(then.begin(), words, 0);
    bool alive = false;
    for (std::size_t word = 0; word < words; ++word) {
      // Bits may be added above the one at hand while it is looked at.
      for (std::uint64_t done = 0; (now[word] & ~done) != 0;) {
        const std::uint64_t left = now[word] & ~done;
        const auto bit = static_cast<std::size_t>(__builtin_ctzll(left));
        done |= left & (~left + 1);
        const std::size_t state = word * kWordBits + bit;
        if (state == steps.size()) {
          if (at == text.size()) return true;
          continue;
        }
        const Step& step = steps[state];
        const bool may_pass = step.kind == StepKind::kAnyRun || step.kind == StepKind::kAnyPath ||
                              step.kind == StepKind::kMayBegin;
        if (may_pass) add(now, state + 1);
        if (step.kind == StepKind::kMayBegin) add(now, state + 3);
        if (at == text.size() || !accepts(step, static_cast<unsigned char>(text[at]))) continue;
        add(then, may_pass ? state : state + 1);
        alive = true;
      }
    }
    if (at == text.size() || !alive) return false;
    std::swap(now, then);
  }
}

}  // namespace vedette::ingest
