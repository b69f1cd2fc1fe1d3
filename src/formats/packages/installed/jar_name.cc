// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/installed/jar_name.h"

#include <algorithm>
#include <array>
#include <vector>

#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

template <std::size_t N>
bool starts_with_one(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::ranges::any_of(words, [text](std::string_view one) { return text.starts_with(one); });
}

// What may stand behind a '-' in a version, in lower case.
constexpr std::array<std::string_view, 18> kQualifiers = {
    "snapshot",  "release", "final", "ga",    "jre",        "android", "alpha", "beta", "rc",
    "milestone", "cr",      "sp",    "build", "incubating", "pre",     "ea",    "rev",  "jdk"};
// What tells several files of one version apart.
constexpr std::array<std::string_view, 15> kClassifiers = {
    "linux", "osx", "windows", "sources", "javadoc", "test",    "shaded", "all",
    "jar",   "x86", "aarch",   "natives", "uber",    "runtime", "bin"};

// "rc1", "b05", "m2".
bool is_qualifier(std::string_view token) {
  const std::string low = lower(token);
  if (low.empty() || is_digit(low.front()) || starts_with_one(low, kQualifiers)) return true;
  return low.size() > 1 && (low[0] == 'b' || low[0] == 'm' || low[0] == 'r') && is_digit(low[1]);
}

// Without classifiers at its end; empty where it is none.
std::string_view version_of(std::string_view text) {
  std::string_view rest = text;
  std::size_t end = 0;
  while (!rest.empty()) {
    const std::string_view token = rest.substr(0, rest.find('-'));
    if (end > 0 && starts_with_one(lower(token), kClassifiers)) return text.substr(0, end - 1);
    if (!is_qualifier(token)) return {};
    end += token.size() + 1;
    rest.remove_prefix(std::min(rest.size(), token.size() + 1));
  }
  return text;
}

struct Manifest {
  std::string implementation_version;
  std::string bundle_version;
  std::string specification_version;
  std::string vendor_id;
  std::string bundle;
  std::string title;
};

struct ManifestRow {
  std::string_view name;
  std::string Manifest::* value;
};
constexpr ManifestRow kManifestRows[] = {
    {"Implementation-Version", &Manifest::implementation_version},
    {"Bundle-Version", &Manifest::bundle_version},
    {"Specification-Version", &Manifest::specification_version},
    {"Implementation-Vendor-Id", &Manifest::vendor_id},
    {"Bundle-SymbolicName", &Manifest::bundle},
    {"Implementation-Title", &Manifest::title},
};

// The main section; its lines are broken at 72 bytes.
Manifest read_manifest(std::string_view text) {
  std::string joined;
  Lines lines(text);
  for (std::string_view line; lines.next(line);) {
    if (line.empty()) break;  // sections of single files follow
    if (line.front() == ' ') {
      joined += line.substr(1);
    } else {
      joined += '\n';
      joined += line;
    }
  }
  Manifest manifest;
  Lines whole(joined);
  for (std::string_view line; whole.next(line);) {
    const Halves field = cut_first(line, ":");
    for (const ManifestRow& row : kManifestRows) {
      if (field.before == row.name) manifest.*row.value = trimmed(field.behind);
    }
  }
  manifest.bundle = trimmed(cut_first(manifest.bundle, ";").before);
  return manifest;
}

// A word that may be a name or version: some write sentences, or forget to fill in a variable.
bool is_word(std::string_view text) {
  return !text.empty() && text.find_first_of(" :/${}\"'") == std::string_view::npos;
}

// Maven's plug-in for bundles joins group and artifact to the bundle's name, what both have once:
// "org.apache.commons.lang3" is org.apache.commons:commons-lang3. One that ends with the whole
// artifact ("com.google.guava") may be the group or both joined, and is taken for the group.
std::string group_of_bundle(std::string_view bundle, std::string_view artifact) {
  if (!is_word(bundle) || bundle == artifact) return {};
  // "org.apache.geronimo.specs.geronimo-annotation_1.3_spec"
  if (const std::size_t at = bundle.find("." + std::string(artifact) + "_"); at != 0)
    bundle = bundle.substr(0, at);
  std::string tail(artifact);
  std::ranges::replace(tail, '-', '.');
  const std::size_t dot = tail.find('.');
  if (dot == std::string::npos || bundle.size() <= tail.size() || !bundle.ends_with("." + tail))
    return std::string(bundle);
  return std::string(bundle.substr(0, bundle.size() - tail.size() + dot));
}

JarName of_repository(std::string_view path) {
  const std::string_view version_folder = folder_of(path);
  const std::string_view artifact_folder = folder_of(version_folder);
  const std::string_view group_folder = folder_of(artifact_folder);
  const std::string_view version = file_name(version_folder);
  const std::string_view artifact = file_name(artifact_folder);
  const std::string stem = std::string(artifact) + "-" + std::string(version);
  if (group_folder.empty() || version.empty() || !file_name(path).starts_with(stem)) return {};
  for (const std::string_view root : {"repository", "maven-repo", "maven2"}) {
    const std::string mark = "/" + std::string(root) + "/";
    const std::string whole = "/" + std::string(group_folder);
    const std::size_t at = whole.rfind(mark);
    if (at == std::string::npos) continue;
    std::string group = whole.substr(at + mark.size());
    std::ranges::replace(group, '/', '.');
    return {std::move(group), std::string(artifact), std::string(version)};
  }
  return {};
}

}  // namespace

JarName read_pom_properties(std::string_view text) {
  JarName properties;
  Lines lines(text);
  for (std::string_view line; lines.next(line);) {
    const Halves halves = cut_first(line, "=");
    const std::string_view key = trimmed(halves.before);
    const std::string_view value = trimmed(halves.behind);
    if (key == "groupId") properties.group = value;
    if (key == "artifactId") properties.artifact = value;
    if (key == "version") properties.version = value;
  }
  return properties;
}

JarName jar_name_of_file(std::string_view path) {
  const std::string_view name = cut_last(file_name(path), ".").before;
  std::size_t last = std::string_view::npos;
  for (std::size_t at = name.find('-'); at != std::string_view::npos; at = name.find('-', at + 1)) {
    if (at == 0 || at + 1 >= name.size() || !is_digit(name[at + 1])) continue;
    last = at;
    const std::string_view version = version_of(name.substr(at + 1));
    if (!version.empty()) return {"", std::string(name.substr(0, at)), std::string(version)};
  }
  if (last == std::string_view::npos) return {};
  return {"", std::string(name.substr(0, last)), std::string(name.substr(last + 1))};
}

JarName jar_name(std::string_view manifest_text, std::string_view path) {
  if (JarName exact = of_repository(path); !exact.artifact.empty()) return exact;
  const Manifest manifest = read_manifest(manifest_text);
  JarName name = jar_name_of_file(path);
  if (name.version.empty()) {
    for (const std::string* one : {&manifest.implementation_version, &manifest.bundle_version,
                                   &manifest.specification_version}) {
      if (name.version.empty() && is_word(*one)) name.version = *one;
    }
    if (!name.version.empty()) name.artifact = cut_last(file_name(path), ".").before;
  }
  name.group = known_jar_group(name.artifact);
  if (!name.group.empty()) return name;
  if (is_word(manifest.vendor_id)) {
    name.group = manifest.vendor_id;
  } else {
    name.group = group_of_bundle(manifest.bundle, name.artifact);
  }
  return name;
}

}  // namespace vedette::formats::packages
