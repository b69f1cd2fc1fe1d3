// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "observe/profile.h"

namespace vedette::observe {

// The `linux.seccomp` object of an OCI runtime configuration (as docker and Kubernetes take it from
// a file): what the image was seen to call, and what a runtime needs between the filter and the
// image's program; all else fails with EPERM. `image.system_calls_known` must hold. `clone` is
// allowed without name spaces, and `clone3`, whose flags no filter sees, answers ENOSYS, upon which
// libraries use clone.
std::string seccomp_profile(const ImageProfile& image);

// The calls that are allowed whatever was seen.
std::span<const std::string_view> calls_of_runtimes();

}  // namespace vedette::observe
