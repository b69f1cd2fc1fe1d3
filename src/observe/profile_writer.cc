// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/json_writer.h"
#include "observe/profile.h"
#include "observe/sighting.h"

namespace vedette::observe {
namespace {

// Text that YAML reads as this text without quotes, in a list between brackets too.
bool is_plain(std::string_view text) {
  const bool port = text.starts_with("tcp/") || text.starts_with("udp/");
  const auto fits = [port](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/_-.+*").find(c) != std::string_view::npos || (port && c == ':');
  };
  // A colon at the end would make it a key.
  return (port || text.starts_with('/')) && text.back() != ':' && std::ranges::all_of(text, fits);
}

std::string scalar(std::string_view text) {
  std::string out;
  if (is_plain(text)) {
    out = text;
  } else {
    append_json_string(text, out);
  }
  return out;
}

// Names of calls are lower case letters, digits and underscores.
void append_flow(std::string_view key, const std::set<std::string>& names, std::string& out) {
  constexpr std::size_t kColumns = 100;
  std::string line = "    " + std::string(key) + ": [";
  std::string_view separator;
  for (const std::string& name : names) {
    line += separator;
    if (line.size() + name.size() > kColumns) {
      out.append(line, 0, line.find_last_not_of(' ') + 1).append("\n");
      line = "      ";
    }
    line += name;
    separator = ", ";
  }
  out.append(line).append("]\n");
}

template <typename Range, typename Text>
void append_list(std::string_view key, const Range& range, std::string& out, Text text) {
  if (std::ranges::empty(range)) return;
  out.append("    ").append(key).append(":\n");
  for (const auto& each : range) out.append("      - ").append(text(each)).append("\n");
}

void append_executables(const ImageProfile& image, std::string& out) {
  if (image.executables.empty()) return;
  out += "    executables:\n";
  for (const std::string& path : image.executables) {
    out.append("      - path: ").append(scalar(path)).append("\n");
    const auto parents = image.parents.find(path);
    if (parents == image.parents.end() || parents->second.empty()) continue;
    out += "        parents: [";
    std::string_view separator;
    for (const std::string& parent : parents->second) {
      out.append(separator).append(scalar(parent));
      separator = ", ";
    }
    out += "]\n";
  }
}

void append_image(const std::string& name, const ImageProfile& image, std::string& out) {
  const auto as_scalar = [](const std::string& text) { return scalar(text); };
  out.append("  - image: ").append(scalar(name)).append("\n");
  if (!image.pod_namespace.empty()) {
    out.append("    namespace: ").append(scalar(image.pod_namespace)).append("\n");
  }
  if (!image.labels.empty()) out += "    labels:\n";
  for (const auto& [key, value] : image.labels) {
    out.append("      ").append(scalar(key)).append(": ").append(scalar(value)).append("\n");
  }
  append_executables(image, out);
  append_list("files_written", image.files_written, out, as_scalar);
  append_list("listens", image.listens, out, as_scalar);
  append_list("destinations", image.destinations, out,
              [](const Destination& destination) { return scalar(destination.text()); });
  if (image.system_calls_known) append_flow("system_calls", image.system_calls, out);
  if (!image.compat_system_calls.empty()) {
    append_flow("compat_system_calls", image.compat_system_calls, out);
  }
  if (image.forgotten > 0) {
    out.append("    forgotten: ").append(std::to_string(image.forgotten)).append("\n");
  }
}

}  // namespace

std::string Destination::text() const {
  const bool brackets = address.find(':') != std::string::npos;
  std::string text =
      protocol + "/" + (brackets ? "[" + address + "]" : address) + ":" + std::to_string(port);
  if (!name.empty()) text += " " + name;
  return text;
}

std::string listen_text(std::string_view protocol, std::uint16_t port) {
  return std::string(protocol) + "/" +
         (port == kPortEphemeral ? std::string("ephemeral") : std::to_string(port));
}

std::string to_yaml(const Profile& profile) {
  std::string out =
      "# What is normal for each image. * stands for any part of a name, ** for any folders.\n"
      "version: 1\n";
  if (profile.lost > 0) out.append("lost: ").append(std::to_string(profile.lost)).append("\n");
  if (profile.images.empty()) return out + "images: []\n";
  out += "images:\n";
  for (const auto& [name, image] : profile.images) append_image(name, image, out);
  return out;
}

}  // namespace vedette::observe
