// SPDX-License-Identifier: Apache-2.0
#include "ingest/file_source.h"

#include <algorithm>
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "base/unicode.h"
#include "ingest/test_files.h"

namespace vedette::ingest {
namespace {

using event::RecordFormat;
using Texts = std::vector<std::string>;

struct Read {
  std::map<std::string, std::string> content;  // by input: the batches' bytes, one after another
  std::map<std::string, Texts> records;        // by input
  std::map<std::string, int> last;             // batches marked as last
  std::vector<event::InputReport> reports;
  std::size_t capacity_max = 0;
  std::size_t batches = 0;
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_total = 0;

  const event::InputReport& report(const std::string& name) const {
    static const event::InputReport kNone;
    for (const event::InputReport& report : reports) {
      if (report.name == name) return report;
    }
    ADD_FAILURE() << "no report of " << name;
    return kNone;
  }
  Texts all_records() const {
    Texts all;
    for (const auto& [name, texts] : records) all.insert(all.end(), texts.begin(), texts.end());
    return all;
  }
};

// JSON's records by their spans, of other formats the lines.
void add_records(const event::Batch& batch, Texts& records) {
  std::string_view text = batch.buffer.view();
  if (batch.input->format == RecordFormat::kJson) {
    for (const event::RecordSpan& span : batch.records) {
      records.emplace_back(text.substr(span.offset, span.size));
    }
    return;
  }
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) records.emplace_back(line);
  }
}

// Reads everything, and checks what holds for every batch.
Read read_all(const Texts& paths, RecordFormat forced = RecordFormat::kUnknown,
              std::size_t block_bytes = FileSource::kBlockBytes, const Limits& limits = Limits()) {
  Read read;
  auto source = FileSource::create(paths, forced, limits, block_bytes);
  EXPECT_TRUE(source.has_value()) << source.error().message;
  if (!source) return read;
  std::map<std::string, std::uint64_t> offsets;
  event::Batch batch;
  while ((*source)->next(batch)) {
    const std::string& name = batch.input->name;
    EXPECT_EQ(batch.sequence, read.batches++);
    EXPECT_EQ(read.last[name], 0) << "a batch behind the last of " << name;
    EXPECT_EQ((*source)->reports()[batch.input->index].name, name);
    EXPECT_GE(batch.offset, offsets[name]);
    offsets[name] = batch.offset + batch.buffer.size();
    if (batch.last) ++read.last[name];
    read.content[name] += batch.buffer.view();
    read.capacity_max = std::max(read.capacity_max, batch.buffer.capacity());
    add_records(batch, read.records[name]);
  }
  for (const auto& [name, count] : read.last) EXPECT_EQ(count, 1) << name;
  read.reports = (*source)->reports();
  read.bytes_read = (*source)->bytes_read();
  read.bytes_total = (*source)->bytes_total();
  return read;
}

Texts some_records(int count) {
  Texts records;
  for (int i = 0; i < count; ++i) {
    records.push_back(fmt::format(R"({{"n":{},"text":"}}\"[ é {:0{}}"}})", i, i, i % 200 + 1));
  }
  return records;
}

std::map<std::string, std::string> layouts_of(const Texts& records) {
  return {{"lines", fmt::format("{}\n", fmt::join(records, "\n"))},
          {"lines without the last end", fmt::format("{}", fmt::join(records, "\r\n"))},
          {"marked lines", fmt::format("\xEF\xBB\xBF{}\n", fmt::join(records, "\n"))},
          {"array", fmt::format("[{}]", fmt::join(records, ","))},
          {"printed array", fmt::format("[\n  {}\n]\n", fmt::join(records, ",\n  "))},
          {"records", fmt::format(R"({{"Records":[{}]}})", fmt::join(records, ","))},
          {"alone", fmt::format(R"({{"next":"t","events":[{}]}})", fmt::join(records, ","))},
          {"hits", fmt::format("{{\n\"took\":1,\"hits\":{{\"hits\":[\n{}]}}}}\n",
                               fmt::join(records, ",\n"))}};
}

