// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/system/rpm_header.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string>

#include "formats/packages/owned_path.h"
#include "formats/packages/system/integers.h"

namespace vedette::formats::packages {
namespace {

// RPM's own bounds are 65,535 entries and 256 MiB.
constexpr std::uint32_t kEntriesMax = 65'535;
constexpr std::uint32_t kDataMax = std::uint32_t{256} << 20;
constexpr std::size_t kEntryBytes = 16;

// rpm(8)'s numbers of tags and types (rpmtag.h).
enum Tag : std::uint32_t {
  kName = 1000,
  kVersion = 1001,
  kRelease = 1002,
  kEpoch = 1003,
  kLicense = 1014,
  kArch = 1022,
  kOldFileNames = 1027,
  kSourceRpm = 1044,
  kDirIndexes = 1116,
  kBaseNames = 1117,
  kDirNames = 1118,
};
enum Type : std::uint32_t { kInt32 = 4, kString = 6, kStringArray = 8, kI18nString = 9 };

struct Entry {
  std::uint32_t tag = 0;
  std::uint32_t type = 0;
  std::uint32_t offset = 0;
  std::uint32_t count = 0;
};

// Texts end with a NUL; one that does not ends with the data.
std::string_view text_at(std::string_view data, std::size_t offset) {
  const std::string_view rest = data.substr(std::min(offset, data.size()));
  return rest.substr(0, rest.find('\0'));
}

std::vector<std::string_view> texts_of(std::string_view data, const Entry& entry,
                                       std::size_t count_max) {
  std::vector<std::string_view> texts;
  std::size_t at = entry.offset;
  for (std::uint32_t i = 0; i < entry.count && i < count_max && at < data.size(); ++i) {
    texts.push_back(text_at(data, at));
    at += texts.back().size() + 1;
  }
  return texts;
}

struct FileTables {
  Entry folders;
  Entry names;
  Entry indexes;
  Entry old_names;
};

std::vector<std::uint64_t> files_of(std::string_view data, const FileTables& tables,
                                    std::size_t files_max) {
  std::vector<std::uint64_t> files;
  for (const std::string_view name : texts_of(data, tables.old_names, files_max))
    files.push_back(path_key(name));
  const auto folders = texts_of(data, tables.folders, files_max);
  const auto names = texts_of(data, tables.names, files_max);
  std::size_t at = tables.indexes.offset;
  for (std::size_t i = 0; i < names.size() && i < tables.indexes.count; ++i, at += 4) {
    const std::optional<std::uint32_t> folder = big_endian_32(data, at);
    if (!folder || *folder >= folders.size()) break;
    files.push_back(path_key(std::string(folders[*folder]) + std::string(names[i])));
  }
  return files;
}

void take_entry(std::string_view data, const Entry& entry, RpmHeader& header, FileTables& tables) {
  struct TextRow {
    std::uint32_t tag;
    std::string_view RpmHeader::* value;
  };
  static constexpr std::array<TextRow, 6> kTexts = {{{kName, &RpmHeader::name},
                                                     {kVersion, &RpmHeader::version},
                                                     {kRelease, &RpmHeader::release},
                                                     {kArch, &RpmHeader::architecture},
                                                     {kLicense, &RpmHeader::license},
                                                     {kSourceRpm, &RpmHeader::source_rpm}}};
  if (entry.type == kString || entry.type == kI18nString) {
    for (const TextRow& row : kTexts) {
      if (row.tag == entry.tag) header.*row.value = text_at(data, entry.offset);
    }
  }
  if (entry.tag == kEpoch && entry.type == kInt32) header.epoch = big_endian_32(data, entry.offset);
  if (entry.tag == kDirNames && entry.type == kStringArray) tables.folders = entry;
  if (entry.tag == kBaseNames && entry.type == kStringArray) tables.names = entry;
  if (entry.tag == kOldFileNames && entry.type == kStringArray) tables.old_names = entry;
  if (entry.tag == kDirIndexes && entry.type == kInt32) tables.indexes = entry;
}

}  // namespace

Result<RpmHeader> read_rpm_header(std::string_view blob, std::size_t files_max) {
  const std::optional<std::uint32_t> entries = big_endian_32(blob, 0);
  const std::optional<std::uint32_t> data_bytes = big_endian_32(blob, 4);
  if (!entries || !data_bytes || *entries > kEntriesMax || *data_bytes > kDataMax)
    return failure(ErrorCode::kInvalid, "expected the header of a package, found other bytes");
  const std::size_t begin = 8 + *entries * kEntryBytes;
  if (begin + *data_bytes > blob.size()) {
    return failure(ErrorCode::kTruncated,
                   fmt::format("expected {} bytes of a package's header, found {}",
                               begin + *data_bytes, blob.size()));
  }
  const std::string_view data = blob.substr(begin, *data_bytes);
  RpmHeader header;
  FileTables tables;
  for (std::size_t i = 0; i < *entries; ++i) {
    const std::size_t at = 8 + i * kEntryBytes;
    const Entry entry = {*big_endian_32(blob, at), *big_endian_32(blob, at + 4),
                         *big_endian_32(blob, at + 8), *big_endian_32(blob, at + 12)};
    if (entry.offset < data.size()) take_entry(data, entry, header, tables);
  }
  if (header.name.empty() || header.version.empty())
    return failure(ErrorCode::kInvalid, "expected a package's name and version, found one missing");
  header.files = files_of(data, tables, files_max);
  return header;
}

}  // namespace vedette::formats::packages
