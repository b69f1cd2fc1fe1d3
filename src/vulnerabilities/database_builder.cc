// SPDX-License-Identifier: Apache-2.0
#include "vulnerabilities/database_builder.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <unordered_map>

#include "vulnerabilities/affected.h"
#include "vulnerabilities/alias_sets.h"
#include "vulnerabilities/ecosystem.h"
#include "vulnerabilities/layout.h"
#include "vulnerabilities/record_bytes.h"

namespace vedette::vulnerabilities {
namespace {

using formats::advisories::Advisory;
using formats::advisories::Affected;
using formats::packages::Ecosystem;

// Of what is shown only.
constexpr std::size_t kDetailBytesMax = 2048;
constexpr std::size_t kReferencesMax = 64;
constexpr std::size_t kExploitsMax = 16;

std::string begin_of(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0) == 0x80) --bytes_max;
  text.resize(bytes_max);
  return text + "…";
}

// What stands for a summary where there is none.
std::string first_line(const std::string& details) {
  constexpr std::size_t kBytesMax = 160;
  return begin_of(details.substr(0, details.find('\n')), kBytesMax);
}

// CVEs first, then GitHub's ids: what most tools know.
int rank_of(std::string_view id) {
  return id.starts_with("CVE-") ? 0 : (id.starts_with("GHSA-") ? 1 : 2);
}
bool is_better_name(const std::string& a, const std::string& b) {
  return std::tuple(rank_of(a), std::string_view(a)) < std::tuple(rank_of(b), std::string_view(b));
}

AffectedRecord record_of(Affected affected) {
  AffectedRecord record;
  const Ecosystem ecosystem = ecosystem_of(affected.ecosystem);
  for (Range& range : affected.ranges) {
    if (range.type == RangeType::kGit) range.events.clear();
    sort_events(ecosystem, range);
  }
  record.ranges = std::move(affected.ranges);
  // Lists repeat what ranges say, and are what takes time to look through.
  for (std::string& version : affected.versions) {
    const auto has = [&](const Range& range) { return is_in_range(ecosystem, version, range); };
    if (!std::ranges::any_of(record.ranges, has)) record.versions.push_back(std::move(version));
  }
  record.imports = std::move(affected.imports);
  record.severity = std::move(affected.severity);
  return record;
}

bool is_git_only(const AffectedRecord& record) {
  const auto is_git = [](const Range& range) { return range.type == RangeType::kGit; };
  return !record.ranges.empty() && record.versions.empty() &&
         std::ranges::all_of(record.ranges, is_git);
}

struct Held {
  AdvisoryRecord record;
  std::vector<std::string> subjects;  // ids of what it is about
  std::vector<std::string> aliases;
  std::vector<std::pair<std::string, AffectedRecord>> affected;  // by package key
  bool of_distribution = false;
};

// What an advisory is about: a distribution's may gather several vulnerabilities; then its own id
// is the name of none of them.
void find_subjects(const Advisory& advisory, Held& held) {
  const auto is_cve = [](const std::string& id) { return id.starts_with("CVE-"); };
  std::vector<std::string> about = advisory.upstream;
  if (about.empty() && held.of_distribution && std::ranges::count_if(advisory.aliases, is_cve) > 1)
    about = advisory.aliases;
  if (about.size() > 1) {
    held.subjects = std::move(about);
    return;
  }
  held.subjects = {advisory.id};
  held.aliases = advisory.aliases;
  held.aliases.insert(held.aliases.end(), about.begin(), about.end());
}

struct Use {
  bool exploited = false;
  bool ransomware = false;
  std::string since;
  double probability = -1;
  double percentile = -1;
  std::string scored;  // the day of both: "2025-08-25"
  std::vector<std::string> exploits;
};

void add_severity(const Severity& one, std::vector<Severity>& all) {
  const auto same = [&](const Severity& other) {
    return other.type == one.type && other.text == one.text;
  };
  if (std::ranges::none_of(all, same)) all.push_back(one);
}

// A section under way, with its rows.
struct Rows {
  std::string rows;
  std::string bytes;

  template <typename Record>
  void add(const Record& record) {
    const std::size_t begin = bytes.size();
    BlobWriter blob(bytes);
    write(record, blob);
    close(begin);
  }
  void close(std::size_t begin) {
    const std::string_view blob = std::string_view(bytes).substr(begin);
    append(static_cast<std::uint64_t>(begin), rows);
    append(static_cast<std::uint32_t>(blob.size()), rows);
    append(blob_checksum(blob), rows);
  }
};

