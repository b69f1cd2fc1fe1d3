// SPDX-License-Identifier: Apache-2.0
#include <expat.h>
#include <fmt/format.h>

#include "base/result.h"
#include "formats/packages/text.h"
#include "formats/packages/tree.h"
#include "formats/xml/place.h"

namespace vedette::formats::packages {
namespace {

// Entities are not declared by any file of packages; without them nothing expands.
class XmlReading {
 public:
  explicit XmlReading(const Limits& limits) : builder_(limits), parser_(XML_ParserCreate(nullptr)) {
    CHECK(parser_ != nullptr);
    XML_SetUserData(parser_, this);
    XML_SetElementHandler(
        parser_,
        [](void* self, const XML_Char* name, const XML_Char** attributes) {
          static_cast<XmlReading*>(self)->start(name, attributes);
        },
        [](void* self, const XML_Char*) { static_cast<XmlReading*>(self)->end(); });
    XML_SetCharacterDataHandler(parser_, [](void* self, const XML_Char* data, int size) {
      std::vector<std::string>& texts = static_cast<XmlReading*>(self)->texts_;
      if (!texts.empty()) texts.back().append(data, static_cast<std::size_t>(size));
    });
    XML_SetEntityDeclHandler(
        parser_, [](void* self, const XML_Char*, int, const XML_Char*, int, const XML_Char*,
                    const XML_Char*, const XML_Char*, const XML_Char*) {
          XML_StopParser(static_cast<XmlReading*>(self)->parser_, XML_FALSE);
        });
  }
  XmlReading(const XmlReading&) = delete;
  XmlReading& operator=(const XmlReading&) = delete;
  ~XmlReading() { XML_ParserFree(parser_); }

  // What is wrong in line(); empty: nothing.
  std::string run(std::string_view text) {
    builder_.open(NodeKind::kTable, {}, 1, 1);
    if (XML_Parse(parser_, text.data(), static_cast<int>(text.size()), XML_TRUE) == XML_STATUS_OK ||
        builder_.full()) {
      return {};
    }
    return fmt::format("expected XML: {}", XML_ErrorString(XML_GetErrorCode(parser_)));
  }
  std::uint32_t line() const { return static_cast<std::uint32_t>(xml_line(parser_)); }
  TreeBuilder& builder() { return builder_; }

 private:
  static std::string_view without_prefix(std::string_view name) {
    return name.substr(name.rfind(':') + 1);  // npos + 1 is 0
  }

  void start(const XML_Char* name, const XML_Char** attributes) {
    bool room = builder_.open(NodeKind::kTable, without_prefix(name), line(), line());
    if (room) texts_.emplace_back();
    for (; room && *attributes != nullptr; attributes += 2) {
      const std::string key = "@" + std::string(without_prefix(attributes[0]));
      room = builder_.scalar(NodeKind::kText, key, line(), attributes[1]);
    }
    if (!room) XML_StopParser(parser_, XML_FALSE);
  }

  void end() {
    builder_.close(trimmed(texts_.back()));
    texts_.pop_back();
  }

  TreeBuilder builder_;
  XML_Parser parser_;
  std::vector<std::string> texts_;  // of the open elements
};

}  // namespace

Tree read_xml(std::string_view path, std::string_view text, const Limits& limits) {
  Tree tree;
  const auto say = [&](std::uint32_t line, std::string message) {
    tree.problems.push_back(
        {DiagnosticKind::kError, {std::string(path), line, 0, 0}, std::move(message), ""});
  };
  if (text.size() > limits.file_bytes_max || text.size() > std::size_t{1} << 30) {
    say(0, fmt::format("expected at most {} bytes, found {}", limits.file_bytes_max, text.size()));
    return tree;
  }
  XmlReading reading(limits);
  const std::string wrong = reading.run(text);
  if (!wrong.empty()) say(reading.line(), wrong);
  if (reading.builder().full()) {
    say(0, fmt::format("expected at most {} values in {} levels, found more; the rest is not read",
                       limits.values_max, limits.depth_max));
  }
  tree.root = reading.builder().finish();
  tree.storage = reading.builder().take_storage();
  return tree;
}

}  // namespace vedette::formats::packages
