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

bool is_not_vendored(std::string_view path) { return !is_below(path, "vendor"); }
// vendor/composer/installed.json, or beside a copy of composer's folder.
bool is_composer_installed(std::string_view path) {
  return file_name(folder_of(path)).starts_with("composer");
}
bool is_packages_props(std::string_view path) {
  const std::string name = lower(file_name(path));
  return name == "packages.props" || name.ends_with(".packages.props");
}
bool is_gradle_lock(std::string_view path) {
  return path.ends_with("gradle.lockfile") || lies_in(path, "dependency-locks");
}
bool is_cabal_freeze(std::string_view path) { return file_name(path).starts_with("cabal"); }
// "Manifest-v1.11.toml" is for one version of Julia.
bool is_julia_manifest(std::string_view path) {
  const std::string_view name = file_name(path);
  return name.starts_with("Manifest") || name.starts_with("JuliaManifest");
}
bool is_node_module(std::string_view path) { return is_below(path, "node_modules"); }
bool is_no_node_module(std::string_view path) { return !is_node_module(path); }
bool is_npm_lock(std::string_view path) {
  return file_name(path) != ".package-lock.json" || lies_in(path, "node_modules");
}
// A project may have one of its own beside others' ("packages.NAME.lock.json").
bool is_nuget_lock(std::string_view path) { return file_name(path).starts_with("packages."); }
bool is_pylock(std::string_view path) { return file_name(path).starts_with("pylock."); }
// requirements.txt, requirements-dev.txt, dev-requirements.txt, requirements/base.txt
bool is_requirements(std::string_view path) {
  return file_name(path).find("requirements") != std::string_view::npos ||
         lies_in(path, "requirements");
}
bool is_conda_meta(std::string_view path) { return lies_in(path, "conda-meta"); }
bool is_dpkg_status(std::string_view path) {
  return is_at(path, "var/lib/dpkg/status") ||
         (is_at(folder_of(path), "var/lib/dpkg/status.d") && !path.ends_with(".md5sums"));
}
bool is_dpkg_list(std::string_view path) { return is_at(folder_of(path), "var/lib/dpkg/info"); }
bool is_dpkg_sums(std::string_view path) { return is_at(folder_of(path), "var/lib/dpkg/status.d"); }
bool is_apk_installed(std::string_view path) {
  return is_at(path, "lib/apk/db/installed") || is_at(path, "usr/lib/apk/db/installed");
}
bool is_in_pacman(std::string_view path) {
  return is_at(folder_of(folder_of(path)), "var/lib/pacman/local");
}
bool is_in_portage(std::string_view path) {
  return is_at(folder_of(folder_of(folder_of(path))), "var/db/pkg");
}
bool is_rpm_database(std::string_view path) {
  return file_name(path) != "Packages" || lies_in(path, "rpm");
}
bool is_python_metadata(std::string_view path) {
  const std::string_view name = file_name(path);
  const std::string_view folder = folder_of(path);
  return (name == "METADATA" && folder.ends_with(".dist-info")) ||
         (name == "PKG-INFO" && (folder.ends_with(".egg-info") || lies_in(path, "EGG-INFO"))) ||
         (name.ends_with(".egg-info") &&
          (is_below(path, "site-packages") || is_below(path, "dist-packages")));
}
bool is_gemspec(std::string_view path) { return is_below(path, "specifications"); }
bool is_r_description(std::string_view path) {
  const std::string_view library = file_name(folder_of(folder_of(path)));
  return library == "library" || library == "site-library";
}
// Without a table of jars.
PackageList read_plain_jar(std::string_view path, std::string_view bytes, const Limits& limits) {
  return read_jar(path, bytes, limits);
}
bool is_java_release(std::string_view path) {
  const std::string_view home = file_name(folder_of(path));
  return is_below(path, "jvm") || home.find("java") != std::string_view::npos ||
         home.find("jdk") != std::string_view::npos || home.find("jre") != std::string_view::npos;
}
bool is_otp_version(std::string_view path) { return is_below(path, "releases"); }
bool is_beam_application(std::string_view path) { return lies_in(path, "ebin"); }
bool is_julia_installed(std::string_view path) {
  return is_below(path, ".julia") && is_below(path, "packages");
}
bool is_bottlerocket_inventory(std::string_view path) {
  return is_at(path, "usr/share/bottlerocket/application-inventory.json");
}
// conaninfo.txt beside it may be empty, this never is.
bool is_conan_deployed(std::string_view path) {
  return is_below(path, "full_deploy") || is_below(path, "direct_deploy");
}
// Of a project; "e" and "export" are folders of recipes in the caches of Conan 2 and 1.
bool is_conan_recipe(std::string_view path) {
  return !lies_in(path, "e") && !lies_in(path, "export");
}
bool is_conan_cache(std::string_view path) { return lies_in(path, "p"); }
bool is_dart_config(std::string_view path) { return lies_in(path, ".dart_tool"); }
// .pub-cache/hosted/REGISTRY/NAME-VERSION/pubspec.yaml
bool is_dart_cached(std::string_view path) {
  const std::string_view hosted = folder_of(folder_of(folder_of(path)));
  return file_name(hosted) == "hosted" && file_name(folder_of(hosted)) == ".pub-cache";
}
bool is_bitnami_spdx(std::string_view path) {
  return file_name(path).starts_with(".spdx-") && is_below(path, "bitnami");
}
bool is_opam_package(std::string_view path) { return !is_below(path, ".opam-switch"); }
bool is_opam_switch(std::string_view path) { return lies_in(path, ".opam-switch"); }
bool is_vcpkg_status(std::string_view path) { return lies_in(path, "vcpkg"); }
bool is_rpm_manifest(std::string_view path) {
  return is_at(path, "var/lib/rpmmanifest/container-manifest-2");
}