TEST(FileSource, ReadsEveryLayoutInEveryPacking) {
  const TestFolder folder;
  const Texts records = some_records(300);
  for (const auto& [layout, text] : layouts_of(records)) {
    for (const std::string filter : {"none", "gzip", "zstd", "xz", "bzip2"}) {
      const std::string packed = filter == "none" ? text : compress(filter, text);
      const std::string single = folder.add("single", packed);
      const std::string tar =
          folder.add("t.tar", compress(filter, tar_of({{"d/a.json", text}, {"b", packed}})));
      for (const std::size_t block : {std::size_t{1024}, FileSource::kBlockBytes}) {
        const Read read = read_all({single, tar}, RecordFormat::kUnknown, block);
        const std::string where = fmt::format("{} {} {}", layout, filter, block);
        ASSERT_EQ(read.reports.size(), 3U) << where;
        for (const std::string& name : {single, tar + "/d/a.json", tar + "/b"}) {
          const event::InputReport& report = read.report(name);
          EXPECT_TRUE(read.records.at(name) == records) << where;
          EXPECT_TRUE(report.problems.empty()) << where << report.problems[0].message;
          EXPECT_EQ(report.bytes, text.size()) << where;
          EXPECT_FALSE(report.failed);
        }
        EXPECT_EQ(read.bytes_read, read.bytes_total) << where;
      }
    }
  }
}

TEST(FileSource, KeepsOffsetsAndBytes) {
  const TestFolder folder;
  const std::string text = layouts_of(some_records(500)).at("lines");
  const Read read = read_all({folder.add("a", text)}, RecordFormat::kUnknown, 2048);
  EXPECT_TRUE(read.content.at(folder.path("a")) == text);
  EXPECT_GT(read.batches, 10U);
  EXPECT_LE(read.capacity_max, 2048U * 2);
}

TEST(FileSource, ReadsUtf16) {
  const TestFolder folder;
  const std::string text = layouts_of(some_records(200)).at("array") + "\n";
  std::string little = "\xFF\xFE";
  append_utf16le(text, little);
  std::string big = little;
  for (std::size_t i = 0; i + 1 < big.size(); i += 2) std::swap(big[i], big[i + 1]);
  for (const std::size_t block : {std::size_t{1024}, FileSource::kBlockBytes}) {
    const Read read = read_all({folder.add("little", little), folder.add("big", big),
                                folder.add("packed", compress("gzip", big))},
                               RecordFormat::kUnknown, block);
    ASSERT_EQ(read.records.size(), 3U);
    for (const auto& [name, records] : read.records) {
      EXPECT_TRUE(records == some_records(200)) << name;
      EXPECT_EQ(read.report(name).bytes, text.size());
    }
  }
}

TEST(FileSource, WalksFoldersInOrder) {
  const TestFolder folder;
  folder.add("logs/b.json", "{\"b\":1}\n");
  folder.add("logs/a/z.json", "{\"a\":1}\n");
  folder.add("logs/a.empty", "");
  folder.add("logs/b.blank", " \n\r\n");
  ASSERT_EQ(::symlink(".", folder.path("logs/loop").c_str()), 0);
  ASSERT_EQ(::mkfifo(folder.path("logs/a/pipe").c_str(), 0600), 0);
  ASSERT_EQ(::mkdir(folder.path("none").c_str(), 0700), 0);
  const Read read = read_all({folder.path("logs"), folder.path("none"), folder.path("missing")});
  Texts names;
  for (const event::InputReport& report : read.reports) {
    names.push_back(report.name.substr(folder.path("").size()));
  }
  EXPECT_EQ(names, (Texts{"logs/a.empty", "logs/a/z.json", "logs/b.blank", "logs/b.json",
                          "logs/a/pipe", "none", "missing"}));
  EXPECT_EQ(read.batches, 2U);
  EXPECT_FALSE(read.reports[0].failed);
  EXPECT_FALSE(read.reports[2].failed) << "blank is as good as empty";
  EXPECT_EQ(read.reports[4].problems.size(), 1U) << "a pipe that nobody named is not waited for";
  EXPECT_FALSE(read.reports[5].failed);
  EXPECT_TRUE(read.reports[6].failed);
  EXPECT_EQ(read.reports[6].problems.size(), 1U);
}

TEST(FileSource, RefusesWhenNothingIsThere) {
  EXPECT_FALSE(FileSource::create({}, RecordFormat::kUnknown, Limits()));
  const auto missing = FileSource::create({"/no/such/log"}, RecordFormat::kUnknown, Limits());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
}

TEST(FileSource, SkipsWhatIsNoLogAndSaysSo) {
  const TestFolder folder;
  const std::string junk(5000, '\x01');
  const Read read =
      read_all({folder.add("junk", junk), folder.add("packed", compress("zstd", junk)),
                folder.add("good", "{}\n")});
  EXPECT_EQ(read.batches, 1U);
  for (const std::string name : {"junk", "packed"}) {
    const event::InputReport& report = read.report(folder.path(name));
    EXPECT_TRUE(report.failed);
    ASSERT_EQ(report.problems.size(), 1U);
    EXPECT_NE(report.problems[0].hint.find("--input-format"), std::string::npos);
  }
}

