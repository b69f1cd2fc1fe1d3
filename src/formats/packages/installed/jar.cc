// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "formats/archive/archive.h"
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

// Bytes of someone else, who outlives this.
class ViewStream final : public archive::ByteStream {
 public:
  explicit ViewStream(std::string_view bytes) : rest_(bytes) {}
  Result<std::size_t> read(char* out, std::size_t capacity) override {
    const std::size_t count = std::min(capacity, rest_.size());
    std::memcpy(out, rest_.data(), count);
    rest_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view rest_;
};

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

  std::optional<std::string> content(archive::ArchiveReader& reader, std::string_view path,
                                     std::size_t bytes_max) {
    const auto stream = reader.content();
    std::string bytes;
    while (true) {
      constexpr std::size_t kStep = std::size_t{64} << 10;
      const std::size_t at = bytes.size();
      bytes.resize(at + kStep);
      const Result<std::size_t> got = stream->read(bytes.data() + at, kStep);
      bytes.resize(at + (got ? *got : 0));
      if (!got || bytes.size() > bytes_max) {
        reading_.problem(
            0, fmt::format("{}: {}", path, got ? "larger than is read" : got.error().message));
        return std::nullopt;
      }
      if (*got == 0) return bytes;
    }
  }

  void read_one(const std::string& path, std::string_view bytes, std::size_t depth) {
    auto reader = archive::ArchiveReader::create(archive::Packing::kZip,
                                                 std::make_unique<ViewStream>(bytes), expansion_);
    if (!reader) {
      reading_.problem(0, fmt::format("{}: {}", path, reader.error().message));
      return;
    }
    std::vector<JarName> poms;
    std::string manifest;
    while (true) {
      const Result<std::optional<std::string>> name = (*reader)->next();
      if (!name) reading_.problem(0, fmt::format("{}: {}", path, name.error().message));
      if (!name || !*name) break;
      take_member(**name, path, depth, **reader, poms, manifest);
    }
    const JarName own = jar_name(manifest, path);
    if (is_of_its_own(own, poms)) poms.push_back(own);
    for (const JarName& one : poms) add(one, path);
  }

  void take_member(const std::string& name, const std::string& path, std::size_t depth,
                   archive::ArchiveReader& reader, std::vector<JarName>& poms,
                   std::string& manifest) {
    const std::string full = path + "/" + name;
    if (name.starts_with("META-INF/maven/") && name.ends_with("/pom.properties")) {
      if (const auto text = content(reader, full, kTextBytesMax))
        poms.push_back(read_properties(*text));
    } else if (name == "META-INF/MANIFEST.MF") {
      manifest = content(reader, full, kTextBytesMax).value_or("");
    } else if (is_jar(name)) {
      if (depth + 1 >= kDepthMax || waiting_bytes_ >= kWaitingBytesMax) {
        reading_.problem(0, fmt::format("{}: jars are too deep in each other, or too large", full));
        return;
      }
      if (auto inner = content(reader, full, kInnerBytesMax)) {
        waiting_bytes_ += inner->size();
        waiting_.push_back({full, std::move(*inner), depth + 1});
      }
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
