// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/windows_xml.h"

#include <algorithm>
#include <expat.h>
#include <fmt/format.h>

#include "base/unicode.h"
#include "formats/logs/evtx_value.h"
#include "formats/xml/place.h"

namespace vedette::formats::logs {
namespace {

using event::Kind;

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr std::size_t kPrefixMax = 64;  // of a namespace

enum class Width : std::uint8_t { kUtf8, kUtf16Little, kUtf16Big };

// By the byte order mark or, behind the first cut, by the zero byte of an ASCII character.
Width width_of(std::string_view bytes) {
  if (bytes.size() < 2) return Width::kUtf8;
  if (bytes.starts_with("\xFF\xFE") || (bytes[0] != 0 && bytes[1] == 0)) {
    return Width::kUtf16Little;
  }
  if (bytes.starts_with("\xFE\xFF") || (bytes[0] == 0 && bytes[1] != 0)) return Width::kUtf16Big;
  return Width::kUtf8;
}

std::string to_utf8(std::string_view bytes, Width width) {
  std::string swapped;
  if (width == Width::kUtf16Big) {
    swapped.assign(bytes.substr(0, bytes.size() & ~std::size_t{1}));
    for (std::size_t i = 0; i + 1 < swapped.size(); i += 2) std::swap(swapped[i], swapped[i + 1]);
    bytes = swapped;
  }
  std::string out(bytes.size() / 2 * 3, '\0');
  out.resize(utf16le_to_utf8(bytes, out.data()));
  return out;
}

// The name Event in a tag.
struct Tag {
  std::size_t begin = 0;     // of "<"
  std::size_t name_end = 0;  // behind "Event"
  std::size_t end = 0;       // behind ">"; only of closing tags
  bool closing = false;
};

std::size_t behind_blanks(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(kBlanks, at), text.size());
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

// Whether "Event" at `at` is the name in a tag, with or without a namespace prefix.
bool read_tag(std::string_view text, std::size_t at, Tag& tag) {
  tag.name_end = at + 5;
  if (tag.name_end >= text.size()) return false;
  if (std::string_view(" \t\r\n/>").find(text[tag.name_end]) == std::string_view::npos)
    return false;
  if (at > 0 && text[at - 1] == ':') {
    const std::size_t stop = at > kPrefixMax ? at - kPrefixMax : 0;
    for (--at; at > stop && is_name_character(text[at - 1]);) --at;
  }
  tag.closing = at > 1 && text[at - 1] == '/';
  if (tag.closing) --at;
  if (at == 0 || text[at - 1] != '<') return false;
  tag.begin = at - 1;
  if (!tag.closing) return true;
  tag.end = behind_blanks(text, tag.name_end) + 1;
  return tag.end <= text.size() && text[tag.end - 1] == '>';
}

bool find_tag(std::string_view text, std::size_t from, Tag& tag) {
  for (std::size_t at = text.find("Event", from); at != std::string_view::npos;
       at = text.find("Event", at + 5)) {
    if (read_tag(text, at, tag) && tag.begin >= from) return true;
  }
  return false;
}

// Behind the last closing tag; 0 when there is none.
std::size_t last_end(std::string_view text) {
  for (std::size_t at = text.rfind("Event"); at != std::string_view::npos;
       at = at == 0 ? std::string_view::npos : text.rfind("Event", at - 1)) {
    Tag tag;
    if (read_tag(text, at, tag) && tag.closing) return behind_blanks(text, tag.end);
  }
  return 0;
}

// The same in UTF-16: the closing tag is ASCII, so only bytes that stand for ASCII are looked at.
std::size_t last_wide_end(std::string_view bytes, Width width) {
  std::string narrow(bytes.size() / 2, '\0');
  const std::size_t low = width == Width::kUtf16Little ? 0 : 1;
  for (std::size_t i = 0; i < narrow.size(); ++i) {
    narrow[i] = bytes[2 * i + 1 - low] == 0 ? bytes[2 * i + low] : '\0';
  }
  return last_end(narrow) * 2;
}

bool is_number(std::string_view text) {
  constexpr std::size_t kDigitsMax = 20;
  return !text.empty() && text.size() <= kDigitsMax && (text[0] != '0' || text.size() == 1) &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "2025-11-27T07:40:10.1653240Z" with six digits of a second, as the binary form has it.
std::string_view with_microseconds(std::string_view text, Arena& arena) {
  constexpr std::size_t kSecondEnd = 19;
  constexpr std::size_t kSize = 27;
  if (text.size() <= kSecondEnd || text[10] != 'T' || text.back() != 'Z') return text;
  if (text[kSecondEnd] != '.' && text.size() != kSecondEnd + 1) return text;
  char* out = arena.allocate(kSize);
  std::fill(out, out + kSize, '0');
  const std::size_t known = std::min(text.size() - 1, kSize - 1);
  std::copy_n(text.data(), known, out);
  out[kSecondEnd] = '.';
  out[kSize - 1] = 'Z';
  return {out, kSize};
}

bool ends_with_guid(std::string_view name) {
  return name.size() >= 4 && fold_case(name.substr(name.size() - 4)) == "guid";
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(kBlanks) == std::string_view::npos;
}

}  // namespace

struct WindowsXmlParser::State {
  explicit State(const Limits& given) : limits(given), parser(XML_ParserCreate("UTF-8")) {
    CHECK(parser != nullptr);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { XML_ParserFree(parser); }

  void fail(std::string message) {
    if (!failed.empty()) return;
    failed = std::move(message);
    XML_StopParser(parser, XML_FALSE);
  }

  std::uint32_t add(std::uint32_t parent, const XmlNode& node) {
    if (tree.size() >= limits.values_max) {
      fail(fmt::format("more than {} elements, attributes and texts", limits.values_max));
      return 0;
    }
    return tree.add(parent, node);
  }

  void flush_text() {
    std::string_view kept(text);
    while (!kept.empty() && kBlanks.find(kept.back()) != std::string_view::npos) {
      kept.remove_suffix(1);
    }
    if (!kept.empty()) add_text(element, kept);
    text.clear();
  }

  void add_text(std::uint32_t parent, std::string_view value) {
    XmlNode node;
    node.kind = XmlNode::Kind::kText;
    node.value = event::plain(arena->copy(value));
    add(parent, node);
  }

  void start_element(std::string_view name, const XML_Char** attributes) {
    flush_text();
    if (++depth > limits.depth_max) {
      fail(fmt::format("elements are nested deeper than {}", limits.depth_max));
      return;
    }
    XmlNode node;
    node.name = arena->copy(name.substr(name.rfind(':') + 1));  // npos + 1 is 0
    element = add(element, node);
    for (; *attributes != nullptr && failed.empty(); attributes += 2) {
      XmlNode attribute;
      attribute.kind = XmlNode::Kind::kAttribute;
      attribute.name = arena->copy(attributes[0]);
      const std::uint32_t index = add(element, attribute);
      if (!is_blank(attributes[1])) add_text(index, attributes[1]);
    }
  }

  void end_element() {
    flush_text();
    element = tree[element].parent;
    --depth;
  }

  // Brings texts into the form that the binary log has.
  void normalize() {
    for (std::uint32_t index = 1; index < tree.size(); ++index) {
      const XmlNode& node = tree[index];
      if (node.kind != XmlNode::Kind::kText) continue;
      const XmlNode& owner = tree[node.parent];
      const bool attribute = owner.kind == XmlNode::Kind::kAttribute;
      const XmlNode& holder = attribute ? tree[owner.parent] : owner;
      std::string_view value = node.value.bytes();
      if (tree[holder.parent].name == "System") {
        if (attribute && owner.name == "SystemTime") value = with_microseconds(value, *arena);
        value = evtx::plain_guid(value, *arena);
        const Kind kind = is_number(value) ? Kind::kNumber : Kind::kString;
        tree.set_value(index, event::plain(value, kind));
      } else if (!attribute && holder.name == "Data" && ends_with_guid(name_of(holder))) {
        tree.set_value(index, event::plain(evtx::plain_guid(value, *arena)));
      }
    }
  }

  std::string_view name_of(const XmlNode& data) const {
    for (std::uint32_t at = data.first_attribute; at != 0; at = tree[at].next) {
      if (tree[at].name == "Name") return tree[tree[at].first_child].value.bytes();
    }
    return {};
  }

  Result<void> run(std::string_view bytes);

  const Limits& limits;
  XML_Parser parser;
  XmlTree tree;
  Arena* arena = nullptr;
  std::string text;    // of the open element, since its last tag
  std::string failed;  // why we stopped
  std::uint32_t element = 0;
  std::size_t depth = 0;
};

Result<void> WindowsXmlParser::State::run(std::string_view bytes) {
  tree.clear();
  text.clear();
  failed.clear();
  element = 0;
  depth = 0;
  if (bytes.size() > limits.record_bytes_max) {
    return failure(ErrorCode::kLimit, fmt::format("the element has {} bytes, more than {}",
                                                  bytes.size(), limits.record_bytes_max));
  }
  XML_ParserReset(parser, "UTF-8");
  XML_SetUserData(parser, this);
  XML_SetElementHandler(
      parser,
      [](void* self, const XML_Char* name, const XML_Char** attributes) {
        static_cast<State*>(self)->start_element(name, attributes);
      },
      [](void* self, const XML_Char*) { static_cast<State*>(self)->end_element(); });
  XML_SetCharacterDataHandler(parser, [](void* self, const XML_Char* data, int size) {
    static_cast<State*>(self)->text.append(data, static_cast<std::size_t>(size));
  });
  XML_SetStartDoctypeDeclHandler(
      parser, [](void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
        static_cast<State*>(self)->fail("a document type has no place in an event");
      });
  if (XML_Parse(parser, bytes.data(), static_cast<int>(bytes.size()), XML_TRUE) == XML_STATUS_OK) {
    normalize();
    return {};
  }
  if (!failed.empty()) return failure(ErrorCode::kLimit, failed);
  return failure(ErrorCode::kInvalid,
                 fmt::format("not well-formed XML at byte {} of the element: {}",
                             xml_offset(parser), XML_ErrorString(XML_GetErrorCode(parser))));
}

WindowsXmlParser::WindowsXmlParser(const Limits& limits)
    : state_(std::make_unique<State>(limits)) {}
WindowsXmlParser::WindowsXmlParser(WindowsXmlParser&&) noexcept = default;
WindowsXmlParser::~WindowsXmlParser() = default;

Result<void> WindowsXmlParser::parse(std::string_view element, Arena& arena) {
  state_->arena = &arena;
  return state_->run(element);
}

const XmlTree& WindowsXmlParser::tree() const { return state_->tree; }

Result<void> parse_windows_xml(std::string_view element, event::FieldWriter& writer) {
  const Limits limits;
  WindowsXmlParser parser(limits);
  TRY_VOID(parser.parse(element, writer.arena()));
  if (XmlFieldWriter(writer).write(parser.tree())) return {};
  return failure(ErrorCode::kLimit, "the event's field names are too long");
}

std::size_t cut_windows_xml(std::string_view bytes, bool at_end) {
  if (at_end) return bytes.size();
  const Width width = width_of(bytes);
  return width == Width::kUtf8 ? last_end(bytes) : last_wide_end(bytes, width);
}

void WindowsXmlDecoder::start(const event::Batch& batch) {
  bytes_ = batch.buffer.view();
  at_ = 0;
  units_at_ = 0;
  units_ = 0;
  record_ = 0;
  problems_.clear();
  utf8_.clear();
  const Width width = width_of(bytes_);
  if (width != Width::kUtf8) {
    utf8_ = to_utf8(bytes_, width);
    bytes_ = utf8_;
  }
  if (bytes_.starts_with(kUtf8Mark)) at_ = kUtf8Mark.size();
}

bool WindowsXmlDecoder::next(event::Event& event) {
  event.clear();
  std::string_view element;
  while (find_element(element)) {
    const auto describe = [&] {
      event.raw = element;
      event.offset = input_offset(static_cast<std::size_t>(element.data() - bytes_.data()));
      event.record = record_;
    };
    describe();
    const Result<void> parsed = parser_.parse(element, event.arena());
    ++record_;
    if (parsed) {
      XmlFieldWriter(tree_, event, nullptr).write(parser_.tree());
      return true;
    }
    problems_.push_back({event.offset, event.record, parsed.error().message});
    event.clear();
  }
  return false;
}

// The next <Event> element by its tags alone, so that what is wrong inside stays inside.
bool WindowsXmlDecoder::find_element(std::string_view& element) {
  Tag open;
  while (find_tag(bytes_, at_, open)) {
    at_ = open.name_end;
    if (open.closing) continue;
    if (bytes_.substr(open.name_end).starts_with("/>")) {
      element = bytes_.substr(open.begin, open.name_end + 2 - open.begin);
      return true;
    }
    Tag close;
    const bool found = find_tag(bytes_, open.name_end, close);
    if (found && close.closing) {
      at_ = close.end;
      element = bytes_.substr(open.begin, at_ - open.begin);
      return true;
    }
    problems_.push_back({input_offset(open.begin), record_,
                         found ? "an <Event> element begins but does not end before the next one"
                               : "an <Event> element begins but does not end"});
    ++record_;
    at_ = found ? close.begin : bytes_.size();
  }
  at_ = bytes_.size();
  return false;
}

// Elements are asked for in order, so each byte is counted once.
std::uint64_t WindowsXmlDecoder::input_offset(std::size_t at) {
  if (utf8_.empty()) return at;
  for (; units_at_ < at; ++units_at_) {
    const auto byte = static_cast<std::uint8_t>(bytes_[units_at_]);
    if ((byte & 0xC0) != 0x80) units_ += byte >= 0xF0 ? 2 : 1;
  }
  return units_ * 2;
}

void WindowsXmlDecoder::everything(event::Event& event, std::vector<event::NamedValue>& out) {
  if (!parser_.parse(event.raw, event.arena())) return;
  XmlFieldWriter(event.arena(), out).write(parser_.tree());
}

}  // namespace vedette::formats::logs
