// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/auditd_socket.h"

#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

#include "formats/logs/field_text.h"

namespace vedette::formats::logs {
namespace {

struct FamilyRow {
  std::uint16_t number;
  std::string_view name;
};
// AF_* of bits/socket.h under the names that ausearch prints.
constexpr auto kFamilies = std::to_array<FamilyRow>({
    {1, "local"},
    {2, "inet"},
    {10, "inet6"},
    {16, "netlink"},
    {17, "packet"},
    {29, "can"},
    {31, "bluetooth"},
    {38, "alg"},
    {40, "vsock"},
    {44, "xdp"},
});

std::string_view port_text(std::string_view bytes, Arena& arena) {
  const auto high = static_cast<std::uint8_t>(bytes[2]);
  const auto low = static_cast<std::uint8_t>(bytes[3]);
  char* const text = arena.allocate(5);
  const char* const end = std::to_chars(text, text + 5, high * 256 + low).ptr;
  return {text, static_cast<std::size_t>(end - text)};
}

std::string_view address_text(int family, std::string_view bytes, Arena& arena) {
  char* const text = arena.allocate(INET6_ADDRSTRLEN);
  if (inet_ntop(family, bytes.data(), text, INET6_ADDRSTRLEN) == nullptr) return {};
  return {text, std::strlen(text)};
}

std::string_view local_path(std::string_view bytes) {
  const bool abstract = bytes.starts_with('\0');
  return bytes.substr(0, find_or_end(bytes, '\0', abstract ? 1 : 0));
}

AuditSocket from_bytes(char* memory, std::size_t size, Arena& arena) {
  const std::string_view bytes(memory, size);
  AuditSocket socket;
  // The family is in the byte order of the host that wrote the log; all that we know are little
  // endian, and no family is above 255.
  const int family = static_cast<std::uint8_t>(bytes[0]) + static_cast<std::uint8_t>(bytes[1]);
  for (const FamilyRow& row : kFamilies) {
    if (row.number == family) socket.family = row.name;
  }
  if (family == AF_INET && size >= 8) {
    socket.port = port_text(bytes, arena);
    socket.address = address_text(AF_INET, bytes.substr(4), arena);
  } else if (family == AF_INET6 && size >= 24) {
    socket.port = port_text(bytes, arena);
    socket.address = address_text(AF_INET6, bytes.substr(8), arena);
  } else if (family == AF_UNIX && size > 2) {
    socket.path = local_path(bytes.substr(2));
    if (socket.path.starts_with('\0')) memory[2] = '@';
  }
  return socket;
}

// "inet host:127.0.0.1 serv:80", "local /dev/log", "netlink pid:0": audit before 2.8.
AuditSocket from_words(std::string_view text) {
  AuditSocket socket;
  const std::string_view family = take_until(text, ' ');
  for (const FamilyRow& row : kFamilies) {
    if (row.name == family) socket.family = row.name;
  }
  if (socket.family == "local") socket.path = text;
  while (!text.empty() && socket.family != "local") {
    const std::string_view word = take_until(text, ' ');
    if (word.starts_with("host:")) socket.address = word.substr(5);
    if (word.starts_with("serv:") && kind_of_number(word.substr(5)) == event::Kind::kNumber) {
      socket.port = word.substr(5);
    }
  }
  return socket;
}

}  // namespace

AuditSocket decode_audit_socket(std::string_view saddr, Arena& arena) {
  constexpr std::size_t kBytesMax = 128;  // sizeof(struct sockaddr_storage)
  if (saddr.size() < 4 || saddr.size() > 2 * kBytesMax) return {};
  const std::size_t size = saddr.size() / 2;
  char* const bytes = arena.allocate(size);
  if (!decode_hex(saddr, bytes)) return from_words(saddr);
  return from_bytes(bytes, size, arena);
}

}  // namespace vedette::formats::logs
