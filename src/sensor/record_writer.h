// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "formats/kernel/record_layout.h"

namespace vedette::sensor {

// Appends one record to a text of records, as formats/kernel/record_layout.h has them. What does
// not fit is left out and the record is marked as cut. finish() completes it.
class RecordWriter {
 public:
  // `out` outlives the writer.
  RecordWriter(std::string& out, vedette_kind kind);
  // Goes on with a finished record, the last one of `out`, which begins at `start`.
  RecordWriter(std::string& out, std::size_t start) : out_(out), start_(start) {}

  vedette_record& header();  // until the next field
  void bytes(vedette_field_id id, std::string_view value);
  // bytes(), unless empty.
  void text(vedette_field_id id, std::string_view value) {
    if (!value.empty()) bytes(id, value);
  }
  template <typename T>
  void value(vedette_field_id id, const T& value) {
    bytes(id, {reinterpret_cast<const char*>(&value), sizeof(value)});
  }
  void finish();

 private:
  std::string& out_;
  std::size_t start_;
};

}  // namespace vedette::sensor
