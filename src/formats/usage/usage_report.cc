// SPDX-License-Identifier: Apache-2.0
#include "formats/usage/usage_report.h"

#include <charconv>
#include <utility>

#include "formats/packages/tree.h"

namespace vedette::formats::usage {

using packages::Member;
using packages::Node;

namespace {

// 0 where it is none.
std::uint64_t number_of(const Node& node) {
  std::uint64_t value = 0;
  std::from_chars(node.text.data(), node.text.data() + node.text.size(), value);
  return value;
}

TimeNs time_of(const Node& node) { return parse_time(node.text).value_or(0); }

UsedImage image_of(const Node& node) {
  UsedImage image;
  image.name = node["image"].text;
  image.id = node["image_id"].text;
  image.digest = node["image_digest"].text;
  image.first_seen = time_of(node["first_seen"]);
  image.packages_known = node["packages"].is_list();
  for (const Member& one : node["packages"].members) {
    image.packages.push_back({std::string(one.value["manager"].text),
                              std::string(one.value["name"].text),
                              std::string(one.value["version"].text)});
  }
  for (const std::string_view kind : {"executables", "shared_objects", "java", "models", "files"}) {
    for (const Member& path : node[kind].members) image.paths.emplace(path.value.text);
  }
  for (const Member& one : node["python"].members)
    image.python_folders.insert(std::string(one.value["folder"].text) + '/' +
                                std::string(one.value["module"].text));
  image.forgotten = number_of(node["forgotten"]);
  return image;
}

}  // namespace

Result<UsageReport> read_usage(std::string_view path, std::string_view bytes,
                               const Limits& limits) {
  const packages::Tree tree = packages::read_json(path, bytes, limits);
  if (!tree.problems.empty())
    return failure(ErrorCode::kInvalid,
                   to_string(tree.problems.front().place) + ": " + tree.problems.front().message);
  const Node& root = tree.root;
  if (root["version"].text != "1" || !root["images"].is_list())
    return failure(ErrorCode::kInvalid, std::string(path) +
                                            ": expected version 1 of what `vedette watch --usage` "
                                            "writes, found something else");
  UsageReport report;
  report.from = time_of(root["from"]);
  report.to = time_of(root["to"]);
  report.lost = number_of(root["lost"]);
  for (const Member& one : root["images"].members) report.images.push_back(image_of(one.value));
  return report;
}

}  // namespace vedette::formats::usage
