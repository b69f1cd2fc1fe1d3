// SPDX-License-Identifier: Apache-2.0
#include "scan/vulnerabilities/usage_marks.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "formats/packages/owned_path.h"
#include "formats/packages/purl.h"
#include "formats/packages/purl_parts.h"
#include "formats/packages/text.h"

namespace vedette::scan::vulnerabilities {

using formats::packages::Ecosystem;
using formats::packages::Package;
using formats::packages::PackageFile;
using formats::usage::UsageReport;
using formats::usage::UsedImage;
using formats::usage::UsedPackage;

namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kSecondsPerHour = 3'600;

// A name without the registry's host, which is the first part where that has a '.' or ':' in it,
// and without the folder that Docker's own images are in ("HOST/library/shop:1").
std::string_view plain_name(std::string_view name) {
  constexpr std::string_view kOfficial = "library/";
  const std::size_t slash = name.find('/');
  if (slash != std::string_view::npos) {
    const std::string_view host = name.substr(0, slash);
    if (host == "localhost" || host.find_first_of(".:") != std::string_view::npos)
      name.remove_prefix(slash + 1);
  }
  if (name.starts_with(kOfficial)) name.remove_prefix(kOfficial.size());
  return name;
}

bool is_image(const UsedImage& image, const ScannedProduct& scanned) {
  for (const std::string& digest : scanned.digests) {
    if (digest.empty()) continue;
    if (image.digest.ends_with(digest) || image.id.ends_with(digest)) return true;
  }
  return false;
}

bool is_named(const UsedImage& image, const ScannedProduct& scanned) {
  return std::ranges::any_of(scanned.names, [&image](const std::string& name) {
    return !name.empty() && plain_name(name) == plain_name(image.name);
  });
}

std::string absolute(std::string_view path) {
  return (path.starts_with('/') ? "" : "/") + std::string(path);
}

bool has_below(const std::set<std::string>& paths, const std::string& folder) {
  const auto at = paths.lower_bound(folder + '/');
  return at != paths.end() && at->starts_with(folder + '/');
}

std::string_view manager_of(Ecosystem ecosystem) {
  switch (ecosystem) {
    case Ecosystem::kDebian:
      return "dpkg";
    case Ecosystem::kAlpine:
      return "apk";
    case Ecosystem::kPypi:
      return "python";
    default:
      return {};
  }
}

bool is_listed(const Package& package, const UsedImage& image) {
  const std::string_view manager = manager_of(package.ecosystem);
  return std::ranges::any_of(image.packages, [&](const UsedPackage& used) {
    if (used.manager != manager) return false;
    const std::string name =
        package.ecosystem == Ecosystem::kPypi ? formats::packages::pypi_name(used.name) : used.name;
    return name == package.name && (used.version.empty() || used.version == package.version);
  });
}

// The folder that all files of the package lie in, or the one file that it is; empty: not known.
struct Home {
  std::string path;
  bool is_file = false;
};
Home home_of(const Package& package) {
  const std::string path = absolute(package.path);
  switch (package.ecosystem) {
    case Ecosystem::kNpm: {
      constexpr std::string_view kEnd = "/package.json";
      if (!path.ends_with(kEnd)) return {};
      return {path.substr(0, path.size() - kEnd.size()), false};
    }
    case Ecosystem::kGem: {
      const std::size_t at = path.rfind("/specifications/");
      if (at == std::string::npos) return {};
      return {fmt::format("{}/gems/{}-{}", path.substr(0, at), package.name, package.version),
              false};
    }
    case Ecosystem::kMaven: {
      // The outermost archive is what is opened.
      for (const std::string_view end : {".jar", ".war", ".ear"}) {
        const std::size_t at = path.find(end);
        if (at != std::string::npos) return {path.substr(0, at + end.size()), true};
      }
      return {};
    }
    case Ecosystem::kGo:
    case Ecosystem::kCargo:
      // In an image these are what a program was linked of.
      return path.ends_with(".sum") || path.ends_with(".mod") || path.ends_with(".lock") ||
                     path.ends_with(".toml")
                 ? Home()
                 : Home{path, true};
    default:
      return {};
  }
}

// Nothing: this image tells nothing of it.
std::optional<bool> used_in(const Package& package, const UsedImage& image) {
  if (image.packages_known && !manager_of(package.ecosystem).empty())
    return is_listed(package, image);
  if (!package.files.empty()) {
    const std::unordered_set<std::uint64_t> files(package.files.begin(), package.files.end());
    return std::ranges::any_of(image.paths, [&files](const std::string& path) {
      return files.contains(formats::packages::path_key(path));
    });
  }
  const Home home = home_of(package);
  if (home.path.empty()) return std::nullopt;
  return home.is_file ? image.paths.contains(home.path) : has_below(image.paths, home.path);
}

std::string duration(double seconds) {
  const auto whole = static_cast<std::int64_t>(seconds);
  const auto text = [](std::int64_t count, std::string_view unit) {
    return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
  };
  if (whole >= 2 * kSecondsPerDay) return text(whole / kSecondsPerDay, "day");
  if (whole >= 2 * kSecondsPerHour) return text(whole / kSecondsPerHour, "hour");
  return text(std::max<std::int64_t>(whole / 60, 1), "minute");
}

// From the moment on that the first of the images was seen.
double watched(const UsageReport& report, const std::vector<const UsedImage*>& images) {
  TimeNs begin = report.to;
  for (const UsedImage* image : images) {
    const TimeNs first = image->first_seen != 0 ? image->first_seen : report.from;
    begin = std::min(begin, first);
  }
  return static_cast<double>(report.to - begin) / static_cast<double>(kNsPerSecond);
}

void mark(std::optional<bool> used, double seconds, event::Finding& finding, UsageCounts& counts) {
  if (!used) {
    ++counts.unknown;
    return;
  }
  ++(*used ? counts.used : counts.unused);
  finding.vulnerability->used = used;
  finding.vulnerability->watched_seconds = seconds;
  const std::string time = seconds > 0 ? " in " + duration(seconds) : "";
  finding.evidence.push_back(
      {"usage",
       *used ? fmt::format("files of {} were opened{}", finding.vulnerability->package, time)
             : fmt::format("not loaded{}: no file of {} was opened", time,
                           finding.vulnerability->package),
       *used ? 1.0 : -1.0});
}

}  // namespace

