// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

// What a path says of a file: how values are written in it, and how much a secret there counts.
namespace vedette::scan::secrets {

enum class Syntax : std::uint8_t {
  kUnknown,
  kCode,    // a value is a quoted literal
  kShell,   // a value may stand bare; $ begins a variable
  kConfig,  // env, properties, ini, YAML, TOML: a value may stand bare
  kData,    // JSON, XML
  kMarkup,  // pages and templates
  kStyle,
  kProse,  // documentation
};

struct FileKind {
  Syntax syntax = Syntax::kUnknown;
  bool test = false;      // a test, fixture, mock
  bool example = false;   // sample, example, template, demo
  bool vendored = false;  // somebody else's code
  bool locale = false;    // texts for people in their languages
  bool lock = false;      // names and hashes of packages
};

// Looks at the name only. Cost: one pass over the path.
FileKind file_kind(std::string_view path);

}  // namespace vedette::scan::secrets
