// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstring>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "sensor/kernel_source.h"

// For tests that do something in a child process and look for its records in the live kernel's
// stream. They skip, with the reason, where no program can be loaded, and fail where only ours
// cannot.
namespace vedette::sensor::live {

// A record taken apart.
struct Record {
  vedette_record header = {};
  std::map<int, std::string> fields;

  bool has(vedette_field_id id) const { return fields.contains(id); }
  std::string text(vedette_field_id id) const {
    const auto found = fields.find(id);
    return found == fields.end() ? std::string() : found->second;
  }
  template <typename T>
  T as(vedette_field_id id) const {
    T value = {};
    const std::string bytes = text(id);
    EXPECT_EQ(bytes.size(), sizeof(T)) << "field " << id;
    std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof(T)));
    return value;
  }
  // Elements of a list.
  std::vector<std::string> list(vedette_field_id id) const;
  std::uint64_t argument(int index) const {
    return as<std::uint64_t>(static_cast<vedette_field_id>(VEDETTE_FIELD_ARG0 + index));
  }
};

// Checks that `bytes` are whole records as record_layout.h has them.
std::vector<Record> take_apart(std::string_view bytes);

// A number that a child tells its parent: what a call really gave, so that a record that is missing
// is not taken for a call that this machine does not have.
class Told {
 public:
  Told();
  ~Told();
  Told(const Told&) = delete;
  Told& operator=(const Told&) = delete;
  void tell(long value) { *value_ = value; }
  long value() const { return *value_; }

 private:
  long* value_;  // shared with children
};

class LiveTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  // Starts the source; skips the test when the kernel takes no programs at all.
  void start(const KernelSourceOptions& options);
  // Runs `work` in a child that ends behind it; its pid.
  pid_t run(const std::function<void()>& work);
  // All records until none came for a while, the ones at start included.
  std::vector<Record> drain();
  // run() and drain(), and only what the child, or `kinds_of_all`, gave.
  std::vector<Record> watch(const std::function<void()>& work);
  // The records of `kind` among those.
  static std::vector<Record> of_kind(const std::vector<Record>& records, vedette_kind kind);
  static std::vector<Record> of_call(const std::vector<Record>& records, long number);
  // The only record of the call; a failed expectation and an empty one when there is not one.
  static Record only(const std::vector<Record>& records, long number);

  KernelSourceOptions options_;
  std::unique_ptr<KernelSource> source_;
  std::string folder_;  // of the test, removed behind it; the working directory of children
  pid_t child_ = 0;
};

}  // namespace vedette::sensor::live
