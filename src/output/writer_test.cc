// SPDX-License-Identifier: Apache-2.0
#include "output/writer.h"

#include <array>
#include <fcntl.h>
#include <filesystem>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

namespace vedette::output {
namespace {

TEST(Writer, FileAppearsWholeOrNotAtAll) {
  const std::string path = testing::TempDir() + "vedette_writer.txt";
  std::filesystem::remove(path);
  const std::string large(Writer::kFlushBytes + 1, 'x');
  {
    Result<Writer> dropped = Writer::to_file(path);
    ASSERT_TRUE(dropped.has_value());
    ASSERT_TRUE(dropped->write(large).has_value());
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  Result<Writer> writer = Writer::to_file(path);
  ASSERT_TRUE(writer.has_value());
  ASSERT_TRUE(writer->write(large).has_value());
  ASSERT_TRUE(writer->write("end").has_value());
  EXPECT_FALSE(std::filesystem::exists(path));
  ASSERT_TRUE(writer->finish().has_value());
  EXPECT_EQ(writer->bytes_written(), large.size() + 3);
  EXPECT_EQ(read_file(path, 1 << 20).value_or(""), large + "end");
  std::filesystem::remove(path);
}

TEST(Writer, BuffersAndReportsAClosedDescriptor) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  Writer writer = Writer::to_descriptor(ends[1]);
  ASSERT_TRUE(writer.write("one").has_value());
  ASSERT_TRUE(writer.flush().has_value());
  std::array<char, 8> got{};
  EXPECT_EQ(::read(ends[0], got.data(), got.size()), 3);
  ::close(ends[0]);
  ::close(ends[1]);
  ASSERT_TRUE(writer.write("two").has_value());  // still in the buffer
  EXPECT_FALSE(writer.finish().has_value());
}

TEST(Writer, WritesToAPipeByNameAndLeavesIt) {
  const std::string path = testing::TempDir() + "vedette_writer_pipe";
  ::unlink(path.c_str());
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  Result<Writer> writer = Writer::to_file(path);
  ASSERT_TRUE(writer.has_value());
  ASSERT_TRUE(writer->write("one line\n").has_value());
  ASSERT_TRUE(writer->finish().has_value());
  std::array<char, 32> shown{};
  const ssize_t size = ::read(reader, shown.data(), shown.size());
  EXPECT_EQ(std::string_view(shown.data(), static_cast<std::size_t>(size)), "one line\n");
  ::close(reader);
  EXPECT_TRUE(std::filesystem::is_fifo(path));
  std::filesystem::remove(path);
}

TEST(Writer, SaysWhyAFileCannotBeMade) {
  const Result<Writer> writer = Writer::to_file("/no/such/folder/report.html");
  ASSERT_FALSE(writer.has_value());
  EXPECT_NE(writer.error().message.find("/no/such/folder/report.html"), std::string::npos);
}

}  // namespace
}  // namespace vedette::output
