// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vedette::formats::models {

// A model of TensorFlow Lite (LiteRT's schema.fbs): operations that are not its own, what it
// carries beside tensors, and what breaks the format's rules. Values of tensors are not read.
struct TfliteModel {
  static constexpr std::size_t kEntriesMax = 20'000'000;  // operators, tensors and their numbers
  static constexpr std::size_t kCustomMax = 10'000;
  static constexpr std::size_t kFaultsMax = 10;

  // An operation that an application has to bring. Those of TensorFlow ("Flex…") are run by a
  // delegate, which goes by what the options say, not by this name (flex/kernel.cc).
  struct Custom {
    std::string_view name;
    std::vector<std::string_view> tensorflow;  // what the options say is run
    std::size_t uses = 0;
  };
  std::vector<Custom> custom;
  std::size_t operators = 0;
  // Contents of the metadata by their names.
  std::vector<std::pair<std::string_view, std::string_view>> metadata;
  std::vector<std::string> faults;  // in words
  bool is_cut = false;              // more than kEntriesMax
};

bool is_tflite(std::string_view bytes);
TfliteModel read_tflite(std::string_view bytes);

// The texts of a FlexBuffer that is a vector of texts, as options of Flex operations are: the
// operation and its NodeDef. Empty where it is none. At most kFlexTextsMax.
inline constexpr std::size_t kFlexTextsMax = 16;
std::vector<std::string_view> flexbuffer_texts(std::string_view bytes);

}  // namespace vedette::formats::models
