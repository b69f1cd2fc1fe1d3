// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "formats/forge/forge_answer.h"

// Any bytes as each kind of answer: no crash, and a next page is a part of what was given.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace forge = vedette::formats::forge;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const forge::Forge which : {forge::Forge::kGithub, forge::Forge::kGitlab}) {
    const auto comments = forge::read_comments(which, bytes, {});
    if (comments && comments->size() > size) __builtin_trap();
    static_cast<void>(forge::read_comment(which, bytes, {}));
    static_cast<void>(forge::read_user(which, bytes, {}));
  }
  if (forge::read_refusal(bytes, {}).size() > size) __builtin_trap();
  static_cast<void>(forge::read_event(bytes, {}));
  if (forge::next_page(bytes).size() > size) __builtin_trap();
  return 0;
}
