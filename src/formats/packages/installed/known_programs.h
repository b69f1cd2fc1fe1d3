// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

// Programs and libraries that everybody knows and no package manager may have put there: copied
// into an image or built in it. They are known by their file's name and by a text with their
// version that is compiled into them.
namespace vedette::formats::packages {

struct KnownProgram {
  std::string_view package;  // "nginx"
  std::string version;       // "1.22.1"
};

// Whether a file with this name may be one; cheap.
bool is_known_program_name(std::string_view path);

// Nothing where the version is not found: then it may be another of the same name.
std::optional<KnownProgram> known_program(std::string_view path, std::string_view bytes);

}  // namespace vedette::formats::packages
