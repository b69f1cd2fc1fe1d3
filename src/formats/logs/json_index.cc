// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/json_index.h"

#include <bit>
#include <simdjson.h>

namespace vedette::formats::logs {
namespace {

constexpr std::size_t kDepth = 1;  // of simdjson's second stage, which is not used

std::string_view reason(simdjson::error_code error) {
  switch (error) {
    case simdjson::UTF8_ERROR:
      return "the text is not valid UTF-8";
    case simdjson::UNCLOSED_STRING:
      return "a string is not closed";
    case simdjson::UNESCAPED_CHARS:
      return "a string holds an unescaped control character";
    case simdjson::EMPTY:
      return "there is no JSON";
    case simdjson::CAPACITY:
      return "the text is too long";
    default:
      return "the text is not JSON";
  }
}

}  // namespace

struct JsonIndex::Impl {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
  std::size_t capacity = 0;
};

JsonIndex::JsonIndex() : impl_(std::make_unique<Impl>()) {}
JsonIndex::JsonIndex(JsonIndex&&) noexcept = default;
JsonIndex& JsonIndex::operator=(JsonIndex&&) noexcept = default;
JsonIndex::~JsonIndex() = default;

Result<void> JsonIndex::build(std::string_view text) {
  positions_ = {};
  if (text.size() > impl_->capacity) {
    const std::size_t capacity = std::bit_ceil(text.size());
    const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
        capacity, kDepth, impl_->parser);
    if (error != simdjson::SUCCESS) {
      impl_->capacity = 0;
      return failure(ErrorCode::kLimit, std::string(reason(error)));
    }
    impl_->capacity = capacity;
  }
  if (text.empty()) return {};
  const auto error = impl_->parser->stage1(reinterpret_cast<const std::uint8_t*>(text.data()),
                                           text.size(), simdjson::stage1_mode::regular);
  if (error == simdjson::EMPTY) return {};
  if (error != simdjson::SUCCESS) return failure(ErrorCode::kInvalid, std::string(reason(error)));
  positions_ = {impl_->parser->structural_indexes.get(), impl_->parser->n_structural_indexes};
  return {};
}

std::string_view json_library() { return "simdjson " SIMDJSON_STRINGIFY(SIMDJSON_VERSION); }

}  // namespace vedette::formats::logs
