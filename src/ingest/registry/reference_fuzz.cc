// SPDX-License-Identifier: Apache-2.0
#include "ingest/registry/challenge.h"
#include "ingest/registry/reference.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace ingest = vedette::ingest;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto reference = ingest::read_reference(text, "r.example/library")) {
    // What is written in full is the same image.
    const auto again = ingest::read_reference(reference->text(), "");
    CHECK(again && again->text() == reference->text());
    CHECK(reference->repository.find("..") == std::string::npos);
  }
  const auto challenge = ingest::read_challenge(text);
  CHECK(challenge.parameters.size() <= ingest::Challenge::kParametersMax);
  return 0;
}
