// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "base/result.h"

namespace vedette::ingest {

// Which folder a descriptor is of, whatever it is called.
struct FolderIdentity {
  ::dev_t device = 0;
  ::ino_t inode = 0;
  bool operator==(const FolderIdentity&) const = default;
};

// A folder's descriptor. Immutable; any thread may open what is in it.
class OpenFolder {
 public:
  enum class Links : std::uint8_t { kFollow, kRefuse };
  // `name` in `parent`; by the working folder where that is null. The error is one of errno.
  static std::shared_ptr<const OpenFolder> open(const OpenFolder* parent, const char* name,
                                                Links links, int& error);
  ~OpenFolder();
  OpenFolder(const OpenFolder&) = delete;
  OpenFolder& operator=(const OpenFolder&) = delete;

  int descriptor() const { return descriptor_; }
  const FolderIdentity& identity() const { return identity_; }
  // On a file system that the kernel makes up, such as proc, where files may have no end.
  bool is_virtual() const;

 private:
  OpenFolder(int descriptor, FolderIdentity identity)
      : descriptor_(descriptor), identity_(identity) {}

  int descriptor_;
  FolderIdentity identity_;
};

// The names in a folder in the order of the paths that they begin: a folder sorts as if a slash
// ended it. A folder with more names than `names_bytes_max` holds is listed again for those that
// follow.
class FolderLister {
 public:
  static constexpr std::size_t kNamesBytesMax = std::size_t{16} << 20;

  enum class Kind : std::uint8_t { kFile, kFolder, kLink, kSpecial };
  struct Listed {
    std::string_view name;  // valid until the next call
    Kind kind = Kind::kFile;
  };
  // Names that were met, of those that a walk treats apart.
  struct Marks {
    bool git = false;
    bool git_ignore = false;
    bool own_ignore = false;
  };

  explicit FolderLister(std::size_t names_bytes_max = kNamesBytesMax)
      : names_bytes_max_(names_bytes_max) {}

  // Reads the names; `folder` is left where it is.
  Result<void> list(const OpenFolder& folder);
  // False at the end; more() then says whether list() is to be called once more.
  bool next(Listed& listed);
  bool more() const { return more_; }
  const Marks& marks() const { return marks_; }
  std::size_t bytes() const;

 private:
  struct Name {
    std::uint32_t begin = 0;  // in names_
    std::uint16_t size = 0;   // with the slash of a folder
    Kind kind = Kind::kFile;
  };

  std::string_view text(const Name& name) const {
    return std::string_view(names_).substr(name.begin, name.size);
  }
  Result<void> read_names(const OpenFolder& folder);
  void add(const OpenFolder& folder, const char* name, unsigned char type);
  void keep_first_half();

  std::size_t names_bytes_max_;
  std::string names_;
  std::vector<Name> order_;
  std::size_t next_ = 0;
  Marks marks_;
  bool listed_ = false;  // and so to be rewound
  bool more_ = false;
  std::string last_;   // names up to this one were given out
  std::string bound_;  // names from this one on were dropped; "" for none
};

}  // namespace vedette::ingest
