// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/evtx.h"

#include <cstring>
#include <fmt/format.h>

#include "formats/logs/evtx_binxml.h"
#include "formats/logs/evtx_checksum.h"

namespace vedette::formats::logs {
namespace {

constexpr std::size_t kFileHeaderSize = 4096;
constexpr std::size_t kChunkSize = 65536;
constexpr std::string_view kFileMagic("ElfFile\0", 8);
constexpr std::string_view kChunkMagic("ElfChnk\0", 8);
constexpr std::string_view kRecordMagic("**\0\0", 4);

// In a chunk's header.
constexpr std::size_t kFreeSpaceAt = 48;
constexpr std::size_t kRecordsChecksumAt = 52;
constexpr std::size_t kHeaderChecksumAt = 124;
constexpr std::size_t kChunkHeaderSize = 512;

// In a record: magic, size, identifier, time; binary XML; size again.
constexpr std::size_t kRecordHeaderSize = 24;
constexpr std::size_t kRecordSizeMin = kRecordHeaderSize + 4;

constexpr std::uint8_t kFragmentHeader = 0x0F;
constexpr std::uint8_t kTemplateInstance = 0x0C;

template <typename T>
T load(std::string_view bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

bool all_zero(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

// The template instance that a stream begins with, behind its token.
bool find_instance(std::string_view chunk, std::size_t begin, std::size_t end,
                   evtx::TemplateInstance& instance) {
  if (begin < end && static_cast<std::uint8_t>(chunk[begin]) == kFragmentHeader) begin += 4;
  if (begin >= end || static_cast<std::uint8_t>(chunk[begin]) != kTemplateInstance) return false;
  return evtx::read_instance(chunk, begin + 1, end, instance);
}

}  // namespace

std::size_t cut_evtx(std::string_view bytes, bool at_end, bool first) {
  if (at_end) return bytes.size();
  const std::size_t header = first ? kFileHeaderSize : 0;
  if (bytes.size() < header + kChunkSize) return 0;
  return header + (bytes.size() - header) / kChunkSize * kChunkSize;
}

void EvtxDecoder::start(const event::Batch& batch) {
  bytes_ = batch.buffer.view();
  chunk_ = {};
  chunk_at_ = 0;
  next_chunk_ = 0;
  record_ = 0;
  phase_ = Phase::kBetweenChunks;
  problems_.clear();
  if (bytes_.starts_with(kFileMagic)) {
    next_chunk_ = kFileHeaderSize;
    if (bytes_.size() < kFileHeaderSize) {
      note(0, fmt::format("the file ends within its header, after {} bytes", bytes_.size()));
    }
  } else if (batch.offset == 0 && !bytes_.starts_with(kChunkMagic)) {
    note(0, "the file does not begin with \"ElfFile\", the mark of an event log");
    const bool behind =
        bytes_.size() > kFileHeaderSize && bytes_.substr(kFileHeaderSize).starts_with(kChunkMagic);
    if (behind) next_chunk_ = kFileHeaderSize;
  }
}

bool EvtxDecoder::next(event::Event& event) {
  event.clear();
  for (;;) {
    if (phase_ == Phase::kBetweenChunks && !open_chunk()) return false;
    Span record;
    if (!find_record(record)) {
      phase_ = Phase::kBetweenChunks;
      continue;
    }
    if (decode(record, event)) return true;
    event.clear();
  }
}

bool EvtxDecoder::open_chunk() {
  while (next_chunk_ < bytes_.size()) {
    chunk_at_ = next_chunk_;
    next_chunk_ += kChunkSize;
    chunk_ = bytes_.substr(chunk_at_, kChunkSize);
    at_ = 0;
    live_end_ = 0;
    last_identifier_ = 0;
    if (chunk_.size() >= kChunkHeaderSize && chunk_.starts_with(kChunkMagic)) {
      check_chunk();
      at_ = kChunkHeaderSize;
      phase_ = Phase::kLive;
      plans_.start_chunk(chunk_);
      return true;
    }
    // A file grows by many chunks at once, so unused ones are usual.
    if (all_zero(chunk_)) continue;
    note(0, chunk_.size() < kChunkHeaderSize
                ? fmt::format("the file ends within a chunk's header, after {} bytes of it",
                              chunk_.size())
                : std::string("the chunk does not begin with \"ElfChnk\"; "
                              "--recover looks for records in it"));
    if (recover_) {
      phase_ = Phase::kCarve;
      plans_.start_chunk(chunk_);
      return true;
    }
  }
  return false;
}

void EvtxDecoder::check_chunk() {
  const std::uint32_t header = evtx::checksum(chunk_.substr(128, kChunkHeaderSize - 128),
                                              evtx::checksum(chunk_.substr(0, 120)));
  if (header != load<std::uint32_t>(chunk_, kHeaderChecksumAt)) {
    note(0, "the checksum of the chunk's header is wrong; its records are read nevertheless");
  }
  const std::size_t free_space = load<std::uint32_t>(chunk_, kFreeSpaceAt);
  live_end_ = free_space;
  if (free_space < kChunkHeaderSize || free_space > kChunkSize) {
    live_end_ = chunk_.size();
    note(0, fmt::format("the chunk's free space should begin between {} and {} but does at {}",
                        kChunkHeaderSize, kChunkSize, free_space));
  } else if (free_space > chunk_.size()) {
    live_end_ = chunk_.size();
    note(0, fmt::format("the file ends within a chunk, after {} of its {} bytes in use",
                        chunk_.size(), free_space));
  } else if (evtx::checksum(chunk_.substr(kChunkHeaderSize, free_space - kChunkHeaderSize)) !=
             load<std::uint32_t>(chunk_, kRecordsChecksumAt)) {
    note(0, "the checksum of the chunk's records is wrong; they are read nevertheless");
  }
}

bool EvtxDecoder::find_record(Span& record) {
  if (phase_ == Phase::kLive) {
    if (find_live_record(record)) return true;
    phase_ = Phase::kCarve;
  }
  return recover_ && carve_record(record);
}

bool EvtxDecoder::find_live_record(Span& record) {
  for (;;) {
    // The header of a chunk that was being written may be older than its last records.
    const bool newer = at_ == live_end_ && last_identifier_ != 0 && plausible(at_, chunk_.size()) &&
                       load<std::uint64_t>(chunk_, at_ + 8) == last_identifier_ + 1;
    if (newer) live_end_ = at_ + load<std::uint32_t>(chunk_, at_ + 4);
    if (at_ >= live_end_) return false;
    if (all_zero(chunk_.substr(at_, live_end_ - at_).substr(0, 8))) {
      note(at_,
           fmt::format("the chunk's records should reach to {} but end at {}", live_end_, at_));
      return false;
    }
    const std::size_t left = live_end_ - at_;
    std::string problem;  // no allocation for a good record
    if (left >= kRecordSizeMin && chunk_.substr(at_).starts_with(kRecordMagic)) {
      const std::size_t size = load<std::uint32_t>(chunk_, at_ + 4);
      if (size >= kRecordSizeMin && size <= left) {
        const std::size_t copy = load<std::uint32_t>(chunk_, at_ + size - 4);
        const bool next_fits = size == left || plausible(at_ + size, live_end_);
        if (copy == size || next_fits) {
          record = {at_, at_ + size};
          last_identifier_ = load<std::uint64_t>(chunk_, at_ + 8);
          at_ += size;
          return true;
        }
        problem = fmt::format("a record's size is {} in front and {} behind", size, copy);
      } else {
        problem =
            fmt::format("a record's size should be {} to {} but is {}", kRecordSizeMin, left, size);
      }
    }
    if (problem.empty()) problem = "a record should begin with \"**\"";
    note(at_, std::move(problem));
    ++record_;
    if (!resynchronize()) return false;
  }
}

// Goes to the next place in use that looks like a record.
bool EvtxDecoder::resynchronize() {
  for (;;) {
    const std::size_t found = chunk_.substr(0, live_end_).find(kRecordMagic, at_ + 1);
    if (found == std::string_view::npos) {
      at_ = live_end_;
      return false;
    }
    at_ = found;
    if (plausible(at_, live_end_)) return true;
  }
}

bool EvtxDecoder::plausible(std::size_t at, std::size_t end) const {
  if (at > end || end - at < kRecordSizeMin) return false;
  if (!chunk_.substr(at).starts_with(kRecordMagic)) return false;
  const std::size_t size = load<std::uint32_t>(chunk_, at + 4);
  return size >= kRecordSizeMin && size <= end - at &&
         load<std::uint32_t>(chunk_, at + size - 4) == size;
}

bool EvtxDecoder::carve_record(Span& record) {
  while (at_ < chunk_.size()) {
    const std::size_t found = chunk_.find(kRecordMagic, at_);
    if (found == std::string_view::npos) break;
    at_ = found + 1;
    if (!plausible(found, chunk_.size())) continue;
    record = {found, found + load<std::uint32_t>(chunk_, found + 4)};
    at_ = record.end;
    return true;
  }
  at_ = chunk_.size();
  return false;
}

bool EvtxDecoder::decode(const Span& record, event::Event& event) {
  const auto describe = [&] {
    event.raw = chunk_.substr(record.begin, record.end - record.begin);
    event.raw_text = event::RawText::kUtf16;
    event.offset = chunk_at_ + record.begin;
    event.record = record_;
  };
  last_ = {record.begin + kRecordHeaderSize, record.end - 4};
  describe();
  if (run_plans(last_, event)) {
    ++record_;
    return true;
  }
  instance_count_ = 0;
  event.clear();
  describe();
  const Result<void> walked = walk(last_, event);
  if (!walked) {
    note(record.begin, (phase_ == Phase::kCarve ? "a carved record cannot be read: " : "") +
                           walked.error().message);
  }
  ++record_;
  return walked.has_value();
}

bool EvtxDecoder::run_plans(const Span& body, event::Event& event) {
  evtx::TemplateInstance instance;
  if (!find_instance(chunk_, body.begin, body.end, instance)) return false;
  const evtx::Plan* plan = plans_.find(instance.definition, nullptr, nullptr);
  std::size_t begin = body.begin;
  std::size_t end = body.end;
  for (std::size_t depth = 0; plan != nullptr && depth < kPlanDepthMax; ++depth) {
    instances_[depth] = {&plan->listing, instance, begin};
    evtx::EmbeddedXml embedded;
    if (!values_.read(chunk_, instance, end) ||
        run_plan(*plan, values_, event, embedded) == evtx::PlanResult::kWalk) {
      return false;
    }
    event.raw_static = plan->static_text;
    instance_count_ = depth + 1;
    if (embedded.place == nullptr) return true;
    begin = static_cast<std::size_t>(embedded.value.bytes.data() - chunk_.data());
    end = begin + embedded.value.bytes.size();
    if (!find_instance(chunk_, begin, end, instance)) return false;
    plan = plans_.find(instance.definition, plan, embedded.place);
  }
  return false;
}

Result<void> EvtxDecoder::walk(const Span& body, event::Event& event) {
  xml_.clear();
  evtx::TreeBuilder builder(chunk_, limits_, event.arena(), xml_);
  TRY_VOID(builder.build_record(body.begin, body.end));
  if (xml_[0].first_child == 0) {
    return failure(ErrorCode::kInvalid, "the record holds no element");
  }
  XmlFieldWriter(tree_, event, nullptr).write(xml_);
  std::string text;
  for (std::uint32_t index = 1; index < xml_.size(); ++index) {
    if (xml_[index].kind != XmlNode::Kind::kText) continue;
    text += event::text_of(xml_[index].value, event.arena());
    text += '\n';
  }
  event.raw_static = event.arena().copy(text);
  return {};
}

void EvtxDecoder::everything(event::Event& event, std::vector<event::NamedValue>& out) {
  const std::span instances(instances_.data(), instance_count_);
  if (lister_.list(chunk_, instances, limits_, event.arena(), out)) return;
  if (instance_count_ != 0) {  // else walk() left the tree
    xml_.clear();
    evtx::TreeBuilder builder(chunk_, limits_, event.arena(), xml_);
    if (!builder.build_record(last_.begin, last_.end)) return;
  }
  XmlFieldWriter(event.arena(), out).write(xml_);
}

void EvtxDecoder::note(std::size_t at, std::string message) {
  problems_.push_back({chunk_at_ + at, record_, std::move(message)});
}

}  // namespace vedette::formats::logs
