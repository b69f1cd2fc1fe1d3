// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "formats/logs/windows_xml.h"

namespace vedette {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (formats::logs::cut_windows_xml(bytes, false) > size) __builtin_trap();
  event::FieldTree::Builder builder;
  builder.add("Event.System.EventID", 0, 0);
  builder.add("Event.*.Image", 1, 0);
  const event::FieldTree tree = std::move(builder).build();
  const Limits limits;
  event::Batch batch;
  batch.buffer.reserve(size);
  if (size != 0) std::memcpy(batch.buffer.data(), data, size);
  batch.buffer.set_size(size);
  formats::logs::WindowsXmlDecoder decoder(tree, limits);
  event::Event event(2);
  std::vector<event::NamedValue> listed;
  decoder.start(batch);
  for (; decoder.next(event); listed.clear()) decoder.everything(event, listed);
  return 0;
}

}  // namespace vedette
