// SPDX-License-Identifier: Apache-2.0
#include "store/result_transfer.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "base/digest.h"
#include "base/file.h"
#include "store/database.h"

namespace vedette::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTitle = "vedette results 1";
constexpr std::size_t kManifestBytesMax = 4096;
constexpr std::size_t kPiece = std::size_t{1} << 20;
constexpr int kPatienceMs = 10'000;

struct Measured {
  std::string digest;
  std::uint64_t bytes = 0;
};

// Reads a file to its end; where `copy` is not empty it is written there meanwhile.
Result<Measured> measure(const std::string& path, const std::string& copy) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return failure(ErrorCode::kNotFound, "cannot open " + path);
  std::ofstream out;
  if (!copy.empty()) {
    out.open(copy, std::ios::binary | std::ios::trunc);
    if (!out) return failure(ErrorCode::kSystem, "cannot write " + copy);
  }
  Sha256Stream digest;
  Measured measured;
  std::string piece(kPiece, '\0');
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto got = static_cast<std::size_t>(in.gcount());
    measured.bytes += got;
    if (measured.bytes > kTransferBytesMax)
      return failure(ErrorCode::kLimit, path + " is larger than results may be");
    digest.add({piece.data(), got});
    if (out.is_open()) out.write(piece.data(), static_cast<std::streamsize>(got));
  }
  if (in.bad() || (out.is_open() && !out.flush()))
    return failure(ErrorCode::kSystem, "cannot read " + path + ", or write its copy");
  measured.digest = to_hexadecimal(digest.finish());
  return measured;
}

std::string manifest_of(const Measured& measured, std::string_view secret) {
  std::string text =
      fmt::format("{}\nsha256 {}\nbytes {}\n", kTitle, measured.digest, measured.bytes);
  if (!secret.empty()) text += "hmac " + to_hexadecimal(hmac_sha256(secret, text)) + "\n";
  return text;
}

// Without telling by the time it takes where they differ.
bool are_equal(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  int difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= a[i] ^ b[i];
  return difference == 0;
}

// Whoever has no secret takes a manifest with a HMAC, too; its digest is checked.
Result<void> check_manifest(const std::string& found, const Measured& measured,
                            std::string_view secret) {
  const std::string expected = manifest_of(measured, secret);
  if (!secret.empty() && !are_equal(found, expected)) {
    return failure(ErrorCode::kInvalid,
                   "expected a manifest with the HMAC of the cache's secret over these results, "
                   "found another; nothing was taken");
  }
  if (secret.empty() && !found.starts_with(expected))
    return failure(ErrorCode::kInvalid,
                   "expected the results that the manifest names, found others; nothing was taken");
  return {};
}

// Gone at its end.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string path) : path_(std::move(path)) {}
  ~TemporaryFile() {
    std::error_code error;
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) fs::remove(path_ + suffix, error);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Result<std::uint64_t> count_results(Database& database) {
  TRY(Database::Statement count, database.prepare("SELECT COUNT(*) FROM result"));
  TRY(const bool has_row, count.step());
  return has_row ? static_cast<std::uint64_t>(count.number(0)) : 0;
}

Result<void> take_all(Database& from, ResultStore& into, TransferReport& report) {
  TRY(Database::Statement select, from.prepare("SELECT key, value FROM result"));
  while (true) {
    TRY(const bool more, select.step());
    if (!more) return {};
    const std::string_view bytes = select.bytes(0);
    ResultKey key{};
    if (bytes.size() == key.size()) std::copy_n(bytes.begin(), key.size(), key.begin());
    const auto value = bytes.size() == key.size() ? value_of(key, select.bytes(1)) : std::nullopt;
    if (!value) {
      ++report.damaged;
      continue;
    }
    std::string mine;
    if (into.find(key, mine)) continue;
    into.put(key, std::string(*value));
    ++report.results;
  }
}

}  // namespace

Result<TransferReport> export_results(const std::string& from, const std::string& folder,
                                      std::string_view secret) {
  std::error_code error;
  const std::string store = from + "/" + std::string(ResultStore::kFileName);
  const bool is_there = fs::exists(store, error);
  if (error) return failure(ErrorCode::kSystem, store + ": " + error.message());
  if (!is_there) return TransferReport{};
  fs::create_directories(folder, error);
  const std::string target = folder + "/" + std::string(kTransferFile);
  const TemporaryFile written(fmt::format("{}.{}", target, ::getpid()));
  TransferReport report;
  {
    TRY(Database database, Database::open(store, kPatienceMs));
    TRY(Database::Statement vacuum, database.prepare("VACUUM INTO CAST(? AS TEXT)"));
    vacuum.bind(1, written.path());
    TRY_VOID(vacuum.run());
  }
  {
    TRY(Database copy, Database::open(written.path(), kPatienceMs));
    TRY(report.results, count_results(copy));
  }
  TRY(const Measured measured, measure(written.path(), ""));
  report.bytes = measured.bytes;
  fs::rename(written.path(), target, error);
  if (error) return failure(ErrorCode::kSystem, target + ": " + error.message());
  TRY_VOID(write_file_whole(folder + "/" + std::string(kTransferManifest),
                            manifest_of(measured, secret)));
  return report;
}

Result<TransferReport> import_results(const std::string& folder, const ResultStore::Options& into,
                                      std::string_view secret) {
  TRY(const std::string manifest,
      read_file(folder + "/" + std::string(kTransferManifest), kManifestBytesMax));
  std::error_code error;
  fs::create_directories(into.folder, error);
  // Looked at where nobody else writes: what is checked is what is taken.
  const TemporaryFile copy(fmt::format("{}/import.{}", into.folder, ::getpid()));
  TRY(const Measured measured, measure(folder + "/" + std::string(kTransferFile), copy.path()));
  TRY_VOID(check_manifest(manifest, measured, secret));
  TransferReport report;
  report.bytes = measured.bytes;
  TRY(Database database, Database::open(copy.path(), kPatienceMs));
  TRY(const std::unique_ptr<ResultStore> store, ResultStore::open(into));
  TRY_VOID(take_all(database, *store, report));
  if (const std::optional<Diagnostic> problem = store->close())
    return failure(ErrorCode::kSystem, problem->message);
  return report;
}

}  // namespace vedette::store
