// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include "formats/packages/dotnet/dotnet.h"
#include "formats/packages/package_reading.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {

// Sections ("NUGET", "GITHUB", "HTTP", "GROUP Build") at the margin, "remote:" two blanks in,
// packages four, what they need six:
//   NUGET
//     remote: https://api.nuget.org/v3/index.json
//       FAKE (5.5.4) - restriction: >= netstandard2.0
//         FSharp.Core (>= 4.7)
PackageList read_paket_lock(std::string_view path, std::string_view bytes, const Limits&) {
  constexpr std::size_t kPackageIndent = 4;
  PackageReading reading(path, Ecosystem::kNuget);
  Lines lines(bytes);
  std::string group;
  bool is_nuget = false;
  bool is_known = false;
  std::uint32_t index = PackageReading::kNone;
  for (std::string_view line; lines.next(line);) {
    const std::size_t indent = line.find_first_not_of(' ');
    const std::string_view content = trimmed(line);
    if (content.empty()) continue;
    if (indent == 0) {
      if (content.starts_with("GROUP ")) group = content.substr(6);
      is_nuget = content == "NUGET";
      is_known = is_known || is_nuget || content.starts_with("GROUP ") || content == "GITHUB" ||
                 content == "HTTP" || content == "GIT" || content.contains(':');
      index = PackageReading::kNone;
      continue;
    }
    if (!is_nuget || content.starts_with("remote:") || indent < kPackageIndent) continue;
    const Halves halves = cut_first(content, " (");
    const std::string_view name = cut_first(halves.before, " ").before;
    if (indent == kPackageIndent) {
      index = reading.add(name, cut_first(halves.behind, ")").before, lines.number());
      reading.know(group + '/' + lower(name), index);
    } else if (index != PackageReading::kNone) {
      reading.need(index, group + '/' + lower(name));
    }
  }
  reading.expect(is_known || trimmed(bytes).empty(), 1, "\"NUGET\"");
  return reading.take();
}

}  // namespace vedette::formats::packages
