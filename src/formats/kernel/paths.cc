// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "formats/kernel/fields.h"

namespace vedette::formats::kernel {
namespace {

constexpr std::size_t kPathBytesMax = 64 * 1024;

bool is_plain(std::string_view path) {
  return path.starts_with('/') && path.find("//") == std::string_view::npos &&
         path.find("/.") == std::string_view::npos && (path.size() == 1 || !path.ends_with('/'));
}

// Takes the components of `path` behind those in `out`, which begins with a slash or is empty.
void walk(std::string_view path, char* out, std::size_t& size) {
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      while (size > 0) {
        --size;
        if (out[size] == '/') break;
      }
      continue;
    }
    out[size++] = '/';
    std::ranges::copy(part, out + size);
    size += part.size();
  }
}

std::string_view folder_of(const FieldContext& context, vedette_field_id id) {
  if (context.record.has(id)) return context.record.field(id);
  return context.process == nullptr ? std::string_view() : std::string_view(context.process->cwd);
}

std::string_view path_of(const FieldContext& context, vedette_field_id given,
                         vedette_field_id folder, vedette_field_id resolved) {
  const std::string_view path = context.record.field(given);
  if (path.data() == nullptr) return context.record.field(resolved);
  return absolute_path(folder_of(context, folder), path, context.arena);
}

}  // namespace

std::string_view absolute_path(std::string_view folder, std::string_view path, Arena& arena) {
  if (is_plain(path) || path.empty()) return path;
  if (path.starts_with('/')) folder = {};
  if (folder.size() + path.size() > kPathBytesMax) return path;
  char* const text = arena.allocate(folder.size() + path.size() + 3);
  std::size_t size = 0;
  walk(folder, text, size);
  walk(path, text, size);
  if (size == 0) text[size++] = '/';
  arena.shrink(text, size);
  return {text, size};
}

std::string_view first_path(const FieldContext& context) {
  return path_of(context, VEDETTE_FIELD_PATH_GIVEN, VEDETTE_FIELD_FOLDER, VEDETTE_FIELD_PATH);
}

std::string_view second_path(const FieldContext& context) {
  return path_of(context, VEDETTE_FIELD_PATH2_GIVEN, VEDETTE_FIELD_FOLDER2, VEDETTE_FIELD_PATH2);
}

std::string_view concatenate(std::initializer_list<std::string_view> parts, Arena& arena) {
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  char* const text = arena.allocate(size);
  char* at = text;
  for (const std::string_view part : parts) at = std::ranges::copy(part, at).out;
  return {text, size};
}

std::string_view join_list(std::string_view list, std::size_t skip, Arena& arena) {
  for (; skip > 0; --skip) {
    const std::size_t end = list.find('\0');
    if (end == std::string_view::npos) return {};
    list.remove_prefix(end + 1);
  }
  if (list.ends_with('\0')) list.remove_suffix(1);
  if (list.find('\0') == std::string_view::npos) return list;
  const std::string_view joined = arena.copy(list);
  std::replace(const_cast<char*>(joined.data()), const_cast<char*>(joined.data()) + joined.size(),
               '\0', ' ');
  return joined;
}

}  // namespace vedette::formats::kernel
