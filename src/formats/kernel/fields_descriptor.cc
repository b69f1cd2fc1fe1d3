// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <array>
#include <sys/socket.h>
#include <sys/un.h>

#include "formats/kernel/fields.h"

namespace vedette::formats::kernel {
namespace {

using Argument = FieldRow::Argument;
using Needs = FieldRow::Needs;
using Context = FieldContext;

// One end of a connection.
struct End {
  std::string_view address;  // as text; empty when unknown
  std::uint16_t port = 0;
};

// What a descriptor refers to.
struct Target {
  std::int32_t family = 0;  // AF_…, 0: no socket
  std::uint16_t protocol = 0;
  std::uint16_t type = 0;
  bool is_server = false;  // the local end took the connection
  End local;
  End remote;

  const End& client() const { return is_server ? remote : local; }
  const End& server() const { return is_server ? local : remote; }
};

std::string_view address_text(int family, const void* bytes, Arena& arena) {
  char* const text = arena.allocate(INET6_ADDRSTRLEN);
  if (inet_ntop(family, bytes, text, INET6_ADDRSTRLEN) == nullptr) return {};
  const std::size_t size = std::strlen(text);
  arena.shrink(text, size);
  return {text, size};
}

// An IPv4 address inside of IPv6 is shown as what it is.
std::string_view inet_text(std::uint16_t family, const std::uint8_t* bytes, Arena& arena) {
  constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (family == AF_INET) return address_text(AF_INET, bytes, arena);
  if (std::memcmp(bytes, kMapped.data(), kMapped.size()) == 0) {
    return address_text(AF_INET, bytes + kMapped.size(), arena);
  }
  return address_text(AF_INET6, bytes, arena);
}

End end_of(std::string_view address, Arena& arena) {
  End end;
  sa_family_t family = 0;
  if (address.size() < sizeof family) return end;
  std::memcpy(&family, address.data(), sizeof family);
  if (family == AF_INET && address.size() >= sizeof(sockaddr_in)) {
    sockaddr_in in{};
    std::memcpy(&in, address.data(), sizeof in);
    end.address = address_text(AF_INET, &in.sin_addr, arena);
    end.port = ntohs(in.sin_port);
  } else if (family == AF_INET6 && address.size() >= offsetof(sockaddr_in6, sin6_scope_id)) {
    sockaddr_in6 in{};
    std::memcpy(&in, address.data(), std::min(address.size(), sizeof in));
    end.address = inet_text(AF_INET6, reinterpret_cast<const std::uint8_t*>(&in.sin6_addr), arena);
    end.port = ntohs(in.sin6_port);
  }
  return end;
}

Target target_of(const Context& context) {
  Target target;
  const auto socket = context.record.get<vedette_socket>(VEDETTE_FIELD_SOCKET);
  if (socket) {
    target.family = socket->family;
    target.protocol = socket->protocol;
    target.type = socket->type;
    target.is_server = socket->listening_side != 0;
    if (socket->family == AF_INET || socket->family == AF_INET6) {
      target.local = {inet_text(socket->family, socket->local, context.arena), socket->local_port};
      target.remote = {inet_text(socket->family, socket->remote, context.arena),
                       socket->remote_port};
    }
  }
  // A datagram, or a connection under way, goes to the address given.
  const std::string_view address = context.record.field(VEDETTE_FIELD_ADDRESS);
  if (!address.empty() && target.remote.port == 0) {
    const End given = end_of(address, context.arena);
    if (given.port != 0) {
      target.remote = given;
      sa_family_t family = 0;
      std::memcpy(&family, address.data(), sizeof family);
      if (target.family == 0) target.family = family;
    }
  }
  return target;
}

bool is_inet(const Target& target) { return target.family == AF_INET || target.family == AF_INET6; }

// Whether the two ends are IPv4, also where the socket could do more.
bool is_four(const Target& target) {
  return is_inet(target) && target.remote.address.find(':') == std::string_view::npos &&
         target.local.address.find(':') == std::string_view::npos;
}

struct TypeName {
  char mark;
  std::string_view name;
};
constexpr auto kTypes = std::to_array<TypeName>({{'f', "file"},
                                                 {'d', "directory"},
                                                 {'4', "ipv4"},
                                                 {'6', "ipv6"},
                                                 {'u', "unix"},
                                                 {'p', "pipe"},
                                                 {'e', "event"},
                                                 {'s', "signalfd"},
                                                 {'l', "eventpoll"},
                                                 {'i', "inotify"},
                                                 {'t', "timerfd"},
                                                 {'b', "bpf"},
                                                 {'m', "memfd"},
                                                 {'a', "pidfd"},
                                                 {'r', "io_uring"},
                                                 {'x', "userfaultfd"},
                                                 {'n', "netlink"},
                                                 {'o', "other"}});

char type_mark(const Context& context) {
  const Target target = target_of(context);
  if (is_inet(target)) return is_four(target) ? '4' : '6';
  if (target.family == AF_UNIX) return 'u';
  if (target.family == AF_NETLINK) return 'n';
  const auto file = context.record.get<vedette_file>(VEDETTE_FIELD_FILE);
  if (file && file->type != 0) return file->type;
  if (target.family != 0) return 'o';
  // A call that failed to open says only what it wanted.
  if (context.call != nullptr && context.call->opens) return 'f';
  return 0;
}

std::string_view number_text(std::uint64_t number, Arena& arena) {
  constexpr std::size_t kDigitsMax = 20;
  char* const text = arena.allocate(kDigitsMax);
  const auto size =
      static_cast<std::size_t>(std::to_chars(text, text + kDigitsMax, number).ptr - text);
  arena.shrink(text, size);
  return {text, size};
}

std::string_view ends_text(const Target& target, Arena& arena) {
  const End& client = target.client();
  const End& server = target.server();
  if (server.address.empty() || (server.port == 0 && client.port == 0)) return {};
  const std::string_view from = client.address.empty() ? "0.0.0.0" : client.address;
  return concatenate({from, ":", number_text(client.port, arena), "->", server.address, ":",
                      number_text(server.port, arena)},
                     arena);
}

std::string_view unix_path(const Context& context) {
  std::string_view path = context.record.field(VEDETTE_FIELD_SOCKET_PATH);
  if (path.empty()) {
    const std::string_view address = context.record.field(VEDETTE_FIELD_ADDRESS);
    sa_family_t family = 0;
    if (address.size() > sizeof family) {
      std::memcpy(&family, address.data(), sizeof family);
      if (family == AF_UNIX) path = address.substr(sizeof family);
    }
  }
  if (path.starts_with('\0')) return path;  // of the abstract namespace
  return path.substr(0, path.find('\0'));
}

std::string_view name_of(const Context& context) {
  const Target target = target_of(context);
  if (is_inet(target)) return ends_text(target, context.arena);
  if (target.family == AF_UNIX) return unix_path(context);
  if (context.record.has(VEDETTE_FIELD_FD_PATH)) return context.record.field(VEDETTE_FIELD_FD_PATH);
  if (context.record.has(VEDETTE_FIELD_PATH)) return context.record.field(VEDETTE_FIELD_PATH);
  if (context.call != nullptr && context.call->opens) return first_path(context);
  return {};
}

bool has_file_name(const Context& context) {
  const char mark = type_mark(context);
  return mark == 'f' || mark == 'd';
}

template <auto get>
void of_target(const Context& context, FieldValues& out) {
  const Target target = target_of(context);
  if (is_inet(target)) get(target, out);
}

void client_address(const Target& target, FieldValues& out) { out.known(target.client().address); }
void server_address(const Target& target, FieldValues& out) { out.known(target.server().address); }
void local_address(const Target& target, FieldValues& out) { out.known(target.local.address); }
void remote_address(const Target& target, FieldValues& out) { out.known(target.remote.address); }
void both_addresses(const Target& target, FieldValues& out) {
  out.known(target.client().address);
  out.known(target.server().address);
}
void port(std::uint16_t number, FieldValues& out) {
  if (number != 0) out.number(number);
}
void client_port(const Target& target, FieldValues& out) { port(target.client().port, out); }
void server_port(const Target& target, FieldValues& out) { port(target.server().port, out); }
void local_port(const Target& target, FieldValues& out) { port(target.local.port, out); }
void remote_port(const Target& target, FieldValues& out) { port(target.remote.port, out); }
void both_ports(const Target& target, FieldValues& out) {
  port(target.client().port, out);
  port(target.server().port, out);
}

void protocol_name(const Context& context, FieldValues& out) {
  const Target target = target_of(context);
  if (target.family == 0) return;
  if (!is_inet(target)) return out.text("<NA>");
  switch (target.protocol) {
    case IPPROTO_TCP:
      return out.text("tcp");
    case IPPROTO_UDP:
      return out.text("udp");
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      return out.text("icmp");
    case IPPROTO_RAW:
      return out.text("raw");
    default:
      return out.text("<NA>");
  }
}

void with_file(const Context& context, FieldValues& out,
               void (*get)(const vedette_file& file, FieldValues& out)) {
  if (const auto file = context.record.get<vedette_file>(VEDETTE_FIELD_FILE)) get(*file, out);
}

std::optional<std::int32_t> number_of(const Context& context) {
  if (const auto fd = context.record.get<std::int32_t>(VEDETTE_FIELD_FD)) return fd;
  const std::int64_t result = context.record.header().result;
  if (context.call != nullptr && context.call->opens && result >= 0) {
    return static_cast<std::int32_t>(result);
  }
  return std::nullopt;
}

constexpr auto
    kDescriptorFields =
        std::
            to_array<FieldRow>(
                {
                    {"fd.num", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       if (const auto number = number_of(context)) out.number(*number);
                     }},
                    {"fd.type", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       const char mark = type_mark(context);
                       for (const TypeName& type : kTypes) {
                         if (type.mark == mark) return out.text(type.name);
                       }
                     }},
                    {"fd.typechar", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       const char mark = type_mark(context);
                       for (const TypeName& type : kTypes) {
                         if (type.mark == mark) return out.text({&type.mark, 1});
                       }
                     }},
                    {"fd.name", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) { out.known(name_of(context)); }},
                    {"fd.nameraw", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       if (context.call != nullptr && context.call->opens &&
                           context.record.has(VEDETTE_FIELD_PATH_GIVEN)) {
                         return out.known(context.record.field(VEDETTE_FIELD_PATH_GIVEN));
                       }
                       out.known(name_of(context));
                     }},
                    {"fd.directory", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       if (!has_file_name(context)) return;
                       const std::string_view name = name_of(context);
                       const std::size_t slash = name.rfind('/');
                       if (slash == std::string_view::npos) return;
                       out.text(slash == 0 ? std::string_view("/") : name.substr(0, slash));
                     }},
                    {"fd.filename", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       if (!has_file_name(context)) return;
                       const std::string_view name = name_of(context);
                       out.known(name.substr(name.rfind('/') + 1));
                     }},
                    {"fd.ip", Argument::kNone, false, of_target<both_addresses>, Needs::kSocket},
                    {"fd.cip", Argument::kNone, false, of_target<client_address>, Needs::kSocket},
                    {"fd.sip", Argument::kNone, false, of_target<server_address>, Needs::kSocket},
                    {"fd.lip", Argument::kNone, false, of_target<local_address>, Needs::kSocket},
                    {"fd.rip", Argument::kNone, false, of_target<remote_address>, Needs::kSocket},
                    {"fd.net", Argument::kNone, false, of_target<both_addresses>, Needs::kSocket},
                    {"fd.cnet", Argument::kNone, false, of_target<client_address>, Needs::kSocket},
                    {"fd.snet", Argument::kNone, false, of_target<server_address>, Needs::kSocket},
                    {"fd.lnet", Argument::kNone, false, of_target<local_address>, Needs::kSocket},
                    {"fd.rnet", Argument::kNone, false, of_target<remote_address>, Needs::kSocket},
                    {"fd.port", Argument::kNone, false, of_target<both_ports>, Needs::kSocket},
                    {"fd.cport", Argument::kNone, false, of_target<client_port>, Needs::kSocket},
                    {"fd.sport", Argument::kNone, false, of_target<server_port>, Needs::kSocket},
                    {"fd.lport", Argument::kNone, false, of_target<local_port>, Needs::kSocket},
                    {"fd.rport", Argument::kNone, false, of_target<remote_port>, Needs::kSocket},
                    {"fd.l4proto", Argument::kNone, false, protocol_name, Needs::kSocket},
                    {"fd.sockfamily", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       const Target target = target_of(context);
                       if (is_inet(target)) return out.text("ip");
                       if (target.family == AF_UNIX) return out.text("unix");
                     },
                     Needs::kSocket},
                    {"fd.is_server", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       const Target target = target_of(context);
                       if (target.family != 0) out.boolean(target.is_server);
                     },
                     Needs::kSocket},
                    {"fd.connected", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       constexpr std::uint8_t kEstablished = 1;
                       const auto socket = context.record.get<vedette_socket>(VEDETTE_FIELD_SOCKET);
                       if (socket) out.boolean(socket->state == kEstablished);
                     },
                     Needs::kSocket},
                    // A datagram to another end than the last one: every one that names its end.
                    {"fd.name_changed", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       const Target target = target_of(context);
                       if (target.family != 0)
                         out.boolean(context.record.has(VEDETTE_FIELD_ADDRESS));
                     },
                     Needs::kSocket},
                    {"fd.ino", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       with_file(context, out, [](const vedette_file& file, FieldValues& to) {
                         to.number(file.inode);
                       });
                     }},
                    {"fd.dev", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       with_file(context, out, [](const vedette_file& file, FieldValues& to) {
                         to.number(file.device);
                       });
                     }},
                    {"fd.dev.major", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       with_file(context, out, [](const vedette_file& file, FieldValues& to) {
                         to.number(file.device >> 20);
                       });
                     }},
                    {"fd.dev.minor", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       with_file(context, out, [](const vedette_file& file, FieldValues& to) {
                         to.number(file.device & 0xFFFFF);
                       });
                     }},
                    {"fd.is_upper_layer", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       with_file(context, out, [](const vedette_file& file, FieldValues& to) {
                         to.boolean((file.flags & VEDETTE_FILE_UPPER) != 0);
                       });
                     }},
                    {"fd.is_lower_layer", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       with_file(context, out, [](const vedette_file& file, FieldValues& to) {
                         to.boolean((file.flags & VEDETTE_FILE_LOWER) != 0);
                       });
                     }},
                    {"fs.path.name", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       if (!context.record.has(VEDETTE_FIELD_PATH2_GIVEN))
                         out.known(first_path(context));
                     }},
                    {"fs.path.nameraw", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       if (!context.record.has(VEDETTE_FIELD_PATH2_GIVEN)) {
                         out.known(context.record.field(VEDETTE_FIELD_PATH_GIVEN));
                       }
                     }},
                    {"fs.path.source", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       if (context.record.has(VEDETTE_FIELD_PATH2_GIVEN))
                         out.known(first_path(context));
                     }},
                    {"fs.path.sourceraw", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       if (context.record.has(VEDETTE_FIELD_PATH2_GIVEN)) {
                         out.known(context.record.field(VEDETTE_FIELD_PATH_GIVEN));
                       }
                     }},
                    {"fs.path.target", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       if (context.record.has(VEDETTE_FIELD_PATH2_GIVEN))
                         out.known(second_path(context));
                     }},
                    {"fs.path.targetraw", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       out.known(context.record.field(VEDETTE_FIELD_PATH2_GIVEN));
                     }},
                });

}  // namespace

std::span<const FieldRow> descriptor_fields() { return kDescriptorFields; }

std::string_view tuple_text(const FieldContext& context) {
  const Target target = target_of(context);
  if (target.family == AF_UNIX) return unix_path(context);
  return ends_text(target, context.arena);
}

}  // namespace vedette::formats::kernel
