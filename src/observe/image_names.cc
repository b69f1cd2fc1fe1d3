// SPDX-License-Identifier: Apache-2.0
#include "observe/image_names.h"

#include <set>

#include "observe/sighting.h"

namespace vedette::observe {
namespace {

constexpr std::size_t kNameMax = 56;  // with a number behind it still a label

std::string plain_name(std::string_view image) {
  std::string name;
  for (const char c : image) {
    const bool upper = c >= 'A' && c <= 'Z';
    const char lower = upper ? static_cast<char>(c - 'A' + 'a') : c;
    const bool fits = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
    if (fits) {
      name += lower;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  // The end of a reference says more than its beginning.
  if (name.size() > kNameMax) name.erase(0, name.size() - kNameMax);
  name.erase(0, name.find_first_not_of('-'));
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name.empty() ? "image" : name;
}

}  // namespace

std::map<std::string, std::string> image_names(const Profile& profile) {
  std::map<std::string, std::string> names;
  std::set<std::string> taken;
  for (const auto& [image, each] : profile.images) {
    if (image == kHost) continue;
    const std::string plain = plain_name(image);
    std::string name = plain;
    for (int number = 2; !taken.insert(name).second; ++number) {
      name = plain + "-" + std::to_string(number);
    }
    names.emplace(image, name);
  }
  return names;
}

}  // namespace vedette::observe
