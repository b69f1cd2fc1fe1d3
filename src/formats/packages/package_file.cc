// SPDX-License-Identifier: Apache-2.0
#include "formats/packages/package_file.h"

#include <algorithm>
#include <array>

#include "formats/packages/dotnet/dotnet.h"
#include "formats/packages/installed/caches.h"
#include "formats/packages/installed/installed.h"
#include "formats/packages/installed/known_programs.h"
#include "formats/packages/installed/program_sections.h"
#include "formats/packages/installed/runtimes.h"
#include "formats/packages/javascript/javascript.h"
#include "formats/packages/jvm/jvm.h"
#include "formats/packages/languages/languages.h"
#include "formats/packages/python/python.h"
#include "formats/packages/system/owned_files.h"
#include "formats/packages/system/system.h"
#include "formats/packages/text.h"

namespace vedette::formats::packages {
namespace {

// Whether the folder that a file lies in has this name.
bool lies_in(std::string_view path, std::string_view folder) {
  return file_name(folder_of(path)) == folder;
}

// Whether a path is this one, from the root of a system or from a folder that holds one.
bool is_at(std::string_view path, std::string_view place) {
  return path == place || (path.size() > place.size() && path.ends_with(place) &&
                           path[path.size() - place.size() - 1] == '/');
}

bool is_composer_json(std::string_view path) {
  return file_name(path) == "composer.json" && !is_below(path, "vendor");
}
// vendor/composer/installed.json, or beside a copy of composer's folder.
bool is_composer_installed(std::string_view path) {
  return file_name(path) == "installed.json" && file_name(folder_of(path)).starts_with("composer");
}
bool is_packages_props(std::string_view path) {
  const std::string name = lower(file_name(path));
  return name == "packages.props" || name.ends_with(".packages.props");
}
bool is_dotnet_project(std::string_view path) {
  return path.ends_with(".csproj") || path.ends_with(".fsproj") || path.ends_with(".vbproj");
}
bool is_gradle_lock(std::string_view path) {
  return path.ends_with("gradle.lockfile") ||
         (path.ends_with(".lockfile") && lies_in(path, "dependency-locks"));
}
bool is_cabal_freeze(std::string_view path) {
  return file_name(path).starts_with("cabal") && path.ends_with(".freeze");
}
// "Manifest-v1.11.toml" is for one version of Julia.
bool is_julia_manifest(std::string_view path) {
  const std::string_view name = file_name(path);
  const bool named = name.starts_with("Manifest") || name.starts_with("JuliaManifest");
  return named && name.ends_with(".toml");
}
bool is_julia_project(std::string_view path) {
  const std::string_view name = file_name(path);
  return name == "Project.toml" || name == "JuliaProject.toml";
}
bool is_pom(std::string_view path) {
  return file_name(path) == "pom.xml" || path.ends_with(".pom");
}
bool is_installed_package_json(std::string_view path) {
  return file_name(path) == "package.json" && is_below(path, "node_modules");
}
bool is_package_json(std::string_view path) {
  return file_name(path) == "package.json" && !is_below(path, "node_modules");
}
bool is_npm_lock(std::string_view path) {
  const std::string_view name = file_name(path);
  return name == "package-lock.json" || name == "npm-shrinkwrap.json" ||
         (name == ".package-lock.json" && lies_in(path, "node_modules"));
}
// A project may have one of its own beside others' ("packages.NAME.lock.json").
bool is_nuget_lock(std::string_view path) {
  const std::string_view name = file_name(path);
  return name.starts_with("packages.") && name.ends_with("lock.json");
}
bool is_pylock(std::string_view path) {
  const std::string_view name = file_name(path);
  return name.starts_with("pylock.") && name.ends_with("toml");
}
// requirements.txt, requirements-dev.txt, dev-requirements.txt, requirements/base.txt
bool is_requirements(std::string_view path) {
  if (!path.ends_with(".txt")) return false;
  return file_name(path).find("requirements") != std::string_view::npos ||
         lies_in(path, "requirements");
}
bool is_conda_environment(std::string_view path) {
  const std::string_view name = file_name(path);
  return name == "environment.yaml" || name == "environment.yml";
}
bool is_conda_meta(std::string_view path) {
  return path.ends_with(".json") && lies_in(path, "conda-meta");
}
bool is_dpkg_status(std::string_view path) {
  return is_at(path, "var/lib/dpkg/status") ||
         (is_at(folder_of(path), "var/lib/dpkg/status.d") && !path.ends_with(".md5sums"));
}
bool is_dpkg_list(std::string_view path) {
  return path.ends_with(".list") && is_at(folder_of(path), "var/lib/dpkg/info");
}
bool is_dpkg_sums(std::string_view path) {
  return path.ends_with(".md5sums") && is_at(folder_of(path), "var/lib/dpkg/status.d");
}
bool is_apk_installed(std::string_view path) {
  return is_at(path, "lib/apk/db/installed") || is_at(path, "usr/lib/apk/db/installed");
}
bool is_pacman_desc(std::string_view path) {
  return file_name(path) == "desc" && is_at(folder_of(folder_of(path)), "var/lib/pacman/local");
}
bool is_pacman_files(std::string_view path) {
  return file_name(path) == "files" && is_at(folder_of(folder_of(path)), "var/lib/pacman/local");
}
bool is_portage_contents(std::string_view path) {
  return file_name(path) == "CONTENTS" &&
         is_at(folder_of(folder_of(folder_of(path))), "var/db/pkg");
}
bool is_portage_pf(std::string_view path) {
  return file_name(path) == "PF" && is_at(folder_of(folder_of(folder_of(path))), "var/db/pkg");
}
bool is_rpm_database(std::string_view path) {
  const std::string_view name = file_name(path);
  return name == "rpmdb.sqlite" || name == "Packages.db" ||
         (name == "Packages" && lies_in(path, "rpm"));
}
bool is_python_metadata(std::string_view path) {
  const std::string_view name = file_name(path);
  const std::string_view folder = folder_of(path);
  return (name == "METADATA" && folder.ends_with(".dist-info")) ||
         (name == "PKG-INFO" && (folder.ends_with(".egg-info") || lies_in(path, "EGG-INFO"))) ||
         (name.ends_with(".egg-info") &&
          (is_below(path, "site-packages") || is_below(path, "dist-packages")));
}
bool is_gemspec(std::string_view path) {
  return path.ends_with(".gemspec") && is_below(path, "specifications");
}
bool is_r_description(std::string_view path) {
  const std::string_view library = file_name(folder_of(folder_of(path)));
  return file_name(path) == "DESCRIPTION" && (library == "library" || library == "site-library");
}
bool is_jar(std::string_view path) {
  constexpr std::array<std::string_view, 6> kEnds = {".jar", ".war", ".ear",
                                                     ".par", ".jpi", ".hpi"};
  return std::ranges::any_of(kEnds, [path](std::string_view end) { return path.ends_with(end); });
}
// Without a table of jars.
PackageList read_plain_jar(std::string_view path, std::string_view bytes, const Limits& limits) {
  return read_jar(path, bytes, limits);
}
bool is_java_release(std::string_view path) {
  const std::string_view home = file_name(folder_of(path));
  return file_name(path) == "release" &&
         (is_below(path, "jvm") || home.find("java") != std::string_view::npos ||
          home.find("jdk") != std::string_view::npos || home.find("jre") != std::string_view::npos);
}
bool is_otp_version(std::string_view path) {
  return file_name(path) == "OTP_VERSION" && is_below(path, "releases");
}
bool is_beam_application(std::string_view path) {
  return path.ends_with(".app") && lies_in(path, "ebin");
}
bool is_julia_installed(std::string_view path) {
  return file_name(path) == "Project.toml" && is_below(path, ".julia") &&
         is_below(path, "packages");
}
bool is_bottlerocket_inventory(std::string_view path) {
  return is_at(path, "usr/share/bottlerocket/application-inventory.json");
}
// rules_jvm_external: maven_install.json, or of another name of the same end.
bool is_maven_install(std::string_view path) { return path.ends_with("maven_install.json"); }
bool is_conan_info(std::string_view path) {
  return file_name(path) == "conaninfo.txt" && file_name(folder_of(folder_of(path))) == "package";
}
// Of a project; "e" and "export" are folders of recipes in the caches of Conan 2 and 1.
bool is_conan_recipe(std::string_view path) {
  return file_name(path) == "conanfile.py" && !lies_in(path, "e") && !lies_in(path, "export");
}
bool is_conan_cache(std::string_view path) {
  return file_name(path) == "cache.sqlite3" && lies_in(path, "p");
}
bool is_dart_config(std::string_view path) {
  return file_name(path) == "package_config.json" && lies_in(path, ".dart_tool");
}
// .pub-cache/hosted/REGISTRY/NAME-VERSION/pubspec.yaml
bool is_dart_cached(std::string_view path) {
  return file_name(path) == "pubspec.yaml" &&
         file_name(folder_of(folder_of(folder_of(folder_of(path))))) == ".pub-cache" &&
         file_name(folder_of(folder_of(folder_of(path)))) == "hosted";
}
bool is_bitnami_spdx(std::string_view path) {
  const std::string_view name = file_name(path);
  return name.starts_with(".spdx-") && name.ends_with(".spdx") && is_below(path, "bitnami");
}
bool is_gemfile_lock(std::string_view path) {
  const std::string_view name = file_name(path);
  return name == "gems.locked" || name == "Gemfile.lock" || name.ends_with(".gemfile.lock");
}

constexpr auto kKinds = std::to_array<PackageFileKind>({
    {".NET deps.json", FileRole::kInstalled,
     [](std::string_view path) { return path.ends_with(".deps.json"); }, read_deps_json},
    {".NET Packages.props", FileRole::kManifest, is_packages_props, read_msbuild},
    {".NET project", FileRole::kManifest, is_dotnet_project, read_msbuild},
    {"Alpine installed", FileRole::kInstalled, is_apk_installed, read_apk_installed},
    {"Arch desc", FileRole::kInstalled, is_pacman_desc, read_pacman_desc},
    {"Arch files", FileRole::kFiles, is_pacman_files, read_pacman_files},
    {"Bazel MODULE.bazel", FileRole::kManifest,
     [](std::string_view path) { return file_name(path) == "MODULE.bazel"; }, read_bazel_module},
    {"Bazel MODULE.bazel.lock", FileRole::kLock,
     [](std::string_view path) { return file_name(path) == "MODULE.bazel.lock"; }, read_bazel_lock},
    {"Bazel maven_install.json", FileRole::kLock, is_maven_install, read_maven_install},
    {"Bitnami components", FileRole::kInstalled,
     [](std::string_view path) { return file_name(path) == ".bitnami_components.json"; },
     read_bitnami_components},
    {"Bitnami SPDX", FileRole::kInstalled, is_bitnami_spdx, read_bitnami_spdx},
    {"Bottlerocket inventory", FileRole::kInstalled, is_bottlerocket_inventory,
     read_bottlerocket_inventory},
    {"Bun bun.lock", FileRole::kLock,
     [](std::string_view path) { return file_name(path) == "bun.lock"; }, read_bun_lock},
    {"Cargo Cargo.lock", FileRole::kLock,
     [](std::string_view path) { return file_name(path) == "Cargo.lock"; }, read_cargo_lock},
    {"Cargo Cargo.toml", FileRole::kManifest,
     [](std::string_view path) { return file_name(path) == "Cargo.toml"; }, read_cargo_toml},
    {"CocoaPods Podfile.lock", FileRole::kLock,
     [](std::string_view path) { return file_name(path) == "Podfile.lock"; }, read_podfile_lock},
    {"Composer composer.json", FileRole::kManifest, is_composer_json, read_composer_json},
    {"Composer composer.lock", FileRole::kLock,
     [](std::string_view path) { return file_name(path) == "composer.lock"; }, read_composer_lock},
    {"Composer installed.json", FileRole::kInstalled, is_composer_installed,
     read_composer_installed},
    {"Conan cache", FileRole::kInstalled, is_conan_cache, read_conan_cache, FileBytes::kBinary},
    {"Conan conan.lock", FileRole::kLock,
     [](std::string_view path) { return file_name(path) == "conan.lock"; }, read_conan_lock},
    {"Conan conanfile.py", FileRole::kManifest, is_conan_recipe, read_conanfile_recipe},
    {"Conan conanfile.txt", FileRole::kManifest,
     [](std::string_view path) { return file_name(path) == "conanfile.txt"; }, read_conanfile_text},
    {"Conan conaninfo.txt", FileRole::kInstalled, is_conan_info, read_conan_info},
    {"conda environment", FileRole::kManifest, is_conda_environment, read_conda_environment},
    {"conda installed", FileRole::kInstalled, is_conda_meta, read_conda_meta},
    {"Dart package_config.json", FileRole::kInstalled, is_dart_config, read_dart_config},
    {"Dart pub cache", FileRole::kInstalled, is_dart_cached, read_dart_cached},
    {"Dart pubspec.lock", FileRole::kLock,
     [](std::string_view path) { return file_name(path) == "pubspec.lock"; }, read_pubspec_lock},
    {"dpkg files", FileRole::kFiles, is_dpkg_list, read_dpkg_list},
    {"dpkg status", FileRole::kInstalled, is_dpkg_status, read_dpkg_status},
    {"dpkg sums", FileRole::kFiles, is_dpkg_sums, read_dpkg_sums},
    {"Elixir mix.lock", FileRole::kLock,
     [](std::string_view path) { return file_name(path) == "mix.lock"; }, read_mix_lock},
    {"Erlang application", FileRole::kInstalled, is_beam_application, read_beam_application},
    {"Erlang OTP_VERSION", FileRole::kInstalled, is_otp_version, read_otp_version},
    {"Go go.mod", FileRole::kLock,
     [](std::string_view path) { return file_name(path) == "go.mod"; }, read_go_mod},
    {"Go go.sum", FileRole::kChecksums,
     [](std::string_view path) { return file_name(path) == "go.sum"; }, read_go_sum},
    {"Gentoo CONTENTS", FileRole::kFiles, is_portage_contents, read_portage_contents},
    {"Gentoo PF", FileRole::kInstalled, is_portage_pf, read_portage_pf},
    {"Gradle gradle.lockfile", FileRole::kLock, is_gradle_lock, read_gradle_lock},
    {"Gradle verification-metadata.xml", FileRole::kChecksums,
     [](std::string_view path) { return file_name(path) == "verification-metadata.xml"; },
     read_gradle_verification},
    {"Haskell cabal.project.freeze", FileRole::kLock, is_cabal_freeze, read_cabal_freeze},
    {"Haskell stack.yaml.lock", FileRole::kLock,
     [](std::string_view path) { return file_name(path) == "stack.yaml.lock"; }, read_stack_lock},
    {"Java archive", FileRole::kInstalled, is_jar, read_plain_jar, FileBytes::kBinary},
    {"Java release", FileRole::kInstalled, is_java_release, read_java_release},
    {"Julia installed", FileRole::kInstalled, is_julia_installed, read_julia_installed},
    {"Julia Manifest.toml", FileRole::kLock, is_julia_manifest, read_julia_manifest},
    {"Julia Project.toml", FileRole::kManifest, is_julia_project, read_julia_project},
    {"Maven pom.xml", FileRole::kManifest, is_pom, read_pom},
    {"npm installed package.json", FileRole::kInstalled, is_installed_package_json,
     read_installed_package_json},
    {"npm package-lock.json", FileRole::kLock, is_npm_lock, read_npm_lock},
    {"npm package.json", FileRole::kManifest, is_package_json, read_package_json},
    {"NuGet packages.config", FileRole::kLock,
     [](std::string_view path) { return file_name(path) == "packages.config"; },
     read_packages_config},
    {"NuGet packages.lock.json", FileRole::kLock, is_nuget_lock, read_nuget_lock},
    {"PDM pdm.lock", FileRole::kLock,
     [](std::string_view path) { return file_name(path) == "pdm.lock"; }, read_pdm_lock},
    {"Pipenv Pipfile", FileRole::kManifest,
     [](std::string_view path) { return file_name(path) == "Pipfile"; }, read_pipfile},
    {"Pipenv Pipfile.lock", FileRole::kLock,
     [](std::string_view path) { return file_name(path) == "Pipfile.lock"; }, read_pipfile_lock},
    {"pnpm pnpm-lock.yaml", FileRole::kLock,
     [](std::string_view path) { return file_name(path) == "pnpm-lock.yaml"; }, read_pnpm_lock},
    {"Poetry poetry.lock", FileRole::kLock,
     [](std::string_view path) { return file_name(path) == "poetry.lock"; }, read_poetry_lock},
    {"Python egg", FileRole::kInstalled,
     [](std::string_view path) { return path.ends_with(".egg"); }, read_egg, FileBytes::kBinary},
    {"Python installed", FileRole::kInstalled, is_python_metadata, read_python_metadata},
    {"Python pylock.toml", FileRole::kLock, is_pylock, read_pylock},
    {"Python pyproject.toml", FileRole::kManifest,
     [](std::string_view path) { return file_name(path) == "pyproject.toml"; }, read_pyproject},
    {"Python requirements.txt", FileRole::kLock, is_requirements, read_requirements},
    {"R installed", FileRole::kInstalled, is_r_description, read_r_description},
    {"R renv.lock", FileRole::kLock,
     [](std::string_view path) { return file_name(path) == "renv.lock"; }, read_renv_lock},
    {"rpm database", FileRole::kInstalled, is_rpm_database, read_rpm_database, FileBytes::kBinary},
    {"RubyGems installed", FileRole::kInstalled, is_gemspec, read_gemspec},
    {"RubyGems Gemfile.lock", FileRole::kLock, is_gemfile_lock, read_gemfile_lock},
    {"sbt build.sbt.lock", FileRole::kLock,
     [](std::string_view path) { return file_name(path) == "build.sbt.lock"; }, read_sbt_lock},
    {"Swift Package.resolved", FileRole::kLock,
     [](std::string_view path) { return file_name(path) == "Package.resolved"; },
     read_swift_resolved},
    {"Swift workspace-state.json", FileRole::kInstalled,
     [](std::string_view path) { return file_name(path) == "workspace-state.json"; },
     read_swift_workspace},
    {"uv uv.lock", FileRole::kLock,
     [](std::string_view path) { return file_name(path) == "uv.lock"; }, read_uv_lock},
    {"Yarn yarn.lock", FileRole::kLock,
     [](std::string_view path) { return file_name(path) == "yarn.lock"; }, read_yarn_lock},
});

constexpr PackageFileKind kProgram = {"program", FileRole::kInstalled, nullptr, read_program,
                                      FileBytes::kBinary};

constexpr PackageFileKind kFolderPackageJson = {"npm installed package.json", FileRole::kInstalled,
                                                nullptr, read_installed_package_json};

}  // namespace

PackageList read_package_file(const PackageFileKind& kind, std::string_view path,
                              std::string_view bytes, const Limits& limits, const JarTable* jars) {
  const bool is_archive = kind.read == read_plain_jar;
  return is_archive && jars != nullptr ? read_jar(path, bytes, limits, *jars)
                                       : kind.read(path, bytes, limits);
}

std::span<const PackageFileKind> package_file_kinds() { return kKinds; }

const PackageFileKind* package_file_kind(std::string_view path) {
  const auto found =
      std::find_if(kKinds.begin(), kKinds.end(),
                   [path](const PackageFileKind& kind) { return kind.matches(path); });
  return found == kKinds.end() ? nullptr : &*found;
}

const PackageFileKind* package_kind_of_name(std::string_view name) {
  for (const PackageFileKind* const kind : {&kProgram, &kFolderPackageJson}) {
    if (name == kind->name) return kind;
  }
  const auto found = std::ranges::find(kKinds, name, &PackageFileKind::name);
  return found == kKinds.end() ? nullptr : &*found;
}

const PackageFileKind* installed_file_kind(std::string_view path) {
  const PackageFileKind* const kind = package_file_kind(path);
  if (kind == nullptr || kind->role == FileRole::kInstalled || kind->role == FileRole::kFiles)
    return kind;
  return is_package_json(path) ? &kFolderPackageJson : nullptr;
}

const PackageFileKind* package_content_kind(std::string_view path, std::string_view head) {
  const std::string_view name = file_name(path);
  const bool is_library = name.ends_with(".so") || name.find(".so.") != std::string_view::npos ||
                          name.ends_with(".o") || name.ends_with(".ko");
  if (!is_program(head)) return nullptr;
  return !is_library || is_known_program_name(path) ? &kProgram : nullptr;
}

}  // namespace vedette::formats::packages
