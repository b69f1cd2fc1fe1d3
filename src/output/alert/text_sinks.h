// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "output/alert/formats.h"

namespace vedette::output {

// tsv: input path, record number from 1 and rule id, separated by tabs; one line a match, nothing
// else. A correlation stands at the place of its newest event. Control bytes in a path become '?',
// so that a hostile file name cannot forge a line. Asks for no details and allocates nothing per
// alert.
Result<std::unique_ptr<event::Sink>> make_tsv_sink(const SinkOptions& options);

// csv: RFC 4180 with a header line and CRLF; csv.h says what becomes of hostile text.
Result<std::unique_ptr<event::Sink>> make_csv_sink(const SinkOptions& options);

}  // namespace vedette::output
