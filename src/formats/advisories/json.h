// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <simdjson.h>
#include <string>
#include <string_view>

#include "base/result.h"

// JSON documents as trees, through simdjson: the one file that knows its trees. What is missing, or
// of another type than asked for, reads as empty, as records of many authors leave things out. Not
// together with fmt/format.h in one file: g++ 12 does not come to an end over both.
namespace vedette::formats::advisories {

// A value, or nothing. Lives as long as its JsonDocument holds the document.
class Json {
 public:
  Json() = default;
  explicit Json(simdjson::dom::element element) : element_(element) {}

  Json operator[](std::string_view key) const {
    simdjson::dom::object members;
    simdjson::dom::element found;
    if (!element_ || element_->get(members) != simdjson::SUCCESS) return {};
    return members.at_key(key).get(found) == simdjson::SUCCESS ? Json(found) : Json();
  }

  std::string_view text() const {
    std::string_view text;
    return element_ && element_->get(text) == simdjson::SUCCESS ? text : std::string_view();
  }

  bool is_true() const {
    bool value = false;
    return element_ && element_->get(value) == simdjson::SUCCESS && value;
  }
  bool is_object() const { return element_ && element_->is_object(); }
  bool is_array() const { return element_ && element_->is_array(); }

  // Of an array.
  template <typename Function>
  void for_each(Function function) const {
    simdjson::dom::array elements;
    if (!element_ || element_->get(elements) != simdjson::SUCCESS) return;
    for (const simdjson::dom::element element : elements) function(Json(element));
  }

 private:
  std::optional<simdjson::dom::element> element_;
};

class JsonDocument {
 public:
  // ErrorCode::kInvalid with simdjson's reason. The document before is gone then, too.
  Result<Json> parse(std::string_view text) {
    simdjson::dom::element root;
    const auto error = parser_.parse(text.data(), text.size()).get(root);
    if (error == simdjson::SUCCESS) return Json(root);
    return failure(ErrorCode::kInvalid,
                   std::string("expected a JSON document: ") + simdjson::error_message(error));
  }

 private:
  simdjson::dom::parser parser_;
};

}  // namespace vedette::formats::advisories
