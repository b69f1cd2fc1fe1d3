// SPDX-License-Identifier: Apache-2.0
#include "scan/secrets/guessable.h"

#include <gtest/gtest.h>
#include <string>

namespace vedette::scan::secrets {
namespace {

// `text` with the secret between two bars.
bool guessable(std::string text) {
  const std::size_t begin = text.find('|');
  text.erase(begin, 1);
  const std::size_t end = text.find('|');
  text.erase(end, 1);
  const rules::secret::SecretRule rule;
  return is_guessable({rule, text, begin, end - begin, begin, end - begin, {}});
}

TEST(Guessable, KnowsWhatEverybodyTriesFirst) {
  for (const char* text : {"password: |password|", "PASSWORD=|postgres|", "password=|testpassword|",
                           "secret: |somesecret1|", "pw = '|admin123|'", "pin=|123456|",
                           "redis://x:|totallysecret|@db"})
    EXPECT_TRUE(guessable(text)) << text;
}

TEST(Guessable, KnowsTheNameOfTheUserBeside) {
  EXPECT_TRUE(guessable("MYSQL_USER=petclinic\nMYSQL_PASSWORD=|petclinic|\n"));
  EXPECT_TRUE(guessable("password: |orders|\ndatabase: orders\n"));
  EXPECT_FALSE(guessable("MYSQL_USER=clinic\nMYSQL_PASSWORD=|petclinic|\n"));
  // The same password twice is no name of a user.
  EXPECT_FALSE(guessable("root_password: |walnutpie|\nrepeat: walnutpie\n"));
  EXPECT_FALSE(guessable("user: walnutpies\npassword: |walnutpie|\n"));
  EXPECT_FALSE(guessable("user: Kx9mQ2vLp7z\npassword: |Kx9mQ2vLp7z|\n"));
}

TEST(Guessable, LooksIntoAPairInBase64) {
  EXPECT_TRUE(guessable("Authorization: Basic |Zm9vOmJhcg==|"));          // foo:bar
  EXPECT_TRUE(guessable("Authorization: Basic |dXNlcjpwYXNzd29yZA==|"));  // user:password
  EXPECT_FALSE(guessable("Authorization: Basic |YXBwOmt4OW1xMnZscDd6|"));
}

TEST(Guessable, TakesNothingElse) {
  for (const char* text : {"password: |Tr0ub4dor&3|", "password: |correcthorsebattery|", "key=||",
                           "secret: |9f86d081884c7d659a2feaa0c55ad015|", "password: |walnut|",
                           "token: |179512480403381356|", "token: |0021304166987665|"})
    EXPECT_FALSE(guessable(text)) << text;
}

}  // namespace
}  // namespace vedette::scan::secrets
