// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/models/protobuf.h"

namespace vedette::formats::models {

// A field that holds messages: of which message, and which message is in it. `Message` is an
// enumeration of one format's messages.
template <typename Message>
struct ProtobufPart {
  Message outer;
  std::uint32_t field;
  Message inner;
};

// Shows `root` and every message in it that `parts` lead to, each after the one that holds it:
// `see(message, bytes)`. False where there are more than `messages_max`, which are not shown. What
// waits is a list, so that depth costs no stack.
template <typename Message, typename See>
bool walk_protobuf(Message root, std::string_view bytes,
                   std::span<const ProtobufPart<Message>> parts, std::size_t messages_max,
                   const See& see) {
  std::vector<std::pair<Message, std::string_view>> waiting = {{root, bytes}};
  for (std::size_t count = 0; !waiting.empty();) {
    const auto [message, content] = waiting.back();
    waiting.pop_back();
    if (++count > messages_max) return false;
    see(message, content);
    const std::size_t first = waiting.size();
    ProtobufReader reader(content);
    ProtobufField field;
    while (reader.next(field)) {
      if (field.wire != ProtobufField::Wire::kBytes) continue;
      for (const ProtobufPart<Message>& part : parts) {
        if (part.outer == message && part.field == field.number)
          waiting.emplace_back(part.inner, field.bytes);
      }
      if (waiting.size() > messages_max) return false;
    }
    std::reverse(waiting.begin() + static_cast<std::ptrdiff_t>(first), waiting.end());
  }
  return true;
}

}  // namespace vedette::formats::models
