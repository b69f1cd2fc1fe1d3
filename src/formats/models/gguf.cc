// SPDX-License-Identifier: Apache-2.0
#include "formats/models/gguf.h"

#include <algorithm>
#include <array>
#include <bit>
#include <fmt/format.h>
#include <set>
#include <string_view>

namespace vedette::formats::models {
namespace {

constexpr std::size_t kMagicBytes = 4;
constexpr std::uint32_t kVersionMax = 3;
constexpr std::size_t kTypesMax = 256;       // ggml has some 40, and numbers them as they come
constexpr std::uint32_t kDimensionsMax = 4;  // GGML_MAX_DIMS
constexpr std::uint64_t kKeyBytesMax = 65'535;
constexpr std::uint32_t kString = 8;
constexpr std::uint32_t kArray = 9;
constexpr std::size_t kArrayDepthMax = 4;
constexpr std::uint64_t kAlignmentDefault = 32;
// Files have 32 or 64: llama.cpp's sums go over with what is far beyond a page.
constexpr std::uint64_t kAlignmentMax = std::uint64_t{1} << 24;
constexpr std::uint32_t kUnsigned32 = 4;
// Above all types that ggml has numbers for.
constexpr std::size_t kTensorTypesMax = 256;

// Bytes of a value by its type; 0 for texts and lists.
constexpr std::array<std::uint8_t, 13> kSizes = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

// Elements and bytes of a block, by the type of a tensor; {0, 0}: not known here.
struct Block {
  std::uint16_t elements = 0;
  std::uint16_t bytes = 0;
};
constexpr std::array<Block, 31> kBlocks = {
    {{1, 4},    {1, 2},    {32, 18},  {32, 20},   {0, 0},     {0, 0},     {32, 22},   {32, 24},
     {32, 34},  {32, 36},  {256, 84}, {256, 110}, {256, 144}, {256, 176}, {256, 210}, {256, 292},
     {256, 66}, {256, 74}, {256, 98}, {256, 50},  {32, 18},   {256, 110}, {256, 82},  {256, 136},
     {1, 1},    {1, 2},    {1, 4},    {1, 8},     {1, 8},     {256, 56},  {1, 2}}};

class Reader {
 public:
  Reader(std::string_view bytes, std::uint64_t size) : bytes_(bytes), size_(size) {}

  GgufHead read() {
    at_ = kMagicBytes;
    std::uint64_t version = number(4);
    // A version that only makes sense with its bytes turned around.
    if (version > 0xFFFF) {
      head_.big_endian = true;
      at_ = kMagicBytes;
      version = number(4);
    }
    head_.version = static_cast<std::uint32_t>(version);
    if (version == 0 || version > kVersionMax) {
      fault(fmt::format("version {} is not known", version));
      return std::move(head_);
    }
    wide_ = version == 1 ? 4 : 8;
    head_.tensors = number(wide_);
    const std::uint64_t settings = number(wide_);
    // Each takes more than a byte.
    if (head_.tensors > size_ || settings > size_) {
      fault(fmt::format("{} tensors and {} settings do not fit into the file", head_.tensors,
                        settings));
    }
    for (std::uint64_t i = 0; i < settings && good_; ++i) read_setting();
    if (good_ && shortest_ < tokens_)
      fault(fmt::format("{} tokens have {} scores or kinds", tokens_, shortest_));
    read_tensors();
    return std::move(head_);
  }

 private:
  static constexpr std::string_view kTokens = "tokenizer.ggml.tokens";

  void fault(std::string text) {
    good_ = false;
    constexpr std::size_t kFaultsMax = 10;
    if (head_.faults.size() < kFaultsMax) head_.faults.push_back(std::move(text));
  }

  // A fault behind which the rest can be read.
  void note(std::string text) {
    const bool was_good = good_;
    fault(std::move(text));
    good_ = was_good;
  }

  std::uint64_t number(std::size_t size) {
    if (at_ > bytes_.size() || size > bytes_.size() - at_) {
      // What is beyond the part that is at hand is not a fault of the file.
      if (good_ && size_ == bytes_.size()) fault("it ends in its head");
      good_ = false;
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t byte = head_.big_endian ? at_ + i : at_ + size - 1 - i;
      value = value << 8 | static_cast<unsigned char>(bytes_[byte]);
    }
    at_ += size;
    return value;
  }

  std::string_view text(std::uint64_t size_max, std::string_view what) {
    const std::uint64_t size = number(wide_);
    if (!good_) return {};
    if (size > size_max || size > size_ - at_) {
      fault(fmt::format("a {} says that it has {} bytes", what, size));
      return {};
    }
    if (size > bytes_.size() - at_) {
      good_ = false;
      return {};
    }
    const std::string_view out = bytes_.substr(at_, static_cast<std::size_t>(size));
    at_ += static_cast<std::size_t>(size);
    return out;
  }

  void read_setting() {
    const std::string_view key = text(kKeyBytesMax, "name");
    const auto type = static_cast<std::uint32_t>(number(4));
    if (good_ && !keys_.insert(key).second) note(fmt::format("it has {} twice", key));
    if (good_) read_value(key, type);
  }

  void read_value(std::string_view key, std::uint32_t type) {
    if (type == kString) {
      const std::string_view value = text(size_, "text");
      if (good_ && head_.texts.size() < kGgufTextsMax) head_.texts.emplace_back(key, value);
      return;
    }
    if (type == kArray) return read_array(key);
    if (type >= kSizes.size()) return fault(fmt::format("a setting has the unknown type {}", type));
    const std::uint64_t value = number(kSizes[type]);
    if (good_ && key == "general.alignment") {
      alignment_ = value;
      if (value == 0 || !std::has_single_bit(value))
        return fault(fmt::format("its alignment is {}, which is no power of two", value));
      if (value > kAlignmentMax) return fault(fmt::format("its alignment is {}", value));
      if (type != kUnsigned32) fault("its alignment is no number of 32 bits");
    }
  }

