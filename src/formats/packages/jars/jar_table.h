// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "base/result.h"

// Which releases of which artifacts have a class of a shape: what `vedette db jars` makes of jars,
// and by which classes are known again that somebody took into a jar of his own.
//
// One immutable file, all numbers little-endian:
//
//   header    magic (8 bytes), version (u32), 0 (u32), size of the file (u64), checksum of all
//             behind it (u64), counts of rows, owners, releases and bytes of texts (4 × u64)
//   rows      sorted by shape: shape (u64), first owner (u32), count of owners (u32)
//   owners    numbers of releases (u32), ascending, all of one artifact
//   releases  sorted by artifact: texts of artifact and version, each offset (u32) and size (u32);
//             number of the artifact (u32), count of the rows that it owns (u32)
//   texts
namespace vedette::formats::packages {

class JarTable {
 public:
  static constexpr std::string_view kMagic = "VEDETJAR";
  static constexpr std::uint32_t kVersion = 1;
  static constexpr std::size_t kHeaderBytes = 64;
  static constexpr std::size_t kCheckedFrom = 32;  // the checksum is of what stands from here
  static constexpr std::size_t kRowBytes = 16;
  static constexpr std::size_t kReleaseBytes = 24;
  static constexpr std::size_t kOwnersMax = 4096;  // releases with the same class

  struct Release {
    std::string_view artifact;  // "com.google.guava:guava"
    std::string_view version;
    std::uint32_t artifact_number = 0;
    std::uint32_t classes = 0;  // that tell it from all other artifacts
  };

  // Looks at every byte. kInvalid for another file or a damaged one, kUnsupported for one of
  // another version.
  static Result<JarTable> open(const std::string& path);
  static Result<JarTable> of_bytes(std::string_view bytes);  // which outlive it

  // Numbers of the releases that have a class of this shape; none where it tells nothing.
  std::vector<std::uint32_t> owners(std::uint64_t shape) const;
  Release release(std::uint32_t number) const;
  std::size_t releases() const { return releases_.size() / kReleaseBytes; }
  std::size_t rows() const { return rows_.size() / kRowBytes; }
  std::uint64_t checksum() const { return checksum_; }

 private:
  JarTable() = default;
  Result<void> read();
  bool is_sound() const;

  MappedFile file_;
  std::string_view bytes_;  // of file_, or the caller's; so are those below
  std::string_view rows_;
  std::string_view owners_;
  std::string_view releases_;
  std::string_view texts_;
  std::uint64_t checksum_ = 0;
};

}  // namespace vedette::formats::packages
