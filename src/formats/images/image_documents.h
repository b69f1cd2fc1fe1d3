// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"

// The JSON documents that an image is described by: `docker save`'s manifest.json, and the index,
// manifest and configuration of the OCI image specification 1.1 (Docker's own are the same but for
// media types). Only what says where bytes are and who made them.
namespace vedette::formats::images {

// "sha256:" and 64 lower-case digits. All else is refused where a digest becomes a path.
bool is_sha256_digest(std::string_view digest);
// "blobs/sha256/…" of such a digest.
std::string blob_path(std::string_view digest);

struct Descriptor {
  std::string digest;
  std::string media_type;
  std::uint64_t size = 0;
  std::string platform;       // "linux/arm64/v8"; empty where it is not said
  std::string name;           // org.opencontainers.image.ref.name
  std::string artifact_type;  // of what is attached to an image
};

// Entries of an index that lead to images or further indexes; attestations are left out.
struct Index {
  std::vector<Descriptor> manifests;
};
Result<Index> read_index(std::string_view json, const Limits& limits);

// The image that another was built on, as its builder says it: annotations of the manifest, or
// labels, of the same names (org.opencontainers.image.base.name, …digest).
struct BaseImage {
  std::string name;
  std::string digest;
};

struct Manifest {
  Descriptor config;
  BaseImage base;
  std::vector<Descriptor> layers;  // the lowest first
};
Result<Manifest> read_manifest(std::string_view json, const Limits& limits);

// One image of `docker save`.
struct SavedImage {
  std::string config;               // name of a member
  std::vector<std::string> layers;  // names of members, the lowest first
  std::vector<std::string> tags;
};
Result<std::vector<SavedImage>> read_saved_images(std::string_view json, const Limits& limits);

struct Instruction {
  std::string text;  // "RUN /bin/sh -c apt-get install …", as history has it
  bool makes_layer = true;
};

struct ImageConfig {
  std::string platform;               // "linux/amd64"
  std::vector<std::string> diff_ids;  // digests of unpacked layers, the lowest first
  std::vector<Instruction> history;
  std::vector<std::string> environment;  // "NAME=value"
  std::vector<std::string> labels;       // "name=value"
  std::vector<std::string> commands;     // words of the entry point and command
  BaseImage base;

  // How many layers, from the lowest, a base image brought; 0 where nothing tells. History tells by
  // a default command (CMD) after which layers are still added: it was the base's last word.
  std::size_t base_layers() const;
  // Which instruction made the layer, counted from the lowest; empty when history does not say.
  std::string instruction_of(std::size_t layer) const;
};
Result<ImageConfig> read_image_config(std::string_view json, const Limits& limits);

}  // namespace vedette::formats::images
