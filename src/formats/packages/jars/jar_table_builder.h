// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "formats/packages/jars/class_shape.h"

namespace vedette::formats::packages {

// Makes a JarTable. The same releases give the same bytes, in whichever order they come.
//
// Only shapes that tell artifacts apart are kept. An artifact that has taken in another has that
// one's classes as well: they stay with the other where the package that they were moved to ends
// with the one that they came from ("acme/shaded/com/google/gson"), or where the taker has more
// than twice as many classes. What several artifacts have and none can be said to have taken is
// left out.
class JarTableBuilder {
 public:
  static constexpr std::size_t kReleasesMax = 2'000'000;
  static constexpr std::size_t kClassesMax = 60'000'000;  // of all releases; 16 bytes each

  // The release that the next classes are of; kLimit when there are too many.
  Result<void> begin(std::string artifact, std::string version);
  // A class that tells nothing is passed over.
  Result<void> add(const ClassShape& shape);

  std::size_t releases() const { return numbers_.size(); }
  // Once.
  std::string build();

 private:
  struct Class {
    std::uint64_t shape = 0;
    std::uint32_t release = 0;
    std::uint32_t package = 0;
  };
  struct Row {
    std::uint64_t shape;
    std::vector<std::uint32_t> owners;
  };

  void number_by_name();
  void keep_one_of_each();
  // Shorter packages come first.
  auto package_rank(std::uint32_t package) const {
    return std::pair(packages_[package]->size(), std::string_view(*packages_[package]));
  }
  std::vector<Row> make_rows() const;
  std::uint32_t origin_of(const std::vector<Class>& same) const;

  // By artifact and version.
  std::map<std::pair<std::string, std::string>, std::uint32_t> numbers_;
  std::unordered_map<std::string, std::uint32_t> package_numbers_;
  std::vector<const std::string*> packages_;  // keys of the map
  std::vector<Class> classes_;
  std::uint32_t release_ = 0;
  std::vector<std::uint32_t> artifacts_;       // by release
  std::vector<std::uint32_t> artifact_sizes_;  // by artifact: classes of its largest release
};

}  // namespace vedette::formats::packages
