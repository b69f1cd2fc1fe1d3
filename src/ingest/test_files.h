// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

// Files for the tests of this folder: made where they are used, gone afterwards.
namespace vedette::ingest {

class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "ingest_test.XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::string path(const std::string& name) const { return path_ + "/" + name; }
  std::string add(const std::string& name, std::string_view content) const {
    const std::string where = path(name);
    std::filesystem::create_directories(std::filesystem::path(where).parent_path());
    std::ofstream(where, std::ios::binary) << content;
    return where;
  }

 private:
  std::string path_;
};

// `text` through libarchive's filter of that name; "none" changes nothing. Tests alone write
// archives, so this is not in formats/archive.
inline std::string compress(const std::string& filter, std::string_view text) {
  if (filter == "none") return std::string(text);
  ::archive* const handle = archive_write_new();
  std::string packed(text.size() + text.size() / 8 + 65536, '\0');
  std::size_t used = 0;
  EXPECT_EQ(archive_write_add_filter_by_name(handle, filter.c_str()), ARCHIVE_OK) << filter;
  archive_write_set_format_raw(handle);
  // One block is padded to none.
  archive_write_set_bytes_per_block(handle, 0);
  EXPECT_EQ(archive_write_open_memory(handle, packed.data(), packed.size(), &used), ARCHIVE_OK);
  archive_entry* const entry = archive_entry_new();
  archive_entry_set_pathname(entry, "text");
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_write_header(handle, entry);
  archive_write_data(handle, text.data(), text.size());
  archive_entry_free(entry);
  EXPECT_EQ(archive_write_close(handle), ARCHIVE_OK);
  archive_write_free(handle);
  packed.resize(used);
  return packed;
}

struct TarMember {
  std::string name;  // at most 99 bytes
  std::string content;
  char type = '0';
};

// An archive of libarchive's format of that name ("zip", "7zip"), to which `options` apply.
inline std::string archive_of(const std::string& format,
                              const std::vector<std::pair<std::string, std::string>>& members,
                              const std::string& options = "") {
  ::archive* const handle = archive_write_new();
  std::size_t size = 1 << 20;
  for (const auto& [name, content] : members) size += content.size() + 1024;
  std::string packed(size, '\0');
  std::size_t used = 0;
  EXPECT_EQ(archive_write_set_format_by_name(handle, format.c_str()), ARCHIVE_OK);
  EXPECT_EQ(archive_write_set_options(handle, options.c_str()), ARCHIVE_OK) << options;
  archive_write_set_passphrase(handle, "of a test");
  EXPECT_EQ(archive_write_open_memory(handle, packed.data(), packed.size(), &used), ARCHIVE_OK);
  for (const auto& [name, content] : members) {
    archive_entry* const entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    EXPECT_EQ(archive_write_header(handle, entry), ARCHIVE_OK) << name;
    archive_write_data(handle, content.data(), content.size());
    archive_entry_free(entry);
  }
  EXPECT_EQ(archive_write_close(handle), ARCHIVE_OK);
  archive_write_free(handle);
  packed.resize(used);
  return packed;
}

// A ustar archive, written by hand so that it can hold what no archiver would write.
inline std::string tar_of(const std::vector<TarMember>& members) {
  std::string tar;
  for (const TarMember& member : members) {
    std::string header(512, '\0');
    const auto put = [&header](std::size_t at, std::string_view text) {
      header.replace(at, text.size(), text);
    };
    const auto octal = [](std::size_t value) {
      std::string digits;
      for (int i = 0; i < 11; ++i, value /= 8) {
        digits.insert(digits.begin(), static_cast<char>('0' + value % 8));
      }
      return digits;
    };
    put(0, member.name);
    put(100, "0000644");
    put(124, octal(member.content.size()));
    put(136, octal(0));
    put(148, "        ");
    header[156] = member.type;
    if (member.type == '1' || member.type == '2') put(157, "/etc/passwd");
    put(257, std::string_view("ustar\00000", 8));
    std::size_t sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    put(148, octal(sum).substr(5) + std::string("\0 ", 2));
    tar += header + member.content;
    tar.resize((tar.size() + 511) / 512 * 512);
  }
  return tar + std::string(1024, '\0');
}

}  // namespace vedette::ingest
