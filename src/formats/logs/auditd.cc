// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/auditd.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/hash.h"
#include "event/field_writer.h"
#include "formats/logs/auditd_record.h"
#include "formats/logs/field_text.h"

namespace vedette::formats::logs {
namespace {

// What two records of one event share. Never 0.
std::uint64_t hash_of(const AuditRecord& record) {
  return hash_bytes(record.stamp, record.node.empty() ? 0 : hash_bytes(record.node)) | 1;
}

std::string_view without_cr(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

void AuditdDecoder::start(const event::Batch& batch) {
  bytes_ = batch.buffer.view();
  lines_.clear();
  groups_.clear();
  problems_.clear();
  recent_.fill({});
  line_count_ = 0;
  last_group_ = kNone;
  at_ = 0;
  for (std::size_t start = 0; start < bytes_.size();) {
    const std::size_t end = find_or_end(bytes_, '\n', start);
    index_line(start, without_cr(bytes_.substr(start, end - start)).size());
    start = end + 1;
  }
}

std::uint32_t AuditdDecoder::open_group(std::uint64_t hash) const {
  // The youngest first: records of one event mostly follow one another.
  for (std::size_t back = 1; back <= std::min(kAuditWindow, line_count_); ++back) {
    const Recent& recent = recent_[(line_count_ - back) % kAuditWindow];
    if (recent.hash == hash) return recent.group;
  }
  return kNone;
}

void AuditdDecoder::close_group(std::uint32_t group) {
  for (Recent& recent : recent_) {
    if (recent.group == group) recent = {};
  }
}

void AuditdDecoder::index_line(std::size_t offset, std::size_t size) {
  const std::string_view text = bytes_.substr(offset, size);
  Recent& mine = recent_[line_count_ % kAuditWindow];
  const auto record = split_audit_record(text);
  if (!record && is_audit_separator(text)) {
    mine = {};
    ++line_count_;
    return;
  }
  const auto line = static_cast<std::uint32_t>(lines_.size());
  lines_.push_back({offset, size, kNone});
  const std::uint64_t hash = record ? hash_of(*record) : 0;
  std::uint32_t group = record ? open_group(hash) : kNone;
  const bool opens = group == kNone;
  if (opens) {
    group = static_cast<std::uint32_t>(groups_.size());
    groups_.push_back({line, line, size, record.has_value(), true, false});
  } else {
    Group& joined = groups_[group];
    lines_[joined.last].next = line;
    joined.last = line;
    joined.bytes += size + 1;
    joined.contiguous = joined.contiguous && last_group_ == group;
  }
  mine = {hash, group};
  if (record && record->type == "EXECVE") groups_[group].has_execve = true;
  // ausearch prints an event's records last first: an EOE that opens an event does not end it.
  if (record && record->type == "EOE" && !opens) close_group(group);
  last_group_ = group;
  ++line_count_;
}

std::string_view AuditdDecoder::text_of(const Group& group, event::Event& event) const {
  const Line& first = lines_[group.first];
  const Line& last = lines_[group.last];
  if (group.contiguous) return bytes_.substr(first.offset, last.offset + last.size - first.offset);
  char* const copy = event.arena().allocate(group.bytes);
  char* out = copy;
  for (std::uint32_t i = group.first; i != kNone; i = lines_[i].next) {
    if (i != group.first) *out++ = '\n';
    std::memcpy(out, bytes_.data() + lines_[i].offset, lines_[i].size);
    out += lines_[i].size;
  }
  return {copy, group.bytes};
}

bool AuditdDecoder::next(event::Event& event) {
  while (at_ < groups_.size()) {
    const std::size_t record = at_++;
    const Group& group = groups_[record];
    event.clear();
    event.offset = lines_[group.first].offset;
    event.record = record;
    Result<void> decoded;
    if (!group.is_record) {
      decoded = failure(ErrorCode::kInvalid,
                        "expected an audit record, type=NAME msg=audit(TIME:SERIAL): …");
    } else if (group.bytes > limits_.record_bytes_max) {
      decoded =
          failure(ErrorCode::kLimit, "the audit event is longer than the limit for one record");
    } else {
      event.raw = text_of(group, event);
      event::FieldWriter writer(tree_, event, nullptr);
      decoded = decode(event, writer);
    }
    if (decoded) return true;
    problems_.push_back({event.offset, record, decoded.error().message});
  }
  return false;
}

Result<void> AuditdDecoder::decode(const event::Event& event, event::FieldWriter& writer) {
  fields_.start(writer, groups_[event.record].has_execve);
  for (std::string_view rest = event.raw; !rest.empty();) {
    // Separators between the lines of one event are part of its raw text.
    const auto record = split_audit_record(without_cr(take_until(rest, '\n')));
    if (record) fields_.add(*record);
  }
  return fields_.finish();
}

void AuditdDecoder::everything(event::Event& event, std::vector<event::NamedValue>& out) {
  event::FieldWriter writer(no_slots_, event, &out);
  static_cast<void>(decode(event, writer));
}

namespace {

// Lines from the last one backwards: where each begins and what its event's hash is.
class BackwardLines {
 public:
  explicit BackwardLines(std::string_view bytes) : rest_(bytes) {}

  struct Line {
    std::size_t start = 0;
    std::uint64_t hash = 0;
    std::size_t partner = 0;  // the line nearest to the end within the window with the same hash
  };

  // Line `index` from the end, or null before the first.
  const Line* at(std::size_t index) {
    while (lines_.size() <= index) {
      if (rest_.empty()) return nullptr;
      const std::string_view body = rest_.substr(0, rest_.size() - 1);
      const std::size_t before = body.rfind('\n');
      const std::size_t start = before == std::string_view::npos ? 0 : before + 1;
      const auto record = split_audit_record(without_cr(body.substr(start)));
      add({start, record ? hash_of(*record) : 0, lines_.size()});
      rest_ = rest_.substr(0, start);
    }
    return &lines_[index];
  }

 private:
  void add(Line line) {
    const std::size_t index = lines_.size();
    const std::size_t first = index - std::min(index, kAuditWindow);
    for (std::size_t i = first; i < index && line.hash != 0; ++i) {
      if (lines_[i].hash != line.hash) continue;
      line.partner = i;
      break;
    }
    lines_.push_back(line);
  }

  std::string_view rest_;  // whole lines, the caller's
  std::vector<Line> lines_;
};

}  // namespace

std::size_t cut_auditd(std::string_view bytes, bool at_end) {
  if (at_end) return bytes.size();
  const std::size_t newline = bytes.rfind('\n');
  if (newline == std::string_view::npos) return 0;
  BackwardLines lines(bytes.substr(0, newline + 1));
  // `behind` lines stand behind the cut; move it forward in the file until no event spans it.
  std::size_t behind = kAuditWindow;
  for (std::size_t i = behind; i < behind + kAuditWindow; ++i) {
    const BackwardLines::Line* line = lines.at(i);
    if (line == nullptr) break;
    if (line->partner < behind) behind = i + 1;
  }
  if (lines.at(behind) == nullptr) return 0;
  return lines.at(behind - 1)->start;
}

}  // namespace vedette::formats::logs
