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
#include "formats/packages/jars/class_member.h"
#include "formats/packages/jars/taken_artifacts.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

constexpr std::size_t kJarsMax = 10'000;  // in one, at any depth
constexpr std::size_t kDepthMax = 4;
constexpr std::size_t kInnerBytesMax = std::size_t{64} << 20;     // of a jar in a jar
constexpr std::size_t kWaitingBytesMax = std::size_t{128} << 20;  // of all that wait
constexpr std::size_t kTextBytesMax = std::size_t{1} << 20;
constexpr std::size_t kVersionsTold = 5;  // that fit as well as the one that is named

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
  // `jars`: null for none.
  JarReading(std::string_view path, const Limits& limits, const JarTable* jars)
      : reading_(path, Ecosystem::kMaven), limits_(limits), expansion_(limits_), jars_(jars) {}

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
    std::vector<TakenArtifact> taken;
    if (jars_ != nullptr) taken = find_taken(jar, path);
    std::erase_if(taken, [&](const TakenArtifact& one) { return is_named(one, poms); });
    for (const JarName& one : poms) add(one, path);
    for (const TakenArtifact& one : taken) add_taken(one, path);
  }

  // One class after the other, so that no more than one is in memory.
  std::vector<TakenArtifact> find_taken(const archive::ZipViews& jar, const std::string& path) {
    TakenArtifacts artifacts(*jars_);
    std::size_t unreadable = 0;
    std::string first;
    for (const archive::ZipMember& member : jar.members) {
      if (!is_class_member(member.name)) continue;
      const Result<std::string> bytes = unpack_class(member, expansion_);
      const Result<ClassShape> shape =
          bytes ? class_shape(*bytes) : Result<ClassShape>(std::unexpected(bytes.error()));
      if (shape) {
        artifacts.add(*shape, member.name);
      } else if (++unreadable == 1) {
        first = fmt::format("{}: {}", archive::shown_name(member.name), shape.error().message);
      }
    }
    if (unreadable > 0) {
      reading_.problem(0, fmt::format("{}: {} of its classes could not be looked at; {}", path,
                                      unreadable, first));
    }
    return artifacts.find();
  }

  // Whether a name that the jar has itself is this one's; one without a group gets it.
  static bool is_named(const TakenArtifact& taken, std::vector<JarName>& poms) {
    const Halves name = cut_first(taken.artifact, ":");
    bool named = false;
    for (JarName& pom : poms) {
      if (pom.artifact != name.behind || (!pom.group.empty() && pom.group != name.before)) continue;
      pom.group = name.before;
      named = named || !pom.version.empty();
    }
    return named;
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
        poms.push_back(read_pom_properties(*text));
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

  void add_taken(const TakenArtifact& taken, const std::string& path) {
    const std::uint32_t index = reading_.add(taken.artifact, taken.version, 0);
    Package& package = reading_.at(index);
    package.path = path + "!/";
    if (!taken.folder.empty()) package.path += archive::shown_name(taken.folder);
    package.evidence = fmt::format("{} of {} classes", taken.found, taken.classes);
    // Beside all of its classes lie only those that several artifacts have.
    if (taken.others > 0 && taken.found < taken.classes)
      package.evidence += fmt::format(", among {} others", taken.others);
    if (taken.also.empty()) return;
    package.evidence += "; as many of version";
    for (std::size_t i = 0; i < std::min(taken.also.size(), kVersionsTold); ++i)
      package.evidence += fmt::format("{} {}", i == 0 ? "" : ",", taken.also[i]);
    if (taken.also.size() > kVersionsTold)
      package.evidence += fmt::format(" and {} more", taken.also.size() - kVersionsTold);
  }

  PackageReading reading_;
  const Limits limits_;
  archive::Expansion expansion_;
  const JarTable* const jars_;  // outlives this
  std::vector<Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
};

}  // namespace

PackageList read_jar(std::string_view path, std::string_view bytes, const Limits& limits) {
  return JarReading(path, limits, nullptr).read(path, bytes);
}

PackageList read_jar(std::string_view path, std::string_view bytes, const Limits& limits,
                     const JarTable& jars) {
  return JarReading(path, limits, &jars).read(path, bytes);
}

}  // namespace vedette::formats::packages
