// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "observe/path_pattern.h"
#include "observe/profile.h"
#include "observe/sighting.h"

namespace vedette::observe {

// Makes a profile of what it sees. Bounded; what is beyond the bounds is counted in
// ImageProfile::forgotten. Not thread-safe.
class Learner {
 public:
  static constexpr std::size_t kImagesMax = 1024;
  static constexpr std::size_t kExecutablesMax = 1024;  // of an image, as all below
  static constexpr std::size_t kParentsMax = 32;        // of an executable
  static constexpr std::size_t kListensMax = 128;
  static constexpr std::size_t kDestinationsMax = 256;
  // More addresses than these at one port become "*".
  static constexpr std::size_t kAddressesMax = 32;

  void see(const Sighting& sighting);
  // `lost`: events that were not seen.
  Profile profile(std::uint64_t lost) const;

 private:
  struct Image {
    ImageProfile profile;
    PathPatterns files;
    bool labels_known = false;
  };

  void see_executed(const Sighting& sighting, Image& image);
  void see_connected(const Sighting& sighting, Image& image);
  void see_calls(const Sighting& sighting, Image& image);
  void see_labels(const Sighting& sighting, Image& image);

  std::map<std::string, Image, std::less<>> images_;
};

// What a learner keeps of the path of a program or a parent, and a checker compares.
std::string program_pattern(std::string_view path);
Destination destination_of(const Sighting& sighting);

}  // namespace vedette::observe
