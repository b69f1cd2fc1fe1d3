// SPDX-License-Identifier: Apache-2.0
#include "formats/models/model_description.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace vedette::formats::models {
namespace {

using Names = std::vector<std::string>;

TEST(ModelDescriptionTest, ConfigAndCardAreRead) {
  ModelDescription model;
  read_model_config("config.json",
                    R"({"architectures": ["BertForMaskedLM", "x"], "model_type": "bert"})", model);
  read_model_card(
      "README.md",
      "---\nlicense: apache-2.0\npipeline_tag: fill-mask\nlibrary_name: transformers\n"
      "datasets:\n- squad\n- owner/wiki\n- squad\nbase_model: owner/base\n---\n# Title\n",
      model);
  EXPECT_EQ(model.architecture, "BertForMaskedLM");
  EXPECT_EQ(model.family, "bert");
  EXPECT_EQ(model.task, "fill-mask");
  EXPECT_EQ(model.library, "transformers");
  EXPECT_EQ(model.licenses, Names{"apache-2.0"});
  EXPECT_EQ(model.datasets, (Names{"squad", "owner/wiki"}));
  EXPECT_EQ(model.base_models, Names{"owner/base"});
}

TEST(ModelDescriptionTest, WhatIsNoCardSaysNothing) {
  for (const std::string text :
       {"# Title\nlicense: mit\n", "---\nlicense: mit\n", "", "---\n---\n", "---\n[a, b]\n---\n"}) {
    ModelDescription model;
    read_model_card("README.md", text, model);
    read_model_config("config.json", text, model);
    EXPECT_TRUE(model.licenses.empty()) << text;
  }
}

TEST(ModelDescriptionTest, FilesAreModelsByFolders) {
  DigestManifest manifest;
  for (const char* path : {"a/README.md", "a/onnx/model.onnx", "a/w.bin", "alone.pt",
                           "docs/README.md", "models--owner--name/snapshots/12ab/config.json",
                           "models--owner--name/snapshots/12ab/model.safetensors", "notes.txt"}) {
    manifest.files.push_back({path, 1, {}, {}});
  }
  const auto models = group_models(manifest, "subject");
  ASSERT_EQ(models.size(), 3U);
  EXPECT_EQ(models[0].name, "a");
  EXPECT_EQ(models[0].files.size(), 3U);
  EXPECT_EQ(models[1].name, "alone.pt");
  EXPECT_EQ(models[2].name, "owner/name");
  EXPECT_EQ(models[2].purl, "pkg:huggingface/owner/name@12ab");
  manifest.files = {{"README.md", 1, {}, {}}, {"sub/model.onnx", 1, {}, {}}};
  ASSERT_EQ(group_models(manifest, "subject").size(), 1U);
  EXPECT_EQ(group_models(manifest, "subject")[0].name, "subject");
}

}  // namespace
}  // namespace vedette::formats::models
