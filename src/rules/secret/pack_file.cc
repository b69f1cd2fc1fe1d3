// SPDX-License-Identifier: Apache-2.0
#include "rules/secret/pack_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <set>

#include "base/unicode.h"
#include "formats/toml/toml.h"
#include "match/regex.h"
#include "rules/secret/verification_reader.h"

namespace vedette::rules::secret {
namespace {

using formats::toml::Node;

std::string trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

void fold_all(std::vector<std::string>& words) {
  for (std::string& word : words) word = fold_case(word);
}

void remove_repeated(std::vector<std::string>& words) {
  std::set<std::string, std::less<>> seen;
  std::erase_if(words, [&](const std::string& word) { return !seen.insert(word).second; });
}

// "v8.25.0", "8.25" as numbers; missing parts are 0. False when it is no version.
bool read_version(std::string_view text, std::array<unsigned, 3>& version) {
  if (text.starts_with('v')) text.remove_prefix(1);
  text = text.substr(0, text.find_first_of("-+"));
  version = {};
  for (std::size_t part = 0; part < version.size(); ++part) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), version[part]);
    if (read.ec != std::errc()) return false;
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    if (text.empty()) return true;
    if (text[0] != '.') return false;
    text.remove_prefix(1);
  }
  return false;
}

class PackFileReader {
 public:
  PackFileReader(const LoadOptions& options, ProblemLog& log) : options_(options), log_(log) {}

  PackFile read(std::string_view text) {
    const auto document = formats::toml::parse(text, options_.limits);
    if (!document.has_value()) {
      log_.error(0, 0, "not read: " + document.error().message, "split the file");
      return std::move(pack_);
    }
    for (const formats::toml::SyntaxError& error : document->errors) {
      log_.error(error.line, error.column, "not TOML: " + error.message,
                 "correct it; nothing of the file is used");
      return std::move(pack_);
    }
    TableReader top(document->root, log_);
    top.text("title");
    top.text("description");
    check_version(top);
    read_extend(top);
    for (const Node* rule : top.tables("rules")) read_rule(*rule);
    check_required();
    read_global_allowlists(top);
    warn_unknown(top, "");
    return std::move(pack_);
  }

 private:
  void check_version(TableReader& top) {
    const std::string wanted = top.text("minVersion");
    if (wanted.empty()) return;
    const std::uint32_t line = top.find("minVersion")->line;
    std::array<unsigned, 3> least{};
    std::array<unsigned, 3> ours{};
    read_version(kGitleaksVersion, ours);
    if (!read_version(wanted, least)) {
      log_.error(line, 0, fmt::format("minVersion \"{}\" is no version", wanted),
                 "write it as \"8.25.0\"");
    } else if (ours < least) {
      log_.warn(
          line, 0,
          fmt::format("made for gitleaks {}; it is read as {} would", wanted, kGitleaksVersion),
          "look for warnings of keys that are not known");
    }
  }

  void read_extend(TableReader& top) {
    const Node* node = top.table("extend");
    if (node == nullptr) return;
    TableReader reader(*node, log_);
    pack_.extend.path = reader.text("path");
    pack_.extend.url = reader.text("url");
    pack_.extend.use_default = reader.boolean("useDefault");
    pack_.extend.disabled_rules = reader.list("disabledRules");
    pack_.extend.line = node->line;
    warn_unknown(reader, "extend.");
  }

  // Compiles it, or says at the key why not.
  bool check_regex(TableReader& reader, std::string_view key, std::string_view pattern) {
    if (options_.expressions == Expressions::kTrust) return true;
    const auto regex = match::Regex::compile(pattern);
    if (regex.has_value()) return true;
    const Node* node = reader.find(key);
    log_.error(node->line, node->column, fmt::format("{}: {}", key, regex.error().message),
               "RE2 has no look-around and no back-references");
    return false;
  }

  // As alternatives of one expression, which they are used as.
  bool check_joined(TableReader& reader, std::string_view key,
                    const std::vector<std::string>& patterns) {
    return patterns.size() < 2 || check_regex(reader, key, joined(patterns));
  }

