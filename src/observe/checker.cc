// SPDX-License-Identifier: Apache-2.0
#include "observe/checker.h"

#include <algorithm>

#include "observe/call_names.h"
#include "observe/learner.h"
#include "observe/nearest.h"
#include "observe/path_pattern.h"

namespace vedette::observe {
namespace {

bool fits_any(const std::set<std::string>& patterns, const std::string& path) {
  return patterns.contains(path) || std::ranges::any_of(patterns, [&](const std::string& pattern) {
           return pattern.find('*') != std::string::npos && path_matches(pattern, path);
         });
}

}  // namespace

void Checker::look(const Sighting& sighting, const Tell& tell) {
  if (sighting.kind == Sighting::Kind::kOpened) return;
  const auto image = profile_.images.find(sighting.image);
  if (image == profile_.images.end()) {
    if (!is_new(sighting, DeviationKind::kImage, "")) return;
    std::set<std::string> known;
    for (const auto& [name, each] : profile_.images) known.insert(name);
    tell({DeviationKind::kImage, std::string(sighting.image), nearest(sighting.image, known)});
    return;
  }
  switch (sighting.kind) {
    case Sighting::Kind::kExecuted:
      return look_at_program(sighting, image->second, tell);
    case Sighting::Kind::kWritten:
      return look_at_file(sighting, image->second, tell);
    case Sighting::Kind::kListened:
      return look_at_port(sighting, image->second, tell);
    case Sighting::Kind::kConnected:
      return look_at_destination(sighting, image->second, tell);
    case Sighting::Kind::kCallsSeen:
      return look_at_calls(sighting, image->second, tell);
    case Sighting::Kind::kOpened:
      return;
  }
}

bool Checker::is_new(const Sighting& sighting, DeviationKind kind, std::string_view key) {
  auto told = told_.find(sighting.image);
  if (told == told_.end()) {
    if (told_.size() >= kImagesMax) {
      ++untold_;
      return false;
    }
    told = told_.emplace(std::string(sighting.image), std::set<std::string>()).first;
  }
  const std::string entry = std::to_string(static_cast<int>(kind)) + " " + std::string(key);
  if (told->second.contains(entry)) return false;
  if (told->second.size() >= kToldMax) {
    ++untold_;
    return false;
  }
  told->second.insert(entry);
  return true;
}

void Checker::look_at_program(const Sighting& sighting, const ImageProfile& image,
                              const Tell& tell) {
  const std::string path = program_pattern(sighting.path);
  if (!fits_any(image.executables, path)) {
    if (!is_new(sighting, DeviationKind::kExecutable, path)) return;
    return tell(
        {DeviationKind::kExecutable, clean_text(sighting.path), nearest(path, image.executables)});
  }
  const auto parents = image.parents.find(path);
  if (sighting.parent.empty() || parents == image.parents.end()) return;
  const std::string parent = program_pattern(sighting.parent);
  if (fits_any(parents->second, parent)) return;
  if (!is_new(sighting, DeviationKind::kParent, path + " " + parent)) return;
  tell({DeviationKind::kParent, path + " started by " + parent,
        path + " started by " + nearest(parent, parents->second)});
}

void Checker::look_at_file(const Sighting& sighting, const ImageProfile& image, const Tell& tell) {
  const std::string path = clean_text(sighting.path);
  if (fits_any(image.files_written, path)) return;
  const std::string pattern = generalise_path(path);
  if (image.files_written.contains(pattern) || !is_new(sighting, DeviationKind::kFile, pattern)) {
    return;
  }
  tell({DeviationKind::kFile, path, nearest(pattern, image.files_written)});
}

void Checker::look_at_port(const Sighting& sighting, const ImageProfile& image, const Tell& tell) {
  const std::string port = listen_text(sighting.protocol, sighting.port);
  if (image.listens.contains(port) || !is_new(sighting, DeviationKind::kListen, port)) return;
  tell({DeviationKind::kListen, port, nearest(port, image.listens)});
}

void Checker::look_at_destination(const Sighting& sighting, const ImageProfile& image,
                                  const Tell& tell) {
  const Destination seen = destination_of(sighting);
  const auto fits = [&seen](const Destination& known) {
    if (known.protocol != seen.protocol || known.port != seen.port) return false;
    const bool same_name = !known.name.empty() && known.name == seen.name;
    const bool any = known.address == "*" && known.name.empty();
    return any || same_name || known.address == seen.address;
  };
  if (std::ranges::any_of(image.destinations, fits)) return;
  if (!is_new(sighting, DeviationKind::kDestination, seen.text())) return;
  std::set<std::string> known;
  for (const Destination& destination : image.destinations) known.insert(destination.text());
  tell({DeviationKind::kDestination, seen.text(), nearest(seen.text(), known)});
}

void Checker::look_at_calls(const Sighting& sighting, const ImageProfile& image, const Tell& tell) {
  if (!image.system_calls_known) return;
  const auto compare = [&](Machine machine, const std::set<std::string>& known,
                           std::string_view prefix) {
    for (const std::string& name : call_names(sighting.calls, machine)) {
      const std::string key = std::string(prefix) + name;
      if (known.contains(name) || !is_new(sighting, DeviationKind::kSystemCall, key)) continue;
      tell({DeviationKind::kSystemCall, key, nearest(name, known)});
    }
  };
  compare(Machine::kAmd64, image.system_calls, "");
  compare(Machine::kI386, image.compat_system_calls, "i386 ");
}

}  // namespace vedette::observe
