// SPDX-License-Identifier: Apache-2.0
#include "engine/agent/resource_guard.h"

#include <charconv>
#include <fmt/format.h>
#include <string_view>
#include <unistd.h>

#include "base/file.h"

namespace vedette::engine {
namespace {

// The number in the field with this index, from 0, of blank-separated text.
std::optional<std::uint64_t> number_in(std::string_view text, std::size_t index) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < index; ++i) {
    at = text.find(' ', at);
    if (at == std::string_view::npos) return std::nullopt;
    ++at;
  }
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.data() + at, text.data() + text.size(), number);
  if (parsed.ec != std::errc()) return std::nullopt;
  return number;
}

}  // namespace

Result<ResourceUse> parse_resource_use(const std::string& stat, const std::string& statm,
                                       std::int64_t ticks_per_second, std::int64_t page_bytes) {
  // The name in parentheses may hold anything, also parentheses and blanks (proc(5)).
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos || name_end + 2 > stat.size() || ticks_per_second <= 0) {
    return failure(ErrorCode::kInvalid, "expected the text of /proc/self/stat, found another");
  }
  const std::string_view fields = std::string_view(stat).substr(name_end + 2);
  constexpr std::size_t kUser = 11;  // field 14 of proc(5); the third is the first here
  const std::optional<std::uint64_t> user = number_in(fields, kUser);
  const std::optional<std::uint64_t> system = number_in(fields, kUser + 1);
  const std::optional<std::uint64_t> pages = number_in(statm, 1);
  if (!user.has_value() || !system.has_value() || !pages.has_value()) {
    return failure(ErrorCode::kInvalid, "expected the use of time and memory in /proc/self");
  }
  return ResourceUse{static_cast<TimeNs>(*user + *system) * (kNsPerSecond / ticks_per_second),
                     *pages * static_cast<std::uint64_t>(page_bytes)};
}

Result<ResourceUse> read_resource_use() {
  constexpr std::size_t kBytesMax = 4096;
  TRY(const std::string stat, read_file("/proc/self/stat", kBytesMax));
  TRY(const std::string statm, read_file("/proc/self/statm", kBytesMax));
  return parse_resource_use(stat, statm, ::sysconf(_SC_CLK_TCK), ::sysconf(_SC_PAGESIZE));
}

Result<std::optional<ShedDecision>> ResourceGuard::sample() {
  TRY(const ResourceUse use, reader_());
  const TimeNs time = clock_.steady();
  const bool first = !before_.has_value();
  if (!first && time > before_time_) {
    cpu_ = static_cast<double>(use.cpu - before_->cpu) / static_cast<double>(time - before_time_);
  }
  memory_bytes_ = use.memory_bytes;
  before_ = use;
  before_time_ = time;
  if (first) return std::optional<ShedDecision>();

  const std::string reason = excess();
  over_ = reason.empty() ? 0 : over_ + 1;
  calm_ = has_room() ? calm_ + 1 : 0;
  exhausted_ = over_ >= kOver && shed_count_ == kinds_.size();
  if (over_ >= kOver && shed_count_ < kinds_.size()) {
    over_ = 0;
    return ShedDecision{true, shed_count_++, reason};
  }
  if (calm_ >= kCalm && shed_count_ > 0) {
    calm_ = 0;
    return ShedDecision{
        false, --shed_count_,
        fmt::format("below {:.0f} % of the limits for {} samples", kRoom * 100, kCalm)};
  }
  return std::optional<ShedDecision>();
}

std::string ResourceGuard::excess() const {
  constexpr double kMebibyte = 1 << 20;
  if (limits_.cpu_max > 0 && cpu_ > limits_.cpu_max) {
    return fmt::format("cpu {:.1f} % of a core is above {:.1f} %", cpu_ * 100,
                       limits_.cpu_max * 100);
  }
  if (limits_.memory_bytes_max > 0 && memory_bytes_ > limits_.memory_bytes_max) {
    return fmt::format("memory {:.1f} MiB is above {:.1f} MiB",
                       static_cast<double>(memory_bytes_) / kMebibyte,
                       static_cast<double>(limits_.memory_bytes_max) / kMebibyte);
  }
  return "";
}

bool ResourceGuard::has_room() const {
  return (limits_.cpu_max == 0 || cpu_ < limits_.cpu_max * kRoom) &&
         (limits_.memory_bytes_max == 0 ||
          static_cast<double>(memory_bytes_) <
              static_cast<double>(limits_.memory_bytes_max) * kRoom);
}

}  // namespace vedette::engine
