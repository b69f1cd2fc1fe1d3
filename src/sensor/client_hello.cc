// SPDX-License-Identifier: Apache-2.0
#include "sensor/client_hello.h"

#include <cstddef>

namespace vedette::sensor {
namespace {

constexpr std::size_t kRecordHeader = 5;
constexpr std::size_t kHandshakeHeader = 4;
constexpr std::size_t kVersionAndRandom = 2 + 32;
constexpr std::size_t kServerNameExtension = 0;
constexpr std::size_t kHostName = 0;

// Takes numbers and runs of bytes off the front; past the end everything is empty.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  bool empty() const { return bytes_.empty(); }
  void skip(std::size_t size) { static_cast<void>(take(size)); }

  std::size_t number(std::size_t size) {
    std::size_t value = 0;
    for (const char c : take(size)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }

  std::string_view take(std::size_t size) {
    if (size > bytes_.size()) {
      ok_ = false;
      bytes_ = {};
      return {};
    }
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  // As take(), but what is behind the end is left out.
  std::string_view take_up_to(std::size_t size) {
    return take(size < bytes_.size() ? size : bytes_.size());
  }

 private:
  std::string_view bytes_;  // of the caller
  bool ok_ = true;
};

std::string_view host_name(std::string_view extension) {
  Reader names(extension);
  names.skip(2);  // length of the list
  while (names.ok() && !names.empty()) {
    const std::size_t type = names.number(1);
    const std::string_view name = names.take(names.number(2));
    if (names.ok() && type == kHostName) return name;
  }
  return {};
}

}  // namespace

std::string_view server_name(std::string_view bytes) {
  Reader hello(bytes);
  hello.skip(kRecordHeader + kHandshakeHeader + kVersionAndRandom);
  hello.skip(hello.number(1));  // session
  hello.skip(hello.number(2));  // cipher suites
  hello.skip(hello.number(1));  // compression methods
  Reader extensions(hello.take_up_to(hello.number(2)));
  while (extensions.ok() && !extensions.empty()) {
    const std::size_t type = extensions.number(2);
    const std::string_view content = extensions.take(extensions.number(2));
    if (extensions.ok() && type == kServerNameExtension) return host_name(content);
  }
  return {};
}

}  // namespace vedette::sensor
