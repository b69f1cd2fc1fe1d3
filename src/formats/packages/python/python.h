// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "formats/packages/package_file.h"

// Readers of what Python's package managers and conda write; see PackageFileKind::read.
namespace vedette::formats::packages {

// requirements.txt, written by hand, by `pip freeze` or by pip-compile.
PackageList read_requirements(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_pipfile_lock(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_pipfile(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_poetry_lock(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_uv_lock(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_pylock(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_pdm_lock(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_pyproject(std::string_view path, std::string_view bytes, const Limits& limits);
PackageList read_conda_environment(std::string_view path, std::string_view bytes,
                                   const Limits& limits);
// conda-meta/NAME-VERSION-BUILD.json of an environment.
PackageList read_conda_meta(std::string_view path, std::string_view bytes, const Limits& limits);

// PEP 508: "name[extra] >=1,<2 ; marker" or "name @ url ; marker".
struct Requirement {
  std::string name;       // as PyPI compares it
  std::string specifier;  // without blanks
  std::string url;
  std::string version;  // where one only is allowed: "==1.0"
};
// Its name is empty when `text` is none.
Requirement parse_requirement(std::string_view text);

}  // namespace vedette::formats::packages
