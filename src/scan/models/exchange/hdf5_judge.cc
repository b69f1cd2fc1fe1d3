// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <map>
#include <string>
#include <utility>

#include "formats/models/hdf5/hdf5.h"
#include "formats/packages/tree.h"
#include "scan/models/exchange/exchange_judge.h"
#include "scan/models/keras_judge.h"

namespace vedette::scan::models {
namespace {

using formats::models::Hdf5Reference;

// Keras keeps its descriptions as attributes; Keras 2.2 read data sets by these names as well, and
// cut long ones into "model_config0", "model_config1" …
constexpr std::string_view kDescriptions[] = {"model_config", "training_config"};

struct Numbered {
  std::string_view stem;
  std::uint32_t number = 0;
};
Numbered numbered(std::string_view name) {
  constexpr std::size_t kDigitsMax = 6;
  const std::size_t end = name.find_last_not_of("0123456789") + 1;
  Numbered out{.stem = name.substr(0, end)};
  if (name.size() - end > kDigitsMax) return {.stem = name};
  for (const char c : name.substr(end))
    out.number = out.number * 10 + static_cast<std::uint32_t>(c - '0');
  return out;
}
bool is_description(std::string_view name) {
  return std::ranges::find(kDescriptions, numbered(name).stem) != std::end(kDescriptions);
}

class Hdf5Judge final : public formats::models::Hdf5Observer {
 public:
  explicit Hdf5Judge(ExchangeReport& report) : report_(report) {}

  void judge(std::string_view bytes) {
    const formats::models::Hdf5Summary summary = read_hdf5(bytes, *this);
    if (summary.is_cut) report_.set_cut();
    for (const auto& [key, parts] : parts_) {
      if (parts.size() < 2) continue;
      std::string whole;
      for (const auto& [number, text] : parts) whole += text;
      judge_text(whole);
    }
  }

  // Loaders follow these without asking: what is read becomes weights, which are then saved or sent
  // on.
  void on_reference(const Hdf5Reference& reference) override {
    const bool is_virtual = reference.kind == Hdf5Reference::Kind::kVirtualData;
    const std::string_view what = is_virtual ? "virtual data"
                                  : reference.kind == Hdf5Reference::Kind::kExternalData
                                      ? "external data"
                                      : "an external link";
    const std::string_view name = shown(reference.file);
    report_.add(ModelRule::kReadsFiles, name,
                fmt::format("Reading the weights opens another file, {}, by {} of HDF5 ({})", name,
                            what, is_virtual ? "CVE-2026-12480" : "CVE-2026-1669"));
  }

  void on_attribute(std::uint64_t object, std::string_view name, std::string_view value) override {
    if (object != object_) {
      object_ = object;
      holds_pickles_ = false;
    }
    judge_text(value);
    // PyTables unpickles texts like this when the attribute is read, and the values of data sets
    // that are said to be objects.
    if (value.ends_with('.') && (value.starts_with('\x80') || value.find('\n') != value.npos))
      report_.add_pickle(name, value);
    if (name == "PSEUDOATOM" && value == "object") holds_pickles_ = true;
    if (is_description(name)) keep(object, name, value);
  }

  bool wants_link(std::string_view name) override { return is_description(name); }
  bool wants_values(std::uint64_t object) override { return object == object_ && holds_pickles_; }

  void on_values(std::string_view name, std::string_view values) override {
    if (name.empty()) return report_.add_pickle("objects", values);
    judge_text(values);
    // Whatever soft links called it.
    keep(0, name, values);
  }

  void on_unread(std::string_view) override { report_.set_cut(); }

  void on_fault(std::string_view fault) override { report_.add_fault("HDF5", fault); }

 private:
  static constexpr std::size_t kPartsBytesMax = std::size_t{64} << 20;

  void judge_text(std::string_view text) { judge_keras_text(text, KerasForm::kHdf5, report_); }

  void keep(std::uint64_t object, std::string_view name, std::string_view text) {
    const Numbered key = numbered(name);
    kept_ += text.size();
    if (kept_ > kPartsBytesMax) return report_.set_cut();
    parts_[{object, std::string(key.stem)}][key.number] = text;
  }

  ExchangeReport& report_;
  std::uint64_t object_ = ~std::uint64_t{0};
  bool holds_pickles_ = false;  // object_
  std::size_t kept_ = 0;
  std::map<std::pair<std::uint64_t, std::string>, std::map<std::uint32_t, std::string>> parts_;
};

}  // namespace

Claim judge_hdf5(std::string_view bytes, ExchangeReport& report) {
  const auto begin = formats::models::hdf5_begin(bytes);
  if (!begin) return Claim::kOther;
  Hdf5Judge(report).judge(bytes);
  // Behind other bytes it is what those are as well.
  return *begin == 0 ? Claim::kWhole : Claim::kShared;
}

}  // namespace vedette::scan::models
