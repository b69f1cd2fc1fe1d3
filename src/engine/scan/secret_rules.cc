// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/secret_rules.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/hash.h"
#include "base/program_identity.h"
#include "rules/secret/gitleaks.h"
#include "rules/secret/stored_rules.h"

namespace vedette::engine {
namespace {

namespace fs = std::filesystem;

// Of how many sets of packs loaded rules are kept.
constexpr std::size_t kKeptMax = 16;
constexpr std::size_t kStoredBytesMax = std::size_t{64} << 20;

using Texts = std::map<std::string, std::string, std::less<>>;  // by path

Result<std::vector<std::string>> list_packs(const SecretRulesOptions& options,
                                            event::ScanSummary& summary) {
  std::vector<std::string> files;
  for (const std::string& pack : options.packs) {
    TRY(const std::vector<std::string> found, list_files(pack, {".toml"}, &summary.problems));
    if (found.empty()) {
      return failure(ErrorCode::kNotFound,
                     fmt::format("expected rules in {}, found no file *.toml", pack));
    }
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

// Stored rules of one set of packs: a file named after all that they depend on.
class StoredRules {
 public:
  // Reads all packs. Those that extend others depend on more than their own bytes, and are not
  // kept.
  StoredRules(const SecretRulesOptions& options, const std::vector<std::string>& files) {
    if (options.cache_folder.empty() || !options.default_pack.empty()) return;
    std::string key = program_identity();
    for (const std::string& file : files) {
      Result<std::string> text = read_file(file, options.limits.file_bytes_max);
      if (!text || text->find("extend") != std::string::npos) return;
      key += fmt::format("\n{} {} {:016x}", file, text->size(), hash_bytes(*text));
      texts_.emplace(file, std::move(*text));
    }
    folder_ = options.cache_folder + "/rules";
    path_ = fmt::format("{}/{:016x}{:016x}", folder_, hash_bytes(key), hash_bytes(key, 1));
  }

  std::optional<rules::secret::SecretRuleSet> read() const {
    if (path_.empty()) return std::nullopt;
    const Result<std::string> bytes = read_file(path_, kStoredBytesMax);
    if (!bytes) return std::nullopt;
    Result<rules::secret::SecretRuleSet> rules = rules::secret::restore(*bytes);
    if (!rules) return std::nullopt;
    return std::move(*rules);
  }

  // What was read for the key need not be read again.
  Result<std::string> text_of(const std::string& path, std::size_t bytes_max) const {
    const auto found = texts_.find(path);
    return found != texts_.end() ? found->second : read_file(path, bytes_max);
  }

  void write(const rules::secret::SecretRuleSet& rules) const {
    if (path_.empty() || rules.refused != 0 || !rules.problems.empty()) return;
    std::error_code error;
    fs::create_directories(folder_, error);
    if (!write_file_whole(path_, rules::secret::store(rules))) return;
    forget_oldest();
  }

 private:
  void forget_oldest() const {
    std::error_code error;
    std::vector<std::pair<fs::file_time_type, fs::path>> kept;
    for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error))
      kept.emplace_back(at->last_write_time(error), at->path());
    std::ranges::sort(kept, std::ranges::greater());
    for (std::size_t i = kKeptMax; i < kept.size(); ++i) fs::remove(kept[i].second, error);
  }

  Texts texts_;
  std::string folder_;
  std::string path_;  // empty: not kept
};

}  // namespace

Result<std::shared_ptr<const rules::secret::SecretProgram>> load_secret_rules(
    const SecretRulesOptions& options, event::ScanSummary& summary) {
  using rules::secret::SecretProgram;
  TRY(const std::vector<std::string> files, list_packs(options, summary));
  const StoredRules stored(options, files);
  if (std::optional<rules::secret::SecretRuleSet> rules = stored.read()) {
    summary.rules_loaded = rules->rules.size();
    return SecretProgram::compile(std::move(*rules));
  }
  rules::secret::LoadOptions load;
  load.default_pack = options.default_pack;
  load.limits = options.limits;
  load.read = [&](const std::string& path) {
    return stored.text_of(path, options.limits.file_bytes_max);
  };
  if (options.packs_are_ours) load.expressions = rules::secret::Expressions::kTrust;
  auto program = SecretProgram::compile(rules::secret::load(files, load));
  const rules::secret::SecretRuleSet& rules = program->rules();
  summary.rules_loaded = rules.rules.size();
  summary.rules_refused = rules.refused;
  summary.problems.insert(summary.problems.end(), rules.problems.begin(), rules.problems.end());
  if (rules.rules.empty()) {
    return failure(
        ErrorCode::kInvalid,
        rules.problems.empty()
            ? "expected rules for secrets, found none; name a pack with --rules"
            : fmt::format("no rule could be loaded: {}: {}",
                          to_string(rules.problems.front().place), rules.problems.front().message));
  }
  stored.write(rules);
  return program;
}

}  // namespace vedette::engine
