// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

#include "base/result.h"

// The three kinds of file that rpm keeps headers of packages in. Each function hands on one header
// after the other, in the order in which `rpm -qa` tells them, as far as the file can be read; the
// error says what came after. Views end with the call.
namespace vedette::formats::packages {

using RpmBlobSink = std::function<void(std::string_view blob)>;

// Berkeley DB's hash access method, versions 8 to 10, either order of bytes.
bool is_berkeley_hash(std::string_view bytes);
Result<void> read_berkeley_hash(std::string_view bytes, const RpmBlobSink& sink);

// rpm's own: a table of slots, then the headers in blocks of 16 bytes.
bool is_ndb(std::string_view bytes);
Result<void> read_ndb(std::string_view bytes, const RpmBlobSink& sink);

bool is_sqlite(std::string_view bytes);
Result<void> read_rpm_sqlite(std::string_view bytes, const RpmBlobSink& sink);

}  // namespace vedette::formats::packages
