// SPDX-License-Identifier: Apache-2.0
#include "engine/live/enforcement.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <functional>
#include <optional>
#include <set>
#include <string_view>

#include "base/arena.h"
#include "detect/naive_evaluator.h"
#include "formats/kernel/fields.h"
#include "match/network.h"

namespace vedette::engine {
namespace {

using rules::EnforcementEntry;
using rules::Expression;
using rules::Predicate;
using rules::Test;
using sensor::EntrySets;
using Property = rules::EnforcedProperty;
using Truth = std::function<bool(const Expression& leaf)>;

constexpr std::string_view kBlockedType = "blocked";

// A test that asks only whether there is a value.
bool is_presence(const Predicate& predicate) { return predicate.test == Test::kGlob; }

class TableBuilder {
 public:
  TableBuilder(const Enforcement& enforcement, sensor::EnforcementTable& table)
      : enforcement_(enforcement), table_(table) {}

  void run() {
    for (std::size_t action = 0; action < VEDETTE_ACTIONS; ++action) {
      const std::size_t count = enforcement_.entries[action].size();
      table_.all.of[action] = count == 64 ? ~0ULL : (1ULL << count) - 1;
    }
    table_.host = enforcement_.sets_for(nullptr);
    paths();
    path_ends();
    names(Property::kExe, table_.exes, table_.asks_exes);
    bool asked = false;
    names(Property::kName, table_.names, asked);
    names(Property::kParentName, table_.parents, asked);
    networks();
    ports();
    small_sets();
  }

 private:
  // The entries whose demand of `property`, if they have one, holds by `truth`.
  EntrySets sets(Property property, const Truth& truth) const {
    EntrySets sets = {};
    for (std::size_t action = 0; action < VEDETTE_ACTIONS; ++action) {
      const auto& entries = enforcement_.entries[action];
      for (std::size_t entry = 0; entry < entries.size(); ++entry) {
        const auto ask = entries[entry].asks.find(property);
        if (ask == entries[entry].asks.end() || rules::holds(ask->second, truth)) {
          sets.of[action] |= 1ULL << entry;
        }
      }
    }
    return sets;
  }

  // Every operand of `test` that entries have for the property.
  std::set<std::string> operands(Property property, Test test) const {
    std::set<std::string> found;
    const Truth collect = [&](const Expression& leaf) {
      if (leaf.predicate.test == test) found.insert(leaf.predicate.text);
      return false;
    };
    for (const auto& entries : enforcement_.entries) {
      for (const EnforcementEntry& entry : entries) {
        const auto ask = entry.asks.find(property);
        if (ask == entry.asks.end()) continue;
        visit(ask->second, collect);
      }
    }
    return found;
  }

  static void visit(const Expression& expression, const Truth& each) {
    if (expression.kind == Expression::Kind::kLeaf) each(expression);
    for (const Expression& child : expression.children) visit(child, each);
  }

  void paths() {
    // A path that stands in no table of whole ones, by the longest start that it has.
    const auto by_start = [&](std::string_view start) {
      return sets(Property::kPath, [start](const Expression& leaf) {
        const Predicate& predicate = leaf.predicate;
        return is_presence(predicate) ||
               (predicate.test == Test::kStartsWith && start.starts_with(predicate.text));
      });
    };
    table_.starts.otherwise = by_start({});
    for (const std::string& start : operands(Property::kPath, Test::kStartsWith)) {
      table_.starts.by_text[start] = by_start(start);
    }
    for (const std::string& path : operands(Property::kPath, Test::kEquals)) {
      table_.wholes.by_text[path] = sets(Property::kPath, [&](const Expression& leaf) {
        return is_presence(leaf.predicate) || detect::text_passes(leaf.predicate, path);
      });
    }
  }

  void path_ends() {
    const auto by_end = [&](std::string_view end) {
      return sets(Property::kPathEnd, [end](const Expression& leaf) {
        return is_presence(leaf.predicate) || end.ends_with(leaf.predicate.text);
      });
    };
    table_.ends.otherwise = by_end({});
    for (const std::string& end : operands(Property::kPathEnd, Test::kEndsWith)) {
      table_.ends.by_text[end] = by_end(end);
    }
    table_.asks_ends = !table_.ends.by_text.empty();
  }

  void names(Property property, sensor::EntryTable& table, bool& asked) {
    const auto of_name = [&](std::optional<std::string_view> name) {
      return sets(property, [name](const Expression& leaf) {
        return is_presence(leaf.predicate) || (name && leaf.predicate.text == *name);
      });
    };
    table.otherwise = of_name(std::nullopt);
    for (const std::string& name : operands(property, Test::kEquals)) {
      // No process has a longer name.
      const bool too_long = property != Property::kExe && name.size() > VEDETTE_NAME_MAX;
      if (!too_long) table.by_text[name] = of_name(name);
    }
    asked = !table.by_text.empty();
  }

