// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "observe/profile.h"

namespace vedette::observe {

// A name for each image of the profile but the host, good for files and for Kubernetes objects
// (RFC 1123 label characters, at most 63): "docker.io/library/nginx:1.25" gives
// "docker-io-library-nginx-1-25". Names are unique in a profile.
std::map<std::string, std::string> image_names(const Profile& profile);

}  // namespace vedette::observe
