// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>
#include <vector>

#include "base/clock.h"
#include "spool/disk.h"
#include "spool/spool.h"

// What the tests of this folder share: a folder that goes away, a clock that is set, a disk that
// runs full.
namespace vedette::spool {

class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "spool_test.XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string path(const std::string& name) const { return path_ + "/" + name; }
  std::vector<std::string> segments(const std::string& folder) const {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".segment") paths.push_back(entry.path().string());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }

 private:
  std::string path_;
};

class TestClock final : public Clock {
 public:
  TimeNs now() const override { return time; }
  TimeNs steady() const override { return time; }
  TimeNs time = 1'000'000 * kNsPerSecond;
};

// Takes `room` bytes and is full; fails to sync when told.
class SmallDisk final : public Disk {
 public:
  Result<std::size_t> write(int descriptor, std::string_view bytes) override {
    const std::size_t taken = std::min<std::uint64_t>(room, bytes.size());
    room -= taken;
    return Disk::write(descriptor, bytes.substr(0, taken));
  }
  Result<void> sync(int descriptor) override {
    ++syncs;
    if (sync_fails) return failure(ErrorCode::kSystem, "the disk is broken");
    return Disk::sync(descriptor);
  }
  std::uint64_t room = UINT64_MAX;
  std::uint64_t syncs = 0;
  bool sync_fails = false;
};

}  // namespace vedette::spool
