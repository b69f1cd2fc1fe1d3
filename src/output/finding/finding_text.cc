// SPDX-License-Identifier: Apache-2.0
#include "output/finding/finding_text.h"

#include <fmt/format.h>
#include <limits>

#include "base/hash.h"
#include "output/terminal.h"

namespace vedette::output {
namespace {

// U+FFFE and U+FFFF, which are UTF-8 but no characters of XML, become U+FFFD.
void replace_noncharacters(std::string& text) {
  for (const std::string_view bad : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {
    for (std::size_t at = text.find(bad); at != std::string::npos; at = text.find(bad, at))
      text[at + 2] = '\xBD';
  }
}

}  // namespace

std::string place_text(const event::FindingPlace& place) {
  if (place.line == 0) return place.path;
  if (place.column == 0) return fmt::format("{}:{}", place.path, place.line);
  return fmt::format("{}:{}:{}", place.path, place.line, place.column);
}

const std::string& title_of(const event::FindingRule& rule) {
  return rule.title.empty() ? rule.id : rule.title;
}

const std::string& remediation_of(const event::Finding& finding) {
  return finding.remediation.empty() ? finding.rule->remediation : finding.remediation;
}

std::string visible(std::string_view text) {
  std::string out;
  append_terminal(text, std::numeric_limits<std::size_t>::max() / 2, out);
  replace_noncharacters(out);
  return out;
}

std::string visible_markup(std::string_view text) {
  std::string out;
  for (const char c : visible(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string visible_lines_markup(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out += visible_markup(text.substr(at, end - at));
    if (end < text.size()) out += '\n';
    at = end + 1;
  }
  return out;
}

std::string finding_uuid(const event::Finding& finding) {
  constexpr std::uint64_t kVersion = 0x8000;
  constexpr std::uint64_t kVariant = std::uint64_t{2} << 62;
  const event::FindingPlace& place = finding.place;
  const std::string name =
      fmt::format("{}\n{}\n{}\n{}\n{}", finding.identity, finding.rule->id, place_text(place),
                  place.offset, place.commit ? place.commit->id : "");
  const std::uint64_t high = (hash_bytes(name, 1) & ~std::uint64_t{0xF000}) | kVersion;
  const std::uint64_t low = (hash_bytes(name, 2) >> 2) | kVariant;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xFFFF,
                     high & 0xFFFF, low >> 48, low & 0xFFFFFFFFFFFF);
}

std::string statement_text(const event::Finding& finding) {
  for (const event::Evidence& evidence : finding.evidence) {
    if (evidence.name == "vex") return evidence.text;
  }
  return {};
}

}  // namespace vedette::output