constexpr auto kKinds = std::to_array<PackageFileKind>({
    {".NET deps.json", FileRole::kInstalled, ".deps.json", nullptr, read_deps_json},
    {".NET Packages.props", FileRole::kManifest, ".props .Props .PROPS", is_packages_props,
     read_msbuild},
    {".NET project", FileRole::kManifest, ".csproj .fsproj .vbproj", nullptr, read_msbuild},
    {"Alpine installed", FileRole::kInstalled, "/installed", is_apk_installed, read_apk_installed},
    {"Arch desc", FileRole::kInstalled, "/desc", is_in_pacman, read_pacman_desc},
    {"Arch files", FileRole::kFiles, "/files", is_in_pacman, read_pacman_files},
    {"Bazel MODULE.bazel", FileRole::kManifest, "/MODULE.bazel", nullptr, read_bazel_module},
    {"Bazel MODULE.bazel.lock", FileRole::kLock, "/MODULE.bazel.lock", nullptr, read_bazel_lock},
    // Of rules_jvm_external; a project may have several.
    {"Bazel maven_install.json", FileRole::kLock, "maven_install.json", nullptr,
     read_maven_install},
    {"Bitnami components", FileRole::kInstalled, "/.bitnami_components.json", nullptr,
     read_bitnami_components},
    {"Bitnami SPDX", FileRole::kInstalled, ".spdx", is_bitnami_spdx, read_bitnami_spdx},
    {"Bottlerocket inventory", FileRole::kInstalled, "/application-inventory.json",
     is_bottlerocket_inventory, read_bottlerocket_inventory},
    {"Bun bun.lock", FileRole::kLock, "/bun.lock", nullptr, read_bun_lock},
    {"Cargo Cargo.lock", FileRole::kLock, "/Cargo.lock", nullptr, read_cargo_lock},
    {"Cargo Cargo.toml", FileRole::kManifest, "/Cargo.toml", nullptr, read_cargo_toml},
    {"Carthage Cartfile", FileRole::kManifest, "/Cartfile", nullptr, read_cartfile},
    {"Carthage Cartfile.resolved", FileRole::kLock, "/Cartfile.resolved", nullptr, read_cartfile},
    {"CocoaPods Podfile.lock", FileRole::kLock, "/Podfile.lock", nullptr, read_podfile_lock},
    {"Composer composer.json", FileRole::kManifest, "/composer.json", is_not_vendored,
     read_composer_json},
    {"Composer composer.lock", FileRole::kLock, "/composer.lock", nullptr, read_composer_lock},
    {"Composer installed.json", FileRole::kInstalled, "/installed.json", is_composer_installed,
     read_composer_installed},
    {"Conan cache", FileRole::kInstalled, "/cache.sqlite3", is_conan_cache, read_conan_cache,
     FileBytes::kBinary},
    {"Conan conan.lock", FileRole::kLock, "/conan.lock", nullptr, read_conan_lock},
    {"Conan conanfile.py", FileRole::kManifest, "/conanfile.py", is_conan_recipe,
     read_conanfile_recipe},
    {"Conan conanfile.txt", FileRole::kManifest, "/conanfile.txt", nullptr, read_conanfile_text},
    {"Conan conaninfo.txt", FileRole::kInstalled, "/conaninfo.txt", nullptr, read_conan_info},
    {"Conan deployed", FileRole::kInstalled, "/conanmanifest.txt", is_conan_deployed,
     read_conan_deployed},
    {"conda environment", FileRole::kManifest, "/environment.yaml /environment.yml", nullptr,
     read_conda_environment},
    {"conda installed", FileRole::kInstalled, ".json", is_conda_meta, read_conda_meta},
    {"Dart package_config.json", FileRole::kInstalled, "/package_config.json", is_dart_config,
     read_dart_config},
    {"Dart pub cache", FileRole::kInstalled, "/pubspec.yaml", is_dart_cached, read_dart_cached},
    {"Dart pubspec.lock", FileRole::kLock, "/pubspec.lock", nullptr, read_pubspec_lock},
    {"Deno deno.lock", FileRole::kLock, "/deno.lock", nullptr, read_deno_lock},
    {"dpkg files", FileRole::kFiles, ".list", is_dpkg_list, read_dpkg_list},
    // In status.d a file may have any name.
    {"dpkg status", FileRole::kInstalled, "", is_dpkg_status, read_dpkg_status},
    {"dpkg sums", FileRole::kFiles, ".md5sums", is_dpkg_sums, read_dpkg_sums},
    {"Elixir mix.lock", FileRole::kLock, "/mix.lock", nullptr, read_mix_lock},
    {"Erlang application", FileRole::kInstalled, ".app", is_beam_application,
     read_beam_application},
    {"Erlang OTP_VERSION", FileRole::kInstalled, "/OTP_VERSION", is_otp_version, read_otp_version},
    {"Erlang rebar.lock", FileRole::kLock, "/rebar.lock", nullptr, read_rebar_lock},
    {"Gleam manifest.toml", FileRole::kLock, "/manifest.toml", nullptr, read_gleam_manifest},
    {"Go go.mod", FileRole::kLock, "/go.mod", nullptr, read_go_mod},
    {"Go go.sum", FileRole::kChecksums, "/go.sum", nullptr, read_go_sum},
    {"Gentoo CONTENTS", FileRole::kFiles, "/CONTENTS", is_in_portage, read_portage_contents},
    {"Gentoo PF", FileRole::kInstalled, "/PF", is_in_portage, read_portage_pf},
    {"Gradle gradle.lockfile", FileRole::kLock, ".lockfile", is_gradle_lock, read_gradle_lock},
    {"Gradle verification-metadata.xml", FileRole::kChecksums, "/verification-metadata.xml",
     nullptr, read_gradle_verification},
    {"Gradle version catalog", FileRole::kManifest, ".versions.toml", nullptr, read_gradle_catalog},
    {"Haskell cabal.project.freeze", FileRole::kLock, ".freeze", is_cabal_freeze,
     read_cabal_freeze},
    {"Haskell stack.yaml.lock", FileRole::kLock, "/stack.yaml.lock", nullptr, read_stack_lock},
    {"Java archive", FileRole::kInstalled, ".jar .war .ear .par .jpi .hpi", nullptr, read_plain_jar,
     FileBytes::kBinary},
    {"Java release", FileRole::kInstalled, "/release", is_java_release, read_java_release},
    {"Julia installed", FileRole::kInstalled, "/Project.toml", is_julia_installed,
     read_julia_installed},
    {"Julia Manifest.toml", FileRole::kLock, ".toml", is_julia_manifest, read_julia_manifest},
    {"Julia Project.toml", FileRole::kManifest, "/Project.toml /JuliaProject.toml", nullptr,
     read_julia_project},
    {"Maven pom.xml", FileRole::kManifest, "/pom.xml .pom", nullptr, read_pom},
    {"npm installed package.json", FileRole::kInstalled, "/package.json", is_node_module,
     read_installed_package_json},
    {"npm package-lock.json", FileRole::kLock,
     "/package-lock.json /npm-shrinkwrap.json /.package-lock.json", is_npm_lock, read_npm_lock},
    {"npm package.json", FileRole::kManifest, "/package.json", is_no_node_module,
     read_package_json},
    {"NuGet packages.config", FileRole::kLock, "/packages.config", nullptr, read_packages_config},
    {"NuGet packages.lock.json", FileRole::kLock, "lock.json", is_nuget_lock, read_nuget_lock},
    {"opam installed", FileRole::kInstalled, "/switch-state", is_opam_switch, read_opam_switch},
    {"opam locked", FileRole::kLock, "opam.locked", nullptr, read_opam},
    {"opam package", FileRole::kManifest, ".opam /opam", is_opam_package, read_opam},
    {"Paket paket.lock", FileRole::kLock, "/paket.lock", nullptr, read_paket_lock},
    {"PDM pdm.lock", FileRole::kLock, "/pdm.lock", nullptr, read_pdm_lock},
    {"Pipenv Pipfile", FileRole::kManifest, "/Pipfile", nullptr, read_pipfile},
    {"Pipenv Pipfile.lock", FileRole::kLock, "/Pipfile.lock", nullptr, read_pipfile_lock},
    {"pnpm pnpm-lock.yaml", FileRole::kLock, "/pnpm-lock.yaml", nullptr, read_pnpm_lock},
    {"Poetry poetry.lock", FileRole::kLock, "/poetry.lock", nullptr, read_poetry_lock},
    {"Python egg", FileRole::kInstalled, ".egg", nullptr, read_egg, FileBytes::kBinary},
    {"Python installed", FileRole::kInstalled, "/METADATA /PKG-INFO .egg-info", is_python_metadata,
     read_python_metadata},
    {"Python pylock.toml", FileRole::kLock, "toml", is_pylock, read_pylock},
    {"Python pyproject.toml", FileRole::kManifest, "/pyproject.toml", nullptr, read_pyproject},
    {"Python requirements.txt", FileRole::kLock, ".txt", is_requirements, read_requirements},
    {"R installed", FileRole::kInstalled, "/DESCRIPTION", is_r_description, read_r_description},
    {"R renv.lock", FileRole::kLock, "/renv.lock", nullptr, read_renv_lock},
    {"rpm database", FileRole::kInstalled, "/rpmdb.sqlite /Packages.db /Packages", is_rpm_database,
     read_rpm_database, FileBytes::kBinary},
    {"rpm manifest", FileRole::kInstalled, "/container-manifest-2", is_rpm_manifest,
     read_rpm_manifest},
    {"RubyGems installed", FileRole::kInstalled, ".gemspec", is_gemspec, read_gemspec},
    {"RubyGems Gemfile.lock", FileRole::kLock,
     "/gems.locked /Gemfile.lock /Gemfile.next.lock .gemfile.lock", nullptr, read_gemfile_lock},
    {"sbt build.sbt.lock", FileRole::kLock, "/build.sbt.lock", nullptr, read_sbt_lock},
    {"Swift Package.resolved", FileRole::kLock, "/Package.resolved", nullptr, read_swift_resolved},
    {"Swift workspace-state.json", FileRole::kInstalled, "/workspace-state.json", nullptr,
     read_swift_workspace},
    // A script that says itself what it needs has a lock file of its own ("tool.py.lock").
    {"uv uv.lock", FileRole::kLock, "/uv.lock .py.lock", nullptr, read_uv_lock},
    {"vcpkg installed", FileRole::kInstalled, "/status", is_vcpkg_status, read_vcpkg_status},
    {"vcpkg vcpkg.json", FileRole::kManifest, "/vcpkg.json", nullptr, read_vcpkg_manifest},
    {"Yarn yarn.lock", FileRole::kLock, "/yarn.lock", nullptr, read_yarn_lock},
});

