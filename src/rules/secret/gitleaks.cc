// SPDX-License-Identifier: Apache-2.0
#include "rules/secret/gitleaks.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "base/file.h"
#include "rules/secret/pack_file.h"

namespace vedette::rules::secret {
namespace {

template <typename T>
void append(std::vector<T>& to, std::vector<T> from) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

// A rule on top of the one with its id in an extended file: what it says replaces, lists add up
// behind. Whether it is reported and what it requires remains the extended file's.
void put_on_top(DraftRule& base, DraftRule top) {
  SecretRule& rule = base.rule;
  SecretRule& over = top.rule;
  if (!over.info.description.empty()) rule.info.description = std::move(over.info.description);
  if (over.entropy != 0) rule.entropy = over.entropy;
  if (over.secret_group != 0) rule.secret_group = over.secret_group;
  if (!over.regex.empty()) rule.regex = std::move(over.regex);
  if (!over.path.empty()) rule.path = std::move(over.path);
  append(rule.info.tags, std::move(over.info.tags));
  append(rule.keywords, std::move(over.keywords));
  append(rule.allowlists, std::move(over.allowlists));
  if (!over.info.title.empty()) rule.info.title = std::move(over.info.title);
  if (!over.info.remediation.empty()) rule.info.remediation = std::move(over.info.remediation);
  append(rule.info.references, std::move(over.info.references));
  if (top.severity_given) rule.info.severity = over.info.severity;
  base.severity_given = base.severity_given || top.severity_given;
  if (over.confidence) rule.confidence = over.confidence;
  if (!over.checksum.empty()) rule.checksum = std::move(over.checksum);
  rule.generic = rule.generic || over.generic;
  rule.info.pack = std::move(over.info.pack);
  rule.info.line = over.info.line;
}

class Loader {
 public:
  explicit Loader(const LoadOptions& options) : options_(options) {}

  void add(const std::string& path) {
    const Result<std::string> text = read(path);
    if (!text.has_value()) {
      set_.problems.push_back({DiagnosticKind::kError,
                               {path, 0, 0, 0},
                               "rules not read: " + text.error().message,
                               "name a readable TOML file"});
      return;
    }
    PackFile pack = read_extended(path, *text);
    std::erase_if(pack.rules, [&](const DraftRule& draft) {
      const std::string fault = fault_of(draft.rule);
      if (fault.empty()) return false;
      ++set_.refused;
      set_.problems.push_back({DiagnosticKind::kError,
                               {draft.rule.info.pack, draft.rule.info.line, 0, 0},
                               fault,
                               "the rule is left out; correct it"});
      return true;
    });
    for (DraftRule& draft : pack.rules) replace(std::move(draft.rule));
    append(set_.allowlists, std::move(pack.allowlists));
    for (TargetedAllowlist& one : pack.targeted_allowlists) move_to_rules(path, std::move(one));
  }

  SecretRuleSet finish() {
    for (SecretRule& rule : set_.rules) {
      if (rule.info.title.empty()) rule.info.title = rule.info.id;
      for (const Required& required : rule.required) {
        if (by_id_.contains(required.rule)) continue;
        set_.problems.push_back(
            {DiagnosticKind::kWarning,
             {rule.info.pack, rule.info.line, 0, 0},
             fmt::format("rule \"{}\" can never match: \"{}\", which it requires, is not loaded",
                         rule.info.id, required.rule),
             "enable the required rule"});
      }
    }
    return std::move(set_);
  }

 private:
  Result<std::string> read(const std::string& path) const {
    return options_.read ? options_.read(path) : read_file(path, options_.limits.file_bytes_max);
  }

  // The file with what it extends, which is at most kExtendDepthMax files one below the other.
  PackFile read_extended(const std::string& path, const std::string& text) {
    std::vector<PackFile> files;
    std::vector<std::string> paths = {path};
    std::string next = text;
    while (true) {
      ProblemLog log(paths.back(), set_.problems);
      files.push_back(read_pack_file(next, options_, log));
      set_.refused += files.back().refused;
      const Extend& extend = files.back().extend;
      if (!extend.url.empty()) {
        log.warn(extend.line, 0, fmt::format("extend.url is not fetched: {}", extend.url),
                 "fetch the file and extend its path");
      }
      if (extend.path.empty() && !extend.use_default) break;
      if (files.size() > kExtendDepthMax) {
        log.warn(
            extend.line, 0,
            fmt::format("not extended: this file is already number {} of a chain", files.size()),
            "let the first file extend this one");
        break;
      }
      if (!read_base(extend, paths, next, log)) break;
    }
    while (files.size() > 1) {
      PackFile base = std::move(files.back());
      files.pop_back();
      ProblemLog log(paths[files.size() - 1], set_.problems);
      combine(files.back(), std::move(base), log);
    }
    return std::move(files.front());
  }