void append_key(std::string_view key, std::string& rows, std::string& keys) {
  append(static_cast<std::uint32_t>(keys.size()), rows);
  append(static_cast<std::uint32_t>(key.size()), rows);
  keys += key;
}

Result<std::string> assemble(const std::array<std::string, kSections>& sections) {
  std::string out(kMagic);
  append(kLayoutVersion, out);
  append(static_cast<std::uint32_t>(kSections), out);
  std::uint64_t offset = kHeaderBytes + kSections * kSectionBytes;
  std::uint64_t size = offset;
  for (const std::string& section : sections) size += section.size();
  append(size, out);
  append(std::uint64_t{0}, out);
  for (const std::string& section : sections) {
    append(offset, out);
    append(static_cast<std::uint64_t>(section.size()), out);
    append(hash_bytes(section), out);
    offset += section.size();
  }
  const std::uint64_t checksum = hash_bytes(out);
  std::memcpy(out.data() + 24, &checksum, sizeof checksum);
  out.reserve(size);
  for (const std::string& section : sections) out += section;
  return out;
}

}  // namespace

struct DatabaseBuilder::Impl {
  std::vector<InputRecord> inputs;
  std::vector<Held> advisories;
  std::unordered_map<std::string, Use> uses;
  DatabaseSummary summary;

  std::array<std::string, kSections> sections;
  std::vector<Vulnerability> vulnerabilities;
  std::vector<std::pair<std::string, std::uint32_t>> names;

  std::string& section(Section which) { return sections[static_cast<std::size_t>(which)]; }

  void sort_inputs();
  void sort_advisories();
  void join_names();
  void gather_severity();
  void write_vulnerabilities();
  void write_advisories();
  void write_packages();
  void write_names();
};

DatabaseBuilder::DatabaseBuilder() : impl_(std::make_unique<Impl>()) {}
DatabaseBuilder::~DatabaseBuilder() = default;

std::uint32_t DatabaseBuilder::add_input(InputRecord input) {
  impl_->inputs.push_back(std::move(input));
  return static_cast<std::uint32_t>(impl_->inputs.size() - 1);
}

InputRecord& DatabaseBuilder::input(std::uint32_t number) { return impl_->inputs[number]; }

void DatabaseBuilder::add(Advisory advisory, std::uint32_t input, std::string place) {
  InputRecord& source = impl_->inputs[input];
  ++source.records;
  // Go's own records say the year 1 where nobody changed them.
  advisory.modified = std::max(advisory.modified, advisory.published);
  source.date = std::max(source.date, advisory.modified);
  if (!advisory.withdrawn.empty()) {
    ++source.withdrawn;
    return;
  }
  Held held;
  for (Affected& affected : advisory.affected) {
    if (affected.name.empty() || affected.ecosystem.empty()) {
      ++impl_->summary.without_package;
      continue;
    }
    held.of_distribution = held.of_distribution || is_distribution(affected.ecosystem);
    std::string key = affected.ecosystem;
    (key += '\0') += comparable_name(ecosystem_of(affected.ecosystem), affected.name);
    held.affected.emplace_back(std::move(key), record_of(std::move(affected)));
  }
  find_subjects(advisory, held);
  AdvisoryRecord& record = held.record;
  record.id = std::move(advisory.id);
  record.modified = std::move(advisory.modified);
  record.published = std::move(advisory.published);
  record.summary = advisory.summary.empty()
                       ? first_line(advisory.details)
                       : begin_of(std::move(advisory.summary), kDetailBytesMax);
  record.details = begin_of(std::move(advisory.details), kDetailBytesMax);
  record.severity = std::move(advisory.severity);
  record.references = std::move(advisory.references);
  if (record.references.size() > kReferencesMax) record.references.resize(kReferencesMax);
  record.input = input;
  record.place = std::move(place);
  impl_->advisories.push_back(std::move(held));
}

void DatabaseBuilder::add(const formats::advisories::ExploitedCatalogue& catalogue,
                          std::uint32_t input) {
  impl_->inputs[input].records += catalogue.entries.size();
  impl_->inputs[input].date = catalogue.version;
  for (const formats::advisories::Exploited& entry : catalogue.entries) {
    Use& use = impl_->uses[entry.id];
    use.exploited = true;
    use.ransomware = use.ransomware || entry.ransomware;
    use.since = use.since.empty() ? entry.added : std::min(use.since, entry.added);
  }
}

