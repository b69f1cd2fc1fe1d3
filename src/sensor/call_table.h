// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sensor/bpf/settings.h"

namespace vedette::sensor {

// Fills in what the kernel programs know of system calls: how the arguments of each are read, which
// x86-64 call an i386 one stands for, and which one an operation of io_uring does.
void describe_calls(vedette_settings& settings);

// The x86-64 numbers of the calls whose arguments the sensor knows the meaning of.
std::vector<std::uint32_t> described_calls();

// Adds VEDETTE_WANT_COMPAT where an i386 call stands for a wanted one, so that a call that is
// wanted in neither form costs one look.
void mark_compat_calls(const vedette_settings& settings, vedette_filter& filter);

}  // namespace vedette::sensor
