// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/installed/program_sections.h"

#include <algorithm>
#include <cstdint>

#include "formats/packages/system/integers.h"

namespace vedette::formats::packages {
namespace {

constexpr std::uint32_t kSectionsMax = 65'536;
constexpr std::uint32_t kCommandsMax = 65'536;
constexpr std::uint32_t kMachSegment64 = 0x19;

std::optional<std::string_view> slice(std::string_view bytes, std::uint64_t at,
                                      std::uint64_t size) {
  if (at > bytes.size() || bytes.size() - at < size) return std::nullopt;
  return bytes.substr(at, size);
}

template <typename Integer>
std::uint64_t number(std::string_view bytes, std::uint64_t at) {
  return little_endian<Integer>(bytes, at).value_or(0);
}

std::string_view text_at(std::string_view bytes, std::uint64_t at, std::size_t size_max) {
  if (at >= bytes.size()) return {};
  const std::string_view text = bytes.substr(at, size_max);
  return text.substr(0, text.find('\0'));
}

constexpr std::size_t kHeaderBytesMin = 64;

bool is_elf(std::string_view bytes) {
  return bytes.starts_with(
      "\x7f"
      "ELF");
}

// System V ABI: a table of sections, whose names are in one of them.
class ElfSections {
 public:
  // `bytes` are kHeaderBytesMin or more.
  explicit ElfSections(std::string_view bytes) : bytes_(bytes), is_64_(bytes[4] == 2) {
    table_ = word(is_64_ ? 0x28 : 0x20);
    entry_ = number<std::uint16_t>(bytes, is_64_ ? 0x3A : 0x2E);
    count_ = number<std::uint16_t>(bytes, is_64_ ? 0x3C : 0x30);
    const std::uint64_t names = number<std::uint16_t>(bytes, is_64_ ? 0x3E : 0x32);
    is_whole_ = bytes[5] == 1 && entry_ >= 40 && names < count_ &&
                slice(bytes, table_, entry_ * count_).has_value();
    if (!is_whole_) return;
    names_ = offset_of(names);
    is_whole_ = names_ <= bytes.size();
  }

  bool is_whole() const { return is_whole_; }

  std::optional<std::string_view> find(std::string_view name) const {
    for (std::uint64_t i = 0; is_whole_ && i < count_; ++i) {
      const std::uint64_t at = table_ + i * entry_;
      const std::uint64_t text = names_ + number<std::uint32_t>(bytes_, at);
      if (text_at(bytes_, text, name.size() + 1) != name) continue;
      return slice(bytes_, offset_of(i), word(at + (is_64_ ? 0x20 : 0x14)));
    }
    return std::nullopt;
  }

 private:
  std::uint64_t word(std::uint64_t at) const {
    return is_64_ ? number<std::uint64_t>(bytes_, at) : number<std::uint32_t>(bytes_, at);
  }
  std::uint64_t offset_of(std::uint64_t section) const {
    return word(table_ + section * entry_ + (is_64_ ? 0x18 : 0x10));
  }

  std::string_view bytes_;
  bool is_64_;
  bool is_whole_ = false;
  std::uint64_t table_ = 0;
  std::uint64_t entry_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t names_ = 0;
};

// PE/COFF: headers of 40 bytes behind the optional header.
std::optional<std::string_view> pe_section(std::string_view bytes, std::string_view name) {
  const std::uint64_t header = number<std::uint32_t>(bytes, 0x3C);
  if (slice(bytes, header, 4) != std::string_view("PE\0\0", 4)) return std::nullopt;
  const std::uint64_t count = number<std::uint16_t>(bytes, header + 6);
  const std::uint64_t table = header + 24 + number<std::uint16_t>(bytes, header + 20);
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(count, kSectionsMax); ++i) {
    const std::uint64_t at = table + i * 40;
    if (text_at(bytes, at, 8) != name) continue;
    const std::uint64_t size =
        std::min(number<std::uint32_t>(bytes, at + 8), number<std::uint32_t>(bytes, at + 16));
    return slice(bytes, number<std::uint32_t>(bytes, at + 20), size);
  }
  return std::nullopt;
}

// Mach-O, 64 bits: load commands, of which segments hold headers of sections, of 80 bytes.
std::optional<std::string_view> mach_section(std::string_view bytes, std::string_view name) {
  const std::uint64_t commands = number<std::uint32_t>(bytes, 16);
  std::uint64_t at = 32;
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(commands, kCommandsMax); ++i) {
    const std::uint64_t size = number<std::uint32_t>(bytes, at + 4);
    if (size < 8 || at > bytes.size()) return std::nullopt;
    const bool is_segment = number<std::uint32_t>(bytes, at) == kMachSegment64;
    const std::uint64_t sections = is_segment ? number<std::uint32_t>(bytes, at + 64) : 0;
    for (std::uint64_t k = 0; k < std::min<std::uint64_t>(sections, size / 80); ++k) {
      const std::uint64_t section = at + 72 + k * 80;
      if (text_at(bytes, section, 16) == name) {
        return slice(bytes, number<std::uint32_t>(bytes, section + 48),
                     number<std::uint64_t>(bytes, section + 40));
      }
    }
    at += size;
  }
  return std::nullopt;
}

}  // namespace

