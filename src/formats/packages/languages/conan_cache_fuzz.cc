// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"
#include "formats/packages/languages/languages.h"

// Recipes too: what is no database is read as one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace packages = vedette::formats::packages;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const bool is_database = bytes.starts_with("SQLite");
  const auto list = is_database ? packages::read_conan_cache("p/cache.sqlite3", bytes, {})
                                : packages::read_conanfile_recipe("conanfile.py", bytes, {});
  for (const auto& package : list.packages) CHECK(!package.name.empty());
  return 0;
}
