// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// A zip as both kinds of readers see it: by the directory at its end, as Python and PyTorch do, and
// by the headers before the members, as streaming readers do. They may contradict each other.
namespace vedette::formats::archive {

struct ZipMember {
  std::string_view name;          // in the bytes
  std::string_view packed;        // what is there of it
  std::uint64_t stated_size = 0;  // unpacked, says the directory, which may lie; 0: not said
  std::uint16_t method = 0;
  bool is_encrypted = false;  // says its flag
  bool in_directory = false;
  bool has_header = false;      // a local header
  bool is_link = false;         // a symbolic one, whose content is where it leads
  std::string_view other_name;  // of the local header, where that is another
  // What the local header says of the content, where that is other than what the directory does.
  std::optional<std::uint16_t> other_method;
  std::string_view other_packed;
};

struct ZipViews {
  std::vector<ZipMember> members;  // each place of the bytes once
  bool has_directory = false;
  bool is_cut = false;  // more than kMembersMax
  static constexpr std::size_t kMembersMax = 200'000;
};

// `bytes` outlive the result.
ZipViews read_zip(std::string_view bytes);

// Whether it is what its method makes of an empty file or a folder.
bool is_packed_nothing(const ZipMember& member);

// The member's content, at most so many bytes of it; empty where the method is not known.
std::string unpack_member(const ZipMember& member, std::size_t bytes_max);
// All of it; ErrorCode::kUnsupported for other methods and what is encrypted, kInvalid for what is
// damaged, kLimit beyond `bytes_max`. No checksum is looked at.
Result<std::string> unpack_whole_member(const ZipMember& member, std::size_t bytes_max);

}  // namespace vedette::formats::archive
