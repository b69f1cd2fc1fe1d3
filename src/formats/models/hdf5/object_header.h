// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "formats/models/hdf5/hdf5_bytes.h"

namespace vedette::formats::models {

// IV.A.2, "Header Message Types".
enum class Hdf5MessageType : std::uint16_t {
  kDataspace = 0x01,
  kLinkInfo = 0x02,
  kDatatype = 0x03,
  kLink = 0x06,
  kExternalFiles = 0x07,
  kLayout = 0x08,
  kFilters = 0x0B,
  kAttribute = 0x0C,
  kSharedMessages = 0x0F,
  kContinuation = 0x10,
  kSymbolTable = 0x11,
  kAttributeInfo = 0x15,
};

struct Hdf5Message {
  Hdf5MessageType type{};
  bool is_shared = false;  // `body` says where the message is
  std::string_view body;   // in the file
};

// The messages of an object header of version 1 or 2 with all its continuations; none where there
// is no such header.
std::vector<Hdf5Message> read_object_header(Hdf5Bytes& file, std::uint64_t at);

}  // namespace vedette::formats::models
