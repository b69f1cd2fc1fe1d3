// SPDX-License-Identifier: Apache-2.0
#include "rules/secret/gitleaks.h"
#include "rules/secret/pack_file.h"

// The input is the file and all that it extends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace secret = vedette::rules::secret;
  const std::string text(reinterpret_cast<const char*>(data), size);
  secret::LoadOptions options;
  options.default_pack = "default.toml";
  options.read = [&](const std::string&) -> vedette::Result<std::string> { return text; };
  const std::vector<std::string> paths = {"a.toml", "b.toml"};
  for (const secret::SecretRule& rule : secret::load(paths, options).rules) {
    CHECK(secret::fault_of(rule).empty());
  }
  return 0;
}