  // llama.cpp takes each token's score and kind from lists of four bytes an entry, of which it
  // reads as many as there are tokens.
  void note_list(std::string_view key, std::uint32_t type, std::uint64_t count) {
    constexpr std::string_view kOfTokens = "tokenizer.ggml.";
    if (!key.starts_with(kOfTokens)) return;
    const std::string_view name = key.substr(kOfTokens.size());
    if (key == kTokens) tokens_ = count;
    if (name != "scores" && name != "token_type") return;
    if (kSizes[type] != 4) return fault(fmt::format("the list {} has values of another size", key));
    shortest_ = std::min(shortest_, count);
  }

  // "<0x0A>" is a byte; what a sign stands in is an index before the list of bytes.
  static bool is_no_byte(std::string_view token) {
    return token.starts_with("<0x") && token.ends_with('>') && token.size() == 6 &&
           (token[3] == '-' || token[3] == '+');
  }

  // Lists of lists without recursion: what is left of each depth.
  void read_array(std::string_view key) {
    std::vector<std::pair<std::uint32_t, std::uint64_t>> open;
    const auto begin = [&] {
      const auto type = static_cast<std::uint32_t>(number(4));
      const std::uint64_t count = number(wide_);
      if (!good_) return;
      if (count > size_ - at_ || type >= kSizes.size())
        return fault(fmt::format("a list says that it has {} values of type {}", count, type));
      if (open.size() == kArrayDepthMax) return fault("lists are too deep in each other");
      if (open.empty()) note_list(key, type, count);
      open.emplace_back(type, count);
    };
    begin();
    while (good_ && !open.empty()) {
      auto& [type, left] = open.back();
      if (left == 0) {
        open.pop_back();
      } else if (type == kArray) {
        --left;
        begin();
      } else if (type == kString) {
        --left;
        const std::string_view value = text(size_, "text");
        if (key == kTokens && is_no_byte(value)) return fault("a token is a byte below zero");
        if (good_ && head_.texts.size() < kGgufTextsMax && value.size() > 32)
          head_.texts.emplace_back(key, value);
      } else {
        const std::uint64_t bytes = left * kSizes[type];
        if (bytes > size_ - at_) return fault("a list is longer than the file");
        at_ += static_cast<std::size_t>(bytes);
        open.pop_back();
      }
    }
  }

  void read_tensors() {
    std::uint64_t end = 0;
    for (std::uint64_t i = 0; i < head_.tensors && good_; ++i) {
      const std::string_view name = text(kKeyBytesMax, "name of a tensor");
      if (good_ && !tensors_.insert(name).second) note(fmt::format("it has tensor {} twice", name));
      const std::uint64_t dimensions = number(4);
      if (!good_) return;
      if (dimensions > kDimensionsMax)
        return fault(fmt::format("a tensor has {} dimensions", dimensions));
      std::uint64_t elements = 1;
      for (std::uint64_t d = 0; d < dimensions; ++d) {
        const std::uint64_t size = number(wide_);
        if (size != 0 && elements > (1ULL << 62) / size)
          return fault("the dimensions of a tensor overflow");
        elements *= size;
      }
      const auto type = static_cast<std::size_t>(number(4));
      const std::uint64_t offset = number(8);
      if (!good_) return;
      if (type >= kTensorTypesMax) return fault(fmt::format("a tensor has the type {}", type));
      const Block block = type < kBlocks.size() ? kBlocks[type] : Block{};
      const std::uint64_t bytes = block.elements == 0 ? 0 : elements / block.elements * block.bytes;
      if (offset > size_ || bytes > size_) return fault("a tensor lies outside of the file");
      if (type >= kTypesMax) note(fmt::format("a tensor has the unknown type {}", type));
      if (alignment_ != 0 && offset % alignment_ != 0)
        note(fmt::format("tensor {} lies at {}, which is not aligned", name, offset));
      if (offset < end && bytes != 0) note(fmt::format("tensor {} lies in another", name));
      end = std::max(end, offset + bytes);
    }
    if (!good_ || head_.tensors == 0 || alignment_ == 0) return;
    const std::uint64_t begin = (at_ + alignment_ - 1) / alignment_ * alignment_;
    if (end > size_ || begin > size_ - end) fault("a tensor lies outside of the file");
  }

  std::string_view bytes_;
  std::uint64_t size_;
  std::size_t at_ = 0;
  std::size_t wide_ = 8;
  std::uint64_t alignment_ = kAlignmentDefault;
  std::uint64_t tokens_ = 0;
  std::uint64_t shortest_ = ~std::uint64_t{0};  // of the lists beside the tokens
  std::set<std::string_view> keys_;             // in bytes_
  std::set<std::string_view> tensors_;          // in bytes_
  bool good_ = true;
  GgufHead head_;
};

}  // namespace

bool is_gguf(std::string_view bytes) {
  if (!bytes.starts_with("GGUF")) return false;
  // A text may begin with the word; no version is written in letters.
  const std::string_view version = bytes.substr(kMagicBytes, 4);
  return version.empty() || !std::ranges::all_of(version, [](char c) {
           return (c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t';
         });
}

GgufHead read_gguf(std::string_view bytes, std::uint64_t size) {
  return Reader(bytes, std::max<std::uint64_t>(size, bytes.size())).read();
}

}  // namespace vedette::formats::models
