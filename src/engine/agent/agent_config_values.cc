// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cmath>
#include <cstdint>

#include "engine/agent/agent_config.h"

namespace vedette::engine {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor = 1;
};

// A number without sign, an optional blank, and one of the units; checked for overflow.
std::optional<std::uint64_t> with_unit(std::string_view text, std::span<const Unit> units) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc()) return std::nullopt;
  std::string_view rest(parsed.ptr, static_cast<std::size_t>(end - parsed.ptr));
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  for (const Unit& unit : units) {
    if (unit.name != rest) continue;
    if (number > UINT64_MAX / unit.factor) return std::nullopt;
    return number * unit.factor;
  }
  return std::nullopt;
}

constexpr auto kSizes = std::to_array<Unit>({{"", 1},
                                             {"B", 1},
                                             {"kB", 1000},
                                             {"MB", 1000'000},
                                             {"GB", 1000'000'000},
                                             {"KiB", 1ULL << 10},
                                             {"MiB", 1ULL << 20},
                                             {"GiB", 1ULL << 30}});
constexpr auto kTimes = std::to_array<Unit>({{"ms", 1000'000},
                                             {"s", kNsPerSecond},
                                             {"m", 60ULL * kNsPerSecond},
                                             {"h", 3600ULL * kNsPerSecond},
                                             {"d", 86400ULL * kNsPerSecond}});

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) { return with_unit(text, kSizes); }

std::optional<TimeNs> parse_duration(std::string_view text) {
  const std::optional<std::uint64_t> time = with_unit(text, kTimes);
  if (!time.has_value() || *time > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
  return static_cast<TimeNs>(*time);
}

std::optional<double> parse_share(std::string_view text) {
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(number) || number <= 0) return std::nullopt;
  return percent ? number / 100 : number;
}

}  // namespace vedette::engine
