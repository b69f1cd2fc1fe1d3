// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "scan/secrets/judge.h"

// Four bytes choose the rule and the ranges, the rest is path and content.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace secrets = vedette::scan::secrets;
  constexpr std::string_view kForms[] = {"github", "gitlab", "jwt",  "pem",
                                         "aws",    "slack",  "luhn", "pypi"};
  if (size < 4) return 0;
  vedette::rules::secret::SecretRule rule;
  rule.generic = data[0] % 2 == 0;
  rule.checksum = kForms[data[0] / 2 % 8];
  const std::string_view text(reinterpret_cast<const char*>(data) + 4, size - 4);
  const secrets::FileKind file = secrets::file_kind(text.substr(0, text.find('\n')));
  const std::size_t begin = data[1] % (text.size() + 1);
  const secrets::Candidate candidate{rule,    text, begin, text.size() - begin, begin + data[2],
                                     data[3], file};
  const secrets::Judgement judgement = secrets::judge(candidate);
  CHECK(judgement.probability >= 0 && judgement.probability <= 1);
  CHECK(!judgement.reject || secrets::explain(candidate).empty());
  return 0;
}
