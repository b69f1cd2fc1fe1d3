// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>

#include "formats/archive/gzip.h"
#include "formats/packages/dotnet/dotnet.h"
#include "formats/packages/installed/dotnet_bundle.h"
#include "formats/packages/installed/go_functions.h"
#include "formats/packages/installed/installed.h"
#include "formats/packages/installed/known_programs.h"
#include "formats/packages/installed/program_sections.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"
#include "formats/packages/tree.h"

namespace vedette::formats::packages {
namespace {

// Go's debug/buildinfo: 14 bytes of mark, the size of pointers, flags; since Go 1.18 (flag 2) two
// texts with their lengths before them follow at byte 32.
constexpr std::string_view kGoMark = "\xff Go buildinf:";
constexpr std::size_t kGoHeaderBytes = 32;
constexpr std::size_t kGoAlignment = 16;  // of the mark, in memory and so in the file
constexpr std::size_t kGoTextMax = std::size_t{16} << 20;
// What the linker puts around the list of modules, in any kind of program.
constexpr std::string_view kModulesBegin =
    "\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6";
constexpr std::string_view kModulesEnd =
    std::string_view("\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2", 16);
constexpr std::string_view kCratesSection = ".dep-v0";
constexpr std::size_t kCratesBytesMax = std::size_t{64} << 20;

struct GoInfo {
  std::string_view version;
  std::string_view modules;
};

// A length in groups of seven bits, the lowest first, and so many bytes.
std::string_view take_text(std::string_view& rest) {
  std::uint64_t size = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    if (rest.empty()) return {};
    const auto byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    size |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) != 0) continue;
    if (size > rest.size() || size > kGoTextMax) return {};
    const std::string_view text = rest.substr(0, size);
    rest.remove_prefix(size);
    return text;
  }
  return {};
}

// The list without the marks around it.
std::string_view modules_of(std::string_view text) {
  const std::size_t begin = text.find(kModulesBegin);
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin + kModulesBegin.size());
  return text.substr(0, std::min(text.find(kModulesEnd), kGoTextMax));
}

// Where the mark may stand: anywhere, but in an ELF with sections in one of that name, where the
// linker puts it since there is such a mark (Go 1.13).
std::string_view go_section(std::string_view bytes) {
  if (!has_sections(bytes)) return bytes;
  return program_section(bytes, ".go.buildinfo").value_or(std::string_view());
}

std::optional<GoInfo> go_info(std::string_view bytes) {
  const std::string_view section = go_section(bytes);
  if (section.empty()) return std::nullopt;
  const auto begin = static_cast<std::size_t>(section.data() - bytes.data());
  for (std::size_t at = begin; at + kGoMark.size() <= begin + section.size(); at += kGoAlignment) {
    // One comparison of its first byte mostly.
    if (bytes[at] != kGoMark.front() || bytes.substr(at, kGoMark.size()) != kGoMark) continue;
    if (at + kGoHeaderBytes > bytes.size()) return std::nullopt;
    const auto flags = static_cast<unsigned char>(bytes[at + 15]);
    if ((flags & 2) == 0) return GoInfo{{}, modules_of(bytes)};
    std::string_view rest = bytes.substr(at + kGoHeaderBytes);
    GoInfo info;
    info.version = take_text(rest);
    info.modules = modules_of(take_text(rest));
    return info;
  }
  return std::nullopt;
}

// "mod", "dep" and "=>" with a module, its version and its sum, separated by tabs; "path" with that
// of the program's own package. What a module was replaced by has its packages under its own name.
GoPaths add_modules(const GoInfo& info, PackageReading& reading) {
  GoPaths also;
  if (info.version.starts_with("go"))
    reading.add("stdlib", cut_first(info.version, " ").before.substr(2), 0);
  std::uint32_t last = PackageReading::kNone;
  Lines lines(info.modules);
  for (std::string_view line; lines.next(line);) {
    const Halves kind = cut_first(line, "\t");
    if (kind.before == "path") also.emplace_back("main", trimmed(kind.behind));
    if (kind.before != "mod" && kind.before != "dep" && kind.before != "=>") continue;
    const Halves name = cut_first(kind.behind, "\t");
    const Halves version = cut_first(name.behind, "\t");
    const std::string_view written = version.before == "(devel)" ? "" : version.before;
    if (kind.before == "=>") {  // what the one before was replaced by
      if (last == PackageReading::kNone || name.before.starts_with('.')) continue;
      also.emplace_back(reading.at(last).name, name.before);
      reading.at(last).name = name.before;
      reading.at(last).version = written;
      continue;
    }
    last = reading.add(name.before, written, 0);
    if (kind.before == "mod") reading.at(last).relation = Relation::kRoot;
    reading.at(last).checksum = trimmed(version.behind);
  }
  std::erase_if(also, [](const auto& path) { return path.first == path.second; });
  return also;
}

// cargo-auditable: JSON in zlib's form.
void add_crates(std::string_view path, std::string_view section, const Limits& limits,
                PackageReading& reading) {
  const Result<std::string> json = archive::unpack_zlib(section, kCratesBytesMax);
  if (!json) {
    reading.problem(0, fmt::format("{}: {}", kCratesSection, json.error().message));
    return;
  }
  Tree tree = read_json(path, *json, limits);
  for (const Diagnostic& problem : tree.problems) reading.problem(0, problem.message);
  const Node& packages = tree.root["packages"];
  std::uint32_t number = 0;
  for (const Member& member : packages.members) {
    const Node& node = member.value;
    const std::uint32_t index = reading.add(node["name"].text, node["version"].text, 0);
    reading.know(std::to_string(number++), index);
    Package& package = reading.at(index);
    if (node["root"].is_true()) package.relation = Relation::kRoot;
    if (node["kind"].text == "build") package.scope = Scope::kDevelopment;
    for (const Member& needed : node["dependencies"].members)
      reading.need(index, std::string(needed.value.text));
  }
}

}  // namespace

PackageList read_program(std::string_view path, std::string_view bytes, const Limits& limits) {
  if (const std::optional<GoInfo> info = go_info(bytes)) {
    PackageReading reading(path, Ecosystem::kGo);
    GoFunctions functions = go_functions(bytes, add_modules(*info, reading));
    reading.list().symbols = std::move(functions.keys);
    reading.list().symbols_complete = functions.is_complete;
    return reading.take();
  }
  Result<std::optional<BundledList>> bundled = bundled_deps_json(bytes);
  if (bundled && *bundled)
    return read_deps_json(fmt::format("{}/{}", path, (*bundled)->name), (*bundled)->text, limits);
  PackageReading reading(path, Ecosystem::kCargo);
  if (!bundled) reading.problem(0, bundled.error().message);
  if (const auto section = program_section(bytes, kCratesSection))
    add_crates(path, *section, limits, reading);
  if (reading.size() > 0) return reading.take();
  if (const std::optional<KnownProgram> known = known_program(path, bytes)) {
    Package& package = reading.at(reading.add(known->package, known->version, 0));
    package.ecosystem = Ecosystem::kNone;
  }
  return reading.take();
}

}  // namespace vedette::formats::packages