  static std::string key_of(const match::Network& network) {
    std::string key(17, '\0');
    const auto& bytes = network.address.bytes;
    if (network.address.v6) {
      std::memcpy(key.data(), bytes.data(), 16);
      key[16] = static_cast<char>(network.prefix_bits);
      return key;
    }
    key[10] = key[11] = '\xFF';
    std::memcpy(key.data() + 12, bytes.data(), 4);
    key[16] = static_cast<char>(96 + network.prefix_bits);
    return key;
  }

  // Addresses of the network that are in no smaller one of the table.
  EntrySets of_network(const match::Network& network) const {
    return sets(Property::kAddress, [&](const Expression& leaf) {
      if (is_presence(leaf.predicate)) return true;
      const auto asked = match::Network::parse(leaf.predicate.text);
      return asked && asked->prefix_bits <= network.prefix_bits && asked->contains(network.address);
    });
  }

  void networks() {
    const auto none = [&](bool present) {
      return sets(Property::kAddress, [present](const Expression& leaf) {
        return present && is_presence(leaf.predicate);
      });
    };
    table_.no_network = none(false);
    table_.networks.otherwise = none(true);
    // Networks of IPv6 hold no IPv4 address, though its key begins like theirs.
    table_.networks.by_text[key_of(match::Network{})] = none(true);
    for (const std::string& text : operands(Property::kAddress, Test::kCidr)) {
      const auto network = match::Network::parse(text);
      if (network) table_.networks.by_text[key_of(*network)] = of_network(*network);
    }
  }

  void ports() {
    const auto of_port = [&](std::optional<std::string_view> port) {
      return sets(Property::kPort, [port](const Expression& leaf) {
        return port && (is_presence(leaf.predicate) || leaf.predicate.text == *port);
      });
    };
    table_.no_port = of_port(std::nullopt);
    table_.port = of_port("");
    for (const std::string& text : operands(Property::kPort, Test::kNumberEquals)) {
      std::uint16_t port = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
      if (error == std::errc() && *end == '\0' && port != 0) table_.ports[port] = of_port(text);
    }
  }

  void small_sets() {
    constexpr unsigned kRead = 1;
    constexpr unsigned kWrite = 2;
    constexpr std::array<unsigned, 4> kAccess = {kRead, kWrite, kRead | kWrite, 0};
    for (std::size_t mode = 0; mode < kAccess.size(); ++mode) {
      table_.access[mode] = sets(Property::kAccess, [&](const Expression& leaf) {
        const unsigned asked = leaf.field == "evt.is_open_write" ? kWrite : kRead;
        const std::string_view truth = (kAccess[mode] & asked) != 0 ? "true" : "false";
        return is_presence(leaf.predicate) || leaf.predicate.text == truth;
      });
      for (std::size_t action = 0; action < VEDETTE_ACTIONS; ++action) {
        table_.created.of[action] |= table_.access[mode].of[action];
      }
    }
    constexpr std::array<std::array<std::string_view, 2>, VEDETTE_TARGETS> kTypes = {{
        {"f", "file"},
        {"d", "directory"},
        {"p", "pipe"},
        {"4", "ipv4"},
        {"6", "ipv6"},
        {"u", "unix"},
        {"o", "other"},
        {"", ""},
    }};
    for (std::size_t type = 0; type < kTypes.size(); ++type) {
      table_.types[type] = sets(Property::kType, [&](const Expression& leaf) {
        const std::string_view name = kTypes[type][leaf.field == "fd.type" ? 1 : 0];
        return is_presence(leaf.predicate) || leaf.predicate.text == name;
      });
    }
  }

  const Enforcement& enforcement_;
  sensor::EnforcementTable& table_;
};

// What the fields that are about containers alone are of one, and of the host.
class ContainerFields {
 public:
  explicit ContainerFields(const formats::kernel::Container* container) : container_(container) {}

  bool passes(const Expression& leaf) {
    const auto rows = formats::kernel::container_fields();
    std::string_view name = leaf.field;
    std::string_view argument;
    const std::size_t open = name.find('[');
    if (open != std::string_view::npos && name.ends_with(']')) {
      argument = name.substr(open + 1, name.size() - open - 2);
      name = name.substr(0, open);
    }
    auto row = std::ranges::find(rows, name, &formats::kernel::FieldRow::name);
    if (row == rows.end()) {
      row = std::ranges::find_if(rows, [&](const formats::kernel::FieldRow& each) {
        return each.name.ends_with('.') && name.starts_with(each.name);
      });
      if (row == rows.end()) return false;
      argument = name.substr(row->name.size());
    }
    const formats::kernel::FieldContext context{.record = record_,
                                                .state = state_,
                                                .container = container_,
                                                .arena = arena_,
                                                .argument = argument};
    formats::kernel::FieldValues values(arena_);
    row->get(context, values);
    return std::ranges::any_of(values.values(), [&](const event::Value& value) {
      return detect::text_passes(leaf.predicate, value.bytes());
    });
  }

