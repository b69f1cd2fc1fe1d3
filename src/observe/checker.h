// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "observe/profile.h"
#include "observe/sighting.h"

namespace vedette::observe {

enum class DeviationKind : std::uint8_t {
  kImage,       // no profile of the image
  kExecutable,  // never seen
  kParent,      // seen, but started by others
  kFile,
  kListen,
  kDestination,
  kSystemCall,
};
inline constexpr std::size_t kDeviationKinds = 7;

// Something that is not in the profile of its image.
struct Deviation {
  DeviationKind kind = DeviationKind::kImage;
  std::string value;    // what was seen
  std::string nearest;  // what the profile knows that is most like it; "" when it knows nothing
};

// Compares what is seen with a profile. Each deviation is told once for each image, of paths for
// each pattern. Not thread-safe.
class Checker {
 public:
  // Told for each image at most; further ones are counted.
  static constexpr std::size_t kToldMax = 1000;
  static constexpr std::size_t kImagesMax = 4096;

  explicit Checker(Profile profile) : profile_(std::move(profile)) {}

  void look(const Sighting& sighting, const std::function<void(const Deviation&)>& tell);
  const Profile& profile() const { return profile_; }
  std::uint64_t untold() const { return untold_; }

 private:
  using Tell = std::function<void(const Deviation&)>;

  void look_at_program(const Sighting& sighting, const ImageProfile& image, const Tell& tell);
  void look_at_file(const Sighting& sighting, const ImageProfile& image, const Tell& tell);
  void look_at_port(const Sighting& sighting, const ImageProfile& image, const Tell& tell);
  void look_at_destination(const Sighting& sighting, const ImageProfile& image, const Tell& tell);
  void look_at_calls(const Sighting& sighting, const ImageProfile& image, const Tell& tell);
  // False when it was told already, or too much was.
  bool is_new(const Sighting& sighting, DeviationKind kind, std::string_view key);

  Profile profile_;
  std::map<std::string, std::set<std::string>, std::less<>> told_;  // by image
  std::uint64_t untold_ = 0;
};

}  // namespace vedette::observe
