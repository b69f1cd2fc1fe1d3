// SPDX-License-Identifier: Apache-2.0
#include "engine/vulnerabilities/database_update.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <optional>
#include <system_error>

#include "base/digest.h"
#include "base/file.h"
#include "base/mapped_file.h"
#include "vulnerabilities/database.h"
#include "vulnerabilities/release.h"
#include "vulnerabilities/signature.h"

namespace vedette::engine {
namespace {

namespace fs = std::filesystem;
using vulnerabilities::Database;
using vulnerabilities::Release;
using vulnerabilities::ReleaseFile;

constexpr std::size_t kKeyBytesMax = 16384;
constexpr long kStatusOk = 200;
constexpr long kStatusPartial = 206;

Result<http::Client> client_of(const DatabaseUpdateOptions& options, std::string_view name) {
  http::ClientOptions http = options.http;
  const std::string& url = http.url;
  const bool is_local = url.starts_with("http://127.0.0.1:") || url.starts_with("http://[::1]:");
  if (!url.starts_with("https://") && !is_local)
    return failure(ErrorCode::kInvalid,
                   fmt::format("expected the URL of a mirror with https, found {}", url));
  if (!http.url.ends_with('/')) http.url += '/';
  http.url += name;
  http.user_agent = "vedette";
  return http::Client::create(http);
}

Result<std::string> get_small(const DatabaseUpdateOptions& options, std::string_view name) {
  TRY(http::Client client, client_of(options, name));
  TRY(http::Response response, client.request("GET", {}));
  if (response.status != kStatusOk)
    return failure(ErrorCode::kSystem,
                   fmt::format("the mirror answers {} for {}", response.status, name));
  return std::move(response.body);
}

Result<Release> get_release(const DatabaseUpdateOptions& options) {
  TRY(const std::string key, read_file(options.key, kKeyBytesMax));
  TRY(const std::string text, get_small(options, "latest"));
  TRY(const std::string signature, get_small(options, "latest.sig"));
  TRY_VOID(vulnerabilities::check_signature(key, text, signature));
  return vulnerabilities::read_release(text);
}

// The whole one, or a smaller difference to what is there.
Result<const ReleaseFile*> choose_file(const Release& release, const std::string& current) {
  const ReleaseFile* chosen = nullptr;
  for (const ReleaseFile& file : release.files) {
    const bool fits = file.from.empty() || (!current.empty() && file.from == current);
    if (fits && (chosen == nullptr || file.size < chosen->size)) chosen = &file;
  }
  if (chosen == nullptr)
    return failure(ErrorCode::kUnsupported, "the mirror offers no whole database");
  return chosen;
}

// Appends to `part` what is missing of `file`.
Result<void> download(const DatabaseUpdateOptions& options, const ReleaseFile& file,
                      const std::string& part, const std::atomic<bool>& stop,
                      DatabaseUpdateReport& report) {
  std::error_code error;
  std::uint64_t have = fs::exists(part, error) ? fs::file_size(part, error) : 0;
  if (error || have > file.size) have = 0;
  report.resumed = have;
  if (have == file.size && have != 0) return {};
  std::ofstream out(part, std::ios::binary | (have == 0 ? std::ios::trunc : std::ios::app));
  TRY(http::Client client, client_of(options, file.name));
  std::vector<std::string> headers;
  if (have != 0) headers.push_back(fmt::format("Range: bytes={}-", have));
  bool begun = false;
  const auto take = [&](long status, std::string_view bytes) {
    if (stop.load(std::memory_order_relaxed)) return false;
    if (status != kStatusOk && status != kStatusPartial) return false;
    if (!begun && have != 0 && status == kStatusOk) {
      // It sends all of it again.
      out.close();
      out.open(part, std::ios::binary | std::ios::trunc);
      have = report.resumed = 0;
    }
    begun = true;
    if (bytes.size() > file.size - have) return false;
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    have += bytes.size();
    report.downloaded += bytes.size();
    return out.good();
  };
  const Result<http::Response> response = client.stream(headers, take);
  out.close();
  if (have == file.size && out.good()) return {};
  if (!response) return std::unexpected(response.error());
  return failure(ErrorCode::kTruncated,
                 fmt::format("expected {} bytes of {}, found {} (the mirror answers {})", file.size,
                             file.name, have, response->status));
}

struct Current {
  MappedFile file;
  std::string digest;  // empty: there is none, or a damaged one
  std::string date;
};

Current look_at(const std::string& path) {
  Current current;
  Result<MappedFile> file = MappedFile::open(path);
  if (!file) return current;
  current.file = std::move(*file);
  const Result<Database> database = Database::of_bytes(current.file.bytes());
  if (!database) return current;
  current.digest = to_hexadecimal(sha256(current.file.bytes()));
  current.date = database->summary().date;
  return current;
}

Result<void> put_in_place(const DatabaseUpdateOptions& options, const Release& release,
                          const ReleaseFile& file, const Current& current,
                          const std::string& part) {
  TRY(const MappedFile packed, MappedFile::open(part));
  std::error_code error;
  if (to_hexadecimal(sha256(packed.bytes())) != file.digest) {
    fs::remove(part, error);
    return failure(ErrorCode::kInvalid,
                   "what was downloaded is not what was signed, and is thrown away; try again");
  }
  TRY(const std::string bytes,
      vulnerabilities::unpack(packed.bytes(),
                              file.from.empty() ? std::string_view() : current.file.bytes(),
                              release.size));
  if (to_hexadecimal(sha256(bytes)) != release.digest)
    return failure(ErrorCode::kInvalid, "the unpacked database is not the one that was signed");
  TRY(const Database database, Database::of_bytes(bytes));
  TRY_VOID(database.verify());
  TRY_VOID(write_file_whole(options.database, bytes));
  fs::remove(part, error);
  return {};
}

}  // namespace

Result<DatabaseUpdateReport> update_database(const DatabaseUpdateOptions& options,
                                             const std::atomic<bool>& stop) {
  DatabaseUpdateReport report;
  TRY(const Release release, get_release(options));
  const Current current = look_at(options.database);
  report.date = release.date;
  report.was_current = current.digest == release.digest;
  if (report.was_current) return report;
  if (release.date < current.date) {
    return failure(ErrorCode::kInvalid,
                   fmt::format("the mirror offers a database of {}, which is older than the one "
                               "that is there ({}); nothing is changed",
                               release.date, current.date));
  }
  TRY(const ReleaseFile* const file, choose_file(release, current.digest));
  report.by_delta = !file->from.empty();
  const std::string part = fmt::format("{}.{}.part", options.database, file->digest.substr(0, 16));
  TRY_VOID(download(options, *file, part, stop, report));
  TRY_VOID(put_in_place(options, release, *file, current, part));
  return report;
}

Result<void> publish_database(const DatabasePublishOptions& options) {
  TRY(const std::string key, read_file(options.key, kKeyBytesMax));
  TRY(const MappedFile mapped, MappedFile::open(options.database));
  TRY(const Database database, Database::of_bytes(mapped.bytes()));
  TRY_VOID(database.verify());
  Release release;
  release.date = database.summary().date;
  // Without one nobody could tell that it is not older than what is there.
  if (release.date.empty() || release.date.contains(' ') || release.date.contains('\n'))
    return failure(ErrorCode::kInvalid, "expected a database with dated advisories, found none");
  release.digest = to_hexadecimal(sha256(mapped.bytes()));
  release.size = mapped.bytes().size();
  const auto add = [&](std::string_view from, const std::string& digest) -> Result<void> {
    TRY(const std::string packed, vulnerabilities::pack(mapped.bytes(), from));
    ReleaseFile file;
    file.from = digest;
    file.digest = to_hexadecimal(sha256(packed));
    file.size = packed.size();
    file.name = release.digest.substr(0, 16);
    if (!digest.empty()) file.name += "-from-" + digest.substr(0, 16);
    file.name += ".zst";
    TRY_VOID(write_file_whole(options.folder + '/' + file.name, packed));
    release.files.push_back(std::move(file));
    return {};
  };
  TRY_VOID(add("", ""));
  for (const std::string& path : options.earlier) {
    TRY(const MappedFile from, MappedFile::open(path));
    TRY_VOID(add(from.bytes(), to_hexadecimal(sha256(from.bytes()))));
  }
  const std::string text = vulnerabilities::to_text(release);
  TRY(const std::string signature, vulnerabilities::sign(key, text));
  TRY_VOID(write_file_whole(options.folder + "/latest.sig", signature));
  return write_file_whole(options.folder + "/latest", text);
}

}  // namespace vedette::engine
