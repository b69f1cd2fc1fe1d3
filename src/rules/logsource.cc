// SPDX-License-Identifier: Apache-2.0
#include "rules/logsource.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/file.h"
#include "formats/yaml/yaml.h"
#include "rules/sigma/detection.h"
#include "rules/sigma/lower.h"

namespace vedette::rules {
namespace {

using formats::yaml::Document;
using formats::yaml::Member;
using formats::yaml::Node;
using formats::yaml::NodeKind;

Error error_at(const std::string& file, std::uint32_t line, std::uint32_t column,
               std::string_view message) {
  return {ErrorCode::kInvalid, fmt::format("{}:{}:{}: {}", file, line, column, message)};
}

bool equal_letters(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(left, right, {}, lower, lower);
}

void append_new(std::vector<std::string>& list, std::string_view text) {
  if (std::ranges::find(list, text) == list.end()) list.emplace_back(text);
}

// Reads one file into the whole; its errors are ours, since the content is.
class FileReader {
 public:
  FileReader(const std::string& file, LogSources& all, std::vector<Diagnostic>& warnings)
      : file_(file), all_(all), warnings_(warnings) {}

  Result<void> run(const Node& root) {
    if (root.kind != NodeKind::kMapping) return wrong(root, "expected a map");
    for (const Member& member : root.members) {
      const std::string_view key = member.key->text;
      const Node& value = *member.value;
      if (key == "sources") {
        TRY_VOID(sources(value));
      } else if (key == "containers") {
        TRY_VOID(texts(value, all_.containers));
      } else if (key == "envelopes") {
        TRY_VOID(texts(value, all_.envelopes));
      } else if (key == "aliases") {
        TRY_VOID(aliases(value));
      } else if (key == "roles") {
        TRY_VOID(roles(value));
      } else if (key == "time") {
        TRY_VOID(texts(value, all_.time));
      } else {
        warn(*member.key, fmt::format("the key '{}' is unknown", key),
             "use sources, containers, envelopes, aliases, roles or time");
      }
    }
    return {};
  }

 private:
  Result<void> sources(const Node& list) {
    if (list.kind != NodeKind::kSequence) return wrong(list, "`sources` must be a list");
    for (const Node* node : list.elements) {
      if (node->kind != NodeKind::kMapping) return wrong(*node, "a source must be a map");
      LogSourceEntry entry;
      entry.file = file_;
      entry.line = node->line;
      const Node* when = nullptr;
      for (const Member& member : node->members) {
        TRY_VOID(part_of_source(member, entry, when));
      }
      if (when == nullptr) return wrong(*node, "a source needs `when`");
      if (entry.source.category.empty() && entry.source.product.empty() &&
          entry.source.service.empty()) {
        return wrong(*node, "a source needs a category, product or service");
      }
      TRY(entry.when, condition(*when));
      all_.entries.push_back(std::move(entry));
    }
    return {};
  }

  Result<void> part_of_source(const Member& member, LogSourceEntry& entry, const Node*& when) {
    const std::string_view key = member.key->text;
    std::string* text = key == "category"  ? &entry.source.category
                        : key == "product" ? &entry.source.product
                        : key == "service" ? &entry.source.service
                                           : nullptr;
    if (text != nullptr) {
      if (member.value->kind != NodeKind::kScalar) return wrong(*member.value, "expected text");
      *text = member.value->text;
    } else if (key == "when") {
      when = member.value;
    } else if (key == "fields") {
      for (const Member& field : member.value->members) {
        if (field.value->kind != NodeKind::kScalar) return wrong(*field.value, "expected a field");
        entry.fields.emplace(field.key->text, field.value->text);
      }
    } else {
      warn(*member.key, fmt::format("the key '{}' of a source is unknown", key),
           "use category, product, service, when or fields");
    }
    return {};
  }

  // The condition of a source is written, and means, what a Sigma detection does.
  Result<Expression> condition(const Node& when) {
    sigma::Budget budget(sigma::kRuleValuesMax);
    const auto detection = sigma::parse_detection(when, budget);
    if (!detection.has_value()) return wrong(detection.error());
    auto lowered = sigma::lower_detection(*detection, "when", budget);
    if (!lowered.has_value()) return wrong(lowered.error());
    if (!lowered->has_value()) return wrong(when, "`when` is empty");
    return std::move(**lowered);
  }

  Result<void> aliases(const Node& map) {
    for (const Member& member : map.members) {
      TRY_VOID(texts(*member.value, all_.aliases[std::string(member.key->text)]));
    }
    return {};
  }

  Result<void> roles(const Node& map) {
    for (const Member& member : map.members) {
      const auto found = std::ranges::find(event::kRoleNames, member.key->text);
      if (found == event::kRoleNames.end()) {
        warn(*member.key, fmt::format("the role '{}' is unknown", member.key->text),
             fmt::format("use one of {}", fmt::join(event::kRoleNames, ", ")));
        continue;
      }
      const auto index = static_cast<std::size_t>(found - event::kRoleNames.begin());
      TRY_VOID(texts(*member.value, all_.roles[index]));
    }
    return {};
  }

  // A text or a list of texts, appended without repeats.
  Result<void> texts(const Node& node, std::vector<std::string>& list) {
    if (node.kind == NodeKind::kScalar) {
      append_new(list, node.text);
      return {};
    }
    for (const Node* element : node.elements) {
      if (element->kind != NodeKind::kScalar) return wrong(*element, "expected text");
      append_new(list, element->text);
    }
    if (node.kind == NodeKind::kMapping) return wrong(node, "expected a list");
    return {};
  }

  std::unexpected<Error> wrong(const Node& node, std::string_view message) const {
    return std::unexpected(error_at(file_, node.line, node.column, message));
  }
  std::unexpected<Error> wrong(const sigma::Problem& problem) const {
    return std::unexpected(
        error_at(file_, problem.position.line, problem.position.column, problem.message));
  }

  void warn(const Node& node, std::string message, std::string hint) {
    warnings_.push_back({DiagnosticKind::kWarning,
                         {file_, node.line, node.column, 0},
                         std::move(message),
                         std::move(hint)});
  }

  const std::string& file_;  // the caller's, like the two below
  LogSources& all_;
  std::vector<Diagnostic>& warnings_;
};

}  // namespace

Result<LogSources> load_log_sources(const std::string& folder, std::vector<Diagnostic>& warnings) {
  LogSources all;
  const Limits limits;
  TRY(const std::vector<std::string> files, list_files(folder, {".yml", ".yaml"}));
  for (const std::string& file : files) {
    TRY(const std::string text, read_file(file, limits.file_bytes_max));
    const auto document = Document::parse(text, limits);
    if (!document.has_value()) {
      return failure(document.error().code, fmt::format("{}: {}", file, document.error().message));
    }
    if (!document->errors().empty()) {
      const auto& error = document->errors().front();
      return std::unexpected(error_at(file, error.line, error.column, error.message));
    }
    for (const Node* root : document->roots()) {
      TRY_VOID(FileReader(file, all, warnings).run(*root));
    }
  }
  return all;
}

bool covers(const LogSource& wanted, const LogSource& entry) {
  const auto part = [](std::string_view want, std::string_view have) {
    return want.empty() || equal_letters(want, have);
  };
  return part(wanted.category, entry.category) && part(wanted.product, entry.product) &&
         part(wanted.service, entry.service);
}

}  // namespace vedette::rules
