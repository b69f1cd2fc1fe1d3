// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/javascript/javascript.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

// "name@range" with the '@' of a scope left alone.
Halves cut_descriptor(std::string_view text) {
  const std::size_t at = text.find('@', 1);
  if (at == std::string_view::npos) return {text, {}, false};
  return {text.substr(0, at), text.substr(at + 1), true};
}

std::vector<std::string_view> descriptors_of(std::string_view key) {
  std::vector<std::string_view> descriptors;
  while (!key.empty()) {
    const Halves halves = cut_first(key, ",");
    const std::string_view one = unquoted(trimmed(halves.before));
    if (!one.empty()) descriptors.push_back(one);
    key = halves.behind;
  }
  return descriptors;
}

void add_requested(std::string_view range, Package& package) {
  if (range.starts_with("npm:")) range.remove_prefix(4);
  const std::string alias = package.name + "@";
  if (range.starts_with(alias)) range.remove_prefix(alias.size());
  if (!package.requested.empty()) package.requested += ", ";
  package.requested += range;
}

// Yarn 1's own format: names of packages at the start of a line, what is known of one below.
class ClassicReader {
 public:
  explicit ClassicReader(PackageReading& reading) : reading_(reading) {}

  void read(std::string_view text) {
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
      const std::string_view content = trimmed(line);
      if (content.empty() || content.starts_with('#')) continue;
      const std::size_t indent = line.find_first_not_of(' ');
      if (indent == 0) {
        begin(content, lines.number());
      } else if (indent < 4) {
        know(content, lines.number());
      } else if (in_needs_) {
        const auto [name, range] = word_and_rest(content);
        reading_.need(package_, std::string(name) + "@" + std::string(range));
      }
    }
    end();
  }

 private:
  static std::pair<std::string_view, std::string_view> word_and_rest(std::string_view content) {
    const std::size_t close = content.starts_with('"') ? content.find('"', 1) : 0;
    const std::size_t end =
        content.find_first_of(kBlanks, close == std::string_view::npos ? 0 : close);
    if (end == std::string_view::npos) return {unquoted(content), {}};
    return {unquoted(content.substr(0, end)), unquoted(trimmed(content.substr(end)))};
  }

  void begin(std::string_view content, std::uint32_t line) {
    end();
    package_ = PackageReading::kNone;
    in_needs_ = false;
    if (!content.ends_with(':')) {
      reading_.problem(line, "expected a line of names that ends with ':', found another");
      return;
    }
    content.remove_suffix(1);
    const std::vector<std::string_view> descriptors = descriptors_of(content);
    if (descriptors.empty()) return;
    Halves first = cut_descriptor(descriptors[0]);
    if (first.behind.starts_with("npm:")) first = cut_descriptor(first.behind.substr(4));
    package_ = reading_.add(first.before, "", line);
    line_ = line;
    for (const std::string_view descriptor : descriptors) {
      reading_.know(std::string(descriptor), package_);
      add_requested(cut_descriptor(descriptor).behind, reading_.at(package_));
    }
  }

  void know(std::string_view content, std::uint32_t) {
    in_needs_ = content == "dependencies:" || content == "optionalDependencies:";
    const auto [key, value] = word_and_rest(content);
    Package& package = reading_.at(package_);
    if (key == "version") package.version = value;
    if (key == "resolved") package.resolved = value;
    if (key == "integrity") package.checksum = value;
  }

  void end() {
    if (package_ != PackageReading::kNone && reading_.at(package_).version.empty()) {
      reading_.problem(line_,
                       "expected the version of " + reading_.at(package_).name + ", found none");
    }
  }

  PackageReading& reading_;
  std::uint32_t package_ = PackageReading::kNone;
  std::uint32_t line_ = 0;
  bool in_needs_ = false;
};

void add_berry(const Member& member, PackageReading& reading) {
  const Node& entry = member.value;
  if (!entry.is_table()) {
    reading.problem(member.line, "expected a table for a package, found something else");
    return;
  }
  const std::vector<std::string_view> descriptors = descriptors_of(member.key);
  const std::string_view resolution = entry["resolution"].text;
  const Halves resolved =
      cut_descriptor(!resolution.empty() || descriptors.empty() ? resolution : descriptors[0]);
  const std::uint32_t index = reading.add(resolved.before, entry["version"].text, member.line);
  Package& package = reading.at(index);
  package.checksum = entry["checksum"].text;
  const bool own = resolved.behind.starts_with("workspace:");
  if (own) {
    package.relation = Relation::kRoot;
    package.version = package.version == "0.0.0-use.local" ? "" : package.version;
  } else if (!resolved.behind.starts_with("npm:")) {
    package.resolved = resolved.behind;
  }
  for (const std::string_view descriptor : descriptors) {
    const Halves halves = cut_descriptor(descriptor);
    reading.know(std::string(descriptor), index);
    if (halves.behind.starts_with("npm:")) {
      reading.know(std::string(halves.before) + "@" + std::string(halves.behind.substr(4)), index);
    }
    if (!own) add_requested(halves.behind, package);
  }
  for (const Member& need : entry["dependencies"].members) {
    const std::string key = std::string(need.key) + "@" + std::string(need.value.text);
    reading.need(index, key);
    if (own) reading.ask(key, Scope::kProduction);
  }
}

}  // namespace

PackageList read_yarn_lock(std::string_view path, std::string_view bytes, const Limits& limits) {
  if (bytes.find("\n__metadata:") == std::string_view::npos && !bytes.starts_with("__metadata:")) {
    PackageReading reading(path, Ecosystem::kNpm);
    ClassicReader(reading).read(bytes);
    return reading.take();
  }
  Tree tree = read_yaml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kNpm, tree);
  for (const Member& member : tree.root.members) {
    if (member.key != "__metadata") add_berry(member, reading);
  }
  return reading.take();
}

}  // namespace vedette::formats::packages
