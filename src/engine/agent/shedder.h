// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event/batch.h"
#include "event/ledger.h"
#include "formats/kernel/record_reader.h"

namespace vedette::engine {

// Whether a kind of events may be shed: a system call by its name, "dns", "tls" or "flow". What
// processes are followed by (execve, clone …) may not.
bool is_sheddable(std::string_view kind);

// Takes records of named kinds out of batches before they are decoded, and counts each. A record
// that changes what is known of its process stays, whatever its kind. One thread.
class Shedder {
 public:
  // `kinds` are sheddable, and the ledger's names of what is shed are the same; it outlives this.
  Shedder(const std::vector<std::string>& kinds, event::Ledger& ledger);

  void set(std::size_t kind, bool shed);
  bool idle() const { return shed_count_ == 0; }
  void apply(event::Batch& batch);

 private:
  struct Kind {
    std::uint16_t record = 0;  // vedette_kind
    std::uint32_t call = 0;    // of VEDETTE_KIND_SYSCALL
    bool shed = false;
  };

  const Kind* kind_of(std::string_view record);

  std::vector<Kind> kinds_;
  event::Ledger& ledger_;
  std::size_t shed_count_ = 0;
  formats::kernel::RecordReader reader_;
  std::vector<std::uint64_t> counts_;
};

}  // namespace vedette::engine
