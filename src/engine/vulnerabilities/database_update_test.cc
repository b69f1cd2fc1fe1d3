// SPDX-License-Identifier: Apache-2.0
#include "engine/vulnerabilities/database_update.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/vulnerabilities/database_build.h"
#include "http/test_server.h"
#include "vulnerabilities/database.h"

namespace vedette::engine {
namespace {

namespace fs = std::filesystem;
using http::TestRequest;
using http::TestServer;

constexpr std::size_t kFileMax = std::size_t{1} << 24;

class DatabaseUpdateTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "database_update_test.XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    fs::create_directories(folder_ / "mirror");
    make_keys("own");
    make_keys("other");
    build("old.db", 200);
    build("new.db", 220);
    publish("own");
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string content(const std::string& name) const {
    return read_file(path(name), kFileMax).value_or("");
  }

  // Keys are made at run time; none is stored.
  void make_keys(const std::string& name) {
    EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    ASSERT_NE(key, nullptr);
    std::FILE* file = std::fopen(path(name + ".private").c_str(), "w");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    file = std::fopen(path(name + ".public").c_str(), "w");
    PEM_write_PUBKEY(file, key);
    std::fclose(file);
    EVP_PKEY_free(key);
  }
  void build(const std::string& name, int records) {
    fs::remove_all(folder_ / "osv");
    fs::create_directories(folder_ / "osv");
    for (int i = 0; i < records; ++i) {
      const std::string number = std::to_string(1000 + i);
      std::ofstream(folder_ / "osv" / (number + ".json"))
          << R"({"id": "A-)" << number << R"(", "modified": "2024-01-02T00:00:00Z", "summary": ")"
          << std::string(300, static_cast<char>('a' + i % 26)) << number << R"("})";
    }
    const std::atomic<bool> stop = false;
    ASSERT_TRUE(build_database({{path("osv")}, path(name), Limits()}, stop).has_value());
  }
  void publish(const std::string& key) {
    const Result<void> done = publish_database(
        {path("new.db"), {path("old.db")}, path(key + ".private"), path("mirror")});
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }

  std::string serve(const http::TestRequest& request) {
    const std::size_t from = request.head.find('/') + 1;
    const std::string name = request.head.substr(from, request.head.find(' ', from) - from);
    if (!fs::exists(folder_ / "mirror" / name)) return http::TestServer::answer(404);
    std::string body = content("mirror/" + name);
    const std::string range = request.header("Range");
    if (!range.empty()) {
      const std::size_t at = std::stoul(range.substr(6));
      return http::TestServer::answer(206, body.substr(at));
    }
    if (cut_ != 0 && name.ends_with(".zst")) {
      // The length of all of it, and then not all of it: the connection ends.
      const std::string whole = http::TestServer::answer(200, body, "Connection: close\r\n");
      return whole.substr(0, whole.size() - body.size() + cut_);
    }
    return http::TestServer::answer(200, body);
  }
  Result<DatabaseUpdateReport> update(const std::string& key = "own") {
    DatabaseUpdateOptions options;
    http::TestServer server([this](const http::TestRequest& request) { return serve(request); });
    options.http.url = server.url();
    // A connection that says no more is given up.
    options.http.timeout_ms = 1000;
    options.key = path(key + ".public");
    options.database = path("v.db");
    const std::atomic<bool> stop = false;
    return update_database(options, stop);
  }
  std::size_t parts() const {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(folder_))
      count += entry.path().extension() == ".part" ? 1 : 0;
    return count;
  }

  fs::path folder_;
  std::size_t cut_ = 0;
};

TEST_F(DatabaseUpdateTest, GetsAllAndThenOnlyWhatIsNew) {
  const auto all = update();
  ASSERT_TRUE(all.has_value()) << all.error().message;
  EXPECT_FALSE(all->by_delta);
  EXPECT_EQ(content("v.db"), content("new.db"));
  const auto again = update();
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->was_current);
  EXPECT_EQ(again->downloaded, 0U);
  fs::copy_file(path("old.db"), path("v.db"), fs::copy_options::overwrite_existing);
  const auto delta = update();
  ASSERT_TRUE(delta.has_value()) << delta.error().message;
  EXPECT_TRUE(delta->by_delta);
  EXPECT_LT(delta->downloaded, all->downloaded / 2);
  EXPECT_EQ(content("v.db"), content("new.db"));
  EXPECT_EQ(parts(), 0U);
}

TEST_F(DatabaseUpdateTest, ResumesWhereTheConnectionBroke) {
  cut_ = 500;
  EXPECT_FALSE(update().has_value());
  EXPECT_FALSE(fs::exists(path("v.db")));
  EXPECT_EQ(parts(), 1U);
  cut_ = 0;
  const auto report = update();
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->resumed, 500U);
  EXPECT_EQ(content("v.db"), content("new.db"));
  EXPECT_EQ(parts(), 0U);
}

TEST_F(DatabaseUpdateTest, NothingIsBelievedThatIsNotSigned) {
  EXPECT_FALSE(update("other").has_value());
  std::ofstream(path("mirror/latest"), std::ios::app) << '\n';
  EXPECT_FALSE(update().has_value());
  publish("own");
  for (const auto& entry : fs::directory_iterator(folder_ / "mirror")) {
    if (entry.path().extension() != ".zst") continue;
    std::string bytes = read_file(entry.path().string(), kFileMax).value_or("");
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    std::ofstream(entry.path(), std::ios::binary) << bytes;
  }
  EXPECT_FALSE(update().has_value());
  EXPECT_FALSE(fs::exists(path("v.db")));
  EXPECT_EQ(parts(), 0U);
}

TEST_F(DatabaseUpdateTest, NothingOlderIsTaken) {
  std::ofstream(folder_ / "osv" / "later.json")
      << R"({"id": "B-1", "modified": "2025-01-02T00:00:00Z"})";
  const std::atomic<bool> stop = false;
  ASSERT_TRUE(build_database({{path("osv")}, path("v.db"), Limits()}, stop).has_value());
  const std::string before = content("v.db");
  EXPECT_FALSE(update().has_value());
  EXPECT_EQ(content("v.db"), before);
}

TEST_F(DatabaseUpdateTest, OtherHostsNeedHttps) {
  DatabaseUpdateOptions options;
  options.http.url = "http://mirror.example/";
  options.key = path("own.public");
  options.database = path("v.db");
  const std::atomic<bool> stop = false;
  EXPECT_EQ(update_database(options, stop).error().code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace vedette::engine
