// SPDX-License-Identifier: Apache-2.0
#include "scan/models/exchange/exchange_report.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "formats/models/shard_index.h"

namespace vedette::scan::models {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t kPartBytesMax = std::size_t{64} << 20;

std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t number = 0;
  if (at > bytes.size() || size > bytes.size() - at) return 0;
  for (std::size_t i = size; i-- > 0;)
    number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

bool is_pickle_head(std::string_view bytes) {
  return bytes.size() > 2 && bytes[0] == '\x80' && bytes[1] >= 0 && bytes[1] <= 5;
}

bool bears_mark(std::string_view bytes) {
  constexpr auto kMarks = std::to_array<std::string_view>(
      {"PK\x03\x04"sv, "\x93NUMPY"sv, "\x1F\x8B\x08"sv, "BZh"sv, "\xFD\x37zXZ\0"sv,
       "\x28\xB5\x2F\xFD"sv, "7z\xBC\xAF\x27\x1C"sv, "\x89HDF\r\n"sv, "GGUF"sv});
  return is_pickle_head(bytes) ||
         std::ranges::any_of(kMarks, [bytes](auto mark) { return bytes.starts_with(mark); });
}

}  // namespace

bool leads_outside(std::string_view place) {
  return !place.empty() && !formats::models::stays_in_folder(place);
}

bool is_machine_program(std::string_view bytes) {
  if (bytes.starts_with("\x7F"
                        "ELF"sv) &&
      bytes.size() >= 64) {
    // e_machine: x86, ARM, x86-64, AArch64, RISC-V; of NVIDIA's processors it is 190.
    constexpr std::array<std::uint64_t, 5> kMachines = {3, 40, 62, 183, 243};
    return std::ranges::find(kMachines, little_endian(bytes, 18, 2)) != kMachines.end();
  }
  if (bytes.starts_with("MZ"sv) && bytes.size() >= 64) {
    const std::uint64_t header = little_endian(bytes, 0x3C, 4);
    return header < bytes.size() && bytes.substr(static_cast<std::size_t>(header), 4) == "PE\0\0"sv;
  }
  return bytes.starts_with("\xCF\xFA\xED\xFE"sv) && bytes.size() >= 64;
}

void ExchangeReport::add(ModelRule rule, std::string_view call, std::string message) {
  add_finding(rules_[rule], path_, std::string(call), std::move(message), findings_);
}

void ExchangeReport::add_fault(std::string_view format, std::string_view fault) {
  add(ModelRule::kBroken, fault, fmt::format("The file breaks the rules of {}: {}", format, fault));
}

void ExchangeReport::add_custom(std::string_view what, std::vector<std::string_view> names) {
  if (names.empty()) return;
  std::ranges::sort(names);
  const auto rest = std::ranges::unique(names);
  names.erase(rest.begin(), rest.end());
  constexpr std::size_t kNamesShown = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kNamesShown); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : ", ", shown(names[i]));
  if (names.size() > kNamesShown) text += fmt::format(" and {} more", names.size() - kNamesShown);
  add(ModelRule::kCustomOperation, text, fmt::format("The model needs {}: {}", what, text));
}

void ExchangeReport::keep(std::string_view name, std::string_view bytes) {
  if (bytes.size() > kPartBytesMax) set_cut();
  if (parts_.size() >= kPartsMax) return set_cut();
  parts_.emplace_back(fmt::format("{}/{}", path_, name), bytes.substr(0, kPartBytesMax));
}

void ExchangeReport::add_part(std::string_view name, std::string_view bytes) {
  const std::string_view label = shown(name);
  if (is_machine_program(bytes)) {
    add(ModelRule::kEmbeddedProgram, label,
        fmt::format("The model carries a program or library as {}", label));
  } else if (bears_mark(bytes)) {
    keep(label, bytes);
  }
}

void ExchangeReport::add_pickle(std::string_view name, std::string_view bytes) {
  keep(fmt::format("{}.pkl", shown(name)), bytes);
}

}  // namespace vedette::scan::models
