// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "formats/archive/archive.h"
#include "formats/archive/zip_views.h"

// Classes in a jar.
namespace vedette::formats::packages {

inline constexpr std::size_t kClassBytesMax = std::size_t{16} << 20;

// Whether it is a class, and not what describes a package or a module.
inline bool is_class_member(std::string_view name) {
  return name.ends_with(".class") && !name.ends_with("package-info.class") &&
         !name.ends_with("module-info.class");
}

// What is unpacked counts for `expansion`.
inline Result<std::string> unpack_class(const archive::ZipMember& member,
                                        archive::Expansion& expansion) {
  TRY(std::string bytes, archive::unpack_whole_member(member, kClassBytesMax));
  TRY_VOID(expansion.add_made(bytes.size(), member.packed.size(), bytes.size()));
  return bytes;
}

}  // namespace vedette::formats::packages
