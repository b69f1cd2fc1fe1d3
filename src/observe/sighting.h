// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "formats/kernel/system_state.h"

namespace vedette::observe {

// One thing that a process of a container, or of the host, did, as far as profiles and usage ask
// for it. All views and pointers are valid only while it is looked at.
struct Sighting {
  enum class Kind : std::uint8_t {
    kExecuted,   // path, parent
    kOpened,     // path, of a regular file; not to write
    kWritten,    // path: opened to write, made, moved, removed, its owner or mode changed
    kListened,   // protocol, port
    kConnected,  // protocol, address, port, name
    kCallsSeen,  // calls
  };

  Kind kind = Kind::kExecuted;
  std::string_view image;                                 // see image_of()
  const formats::kernel::Container* container = nullptr;  // null: the host
  const formats::kernel::Process* process = nullptr;      // null: of none (kCallsSeen)
  std::string_view action;                                // the call
  std::string_view path;
  std::string_view parent;    // what the process that started it runs; kRuntime, or "" unknown
  std::string_view protocol;  // "tcp", "udp"
  std::string_view address;
  std::string_view name;   // that DNS gave for `address`; may be empty
  std::uint16_t port = 0;  // kPortEphemeral: given by the kernel
  std::string_view calls;  // bits, as of CALLS_SEEN
  TimeNs time = 0;
  std::uint64_t record = 0;  // in its batch
  std::uint64_t offset = 0;  // in its batch
};

// No reference to an image has such brackets.
inline constexpr std::string_view kHost = "<host>";
// The parent of the first program of a container.
inline constexpr std::string_view kRuntime = "<runtime>";
inline constexpr std::uint16_t kPortEphemeral = 0;

// What behaviour is counted for: the reference of the image; of a container without one
// "<container NAME>"; kHost. `container` null: the host.
std::string image_of(const formats::kernel::Container* container);

// Text that a person reads and YAML holds as it is: '?' for control characters and what is no
// UTF-8, not longer than kTextMax bytes.
inline constexpr std::size_t kTextMax = 1024;
std::string clean_text(std::string_view text);

}  // namespace vedette::observe
