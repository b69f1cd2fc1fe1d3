// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/installed/known_programs.h"

#include <gtest/gtest.h>
#include <string>

namespace vedette::formats::packages {
namespace {

using std::literals::string_literals::operator""s;

std::string found(std::string_view path, const std::string& text) {
  const auto known = known_program(path,
                                   "\x7f"
                                   "ELF\0"s +
                                       text + "\0"s);
  return known ? std::string(known->package) + " " + known->version : "";
}

// The texts are those of Debian 12's programs.
TEST(KnownProgramsTest, TellVersions) {
  EXPECT_EQ(found("usr/sbin/nginx", "nginx version: nginx/1.22.1"), "nginx 1.22.1");
  EXPECT_EQ(found("usr/local/bin/python3.11", "1.2.13\0003.11.2\0"s), "python 3.11.2");
  EXPECT_EQ(found("usr/lib/libpython3.11.so.1.0", "1.2.13\0003.11.2\0"s), "python 3.11.2");
  EXPECT_EQ(found("usr/bin/perl", "1.1\0v5.36.0\0"s), "perl 5.36.0");
  EXPECT_EQ(found("php8.2", "X-Powered-By: PHP/8.2.36"), "php 8.2.36");
  EXPECT_EQ(found("apache2", "Apache/2.4\0Apache/2.4.71 (Debian)"s), "httpd 2.4.71");
  EXPECT_EQ(found("mariadbd", "10.11.19-MariaDB"), "mariadb 10.11.19");
  EXPECT_EQ(found("postgres", "PostgreSQL 15.20 (Debian 15.20-0+deb12u1)"), "postgresql 15.20");
  EXPECT_EQ(found("openssl", "OpenSSL 3.0.22 25 Aug 2026"), "openssl 3.0.22");
  EXPECT_EQ(found("libcrypto.so.1.1", "OpenSSL 1.1.1w  11 Sep 2023"), "openssl 1.1.1w");
  EXPECT_EQ(found("haproxy", "0.0.0.0\0002.6.12-1+deb12u4"s), "haproxy 2.6.12");
  EXPECT_EQ(found("curl", "curl 7.88.1 (x86_64-pc-linux-gnu) %s"), "curl 7.88.1");
  EXPECT_EQ(found("libcurl.so.4.8.0", "libcurl/7.88.1"), "curl 7.88.1");
  EXPECT_EQ(found("ruby", "ruby 3.1.2p20 (2022-04-12 revision 4491bb740a)"), "ruby 3.1.2p20");
  EXPECT_EQ(found("libnode.so.108", "node.js/v18.20.4"), "node 18.20.4");
  EXPECT_EQ(found("redis-server", "2.6.0\0007.0.15\0A7.0.151790282056"s), "redis 7.0.15");
}

TEST(KnownProgramsTest, AreNotGuessed) {
  EXPECT_EQ(found("usr/bin/python3.10", "3.11.2"), "");
  EXPECT_EQ(found("usr/bin/python", "3.11.2"), "");
  EXPECT_EQ(found("usr/sbin/nginx", "nginx/%s 1.22.1"), "");
  EXPECT_EQ(found("redis-server", "2.6.0\0007.0.15\0"s), "");
  EXPECT_EQ(found("usr/bin/perl5.36-x86_64-linux-gnu", "v5.36.0"), "");
  EXPECT_FALSE(is_known_program_name("usr/lib/libm.so.6"));
  EXPECT_FALSE(is_known_program_name("usr/bin/pythonic"));
  EXPECT_TRUE(is_known_program_name("usr/lib/libssl.so.3"));
}

}  // namespace
}  // namespace vedette::formats::packages
