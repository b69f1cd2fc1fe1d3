// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <span>

#include "formats/yaml/yaml.h"
#include "observe/profile.h"

namespace vedette::observe {
namespace {

using formats::yaml::Node;
using formats::yaml::NodeKind;

// More than this in one file was not learned.
constexpr std::size_t kEntriesMax = 1'000'000;

class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  Result<Profile> read(const Node& root);

 private:
  // Reads one value into the image at hand.
  using ReadKey = Result<void> (Reader::*)(const Node& value, ImageProfile& image);
  struct Key {
    std::string_view name;
    ReadKey read;
  };
  static std::span<const Key> keys();

  std::unexpected<Error> wrong(const Node& node, std::string_view expected) const;
  Result<std::string> text(const Node& node) const;
  Result<std::uint64_t> number(const Node& node) const;
  template <typename Take>
  Result<void> each(const Node& node, std::string_view what, Take take);
  Result<void> read_image(const Node& node, Profile& profile);
  Result<void> ignore(const Node&, ImageProfile&) { return {}; }
  Result<void> read_namespace(const Node& node, ImageProfile& image);
  Result<void> read_labels(const Node& node, ImageProfile& image);
  Result<void> read_executables(const Node& node, ImageProfile& image);
  Result<void> read_executable(const Node& node, ImageProfile& image);
  Result<void> read_files(const Node& node, ImageProfile& image);
  Result<void> read_listens(const Node& node, ImageProfile& image);
  Result<void> read_destinations(const Node& node, ImageProfile& image);
  Result<void> read_calls(const Node& node, ImageProfile& image);
  Result<void> read_compat_calls(const Node& node, ImageProfile& image);
  Result<void> read_forgotten(const Node& node, ImageProfile& image);

  const std::string& file_;  // the caller's
  std::size_t entries_ = 0;
};

std::string_view kind_name(const Node& node) {
  if (node.kind == NodeKind::kSequence) return "a list";
  return node.kind == NodeKind::kMapping ? "a mapping" : "a value";
}

std::unexpected<Error> Reader::wrong(const Node& node, std::string_view expected) const {
  const std::string found = node.kind == NodeKind::kScalar ? fmt::format("\"{}\"", node.text)
                                                           : std::string(kind_name(node));
  return failure(ErrorCode::kInvalid,
                 fmt::format("{}:{}: expected {}, found {}", file_, node.line, expected, found));
}

Result<std::string> Reader::text(const Node& node) const {
  if (node.kind != NodeKind::kScalar || node.text.empty()) return wrong(node, "text");
  return std::string(node.text);
}

Result<std::uint64_t> Reader::number(const Node& node) const {
  std::uint64_t value = 0;
  const char* const end = node.text.data() + node.text.size();
  const auto result = std::from_chars(node.text.data(), end, value);
  if (node.kind != NodeKind::kScalar || node.text.empty() || result.ec != std::errc() ||
      result.ptr != end) {
    return wrong(node, "a number");
  }
  return value;
}

template <typename Take>
Result<void> Reader::each(const Node& node, std::string_view what, Take take) {
  if (node.kind != NodeKind::kSequence) return wrong(node, what);
  for (const Node* element : node.elements) {
    if (++entries_ > kEntriesMax) {
      return failure(ErrorCode::kLimit,
                     fmt::format("{}:{}: expected at most {} entries, found more", file_,
                                 element->line, kEntriesMax));
    }
    TRY_VOID(take(*element));
  }
  return {};
}

std::span<const Reader::Key> Reader::keys() {
  static constexpr auto kKeys = std::to_array<Key>({
      {"image", &Reader::ignore},  // read before the others
      {"namespace", &Reader::read_namespace},
      {"labels", &Reader::read_labels},
      {"executables", &Reader::read_executables},
      {"files_written", &Reader::read_files},
      {"listens", &Reader::read_listens},
      {"destinations", &Reader::read_destinations},
      {"system_calls", &Reader::read_calls},
      {"compat_system_calls", &Reader::read_compat_calls},
      {"forgotten", &Reader::read_forgotten},
  });
  return kKeys;
}

Result<Profile> Reader::read(const Node& root) {
  if (root.kind != NodeKind::kMapping) return wrong(root, "a profile (version: 1, images: …)");
  Profile profile;
  const Node* const version = root.find("version");
  if (version == nullptr) return wrong(root, "version: 1");
  if (version->kind != NodeKind::kScalar || version->text != "1") {
    return wrong(*version, "version 1 of profiles");
  }
  for (const formats::yaml::Member& member : root.members) {
    if (member.key->text == "version") continue;
    if (member.key->text == "lost") {
      TRY(profile.lost, number(*member.value));
    } else if (member.key->text == "images") {
      TRY_VOID(each(*member.value, "a list of images",
                    [&](const Node& node) { return read_image(node, profile); }));
    } else {
      return wrong(*member.key, "version, lost or images");
    }
  }
  return profile;
}

Result<void> Reader::read_image(const Node& node, Profile& profile) {
  const Node* const name = node.kind == NodeKind::kMapping ? node.find("image") : nullptr;
  if (name == nullptr) return wrong(node, "a mapping with image: NAME");
  TRY(const std::string image_name, text(*name));
  const auto [image, is_new] = profile.images.try_emplace(image_name);
  if (!is_new) return wrong(*name, "each image once");
  for (const formats::yaml::Member& member : node.members) {
    const auto key = std::ranges::find(keys(), member.key->text, &Key::name);
    if (key == keys().end()) {
      return wrong(*member.key,
                   "one of image, namespace, labels, executables, files_written, listens, "
                   "destinations, system_calls, compat_system_calls, forgotten");
    }
    TRY_VOID((this->*key->read)(*member.value, image->second));
  }
  return {};
}

Result<void> Reader::read_namespace(const Node& node, ImageProfile& image) {
  TRY(image.pod_namespace, text(node));
  return {};
}

Result<void> Reader::read_labels(const Node& node, ImageProfile& image) {
  if (node.kind != NodeKind::kMapping) return wrong(node, "a mapping of labels");
  for (const formats::yaml::Member& member : node.members) {
    if (member.value->kind != NodeKind::kScalar) return wrong(*member.value, "text");
    image.labels.emplace(member.key->text, member.value->text);
  }
  return {};
}

Result<void> Reader::read_executables(const Node& node, ImageProfile& image) {
  return each(node, "a list of executables",
              [&](const Node& element) { return read_executable(element, image); });
}

Result<void> Reader::read_executable(const Node& node, ImageProfile& image) {
  if (node.kind == NodeKind::kScalar) {
    TRY(std::string path, text(node));
    image.executables.insert(std::move(path));
    return {};
  }
  const Node* const path_node = node.find("path");
  if (path_node == nullptr) return wrong(node, "path: PATTERN");
  TRY(const std::string path, text(*path_node));
  image.executables.insert(path);
  for (const formats::yaml::Member& member : node.members) {
    if (member.key->text == "path") continue;
    if (member.key->text != "parents") return wrong(*member.key, "path or parents");
    TRY_VOID(each(*member.value, "a list of parents", [&](const Node& element) -> Result<void> {
      TRY(std::string parent, text(element));
      image.parents[path].insert(std::move(parent));
      return {};
    }));
  }
  return {};
}

Result<void> Reader::read_files(const Node& node, ImageProfile& image) {
  return each(node, "a list of paths", [&](const Node& element) -> Result<void> {
    TRY(std::string path, text(element));
    image.files_written.insert(std::move(path));
    return {};
  });
}

// Takes "tcp/" or "udp/" from the front.
bool take_protocol(std::string_view& rest, std::string& protocol) {
  if (!rest.starts_with("tcp/") && !rest.starts_with("udp/")) return false;
  protocol = rest.substr(0, 3);
  rest.remove_prefix(4);
  return true;
}

bool take_port(std::string_view digits, std::uint16_t& port) {
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return !digits.empty() && result.ec == std::errc() && result.ptr == digits.data() + digits.size();
}

Result<void> Reader::read_listens(const Node& node, ImageProfile& image) {
  return each(node, "a list of ports", [&](const Node& element) -> Result<void> {
    std::string_view rest = element.text;
    std::string protocol;
    std::uint16_t port = 0;
    if (element.kind != NodeKind::kScalar || !take_protocol(rest, protocol) ||
        (rest != "ephemeral" && (!take_port(rest, port) || port == 0))) {
      return wrong(element, "a port like tcp/80 or udp/ephemeral");
    }
    image.listens.insert(listen_text(protocol, port));
    return {};
  });
}

bool parse_destination(std::string_view rest, Destination& destination) {
  const std::size_t blank = rest.find(' ');
  if (blank != std::string_view::npos) destination.name = rest.substr(blank + 1);
  rest = rest.substr(0, blank);
  if (!take_protocol(rest, destination.protocol)) return false;
  const std::size_t end = rest.rfind(':');
  if (end == std::string_view::npos) return false;
  std::string_view address = rest.substr(0, end);
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  }
  destination.address = address;
  return !address.empty() && take_port(rest.substr(end + 1), destination.port) &&
         destination.port != 0;
}

