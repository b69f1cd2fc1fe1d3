// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/finding.h"
#include "scan/models/model_rules.h"

namespace vedette::scan::models {

// Gathers what the judges of one file say. What it refers to outlives it.
class ExchangeReport {
 public:
  static constexpr std::size_t kPartsMax = 1'000;
  static constexpr std::size_t kShownMax = 200;  // bytes of a name from the file

  ExchangeReport(const ModelRules& rules, std::string_view path,
                 std::vector<event::Finding>& findings)
      : rules_(rules), path_(path), findings_(findings) {}

  std::string_view path() const { return path_; }

  // Each call once.
  void add(ModelRule rule, std::string_view call, std::string message);
  // Sizes, places or counts that contradict each other; `format` is its name.
  void add_fault(std::string_view format, std::string_view fault);
  // What the model's runtime does not have, as one finding: `what` is "operations of …".
  void add_custom(std::string_view what, std::vector<std::string_view> names);
  // Bytes in the file that some other format may be, which are looked at by themselves: those that
  // bear its mark. Of programs it is said that they are there.
  void add_part(std::string_view name, std::string_view bytes);
  // Bytes that the loader unpickles, whatever they begin with.
  void add_pickle(std::string_view name, std::string_view bytes);
  // Not all of the file was looked at.
  void set_cut() { is_cut_ = true; }

  bool is_cut() const { return is_cut_; }
  // It was said.
  void clear_cut() { is_cut_ = false; }
  // Names and contents.
  std::vector<std::pair<std::string, std::string>> take_parts() {
    return std::exchange(parts_, {});
  }

 private:
  void keep(std::string_view name, std::string_view bytes);

  const ModelRules& rules_;
  std::string_view path_;
  std::vector<event::Finding>& findings_;
  std::vector<std::pair<std::string, std::string>> parts_;
  bool is_cut_ = false;
};

// The begin of a name from the file.
inline std::string_view shown(std::string_view name) {
  return name.substr(0, ExchangeReport::kShownMax);
}
// Whether a path in a model leads out of its folder. Nothing leads nowhere.
bool leads_outside(std::string_view place);
// Whether the bytes are a program or library of a machine (ELF, PE or Mach-O). Code for graphics
// processors, which is ELF as well, is none.
bool is_machine_program(std::string_view bytes);

}  // namespace vedette::scan::models
