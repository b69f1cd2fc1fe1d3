// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/json_wrapper.h"

#include <algorithm>
#include <array>

namespace vedette::formats::logs {
namespace {

using Certainty = WrapperRow::Certainty;

constexpr std::array kRows = {
    WrapperRow{"", "Records", Certainty::kCertain},    // AWS CloudTrail files
    WrapperRow{"", "records", Certainty::kCertain},    // Azure diagnostic settings
    WrapperRow{"hits", "hits", Certainty::kCertain},   // Elasticsearch and OpenSearch answers
    WrapperRow{"", "value", Certainty::kIfAlone},      // Microsoft Graph, Azure Monitor
    WrapperRow{"", "items", Certainty::kIfAlone},      // Kubernetes lists, Google APIs
    WrapperRow{"", "events", Certainty::kIfAlone},     // CloudWatch filter-log-events
    WrapperRow{"", "Events", Certainty::kIfAlone},     // CloudTrail lookup-events
    WrapperRow{"", "logEvents", Certainty::kIfAlone},  // CloudWatch subscriptions
    WrapperRow{"", "logs", Certainty::kIfAlone},
    WrapperRow{"", "entries", Certainty::kIfAlone},  // Google Cloud Logging
    WrapperRow{"", "results", Certainty::kIfAlone},
    WrapperRow{"", "data", Certainty::kIfAlone},
    WrapperRow{"", "messages", Certainty::kIfAlone},
    WrapperRow{"", "alerts", Certainty::kIfAlone},
    WrapperRow{"", "resources", Certainty::kIfAlone},
};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Walks the members of the first object. Every function says false when the bytes end.
class Walk {
 public:
  Walk(std::string_view head, std::span<const WrapperRow> rows, bool whole)
      : head_(head), rows_(rows), whole_(whole || head.size() >= kWrapperWindow) {}

  WrapperFinding run() {
    char c = 0;
    while (significant(c)) {
      if (c == ',') {
        ++at_;
      } else if (c == '}' && enclosing_ > 1) {
        ++at_;
        enclosing_ = 1;
        outer_ = {};
      } else if (c == '}') {
        ++at_;
        return closed();
      } else if (c != '"') {
        return {};
      } else {
        if (!member()) return out_of_bytes();
        if (done_) return found_;
      }
    }
    return out_of_bytes();
  }

 private:
  bool significant(char& c) {
    while (at_ < head_.size() && is_blank(head_[at_])) ++at_;
    if (at_ >= head_.size()) return false;
    c = head_[at_];
    return true;
  }

  // at_ stands on the opening quote; afterwards behind the closing one.
  bool string(std::string_view& text) {
    const std::size_t start = ++at_;
    for (; at_ < head_.size(); ++at_) {
      if (head_[at_] == '\\') {
        ++at_;
      } else if (head_[at_] == '"') {
        text = head_.substr(start, at_++ - start);
        return true;
      }
    }
    return false;
  }

  bool skip_value() {
    std::size_t depth = 0;
    std::string_view ignored;
    while (at_ < head_.size()) {
      const char c = head_[at_];
      if (c == '"') {
        if (!string(ignored)) return false;
        if (depth == 0) return true;
        continue;
      }
      const bool closes = c == '}' || c == ']';
      if (depth == 0 && (closes || c == ',' || is_blank(c))) return true;
      if (c == '{' || c == '[') ++depth;
      ++at_;
      if (closes && --depth == 0) return true;
    }
    return false;
  }

  // One member, from the quote of its name on.
  bool member() {
    std::string_view name;
    char c = 0;
    if (!string(name) || !significant(c)) return false;
    if (c != ':') {
      done_ = true;  // not JSON; the splitter will say so
      found_ = {};
      return true;
    }
    ++at_;
    if (!significant(c)) return false;
    if (c == '[') {
      const WrapperRow* const row = find_row(name);
      if (row != nullptr) {
        bool is_wrapper = false;
        if (!holds_objects(is_wrapper)) return false;
        if (is_wrapper) return candidate(*row);
      }
    }
    if (c == '{' && enclosing_ == 1 && is_outer(name)) {
      alone_ = false;
      outer_ = name;
      enclosing_ = 2;
      ++at_;
      return true;
    }
    if ((c == '{' || c == '[') && name != "metadata") alone_ = false;
    return skip_value();
  }

  bool candidate(const WrapperRow& row) {
    if (found_.row != nullptr && row.certainty == Certainty::kIfAlone) alone_ = false;
    found_ = {WrapperFinding::Kind::kWrapper, &row, at_, enclosing_};
    if (row.certainty == Certainty::kCertain) {
      done_ = true;
      return true;
    }
    return skip_value();
  }

  // at_ stands on '[' and stays there.
  bool holds_objects(bool& answer) const {
    std::size_t i = at_ + 1;
    while (i < head_.size() && is_blank(head_[i])) ++i;
    if (i >= head_.size()) return false;
    answer = head_[i] == '{' || head_[i] == ']';
    return true;
  }

  const WrapperRow* find_row(std::string_view name) const {
    for (const WrapperRow& row : rows_) {
      if (row.name == name && row.outer == outer_) return &row;
    }
    return nullptr;
  }

  bool is_outer(std::string_view name) const {
    for (const WrapperRow& row : rows_) {
      if (!row.outer.empty() && row.outer == name) return true;
    }
    return false;
  }

  WrapperFinding closed() {
    if (found_.row == nullptr || !alone_) return {};
    char c = 0;
    if (significant(c)) return {};
    return out_of_bytes();
  }

  WrapperFinding out_of_bytes() const {
    if (!whole_) return {WrapperFinding::Kind::kNeedMore, nullptr, 0, 0};
    return found_.row != nullptr && alone_ ? found_ : WrapperFinding{};
  }

  std::string_view head_;
  std::span<const WrapperRow> rows_;
  bool whole_;
  std::size_t at_ = 1;
  std::size_t enclosing_ = 1;
  std::string_view outer_;  // the member that at_ is in, when enclosing_ is 2; in head_
  bool alone_ = true;       // all other members so far are scalars
  bool done_ = false;
  WrapperFinding found_;
};

}  // namespace

std::span<const WrapperRow> wrapper_rows() { return kRows; }

WrapperFinding find_wrapper(std::string_view head, std::span<const WrapperRow> rows, bool whole) {
  return Walk(head, rows, whole).run();
}

bool is_wrapped(std::string_view head, bool whole) {
  const std::size_t start = std::min(head.find_first_not_of(" \t\r\n\xEF\xBB\xBF"), head.size());
  head.remove_prefix(start);
  return head.starts_with('{') &&
         find_wrapper(head, kRows, whole).kind == WrapperFinding::Kind::kWrapper;
}

}  // namespace vedette::formats::logs
