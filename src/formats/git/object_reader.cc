// SPDX-License-Identifier: Apache-2.0
#include "formats/git/object_reader.h"

#include <charconv>
#include <fmt/format.h>

#include "formats/git/delta.h"

namespace vedette::formats::git {
namespace {

// What zlib adds to data that it cannot pack is far less: a byte of a thousand.
constexpr std::uint64_t kPackedGrowth = 64;
constexpr std::uint64_t kPackedBytesMore = 256;
// Longer data is read by pieces, so that it is never in memory twice.
constexpr std::uint64_t kWholeBytesMax = std::uint64_t{1} << 20;
constexpr std::uint64_t kPieceBytes = std::uint64_t{64} << 10;

std::unexpected<Error> too_large(std::uint64_t size, std::uint64_t most) {
  return failure(ErrorCode::kLimit, fmt::format("it has {} bytes, more than {}", size, most));
}

struct LooseHead {
  ObjectType type = ObjectType::kNone;
  std::uint64_t size = 0;
  std::size_t head_bytes = 0;
};

// "blob 12\0"
Result<LooseHead> parse_loose_head(std::string_view text) {
  constexpr std::pair<std::string_view, ObjectType> kTypes[] = {{"commit ", ObjectType::kCommit},
                                                                {"tree ", ObjectType::kTree},
                                                                {"blob ", ObjectType::kBlob},
                                                                {"tag ", ObjectType::kTag}};
  for (const auto& [name, type] : kTypes) {
    if (!text.starts_with(name)) continue;
    LooseHead head;
    head.type = type;
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data() + name.size(), end, head.size);
    if (error != std::errc() || at == end || *at != '\0') break;
    head.head_bytes = static_cast<std::size_t>(at + 1 - text.data());
    return head;
  }
  return failure(ErrorCode::kInvalid, "the loose object's header is damaged");
}

}  // namespace

Result<ObjectReader> ObjectReader::create(const ObjectStore& store, Options options) {
  TRY(Inflater inflater, Inflater::create());
  return ObjectReader(store, options, std::move(inflater));
}

Result<ObjectReader::Object> ObjectReader::read(ObjectNumber number) {
  if (number >= store_->packed_count()) return read_loose(number);
  const Pack& pack = store_->pack_of(number);
  return read_packed({&pack, pack.index.offset(number - pack.first)});
}

Result<void> ObjectReader::inflate(const Pack& pack, const PackEntry& entry, Buffer& out) {
  if (entry.size > options_.object_bytes_max)
    return too_large(entry.size, options_.object_bytes_max);
  char* const target = out.reset(static_cast<std::size_t>(entry.size));
  const auto more = [&](std::uint64_t done) {
    return window_.view(pack.file, entry.data + done, kPieceBytes);
  };
  // How long the packed data is stands nowhere. It is rarely longer than what it unpacks to.
  const std::uint64_t likely = entry.size + entry.size / kPackedGrowth + kPackedBytesMore;
  Result<void> result;
  if (likely <= kWholeBytesMax) {
    TRY(const std::string_view packed, window_.view(pack.file, entry.data, likely));
    result = inflater_.inflate(packed, {target, out.size()});
    if (!result && packed.size() >= likely) result = inflate_pieces(more, {target, out.size()});
  } else {
    result = inflate_pieces(more, {target, out.size()});
  }
  if (!result && window_.is_cut())
    return failure(ErrorCode::kTruncated, "the pack became shorter while it was read");
  return result;
}

Result<PackEntry> ObjectReader::entry(const Pack& pack, std::uint64_t offset) {
  TRY(const std::string_view bytes, window_.view(pack.file, offset, kEntryHeadMax));
  return parse_pack_entry(bytes, offset, store_->hash());
}

Result<ObjectReader::Position> ObjectReader::base_of(const Link& link) const {
  const Pack* const pack = link.position.pack;
  if (link.entry.type == ObjectType::kOffsetDelta) return Position{pack, link.entry.base_offset};
  if (const auto position = pack->index.find(link.entry.base_id))
    return Position{pack, pack->index.offset(*position)};
  const ObjectNumber number = store_->find_packed(link.entry.base_id);
  if (number == kNoObject)
    return failure(ErrorCode::kNotFound, "the object that it is a delta of is missing");
  const Pack& other = store_->pack_of(number);
  return Position{&other, other.index.offset(number - other.first)};
}

// Collects the deltas from `position` down to an object that is kept, or whole: its type.
Result<ObjectType> ObjectReader::follow_chain(Position position, Kept*& base) {
  chain_.clear();
  while (true) {
    base = find_kept(position);
    if (base != nullptr) return base->type;
    if (chain_.size() == kChainMax) {
      return failure(
          ErrorCode::kLimit,
          fmt::format("it is a delta of a delta more than {} times, or in a circle", kChainMax));
    }
    TRY(const PackEntry head, entry(*position.pack, position.offset));
    chain_.push_back({position, head});
    if (!is_delta(head.type)) return head.type;
    TRY(position, base_of(chain_.back()));
  }
}

Result<ObjectReader::Object> ObjectReader::read_packed(Position position) {
  Kept* base = nullptr;
  TRY(const ObjectType type, follow_chain(position, base));
  while (!chain_.empty()) {
    const Link link = chain_.back();
    chain_.pop_back();
    Buffer made;
    if (is_delta(link.entry.type)) {
      TRY_VOID(inflate(*link.position.pack, link.entry, delta_));
      TRY_VOID(apply_delta(base->bytes.view(), delta_.view(), options_.object_bytes_max, made));
    } else {
      TRY_VOID(inflate(*link.position.pack, link.entry, made));
    }
    base = &keep(link.position, type, std::move(made));
  }
  return Object{type, base->bytes.view()};
}

Result<ObjectReader::Object> ObjectReader::read_loose(ObjectNumber number) {
  TRY(const MappedFile file, MappedFile::open(store_->loose_path(number)));
  constexpr std::size_t kHeadMax = 32;
  char begin[kHeadMax];
  TRY(const std::size_t begin_size, inflate_begin(file.bytes(), begin));
  TRY(const LooseHead head, parse_loose_head({begin, begin_size}));
  if (head.size > options_.object_bytes_max) return too_large(head.size, options_.object_bytes_max);
  char* const target = loose_.reset(static_cast<std::size_t>(head.size) + head.head_bytes);
  TRY_VOID(inflater_.inflate(file.bytes(), {target, loose_.size()}));
  return Object{head.type, loose_.view().substr(head.head_bytes)};
}

ObjectReader::Kept* ObjectReader::find_kept(const Position& position) {
  const auto place = places_.find(position);
  if (place == places_.end()) return nullptr;
  kept_.splice(kept_.begin(), kept_, place->second);
  return &*place->second;
}

// The one before it is the base of the next delta perhaps: these two stay whatever their size.
ObjectReader::Kept& ObjectReader::keep(const Position& position, ObjectType type, Buffer bytes) {
  kept_bytes_ += bytes.capacity();
  kept_.push_front({position, type, std::move(bytes)});
  places_[position] = kept_.begin();
  while (kept_bytes_ > options_.cache_bytes && kept_.size() > 1) {
    kept_bytes_ -= kept_.back().bytes.capacity();
    places_.erase(kept_.back().position);
    kept_.pop_back();
  }
  return kept_.front();
}

}  // namespace vedette::formats::git
