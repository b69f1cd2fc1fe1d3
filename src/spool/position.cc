// SPDX-License-Identifier: Apache-2.0
#include "spool/position.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

#include "base/file.h"
#include "base/hash.h"
#include "spool/little_endian.h"
#include "spool/segment.h"

namespace vedette::spool {
namespace {

constexpr std::string_view kMagic = "VDTSPPOS";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kNumbersAt = 88;
constexpr std::size_t kChecksumAt = 144;

std::optional<Position> parse_slot(std::string_view bytes) {
  if (bytes.size() < kPositionSlotBytes || !bytes.starts_with(kMagic) ||
      number_at<std::uint32_t>(bytes, 8) != kVersion ||
      number_at<std::uint64_t>(bytes, kChecksumAt) != hash_bytes(bytes.substr(0, kChecksumAt))) {
    return std::nullopt;
  }
  Position position;
  position.clean = number_at<std::uint32_t>(bytes, 12) == 1;
  position.instance = bytes.substr(16, kInstanceBytes);
  position.boot = bytes.substr(16 + kInstanceBytes, kInstanceBytes);
  std::size_t at = kNumbersAt;
  for (std::uint64_t* const number :
       {&position.generation, &position.finished_sequence, &position.next_sequence,
        &position.spooled, &position.acknowledged, &position.dropped, &position.damaged}) {
    *number = number_at<std::uint64_t>(bytes, at);
    at += 8;
  }
  return position;
}

}  // namespace

std::string encode_slot(const Position& position) {
  std::string out(kMagic);
  put_number(kVersion, out);
  put_number(std::uint32_t{position.clean ? 1U : 0U}, out);
  for (std::string text : {position.instance, position.boot}) {
    text.resize(kInstanceBytes, ' ');
    out += text;
  }
  for (const std::uint64_t number :
       {position.generation, position.finished_sequence, position.next_sequence, position.spooled,
        position.acknowledged, position.dropped, position.damaged}) {
    put_number(number, out);
  }
  put_number(hash_bytes(out), out);
  out.resize(kPositionSlotBytes, '\0');
  return out;
}

std::optional<Position> parse_position(std::string_view bytes) {
  std::optional<Position> best;
  for (std::size_t slot = 0; slot < 2 && slot * kPositionSlotBytes < bytes.size(); ++slot) {
    std::optional<Position> found = parse_slot(bytes.substr(slot * kPositionSlotBytes));
    if (found.has_value() && (!best.has_value() || found->generation > best->generation)) {
      best = std::move(found);
    }
  }
  return best;
}

Result<PositionFile> PositionFile::open(const std::string& path, const Position& initial) {
  const Result<std::string> bytes = read_file(path, 2 * kPositionSlotBytes);
  std::optional<Position> held;
  if (bytes.has_value()) held = parse_position(*bytes);
  if (!bytes.has_value() && bytes.error().code == ErrorCode::kSystem) {
    return std::unexpected(bytes.error());
  }
  const bool found = held.has_value();
  if (!found) {
    held = initial;
    TRY_VOID(write_file_whole(path, encode_slot(initial) + encode_slot(initial)));
  }
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) {
    return failure(ErrorCode::kSystem,
                   fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  }
  return PositionFile(descriptor, *std::move(held), found);
}

PositionFile::PositionFile(PositionFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      position_(std::move(other.position_)),
      found_(other.found_) {}

PositionFile::~PositionFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> PositionFile::save(const Position& position) {
  const std::uint64_t generation = position_.generation + 1;
  Position next = position;
  next.generation = generation;
  const std::string slot = encode_slot(next);
  const auto at = static_cast<off_t>((generation % 2) * kPositionSlotBytes);
  if (::pwrite(descriptor_, slot.data(), slot.size(), at) != static_cast<ssize_t>(slot.size())) {
    return failure(ErrorCode::kSystem,
                   fmt::format("cannot write the position of the spool: {}", std::strerror(errno)));
  }
  position_ = std::move(next);
  return {};
}

}  // namespace vedette::spool