  void read_rule(const Node& node) {
    TableReader reader(node, log_);
    DraftRule draft;
    SecretRule& rule = draft.rule;
    rule.info.id = reader.text("id");
    rule.info.description = reader.text("description");
    rule.info.pack = log_.file();
    rule.info.line = node.line;
    rule.info.tags = reader.list("tags");
    rule.path = reader.text("path");
    rule.regex = reader.text("regex");
    rule.secret_group = static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(reader.integer("secretGroup").value_or(0), 0, kGroupMax));
    rule.entropy = reader.number("entropy");
    rule.keywords = reader.list("keywords");
    fold_all(rule.keywords);
    rule.skip_report = reader.boolean("skipReport");
    const bool own_keys = read_own_keys(reader, draft);
    const bool allowlists = read_rule_allowlists(reader, rule);
    const bool required = read_required(reader, rule);
    const bool verification = read_verification(reader, log_, rule.verification);
    bool ok = reader.ok() && own_keys && allowlists && required && verification;
    if (!rule.path.empty()) ok = check_regex(reader, "path", rule.path) && ok;
    if (!rule.regex.empty()) ok = check_regex(reader, "regex", rule.regex) && ok;
    warn_unknown(reader, "rules.");
    if (ok) {
      add(std::move(draft));
    } else {
      ++pack_.refused;
    }
  }

  void add(DraftRule draft) {
    const event::FindingRule& info = draft.rule.info;
    const auto same = std::ranges::find_if(pack_.rules, [&](const DraftRule& earlier) {
      return earlier.rule.info.id == info.id && !info.id.empty();
    });
    if (same == pack_.rules.end()) {
      pack_.rules.push_back(std::move(draft));
      return;
    }
    log_.warn(info.line, 0,
              fmt::format("rule \"{}\" is also on line {}; this one is used", info.id,
                          same->rule.info.line),
              "give it another id or delete one");
    *same = std::move(draft);
  }

  bool read_own_keys(TableReader& reader, DraftRule& draft) {
    SecretRule& rule = draft.rule;
    rule.info.title = reader.text("title");
    rule.info.remediation = reader.text("remediation");
    rule.info.references = reader.list("references");
    rule.checksum = reader.text("checksum");
    rule.generic = reader.boolean("generic");
    const std::string severity = reader.text("severity");
    const auto level = std::ranges::find(event::kLevelNames, severity);
    draft.severity_given = level != event::kLevelNames.end();
    if (draft.severity_given) {
      rule.info.severity = static_cast<event::Level>(level - event::kLevelNames.begin());
    } else if (!severity.empty()) {
      return unknown_word(reader, "severity", severity,
                          fmt::format("{}", fmt::join(event::kLevelNames, ", ")));
    }
    const std::string confidence = reader.text("confidence");
    const auto name = std::ranges::find(event::kConfidenceNames, confidence);
    if (name != event::kConfidenceNames.end()) {
      rule.confidence = static_cast<event::Confidence>(name - event::kConfidenceNames.begin());
    } else if (!confidence.empty()) {
      return unknown_word(reader, "confidence", confidence,
                          fmt::format("{}", fmt::join(event::kConfidenceNames, ", ")));
    }
    return true;
  }

  // False, for the caller to pass on.
  bool unknown_word(TableReader& reader, std::string_view key, std::string_view found,
                    const std::string& expected) {
    const Node* node = reader.find(key);
    log_.error(node->line, node->column, fmt::format("unknown {} \"{}\"", key, found),
               "expected one of: " + expected);
    return false;
  }

  bool read_rule_allowlists(TableReader& reader, SecretRule& rule) {
    const Node* old_form = reader.table("allowlist");
    const std::vector<const Node*> nodes = reader.tables("allowlists");
    if (old_form != nullptr && !nodes.empty()) {
      log_.error(
          old_form->line, old_form->column,
          fmt::format("rule \"{}\" has [rules.allowlist] and [[rules.allowlists]]", rule.info.id),
          "move the old form into a [[rules.allowlists]]");
      return false;
    }
    bool ok = true;
    for (const Node* node : nodes) ok = read_allowlist(*node, rule.allowlists) && ok;
    if (old_form != nullptr) ok = read_allowlist(*old_form, rule.allowlists) && ok;
    return ok;
  }

  void read_global_allowlists(TableReader& top) {
    const Node* old_form = top.table("allowlist");
    std::vector<const Node*> nodes = top.tables("allowlists");
    if (old_form != nullptr && !nodes.empty()) {
      log_.error(old_form->line, old_form->column,
                 "the file has [allowlist] and [[allowlists]]; only the second are used",
                 "move the old form into an [[allowlists]]");
    } else if (old_form != nullptr) {
      nodes.push_back(old_form);
    }
    for (const Node* node : nodes) {
      std::vector<Allowlist> read;
      if (!read_allowlist(*node, read)) continue;
      if (read[0].target_rules.empty()) {
        pack_.allowlists.push_back(std::move(read[0]));
      } else {
        pack_.targeted_allowlists.push_back({std::move(read[0]), node->line});
      }
    }
  }

  // Appends it, when it is valid.
  bool read_allowlist(const Node& node, std::vector<Allowlist>& allowlists) {
    TableReader reader(node, log_);
    Allowlist list;
    list.description = reader.text("description");
    list.commits = reader.list("commits");
    list.paths = reader.list("paths");
    list.regexes = reader.list("regexes");
    list.stopwords = reader.list("stopwords");
    const bool condition = read_condition(reader, list);
    const bool target = read_target(reader, list);
    list.target_rules = reader.list("targetRules");
    bool ok = condition && target && reader.ok();
    for (const std::string& path : list.paths) ok = check_regex(reader, "paths", path) && ok;
    for (const std::string& regex : list.regexes) ok = check_regex(reader, "regexes", regex) && ok;
    if (ok)
      ok = check_joined(reader, "paths", list.paths) &&
           check_joined(reader, "regexes", list.regexes);
    if (list.commits.empty() && list.paths.empty() && list.regexes.empty() &&
        list.stopwords.empty()) {
      log_.error(node.line, node.column, "the allowlist allows nothing",
                 "give it commits, paths, regexes or stopwords");
      ok = false;
    }
    for (std::string& commit : list.commits) commit = fold_case(trimmed(commit));
    fold_all(list.stopwords);
    remove_repeated(list.commits);
    remove_repeated(list.stopwords);
    warn_unknown(reader, "allowlists.");
    if (ok) allowlists.push_back(std::move(list));
    return ok;
  }

  bool read_condition(TableReader& reader, Allowlist& list) {
    const std::string written = reader.text("condition");
    const std::string condition = fold_case(written);
    if (condition == "and" || condition == "&&") {
      list.condition = Allowlist::Condition::kAll;
    } else if (!condition.empty() && condition != "or" && condition != "||") {
      return unknown_word(reader, "condition", written, "OR, AND");
    }
    return true;
  }

  bool read_target(TableReader& reader, Allowlist& list) {
    const std::string target = reader.text("regexTarget");
    if (target == "match") {
      list.target = Allowlist::Target::kMatch;
    } else if (target == "line") {
      list.target = Allowlist::Target::kLine;
    } else if (!target.empty() && target != "secret") {
      return unknown_word(reader, "regexTarget", target, "secret, match, line");
    }
    return true;
  }

  bool read_required(TableReader& reader, SecretRule& rule) {
    bool ok = true;
    for (const Node* node : reader.tables("required")) {
      TableReader one(*node, log_);
      Required required;
      required.rule = one.text("id");
      required.within_lines = distance(one, "withinLines");
      required.within_columns = distance(one, "withinColumns");
      if (required.rule.empty()) {
        log_.error(node->line, node->column, "[[rules.required]] names no rule",
                   "add the id of the rule that must match near by");
        ok = false;
      }
      ok = one.ok() && ok;
      warn_unknown(one, "rules.required.");
      rule.required.push_back(std::move(required));
    }
    return ok;
  }

  std::optional<std::uint32_t> distance(TableReader& reader, std::string_view key) {
    const std::optional<std::int64_t> given = reader.integer(key);
    if (!given) return std::nullopt;
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(*given, 0, kDistanceMax));
  }

  // Required rules stand in the same file; those of an extended one are not seen.
  void check_required() {
    std::set<std::string, std::less<>> ids;
    for (const DraftRule& draft : pack_.rules) ids.insert(draft.rule.info.id);
    const std::size_t refused = std::erase_if(pack_.rules, [&](const DraftRule& draft) {
      for (const Required& required : draft.rule.required) {
        if (ids.contains(required.rule)) continue;
        log_.error(draft.rule.info.line, 0,
                   fmt::format("rule \"{}\" requires \"{}\", which is not in this file",
                               draft.rule.info.id, required.rule),
                   "correct the id or add the rule (skipReport = true keeps it silent)");
        return true;
      }
      return false;
    });
    pack_.refused += refused;
  }

  // Once a key and file: a pack for another program has the same in every rule.
  void warn_unknown(const TableReader& reader, std::string_view where) {
    for (const formats::toml::Member* member : reader.unknown()) {
      const std::string key = fmt::format("{}{}", where, member->key);
      if (!warned_.insert(key).second) continue;
      log_.warn(member->line, member->column, fmt::format("unknown key \"{}\" is ignored", key),
                "look for a spelling mistake");
    }
  }

  static constexpr std::int64_t kGroupMax = 1'000'000;
  static constexpr std::int64_t kDistanceMax = 1'000'000'000;

  const LoadOptions& options_;
  ProblemLog& log_;
  PackFile pack_;
  std::set<std::string, std::less<>> warned_;
};

}  // namespace

PackFile read_pack_file(std::string_view text, const LoadOptions& options, ProblemLog& log) {
  return PackFileReader(options, log).read(text);
}

std::string joined(const std::vector<std::string>& patterns) {
  return fmt::format("(?:{})", fmt::join(patterns, "|"));
}

std::string fault_of(const SecretRule& rule) {
  if (trimmed(rule.info.id).empty()) return "the rule has no id";
  if (rule.regex.empty() && rule.path.empty()) {
    return fmt::format("rule \"{}\" has neither regex nor path and would do nothing", rule.info.id);
  }
  if (rule.regex.empty() || rule.secret_group == 0) return {};
  const auto regex = match::Regex::compile(rule.regex);
  if (!regex.has_value()) return regex.error().message;
  const std::size_t groups = regex->group_names().size() - 1;
  if (rule.secret_group > groups) {
    return fmt::format("rule \"{}\": secretGroup is {}, the number of groups in its regex {}",
                       rule.info.id, rule.secret_group, groups);
  }
  return {};
}

}  // namespace vedette::rules::secret
