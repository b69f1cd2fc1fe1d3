// SPDX-License-Identifier: Apache-2.0
#include "vulnerabilities/database.h"

#include <algorithm>
#include <fmt/format.h>

#include "vulnerabilities/record_bytes.h"

namespace vedette::vulnerabilities {
namespace {

constexpr std::string_view kAdvice = "; build or update it anew";

std::unexpected<Error> damaged(std::string_view what) {
  return failure(ErrorCode::kInvalid,
                 fmt::format("the vulnerability database is damaged: {}{}", what, kAdvice));
}

// The index of the first of `count` rows whose key is not below `wanted`.
template <typename Key>
std::size_t lower_bound(std::size_t count, std::string_view wanted, Key key) {
  std::size_t begin = 0;
  while (count > 0) {
    const std::size_t half = count / 2;
    if (key(begin + half) < wanted) {
      begin += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return begin;
}

}  // namespace

Result<Database> Database::open(const std::string& path) {
  TRY(MappedFile file, MappedFile::open(path));
  Database database;
  database.bytes_ = file.bytes();
  database.file_ = std::move(file);
  TRY_VOID(database.read_header());
  TRY_VOID(database.read_summary_section());
  return database;
}

Result<Database> Database::of_bytes(std::string_view bytes) {
  Database database;
  database.bytes_ = bytes;
  TRY_VOID(database.read_header());
  TRY_VOID(database.read_summary_section());
  return database;
}

Result<void> Database::read_header() {
  if (!bytes_.starts_with(kMagic)) {
    return failure(ErrorCode::kInvalid,
                   "expected a vulnerability database of `vedette db build`, found another file");
  }
  constexpr std::size_t kTableEnd = kHeaderBytes + kSections * kSectionBytes;
  if (bytes_.size() < kTableEnd) return damaged("its header is cut");
  const auto version = load<std::uint32_t>(bytes_, 8);
  if (version != kLayoutVersion) {
    return failure(ErrorCode::kUnsupported,
                   fmt::format("expected a vulnerability database of version {}, found {}{}",
                               kLayoutVersion, version, kAdvice));
  }
  const auto size = load<std::uint64_t>(bytes_, 16);
  if (size > bytes_.size()) {
    return failure(ErrorCode::kTruncated,
                   fmt::format("the vulnerability database is cut: expected {} bytes, found {}{}",
                               size, bytes_.size(), kAdvice));
  }
  std::string head(bytes_.substr(0, kTableEnd));
  std::fill_n(head.begin() + 24, 8, '\0');
  if (load<std::uint32_t>(bytes_, 12) != kSections || size != bytes_.size() ||
      load<std::uint64_t>(bytes_, 24) != hash_bytes(head)) {
    return damaged("its header has another checksum");
  }
  for (std::size_t i = 0; i < kSections; ++i) {
    const std::size_t row = kHeaderBytes + i * kSectionBytes;
    const auto offset = load<std::uint64_t>(bytes_, row);
    const auto length = load<std::uint64_t>(bytes_, row + 8);
    if (offset > bytes_.size() || length > bytes_.size() - offset)
      return damaged("a section lies outside of it");
    sections_[i] = bytes_.substr(offset, length);
    checksums_[i] = load<std::uint64_t>(bytes_, row + 16);
  }
  if (section(Section::kPackageRows).size() % kPackageRowBytes != 0 ||
      section(Section::kAdvisoryRows).size() % kBlobRowBytes != 0 ||
      section(Section::kVulnerableRows).size() % kBlobRowBytes != 0 ||
      section(Section::kNameRows).size() % kNameRowBytes != 0) {
    return damaged("an index has a part of a row");
  }
  // A package that is not found must not be there: so these are looked at whole. Records bring
  // their own checksums.
  for (const Section index : {Section::kSummary, Section::kPackageRows, Section::kPackageKeys,
                              Section::kAdvisoryRows, Section::kVulnerableRows}) {
    if (hash_bytes(section(index)) != checksums_[static_cast<std::size_t>(index)])
      return damaged("an index has another checksum");
  }
  return {};
}

Result<void> Database::read_summary_section() {
  BlobReader blob(section(Section::kSummary));
  summary_ = read_summary(blob);
  if (!blob.ok() || !blob.at_end()) return damaged("its summary cannot be read");
  return {};
}

Result<std::string_view> Database::blob(std::string_view row, Section which) const {
  const std::string_view all = section(which);
  const auto offset = load<std::uint64_t>(row, 0);
  const auto size = load<std::uint32_t>(row, 8);
  if (offset > all.size() || size > all.size() - offset)
    return damaged("a record lies outside of its section");
  const std::string_view bytes = all.substr(offset, size);
  if (blob_checksum(bytes) != load<std::uint32_t>(row, 12))
    return damaged("a record has another checksum");
  return bytes;
}

std::string_view Database::key(std::string_view row, Section keys) const {
  const std::string_view all = section(keys);
  const auto offset = load<std::uint32_t>(row, 0);
  return offset > all.size() ? std::string_view() : all.substr(offset, load<std::uint32_t>(row, 4));
}

Result<std::vector<AffectedRecord>> Database::affected(std::string_view ecosystem,
                                                       std::string_view name) const {
  std::string wanted(ecosystem);
  (wanted += '\0') += name;
  const std::string_view rows = section(Section::kPackageRows);
  const auto row = [&](std::size_t i) {
    return rows.substr(i * kPackageRowBytes, kPackageRowBytes);
  };
  const auto key_of = [&](std::size_t i) { return key(row(i), Section::kPackageKeys); };
  const std::size_t count = rows.size() / kPackageRowBytes;
  const std::size_t found = lower_bound(count, wanted, key_of);
  std::vector<AffectedRecord> records;
  if (found == count || key_of(found) != wanted) return records;
  TRY(const std::string_view bytes, blob(row(found).substr(8), Section::kAffected));
  BlobReader reader(bytes);
  while (!reader.at_end()) records.push_back(read_affected(reader));
  if (!reader.ok()) return damaged("a record of a package cannot be read");
  return records;
}

Result<AdvisoryRecord> Database::advisory(std::uint32_t index) const {
  const std::string_view rows = section(Section::kAdvisoryRows);
  if (index >= rows.size() / kBlobRowBytes) return damaged("there is no such advisory");
  TRY(const std::string_view bytes,
      blob(rows.substr(index * kBlobRowBytes, kBlobRowBytes), Section::kAdvisories));
  BlobReader reader(bytes);
  AdvisoryRecord record = read_advisory(reader);
  if (!reader.ok()) return damaged("an advisory cannot be read");
  return record;
}

Result<Vulnerability> Database::vulnerability(std::uint32_t index) const {
  const std::string_view rows = section(Section::kVulnerableRows);
  if (index >= rows.size() / kBlobRowBytes) return damaged("there is no such vulnerability");
  TRY(const std::string_view bytes,
      blob(rows.substr(index * kBlobRowBytes, kBlobRowBytes), Section::kVulnerable));
  BlobReader reader(bytes);
  Vulnerability record = read_vulnerability(reader);
  if (!reader.ok()) return damaged("a vulnerability cannot be read");
  return record;
}

std::vector<std::uint32_t> Database::named(std::string_view id) const {
  const std::string_view rows = section(Section::kNameRows);
  const auto row = [&](std::size_t i) { return rows.substr(i * kNameRowBytes, kNameRowBytes); };
  const auto key_of = [&](std::size_t i) { return key(row(i), Section::kNames); };
  const std::size_t count = rows.size() / kNameRowBytes;
  std::vector<std::uint32_t> indices;
  for (std::size_t i = lower_bound(count, id, key_of); i < count && key_of(i) == id; ++i)
    indices.push_back(load<std::uint32_t>(row(i), 8));
  return indices;
}

std::vector<std::string> Database::ecosystems_with(std::string_view name) const {
  std::vector<std::string> names;
  const std::string_view rows = section(Section::kPackageRows);
  for (std::size_t at = 0; at < rows.size(); at += kPackageRowBytes) {
    const std::string_view whole = key(rows.substr(at, kPackageRowBytes), Section::kPackageKeys);
    const std::size_t zero = std::min(whole.find('\0'), whole.size());
    if (whole.substr(std::min(zero + 1, whole.size())) == name)
      names.emplace_back(whole.substr(0, zero));
  }
  return names;
}

std::vector<Database::EcosystemCount> Database::ecosystems() const {
  std::vector<EcosystemCount> counts;
  const std::string_view rows = section(Section::kPackageRows);
  for (std::size_t at = 0; at < rows.size(); at += kPackageRowBytes) {
    const std::string_view whole = key(rows.substr(at, kPackageRowBytes), Section::kPackageKeys);
    const std::string_view name = whole.substr(0, whole.find('\0'));
    if (counts.empty() || counts.back().name != name) counts.push_back({std::string(name), 0});
    ++counts.back().packages;
  }
  return counts;
}

std::vector<std::pair<std::string, std::string>> Database::names_of_packages(
    std::size_t count) const {
  std::vector<std::pair<std::string, std::string>> names;
  const std::string_view rows = section(Section::kPackageRows);
  for (std::size_t at = 0; at < rows.size() && names.size() < count; at += kPackageRowBytes) {
    const std::string_view whole = key(rows.substr(at, kPackageRowBytes), Section::kPackageKeys);
    const std::size_t zero = std::min(whole.find('\0'), whole.size());
    names.emplace_back(whole.substr(0, zero), whole.substr(std::min(zero + 1, whole.size())));
  }
  return names;
}

Result<void> Database::verify() const {
  for (std::size_t i = 0; i < kSections; ++i) {
    if (hash_bytes(sections_[i]) != checksums_[i]) return damaged("a section has another checksum");
  }
  return {};
}

}  // namespace vedette::vulnerabilities
