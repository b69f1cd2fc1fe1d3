// SPDX-License-Identifier: Apache-2.0
#include "base/mapped_file.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace vedette {
namespace {

class MappedFileTest : public testing::Test {
 protected:
  MappedFileTest() {
    std::string name = (std::filesystem::temp_directory_path() / "mapped_file.XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = folder_ + "/file";
    std::ofstream(path_, std::ios::binary) << std::string(kSize, 'x');
  }
  ~MappedFileTest() override { std::filesystem::remove_all(folder_); }

  static constexpr std::size_t kSize = 1 << 20;
  std::string folder_;
  std::string path_;
};

TEST_F(MappedFileTest, WhatIsCutWhileItIsReadReadsAsZeros) {
  const auto file = MappedFile::open(path_, 0, MappedFile::Cuts::kSurvived);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->bytes().size(), kSize);
  EXPECT_EQ(file->bytes()[kSize - 1], 'x');
  EXPECT_FALSE(file->was_cut());
  std::filesystem::resize_file(path_, 8192);
  EXPECT_EQ(file->bytes().find('\0'), 8192U);
  EXPECT_TRUE(file->was_cut());
  EXPECT_EQ(file->bytes()[kSize - 1], '\0');
  file->release();
  EXPECT_EQ(file->bytes()[8191], 'x');
}

TEST_F(MappedFileTest, GuardsAreGivenBackAndHaveABound) {
  for (std::size_t i = 0; i < 2 * CutGuard::kFilesMax; ++i)
    ASSERT_TRUE(MappedFile::open(path_, 0, MappedFile::Cuts::kSurvived));
  std::vector<MappedFile> files;
  for (std::size_t i = 0; i < CutGuard::kFilesMax; ++i) {
    auto file = MappedFile::open(path_, 0, MappedFile::Cuts::kSurvived);
    ASSERT_TRUE(file);
    files.push_back(std::move(*file));
  }
  const auto more = MappedFile::open(path_, 0, MappedFile::Cuts::kSurvived);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, ErrorCode::kLimit);
  files.clear();
  EXPECT_TRUE(MappedFile::open(path_, 0, MappedFile::Cuts::kSurvived));
}

}  // namespace
}  // namespace vedette
