// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "formats/packages/jars/class_shape.h"
#include "formats/packages/jars/jar_table.h"

namespace vedette::formats::packages {

struct TakenArtifact {
  std::string_view artifact;  // "com.google.code.gson:gson"; of the table, as versions are
  std::string_view version;
  std::uint32_t found = 0;    // of its classes
  std::uint32_t classes = 0;  // that it has, of those that tell it from other artifacts
  // Classes of the jar in the same folders that are not of this version: perhaps it is another.
  std::uint32_t others = 0;
  std::string folder;                  // in the jar, that all of them lie below
  std::vector<std::string_view> also;  // further versions that fit as well, as the table has them
};

// Says by the classes of one jar which artifacts somebody took into it, wherever they were moved.
//
// An artifact is named when the jar has at least kClassesMin of its classes, and these are half of
// them, or kClassesEnough and a fifth (tools leave out what is not used). Of its versions the one
// that has most of the classes in the jar is taken, then the one with the fewest others, then the
// newest: where the code is the same, a flaw that the newer one has no more was not in the code.
// The right one need not be in the table, which `others` hints at.
class TakenArtifacts {
 public:
  static constexpr std::uint32_t kClassesMin = 3;
  static constexpr std::uint32_t kClassesEnough = 25;

  explicit TakenArtifacts(const JarTable& table) : table_(table) {}  // which outlives this

  // A class, and its path in the jar.
  void add(const ClassShape& shape, std::string_view member);
  // Sorted by artifact.
  std::vector<TakenArtifact> find() const;

 private:
  struct Hit {
    std::vector<std::uint32_t> owners;
    std::string folder;
  };
  bool fits_better(std::uint32_t release, std::uint32_t than) const;
  static bool is_enough(std::uint32_t count, const JarTable::Release& release);
  void add_places(const std::unordered_map<std::uint32_t, std::size_t>& chosen,
                  std::vector<TakenArtifact>& taken) const;
  bool fits_equally(std::uint32_t a, std::uint32_t b) const;

  const JarTable& table_;
  std::unordered_set<std::uint64_t> seen_;
  std::vector<Hit> hits_;
  std::unordered_map<std::string, std::uint32_t> folders_;  // to classes in them that tell
  std::unordered_map<std::uint32_t, std::uint32_t> found_;  // by release: its classes in the jar
};

}  // namespace vedette::formats::packages
