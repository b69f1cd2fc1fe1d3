// SPDX-License-Identifier: Apache-2.0
#include "formats/logs/format.h"

#include <gtest/gtest.h>
#include <set>
#include <string>

namespace vedette::formats::logs {
namespace {

using event::RecordFormat;
using std::string_view_literals::operator""sv;

struct Case {
  RecordFormat format;
  std::string_view head;
};

constexpr Case kCases[] = {
    {RecordFormat::kUnknown, ""},
    {RecordFormat::kUnknown, "\n\n"},
    {RecordFormat::kUnknown, "hello world\n"},
    {RecordFormat::kUnknown,
     "#Software: Microsoft IIS\n#Fields: date time\n2025-11-23 09:27:39 GET\n"},
    {RecordFormat::kEvtx, "ElfFile\0\0\0"sv},
    {RecordFormat::kUnknown, "ElfFileX"},
    {RecordFormat::kJsonLines, "{\"a\":1}\n{\"a\":2}\n"},
    {RecordFormat::kJsonLines, "\xEF\xBB\xBF\r\n{\"a\":\"}\\\"{\"}  \r\n{\"a\":2}\r\n"},
    {RecordFormat::kJsonLines, "{}"},
    {RecordFormat::kJsonLines, "{\"x\":[{\"Records\":[1]}]}"},
    {RecordFormat::kJson, "{\"Records\":[{\"a\":1}]}\n"},
    {RecordFormat::kJson, "{ \"records\" : [ {\"a\":1} ] }"},
    {RecordFormat::kJsonLines, "{\"Records\":7}\n"},
    {RecordFormat::kJson, "{\n  \"a\": 1\n}\n"},
    {RecordFormat::kJson, "{\"a\":1} {\"a\":2}\n"},
    {RecordFormat::kJson, "[{\"a\":1},\n{\"a\":2}]"},
    {RecordFormat::kJson, "["},
    {RecordFormat::kUnknown, "[main] started\n"},
    {RecordFormat::kUnknown, "{x}\n{y"},
    {RecordFormat::kWindowsXml, "<Event xmlns='http://example.org/'><System/></Event>"},
    {RecordFormat::kWindowsXml, "\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<Events>"},
    {RecordFormat::kWindowsXml, "\xFF\xFE<\0E\0v\0e\0n\0t\0s\0>\0"sv},
    {RecordFormat::kWindowsXml, "\xFE\xFF\0<\0E\0v\0e\0n\0t\0 "sv},
    {RecordFormat::kUnknown, "<EventLike>"},
    {RecordFormat::kUnknown, "\xFF\xFEh\0i\0"sv},
    {RecordFormat::kZeekTsv, "#separator \\x09\n#fields\tts\n"},
    {RecordFormat::kZeekTsv, "\n#fields\tts\n"},
    {RecordFormat::kAuditd, "node=a type=EOE msg=audit(1.0:1): \n"},
    {RecordFormat::kAuditd, "cut off by rotation\n----\ntime->x\ntype=EOE msg=audit(1.0:1): \n"},
    {RecordFormat::kAuditd, "type=DAEMON_START msg=audit(11/23/25 09:14:19.417:1) : op=start\n"},
    {RecordFormat::kCef, "CEF:0|V|P|1|i|n|3|\n"},
    {RecordFormat::kCef, "fw1: CEF:0|V|P|1|i|n|3|\n"},
    {RecordFormat::kSyslog, "<13>Nov 23 09:00:00 fw CEF:0|V|P|1|i|n|3|\n"},
    {RecordFormat::kLeef, "LEEF:1.0|V|P|1|i|\n"},
    {RecordFormat::kSyslog, "Nov 23 09:00:00 fw LEEF:1.0|V|P|1|i|\n"},
    {RecordFormat::kWebAccess,
     "192.0.2.1 - - [23/Nov/2025:09:27:39 +0000] \"GET / HTTP/1.1\" 200 1\n"},
    {RecordFormat::kWebAccess, "::1 - - [23/Nov/2025:09:27:39 +0000] \"-\" 408 0\n"},
    {RecordFormat::kUnknown, "x - - [soon] \"GET / HTTP/1.1\" 200 1\n"},
    {RecordFormat::kSyslog, "<34>1 2025-11-23T22:14:15Z h a - - - x\n"},
    {RecordFormat::kSyslog, "Nov 23 09:00:00 h a: x\n"},
    {RecordFormat::kSyslog, "2025-11-23T09:27:39.123456+01:00 h a: x"},
};

TEST(Format, IsFoundByContent) {
  for (const Case& row : kCases) {
    EXPECT_EQ(to_string(detect_format(row.head)), to_string(row.format)) << row.head;
  }
}

TEST(Format, EveryFormatHasOneRow) {
  std::set<RecordFormat> seen;
  std::set<std::string_view> names;
  for (const FormatRow& row : formats()) {
    EXPECT_TRUE(seen.insert(row.format).second) << row.name;
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(format_by_name(row.name), row.format);
    EXPECT_EQ(to_string(row.format), row.name);
    EXPECT_FALSE(row.help.empty());
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(RecordFormat::kKernel));
  EXPECT_FALSE(seen.contains(RecordFormat::kUnknown));
  EXPECT_FALSE(format_by_name("").has_value());
  EXPECT_FALSE(format_by_name("unknown").has_value());
}

}  // namespace
}  // namespace vedette::formats::logs
