// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstddef>
#include <cstdint>

#include "scan/models/model_scanner.h"

// The first byte chooses a name, by which texts are known; any bytes after it: no crash.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array<std::string_view, 10> kNames = {"a.py",
                                                       "m.pt/code/__torch__.py",
                                                       "a.yaml",
                                                       "MLmodel",
                                                       "requirements.txt",
                                                       "a.jinja",
                                                       "a.json",
                                                       "a.xml",
                                                       "a.pbtxt",
                                                       "a.ipynb"};
  static const vedette::scan::models::ModelRules kRules;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::vector<vedette::event::Finding> findings;
  vedette::scan::models::ModelScanner(kRules).scan(kNames[data[0] % kNames.size()], bytes,
                                                   findings);
  return 0;
}