Result<void> Reader::read_destinations(const Node& node, ImageProfile& image) {
  return each(node, "a list of destinations", [&](const Node& element) -> Result<void> {
    Destination destination;
    if (element.kind != NodeKind::kScalar || !parse_destination(element.text, destination)) {
      return wrong(element, "a destination like \"tcp/10.0.0.5:443 api.example\" or tcp/*:443");
    }
    image.destinations.insert(std::move(destination));
    return {};
  });
}

Result<void> Reader::read_calls(const Node& node, ImageProfile& image) {
  image.system_calls_known = true;
  return each(node, "a list of system calls", [&](const Node& element) -> Result<void> {
    TRY(std::string name, text(element));
    image.system_calls.insert(std::move(name));
    return {};
  });
}

Result<void> Reader::read_compat_calls(const Node& node, ImageProfile& image) {
  return each(node, "a list of system calls", [&](const Node& element) -> Result<void> {
    TRY(std::string name, text(element));
    image.compat_system_calls.insert(std::move(name));
    return {};
  });
}

Result<void> Reader::read_forgotten(const Node& node, ImageProfile& image) {
  TRY(image.forgotten, number(node));
  return {};
}

}  // namespace

Result<Profile> read_profile(std::string_view yaml, const std::string& file, const Limits& limits) {
  TRY(const formats::yaml::Document document, formats::yaml::Document::parse(yaml, limits));
  if (!document.errors().empty()) {
    const formats::yaml::SyntaxError& error = document.errors().front();
    return failure(ErrorCode::kInvalid,
                   fmt::format("{}:{}: expected YAML, found: {}", file, error.line, error.message));
  }
  if (document.roots().size() != 1) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("{}:1: expected one profile (version: 1, images: …), found {} "
                               "documents",
                               file, document.roots().size()));
  }
  return Reader(file).read(*document.roots().front());
}

}  // namespace vedette::observe
