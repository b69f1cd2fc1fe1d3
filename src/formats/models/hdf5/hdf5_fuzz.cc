// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "formats/models/hdf5/hdf5.h"

namespace {

namespace models = vedette::formats::models;

// Wants all that there is.
struct Observer final : models::Hdf5Observer {
  void on_reference(const models::Hdf5Reference& reference) override {
    CHECK(reference.file.size() <= size);
  }
  void on_attribute(std::uint64_t, std::string_view, std::string_view value) override {
    CHECK(value.size() <= models::kHdf5ValueMax);
  }
  bool wants_link(std::string_view name) override { return !name.empty(); }
  bool wants_values(std::uint64_t) override { return true; }
  void on_values(std::string_view, std::string_view values) override {
    CHECK(values.size() <= models::kHdf5ValueMax);
  }
  void on_unread(std::string_view) override {}
  void on_fault(std::string_view) override {}
  std::size_t size = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Observer observer;
  observer.size = size;
  models::read_hdf5({reinterpret_cast<const char*>(data), size}, observer);
  return 0;
}
