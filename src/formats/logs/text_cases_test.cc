// SPDX-License-Identifier: Apache-2.0
// Runs tests/conformance/logs/FORMAT/*.txt: lines of a log, a line "---", and the fields of each
// event as path=value lines, events separated by blank lines; a record that cannot be decoded is
// "problem RECORD: message". Control characters in values are written as \xHH, a backslash as two.
// UPDATE=1 rewrites what stands behind "---".
#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "formats/logs/auditd.h"
#include "formats/logs/cef.h"
#include "formats/logs/format.h"
#include "formats/logs/leef.h"
#include "formats/logs/syslog.h"
#include "formats/logs/web_access.h"
#include "formats/logs/zeek.h"

namespace vedette::formats::logs {
namespace {

using Values = std::map<std::string, std::vector<std::string>>;

event::Batch batch_of(std::string_view text) {
  event::Batch batch;
  batch.buffer.reserve(text.size());
  if (!text.empty()) std::memcpy(batch.buffer.data(), text.data(), text.size());
  batch.buffer.set_size(text.size());
  return batch;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\x{:02X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out;
}

// Both ways to the fields must agree: what the slots of a tree that wants everything hold is among
// what everything() lists, and where that lists one value, it is the slot's.
void expect_slots_agree(const event::Event& event, const Values& listed,
                        const std::map<std::string, event::Slot>& slots) {
  for (const auto& [path, values] : listed) {
    const event::Value* value = &event[slots.at(path)];
    ASSERT_NE(value->kind, event::Kind::kAbsent) << path;
    std::size_t count = 0;
    for (; value != nullptr; value = event.next(*value), ++count) {
      EXPECT_NE(std::find(values.begin(), values.end(), value->bytes()), values.end()) << path;
    }
    EXPECT_LE(count, values.size()) << path;
  }
}

template <LogDecoder Decoder>
std::string decode_case(std::string_view input) {
  const Limits limits;
  const event::Batch batch = batch_of(input);
  std::string out;
  std::vector<Values> events;
  std::map<std::string, event::Slot> slots;
  event::FieldTree::Builder builder;
  const event::FieldTree empty = event::FieldTree::Builder().build();
  {
    Decoder decoder(empty, limits);
    event::Event event(0);
    decoder.start(batch);
    while (decoder.next(event)) {
      std::vector<event::NamedValue> all;
      decoder.everything(event, all);
      Values listed;
      for (const event::NamedValue& named : all) {
        const std::string path(named.path);
        out += path + (named.value.kind == event::Kind::kNull ? "" : "=") +
               escaped(named.value.bytes()) + "\n";
        listed[path].emplace_back(named.value.bytes());
        const auto slot = static_cast<event::Slot>(slots.size());
        if (slots.emplace(path, slot).second) builder.add(path, slot, 0);
      }
      out += "\n";
      events.push_back(listed);
    }
    for (const RecordProblem& problem : decoder.problems()) {
      out += fmt::format("problem {}: {}\n", problem.record, problem.message);
    }
    EXPECT_EQ(decoder.records(), events.size() + decoder.problems().size());
  }
  const event::FieldTree tree = std::move(builder).build();
  Decoder decoder(tree, limits);
  event::Event event(slots.size());
  decoder.start(batch);
  for (const Values& listed : events) {
    if (!decoder.next(event)) {
      ADD_FAILURE() << "fewer events with slots than without";
      break;
    }
    expect_slots_agree(event, listed, slots);
  }
  EXPECT_FALSE(decoder.next(event));
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

struct Suite {
  std::string_view format;
  std::string (*decode)(std::string_view input);
};
constexpr auto kSuites = std::to_array<Suite>({{"auditd", decode_case<AuditdDecoder>},
                                               {"syslog", decode_case<SyslogDecoder>},
                                               {"cef", decode_case<CefDecoder>},
                                               {"leef", decode_case<LeefDecoder>},
                                               {"zeek", decode_case<ZeekDecoder>},
                                               {"web-access", decode_case<WebAccessDecoder>}});

void run_case(const Suite& suite, const std::string& path) {
  SCOPED_TRACE(path);
  const auto content = read_file(path, std::size_t{1} << 20);
  ASSERT_TRUE(content) << content.error().message;
  constexpr std::string_view kLine = "\n---\n";
  const std::size_t line = content->find(kLine);
  ASSERT_NE(line, std::string::npos) << "a case holds a line --- between input and expectation";
  const std::string input = content->substr(0, line + 1);
  EXPECT_EQ(to_string(detect_format(input)), suite.format);
  const std::string actual = suite.decode(input);
  if (std::getenv("UPDATE") != nullptr) {
    const auto written = write_file_whole(path, input + "---\n" + actual);
    ASSERT_TRUE(written) << written.error().message;
    return;
  }
  EXPECT_EQ(content->substr(line + kLine.size()), actual);
}

class TextCases : public testing::TestWithParam<Suite> {};

TEST_P(TextCases, DecodeAsWritten) {
  const std::string folder =
      std::string(VEDETTE_SOURCE_DIR) + "/tests/conformance/logs/" + std::string(GetParam().format);
  const auto files = list_files(folder, {".txt"});
  ASSERT_TRUE(files) << files.error().message;
  ASSERT_FALSE(files->empty()) << "no case in " << folder;
  for (const std::string& path : *files) run_case(GetParam(), path);
}

INSTANTIATE_TEST_SUITE_P(Logs, TextCases, testing::ValuesIn(kSuites),
                         [](const testing::TestParamInfo<Suite>& suite) {
                           std::string name(suite.param.format);
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace vedette::formats::logs