TEST(FileSource, GivesTheRecordsBeforeTheDamage) {
  const TestFolder folder;
  const Texts records = some_records(3000);
  const std::string text = layouts_of(records).at("lines");
  for (const std::string filter : {"gzip", "zstd"}) {
    const std::string packed = compress(filter, text);
    std::string corrupt = packed;
    corrupt[packed.size() / 2] ^= 0x55;
    const std::string cut =
        folder.add(filter + " cut",
                   packed.substr(0, filter == "gzip" ? packed.size() / 2 : packed.size() - 6));
    const std::string bad = folder.add(filter + " bad", corrupt);
    const Read read = read_all({cut, bad}, RecordFormat::kJsonLines);
    for (const std::string& name : {cut, bad}) {
      const event::InputReport& report = read.report(name);
      EXPECT_TRUE(report.failed) << name;
      ASSERT_GE(report.problems.size(), 1U) << name;
      EXPECT_NE(report.problems[0].message.find(filter), std::string::npos) << name;
    }
    const Texts& before = read.records.at(cut);
    ASSERT_GT(before.size(), filter == "gzip" ? 1000U : 100U) << filter;
    EXPECT_TRUE(std::equal(before.begin(), before.end() - 1, records.begin())) << filter;
  }
}

TEST(FileSource, FindsWhatFollowsACompressedStream) {
  const TestFolder folder;
  const Texts records = some_records(3);
  const std::string text = layouts_of(records).at("lines");
  for (const std::string filter : {"gzip", "zstd", "xz", "bzip2"}) {
    const std::string packed = compress(filter, text);
    const Read read = read_all({folder.add("two", packed + packed)});
    EXPECT_EQ(read.all_records().size(), 6U) << filter;
    EXPECT_TRUE(read.reports[0].problems.empty()) << filter;
  }
  const std::string packed = compress("gzip", text);
  EXPECT_FALSE(read_all({folder.add("padded", packed + std::string(9, '\0'))}).reports[0].failed);
  const Read tail = read_all({folder.add("tail", packed + "tail")});
  EXPECT_TRUE(tail.reports[0].failed);
  EXPECT_EQ(tail.all_records(), records);
}

TEST(FileSource, TrustsNoNameInAnArchive) {
  const TestFolder folder;
  const std::string line = "{\"a\":1}\n";
  const std::string tar = tar_of({{"../../../outside", line},
                                  {"/abs", line},
                                  {"esc\x1B[31m\n", line},
                                  {"link", "", '2'},
                                  {"dir/", "", '5'},
                                  {"\xFF\xFE", line},
                                  {"fifo", "", '6'},
                                  {"hard", "", '1'},
                                  {std::string(99, 'n'), line}});
  const std::string path = folder.add("t", tar);
  const Read read = read_all({path});
  Texts names;
  for (const event::InputReport& report : read.reports) names.push_back(report.name);
  EXPECT_EQ(names, (Texts{path + "/../../../outside", path + "//abs", path + "/esc\\x1b[31m\\x0a",
                          path + "/\xFF\xFE", path + "/" + std::string(99, 'n')}));
  EXPECT_EQ(read.all_records().size(), 5U);
  EXPECT_NE(::access(folder.path("../../../outside").c_str(), F_OK), 0);
}

TEST(FileSource, GoesOnBehindABrokenArchive) {
  const TestFolder folder;
  const std::string line = "{\"a\":1}\n";
  const std::string tar = tar_of({{"a", line}, {"b", std::string(9000, ' ') + line}});
  const Read read = read_all({folder.add("t", tar.substr(0, 5000)), folder.add("z", line)});
  EXPECT_EQ(read.records.at(folder.path("t/a")).size(), 1U);
  EXPECT_EQ(read.records.at(folder.path("z")).size(), 1U);
  EXPECT_TRUE(read.report(folder.path("t/b")).failed);
}

TEST(FileSource, BoundsLayers) {
  const TestFolder folder;
  std::string text = "{\"a\":1}\n";
  for (std::size_t i = 0; i < Limits{}.packing_layers_max; ++i) text = compress("gzip", text);
  EXPECT_EQ(read_all({folder.add("most", text)}).all_records().size(), 1U);
  const Read read = read_all({folder.add("more", compress("gzip", text))});
  EXPECT_EQ(read.batches, 0U);
  EXPECT_TRUE(read.reports[0].failed);
}

