// SPDX-License-Identifier: Apache-2.0
#include "engine/vulnerabilities/database_build.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <optional>
#include <system_error>

#include "base/digest.h"
#include "base/file.h"
#include "base/mapped_file.h"
#include "formats/advisories/exploitation.h"
#include "formats/advisories/lifecycle.h"
#include "formats/advisories/osv.h"
#include "formats/archive/archive.h"
#include "vulnerabilities/database.h"
#include "vulnerabilities/database_builder.h"

namespace vedette::engine {
namespace {

namespace advisories = formats::advisories;
namespace archive = formats::archive;

// How much of a file tells what it is.
constexpr std::size_t kHeadBytes = 4096;
// EPSS is some 10 MB unpacked, Exploit Database's list too.
constexpr std::size_t kListBytesMax = std::size_t{1} << 30;

enum class Content : std::uint8_t { kOsv, kExploited, kLikelihoods, kExploits, kLifecycles };
constexpr std::array<std::string_view, 5> kContentNames = {"osv", "exploited", "likelihoods",
                                                           "exploits", "lifecycles"};

Content content_of(std::string_view bytes) {
  std::string_view head = bytes.substr(0, kHeadBytes);
  while (!head.empty() && std::string_view(" \t\r\n\xEF\xBB\xBF").contains(head.front()))
    head.remove_prefix(1);
  if (head.starts_with("#model_version") || head.starts_with("cve,epss"))
    return Content::kLikelihoods;
  if (head.starts_with("id,")) return Content::kExploits;
  if (head.contains("\"catalogVersion\"")) return Content::kExploited;
  if (head.starts_with('[') || head.contains("\"releases\"")) return Content::kLifecycles;
  return Content::kOsv;
}

Result<void> read_all(archive::ByteStream& stream, std::size_t bytes_max, std::string& out) {
  constexpr std::size_t kBlock = std::size_t{64} << 10;
  std::size_t size = 0;
  for (;;) {
    out.resize(size + kBlock);
    TRY(const std::size_t count, stream.read(out.data() + size, kBlock));
    size += count;
    if (count == 0) break;
    if (size > bytes_max)
      return failure(ErrorCode::kLimit, fmt::format("larger than {} bytes", bytes_max));
  }
  out.resize(size);
  return {};
}

class Reading {
 public:
  Reading(const DatabaseBuildOptions& options, const std::atomic<bool>& stop,
          DatabaseBuildReport& report)
      : options_(options), stop_(stop), report_(report) {}

  Result<void> read(const std::string& path) {
    std::error_code error;
    const bool is_folder = std::filesystem::is_directory(path, error);
    return is_folder ? read_folder(path) : read_path(path, name_of(path));
  }

  vulnerabilities::DatabaseBuilder& builder() { return builder_; }

 private:
  static std::string name_of(const std::string& path) {
    std::filesystem::path name = std::filesystem::path(path).lexically_normal();
    if (!name.has_filename()) name = name.parent_path();
    return name.filename().string();
  }

  std::uint32_t add_input(std::string name, Content content, std::string_view bytes) {
    vulnerabilities::InputRecord input;
    input.name = std::move(name);
    input.kind = kContentNames[static_cast<std::size_t>(content)];
    input.digest = to_hexadecimal(sha256(bytes));
    return builder_.add_input(std::move(input));
  }

  // Records that lie alone count as one input, the folder; all else is one by itself.
  Result<void> read_folder(const std::string& path) {
    TRY(const std::vector<std::string> files, list_files(path, {}, &report_.problems));
    const std::uint32_t folder = add_input(name_of(path), Content::kOsv, "");
    std::string digests;
    for (const std::string& file : files) {
      if (stop_.load(std::memory_order_relaxed)) break;
      const std::string name = std::filesystem::path(file).lexically_relative(path).string();
      TRY(const MappedFile mapped, MappedFile::open(file));
      const std::string_view bytes = mapped.bytes();
      const bool is_packed = archive::detect_packing(bytes.substr(0, archive::kPackingHead)) !=
                             archive::Packing::kNone;
      if (is_packed) {
        TRY_VOID(read_path(file, name));
      } else if (name.ends_with(".json") || name.ends_with(".csv")) {
        digests += name + ' ' + to_hexadecimal(sha256(bytes)) + '\n';
        read_content(bytes, name, name, folder);
      }
    }
    builder_.input(folder).digest = to_hexadecimal(sha256(digests));
    return {};
  }

