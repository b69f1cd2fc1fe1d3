// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace vedette::formats::logs::evtx {

// CRC-32 as in zlib (polynomial 0xEDB88320, reflected), of `bytes` behind those that gave `before`.
std::uint32_t checksum(std::string_view bytes, std::uint32_t before = 0);

}  // namespace vedette::formats::logs::evtx
