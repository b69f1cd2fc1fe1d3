// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cmd/command_line.h"
#include "engine/image/image_origin.h"

namespace vedette::cmd {

// Where `vedette scan image` takes an image from.
struct ImageOriginFlags {
  std::string from;
  std::string store;
  std::string registry;
  std::vector<std::string> mirrors;
  std::vector<std::string> insecure;
  std::string ca_file;
  std::string proxy;
  std::string user;
  std::string password_file;

  std::vector<Flag> rows();
  Result<engine::ImageOrigin> origin() const;
};

}  // namespace vedette::cmd