std::vector<const UsedImage*> observed_images(const UsageReport& report,
                                              const ScannedProduct& scanned) {
  std::vector<const UsedImage*> images;
  const auto take = [&](auto&& wanted) {
    for (const UsedImage& image : report.images) {
      if (wanted(image)) images.push_back(&image);
    }
  };
  if (scanned.digests.empty() && scanned.names.empty()) {
    take([](const UsedImage&) { return true; });
    return images;
  }
  take([&](const UsedImage& image) { return is_image(image, scanned); });
  if (images.empty()) take([&](const UsedImage& image) { return is_named(image, scanned); });
  return images;
}

std::optional<bool> was_used(const Package& package, const std::vector<const UsedImage*>& images,
                             bool is_complete) {
  bool is_known = !images.empty();
  for (const UsedImage* image : images) {
    const std::optional<bool> used = used_in(package, *image);
    if (used && *used) return true;
    is_known = is_known && used && image->forgotten == 0;
  }
  return is_known && is_complete ? std::optional(false) : std::nullopt;
}

UsageCounts mark_usage(const UsageReport& report, const ScannedProduct& scanned,
                       const std::vector<PackageFile>& files,
                       std::vector<event::Finding>& findings) {
  UsageCounts counts;
  const std::vector<const UsedImage*> images = observed_images(report, scanned);
  if (images.empty()) {
    counts.unknown = findings.size();
    return counts;
  }
  const double seconds = watched(report, images);
  // One answer for each package that findings are about.
  std::unordered_map<std::string, std::optional<bool>> answers;
  for (const event::Finding& finding : findings) {
    if (finding.vulnerability) answers.try_emplace(finding.vulnerability->purl, false);
  }
  std::set<std::string> unknown;
  for (const PackageFile& file : files) {
    for (const Package& package : file.list.packages) {
      const std::string purl = formats::packages::purl_of(package);
      const auto at = answers.find(purl);
      if (at == answers.end() || (at->second && *at->second)) continue;
      const std::optional<bool> used = was_used(package, images, report.lost == 0);
      if (used && *used) at->second = true;
      if (!used) unknown.insert(purl);
    }
  }
  for (event::Finding& finding : findings) {
    if (!finding.vulnerability) continue;
    std::optional<bool> used = answers[finding.vulnerability->purl];
    if (used && !*used && unknown.contains(finding.vulnerability->purl)) used.reset();
    mark(used, seconds, finding, counts);
  }
  return counts;
}

}  // namespace vedette::scan::vulnerabilities
