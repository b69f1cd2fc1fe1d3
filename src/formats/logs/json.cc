// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/json.h"

#include <algorithm>
#include <cstring>

#include "base/unicode.h"
#include "event/value.h"
#include "formats/logs/json_scalar.h"
#include "formats/logs/json_shapes.h"

namespace vedette::formats::logs {

using event::Encoding;
using event::Event;
using event::FieldTree;
using event::Kind;
using event::Value;

namespace {

constexpr JsonKeys::Place kUnwanted;

constexpr std::string_view kTooDeep = "objects and arrays are nested deeper than the limit";

// How far ahead of the walk its text is fetched, in places of the index.
constexpr std::size_t kAhead = 24;

// Member by member: copying a value that was just put together waits for its stores to be
// forwarded.
inline void fill(Value& held, const Value& value, std::uint8_t rank) {
  held.data = value.data;
  held.size = value.size;
  held.kind = value.kind;
  held.encoding = value.encoding;
  held.rank = rank;
  held.next = 0;
}

}  // namespace

// What everything() collects: paths are built in `path` and copied into the event's arena.
struct JsonDecoder::Listing {
  std::vector<event::NamedValue>& out;
  std::string path;
  std::unordered_map<std::string_view, std::size_t>
      seen;  // path -> index of a value outside of arrays

