// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace vedette::observe {

// What a file that was opened is to whoever looks for code and data in use.
enum class FileUse : std::uint8_t {
  kPassing,       // of no image: /proc, /sys, /dev, /tmp …
  kSharedObject,  // libssl.so.3
  kPython,        // below site-packages or dist-packages
  kJava,          // .jar, .war, .ear, .class
  kModel,         // weights of machine learning
  kOther,
};

// By the path alone; nothing is opened.
FileUse use_of(std::string_view path);

// The folder of installed Python packages and the module that a file belongs to:
// "/usr/lib/python3/dist-packages/yaml/nodes.py" gives ("/usr/lib/python3/dist-packages", "yaml").
// Both empty when `path` is no such file.
struct PythonModule {
  std::string_view folder;
  std::string_view name;  // views of `path`
};
PythonModule python_module(std::string_view path);

}  // namespace vedette::observe
