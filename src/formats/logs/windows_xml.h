// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "event/batch.h"
#include "event/event.h"
#include "event/field_tree.h"
#include "event/field_writer.h"
#include "formats/logs/decoder.h"
#include "formats/logs/windows_xml_tree.h"

// Windows events as XML text, as Event Viewer, wevtutil and Sysmon for Linux write them.
namespace vedette::formats::logs {

// Bytes up to the end of the last whole <Event> element and the white space behind it, all of them
// `at_end`; 0 when there is none. Understands UTF-8 and UTF-16.
std::size_t cut_windows_xml(std::string_view bytes, bool at_end);

// Parses one <Event> element; expat behind an interface. There are no entities but XML's own five,
// and document types are refused.
class WindowsXmlParser {
 public:
  explicit WindowsXmlParser(const Limits& limits);
  WindowsXmlParser(WindowsXmlParser&&) noexcept;
  ~WindowsXmlParser();

  // The tree holds until the next call; its texts live in `arena`. They are the same as in the
  // binary form where that can be known: GUIDs and the time in System, GUIDs in Data whose name
  // ends with "Guid"; white space at the end of a text is dropped. Numbers in System are numbers,
  // other values are strings.
  Result<void> parse(std::string_view element, Arena& arena);
  const XmlTree& tree() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Writes the fields of one <Event> element. Limits are the default ones.
Result<void> parse_windows_xml(std::string_view element, event::FieldWriter& writer);

// A LogDecoder for runs of <Event> elements, whatever root, declaration or other text stands around
// them, with the same paths as EvtxDecoder. Event::raw is the element; where the input is UTF-16 it
// is the element as UTF-8, which lives until the next start(), and Event::offset counts in UTF-16.
class WindowsXmlDecoder {
 public:
  WindowsXmlDecoder(const event::FieldTree& tree, const Limits& limits)
      : tree_(tree), parser_(limits) {}

  void start(const event::Batch& batch);
  bool next(event::Event& event);
  void everything(event::Event& event, std::vector<event::NamedValue>& out);
  std::vector<RecordProblem>& problems() { return problems_; }
  std::uint64_t records() const { return record_; }

 private:
  bool find_element(std::string_view& element);
  std::uint64_t input_offset(std::size_t at);

  const event::FieldTree& tree_;
  WindowsXmlParser parser_;
  std::string utf8_;        // of a batch that was UTF-16
  std::string_view bytes_;  // of the batch, or utf8_
  std::size_t at_ = 0;
  std::uint64_t units_at_ = 0;  // UTF-16: how far input_offset() has counted, and what
  std::uint64_t units_ = 0;
  std::uint64_t record_ = 0;
  std::vector<RecordProblem> problems_;
};

}  // namespace vedette::formats::logs