  void add(const Value& value, bool append, Arena& arena) {
    if (!append) {
      if (const auto found = seen.find(path); found != seen.end()) {
        out[found->second].value = value;
        return;
      }
    }
    const std::string_view name = arena.copy(path);
    if (!append) seen.emplace(name, out.size());
    out.push_back({name, value});
  }
};

JsonDecoder::JsonDecoder(const FieldTree& tree, const Limits& limits)
    : tree_(tree), limits_(limits), keys_(tree) {
  stack_.reserve(limits.depth_max + 1);
}

void JsonDecoder::start(const event::Batch& batch) {
  batch_ = &batch;
  record_ = 0;
  at_ = 0;
  cursor_ = 0;
  problems_.clear();
  positions_ = {};
  text_ = batch.buffer.view();
  if (batch.offset == 0 && text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  single_ = batch.input->format == event::RecordFormat::kJson;
  if (single_) {
    at_ = 0;
    return;
  }
  if (index_.build(text_)) {
    positions_ = index_.positions();
    // The mark at the front of a file is no JSON, but the index takes it for a scalar.
    if (at_ != 0 && !positions_.empty() && positions_.front() < at_) cursor_ = 1;
  } else {
    // Some record of the batch is not UTF-8 or has an open string: index the records one by one.
    single_ = true;
  }
}

bool JsonDecoder::next(Event& event) { return single_ ? next_single(event) : next_indexed(event); }

bool JsonDecoder::next_indexed(Event& event) {
  while (cursor_ < positions_.size()) {
    const std::size_t offset = positions_[cursor_];
    event.clear();
    event.record = record_++;
    event.offset = offset;
    const bool good = at(cursor_) == '{'
                          ? walk_all<false>(event, nullptr)
                          : bad("expected an object { … } for each record") == Step::kDone;
    if (good) {
      event.raw = text_.substr(offset, positions_[cursor_ - 1] + 1 - offset);
      event.raw_text = decoded_ ? event::RawText::kOpaque : event::RawText::kJson;
      return true;
    }
    report(offset, why_);
    resynchronise(offset);
  }
  return false;
}

void JsonDecoder::resynchronise(std::size_t from) {
  const auto* end =
      static_cast<const char*>(std::memchr(text_.data() + from, '\n', text_.size() - from));
  const std::size_t stop =
      end == nullptr ? text_.size() : static_cast<std::size_t>(end - text_.data());
  cursor_ = static_cast<std::size_t>(
      std::lower_bound(positions_.begin(), positions_.end(), static_cast<std::uint32_t>(stop)) -
      positions_.begin());
}

void JsonDecoder::report(std::size_t offset, std::string_view why) {
  problems_.push_back({offset, record_ - 1, std::string(why)});
}

bool JsonDecoder::take_line(std::string_view& line) {
  const std::string_view bytes = batch_->buffer.view();
  while (at_ < bytes.size()) {
    const auto* end =
        static_cast<const char*>(std::memchr(bytes.data() + at_, '\n', bytes.size() - at_));
    const std::size_t stop =
        end == nullptr ? bytes.size() : static_cast<std::size_t>(end - bytes.data());
    line = bytes.substr(at_, stop - at_);
    at_ = stop + 1;
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) return true;
  }
  return false;
}

bool JsonDecoder::next_single(Event& event) {
  const std::string_view bytes = batch_->buffer.view();
  while (true) {
    std::string_view record;
    if (batch_->input->format == event::RecordFormat::kJson) {
      if (at_ >= batch_->records.size()) return false;
      const event::RecordSpan span = batch_->records[at_++];
      record = bytes.substr(span.offset, span.size);
    } else if (!take_line(record)) {
      return false;
    }
    event.clear();
    event.record = record_++;
    event.offset = static_cast<std::uint64_t>(record.data() - bytes.data());
    if (walk_single(record, event)) return true;
    report(event.offset, why_);
  }
}

bool JsonDecoder::walk_single(std::string_view record, Event& event) {
  text_ = record;
  cursor_ = 0;
  if (!is_utf8(record)) {
    repaired_ = without_invalid_utf8(record);
    repaired_.reserve(repaired_.size() + event::Buffer::kPadding);
    text_ = repaired_;
  }
  event.raw = text_;
  if (const auto built = index_.build(text_); !built) {
    bad("a string is not closed or holds an unescaped control character");
    return false;
  }
  positions_ = index_.positions();
  if (positions_.empty() || at(0) != '{') {
    bad("expected an object { … } for each record");
    return false;
  }
  if (!walk_all<false>(event, nullptr)) return false;
  event.raw_text = decoded_ ? event::RawText::kOpaque : event::RawText::kJson;
  if (cursor_ == positions_.size()) return true;
  bad("expected the end of the record behind its closing brace");
  return false;
}

void JsonDecoder::everything(Event& event, std::vector<event::NamedValue>& out) {
  // The record is decoded once more, into `out`; the index of the batch is set aside meanwhile.
  const std::string_view text = std::exchange(text_, event.raw);
  const auto positions = positions_;
  const std::size_t cursor = std::exchange(cursor_, 0);
  JsonIndex index;
  if (index.build(event.raw)) {
    positions_ = index.positions();
    Listing listing{out, {}, {}};
    if (!positions_.empty() && at(0) == '{') walk_all<true>(event, &listing);
  }
  text_ = text;
  positions_ = positions;
  cursor_ = cursor;
}

// The record, and what it holds as text of JSON: those members are taken for the record's own.
template <bool kListing>
bool JsonDecoder::walk_all(Event& event, Listing* listing) {
  decoded_ = false;
  embedded_.kind = Kind::kAbsent;
  if (!walk<kListing>(event, listing)) return false;
  if (embedded_.kind == Kind::kAbsent) [[likely]]
    return true;
  decoded_ = true;
  Arena arena;
  const std::string_view decoded = event::text_of(embedded_, arena);
  char* const copy = event.arena().allocate(decoded.size() + event::Buffer::kPadding);
  std::memcpy(copy, decoded.data(), decoded.size());
  const std::string_view text = std::exchange(text_, {copy, decoded.size()});
  const auto positions = positions_;
  const std::size_t cursor = std::exchange(cursor_, 0);
  JsonIndex index;
  bool good = true;
  if (index.build(text_)) {
    positions_ = index.positions();
    // Where it is broken, the record is what stands in front of that, and the text as a whole; it
    // may be no deeper than a record.
    good = positions_.empty() || walk<kListing>(event, listing) || why_ != kTooDeep;
  }
  text_ = text;
  positions_ = positions;
  cursor_ = cursor;
  return good;
}

template <bool kListing>
bool JsonDecoder::walk(Event& event, Listing* listing) {
  stack_.clear();
  stack_.push_back({{FieldTree::kRoot, {}, 0}, false, false, 0});
  last_key_ = JsonKeys::kFirst;
  ++cursor_;
  Step step = Step::kContinue;
  if (cursor_ < positions_.size() && at(cursor_) == '}') step = close<kListing>(stack_.back());
  while (step == Step::kContinue) {
    Frame& frame = stack_.back();
    if constexpr (!kListing) {
      if (!frame.array) flat_members(frame, event);
    }
    step = frame.array ? element<kListing>(frame, event, listing)
                       : member<kListing>(frame, event, listing);
  }
  return step == Step::kDone;
}

// positions_[cursor_] is behind a value: a comma, or the bracket that closes the frame (and perhaps
// others).
template <bool kListing>
JsonDecoder::Step JsonDecoder::close(Frame& frame) {
  Frame* open = &frame;
  while (true) {
    if (cursor_ >= positions_.size()) return bad("the record ends inside an object or array");
    const char c = at(cursor_);
    ++cursor_;
    if (c == ',') return Step::kContinue;
    if (c != (open->array ? ']' : '}'))
      return bad("expected a comma or the closing bracket behind a value");
    stack_.pop_back();
    if (stack_.empty()) return Step::kDone;
    open = &stack_.back();
  }
}

template <bool kListing>
JsonDecoder::Step JsonDecoder::member(Frame& frame, Event& event, Listing* listing) {
  // key, colon, value, and what is behind it.
  if (cursor_ + 3 >= positions_.size()) return bad("the record ends inside an object");
  const std::uint32_t key_start = positions_[cursor_] + 1;
  std::uint32_t key_end = positions_[cursor_ + 1];
  if (text_[key_start - 1] != '"' || text_[key_end] != ':')
    return bad("expected \"key\": in an object");
  while (is_space(text_[--key_end])) {
  }
  if (key_end < key_start || text_[key_end] != '"') return bad("expected \"key\": in an object");
  const std::string_view key = text_.substr(key_start, key_end - key_start);
  cursor_ += 2;
  if constexpr (kListing) return value<true>(frame, kUnwanted, key, event, listing);
  const std::uint32_t quote = key_start - 1;
  const JsonKeys::Index last = last_key_;
  last_key_ = keys_.find(last, frame.place.node, text_.data() + quote, key_end + 1 - quote);
  if (last_key_ == JsonKeys::kFirst) last_key_ = keys_.look_up(last, frame.place.node, key);
  return value<kListing>(frame, keys_[last_key_], key, event, listing);
}

inline void JsonDecoder::put(const JsonKeys::Place& place, bool append, const Value& value,
                             Event& event) {
  if (place.target_count != 1 || append) {
    put_all(place, append, value, event);
  } else if (Value* const held = event.claim(place.target.slot, place.target.rank)) {
    fill(*held, value, place.target.rank);
  }
}

void JsonDecoder::put_all(const JsonKeys::Place& place, bool append, const Value& value,
                          Event& event) {
  if (place.target_count == JsonKeys::Place::kEmbedded) {
    if (value.kind == Kind::kString && is_embedded(value.bytes())) embedded_ = value;
    if (place.node == FieldTree::kNone) return;
  }
  for (const FieldTree::Target& target : tree_.targets(place.node)) {
    if (append) {
      Value ranked = value;
      ranked.rank = target.rank;
      event.append(target.slot, ranked);
    } else if (Value* const held = event.claim(target.slot, target.rank)) {
      fill(*held, value, target.rank);
    }
  }
}

// Most of an event are members with a text or another scalar, in the layout that programs write:
// those are taken here, in one tight loop, up to the first that is not of the kind
// or the last of the object. What is not of the kind is left to member().
void JsonDecoder::flat_members(const Frame& frame, Event& event) {
  const char* const text = text_.data();
  const std::uint32_t* const positions = positions_.data();
  const std::size_t count = positions_.size();
  const FieldTree::Node parent = frame.place.node;
  const bool append = frame.append;
  std::size_t cursor = cursor_;
  JsonKeys::Index last = last_key_;
  while (cursor + 3 < count) {
    const std::uint32_t quote = positions[cursor];
    const std::uint32_t start = positions[cursor + 2];
    const std::uint32_t behind = positions[cursor + 3];
    // How members look changes from one to the next, so that a branch for each question would often
    // be guessed wrong.
    __builtin_prefetch(text + positions[std::min(cursor + kAhead, count - 1)]);
    const bool is_text = text[start] == '"';
    const bool is_closed = is_text & (text[behind - 1] == '"') & (behind - start >= 2);
    const bool is_whole =
        is_closed | (!is_text & kScalarStart[static_cast<unsigned char>(text[start])]);
    if (!(is_whole & (text[behind] == ','))) break;
    const JsonKeys::Index key =
        keys_.find(last, parent, text + quote, positions[cursor + 1] - quote);
    if (key == JsonKeys::kFirst) break;
    const JsonKeys::Place& place = keys_[key];
    if (place.target_count != 0) {
      if (is_text) {
        put(place, append,
            {text + start + 1, behind - start - 2, Kind::kString, Encoding::kJson, 0, 0}, event);
      } else {
        const Kind kind = scalar_kind({text + start, behind - start});
        if (kind == Kind::kAbsent) break;
        put(place, append, {text + start, behind - start, kind, Encoding::kPlain, 0, 0}, event);
      }
    }
    last = key;
    cursor += 4;
  }
  cursor_ = cursor;
  last_key_ = last;
}

template <bool kListing>
JsonDecoder::Step JsonDecoder::element(Frame& frame, Event& event, Listing* listing) {
  if (cursor_ >= positions_.size()) return bad("the record ends inside an array");
  return value<kListing>(frame, frame.place, {}, event, listing);
}

// positions_[cursor_] is the value's first byte; `place` says where it belongs.
template <bool kListing>
JsonDecoder::Step JsonDecoder::value(Frame& frame, const JsonKeys::Place& place,
                                     std::string_view key, Event& event, Listing* listing) {
  const std::uint32_t start = positions_[cursor_];
  const char first = text_[start];
  std::uint32_t path_size = 0;
  if constexpr (kListing) {
    listing->path.resize(frame.path_size);
    if (!frame.array) {
      if (!listing->path.empty()) listing->path += '.';
      Arena arena(key.size() * 2 + 16);
      listing->path += event::text_of({key.data(), static_cast<std::uint32_t>(key.size()),
                                       Kind::kString, Encoding::kJson, 0, 0},
                                      arena);
    }
    path_size = static_cast<std::uint32_t>(listing->path.size());
  }
  if (first == '{' || first == '[') {
    const bool may_be_shaped = stack_.size() == 1 ? first == '[' : key == kNamedData;
    if (may_be_shaped && shaped<kListing>(frame, key, event, listing))
      return close<kListing>(frame);
    const bool array = first == '[';
    const Value structure{text_.data() + start, 0, Kind::kStructure, Encoding::kPlain, 0, 0};
    if constexpr (kListing) {
      if (!frame.array) listing->add(structure, frame.append, event.arena());
    } else {
      if (place.node == FieldTree::kNone) return skip_structure();
      // An element adds nothing to the structure that its array already is.
      if (!frame.array && place.target_count != 0) put(place, frame.append, structure, event);
    }
    if (stack_.size() >= limits_.depth_max) return bad(kTooDeep);
    ++cursor_;
    if (cursor_ >= positions_.size()) return bad("the record ends inside an object or array");
    const bool append = frame.append || array;
    stack_.push_back({place, array, append, path_size});
    if (at(cursor_) == (array ? ']' : '}')) return close<kListing>(stack_.back());
    return Step::kContinue;
  }
  if (++cursor_ >= positions_.size()) return bad("the record ends inside an object or array");
  const bool append = frame.append;
  if (first == '"') {
    std::uint32_t end = positions_[cursor_];
    if (place.target_count != 0 || kListing) {
      while (is_space(text_[--end])) {
      }
      if (end <= start || text_[end] != '"')
        return bad("expected a comma or the closing bracket behind a string");
      const Value text{
          text_.data() + start + 1, end - start - 1, Kind::kString, Encoding::kJson, 0, 0};
      if constexpr (kListing) {
        if (stack_.size() == 1 && key == kEmbeddedData && is_embedded(text.bytes()))
          embedded_ = text;
        listing->add(text, append, event.arena());
      } else {
        put(place, append, text, event);
      }
    }
  } else if (scalar<kListing>(place, append, start, positions_[cursor_], event, listing) ==
             Step::kBad) {
    return Step::kBad;
  }
  // The usual case of close(), without its loop.
  if (at(cursor_) == ',') {
    ++cursor_;
    return Step::kContinue;
  }
  return close<kListing>(frame);
}

template <bool kListing>
JsonDecoder::Step JsonDecoder::scalar(const JsonKeys::Place& place, bool append,
                                      std::uint32_t start, std::uint32_t end, Event& event,
                                      Listing* listing) {
  if (!begins_scalar(text_[start])) return bad("expected a value");
  if (place.node == FieldTree::kNone && !kListing) return Step::kContinue;
  while (end > start && is_space(text_[end - 1])) --end;
  const std::string_view text = text_.substr(start, end - start);
  const Kind kind = scalar_kind(text);
  if (kind == Kind::kAbsent) return bad("expected a number, true, false or null");
  if constexpr (kListing) {
    listing->add(event::plain(text, kind), append, event.arena());
  } else {
    put(place, append, event::plain(text, kind), event);
  }
  return Step::kContinue;
}

// A structure that stands for other values than its own: they are put, and cursor_ is behind it.
template <bool kListing>
bool JsonDecoder::shaped(const Frame& frame, std::string_view key, Event& event, Listing* listing) {
  JsonCursor ahead{text_, positions_, cursor_};
  if (stack_.size() == 1) {
    std::string text;
    if (!is_journal_text(key) || !read_bytes(ahead, text)) return false;
    decoded_ = true;
    put_named<kListing>(frame, key, event::plain(event.arena().copy(text)), event, listing);
  } else {
    if (!read_named(ahead, named_)) return false;
    for (const NamedScalar& one : named_) {
      put_named<kListing>(frame, event::text_of(one.name, event.arena()), one.value, event,
                          listing);
    }
  }
  cursor_ = ahead.cursor;
  return true;
}

// A member of the frame's object whose key does not stand in the text as keys do.
template <bool kListing>
void JsonDecoder::put_named(const Frame& frame, std::string_view key, const Value& value,
                            Event& event, Listing* listing) {
  if constexpr (kListing) {
    listing->path.resize(frame.path_size);
    if (!listing->path.empty()) listing->path += '.';
    listing->path += key;
    listing->add(value, frame.append, event.arena());
  } else {
    const FieldTree::Node node = tree_.child(frame.place.node, key);
    if (node != FieldTree::kNone) put({node, {}, 0}, frame.append, value, event);
  }
}

// Nothing below the bracket at positions_[cursor_] is wanted: only the brackets are counted. What
// is too deep for everything() is too deep here, so that no record is read in part.
JsonDecoder::Step JsonDecoder::skip_structure() {
  std::size_t depth = 0;
  while (cursor_ < positions_.size()) {
    const char c = at(cursor_++);
    if (c == '{' || c == '[') {
      if (stack_.size() + depth++ >= limits_.depth_max) return bad(kTooDeep);
    } else if (c == '}' || c == ']') {
      if (--depth == 0) return close<false>(stack_.back());
    }
  }
  return bad("the record ends inside an object or array");
}

}  // namespace vedette::formats::logs
