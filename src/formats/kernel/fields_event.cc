// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "base/time.h"
#include "formats/kernel/fields.h"

namespace vedette::formats::kernel {
namespace {

using Argument = FieldRow::Argument;
using Context = FieldContext;

std::string_view type_of(const Context& context) {
  switch (context.record.header().kind) {
    case VEDETTE_KIND_EXIT:
      return "procexit";
    case VEDETTE_KIND_FLOW:
      return "flow";
    case VEDETTE_KIND_DNS:
      return "dns";
    case VEDETTE_KIND_TLS:
      return "tls";
    case VEDETTE_KIND_BLOCKED:
      return "blocked";
    default:
      return context.call == nullptr ? std::string_view("syscall") : context.call->name;
  }
}

std::string_view category_of(const Context& context) {
  switch (context.record.header().kind) {
    case VEDETTE_KIND_EXIT:
      return "process";
    case VEDETTE_KIND_FLOW:
    case VEDETTE_KIND_DNS:
    case VEDETTE_KIND_TLS:
      return "net";
    default:
      return context.call == nullptr ? std::string_view("other") : context.call->category;
  }
}

std::int64_t time_of(const Context& context) {
  return context.state.to_time(context.record.header().time);
}

// The O_… flags of an open; nothing of other calls.
std::optional<std::uint64_t> open_flags(const Context& context) {
  if (context.call == nullptr || !context.call->opens) return std::nullopt;
  constexpr std::uint64_t kCreat = 01 | 0100 | 01000;  // what creat(2) stands for
  if (context.call->open_flags == 0xFF) return kCreat;
  return context.record.argument(context.call->open_flags);
}

constexpr std::uint64_t kAccessMode = 3;
constexpr std::uint64_t kCreate = 0100;
constexpr std::uint64_t kTemporary = 020000000;

bool opens_to_execute(const Context& context, std::uint64_t flags) {
  if ((flags & (kCreate | kTemporary)) == 0) return false;
  const auto argument = std::ranges::find(context.call->arguments, "mode", &CallArgument::name);
  if (argument == context.call->arguments.end()) return false;
  return (context.record.argument(argument->index).value_or(0) & 0111) != 0;
}

void argument_named(const Context& context, FieldValues& out) {
  const CallArgument* argument = context.call_argument;
  if (argument == nullptr && context.call != nullptr) {
    argument = find_argument(*context.call, context.argument);
  }
  if (argument == nullptr) return;
  const std::string_view text = argument_text(*argument, context);
  if (text.data() == nullptr) return;
  if (argument->shape == Shape::kUid || argument->shape == Shape::kDecimal) {
    return out.number_text(text);
  }
  out.text(text);
}

void argument_numbered(const Context& context, FieldValues& out) {
  if (context.call == nullptr) return;
  if (context.index < 0) return argument_named(context, out);
  const auto index = static_cast<std::size_t>(context.index);
  if (index >= context.call->arguments.size()) return;
  const std::string_view text = argument_text(context.call->arguments[index], context);
  if (text.data() != nullptr) out.text(text);
}

bool is_blocked(const Context& context) {
  return context.record.header().kind == VEDETTE_KIND_BLOCKED;
}

// What was not done: exec, open or connect.
void blocked_action(const Context& context, FieldValues& out) {
  if (!is_blocked(context) || context.call == nullptr) return;
  if (context.call->opens) return out.text("open");
  out.text(context.call->name == "connect" ? "connect" : "exec");
}

// The path of the program or file, or what a connection was to reach.
void blocked_target(const Context& context, FieldValues& out) {
  if (!is_blocked(context)) return;
  const std::string_view path = context.record.field(VEDETTE_FIELD_PATH);
  const std::string_view ends = path.empty() ? tuple_text(context) : path;
  const std::size_t arrow = ends.find("->");
  out.known(path.empty() && arrow != std::string_view::npos ? ends.substr(arrow + 2) : ends);
}

void all_arguments(const Context& context, FieldValues& out) {
  if (context.call == nullptr) return;
  std::string joined;
  for (const CallArgument& argument : context.call->arguments) {
    const std::string_view text = argument_text(argument, context);
    if (text.data() == nullptr) continue;
    if (!joined.empty()) joined += ' ';
    joined.append(argument.name).append("=").append(text);
  }
  out.text(context.arena.copy(joined));
}

constexpr auto
    kEventFields =
        std::
            to_array<FieldRow>(
                {
                    {"evt.source", Argument::kNone, false,
                     [](const Context&, FieldValues& out) { out.text("syscall"); }},
                    {"evt.num", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) { out.number(context.number); }},
                    {"evt.type", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) { out.text(type_of(context)); }},
                    {"evt.category", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       out.text(category_of(context));
                     }},
                    {"evt.dir", Argument::kNone, false,
                     [](const Context&, FieldValues& out) { out.text("<"); }},
                    {"evt.time", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       out.number(time_of(context));
                     }},
                    {"evt.time.iso8601", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       out.text(context.arena.copy(format_time(time_of(context))));
                     }},
                    {"evt.datetime", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       out.text(context.arena.copy(format_time(time_of(context))));
                     }},
                    {"evt.rawtime", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       out.number(time_of(context));
                     }},
                    {"evt.rawtime.s", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       out.number(time_of(context) / kNsPerSecond);
                     }},
                    {"evt.rawtime.ns", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       out.number(time_of(context) % kNsPerSecond);
                     }},
                    {"evt.cpu", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       out.number(context.record.header().cpu);
                     }},
                    {"evt.hostname", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       out.known(context.state.hostname());
                     }},
                    {"evt.res", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       const std::int64_t result = context.record.header().result;
                       const std::string_view name = error_of(result);
                       out.text(result >= 0 || name.empty() ? std::string_view("SUCCESS") : name);
                     }},
                    {"evt.rawres", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       out.number(context.record.header().result);
                     }},
                    {"evt.failed", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       out.boolean(context.record.header().result < 0);
                     }},
                    {"evt.count", Argument::kNone, false,
                     [](const Context&, FieldValues& out) { out.number(1); }},
                    {"evt.is_open_read", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       const auto flags = open_flags(context);
                       if (flags)
                         out.boolean((*flags & kAccessMode) == 0 || (*flags & kAccessMode) == 2);
                     }},
                    {"evt.is_open_write", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       const auto flags = open_flags(context);
                       if (flags)
                         out.boolean((*flags & kAccessMode) == 1 || (*flags & kAccessMode) == 2);
                     }},
                    {"evt.is_open_exec", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       const auto flags = open_flags(context);
                       if (flags) out.boolean(opens_to_execute(context, *flags));
                     }},
                    {"evt.is_open_create", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       if (!open_flags(context)) return;
                       const auto file = context.record.get<vedette_file>(VEDETTE_FIELD_FILE);
                       out.boolean(file && (file->flags & VEDETTE_FILE_CREATED) != 0);
                     }},
                    {"evt.blocked", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       if (is_blocked(context)) {
                         out.known(context.record.field(VEDETTE_FIELD_NAME));
                       }
                     }},
                    {"evt.blocked.action", Argument::kNone, false, blocked_action},
                    {"evt.blocked.target", Argument::kNone, false, blocked_target},
                    {"evt.is_compat", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       out.boolean((context.record.header().flags & VEDETTE_FLAG_COMPAT) != 0);
                     }},
                    {"evt.is_io_uring", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       out.boolean((context.record.header().flags & VEDETTE_FLAG_IO_URING) != 0);
                     }},
                    {"evt.args", Argument::kNone, false, all_arguments},
                    {"evt.info", Argument::kNone, false, all_arguments},
                    {"evt.arg", Argument::kIndex, false, argument_numbered},
                    {"evt.rawarg", Argument::kKey, false, argument_named},
                    {"evt.arg.", Argument::kKey, false, argument_named},
                    {"evt.rawarg.", Argument::kKey, false, argument_named},
                    {"evt.buffer", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       out.known(context.record.field(VEDETTE_FIELD_DATA));
                     }},
                    {"flow.sent", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       if (const auto sent =
                               context.record.get<std::uint64_t>(VEDETTE_FIELD_SENT)) {
                         out.number(*sent);
                       }
                     }},
                    {"flow.received", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       if (const auto received =
                               context.record.get<std::uint64_t>(VEDETTE_FIELD_RECEIVED)) {
                         out.number(*received);
                       }
                     }},
                    {"tls.name", Argument::kNone, false,
                     [](const Context& context, FieldValues& out) {
                       if (context.record.header().kind == VEDETTE_KIND_TLS) {
                         out.known(context.record.field(VEDETTE_FIELD_NAME));
                       }
                     }},
                });

}  // namespace

std::span<const FieldRow> event_fields() { return kEventFields; }

bool names_call_argument(const FieldRow& row) { return row.get == argument_named; }

}  // namespace vedette::formats::kernel
