// SPDX-License-Identifier: Apache-2.0
#include "output/attack.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/file.h"

namespace vedette::output {
namespace {

constexpr std::size_t kTableBytesMax = std::size_t{4} << 20;

// ATT&CK Enterprise 19 in the order of its matrix, Defense Evasion of versions before it, and the
// two tactics that only ATLAS has.
constexpr std::array kTactics = {
    Tactic{"reconnaissance", "TA0043", "Reconnaissance", "AML.TA0002"},
    Tactic{"resource-development", "TA0042", "Resource Development", "AML.TA0003"},
    Tactic{"initial-access", "TA0001", "Initial Access", "AML.TA0004"},
    Tactic{"ai-model-access", "AML.TA0000", "AI Model Access", "AML.TA0000"},
    Tactic{"execution", "TA0002", "Execution", "AML.TA0005"},
    Tactic{"persistence", "TA0003", "Persistence", "AML.TA0006"},
    Tactic{"privilege-escalation", "TA0004", "Privilege Escalation", "AML.TA0012"},
    Tactic{"stealth", "TA0005", "Stealth", ""},
    Tactic{"defense-evasion", "TA0005", "Defense Evasion", "AML.TA0007"},
    Tactic{"defense-impairment", "TA0112", "Defense Impairment", ""},
    Tactic{"credential-access", "TA0006", "Credential Access", "AML.TA0013"},
    Tactic{"discovery", "TA0007", "Discovery", "AML.TA0008"},
    Tactic{"lateral-movement", "TA0008", "Lateral Movement", "AML.TA0015"},
    Tactic{"collection", "TA0009", "Collection", "AML.TA0009"},
    Tactic{"ai-attack-staging", "AML.TA0001", "AI Attack Staging", "AML.TA0001"},
    Tactic{"command-and-control", "TA0011", "Command and Control", "AML.TA0014"},
    Tactic{"exfiltration", "TA0010", "Exfiltration", "AML.TA0010"},
    Tactic{"impact", "TA0040", "Impact", "AML.TA0011"},
};

// ATLAS said "ml" before it said "ai".
struct Alias {
  std::string_view other;
  std::string_view slug;
};
constexpr std::array kAliases = {
    Alias{"ml-model-access", "ai-model-access"},
    Alias{"ml-attack-staging", "ai-attack-staging"},
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "t1059", "t1059.001", "aml.t0051.000" (lower case).
bool is_technique(std::string_view id) {
  if (id.starts_with("aml.")) id.remove_prefix(4);
  if (!id.starts_with('t')) return false;
  id.remove_prefix(1);
  const std::size_t dot = id.find('.');
  if (dot == std::string_view::npos) return id.size() == 4 && all_digits(id);
  return dot == 4 && all_digits(id.substr(0, 4)) && id.size() == 8 && all_digits(id.substr(5));
}

template <typename T>
bool holds(const std::vector<T>& all, const T& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

// The next part of `text` up to `separator`, which is taken off with it.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return part;
}

// What a tag (lower case) names in a matrix: "execution" for Sigma's attack.execution and Falco's
// mitre_execution, "t1059" for attack.t1059 and T1059. Empty for other tags.
std::string_view attack_name(std::string_view tag) {
  for (const std::string_view space : {"attack.", "atlas.", "mitre_"}) {
    if (tag.starts_with(space)) return tag.substr(space.size());
  }
  return is_technique(tag) ? tag : std::string_view();
}

std::vector<const Tactic*> tactics_of(const std::string& technique, const AttackTags& tags,
                                      const Techniques& techniques) {
  const Technique* known = techniques.find(technique);
  if (known == nullptr) return tags.tactics;
  std::vector<const Tactic*> both;
  for (const Tactic* tactic : tags.tactics) {
    if (holds(known->tactics, tactic)) both.push_back(tactic);
  }
  return both.empty() ? known->tactics : both;
}

}  // namespace

std::span<const Tactic> tactics() { return kTactics; }

const Tactic* find_tactic(std::string_view text) {
  std::string key = lower(text);
  std::replace(key.begin(), key.end(), '_', '-');
  for (const Alias& alias : kAliases) {
    if (key == alias.other) key = alias.slug;
  }
  for (const Tactic& tactic : kTactics) {
    if (key == tactic.slug || key == lower(tactic.id)) return &tactic;
    if (!tactic.atlas_id.empty() && key == lower(tactic.atlas_id)) return &tactic;
  }
  return nullptr;
}

AttackTags parse_attack_tags(std::span<const std::string> tags) {
  AttackTags result;
  for (const std::string& tag : tags) {
    const std::string text = lower(tag);
    const std::string_view rest = attack_name(text);
    if (is_technique(rest)) {
      std::string id = upper(rest);
      if (!holds(result.techniques, id)) result.techniques.push_back(std::move(id));
    } else if (const Tactic* tactic = find_tactic(rest); tactic != nullptr) {
      if (!holds(result.tactics, tactic)) result.tactics.push_back(tactic);
    }
  }
  return result;
}

Result<Techniques> Techniques::load(const std::string& path) {
  TRY(const std::string content, read_file(path, kTableBytesMax));
  Techniques result;
  std::string_view rest = content;
  for (int line = 1; !rest.empty(); ++line) {
    std::string_view text = take(rest, '\n');
    if (text.empty() || text.starts_with('#')) continue;
    Technique technique;
    technique.id = take(text, '\t');
    technique.name = take(text, '\t');
    if (technique.name.empty() || text.empty()) {
      return failure(
          ErrorCode::kInvalid,
          fmt::format("{}:{}: expected id, name and tactics separated by tabs", path, line));
    }
    while (!text.empty()) {
      const std::string_view slug = take(text, ',');
      const Tactic* tactic = find_tactic(slug);
      if (tactic == nullptr) {
        return failure(ErrorCode::kInvalid,
                       fmt::format("{}:{}: unknown tactic \"{}\"", path, line, slug));
      }
      technique.tactics.push_back(tactic);
    }
    std::string id = technique.id;
    result.by_id_.insert_or_assign(std::move(id), std::move(technique));
  }
  return result;
}

Techniques Techniques::of_content(const std::string& content) {
  if (content.empty()) return {};
  Result<Techniques> loaded = load(content + "/attack/techniques.tsv");
  return loaded.has_value() ? std::move(*loaded) : Techniques();
}

const Technique* Techniques::find(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &found->second;
}

std::vector<Placement> place(const AttackTags& tags, const Techniques& techniques) {
  std::vector<Placement> result;
  std::vector<const Tactic*> used;
  for (const std::string& technique : tags.techniques) {
    const std::vector<const Tactic*> columns = tactics_of(technique, tags, techniques);
    if (columns.empty()) result.push_back({nullptr, technique});
    for (const Tactic* tactic : columns) {
      result.push_back({tactic, technique});
      used.push_back(tactic);
    }
  }
  for (const Tactic* tactic : tags.tactics) {
    if (!holds(used, tactic)) result.push_back({tactic, ""});
  }
  return result;
}

}  // namespace vedette::output
