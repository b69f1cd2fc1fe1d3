// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rules/secret/program.h"
#include "scan/secrets/secret_scanner.h"

namespace vedette::engine {

struct RedactSummary {
  std::uint64_t bytes = 0;
  std::uint64_t secrets = 0;
  bool interrupted = false;
};

// Masks secrets in a stream that comes in pieces. All other bytes pass as they are. Whole lines are
// passed on, but those that a secret of several lines may go on in: from the line on that begins a
// key ("-----BEGIN") until its end, and while more input waits the last kContextBytes, at most
// kHeldBytesMax. A line longer than kBlockBytes is passed on in parts that overlap by
// kHeldBytesMax. Of much at once each thread looks through a part, up to kHeldBytesMax into the
// next.
class Redactor {
 public:
  static constexpr std::size_t kBlockBytes = std::size_t{4} << 20;
  static constexpr std::size_t kPartBytesMin = std::size_t{512} << 10;
  static constexpr std::size_t kHeldBytesMax = std::size_t{64} << 10;
  static constexpr std::size_t kContextBytes = std::size_t{4} << 10;

  // `threads`: 0 for as many as there are processors.
  Redactor(const std::shared_ptr<const rules::secret::SecretProgram>& program,
           double probability_min, unsigned threads);

  enum class Input : std::uint8_t {
    kWaits,   // there is more already
    kPauses,  // what is complete should be seen
    kEnded,
  };
  // Takes `bytes`, and appends to `out` what can be passed on.
  void add(std::string_view bytes, Input input, std::string& out);
  const RedactSummary& summary() const { return summary_; }

 private:
  std::size_t complete_bytes(Input input) const;

  // What one thread looks through: secrets that begin in [begin, end).
  struct Part {
    scan::secrets::SecretScanner scanner;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::vector<scan::ByteRange> ranges;  // in held_
  };
  void find_ranges();
  void look_through(Part& part) const;

  std::vector<Part> parts_;
  std::string held_;
  std::vector<scan::ByteRange> ranges_;
  RedactSummary summary_;
};

// Redacts one descriptor to another until its end or `stop`. An Error where reading or writing
// fails; a reader that goes away (EPIPE) is an end.
Result<RedactSummary> redact_stream(Redactor& redactor, int input, int output,
                                    const std::atomic<bool>& stop);

}  // namespace vedette::engine
