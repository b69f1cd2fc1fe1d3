// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/languages/languages.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

constexpr std::size_t kPartsMax = 8;  // of a locked package: :hex, name, version, … hash
constexpr std::size_t kNeedsPart = 5;

// One line of mix.lock, which is a term of Elixir's:
//   "jason": {:hex, :jason, "1.4.0", "hash", [:mix], [{:decimal, "~> 1.0", [hex: …]}], "hexpm", …},
struct Locked {
  std::string_view key;
  std::vector<std::string_view> parts;  // the texts and atoms of the outermost tuple; "" for lists
  std::vector<std::string_view> needs;
};

class LockedLine {
 public:
  explicit LockedLine(std::string_view text) : text_(text) {}

  bool read(Locked& locked) {
    locked.key = scalar();
    while (at_ < text_.size() && text_[at_] != '{') ++at_;
    std::string_view before;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '{' || c == '[') {
        if (open_.size() == 1) locked.parts.emplace_back();
        open_ += c;
        before = text_.substr(at_++, 1);
      } else if (c == '}' || c == ']') {
        if (!open_.empty()) open_.pop_back();
        ++at_;
        if (open_.empty()) return locked.parts.size() >= 3;
      } else if (c == '"' || c == ':') {
        const std::string_view value = scalar();
        if (open_.size() == 1 && locked.parts.size() < kPartsMax) locked.parts.push_back(value);
        const bool first = before == "{" && open_ == "{[{";
        if (first && locked.parts.size() == kNeedsPart + 1) locked.needs.push_back(value);
        before = {};
      } else {
        ++at_;
      }
    }
    return false;  // a tuple that does not end
  }

 private:
  // A text, or an atom (:name, :"name").
  std::string_view scalar() {
    if (at_ < text_.size() && text_[at_] == ':') ++at_;
    if (at_ < text_.size() && text_[at_] == '"') {
      std::size_t end = at_ + 1;
      while (end < text_.size() && text_[end] != '"') end += text_[end] == '\\' ? 2 : 1;
      const std::size_t begin = at_ + 1;
      at_ = std::min(end + 1, text_.size());
      return text_.substr(begin, std::min(end, text_.size()) - begin);
    }
    const std::size_t end = std::min(text_.find_first_of(" ,]}[{:\"", at_), text_.size());
    const std::string_view name = text_.substr(at_, end - at_);
    at_ = end;
    return name;
  }

  std::string_view text_;  // the caller's
  std::size_t at_ = 0;
  std::string open_;  // brackets
};

}  // namespace

PackageList read_mix_lock(std::string_view path, std::string_view bytes, const Limits&) {
  PackageReading reading(path, Ecosystem::kHex);
  Lines lines(bytes);
  for (std::string_view line; lines.next(line);) {
    const std::string_view content = trimmed(line);
    if (content.empty() || content == "%{" || content == "}") continue;
    Locked locked;
    if (!content.starts_with('"') || !LockedLine(content).read(locked)) {
      reading.problem(lines.number(), "expected \"name\": {:hex, :name, \"version\", …}");
      continue;
    }
    const bool hex = locked.parts[0] == "hex";
    const std::uint32_t index =
        reading.add(hex ? locked.parts[1] : locked.key, hex ? locked.parts[2] : std::string_view(),
                    lines.number());
    Package& package = reading.at(index);
    if (hex && locked.parts.size() > 3) package.checksum = "sha256:" + std::string(locked.parts[3]);
    if (!hex) {
      package.resolved = locked.parts[1];
      package.checksum = locked.parts[2];
    }
    reading.know(std::string(locked.key), index);
    for (const std::string_view need : locked.needs) reading.need(index, std::string(need));
  }
  return reading.take();
}

PackageList read_gleam_manifest(std::string_view path, std::string_view bytes,
                                const Limits& limits) {
  Tree tree = read_toml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kHex, tree);
  const Node& packages = tree.root["packages"];
  if (!packages.is_list()) return reading.take();  // others have files of this name, too
  for (const Member& member : packages.members) {
    const Node& entry = member.value;
    const bool is_hex = entry["source"].text == "hex" || !entry.has("source");
    const std::uint32_t index = reading.add(
        entry["name"].text, is_hex ? entry["version"].text : std::string_view(), member.line);
    Package& package = reading.at(index);
    if (is_hex && !entry["outer_checksum"].text.empty())
      package.checksum = "sha256:" + lower(entry["outer_checksum"].text);
    if (!is_hex) package.resolved = entry[entry.has("repo") ? "repo" : "path"].text;
    reading.know(std::string(entry["name"].text), index);
    for (const Member& need : entry["requirements"].members)
      reading.need(index, std::string(need.value.text));
  }
  for (const Member& member : tree.root["requirements"].members)
    reading.ask(std::string(member.key), Scope::kProduction);
  return reading.take();
}

}  // namespace vedette::formats::packages
