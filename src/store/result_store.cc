// SPDX-License-Identifier: Apache-2.0
#include "store/result_store.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

#include "base/hash.h"

namespace vedette::store {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSchema =
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=NORMAL;"
    "PRAGMA journal_size_limit=16777216;"
    "PRAGMA cache_size=-8192;"
    "CREATE TABLE IF NOT EXISTS result"
    " (key BLOB PRIMARY KEY, used INTEGER NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;";
// A row takes about 40 bytes beside its value, and a page of its own when it is large.
constexpr const char* kSizesByDay =
    "SELECT used, SUM(CASE WHEN LENGTH(value) > 950 THEN LENGTH(value) + 4096"
    " ELSE LENGTH(value) + 40 END) FROM result GROUP BY used ORDER BY used";
constexpr std::size_t kChecksumBytes = sizeof(std::uint64_t);

std::string_view bytes_of(const ResultKey& key) {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

std::uint64_t checksum_of(const ResultKey& key, std::string_view value) {
  return hash_bytes(value, hash_bytes(bytes_of(key)));
}

fs::path path_of(const std::string& folder) { return fs::path(folder) / ResultStore::kFileName; }

// Who has the old files open keeps them; who opens later finds none.
void remove_files(const std::string& folder) {
  std::error_code error;
  for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(path_of(folder).concat(suffix), error);
}

// Held while a store is opened or made: changing to the write-ahead log fails at once, and does not
// wait, where two processes do it.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder)
      : descriptor_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    for (int waited_ms = 0; descriptor_ >= 0 && waited_ms < ResultStore::kPatienceMs;
         waited_ms += kStepMs) {
      if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(kStepMs));
    }
  }
  ~FolderLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  static constexpr int kStepMs = 2;
  int descriptor_;
};

}  // namespace

ResultKey key_of(std::string_view parts) {
  const Sha256 digest = sha256(parts);
  ResultKey key;
  std::copy_n(digest.begin(), key.size(), key.begin());
  return key;
}

std::optional<std::string_view> value_of(const ResultKey& key, std::string_view stored) {
  std::uint64_t checksum = 0;
  if (stored.size() < kChecksumBytes) return std::nullopt;
  std::memcpy(&checksum, stored.data(), kChecksumBytes);
  const std::string_view value = stored.substr(kChecksumBytes);
  if (checksum != checksum_of(key, value)) return std::nullopt;
  return value;
}

Result<std::unique_ptr<ResultStore>> ResultStore::open_file(const Options& options) {
  TRY(Database reader, Database::open(path_of(options.folder), kPatienceMs));
  TRY_VOID(reader.execute(kSchema));
  TRY(Database::Statement select, reader.prepare("SELECT used, value FROM result WHERE key = ?"));
  // One transaction for all reading: taking and leaving its lock costs more than a look.
  TRY_VOID(reader.execute("BEGIN"));
  return std::unique_ptr<ResultStore>(
      new ResultStore(options, {std::move(reader), std::move(select)}));
}

Result<std::unique_ptr<ResultStore>> ResultStore::open(const Options& options) {
  std::error_code error;
  fs::create_directories(options.folder, error);
  if (error) return failure(ErrorCode::kSystem, options.folder + ": " + error.message());
  const FolderLock lock(options.folder);
  Result<std::unique_ptr<ResultStore>> store = open_file(options);
  if (store || store.error().code != ErrorCode::kInvalid) return store;
  remove_files(options.folder);
  return open_file(options);
}

ResultStore::~ResultStore() {
  if (!is_closed_) close();
}

bool ResultStore::find(const ResultKey& key, std::string& value) {
  const std::lock_guard lock(read_mutex_);
  if (read_error_ || !reading_) return false;
  Database::Statement& select = reading_->select;
  select.bind(1, bytes_of(key));
  const Result<bool> found = select.step();
  bool is_good = false;
  if (!found) {
    read_error_ = found.error();
  } else if (*found) {
    const std::optional<std::string_view> good = value_of(key, select.bytes(1));
    is_good = good.has_value();
    if (good) value = *good;
    if (is_good && select.number(0) != options_.day) used_.push_back(key);
  }
  select.reset();
  return is_good;
}

void ResultStore::put(const ResultKey& key, std::string value) {
  if (value.size() > kValueBytesMax) return;
  std::vector<Pending> full;
  {
    const std::lock_guard lock(pending_mutex_);
    pending_bytes_ += value.size() + sizeof(Pending);
    pending_.push_back({key, std::move(value)});
    if (pending_bytes_ < kPendingBytesMax) return;
    full.swap(pending_);
    pending_bytes_ = 0;
  }
  const std::lock_guard lock(write_mutex_);
  if (const Result<void> written = write(std::move(full)); !written) write_error_ = written.error();
}