bool is_program(std::string_view head) {
  return is_elf(head) || head.starts_with("MZ") || head.starts_with("\xcf\xfa\xed\xfe") ||
         head.starts_with("\xce\xfa\xed\xfe");
}

std::optional<std::string_view> program_section(std::string_view bytes, std::string_view name) {
  if (bytes.size() < kHeaderBytesMin) return std::nullopt;
  if (is_elf(bytes)) return ElfSections(bytes).find(name);
  if (bytes.starts_with("MZ")) return pe_section(bytes, name);
  if (bytes.starts_with("\xcf\xfa\xed\xfe")) return mach_section(bytes, name);
  return std::nullopt;
}

bool has_sections(std::string_view bytes) {
  return bytes.size() >= kHeaderBytesMin && is_elf(bytes) && ElfSections(bytes).is_whole();
}

// System V ABI: a table of what is loaded.
std::vector<ProgramGap> program_gaps(std::string_view head, std::uint64_t size) {
  constexpr std::uint32_t kLoaded = 1;
  constexpr std::uint32_t kExecutable = 1;
  constexpr std::uint32_t kWritable = 2;
  constexpr std::uint64_t kHeadKept = std::uint64_t{64} << 10;
  constexpr std::uint64_t kTailKept = std::uint64_t{16} << 20;
  if (head.size() < 64 || !head.starts_with("\x7f"
                                            "ELF\x02\x01"))
    return {};
  const std::uint64_t table = number<std::uint64_t>(head, 0x20);
  const std::uint64_t entry = number<std::uint16_t>(head, 0x36);
  const std::uint64_t count = number<std::uint16_t>(head, 0x38);
  if (entry < 56 || !slice(head, table, entry * count)) return {};
  std::vector<ProgramGap> gaps;
  bool has_constants = false;
  std::uint64_t end = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t at = table + i * entry;
    if (number<std::uint32_t>(head, at) != kLoaded) continue;
    const std::uint32_t flags = little_endian<std::uint32_t>(head, at + 4).value_or(0);
    const std::uint64_t begin = std::min(number<std::uint64_t>(head, at + 8), size);
    const std::uint64_t bytes = std::min(number<std::uint64_t>(head, at + 32), size - begin);
    end = std::max(end, begin + bytes);
    if ((flags & (kExecutable | kWritable)) == 0) has_constants = true;
    if ((flags & kExecutable) == 0) continue;
    gaps.push_back({std::max(begin, kHeadKept), begin + bytes});
  }
  if (!has_constants) gaps.clear();
  // What stands behind the table of sections, at the end of what the linker wrote, is no linker's.
  const std::uint64_t sections_end =
      number<std::uint64_t>(head, 0x28) +
      number<std::uint16_t>(head, 0x3A) * number<std::uint16_t>(head, 0x3C);
  const std::uint64_t linked = sections_end > end ? std::min(sections_end, size) : size;
  if (linked - end > 2 * kTailKept) gaps.push_back({end + kTailKept, linked - kTailKept});
  std::erase_if(gaps, [](const ProgramGap& gap) { return gap.begin >= gap.end; });
  std::ranges::sort(gaps, std::ranges::less(), &ProgramGap::begin);
  return gaps;
}

}  // namespace vedette::formats::packages
