// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <array>

#include "formats/kernel/fields.h"

// DNS messages (RFC 1035) as fields. Falco has none of these; the names are ours.
namespace vedette::formats::kernel {
namespace {

using Argument = FieldRow::Argument;
using Context = FieldContext;

constexpr std::size_t kHeaderBytes = 12;
constexpr std::size_t kNameBytesMax = 255;
constexpr std::size_t kLabelsMax = 128;
constexpr std::size_t kAnswersMax = 32;

struct Question {
  std::string_view name;
  std::uint16_t type = 0;
};

// Reads a message from front to end; false from the first thing on that is not there.
class Message {
 public:
  Message(std::string_view bytes, Arena& arena) : bytes_(bytes), arena_(arena) {}

  bool number(std::uint16_t& value) {
    if (bytes_.size() - at_ < 2) return false;
    value = number_at(at_);
    at_ += 2;
    return true;
  }
  bool skip(std::size_t size) {
    if (bytes_.size() - at_ < size) return false;
    at_ += size;
    return true;
  }
  std::string_view take(std::size_t size) {
    const std::string_view bytes = bytes_.substr(at_, size);
    at_ += bytes.size();
    return bytes;
  }
  std::size_t position() const { return at_; }

  // A name, compressed or not (section 4.1.4), with dots; pointers only lead backwards.
  bool name(std::string_view& name) {
    std::size_t end = 0;
    if (!name_at(at_, name, end)) return false;
    at_ = end;
    return true;
  }
  bool name_at(std::size_t at, std::string_view& name, std::size_t& end) {
    char* const text = arena_.allocate(kNameBytesMax + 1);
    std::size_t size = 0;
    bool jumped = false;
    for (std::size_t labels = 0; labels < kLabelsMax && at < bytes_.size(); ++labels) {
      const auto length = static_cast<std::uint8_t>(bytes_[at]);
      if ((length & 0xC0) == 0xC0) {
        if (bytes_.size() - at < 2) return false;
        const std::size_t to = number_at(at) & 0x3FFF;
        if (!jumped) end = at + 2;
        if (to >= at) return false;
        jumped = true;
        at = to;
        continue;
      }
      if (length == 0) {
        if (!jumped) end = at + 1;
        arena_.shrink(text, size);
        name = size == 0 ? std::string_view(".") : std::string_view(text, size);
        return true;
      }
      if (length > 63 || bytes_.size() - at - 1 < length || size + length + 1 > kNameBytesMax) {
        return false;
      }
      if (size > 0) text[size++] = '.';
      std::memcpy(text + size, bytes_.data() + at + 1, length);
      size += length;
      at += length + std::size_t{1};
    }
    return false;
  }

 private:
  std::uint16_t number_at(std::size_t at) const {
    return static_cast<std::uint16_t>(static_cast<std::uint8_t>(bytes_[at]) << 8 |
                                      static_cast<std::uint8_t>(bytes_[at + 1]));
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  Arena& arena_;
};

struct Counts {
  std::uint16_t flags = 0;
  std::uint16_t questions = 0;
  std::uint16_t answers = 0;
};

bool read_header(Message& message, Counts& counts) {
  return message.skip(2) && message.number(counts.flags) && message.number(counts.questions) &&
         message.number(counts.answers) && message.skip(kHeaderBytes - 8);
}

bool read_question(Message& message, Question& question) {
  return message.name(question.name) && message.number(question.type) && message.skip(2);
}

bool is_dns(const Context& context) { return context.record.header().kind == VEDETTE_KIND_DNS; }

void question_name(const Context& context, FieldValues& out) {
  if (!is_dns(context)) return;
  Message message(context.record.field(VEDETTE_FIELD_DATA), context.arena);
  Counts counts;
  Question question;
  if (read_header(message, counts) && counts.questions > 0 && read_question(message, question)) {
    out.text(question.name);
  }
}

struct TypeName {
  std::uint16_t type;
  std::string_view name;
};
constexpr auto kTypes = std::to_array<TypeName>({{1, "A"},
                                                 {2, "NS"},
                                                 {5, "CNAME"},
                                                 {6, "SOA"},
                                                 {12, "PTR"},
                                                 {15, "MX"},
                                                 {16, "TXT"},
                                                 {28, "AAAA"},
                                                 {33, "SRV"},
                                                 {64, "SVCB"},
                                                 {65, "HTTPS"},
                                                 {255, "ANY"}});

void question_type(const Context& context, FieldValues& out) {
  if (!is_dns(context)) return;
  Message message(context.record.field(VEDETTE_FIELD_DATA), context.arena);
  Counts counts;
  Question question;
  if (!read_header(message, counts) || counts.questions == 0 || !read_question(message, question)) {
    return;
  }
  for (const TypeName& type : kTypes) {
    if (type.type == question.type) return out.text(type.name);
  }
  out.number(question.type);
}

void add_answer(std::uint16_t type, std::string_view data, std::size_t at, Message& message,
                Arena& arena, FieldValues& out) {
  const bool is_four = type == 1 && data.size() == 4;
  if (is_four || (type == 28 && data.size() == 16)) {
    char* const text = arena.allocate(INET6_ADDRSTRLEN);
    if (inet_ntop(is_four ? AF_INET : AF_INET6, data.data(), text, INET6_ADDRSTRLEN) != nullptr) {
      out.text(text);
    }
  } else if (type == 2 || type == 5 || type == 12) {
    std::string_view name;
    std::size_t end = 0;
    if (message.name_at(at, name, end)) out.text(name);
  } else if (type == 16) {
    out.known(data.size() > 1 ? data.substr(1) : std::string_view());
  }
}

void answers(const Context& context, FieldValues& out) {
  if (!is_dns(context)) return;
  Message message(context.record.field(VEDETTE_FIELD_DATA), context.arena);
  Counts counts;
  if (!read_header(message, counts)) return;
  Question question;
  for (std::uint16_t i = 0; i < counts.questions; ++i) {
    if (!read_question(message, question)) return;
  }
  for (std::size_t i = 0; i < counts.answers && i < kAnswersMax; ++i) {
    std::string_view name;
    std::uint16_t type = 0;
    std::uint16_t size = 0;
    if (!message.name(name) || !message.number(type) || !message.skip(6) || !message.number(size)) {
      return;
    }
    const std::size_t at = message.position();
    const std::string_view data = message.take(size);
    add_answer(type, data, at, message, context.arena, out);
  }
}

constexpr auto kDnsFields = std::to_array<FieldRow>({
    {"dns.question", Argument::kNone, false, question_name},
    {"dns.type", Argument::kNone, false, question_type},
    {"dns.answer", Argument::kNone, false, answers},
    {"dns.is_answer", Argument::kNone, false,
     [](const Context& context, FieldValues& out) {
       if (is_dns(context)) {
         out.boolean((context.record.header().flags & VEDETTE_FLAG_ANSWER) != 0);
       }
     }},
    {"dns.code", Argument::kNone, false,
     [](const Context& context, FieldValues& out) {
       if (!is_dns(context)) return;
       Message message(context.record.field(VEDETTE_FIELD_DATA), context.arena);
       Counts counts;
       if (read_header(message, counts)) out.number(counts.flags & 15);
     }},
});

}  // namespace

std::span<const FieldRow> dns_fields() { return kDnsFields; }

}  // namespace vedette::formats::kernel