  Result<void> read_path(const std::string& path, const std::string& name) {
    TRY(const MappedFile mapped, MappedFile::open(path));
    const std::string_view bytes = mapped.bytes();
    archive::Expansion expansion(options_.limits);
    expansion.add_stored(bytes.size());
    std::unique_ptr<archive::ByteStream> stream = std::make_unique<archive::ViewStream>(bytes);
    const auto packing = archive::detect_packing(bytes.substr(0, archive::kPackingHead));
    if (archive::is_archive(packing)) {
      return read_archive(packing, std::move(stream), expansion,
                          add_input(name, Content::kOsv, bytes), name);
    }
    std::string unpacked;
    if (packing != archive::Packing::kNone) {
      TRY(stream, archive::unpack(packing, std::move(stream), expansion));
      TRY_VOID(read_all(*stream, kListBytesMax, unpacked));
    }
    const std::string_view content = unpacked.empty() ? bytes : unpacked;
    const std::uint32_t input = add_input(name, content_of(content), bytes);
    const std::uint64_t before = builder_.input(input).unreadable;
    read_content(content, name, name, input);
    // What was named and is nothing at all is a mistake of whoever named it.
    if (builder_.input(input).records == 0 && builder_.input(input).unreadable > before)
      return failure(ErrorCode::kInvalid, fmt::format("{}: {}", path, last_error_));
    return {};
  }

  Result<void> read_archive(archive::Packing packing, std::unique_ptr<archive::ByteStream> stream,
                            archive::Expansion& expansion, std::uint32_t input,
                            const std::string& name) {
    TRY(const auto reader, archive::ArchiveReader::create(packing, std::move(stream), expansion));
    std::string bytes;
    while (!stop_.load(std::memory_order_relaxed)) {
      const Result<std::optional<std::string>> member = reader->next();
      if (!member) {
        problem(name, member.error().message, input);
        break;
      }
      if (!*member) break;
      if (!(*member)->ends_with(".json")) continue;
      const Result<void> got =
          read_all(*reader->content(), options_.limits.record_bytes_max, bytes);
      if (got) {
        read_content(bytes, **member, name + '/' + **member, input);
      } else {
        problem(name + '/' + **member, got.error().message, input);
      }
    }
    return {};
  }

  void read_content(std::string_view bytes, const std::string& place, const std::string& shown,
                    std::uint32_t input) {
    const auto take = [&](auto read) {
      if (!read) {
        problem(shown, read.error().message, input);
        return;
      }
      builder_.add(*read, input);
    };
    switch (content_of(bytes)) {
      case Content::kExploited:
        return take(advisories::read_exploited(bytes));
      case Content::kLikelihoods:
        return take(advisories::read_likelihoods(bytes));
      case Content::kExploits:
        return take(advisories::read_exploits(bytes));
      case Content::kLifecycles:
        return take(
            advisories::read_lifecycles(bytes, std::filesystem::path(place).stem().string()));
      case Content::kOsv: {
        Result<advisories::Advisory> advisory = reader_.read(bytes, options_.limits);
        if (advisory) return builder_.add(std::move(*advisory), input, place);
        problem(shown, advisory.error().message, input);
      }
    }
  }

  void problem(const std::string& name, std::string message, std::uint32_t input) {
    ++builder_.input(input).unreadable;
    last_error_ = message;
    if (report_.problems.size() < DatabaseBuildReport::kProblemsMax)
      report_.problems.push_back({DiagnosticKind::kError, {name, 0, 0, 0}, std::move(message), ""});
  }

  const DatabaseBuildOptions& options_;  // the caller's, as all three
  const std::atomic<bool>& stop_;
  DatabaseBuildReport& report_;
  vulnerabilities::DatabaseBuilder builder_;
  advisories::OsvReader reader_;
  std::string last_error_;
};

}  // namespace

Result<DatabaseBuildReport> build_database(const DatabaseBuildOptions& options,
                                           const std::atomic<bool>& stop) {
  const auto begin = std::chrono::steady_clock::now();
  DatabaseBuildReport report;
  Reading reading(options, stop, report);
  for (const std::string& input : options.inputs) TRY_VOID(reading.read(input));
  if (stop.load(std::memory_order_relaxed))
    return failure(ErrorCode::kSystem, "interrupted; the database is as it was");
  TRY(const std::string bytes, reading.builder().build());
  TRY(const vulnerabilities::Database database, vulnerabilities::Database::of_bytes(bytes));
  TRY_VOID(write_file_whole(options.output, bytes));
  report.summary = database.summary();
  report.bytes = bytes.size();
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return report;
}

}  // namespace vedette::engine
