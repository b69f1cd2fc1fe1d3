// SPDX-License-Identifier: Apache-2.0
#include "observe/usage.h"

#include <algorithm>

#include "base/json_writer.h"
#include "observe/file_use.h"

namespace vedette::observe {
namespace {

void write_paths(JsonWriter& json, std::string_view key, const std::set<std::string>& paths) {
  json.key(key).begin_array();
  for (const std::string& path : paths) json.string(path);
  json.end_array();
}

void write_package(JsonWriter& json, const UsedPackage& package) {
  json.begin_object().key("manager").string(package.manager).key("name").string(package.name);
  if (!package.version.empty()) json.key("version").string(package.version);
  json.key("files").number(package.files).end_object();
}

std::set<std::string> all_paths(const Usage::Image& image) {
  std::set<std::string> paths = image.other;
  for (const auto* more : {&image.executables, &image.shared_objects, &image.java, &image.models,
                           &image.python_files}) {
    paths.insert(more->begin(), more->end());
  }
  return paths;
}

// Nothing where it is not known: an empty list would say that no package is used.
void write_packages(JsonWriter& json, const Usage::Image& image, RootFiles& root) {
  bool manager_found = false;
  std::vector<UsedPackage> packages = used_packages(root, all_paths(image), manager_found);
  const std::vector<UsedPackage> python = used_distributions(root, image.python);
  if (!manager_found && python.empty()) return;
  packages.insert(packages.end(), python.begin(), python.end());
  json.key("packages").begin_array();
  for (const UsedPackage& package : packages) write_package(json, package);
  json.end_array();
}

void write_python(JsonWriter& json, const PythonModules& modules) {
  json.key("python").begin_array();
  for (const auto& [folder, names] : modules) {
    for (const auto& [module, files] : names) {
      json.begin_object().key("folder").string(folder).key("module").string(module);
      json.key("files").number(files).end_object();
    }
  }
  json.end_array();
}

}  // namespace

Usage::Image* Usage::image_for(const Sighting& sighting) {
  const auto found = images_.find(sighting.image);
  if (found != images_.end()) return &found->second;
  if (images_.size() >= kImagesMax) {
    ++images_forgotten_;
    return nullptr;
  }
  return &images_[std::string(sighting.image)];
}

void Usage::add(Image& image, std::set<std::string>& paths, std::string_view path) {
  std::string clean = clean_text(path);
  if (paths.contains(clean)) return;
  if (paths.size() >= kPathsMax) {
    ++image.forgotten;
    return;
  }
  paths.insert(std::move(clean));
}

void Usage::see(const Sighting& sighting) {
  if (from_ == 0) from_ = sighting.time;
  to_ = std::max(to_, sighting.time);
  const bool executed = sighting.kind == Sighting::Kind::kExecuted;
  if ((!executed && sighting.kind != Sighting::Kind::kOpened) || sighting.process == nullptr)
    return;
  const FileUse use = use_of(sighting.path);
  if (!executed && use == FileUse::kPassing) return;
  Image* const image = image_for(sighting);
  if (image == nullptr) return;
  if (image->first_seen == 0) image->first_seen = sighting.time;
  image->pid = sighting.process->pid;
  image->started = sighting.process->started;
  if (const formats::kernel::Container* container = sighting.container) {
    if (image->containers.size() < kContainersMax) image->containers.insert(container->id);
    if (!container->image_id.empty()) image->image_id = clean_text(container->image_id);
    if (!container->image_digest.empty()) image->image_digest = clean_text(container->image_digest);
  }
  if (executed) return add(*image, image->executables, sighting.path);
  switch (use) {
    case FileUse::kPassing:
      return;
    case FileUse::kSharedObject:
      add(*image, image->shared_objects, sighting.path);
      break;
    case FileUse::kJava:
      return add(*image, image->java, sighting.path);
    case FileUse::kModel:
      return add(*image, image->models, sighting.path);
    case FileUse::kOther:
      return add(*image, image->other, sighting.path);
    case FileUse::kPython:
      break;
  }
  const PythonModule module = python_module(sighting.path);
  if (module.name.empty()) return;
  const std::size_t before = image->python_files.size();
  add(*image, image->python_files, sighting.path);
  if (image->python_files.size() == before) return;
  ++image->python[clean_text(module.folder)][clean_text(module.name)];
}

std::string Usage::to_json(std::uint64_t lost, const OpenRoot& open_root) const {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("version").number(1).key("lost").number(lost);
  if (from_ != 0) json.key("from").string(format_time(from_)).key("to").string(format_time(to_));
  json.key("images_forgotten").number(images_forgotten_).key("images").begin_array();
  for (const auto& [name, image] : images_) {
    out += '\n';  // an image a line
    json.begin_object().key("image").string(name);
    if (!image.image_id.empty()) json.key("image_id").string(image.image_id);
    if (!image.image_digest.empty()) json.key("image_digest").string(image.image_digest);
    if (image.first_seen != 0) json.key("first_seen").string(format_time(image.first_seen));
    json.key("containers").number(std::uint64_t{image.containers.size()});
    if (open_root) {
      if (const std::unique_ptr<RootFiles> root = open_root(name, image)) {
        write_packages(json, image, *root);
      }
    }
    write_paths(json, "executables", image.executables);
    write_paths(json, "shared_objects", image.shared_objects);
    write_python(json, image.python);
    write_paths(json, "java", image.java);
    write_paths(json, "models", image.models);
    write_paths(json, "files", image.other);
    json.key("forgotten").number(image.forgotten).end_object();
  }
  json.end_array().end_object();
  return out + "\n";
}

}  // namespace vedette::observe