void DatabaseBuilder::add(const formats::advisories::Likelihoods& likelihoods,
                          std::uint32_t input) {
  impl_->inputs[input].records += likelihoods.entries.size();
  impl_->inputs[input].unreadable += likelihoods.bad_lines;
  impl_->inputs[input].date = likelihoods.date;
  // Of several files the newest is believed, in whatever order they come.
  const std::string day = likelihoods.date.substr(0, std::string_view("2025-08-25").size());
  for (const formats::advisories::Likelihood& entry : likelihoods.entries) {
    Use& use = impl_->uses[entry.id];
    if (std::tie(use.scored, use.probability, use.percentile) >=
        std::tie(day, entry.probability, entry.percentile))
      continue;
    use.scored = day;
    use.probability = entry.probability;
    use.percentile = entry.percentile;
  }
}

void DatabaseBuilder::add(const std::vector<formats::advisories::Exploit>& exploits,
                          std::uint32_t input) {
  impl_->inputs[input].records += exploits.size();
  for (const formats::advisories::Exploit& exploit : exploits)
    impl_->uses[exploit.id].exploits.push_back(exploit.url);
}

void DatabaseBuilder::add(const std::vector<Lifecycle>& lifecycles, std::uint32_t input) {
  impl_->inputs[input].records += lifecycles.size();
  std::vector<Lifecycle>& all = impl_->summary.lifecycles;
  all.insert(all.end(), lifecycles.begin(), lifecycles.end());
}

void DatabaseBuilder::Impl::sort_inputs() {
  std::vector<std::uint32_t> order(inputs.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, {}, [this](std::uint32_t i) {
    return std::tuple(std::string_view(inputs[i].name), std::string_view(inputs[i].digest));
  });
  std::vector<std::uint32_t> place(inputs.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    place[order[i]] = i;
    summary.inputs.push_back(inputs[order[i]]);
  }
  for (Held& held : advisories) held.record.input = place[held.record.input];
  std::ranges::sort(summary.lifecycles, {}, [](const Lifecycle& one) {
    return std::tuple(std::string_view(one.product), std::string_view(one.release),
                      std::string_view(one.end), one.ended);
  });
}

void DatabaseBuilder::Impl::sort_advisories() {
  std::ranges::sort(advisories, [](const Held& a, const Held& b) {
    // The same id: the one modified last goes first.
    return std::tie(a.record.id, b.record.modified, a.record.input, a.record.place) <
           std::tie(b.record.id, a.record.modified, b.record.input, b.record.place);
  });
  const auto doubles =
      std::ranges::unique(advisories, {}, [](const Held& held) { return held.record.id; });
  advisories.erase(doubles.begin(), doubles.end());
}

// Makes the vulnerabilities, sorted by id, and tells each advisory which of them it is about.
void DatabaseBuilder::Impl::join_names() {
  AliasSets sets;
  for (const Held& held : advisories) {
    for (const std::string& subject : held.subjects) sets.number(subject);
    for (const std::string& alias : held.aliases) sets.join(held.subjects.front(), alias);
  }
  std::vector<std::uint32_t> found(sets.names().size(), UINT32_MAX);
  for (std::uint32_t i = 0; i < sets.names().size(); ++i) {
    std::uint32_t& index = found[sets.root(i)];
    if (index == UINT32_MAX) {
      index = static_cast<std::uint32_t>(vulnerabilities.size());
      vulnerabilities.emplace_back();
    }
    vulnerabilities[index].names.push_back(sets.names()[i]);
  }
  for (Vulnerability& vulnerability : vulnerabilities) {
    std::ranges::sort(vulnerability.names);
    vulnerability.id = *std::ranges::min_element(vulnerability.names, is_better_name);
    vulnerability.summary.clear();
  }
  std::ranges::sort(vulnerabilities, {}, &Vulnerability::id);
  std::unordered_map<std::string_view, std::uint32_t> by_name;
  for (std::uint32_t i = 0; i < vulnerabilities.size(); ++i) {
    for (const std::string& name : vulnerabilities[i].names) {
      by_name[name] = i;
      names.emplace_back(name, i);
    }
  }
  for (Held& held : advisories) {
    std::vector<std::uint32_t>& about = held.record.vulnerabilities;
    for (const std::string& subject : held.subjects) about.push_back(by_name[subject]);
    std::ranges::sort(about);
    about.erase(std::ranges::unique(about).begin(), about.end());
    for (const std::uint32_t index : about) names.emplace_back(held.record.id, index);
  }
}

