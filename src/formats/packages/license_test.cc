// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/license.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace vedette::formats::packages {
namespace {

std::string normal(std::string_view written) { return license_expression(written).text; }

TEST(License, ListsAreSorted) {
  const auto small = [](std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
    return out;
  };
  EXPECT_TRUE(std::ranges::is_sorted(license_ids(), {}, small));
  EXPECT_TRUE(std::ranges::is_sorted(license_exception_ids(), {}, small));
}

TEST(License, ExpressionsAreNormalised) {
  EXPECT_EQ(normal("MIT"), "MIT");
  EXPECT_EQ(normal(" mit\n"), "MIT");
  EXPECT_EQ(normal("apache-2.0 or mit"), "Apache-2.0 OR MIT");
  EXPECT_EQ(normal("(MIT AND (BSD-3-Clause OR isc))"), "(MIT AND (BSD-3-Clause OR ISC))");
  EXPECT_EQ(normal("gpl-2.0-only with classpath-exception-2.0"),
            "GPL-2.0-only WITH Classpath-exception-2.0");
  EXPECT_EQ(normal("AFL-2.1+"), "AFL-2.1+");
  EXPECT_EQ(normal("LicenseRef-mine AND MIT"), "LicenseRef-mine AND MIT");
}

TEST(License, NamesOfPeople) {
  EXPECT_EQ(normal("The Apache License, Version 2.0"), "Apache-2.0");
  EXPECT_EQ(normal("Apache License 2.0"), "Apache-2.0");
  EXPECT_EQ(normal("Apache Software License"), "Apache-2.0");
  EXPECT_EQ(normal("MIT License"), "MIT");
  EXPECT_EQ(normal("The MIT License"), "MIT");
  EXPECT_EQ(normal("MIT/X11"), "MIT");
  EXPECT_EQ(normal("MIT/Apache-2.0"), "MIT OR Apache-2.0");
  EXPECT_EQ(normal("GPLv3+"), "GPL-3.0-or-later");
  EXPECT_EQ(normal("Expat"), "MIT");
}

TEST(License, WhatIsUnknownIsSaid) {
  for (const std::string_view text :
       {"GPL", "BSD", "see LICENSE file", "MIT OR", "OR MIT", "(MIT", "MIT)", "MIT WITH nothing",
        "MIT AND Bogus-1.0", "((((((((((((((((((((((((((((((((((MIT", "MIT MIT"}) {
    const LicenseExpression expression = license_expression(text);
    EXPECT_FALSE(expression.is_known) << text;
    ASSERT_EQ(expression.references.size(), 1U) << text;
    EXPECT_TRUE(expression.text.starts_with("LicenseRef-")) << expression.text;
    EXPECT_EQ(expression.references.front().written, text);
    EXPECT_EQ(expression.text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx"
                                                "yz0123456789.-"),
              std::string::npos)
        << expression.text;
  }
  EXPECT_NE(normal("see  LICENSE"), normal("see LICENSE"));
  EXPECT_EQ(normal(""), "");
  EXPECT_LT(normal(std::string(100'000, 'x')).size(), 100U);
}

TEST(License, SeveralHoldTogether) {
  const std::vector<std::string> written = {"MIT", "Apache-2.0 OR ISC", "mit", "odd words"};
  const LicenseExpression all = license_expression(written);
  EXPECT_TRUE(all.text.starts_with("MIT AND (Apache-2.0 OR ISC) AND LicenseRef-odd-words-"));
  EXPECT_FALSE(all.is_known);
  EXPECT_EQ(all.references.size(), 1U);
}

}  // namespace
}  // namespace vedette::formats::packages
