// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstring>

#include "base/result.h"
#include "formats/logs/json.h"

namespace vedette {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  event::FieldTree::Builder builder;
  builder.add("a", 0, 0);
  builder.add("b.c", 1, 0);
  builder.add("d.*.e", 2, 1);
  const event::FieldTree tree = std::move(builder).build();
  const Limits limits;
  formats::logs::JsonDecoder decoder(tree, limits);
  auto input = std::make_shared<event::Input>();
  input->format = event::RecordFormat::kJsonLines;
  event::Batch batch;
  batch.input = input;
  batch.buffer.reserve(size);
  if (size != 0) std::memcpy(batch.buffer.data(), data, size);
  batch.buffer.set_size(size);
  event::Event event(3);
  decoder.start(batch);
  std::vector<event::NamedValue> all;
  while (decoder.next(event)) {
    CHECK(event.offset < size);
    for (event::Slot slot = 0; slot < 3; ++slot) event::text_of(event[slot], event.arena());
    all.clear();
    decoder.everything(event, all);
    for (const event::NamedValue& named : all) event::text_of(named.value, event.arena());
  }
  CHECK(decoder.problems().size() <= decoder.records());
  return 0;
}

}  // namespace vedette
