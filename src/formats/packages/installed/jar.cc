// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "formats/archive/archive.h"
#include "formats/archive/tar_archive.h"
#include "formats/archive/zip_views.h"
#include "formats/packages/installed/installed.h"
#include "formats/packages/installed/jar_name.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

constexpr std::size_t kJarsMax = 10'000;  // in one, at any depth
constexpr std::size_t kDepthMax = 4;
constexpr std::size_t kInnerBytesMax = std::size_t{64} << 20;     // of a jar in a jar
constexpr std::size_t kWaitingBytesMax = std::size_t{128} << 20;  // of all that wait
constexpr std::size_t kTextBytesMax = std::size_t{1} << 20;

JarName read_properties(std::string_view text) {
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

// Whether a jar is none of those that its pom.properties speak of, because it has taken in others.
// A file may be called anything, so that only its group can tell.
bool is_of_its_own(const JarName& own, const std::vector<JarName>& poms) {
  return std::ranges::none_of(poms, [&](const JarName& pom) {
    return own.group.empty() || own.group == pom.group || own.artifact == pom.artifact ||
           own.version == pom.version;
  });
}

bool is_jar(std::string_view name) {
  for (const std::string_view end : {".jar", ".war", ".ear", ".par", ".jpi", ".hpi"}) {
    if (name.ends_with(end)) return true;
  }
  return false;
}

class JarReading {
 public:
  JarReading(std::string_view path, const Limits& limits)
      : reading_(path, Ecosystem::kMaven), limits_(limits), expansion_(limits_) {}

  // Jars in jars wait, so that their nesting takes no stack.
  PackageList read(std::string_view path, std::string_view bytes) {
    expansion_.add_stored(bytes.size());
    read_one(std::string(path), bytes, 0);
    std::size_t jars = 0;
    while (!waiting_.empty()) {
      const Waiting jar = std::move(waiting_.back());
      waiting_.pop_back();
      waiting_bytes_ -= jar.bytes.size();
      if (++jars > kJarsMax) {
        reading_.problem(0, fmt::format("expected at most {} jars in a jar, found more", kJarsMax));
        break;
      }
      read_one(jar.path, jar.bytes, jar.depth);
    }
    return reading_.take();
  }

 private:
  struct Waiting {
    std::string path;
    std::string bytes;
    std::size_t depth;
  };

  std::optional<std::string> content(const archive::ZipMember& member, std::string_view path,
                                     std::size_t bytes_max) {
    Result<std::string> bytes = archive::unpack_whole_member(member, bytes_max);
    if (bytes) {
      const std::size_t made = bytes->size();
      if (const auto within = expansion_.add_made(made, member.packed.size(), made); !within)
        bytes = std::unexpected(within.error());
    }
    if (bytes) return std::move(*bytes);
    reading_.problem(0, fmt::format("{}: {}", path, bytes.error().message));
    return std::nullopt;
  }

  // Only what is asked for is unpacked, by the directory at the end, as Java does; and what that
  // leaves out, too.
  void read_one(const std::string& path, std::string_view bytes, std::size_t depth) {
    const archive::ZipViews jar = archive::read_zip(bytes);
    if (jar.members.empty()) {
      reading_.problem(0, fmt::format("{}: expected a jar, found no member in it", path));
      return;
    }
    if (!jar.has_directory || jar.is_cut) {
      reading_.problem(
          0, fmt::format("{}: {}", path,
                         jar.is_cut ? "more members than are read"
                                    : "the archive is damaged or ends too early: no directory"));
    }
    std::vector<JarName> poms;
    std::string manifest;
    for (const archive::ZipMember& member : jar.members)
      take_member(member, path, depth, poms, manifest);
    const JarName own = jar_name(manifest, path);
    if (is_of_its_own(own, poms)) poms.push_back(own);
    for (const JarName& one : poms) add(one, path);
  }

  void take_member(const archive::ZipMember& member, const std::string& path, std::size_t depth,
                   std::vector<JarName>& poms, std::string& manifest) {
    const std::string_view name = member.name;
    const bool is_pom = name.starts_with("META-INF/maven/") && name.ends_with("/pom.properties");
    const bool is_manifest = name == "META-INF/MANIFEST.MF";
    if (!is_pom && !is_manifest && !is_jar(name)) return;
    const std::string full = path + "/" + archive::shown_name(name);
    if (is_pom) {
      if (const auto text = content(member, full, kTextBytesMax))
        poms.push_back(read_properties(*text));
    } else if (is_manifest) {
      manifest = content(member, full, kTextBytesMax).value_or("");
    } else if (depth + 1 >= kDepthMax || waiting_bytes_ >= kWaitingBytesMax) {
      reading_.problem(0, fmt::format("{}: jars are too deep in each other, or too large", full));
    } else if (auto inner = content(member, full, kInnerBytesMax)) {
      waiting_bytes_ += inner->size();
      waiting_.push_back({full, std::move(*inner), depth + 1});
    }
  }

  void add(const JarName& properties, const std::string& path) {
    if (properties.artifact.empty() || properties.version.empty()) return;  // a program's own
    const std::string name = properties.group.empty()
                                 ? properties.artifact
                                 : properties.group + ":" + properties.artifact;
    const std::size_t before = reading_.size();
    reading_.add(name, properties.version, 0);
    if (reading_.size() > before) reading_.list().packages.back().path = path;
  }

  PackageReading reading_;
  const Limits limits_;
  archive::Expansion expansion_;
  std::vector<Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
};

}  // namespace

PackageList read_jar(std::string_view path, std::string_view bytes, const Limits& limits) {
  return JarReading(path, limits).read(path, bytes);
}

}  // namespace vedette::formats::packages
