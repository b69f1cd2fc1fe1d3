// SPDX-License-Identifier: Apache-2.0
#include "event/batch.h"

#include <cstring>

namespace vedette::event {

void Buffer::reserve(std::size_t capacity) {
  if (capacity <= capacity_) return;
  auto larger = std::make_unique_for_overwrite<char[]>(capacity + kPadding);
  if (size_ != 0) std::memcpy(larger.get(), memory_.get(), size_);
  // The padding is read by vector loads, so it must not be left undefined.
  std::memset(larger.get() + capacity, 0, kPadding);
  memory_ = std::move(larger);
  capacity_ = capacity;
}

}  // namespace vedette::event