// What all who are about one vulnerability alone say of it; a distribution speaks for its own
// builds, so it is asked only where nobody else says anything.
void DatabaseBuilder::Impl::gather_severity() {
  for (const bool by_distributions : {false, true}) {
    for (const Held& held : advisories) {
      if (held.of_distribution != by_distributions || held.record.vulnerabilities.size() != 1)
        continue;
      Vulnerability& one = vulnerabilities[held.record.vulnerabilities.front()];
      if (one.summary.empty()) one.summary = held.record.summary;
      for (const Severity& severity : held.record.severity) add_severity(severity, one.severity);
      if (by_distributions) continue;
      for (const auto& [key, record] : held.affected) {
        for (const Severity& severity : record.severity) add_severity(severity, one.severity);
      }
    }
  }
}

void DatabaseBuilder::Impl::write_vulnerabilities() {
  Rows rows;
  for (Vulnerability& one : vulnerabilities) {
    for (const std::string& name : one.names) {
      const auto found = uses.find(name);
      if (found == uses.end()) continue;
      Use& use = found->second;
      if (use.exploited && (!one.exploited || use.since < one.exploited_since))
        one.exploited_since = use.since;
      one.exploited = one.exploited || use.exploited;
      one.ransomware = one.ransomware || use.ransomware;
      if (use.probability > one.probability) {
        one.probability = use.probability;
        one.percentile = use.percentile;
      }
      one.exploits.insert(one.exploits.end(), use.exploits.begin(), use.exploits.end());
    }
    std::ranges::sort(one.exploits);
    one.exploits.erase(std::ranges::unique(one.exploits).begin(), one.exploits.end());
    if (one.exploits.size() > kExploitsMax) one.exploits.resize(kExploitsMax);
    summary.exploited += one.exploited ? 1 : 0;
    summary.with_probability += one.probability >= 0 ? 1 : 0;
    summary.with_exploits += one.exploits.empty() ? 0 : 1;
    rows.add(one);
  }
  section(Section::kVulnerableRows) = std::move(rows.rows);
  section(Section::kVulnerable) = std::move(rows.bytes);
}

void DatabaseBuilder::Impl::write_advisories() {
  Rows rows;
  for (const Held& held : advisories) {
    summary.date = std::max(summary.date, held.record.modified);
    rows.add(held.record);
  }
  section(Section::kAdvisoryRows) = std::move(rows.rows);
  section(Section::kAdvisories) = std::move(rows.bytes);
}

void DatabaseBuilder::Impl::write_packages() {
  std::vector<std::pair<std::string_view, const AffectedRecord*>> all;
  for (std::uint32_t i = 0; i < advisories.size(); ++i) {
    for (auto& [key, record] : advisories[i].affected) {
      record.advisory = i;
      record.vulnerabilities = advisories[i].record.vulnerabilities;
      summary.git_only += is_git_only(record) ? 1 : 0;
      all.emplace_back(key, &record);
    }
  }
  // By package; in one, as advisories lie, and those as their entries do.
  std::ranges::stable_sort(all, {}, [](const auto& entry) { return entry.first; });
  summary.affected = all.size();
  Rows blobs;
  std::string& rows = section(Section::kPackageRows);
  std::string& keys = section(Section::kPackageKeys);
  for (std::size_t i = 0; i < all.size();) {
    const std::string_view key = all[i].first;
    const std::size_t begin = blobs.bytes.size();
    BlobWriter blob(blobs.bytes);
    for (; i < all.size() && all[i].first == key; ++i) write(*all[i].second, blob);
    append_key(key, rows, keys);
    blobs.close(begin);
    rows += blobs.rows;
    blobs.rows.clear();
    ++summary.packages;
  }
  section(Section::kAffected) = std::move(blobs.bytes);
}

void DatabaseBuilder::Impl::write_names() {
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  for (const auto& [name, index] : names) {
    append_key(name, section(Section::kNameRows), section(Section::kNames));
    append(index, section(Section::kNameRows));
  }
}

Result<std::string> DatabaseBuilder::build() {
  Impl& impl = *impl_;
  impl.sort_inputs();
  impl.sort_advisories();
  impl.join_names();
  impl.gather_severity();
  impl.write_vulnerabilities();
  impl.write_advisories();
  impl.write_packages();
  impl.write_names();
  impl.summary.advisories = impl.advisories.size();
  impl.summary.vulnerabilities = impl.vulnerabilities.size();
  BlobWriter blob(impl.section(Section::kSummary));
  write(impl.summary, blob);
  for (const Section keys : {Section::kPackageKeys, Section::kNames}) {
    if (impl.section(keys).size() > UINT32_MAX)
      return failure(ErrorCode::kLimit, "names of 4 GiB in one database are more than it holds");
  }
  return assemble(impl.sections);
}

}  // namespace vedette::vulnerabilities