TEST(FileSource, StopsAtABomb) {
  const TestFolder folder;
  // 1 GiB of blanks, in members.
  const std::string member = compress("gzip", std::string(std::size_t{64} << 20, ' '));
  std::string bomb;
  for (int i = 0; i < 16; ++i) bomb += member;
  const Read read = read_all({folder.add("bomb", bomb)}, RecordFormat::kJsonLines);
  EXPECT_TRUE(read.reports[0].failed);
  EXPECT_LT(read.reports[0].bytes, std::uint64_t{200} << 20);
  EXPECT_LE(read.capacity_max, Limits().record_bytes_max + FileSource::kBlockBytes);
  bool said = false;
  for (const Diagnostic& problem : read.reports[0].problems) {
    said = said || problem.message.find("bomb") != std::string::npos;
  }
  EXPECT_TRUE(said);
}

TEST(FileSource, BoundsALineFromAPipe) {
  const TestFolder folder;
  const std::string pipe = folder.path("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&pipe] {
    const int descriptor = ::open(pipe.c_str(), O_WRONLY | O_CLOEXEC);
    const std::string part(std::size_t{1} << 20, 'x');
    const auto write = [&](std::string_view bytes) {
      while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
        ASSERT_GT(count, 0);
        bytes.remove_prefix(static_cast<std::size_t>(count));
      }
    };
    write("{\"a\":1}\n{\"b\":\"");
    for (int i = 0; i < 100; ++i) write(part);
    write("\"}\n{\"c\":1}\n");
    ::close(descriptor);
  });
  const Read read = read_all({pipe}, RecordFormat::kJsonLines);
  writer.join();
  EXPECT_EQ(read.all_records(), (Texts{R"({"a":1})", R"({"c":1})"}));
  EXPECT_EQ(read.reports[0].skipped, 1U);
  ASSERT_EQ(read.reports[0].problems.size(), 1U);
  EXPECT_EQ(read.reports[0].problems[0].place.offset, 8U);
  EXPECT_LE(read.capacity_max, Limits().record_bytes_max + FileSource::kBlockBytes);
  EXPECT_EQ(read.bytes_total, 0U);
}

TEST(FileSource, HandsOnWhatALiveStreamHas) {
  const TestFolder folder;
  const std::string pipe = folder.path("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const int writer = ::open(pipe.c_str(), O_RDWR | O_CLOEXEC);
  auto source = FileSource::create({pipe}, RecordFormat::kUnknown, Limits());
  ASSERT_TRUE(source);
  event::Batch batch;
  for (const std::string_view line : {"{\"a\":1}\n", "{\"b\":2}\n"}) {
    ASSERT_EQ(::write(writer, line.data(), line.size()), static_cast<ssize_t>(line.size()));
    ASSERT_TRUE((*source)->next(batch));
    EXPECT_EQ(batch.buffer.view(), line);
    EXPECT_FALSE(batch.last);
  }
  ::close(writer);
  ASSERT_TRUE((*source)->next(batch));
  EXPECT_TRUE(batch.last);
  EXPECT_FALSE((*source)->next(batch));
}

TEST(FileSource, KnowsWhenAnInputWasWritten) {
  const TestFolder folder;
  const std::string path = folder.add("a.json", "{}\n");
  constexpr time_t kSecond = 1'700'000'000;
  const timespec times[2] = {{kSecond, 0}, {kSecond, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  auto source = FileSource::create({path}, RecordFormat::kUnknown, Limits());
  ASSERT_TRUE(source);
  event::Batch batch;
  ASSERT_TRUE((*source)->next(batch));
  EXPECT_EQ(batch.input->written, kSecond * kNsPerSecond);
}

TEST(FileSource, GivesZeekHeadersToLaterBatches) {
  const TestFolder folder;
  const std::string header = "#separator \\x09\n#path\tconn\n#fields\tts\tuid\n";
  std::string text = header;
  for (int i = 0; i < 1000; ++i) text += fmt::format("{}.0\tC{}\n", i, i);
  const auto source = FileSource::create({folder.add("conn.log", text)}, RecordFormat::kUnknown,
                                         Limits(), FileSource::kBlockBytesMin);
  ASSERT_TRUE(source);
  event::Batch batch;
  ASSERT_TRUE((*source)->next(batch));
  EXPECT_EQ(batch.preamble, nullptr);
  ASSERT_TRUE((*source)->next(batch));
  ASSERT_NE(batch.preamble, nullptr);
  EXPECT_EQ(*batch.preamble, header);
}

}  // namespace
}  // namespace vedette::ingest
