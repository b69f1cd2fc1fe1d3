// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/installed/runtimes.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string>

#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"
#include "formats/packages/tree.h"

namespace vedette::formats::packages {
namespace {

// Applications of Erlang/OTP and Elixir themselves, which Hex does not have: a release of a program
// holds them too.
constexpr auto kOwnApplications = std::to_array<std::string_view>(
    {"asn1",       "common_test", "compiler",      "crypto",       "debugger",
     "dialyzer",   "diameter",    "edoc",          "eex",          "eldap",
     "elixir",     "erl_docgen",  "erl_interface", "erts",         "et",
     "eunit",      "ex_unit",     "ftp",           "iex",          "inets",
     "jinterface", "kernel",      "logger",        "megaco",       "mix",
     "mnesia",     "observer",    "odbc",          "os_mon",       "parsetools",
     "public_key", "reltool",     "runtime_tools", "sasl",         "snmp",
     "ssh",        "ssl",         "stdlib",        "syntax_tools", "tftp",
     "tools",      "wx",          "xmerl"});
static_assert(std::ranges::is_sorted(kOwnApplications));

}  // namespace

PackageList read_java_release(std::string_view path, std::string_view bytes, const Limits&) {
  PackageReading reading(path, Ecosystem::kNone);
  std::string_view version;
  std::string_view implementor;
  std::uint32_t line_of_version = 0;
  Lines lines(bytes);
  for (std::string_view line; lines.next(line);) {
    const Halves field = cut_first(line, "=");
    const std::string_view value = unquoted(trimmed(field.behind));
    if (field.before == "IMPLEMENTOR") implementor = value;
    if (field.before != "JAVA_VERSION") continue;
    version = value;
    line_of_version = lines.number();
  }
  // Other things are called "release" too.
  if (version.empty()) return reading.take();
  reading.add(implementor == "Oracle Corporation" ? "oracle-jdk" : "openjdk", version,
              line_of_version);
  return reading.take();
}

PackageList read_otp_version(std::string_view path, std::string_view bytes, const Limits&) {
  PackageReading reading(path, Ecosystem::kNone);
  const std::string_view version = trimmed(bytes);
  const bool is_version = !version.empty() && version.size() < 32 &&
                          version.find_first_not_of("0123456789.-rc") == std::string_view::npos;
  if (is_version) {
    reading.add("erlang", version, 1);
  } else {
    reading.problem(1, "expected the version of Erlang, found something else");
  }
  return reading.take();
}

// Hex knows packages by the name of their application, but for a few.
PackageList read_beam_application(std::string_view path, std::string_view bytes, const Limits&) {
  PackageReading reading(path, Ecosystem::kHex);
  const std::string_view name = cut_last(file_name(path), ".").before;
  if (std::ranges::binary_search(kOwnApplications, name)) return reading.take();
  const std::size_t at = bytes.find("{vsn,");
  const std::string_view rest =
      at == std::string_view::npos ? std::string_view() : trimmed(bytes.substr(at + 5));
  const std::size_t end = rest.starts_with('"') ? rest.find('"', 1) : std::string_view::npos;
  if (end == std::string_view::npos) {
    reading.problem(1, "expected {vsn, \"VERSION\"}, found none");
    return reading.take();
  }
  std::uint32_t line = 1;
  for (const char c : bytes.substr(0, at)) line += c == '\n' ? 1 : 0;
  if (end > 1) reading.add(name, rest.substr(1, end - 1), line);
  return reading.take();
}

PackageList read_julia_installed(std::string_view path, std::string_view bytes,
                                 const Limits& limits) {
  Tree tree = read_toml(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kJulia, tree);
  const Node& version = tree.root["version"];
  if (tree.root["name"].is_text() && version.is_text())
    reading.add(tree.root["name"].text, version.text, version.line);
  return reading.take();
}

PackageList read_bottlerocket_inventory(std::string_view path, std::string_view bytes,
                                        const Limits& limits) {
  Tree tree = read_json(path, bytes, limits);
  PackageReading reading(path, Ecosystem::kRpm, tree);
  reading.expect(tree.root["Content"].is_list(), 1, "\"Content\"");
  for (const Member& member : tree.root["Content"].members) {
    const Node& entry = member.value;
    const std::string_view epoch = entry["Epoch"].text;
    const std::string version = fmt::format("{}{}{}-{}", epoch == "0" ? "" : epoch,
                                            epoch.empty() || epoch == "0" ? "" : ":",
                                            entry["Version"].text, entry["Release"].text);
    Package& package = reading.at(reading.add(entry["Name"].text, version, member.line));
    package.architecture = entry["Architecture"].text;
  }
  return reading.take();
}

}  // namespace vedette::formats::packages
