// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool/disk.h"
#include "spool/local_sinks.h"

namespace vedette::spool {
namespace {

class FileSink final : public DeliverySink {
 public:
  explicit FileSink(const FileSinkOptions& options)
      : options_(options), name_("file " + options.path) {}
  ~FileSink() override { close(); }
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  std::string_view name() const override { return name_; }

  SendResult send(std::string_view, std::span<const Record> records) override {
    std::size_t done = 0;
    while (done < records.size()) {
      const Result<std::size_t> written = write_run(records.subspan(done));
      if (!written.has_value()) return SendResult::failed(done, written.error());
      done += *written;
    }
    return SendResult::all(done);
  }

 private:
  // The records that fit into the file as it is, at least one.
  Result<std::size_t> write_run(std::span<const Record> records) {
    if (descriptor_ < 0) TRY_VOID(open());
    if (bytes_ > 0 && bytes_ + records[0].body.size() + 1 > options_.bytes_max) TRY_VOID(rotate());
    std::string lines;
    std::vector<std::size_t> ends;
    for (const Record& record : records) {
      if (!ends.empty() && bytes_ + lines.size() + record.body.size() + 1 > options_.bytes_max) {
        break;
      }
      lines += record.body;
      lines += '\n';
      ends.push_back(lines.size());
    }
    const Result<std::size_t> written = disk_.write(descriptor_, lines);
    const std::size_t taken = written.has_value() ? *written : 0;
    const auto whole =
        static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), taken) - ends.begin());
    const std::size_t kept = whole == 0 ? 0 : ends[whole - 1];
    if (taken != kept && ::ftruncate(descriptor_, static_cast<off_t>(bytes_ + kept)) != 0) close();
    bytes_ += kept;
    if (!written.has_value()) {
      close();
      return std::unexpected(written.error());
    }
    if (whole == 0) return failure(ErrorCode::kSystem, fmt::format("{}: the disk is full", name_));
    if (options_.sync && descriptor_ >= 0) {
      const Result<void> synced = disk_.sync(descriptor_);
      if (!synced.has_value()) {
        close();
        return std::unexpected(synced.error());
      }
    }
    return whole;
  }

  Result<void> open() {
    descriptor_ = ::open(options_.path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    struct stat status{};
    if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0) return refused("open");
    bytes_ = static_cast<std::uint64_t>(status.st_size);
    if (!S_ISREG(status.st_mode)) return {};
    // Behind the last line end stands what a crash left of a line, which will be written again.
    constexpr std::size_t kStep = 65536;
    std::string tail(kStep, '\0');
    std::uint64_t end = bytes_;
    while (end > 0) {
      const std::uint64_t from = end - std::min<std::uint64_t>(end, kStep);
      const ssize_t got = ::pread(descriptor_, tail.data(), end - from, static_cast<off_t>(from));
      if (got < 0) return refused("read");
      const std::size_t at =
          std::string_view(tail).substr(0, static_cast<std::size_t>(got)).rfind('\n');
      end = at == std::string::npos ? from : from + at + 1;
      if (at != std::string::npos) break;
    }
    if (end < bytes_ && ::ftruncate(descriptor_, static_cast<off_t>(end)) != 0) {
      return refused("cut");
    }
    bytes_ = end;
    return {};
  }

  // Each step leaves names that mean the same, so a crash between two costs nothing.
  Result<void> rotate() {
    close();
    for (std::uint32_t i = options_.files_max; i-- > 1;) {
      const std::string from = i == 1 ? options_.path : fmt::format("{}.{}", options_.path, i - 1);
      const std::string to = fmt::format("{}.{}", options_.path, i);
      if (::rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT) return refused("rename");
    }
    if (options_.files_max <= 1 && ::unlink(options_.path.c_str()) != 0 && errno != ENOENT) {
      return refused("remove");
    }
    return open();
  }

  std::unexpected<Error> refused(std::string_view what) {
    std::string message =
        fmt::format("cannot {} {}: {}", what, options_.path, std::strerror(errno));
    close();
    return failure(ErrorCode::kSystem, std::move(message));
  }

  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

  FileSinkOptions options_;
  std::string name_;
  Disk disk_;
  int descriptor_ = -1;
  std::uint64_t bytes_ = 0;
};

}  // namespace

Result<std::unique_ptr<DeliverySink>> make_file_sink(const FileSinkOptions& options) {
  if (options.path.empty()) return failure(ErrorCode::kInvalid, "file: expected a path");
  return std::make_unique<FileSink>(options);
}

}  // namespace vedette::spool
