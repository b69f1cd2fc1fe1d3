// SPDX-License-Identifier: Apache-2.0
#include "rules/secret/stored_rules.h"

#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/binary_archive.h"
#include "base/hash.h"

namespace vedette::rules::secret {
namespace {

// Changes with what is written below.
constexpr std::string_view kMark = "vedette rules 2\n";
constexpr std::size_t kChecksumBytes = sizeof(std::uint64_t);

template <typename Archive, typename Described>
void describe_allowlist(Archive& archive, Described& allowlist) {
  archive.value(allowlist.description);
  archive.value(allowlist.condition);
  archive.value(allowlist.target);
  archive.list(allowlist.commits, kArchiveText);
  archive.list(allowlist.paths, kArchiveText);
  archive.list(allowlist.regexes, kArchiveText);
  archive.list(allowlist.stopwords, kArchiveText);
  archive.list(allowlist.target_rules, kArchiveText);
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
  archive.list(info.tags, kArchiveText);
  archive.list(info.references, kArchiveText);
  archive.value(info.pack);
  archive.value(info.line);
}

constexpr auto kRequired = [](auto& archive, auto& required) {
  archive.value(required.rule);
  archive.optional(required.within_lines);
  archive.optional(required.within_columns);
};

constexpr auto kVerification = [](auto& archive, auto& verification) {
  archive.value(verification.method);
  archive.value(verification.url);
  archive.list(verification.headers, kArchiveText);
  archive.list(verification.live, kArchiveNumber);
  archive.list(verification.revoked, kArchiveNumber);
  archive.list(verification.live_texts, kArchiveText);
  archive.list(verification.revoked_texts, kArchiveText);
};

constexpr auto kRule = [](auto& archive, auto& rule) {
  describe_info(archive, rule.info);
  archive.value(rule.regex);
  archive.value(rule.path);
  archive.value(rule.secret_group);
  archive.value(rule.entropy);
  archive.list(rule.keywords, kArchiveText);
  archive.value(rule.skip_report);
  archive.list(rule.allowlists, kAllowlist);
  archive.list(rule.required, kRequired);
  archive.optional(rule.confidence);
  archive.value(rule.checksum);
  archive.value(rule.generic);
  archive.optional(rule.literals, kArchiveTexts);
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
  ArchiveWriter writer;
  writer.list(rules.rules, kRule);
  writer.list(rules.allowlists, kAllowlist);
  const std::string body = writer.take();
  ArchiveWriter head;
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
  ArchiveReader reader(bytes);
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
