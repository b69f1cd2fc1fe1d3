// SPDX-License-Identifier: Apache-2.0
#include "engine/scan/redact.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <poll.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include "scan/mask.h"

namespace vedette::engine {
namespace {

// Of a log nothing is known, not even its name.
constexpr std::string_view kPath = "-";

Error system_error(std::string_view what) {
  return {ErrorCode::kSystem, fmt::format("{}: {}", what, std::strerror(errno))};
}

// False when nobody reads any more.
Result<bool> write_all(int output, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(output, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EPIPE) return false;
    if (written < 0) return std::unexpected(system_error("standard output"));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool more_waits(int input) {
  pollfd waiting{input, POLLIN, 0};
  return ::poll(&waiting, 1, 0) > 0;
}

}  // namespace

// How many of the held bytes may be passed on.
std::size_t Redactor::complete_bytes(Input input) const {
  const std::string_view held = held_;
  if (input == Input::kEnded) return held.size();
  std::size_t end = held.size();
  if (input == Input::kWaits) end -= std::min(end, kContextBytes);
  end = end == 0 ? 0 : held.rfind('\n', end - 1) + 1;  // npos + 1 is 0
  constexpr std::string_view kBegin = "-----BEGIN";
  const std::size_t tail = held.size() - std::min(held.size(), kHeldBytesMax);
  std::size_t begin = held.substr(tail).rfind(kBegin);
  if (begin != std::string_view::npos) {
    begin += tail;
    const std::size_t footer = held.find("-----END", begin);
    const bool is_open =
        footer == std::string_view::npos || held.find('\n', footer) == std::string_view::npos;
    // The line that begins it says what it is.
    if (is_open) end = std::min(end, begin == 0 ? 0 : held.rfind('\n', begin) + 1);
  }
  // Of a line without end some is passed on; what may belong to a secret stays.
  if (end == 0 && held.size() > kBlockBytes) end = held.size() - kHeldBytesMax;
  return end;
}

Redactor::Redactor(const std::shared_ptr<const rules::secret::SecretProgram>& program,
                   double probability_min, unsigned threads) {
  const unsigned count = threads != 0 ? threads : std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < count; ++i)
    parts_.push_back({scan::secrets::SecretScanner(program, {probability_min}), 0, 0, {}});
}

void Redactor::look_through(Part& part) const {
  const std::size_t begin = part.begin - std::min(part.begin, kContextBytes);
  const std::size_t end = std::min(held_.size(), part.end + kHeldBytesMax);
  part.ranges.clear();
  scan::Content content;
  content.path = kPath;
  content.bytes = std::string_view(held_).substr(begin, end - begin);
  part.scanner.find_ranges(content, part.ranges);
  for (scan::ByteRange& range : part.ranges) range.begin += begin;
  std::erase_if(part.ranges, [&](const scan::ByteRange& range) {
    return range.begin < part.begin || range.begin >= part.end;
  });
}

void Redactor::find_ranges() {
  const std::size_t count = std::clamp<std::size_t>(held_.size() / kPartBytesMin, 1, parts_.size());
  std::size_t begin = 0;
  {
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < count; ++i) {
      // Parts begin with a line, where there is one.
      std::size_t end = i + 1 == count ? held_.size() : held_.size() * (i + 1) / count;
      if (i + 1 < count) end = std::max(begin, held_.rfind('\n', end) + 1);
      parts_[i].begin = begin;
      parts_[i].end = end;
      begin = end;
      if (i + 1 < count) workers.emplace_back([this, i] { look_through(parts_[i]); });
    }
    look_through(parts_[count - 1]);
  }
  for (std::size_t i = 0; i < count; ++i) {
    for (const scan::ByteRange& range : parts_[i].ranges) {
      // A secret of the part before may reach over some of this one.
      if (!ranges_.empty() && range.begin < ranges_.back().begin + ranges_.back().size) {
        scan::ByteRange& last = ranges_.back();
        last.size = std::max(last.begin + last.size, range.begin + range.size) - last.begin;
      } else {
        ranges_.push_back(range);
      }
    }
  }
}

void Redactor::add(std::string_view bytes, Input input, std::string& out) {
  held_ += bytes;
  summary_.bytes += bytes.size();
  std::size_t end = complete_bytes(input);
  if (end == 0) return;
  ranges_.clear();
  find_ranges();
  std::size_t passed = 0;
  for (const scan::ByteRange& range : ranges_) {
    if (range.begin >= end) break;
    // A secret is never cut in two; what comes with it is whole lines most of the time.
    end = std::max(end, range.begin + range.size);
    out.append(held_, passed, range.begin - passed);
    out += scan::mask(std::string_view(held_).substr(range.begin, range.size));
    passed = range.begin + range.size;
    ++summary_.secrets;
  }
  out.append(held_, passed, end - passed);
  held_.erase(0, end);
}

Result<RedactSummary> redact_stream(Redactor& redactor, int input, int output,
                                    const std::atomic<bool>& stop) {
  std::string block(Redactor::kBlockBytes, '\0');
  std::string out;
  bool interrupted = false;
  for (bool ended = false; !ended;) {
    std::size_t size = 0;
    // A pipe gives little at a time.
    Redactor::Input state = Redactor::Input::kWaits;
    while (size < block.size() && state == Redactor::Input::kWaits) {
      const ssize_t count = ::read(input, block.data() + size, block.size() - size);
      interrupted = stop.load(std::memory_order_relaxed);
      if (count < 0 && errno == EINTR && !interrupted) continue;
      if (count < 0 && errno != EINTR) return std::unexpected(system_error("standard input"));
      ended = count <= 0 || interrupted;
      size += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
      if (ended) {
        state = Redactor::Input::kEnded;
      } else if (!more_waits(input)) {
        state = Redactor::Input::kPauses;
      }
    }
    out.clear();
    redactor.add(std::string_view(block).substr(0, size), state, out);
    TRY(const bool is_read, write_all(output, out));
    if (!is_read) break;
  }
  RedactSummary summary = redactor.summary();
  summary.interrupted = interrupted;
  return summary;
}

}  // namespace vedette::engine
