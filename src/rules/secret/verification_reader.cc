// SPDX-License-Identifier: Apache-2.0
#include "rules/secret/verification_reader.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace vedette::rules::secret {
namespace {

constexpr std::string_view kScheme = "https://";
constexpr std::string_view kPlaceholder = "{secret}";
constexpr std::uint32_t kStatusMin = 200;
constexpr std::uint32_t kStatusMax = 599;

bool read_status_codes(TableReader& table, std::string_view key,
                       std::vector<std::uint32_t>& codes) {
  for (const std::string& text : table.list(key)) {
    std::uint32_t code = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), code);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || code < kStatusMin ||
        code > kStatusMax)
      return false;
    codes.push_back(code);
  }
  return true;
}

bool is_header(std::string_view header) {
  const std::size_t colon = header.find(": ");
  return colon != std::string_view::npos && colon > 0 &&
         std::ranges::all_of(header, [](char c) { return c >= ' ' && c < '\x7F'; });
}

// What is wrong; empty: nothing.
std::string_view fault_of(const Verification& verification) {
  if (verification.method != "GET" && verification.method != "POST")
    return "expected GET or POST as method";
  if (host_of(verification.url).empty()) return "expected a url of https with the name of a host";
  if (verification.url.find('{') != std::string::npos) return "expected no secret in the url";
  if (!std::ranges::all_of(verification.headers, is_header))
    return "expected headers as \"Name: value\"";
  if (std::ranges::none_of(verification.headers, [](const std::string& header) {
        return header.find(kPlaceholder) != std::string::npos;
      }))
    return "expected a header with {secret}";
  if (verification.live.empty())
    return "expected live: the status codes of an answer to a good secret";
  return {};
}

}  // namespace

std::string_view host_of(std::string_view url) {
  if (!url.starts_with(kScheme)) return {};
  url.remove_prefix(kScheme.size());
  const std::string_view host = url.substr(0, url.find('/'));
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  if (!std::ranges::all_of(host, is_plain)) return {};
  const std::size_t dot = host.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == host.size()) return {};
  // The last part of a name is never a number.
  return host[dot + 1] >= 'a' ? host : std::string_view();
}

bool read_verification(TableReader& rule, ProblemLog& log,
                       std::optional<Verification>& verification) {
  const formats::toml::Node* const node = rule.table("verify");
  if (node == nullptr) return true;
  TableReader table(*node, log);
  Verification read;
  if (const std::string method = table.text("method"); !method.empty()) read.method = method;
  read.url = table.text("url");
  read.headers = table.list("headers");
  const bool has_codes = read_status_codes(table, "live", read.live) &&
                         read_status_codes(table, "revoked", read.revoked);
  read.live_texts = table.list("live_texts");
  read.revoked_texts = table.list("revoked_texts");
  const std::string_view fault =
      has_codes ? fault_of(read) : "expected status codes from 200 to 599";
  for (const formats::toml::Member* member : table.unknown())
    log.warn(member->line, member->column, fmt::format("verify.{} is not known", member->key),
             "it is not looked at");
  if (!fault.empty()) {
    log.error(node->line, node->column, fmt::format("verify: {}", fault),
              "see docs/verify.md for an example");
    return false;
  }
  verification = std::move(read);
  return table.ok();
}

}  // namespace vedette::rules::secret
