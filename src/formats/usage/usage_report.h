// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"

// What `vedette watch --usage` wrote (docs/usage.md): which files of each image were opened.
namespace vedette::formats::usage {

struct UsedPackage {
  std::string manager;  // "dpkg", "apk", "python"
  std::string name;
  std::string version;  // may be empty
};

struct UsedImage {
  std::string name;  // "registry.example/shop:1", "<host>"
  std::string id;    // digests; may be empty
  std::string digest;
  TimeNs first_seen = 0;
  // False: the image was gone when the report was made, so that nothing is told of packages.
  bool packages_known = false;
  std::vector<UsedPackage> packages;
  std::set<std::string> paths;           // absolute, of all kinds but Python's modules
  std::set<std::string> python_folders;  // "/usr/lib/python3/dist-packages/yaml"
  std::uint64_t forgotten = 0;           // paths that are missing here
};

struct UsageReport {
  TimeNs from = 0;
  TimeNs to = 0;
  std::uint64_t lost = 0;  // events
  std::vector<UsedImage> images;
};

// kInvalid where it is no such report, or one of another version.
Result<UsageReport> read_usage(std::string_view path, std::string_view bytes, const Limits& limits);

}  // namespace vedette::formats::usage
