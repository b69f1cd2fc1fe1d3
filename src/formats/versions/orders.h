// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <string_view>

// The orders themselves, one or a few related ones a file. Each is one of the rows in
// version_order.cc.
namespace vedette::formats::versions {

using Order = std::strong_ordering (*)(std::string_view a, std::string_view b);

std::strong_ordering compare_semver(std::string_view a, std::string_view b);
std::strong_ordering compare_go(std::string_view a, std::string_view b);
std::strong_ordering compare_pub(std::string_view a, std::string_view b);
std::strong_ordering compare_nuget(std::string_view a, std::string_view b);
std::strong_ordering compare_dpkg(std::string_view a, std::string_view b);
std::strong_ordering compare_rpm(std::string_view a, std::string_view b);
std::strong_ordering compare_pacman(std::string_view a, std::string_view b);
std::strong_ordering compare_apk(std::string_view a, std::string_view b);
std::strong_ordering compare_portage(std::string_view a, std::string_view b);
std::strong_ordering compare_pep440(std::string_view a, std::string_view b);
std::strong_ordering compare_maven(std::string_view a, std::string_view b);
std::strong_ordering compare_gem(std::string_view a, std::string_view b);
std::strong_ordering compare_packagist(std::string_view a, std::string_view b);
std::strong_ordering compare_numbers(std::string_view a, std::string_view b);  // CRAN, Hackage
std::strong_ordering compare_conda(std::string_view a, std::string_view b);

}  // namespace vedette::formats::versions