  // Finds the file that `paths.back()` extends, appends its path and reads its text.
  bool read_base(const Extend& extend, std::vector<std::string>& paths, std::string& text,
                 ProblemLog& log) {
    if (!extend.path.empty() && extend.use_default) {
      log.error(extend.line, 0, "extend has path and useDefault; nothing is extended",
                "keep one of them");
      return false;
    }
    std::vector<std::string> candidates;
    if (extend.use_default) {
      if (options_.default_pack.empty()) {
        log.error(extend.line, 0, "extend.useDefault: no default pack is known here",
                  "extend its path instead");
        return false;
      }
      candidates.push_back(options_.default_pack);
    } else {
      const std::filesystem::path given(extend.path);
      candidates.push_back(std::filesystem::path(paths.back()).parent_path() / given);
      candidates.push_back(std::filesystem::path(options_.working_folder) / given);
    }
    std::string reason;
    for (const std::string& candidate : candidates) {
      Result<std::string> found = read(candidate);
      if (found.has_value()) {
        text = std::move(found).value();
        paths.push_back(candidate);
        return true;
      }
      if (reason.empty()) reason = found.error().message;
    }
    log.error(extend.line, 0, fmt::format("extend: {}", reason), "a path is relative to this file");
    return false;
  }

  // Puts what `base` has below what `pack` has.
  static void combine(PackFile& pack, PackFile base, ProblemLog& log) {
    std::set<std::string, std::less<>> disabled(pack.extend.disabled_rules.begin(),
                                                pack.extend.disabled_rules.end());
    std::map<std::string, std::size_t, std::less<>> own;
    for (std::size_t i = 0; i < pack.rules.size(); ++i) own.emplace(pack.rules[i].rule.info.id, i);
    std::set<std::string, std::less<>> found;
    for (DraftRule& draft : base.rules) {
      const std::string id = draft.rule.info.id;
      found.insert(id);
      if (disabled.contains(id)) continue;
      const auto same = own.find(id);
      if (same == own.end()) {
        pack.rules.push_back(std::move(draft));
      } else {
        DraftRule& over = pack.rules[same->second];
        put_on_top(draft, std::move(over));
        over = std::move(draft);
      }
    }
    for (const std::string& id : disabled) {
      if (found.contains(id)) continue;
      log.warn(pack.extend.line, 0,
               fmt::format("disabledRules: the extended file has no rule \"{}\"", id),
               "correct the id or delete it");
    }
    append(pack.allowlists, std::move(base.allowlists));
    if (!base.targeted_allowlists.empty()) {
      log.warn(pack.extend.line, 0,
               "allowlists with targetRules of an extended file are not used, as with gitleaks",
               "move them into this file");
    }
  }

  void replace(SecretRule rule) {
    const auto [at, added] = by_id_.emplace(rule.info.id, set_.rules.size());
    if (added) {
      set_.rules.push_back(std::move(rule));
      return;
    }
    SecretRule& earlier = set_.rules[at->second];
    set_.problems.push_back({DiagnosticKind::kWarning,
                             {rule.info.pack, rule.info.line, 0, 0},
                             fmt::format("rule \"{}\" is used instead of the one of {}:{}",
                                         rule.info.id, earlier.info.pack, earlier.info.line),
                             "load one of the packs, or extend it and disable its rule"});
    earlier = std::move(rule);
  }

  void move_to_rules(const std::string& path, TargetedAllowlist one) {
    Allowlist& list = one.list;
    const std::vector<std::string> targets = std::exchange(list.target_rules, {});
    for (const std::string& id : targets) {
      const auto rule = by_id_.find(id);
      if (rule != by_id_.end()) {
        set_.rules[rule->second].allowlists.push_back(list);
        continue;
      }
      set_.problems.push_back({DiagnosticKind::kError,
                               {path, one.line, 0, 0},
                               fmt::format("targetRules: there is no rule \"{}\"", id),
                               "correct the id; the allowlist is used for the others"});
    }
  }

  const LoadOptions& options_;
  SecretRuleSet set_;
  std::map<std::string, std::size_t, std::less<>> by_id_;
};

}  // namespace

SecretRuleSet load(std::span<const std::string> paths, const LoadOptions& options) {
  Loader loader(options);
  for (const std::string& path : paths) loader.add(path);
  return loader.finish();
}

}  // namespace vedette::rules::secret
