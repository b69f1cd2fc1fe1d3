// SPDX-License-Identifier: Apache-2.0
#include "engine/live/capture_source.h"

#include <utility>

#include "ingest/file_source.h"

namespace vedette::engine {

Result<std::unique_ptr<event::Source>> open_captures(const std::vector<std::string>& files,
                                                     const Limits& limits) {
  TRY(std::unique_ptr<event::Source> source,
      ingest::FileSource::create(files, event::RecordFormat::kUnknown, limits));
  return source;
}

}  // namespace vedette::engine
