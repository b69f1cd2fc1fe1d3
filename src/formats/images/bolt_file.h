// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vedette::formats::images {

// A database of bbolt (go.etcd.io/bbolt: page.go, bucket.go), read only: containerd's meta.db. Of
// the two meta pages the newer whole one counts, so that a writer at work does not disturb.
// Bounded: no more pages are looked at than there are.
class BoltFile {
 public:
  // The bytes outlive it.
  static Result<BoltFile> open(std::string_view bytes);

  struct Entry {
    std::string_view key;
    std::string_view value;
    bool is_bucket = false;
  };
  // The entries of the bucket that the names lead to, in the order of their keys; none where there
  // is no such bucket. An Error where the database is damaged.
  Result<std::vector<Entry>> entries(std::initializer_list<std::string_view> path) const;

 private:
  explicit BoltFile(std::string_view bytes) : bytes_(bytes) {}

  struct Bucket {
    std::uint64_t root = 0;
    std::string_view inline_page;  // of a small one
  };
  std::optional<std::string_view> page(std::uint64_t number) const;
  bool read_meta(std::uint64_t number, std::uint64_t& newest);
  Result<std::vector<Entry>> entries_of(const Bucket& bucket) const;

  std::string_view bytes_;
  std::uint64_t page_bytes_ = 0;
  std::uint64_t root_ = 0;
};

}  // namespace vedette::formats::images
