// SPDX-License-Identifier: Apache-2.0
#include "rules/secret/stored_rules.h"

#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/hash.h"

namespace vedette::rules::secret {
namespace {

// Changes with what is written below.
constexpr std::string_view kMark = "vedette rules 2\n";
constexpr std::size_t kChecksumBytes = sizeof(std::uint64_t);

// Each archive goes through the same description of a rule, one out, one in. Numbers as they lie in
// memory; a text or a list is its count and what it holds.
class Writer {
 public:
  template <typename Number>
    requires std::is_arithmetic_v<Number> || std::is_enum_v<Number>
  void value(const Number& number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  void value(const std::string& text) {
    value(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
  }
  template <typename Entry, typename Describe>
  void list(const std::vector<Entry>& entries, const Describe& describe) {
    value(static_cast<std::uint32_t>(entries.size()));
    for (const Entry& entry : entries) describe(*this, entry);
  }
  template <typename Number>
  void optional(const std::optional<Number>& number) {
    value(number.has_value());
    if (number) value(*number);
  }
  template <typename Entry, typename Describe>
  void optional(const std::optional<Entry>& entry, const Describe& describe) {
    value(entry.has_value());
    if (entry) describe(*this, *entry);
  }
  void texts(const std::optional<std::vector<std::string>>& texts);
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <typename Number>
    requires std::is_arithmetic_v<Number> || std::is_enum_v<Number>
  void value(Number& number) {
    if (bytes_.size() < sizeof number) {
      failed_ = true;
      bytes_ = {};
      return;
    }
    std::memcpy(&number, bytes_.data(), sizeof number);
    bytes_.remove_prefix(sizeof number);
  }
  void value(bool& yes) {
    std::uint8_t number = 0;
    value(number);
    yes = number != 0;
  }
  void value(std::string& text) {
    text = bytes_.substr(0, count());
    bytes_.remove_prefix(text.size());
  }
  template <typename Entry, typename Describe>
  void list(std::vector<Entry>& entries, const Describe& describe) {
    const std::size_t size = count();
    for (std::size_t i = 0; i < size && !failed_; ++i) describe(*this, entries.emplace_back());
  }
  template <typename Number>
  void optional(std::optional<Number>& number) {
    bool there = false;
    value(there);
    if (there) value(number.emplace());
  }
  template <typename Entry, typename Describe>
  void optional(std::optional<Entry>& entry, const Describe& describe) {
    bool there = false;
    value(there);
    if (there) describe(*this, entry.emplace());
  }
  void texts(std::optional<std::vector<std::string>>& texts);
  bool is_good() const { return !failed_ && bytes_.empty(); }

 private:
  // Of things of a byte or more each, so never more than there are bytes.
  std::size_t count() {
    std::uint32_t size = 0;
    value(size);
    if (size > bytes_.size()) {
      failed_ = true;
      bytes_ = {};
      return 0;
    }
    return size;
  }
  std::string_view bytes_;
  bool failed_ = false;
};

constexpr auto kText = [](auto& archive, auto& text) { archive.value(text); };

void Writer::texts(const std::optional<std::vector<std::string>>& texts) {
  value(texts.has_value());
  if (texts) list(*texts, kText);
}

void Reader::texts(std::optional<std::vector<std::string>>& texts) {
  bool there = false;
  value(there);
  if (there) list(texts.emplace(), kText);
}

template <typename Archive, typename Described>
void describe_allowlist(Archive& archive, Described& allowlist) {
  archive.value(allowlist.description);
  archive.value(allowlist.condition);
  archive.value(allowlist.target);
  archive.list(allowlist.commits, kText);
  archive.list(allowlist.paths, kText);
  archive.list(allowlist.regexes, kText);
  archive.list(allowlist.stopwords, kText);
  archive.list(allowlist.target_rules, kText);
}
constexpr auto kAllowlist = [](auto& archive, auto& allowlist) {
  describe_allowlist(archive, allowlist);
};

template <typename Archive, typename Described>
void describe_info(Archive& archive, Described& info) {
  archive.value(info.id);
  archive.value(info.title);
  archive.value(info.description);
  archive.value(info.remediation);
  archive.value(info.severity);
  archive.list(info.tags, kText);
  archive.list(info.references, kText);
  archive.value(info.pack);
  archive.value(info.line);
}

constexpr auto kRequired = [](auto& archive, auto& required) {
  archive.value(required.rule);
  archive.optional(required.within_lines);
  archive.optional(required.within_columns);
};

constexpr auto kNumber = [](auto& archive, auto& number) { archive.value(number); };

constexpr auto kVerification = [](auto& archive, auto& verification) {
  archive.value(verification.method);
  archive.value(verification.url);
  archive.list(verification.headers, kText);
  archive.list(verification.live, kNumber);
  archive.list(verification.revoked, kNumber);
  archive.list(verification.live_texts, kText);
  archive.list(verification.revoked_texts, kText);
};

constexpr auto kRule = [](auto& archive, auto& rule) {
  describe_info(archive, rule.info);
  archive.value(rule.regex);
  archive.value(rule.path);
  archive.value(rule.secret_group);
  archive.value(rule.entropy);
  archive.list(rule.keywords, kText);
  archive.value(rule.skip_report);
  archive.list(rule.allowlists, kAllowlist);
  archive.list(rule.required, kRequired);
  archive.optional(rule.confidence);
  archive.value(rule.checksum);
  archive.value(rule.generic);
  archive.texts(rule.literals);
  archive.optional(rule.verification, kVerification);
};

// Of an enumeration's values only those that it has may come back.
bool is_sound(const SecretRule& rule) {
  if (rule.info.severity > event::Level::kCritical) return false;
  if (rule.confidence && *rule.confidence > event::Confidence::kHigh) return false;
  for (const Allowlist& list : rule.allowlists) {
    if (list.condition > Allowlist::Condition::kAll || list.target > Allowlist::Target::kLine)
      return false;
  }
  return true;
}

Error damaged() { return {ErrorCode::kInvalid, "expected stored rules, found damaged bytes"}; }

}  // namespace

std::string store(const SecretRuleSet& rules) {
  Writer writer;
  writer.list(rules.rules, kRule);
  writer.list(rules.allowlists, kAllowlist);
  const std::string body = writer.take();
  Writer head;
  head.value(hash_bytes(body));
  return std::string(kMark) + head.take() + body;
}

Result<SecretRuleSet> restore(std::string_view bytes) {
  if (!bytes.starts_with(kMark) || bytes.size() < kMark.size() + kChecksumBytes)
    return std::unexpected(damaged());
  bytes.remove_prefix(kMark.size());
  std::uint64_t checksum = 0;
  std::memcpy(&checksum, bytes.data(), sizeof checksum);
  bytes.remove_prefix(sizeof checksum);
  if (hash_bytes(bytes) != checksum) return std::unexpected(damaged());
  Reader reader(bytes);
  SecretRuleSet rules;
  reader.list(rules.rules, kRule);
  reader.list(rules.allowlists, kAllowlist);
  if (!reader.is_good()) return std::unexpected(damaged());
  for (const SecretRule& rule : rules.rules) {
    if (!is_sound(rule)) return std::unexpected(damaged());
  }
  return rules;
}

}  // namespace vedette::rules::secret
