// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "formats/kernel/record_reader.h"

namespace vedette::sensor {

// What a low-level runtime was told to start: `runc run --bundle DIR ID`, as runc, crun and youki
// are called by people, by containerd's shim, by podman and by CRI-O.
struct RuntimeCommand {
  std::string id;
  std::string bundle;  // absolute
};

// From the start of a program (kind EXEC): nothing when it is no runtime, starts nothing, or does
// not run as root, so that no other account can say what a container is.
std::optional<RuntimeCommand> runtime_command(const formats::kernel::RecordReader& record);

}  // namespace vedette::sensor
