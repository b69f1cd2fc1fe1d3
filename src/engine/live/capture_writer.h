// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace vedette::engine {

// A capture file that grows as the stream comes, so that what was seen before a crash is not lost;
// a reader takes what is whole.
class CaptureWriter {
 public:
  // Replaces `path`; readable by its owner only, for it holds command lines and paths.
  static Result<CaptureWriter> create(const std::string& path);
  CaptureWriter(CaptureWriter&& other) noexcept;
  CaptureWriter& operator=(CaptureWriter&& other) noexcept;
  ~CaptureWriter();

  // `records` are whole.
  Result<void> write(std::string_view records);
  Result<void> finish();

 private:
  CaptureWriter(std::string path, int descriptor)
      : path_(std::move(path)), descriptor_(descriptor) {}
  void close();

  std::string path_;
  int descriptor_ = -1;
};

}  // namespace vedette::engine
