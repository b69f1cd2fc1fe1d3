// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "observe/profile.h"

namespace vedette::observe {

// A Kubernetes NetworkPolicy (networking.k8s.io/v1) that lets in what the image listened on, and
// out to what it talked to. Pods are selected by the labels that all its containers had; without
// any, by "vedette.image: NAME", which a comment asks to be set. Loopback and ports that the kernel
// gave are left out; names are comments, for a policy knows addresses only.
std::string network_policy(const std::string& image, std::string_view name,
                           const ImageProfile& profile);

}  // namespace vedette::observe
