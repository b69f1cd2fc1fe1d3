// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Classes and jars for tests, written as different tools would.
namespace vedette::formats::packages {

// How a class is written; none of it changes what the class does.
struct ClassLayout {
  // Constants that nothing needs, in front: beyond 255 of them ldc becomes ldc_w.
  unsigned unused_constants = 0;
  bool reversed_methods = false;
  bool with_lines = false;
  bool short_loads = true;  // iload_1 instead of iload 1
};

// Something like what a compiler makes of a class with a field and some methods.
class ClassWriter {
 public:
  // `name`: "com/acme/Tool"; `salt` makes one class differ from another in what it does.
  ClassWriter(std::string name, std::uint32_t salt) : name_(std::move(name)), salt_(salt) {}

  std::string write(const ClassLayout& layout) {
    pool_.clear();
    known_.clear();
    count_ = 1;
    for (unsigned i = 0; i < layout.unused_constants; ++i) text("unused" + std::to_string(i));
    const std::string folder = name_.substr(0, name_.rfind('/'));
    std::vector<std::string> methods;
    for (std::uint32_t i = 0; i < 5; ++i) methods.push_back(method(i, folder, layout));
    if (layout.reversed_methods) methods = {methods.rbegin(), methods.rend()};
    std::string body =
        half(0x21) + half(class_of(name_)) + half(class_of("java/lang/Object")) + half(0) + half(1);
    body += half(2) + half(text("other")) + half(text("L" + folder + "/Other;")) + half(0);
    body += half(methods.size());
    for (const std::string& one : methods) body += one;
    body += half(0);
    return word(0xCAFEBABE) + half(0) + half(52) + half(count_) + pool_ + body;
  }

  static std::string half(std::size_t value) { return number(value, 2); }
  static std::string word(std::size_t value) { return number(value, 4); }

 private:
  static std::string number(std::size_t value, int bytes) {
    std::string out;
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
    return out;
  }
  std::size_t constant(char tag, const std::string& content) {
    const auto [at, is_new] = known_.try_emplace(tag + content, count_);
    if (is_new) {
      pool_ += tag + content;
      ++count_;
    }
    return at->second;
  }
  std::size_t text(const std::string& value) { return constant(1, half(value.size()) + value); }
  std::size_t class_of(const std::string& name) { return constant(7, half(text(name))); }
  std::size_t method_of(const std::string& of, const std::string& name, const std::string& type) {
    const std::size_t pair = constant(12, half(text(name)) + half(text(type)));
    return constant(10, half(class_of(of)) + half(pair));
  }
  std::string load(std::size_t index) {
    return index < 256 ? "\x12" + number(index, 1) : "\x13" + half(index);
  }

  // A text that names the package, a number, a call, a jump and a switch.
  std::string method(std::uint32_t index, const std::string& folder, const ClassLayout& layout) {
    std::string dotted = folder;
    for (char& c : dotted) c = c == '/' ? '.' : c;
    std::string code = load(constant(8, half(text(dotted + ".Tool")))) + "\x57";
    code += load(constant(3, word(salt_ + index))) + "\x57";
    code += layout.short_loads ? std::string("\x1b") : std::string("\x15\x01", 2);
    code += std::string("\x99\x00\x03", 3) + "\xb8" +
            half(method_of(folder + "/Other", "help", "(L" + folder + "/Other;)V"));
    code += "\x1b\xaa";
    code += std::string((4 - code.size() % 4) % 4, '\0') + word(24) + word(1) + word(2) + word(24) +
            word(24);
    code += "\xb1";
    std::string attributes = half(0);
    if (layout.with_lines) {
      attributes = half(1) + half(text("LineNumberTable")) + word(6) + half(1) + half(0) + half(7);
    }
    const std::string content = half(2) + half(2) + word(code.size()) + code + half(0) + attributes;
    return half(1) + half(text("run" + std::to_string(index))) +
           half(text("(IL" + folder + "/Tool;)V")) + half(1) + half(text("Code")) +
           word(content.size()) + content;
  }

  std::string name_;
  std::uint32_t salt_;
  std::string pool_;
  std::map<std::string, std::size_t> known_;
  std::size_t count_ = 1;
};

// A zip whose members are stored as they are. No checksums: readers of jars look at none.
inline std::string write_jar(const std::vector<std::pair<std::string, std::string>>& members) {
  const auto number = [](std::size_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
    return out;
  };
  std::string out;
  std::string directory;
  for (const auto& [name, content] : members) {
    const std::string fields = number(0, 2) + number(0, 2) + number(0, 4) + number(0, 4) +
                               number(content.size(), 4) + number(content.size(), 4) +
                               number(name.size(), 2) + number(0, 2);
    directory += "PK\x01\x02" + number(20, 2) + number(20, 2) + fields + number(0, 2) +
                 number(0, 2) + number(0, 2) + number(0, 4) + number(out.size(), 4) + name;
    out += "PK\x03\x04" + number(20, 2) + fields + name + content;
  }
  const std::size_t at = out.size();
  return out + directory + "PK\x05\x06" + number(0, 4) + number(members.size(), 2) +
         number(members.size(), 2) + number(directory.size(), 4) + number(at, 4) + number(0, 2);
}

// `count` classes of a package, the first of which does what `salt` says.
inline std::vector<std::pair<std::string, std::string>> write_classes(const std::string& folder,
                                                                      unsigned count,
                                                                      std::uint32_t salt,
                                                                      const ClassLayout& layout) {
  std::vector<std::pair<std::string, std::string>> members;
  for (unsigned i = 0; i < count; ++i) {
    const std::string name = folder + "/Tool" + std::to_string(i);
    members.emplace_back(name + ".class", ClassWriter(name, salt + i * 100).write(layout));
  }
  return members;
}

}  // namespace vedette::formats::packages