Result<Database*> ResultStore::writer() {
  if (writer_ == nullptr) {
    TRY(Database opened, Database::open(path_of(options_.folder), kPatienceMs));
    TRY_VOID(opened.execute("PRAGMA synchronous=NORMAL; PRAGMA cache_size=-8192;"));
    writer_ = std::make_unique<Database>(std::move(opened));
  }
  return writer_.get();
}

// Of what cannot be written nothing more is tried: the next run is slower, and that is all.
Result<void> ResultStore::write(std::vector<Pending> pending) {
  if (write_error_ || pending.empty()) return {};
  TRY(Database * database, writer());
  // In the order of the table pages are written once.
  std::ranges::sort(pending, {}, &Pending::key);
  TRY_VOID(database->execute("BEGIN IMMEDIATE"));
  TRY(Database::Statement insert,
      database->prepare("INSERT OR REPLACE INTO result (key, used, value) VALUES (?, ?, ?)"));
  std::string stored;
  for (const Pending& result : pending) {
    const std::uint64_t checksum = checksum_of(result.key, result.value);
    stored.assign(reinterpret_cast<const char*>(&checksum), kChecksumBytes);
    stored += result.value;
    insert.bind(1, bytes_of(result.key)).bind(2, options_.day).bind(3, std::string_view(stored));
    TRY_VOID(insert.run());
  }
  return database->execute("COMMIT");
}

Result<void> ResultStore::touch_used() {
  if (used_.empty()) return {};
  TRY(Database * database, writer());
  std::ranges::sort(used_);
  TRY_VOID(database->execute("BEGIN IMMEDIATE"));
  TRY(Database::Statement update, database->prepare("UPDATE result SET used = ? WHERE key = ?"));
  for (const ResultKey& key : used_) {
    update.bind(1, options_.day).bind(2, bytes_of(key));
    TRY_VOID(update.run());
  }
  return database->execute("COMMIT");
}

Result<void> ResultStore::bound_size() {
  if (writer_ == nullptr) return {};
  TRY(Database::Statement size,
      writer_->prepare("SELECT (page_count - freelist_count) * page_size FROM pragma_page_count(), "
                       "pragma_freelist_count(), pragma_page_size()"));
  TRY(const bool has_size, size.step());
  const std::int64_t bytes = has_size ? size.number(0) : 0;
  size.reset();
  if (static_cast<std::uint64_t>(bytes) <= options_.bytes_max) return {};
  std::vector<std::pair<std::int64_t, double>> days;
  double total = 0;
  {
    TRY(Database::Statement sums, writer_->prepare(kSizesByDay));
    for (;;) {
      TRY(const bool more, sums.step());
      if (!more) break;
      days.emplace_back(sums.number(0), static_cast<double>(sums.number(1)));
      total += days.back().second;
    }
  }
  // Whole days go, the oldest first; of the last of them as large a part as is needed. Keys are
  // hashes, so any range of them is a fair part.
  double surplus =
      total * (1 - 0.75 * static_cast<double>(options_.bytes_max) / static_cast<double>(bytes));
  TRY(Database::Statement forget,
      writer_->prepare("DELETE FROM result WHERE used = ? AND key <= ?"));
  for (const auto& [day, day_bytes] : days) {
    if (surplus <= 0) break;
    const double share = day_bytes <= surplus ? 255 : surplus / day_bytes * 255;
    ResultKey last;
    last.fill(0xFF);
    last[0] = static_cast<std::uint8_t>(share);
    forget.bind(1, day).bind(2, bytes_of(last));
    TRY_VOID(forget.run());
    surplus -= day_bytes;
  }
  return writer_->execute("VACUUM");
}

std::optional<Diagnostic> ResultStore::close() {
  is_closed_ = true;
  // The old state is held no longer, so that what follows can move the log into the file.
  reading_.reset();
  Result<void> result = write(std::move(pending_));
  if (result && !write_error_) result = touch_used();
  if (result && !write_error_) result = bound_size();
  if (!result) write_error_ = result.error();
  writer_.reset();
  const std::optional<Error>& error = read_error_ ? read_error_ : write_error_;
  if (!error) return std::nullopt;
  if (error->code == ErrorCode::kInvalid) remove_files(options_.folder);
  return Diagnostic{DiagnosticKind::kWarning,
                    {path_of(options_.folder).string(), 0, 0, 0},
                    "results could not be kept for the next run: " + error->message,
                    ""};
}

}  // namespace vedette::store
