// SPDX-License-Identifier: Apache-2.0
#include "observe/learner.h"

#include <algorithm>
#include <iterator>

#include "observe/call_names.h"

namespace vedette::observe {
namespace {

// Labels that say which container of a pod it is, not what the pod is.
bool is_own_label(std::string_view key) {
  return key.starts_with("io.") || key.starts_with("org.") || key.starts_with("annotation.") ||
         key == "pod-template-hash" || key.empty();
}

template <typename Set, typename Value>
void insert_bounded(Set& set, Value&& value, std::size_t most, std::uint64_t& forgotten) {
  if (set.contains(value)) return;
  if (set.size() >= most) {
    ++forgotten;
    return;
  }
  set.insert(std::forward<Value>(value));
}

}  // namespace

std::string program_pattern(std::string_view path) {
  // What is installed keeps its name: python3.11 is no other program than it says.
  constexpr std::string_view kMade[] = {"/tmp/",  "/var/tmp/", "/dev/shm/", "/run/",
                                        "/proc/", "/var/run/", "memfd:"};
  const std::string clean = clean_text(path);
  const bool made = std::ranges::any_of(
      kMade, [&](std::string_view folder) { return clean.starts_with(folder); });
  return made ? generalise_path(clean) : clean;
}

Destination destination_of(const Sighting& sighting) {
  return {std::string(sighting.protocol), std::string(sighting.address), sighting.port,
          std::string(sighting.name)};
}

void Learner::see(const Sighting& sighting) {
  if (sighting.kind == Sighting::Kind::kOpened) return;
  auto found = images_.find(sighting.image);
  if (found == images_.end()) {
    if (images_.size() >= kImagesMax) {
      // The last in order takes the count: there is none of its own.
      ++std::prev(images_.end())->second.profile.forgotten;
      return;
    }
    found = images_.emplace(std::string(sighting.image), Image()).first;
  }
  Image& image = found->second;
  if (sighting.container != nullptr && sighting.container->complete) see_labels(sighting, image);
  switch (sighting.kind) {
    case Sighting::Kind::kExecuted:
      return see_executed(sighting, image);
    case Sighting::Kind::kWritten:
      return image.files.add(clean_text(sighting.path));
    case Sighting::Kind::kListened:
      return insert_bounded(image.profile.listens, listen_text(sighting.protocol, sighting.port),
                            kListensMax, image.profile.forgotten);
    case Sighting::Kind::kConnected:
      return see_connected(sighting, image);
    case Sighting::Kind::kCallsSeen:
      return see_calls(sighting, image);
    case Sighting::Kind::kOpened:
      return;
  }
}

void Learner::see_executed(const Sighting& sighting, Image& image) {
  ImageProfile& profile = image.profile;
  const std::string path = program_pattern(sighting.path);
  insert_bounded(profile.executables, path, kExecutablesMax, profile.forgotten);
  if (sighting.parent.empty() || !profile.executables.contains(path)) return;
  insert_bounded(profile.parents[path], program_pattern(sighting.parent), kParentsMax,
                 profile.forgotten);
}

void Learner::see_connected(const Sighting& sighting, Image& image) {
  std::set<Destination>& all = image.profile.destinations;
  Destination destination = destination_of(sighting);
  const auto same_port = [&](const Destination& other) {
    return other.protocol == destination.protocol && other.port == destination.port;
  };
  const Destination any{destination.protocol, "*", destination.port, ""};
  if (all.contains(any) || all.contains(destination)) return;
  if (static_cast<std::size_t>(std::ranges::count_if(all, same_port)) >= kAddressesMax) {
    std::erase_if(all, same_port);
    destination = any;
  }
  insert_bounded(all, std::move(destination), kDestinationsMax, image.profile.forgotten);
}

void Learner::see_calls(const Sighting& sighting, Image& image) {
  image.profile.system_calls_known = true;
  image.profile.system_calls.merge(call_names(sighting.calls, Machine::kAmd64));
  image.profile.compat_system_calls.merge(call_names(sighting.calls, Machine::kI386));
}

// Those that all containers of the image have.
void Learner::see_labels(const Sighting& sighting, Image& image) {
  std::map<std::string, std::string> labels;
  for (const std::string& label : sighting.container->labels) {
    const std::size_t equals = label.find('=');
    if (equals == std::string::npos || is_own_label(label)) continue;
    labels.emplace(clean_text(label.substr(0, equals)), clean_text(label.substr(equals + 1)));
  }
  if (!image.labels_known) {
    image.profile.labels = std::move(labels);
    image.profile.pod_namespace = clean_text(sighting.container->pod_namespace);
    image.labels_known = true;
    return;
  }
  if (labels == image.profile.labels) return;
  std::erase_if(image.profile.labels, [&](const auto& label) {
    const auto own = labels.find(label.first);
    return own == labels.end() || own->second != label.second;
  });
}

Profile Learner::profile(std::uint64_t lost) const {
  Profile profile;
  profile.lost = lost;
  for (const auto& [name, image] : images_) {
    ImageProfile& out = profile.images[name];
    out = image.profile;
    const std::vector<std::string> files = image.files.patterns();
    out.files_written.insert(files.begin(), files.end());
  }
  return profile;
}

}  // namespace vedette::observe
