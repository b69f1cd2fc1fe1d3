// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "formats/packages/package_file.h"

// What runtimes and their build tools leave beside what they install; see PackageFileKind::read.
namespace vedette::formats::packages {

// The file "release" of a Java runtime: IMPLEMENTOR and JAVA_VERSION, as a shell would read them.
PackageList read_java_release(std::string_view path, std::string_view bytes, const Limits& limits);
// releases/N/OTP_VERSION of Erlang: the version.
PackageList read_otp_version(std::string_view path, std::string_view bytes, const Limits& limits);
// NAME-VERSION/ebin/NAME.app of Erlang and Elixir: a term with the version as {vsn, "1.4.0"}.
PackageList read_beam_application(std::string_view path, std::string_view bytes,
                                  const Limits& limits);
// packages/NAME/SLUG/Project.toml below .julia, where Julia installs.
PackageList read_julia_installed(std::string_view path, std::string_view bytes,
                                 const Limits& limits);
// application-inventory.json of Bottlerocket.
PackageList read_bottlerocket_inventory(std::string_view path, std::string_view bytes,
                                        const Limits& limits);

}  // namespace vedette::formats::packages