constexpr PackageFileKind kProgram = {"program", FileRole::kInstalled, "",
                                      nullptr,   read_program,         FileBytes::kBinary};

constexpr PackageFileKind kFolderPackageJson = {"npm installed package.json", FileRole::kInstalled,
                                                "", nullptr, read_installed_package_json};

// Of most files in an image two bytes tell that they are of no kind: the last two of their path.
class LastBytes {
 public:
  constexpr LastBytes() {
    for (const PackageFileKind& kind : kKinds) {
      for (std::size_t at = 0; at <= kind.ends.size(); ++at) {
        if (at < 2 || (at < kind.ends.size() && kind.ends[at] != ' ')) continue;
        bits_[index(kind.ends.substr(0, at)) / 64] |= bit(kind.ends.substr(0, at));
      }
    }
  }
  constexpr bool has(std::string_view path) const {
    return path.size() >= 2 && (bits_[index(path) / 64] & bit(path)) != 0;
  }

 private:
  static constexpr std::size_t index(std::string_view text) {
    return std::size_t{static_cast<unsigned char>(text[text.size() - 2])} << 8 |
           static_cast<unsigned char>(text.back());
  }
  static constexpr std::uint64_t bit(std::string_view text) {
    return std::uint64_t{1} << index(text) % 64;
  }