 private:
  const formats::kernel::Container* container_;
  formats::kernel::RecordReader record_;
  formats::kernel::SystemState state_;
  Arena arena_;
};

}  // namespace

EntrySets Enforcement::sets_for(const formats::kernel::Container* container) const {
  ContainerFields fields(container);
  EntrySets sets = {};
  for (std::size_t action = 0; action < VEDETTE_ACTIONS; ++action) {
    for (std::size_t entry = 0; entry < entries[action].size(); ++entry) {
      const auto ask = entries[action][entry].asks.find(Property::kContainer);
      const bool agrees =
          ask == entries[action][entry].asks.end() ||
          rules::holds(ask->second, [&](const Expression& leaf) { return fields.passes(leaf); });
      if (agrees) sets.of[action] |= 1ULL << entry;
    }
  }
  return sets;
}

Result<std::shared_ptr<const Enforcement>> compile_enforcement(const rules::RuleSet& rules) {
  auto enforcement = std::make_shared<Enforcement>();
  auto table = std::make_shared<sensor::EnforcementTable>();
  bool any = false;
  for (const rules::Rule& rule : rules.rules) {
    if (!rule.block) continue;
    const auto entries = rules::lower_to_enforcement(rule.condition);
    if (!entries.has_value()) {
      return failure(ErrorCode::kInvalid, fmt::format("the rule '{}' cannot be enforced because {}",
                                                      rule.info.title, entries.error()));
    }
    for (const EnforcementEntry& entry : *entries) {
      const auto action = static_cast<std::size_t>(entry.action);
      if (enforcement->entries[action].size() == VEDETTE_ENTRIES) {
        return failure(ErrorCode::kInvalid,
                       fmt::format("expected rules with action: block to have at most {} "
                                   "alternatives for each of exec, open and connect, found more at "
                                   "'{}'; join rules, or leave some out with --exclude",
                                   int{VEDETTE_ENTRIES}, rule.info.title));
      }
      enforcement->entries[action].push_back(entry);
      table->rules[action].push_back(rule.info.title);
      any = true;
    }
  }
  if (!any) return std::shared_ptr<const Enforcement>();
  TableBuilder(*enforcement, *table).run();
  enforcement->table = std::move(table);
  return std::shared_ptr<const Enforcement>(std::move(enforcement));
}

void match_blocked_events(rules::RuleSet& rules) {
  const auto equals = [](std::string field, std::string text) {
    Expression leaf = Expression::make(Expression::Kind::kLeaf);
    leaf.field = std::move(field);
    leaf.predicate = {Test::kEquals, rules::Case::kRespect, std::move(text)};
    leaf.selection = "blocked";
    return leaf;
  };
  for (rules::Rule& rule : rules.rules) {
    if (!rule.block) continue;
    // The call that was denied is told of as well; it is the same attempt.
    std::vector<Expression> refused = {equals("evt.res", "EPERM")};
    std::vector<Expression> done = {std::move(rule.condition),
                                    Expression::make(Expression::Kind::kNot, std::move(refused))};
    std::vector<Expression> denied = {equals("evt.type", std::string(kBlockedType)),
                                      equals("evt.blocked", rule.info.title)};
    std::vector<Expression> either = {Expression::make(Expression::Kind::kAnd, std::move(done)),
                                      Expression::make(Expression::Kind::kAnd, std::move(denied))};
    rule.condition = Expression::make(Expression::Kind::kOr, std::move(either));
  }
}

std::vector<EnforcedContainers::Change> EnforcedContainers::take(std::string_view records) {
  std::vector<Change> changes;
  const auto update = [&](std::uint64_t cgroup) {
    const formats::kernel::Container* container = state_.container_of(cgroup);
    if (container != nullptr) {
      changes.push_back({cgroup, false, enforcement_->sets_for(container)});
    }
  };
  while (reader_.read(records)) {
    const vedette_record& header = reader_.header();
    records.remove_prefix(header.size);
    if (header.kind == VEDETTE_KIND_CGROUP) {
      state_.apply(reader_);
      if ((header.flags & VEDETTE_FLAG_GONE) != 0) {
        if (cgroups_.erase(header.cgroup) != 0) changes.push_back({header.cgroup, true});
        continue;
      }
      cgroups_[header.cgroup] = reader_.field(VEDETTE_FIELD_CGROUP_PATH);
      update(header.cgroup);
    } else if (header.kind == VEDETTE_KIND_CONTAINER) {
      state_.apply(reader_);
      const std::string id(reader_.field(VEDETTE_FIELD_CONTAINER_ID));
      for (const auto& [cgroup, path] : cgroups_) {
        if (path.find(id) != std::string::npos) update(cgroup);
      }
    }
  }
  return changes;
}

}  // namespace vedette::engine
