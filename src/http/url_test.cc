// SPDX-License-Identifier: Apache-2.0
#include "http/url.h"

#include <gtest/gtest.h>

namespace vedette::http {
namespace {

TEST(Url, PartsAreThoseThatAreAsked) {
  EXPECT_EQ(host_of("https://ann@r.example:1/a@b?c"), "r.example:1");
  EXPECT_EQ(host_of("r.example"), "r.example");
  EXPECT_EQ(origin_of("https://r.example:1?c"), "https://r.example:1");
}

TEST(Url, OnlyWhatNobodyElseReadsIsSafe) {
  for (const char* url :
       {"https://r.example/a", "http://127.0.0.1:80/", "http://[::1]:80", "http://localhost/x"})
    EXPECT_TRUE(is_safe(url)) << url;
  for (const char* url : {"http://r.example/a", "http://127.0.0.1.r.example/", "https://",
                          "http://localhost.r.example", "http://127.0.0.1@r.example/",
                          "https://ann@r.example/", "ftp://127.0.0.1/", "r.example", ""})
    EXPECT_FALSE(is_safe(url)) << url;
}

TEST(Url, ShownUrlsHoldNoSecrets) {
  EXPECT_EQ(shown_url("https://ann:word@r.example/a/b?signature=x"), "https://r.example/a/b");
  EXPECT_EQ(shown_url("https://r.example?x"), "https://r.example");
  EXPECT_EQ(shown_url("r.example/a@b"), "r.example/a@b");
}

}  // namespace
}  // namespace vedette::http