  std::array<std::uint64_t, 1024> bits_ = {};
};
constexpr LastBytes kLastBytes;

}  // namespace

PackageList read_package_file(const PackageFileKind& kind, std::string_view path,
                              std::string_view bytes, const Limits& limits, const JarTable* jars) {
  const bool is_archive = kind.read == read_plain_jar;
  return is_archive && jars != nullptr ? read_jar(path, bytes, limits, *jars)
                                       : kind.read(path, bytes, limits);
}

bool PackageFileKind::matches(std::string_view path) const {
  if (ends.empty()) return is_here(path);
  std::string_view left = ends;
  while (!left.empty()) {
    const Halves one = cut_first(left, " ");
    const std::string_view end = one.before;
    const bool is_end =
        end.starts_with('/') ? file_name(path) == end.substr(1) : path.ends_with(end);
    if (is_end) return is_here == nullptr || is_here(path);
    left = one.behind;
  }
  return false;
}

std::span<const PackageFileKind> package_file_kinds() { return kKinds; }

const PackageFileKind* package_file_kind(std::string_view path) {
  const bool may_end = kLastBytes.has(path);
  for (const PackageFileKind& kind : kKinds) {
    if ((may_end || kind.ends.empty()) && kind.matches(path)) return &kind;
  }
  return nullptr;
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
  return kind->read == read_package_json ? &kFolderPackageJson : nullptr;
}

const PackageFileKind* package_content_kind(std::string_view path, std::string_view head) {
  const std::string_view name = file_name(path);
  const bool is_library = name.ends_with(".so") || name.find(".so.") != std::string_view::npos ||
                          name.ends_with(".o") || name.ends_with(".ko");
  if (!is_program(head)) return nullptr;
  return !is_library || is_known_program_name(path) ? &kProgram : nullptr;
}

}  // namespace vedette::formats::packages
