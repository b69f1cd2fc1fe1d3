// SPDX-License-Identifier: Apache-2.0
#include "formats/models/python_source.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace vedette::formats::models {
namespace {

constexpr std::size_t kNamesMax = 10'000;
constexpr std::size_t kArgumentMax = 500;

bool is_name_begin(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_name(char c) { return is_name_begin(c) || (c >= '0' && c <= '9'); }

class Reader {
 public:
  enum class Language : std::uint8_t { kPython, kTorchScript };
  Reader(std::string_view source, Language language)
      : source_(source), is_script_(language == Language::kTorchScript) {}

  std::vector<PythonCall> read() {
    while (at_ < source_.size() && calls_.size() < kPythonCallsMax) {
      const char c = source_[at_];
      if (c == '\n') {
        begin_line();
      } else if (c == '#') {
        at_ = std::min(source_.find('\n', at_), source_.size());
      } else if (c == '"' || c == '\'') {
        skip_text();
      } else if (is_name_begin(c)) {
        read_name();
      } else {
        if (c == '(' || c == '[' || c == '{') ++brackets_;
        if ((c == ')' || c == ']' || c == '}') && brackets_ > 0) --brackets_;
        // What follows these may be a statement.
        if (c > ' ') line_is_empty_ = brackets_ == 0 && (c == ';' || c == ':');
        ++at_;
      }
    }
    return std::move(calls_);
  }

 private:
  void begin_line() {
    ++line_;
    ++at_;
    if (brackets_ != 0) return;
    std::size_t indent = 0;
    while (at_ < source_.size() && (source_[at_] == ' ' || source_[at_] == '\t')) {
      ++indent;
      ++at_;
    }
    const bool empty = at_ >= source_.size() || source_[at_] == '\n' || source_[at_] == '#' ||
                       source_[at_] == '\r';
    if (!empty && in_function_ && indent <= function_indent_) in_function_ = false;
    if (!empty) indent_ = indent;
    line_is_empty_ = true;
  }

  // Texts of one and of three quotes; a backslash hides what follows.
  std::string skip_text() {
    const char quote = source_[at_];
    const bool triple =
        at_ + 2 < source_.size() && source_[at_ + 1] == quote && source_[at_ + 2] == quote;
    const std::size_t marks = triple ? 3 : 1;
    std::string out;
    at_ += marks;
    while (at_ < source_.size()) {
      if (source_[at_] == '\\' && at_ + 1 < source_.size()) {
        ++at_;
      } else if (source_[at_] == quote &&
                 (!triple || source_.substr(at_).starts_with(std::string(3, quote)))) {
        at_ += marks;
        break;
      } else if (!triple && source_[at_] == '\n') {
        break;
      }
      if (source_[at_] == '\n') ++line_;
      if (out.size() < kArgumentMax) out += source_[at_];
      ++at_;
    }
    line_is_empty_ = false;
    return out;
  }

  std::string_view word() {
    const std::size_t begin = at_;
    while (at_ < source_.size() && is_name(source_[at_])) ++at_;
    return source_.substr(begin, at_ - begin);
  }

  void skip_blanks() {
    while (at_ < source_.size() && (source_[at_] == ' ' || source_[at_] == '\t')) ++at_;
  }

  std::string dotted() {
    std::string out(word());
    while (at_ + 1 < source_.size() && source_[at_] == '.' && is_name_begin(source_[at_ + 1])) {
      ++at_;
      out += '.';
      out += word();
    }
    return out;
  }

  void read_name() {
    const bool first = line_is_empty_;
    line_is_empty_ = false;
    const bool of_value = at_ > 0 && source_[at_ - 1] == '.';
    std::string name = dotted();
    // A prefix of a text: f"", rb"".
    if (at_ < source_.size() && (source_[at_] == '"' || source_[at_] == '\'') && name.size() <= 2)
      return;
    if (first && name == "import") return read_import();
    if (first && name == "from") return read_from();
    if (name == "def" || name == "class") return read_definition(name == "def");
    if (name == "lambda") return;
    skip_blanks();
    const bool is_called = at_ < source_.size() && source_[at_] == '(';
    // sys.modules["os"].system("x"), and os.system as what another function calls.
    if (of_value && (!is_called || is_script_ || !runs_programs("os." + name))) return;
    if (of_value) name.insert(0, "os.");
    if (is_called || (!is_script_ && refers_to_program(name))) add_call(name, of_value);
  }

  static bool runs_programs(std::string_view name) {
    return name == "os.system" || name == "os.popen";
  }

  bool refers_to_program(const std::string& name) const {
    const std::size_t dot = name.find('.');
    const auto bound = names_.find(name.substr(0, dot));
    if (bound == names_.end()) return false;
    const auto& [module, attribute] = bound->second;
    std::string path = attribute.empty() ? module : module + '.' + attribute;
    if (dot != std::string::npos) path += name.substr(dot);
    return runs_programs(path);
  }

  void read_definition(bool is_function) {
    if (!is_function) return;
    skip_blanks();
    const std::string_view name = word();
    if (own_.size() < kNamesMax) own_.emplace(name);
    if (in_function_) return;
    in_function_ = true;
    function_ = name;
    function_indent_ = indent_;
  }

  void read_import() {
    do {
      skip_blanks();
      const std::string module = dotted();
      std::string bound = module.substr(0, module.find('.'));
      std::string target = bound;
      skip_blanks();
      if (source_.substr(at_).starts_with("as ")) {
        at_ += 3;
        skip_blanks();
        bound = word();
        target = module;
      }
      bind(bound, target, "");
      skip_blanks();
    } while (take_comma());
  }

  void read_from() {
    skip_blanks();
    const std::string module = dotted();
    skip_blanks();
    if (word() != "import") return;
    do {
      while (at_ < source_.size() &&
             (source_[at_] == ' ' || source_[at_] == '(' || source_[at_] == '\n'))
        line_ += source_[at_++] == '\n' ? 1 : 0;
      const std::string name(word());
      std::string bound = name;
      skip_blanks();
      if (source_.substr(at_).starts_with("as ")) {
        at_ += 3;
        skip_blanks();
        bound = word();
      }
      bind(bound, module, name);
      skip_blanks();
    } while (take_comma());
  }

  bool take_comma() {
    if (at_ >= source_.size() || source_[at_] != ',') return false;
    ++at_;
    return true;
  }

  void bind(const std::string& name, std::string module, std::string attribute) {
    if (names_.size() < kNamesMax && !name.empty())
      names_.insert_or_assign(name, std::pair(std::move(module), std::move(attribute)));
  }

  void add_call(const std::string& name, bool is_known) {
    const std::size_t dot = name.find('.');
    const std::string first = name.substr(0, dot);
    const std::string rest = dot == std::string::npos ? "" : name.substr(dot + 1);
    PythonCall call;
    if (is_known) {
      call.module = first;
      call.name = rest;
    } else if (const auto bound = names_.find(first); bound != names_.end()) {
      const auto& [module, attribute] = bound->second;
      call.module = module;
      call.name = attribute;
      if (!rest.empty()) (call.name += attribute.empty() ? "" : ".") += rest;
      // "os.path.join": modules behind modules stay in the name, as in a pickle.
    } else if (dot == std::string::npos && !own_.contains(first)) {
      call.module = "builtins";
      call.name = first;
    } else if (is_script_ && dot != std::string::npos) {
      call.module = first;
      call.name = rest;
    } else {
      return;
    }
    if (call.name.empty()) return;
    call.line = line_;
    call.at_import = !in_function_;
    if (in_function_) call.function = function_;
    const std::size_t argument =
        source_.find_first_not_of(is_script_ ? kBehindNoText : " \t\n", at_ + 1);
    if (argument != std::string_view::npos &&
        (source_[argument] == '"' || source_[argument] == '\'')) {
      const std::size_t before = at_;
      const std::uint32_t line = line_;
      at_ = argument;
      call.argument = skip_text();
      at_ = before;
      line_ = line;
    }
    calls_.push_back(std::move(call));
  }

  // What arguments before a text may consist of: names and numbers.
  static constexpr std::string_view kBehindNoText =
      " \t\n,=.-_[]abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

  std::string_view source_;  // the caller's
  bool is_script_ = false;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::size_t brackets_ = 0;
  std::size_t indent_ = 0;
  std::size_t function_indent_ = 0;
  bool in_function_ = false;
  std::string_view function_;  // in source_
  bool line_is_empty_ = true;
  std::map<std::string, std::pair<std::string, std::string>> names_;
  std::set<std::string, std::less<>> own_;
  std::vector<PythonCall> calls_;
};

}  // namespace

std::vector<PythonCall> python_calls(std::string_view source) {
  return Reader(source, Reader::Language::kPython).read();
}

std::vector<PythonCall> torch_script_calls(std::string_view source) {
  return Reader(source, Reader::Language::kTorchScript).read();
}

}  // namespace vedette::formats::models
