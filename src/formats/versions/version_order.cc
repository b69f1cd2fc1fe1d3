// SPDX-License-Identifier: Apache-2.0
#include "formats/versions/version_order.h"

#include <array>

#include "formats/versions/cut_text.h"
#include "formats/versions/orders.h"

namespace vedette::formats::versions {
namespace {

using packages::Ecosystem;

struct Row {
  Ecosystem ecosystem;
  Order order;
};
// By Ecosystem. What has no rules of its own writes versions as SemVer does, or nearly so.
constexpr std::array kRows = {
    Row{Ecosystem::kNone, compare_semver},     Row{Ecosystem::kAlpine, compare_apk},
    Row{Ecosystem::kArch, compare_pacman},     Row{Ecosystem::kBitnami, compare_semver},
    Row{Ecosystem::kCargo, compare_semver},    Row{Ecosystem::kConan, compare_semver},
    Row{Ecosystem::kConda, compare_conda},     Row{Ecosystem::kCran, compare_numbers},
    Row{Ecosystem::kDebian, compare_dpkg},     Row{Ecosystem::kGem, compare_gem},
    Row{Ecosystem::kGo, compare_go},           Row{Ecosystem::kHackage, compare_numbers},
    Row{Ecosystem::kHex, compare_semver},      Row{Ecosystem::kJulia, compare_semver},
    Row{Ecosystem::kMaven, compare_maven},     Row{Ecosystem::kNpm, compare_semver},
    Row{Ecosystem::kNuget, compare_nuget},     Row{Ecosystem::kPackagist, compare_packagist},
    Row{Ecosystem::kPortage, compare_portage}, Row{Ecosystem::kPub, compare_pub},
    Row{Ecosystem::kPypi, compare_pep440},     Row{Ecosystem::kRpm, compare_rpm},
    Row{Ecosystem::kSwift, compare_semver},    Row{Ecosystem::kCocoapods, compare_semver},
    Row{Ecosystem::kOpam, compare_dpkg},       Row{Ecosystem::kVcpkg, compare_semver},
};
static_assert(kRows.size() == packages::kEcosystemNames.size());
static_assert(std::ranges::all_of(kRows, [](const Row& row) {
  return &row - kRows.data() == static_cast<std::ptrdiff_t>(row.ecosystem);
}));

}  // namespace

std::strong_ordering compare(Ecosystem ecosystem, std::string_view a, std::string_view b) {
  if (a == b) return std::strong_ordering::equal;
  return kRows[static_cast<std::size_t>(ecosystem)].order(a, b);
}

bool is_version(Ecosystem ecosystem, std::string_view text) {
  if (ecosystem == Ecosystem::kGo) take(text, "go");
  // Maven and distributions have versions that begin with a letter ("Finchley.SR2", "r09").
  switch (ecosystem) {
    case Ecosystem::kMaven:
    case Ecosystem::kRpm:
    case Ecosystem::kArch:
    case Ecosystem::kConda:
      return std::ranges::any_of(text, is_digit);
    default: {
      const std::string_view number = without_v(text);
      return !number.empty() && is_digit(number[0]);
    }
  }
}

}  // namespace vedette::formats::versions
