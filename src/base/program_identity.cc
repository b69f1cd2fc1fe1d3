// SPDX-License-Identifier: Apache-2.0
#include "base/program_identity.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <elf.h>
#include <link.h>
#include <string_view>
#include <sys/stat.h>

namespace vedette {
namespace {

constexpr std::string_view kOwner("GNU", 4);  // with its NUL, as notes have it

std::size_t padded(std::size_t size) { return (size + 3) / 4 * 4; }

// The linker wrote the notes, so they are what they say; still nothing is read behind their end.
std::string build_id_in(std::string_view notes) {
  ElfW(Nhdr) head;
  while (notes.size() >= sizeof head) {
    std::memcpy(&head, notes.data(), sizeof head);
    notes.remove_prefix(sizeof head);
    const std::size_t owner = padded(head.n_namesz);
    const std::size_t size = padded(head.n_descsz);
    if (owner + size > notes.size()) break;
    if (head.n_type == NT_GNU_BUILD_ID && notes.substr(0, head.n_namesz) == kOwner)
      return std::string(notes.substr(owner, head.n_descsz));
    notes.remove_prefix(owner + size);
  }
  return {};
}

}  // namespace

std::string program_identity() {
  std::string identity;
  // The program itself comes first.
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* result) {
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const auto& segment = info->dlpi_phdr[i];
          if (segment.p_type != PT_NOTE) continue;
          const auto* const begin = std::bit_cast<const char*>(info->dlpi_addr + segment.p_vaddr);
          const std::string found = build_id_in({begin, segment.p_memsz});
          if (!found.empty()) *static_cast<std::string*>(result) = found;
        }
        return 1;
      },
      &identity);
  if (!identity.empty()) return identity;
  struct stat status{};
  if (::stat("/proc/self/exe", &status) != 0) return identity;
  return std::to_string(status.st_size) + ' ' + std::to_string(status.st_mtim.tv_sec) + '.' +
         std::to_string(status.st_mtim.tv_nsec);
}

}  // namespace vedette
