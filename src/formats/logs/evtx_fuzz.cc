// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "formats/logs/evtx.h"
#include "formats/logs/evtx_by_tree.h"

namespace vedette {

// Bit 0 of the first byte asks for carved records; the file follows.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  event::FieldTree::Builder builder;
  event::Slot slots = 0;
  for (const auto* path :
       {"Event.System.EventID", "Event.System.Provider.#attributes.Name", "Event.EventData.Image",
        "Event.EventData.Data", "Event.UserData.*.Name"}) {
    builder.add(path, slots++, 0);
  }
  const event::FieldTree tree = std::move(builder).build();
  const Limits limits;
  event::Batch batch;
  batch.buffer.reserve(size);
  std::memcpy(batch.buffer.data(), data + 1, size - 1);
  batch.buffer.set_size(size - 1);
  formats::logs::EvtxDecoder decoder(tree, limits, (data[0] & 1) != 0);
  event::Event event(slots);
  std::vector<event::NamedValue> listed;
  decoder.start(batch);
  for (; decoder.next(event); listed.clear()) {
    decoder.everything(event, listed);
    CHECK(formats::logs::evtx::lists_like_tree(batch, event, listed, limits));
  }
  return 0;
}

}  // namespace vedette
