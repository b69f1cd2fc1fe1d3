// SPDX-License-Identifier: Apache-2.0
// Every format over one fixed run, compared with tests/conformance/output/NAME.golden. UPDATE=1
// writes the expectations anew.
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "base/file.h"
#include "output/alert/formats.h"
#include "output/alert/sample_alerts.h"

namespace vedette::output {
namespace {

constexpr std::size_t kFileMax = std::size_t{16} << 20;
const std::string kSource = VEDETTE_SOURCE_DIR;

struct Variant {
  const char* name;  // of the golden file
  const char* format;
  bool colour = false;
  bool group = false;
  unsigned width = 0;
  bool include_event = false;
};

void PrintTo(const Variant& variant, std::ostream* out) { *out << variant.name; }

constexpr Variant kVariants[] = {
    {"table", "table"},
    {"table_colour", "table", true, false, 100},
    {"table_narrow", "table", false, false, 40},
    {"table_group", "table", false, true, 140},
    {"tsv", "tsv"},
    {"csv", "csv"},
    {"ndjson", "ndjson"},
    {"ndjson_event", "ndjson", false, false, 0, true},
    {"ndjson_group", "ndjson", false, true},
    {"json", "json"},
    {"sarif", "sarif"},
    {"ocsf", "ocsf"},
    {"ocsf_event", "ocsf", false, false, 0, true},
    {"falco", "falco"},
    {"html", "html", false, false, 0, true},
};

std::string render(const Variant& variant) {
  std::string text;
  Writer writer = Writer::to_string(text);
  const SinkOptions options{.writer = writer,
                            .colour = variant.colour,
                            .group = variant.group,
                            .width = variant.width,
                            .include_event = variant.include_event,
                            .version = "0.1.0",
                            .now = TimeNs{1'767'225'600} * kNsPerSecond,
                            .content = kSource + "/content"};
  Result<std::unique_ptr<event::Sink>> sink = make_sink(variant.format, options);
  if (!sink.has_value()) return sink.error().message;
  const SampleRun run;
  for (const event::Alert& alert : run.alerts()) EXPECT_TRUE((*sink)->write(alert).has_value());
  EXPECT_TRUE((*sink)->finish(run.summary()).has_value());
  EXPECT_EQ(writer.bytes_written(), text.size());
  return text;
}

// A change of the report's looks is no change of what it says.
std::string without_looks(std::string text) {
  const auto cut = [&](std::string_view from, std::string_view to) {
    const std::size_t start = text.find(from);
    const std::size_t end = text.find(to, start);
    ASSERT_NE(end, std::string::npos) << from;
    text.replace(start, end - start, std::string(from) + "\u2026");
  };
  cut("sha256-", "; base-uri");
  cut("<style>", "</style>");
  cut("<script>", "</script>\n</body>");
  cut("<div class=\"filters\"", "<footer>");
  return text;
}

class Golden : public testing::TestWithParam<Variant> {};

TEST_P(Golden, SaysWhatIsExpected) {
  std::string text = render(GetParam());
  if (std::string_view(GetParam().format) == "html") text = without_looks(std::move(text));
  const std::string path =
      kSource + "/tests/conformance/output/" + GetParam().name + std::string(".golden");
  if (std::getenv("UPDATE") != nullptr) {
    ASSERT_TRUE(write_file_whole(path, text).has_value());
    return;
  }
  const Result<std::string> expected = read_file(path, kFileMax);
  ASSERT_TRUE(expected.has_value()) << expected.error().message;
  EXPECT_EQ(text, *expected) << path << " differs; UPDATE=1 rewrites it";
}

INSTANTIATE_TEST_SUITE_P(Formats, Golden, testing::ValuesIn(kVariants),
                         [](const auto& row) { return std::string(row.param.name); });

void expect_json(std::string_view text, const std::string& what) {
  simdjson::dom::parser parser;
  const auto error = parser.parse(simdjson::padded_string(text)).error();
  EXPECT_EQ(error, simdjson::SUCCESS) << what << ": " << simdjson::error_message(error);
}

TEST(JsonOutput, EveryLineOrDocumentParses) {
  for (const Variant& variant : kVariants) {
    const std::string_view format = variant.format;
    const std::string text = render(variant);
    if (format == "json" || format == "sarif") expect_json(text, variant.name);
    if (format != "ndjson" && format != "ocsf" && format != "falco") continue;
    std::size_t lines = 0;
    for (std::size_t at = 0; at < text.size(); ++lines) {
      const std::size_t end = text.find('\n', at);
      ASSERT_NE(end, std::string::npos);
      expect_json(std::string_view(text).substr(at, end - at), variant.name);
      at = end + 1;
    }
    EXPECT_EQ(lines, variant.group ? 5U : 6U) << variant.name;
  }
}

TEST(HtmlOutput, DataParsesAndCannotLeaveItsElement) {
  const std::string text = render({"html", "html"});
  std::size_t opened = 0;
  std::size_t closed = 0;
  for (std::size_t at = text.find("<script"); at != std::string::npos;
       at = text.find("<script", at + 1)) {
    ++opened;
    const std::size_t start = text.find('>', at) + 1;
    const std::size_t end = text.find("</script", start);
    ASSERT_NE(end, std::string::npos);
    const bool data = text.substr(at, start - at).find("application/json") != std::string::npos;
    if (data) expect_json(std::string_view(text).substr(start, end - start), "script element");
  }
  for (std::size_t at = text.find("</script"); at != std::string::npos;
       at = text.find("</script", at + 1)) {
    ++closed;
  }
  EXPECT_EQ(opened, 3U);
  EXPECT_EQ(closed, 3U);
}

TEST(TerminalOutput, HoldsNoControlBytesButItsOwn) {
  for (const Variant& variant : {Variant{"", "table"}, Variant{"", "tsv"}, Variant{"", "csv"}}) {
    const std::string text = render(variant);
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      ASSERT_TRUE(byte >= 0x20 || c == '\n' || c == '\t' || c == '\r') << variant.format;
    }
  }
}

// Runs a validator of tools/ over a rendered format; absence of the schema or of Python skips.
void validate(const Variant& variant, const std::string& tool, const std::string& schema) {
  const char* folder = std::getenv("VEDETTE_DATA");
  const std::string data = folder != nullptr ? folder : kSource + "/../shared/data";
  if (!std::filesystem::exists(data + "/" + schema)) GTEST_SKIP() << "no test data at " << data;
  const std::string file = testing::TempDir() + "vedette_" + variant.name + ".json";
  ASSERT_TRUE(write_file_whole(file, render(variant)).has_value());
  const std::string command = "python3 '" + kSource + "/tools/" + tool + "' '" + data + "/" +
                              schema + "' '" + file + "' >&2";
  const int status = std::system(command.c_str());
  std::filesystem::remove(file);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code == 77 || code == 127) GTEST_SKIP() << tool << " needs Python and its packages";
  EXPECT_EQ(code, 0) << command;
}

TEST(SarifOutput, IsValid) {
  validate({"sarif", "sarif"}, "validate_json.py", "schemas/sarif-2.1.0.schema.json");
}

TEST(OcsfOutput, IsValid) {
  validate({"ocsf", "ocsf", false, false, 0, true}, "validate_ocsf.py", "ocsf");
}

TEST(MakeSink, RefusesUnknownFormats) {
  std::string text;
  Writer writer = Writer::to_string(text);
  const auto sink = make_sink("xml", SinkOptions{.writer = writer});
  ASSERT_FALSE(sink.has_value());
  EXPECT_NE(sink.error().message.find("ndjson"), std::string::npos);
}

}  // namespace
}  // namespace vedette::output
