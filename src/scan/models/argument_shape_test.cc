// SPDX-License-Identifier: Apache-2.0
#include "scan/models/argument_shape.h"

#include <gtest/gtest.h>
#include <string>

#include "scan/models/callee.h"

namespace vedette::scan::models {
namespace {

TEST(ArgumentShape, TellsWordsFromCommands) {
  for (const char* word : {"train", "right_censoring", "fine-tune", "2.0.1+cpu", ""})
    EXPECT_TRUE(is_plain_word(word)) << word;
  for (const char* text : {"sh -c id", "/bin/sh", "http://a", "a;b", "x y"})
    EXPECT_FALSE(is_plain_word(text)) << text;
  EXPECT_FALSE(is_plain_word(std::string(65, 'a')));
}

TEST(ArgumentShape, KnowsWhatLeadsOut) {
  for (const char* text :
       {"/etc/passwd", "~/.ssh/id", "C:\\x", "\\\\host\\share", "http://a/b", "a/../../b",
        "__import__('os')", "os.system('id')", "id | sh", "a && b", "$(id)", "model.pkl", "x.so"}) {
    EXPECT_TRUE(leads_out(text)) << text;
  }
  for (const char* text :
       {"train", "a b", "ones__0", "2.0.1", "hidden (first)", "a/b", "x.y", "\x01/\x02(", ""}) {
    EXPECT_FALSE(leads_out(text)) << text;
  }
  EXPECT_FALSE(leads_out("/" + std::string(kLeadingTextMax, 'a')));  // data
}

TEST(ArgumentShape, KnowsClassesThatOpenByName) {
  EXPECT_TRUE(opens_by_name("MmCorpus"));
  EXPECT_TRUE(opens_by_name("CorpusReader"));
  EXPECT_FALSE(opens_by_name("LogisticRegression"));
}

TEST(ArgumentShape, KnowsClassesThatActByName) {
  for (const char* name : {"JobClient", "LocalProcess", "Popen", "LuaRuntime"})
    EXPECT_TRUE(acts_by_name(name)) << name;
  for (const char* name : {"GaussianProcessRegressor", "ClientSettings", "Net"})
    EXPECT_FALSE(acts_by_name(name)) << name;
}

TEST(Callee, KnowsPythonsOwnUnderOtherNames) {
  EXPECT_EQ(look_up("random", "_os.system").capability, Capability::kRunsCode);
  EXPECT_EQ(look_up("collections", "_sys.modules").capability, Capability::kLoadsCode);
  EXPECT_EQ(look_up("builtins", "print.__self__.eval").capability, Capability::kRunsCode);
  EXPECT_EQ(look_up("socket", "socket").capability, Capability::kNetwork);
  EXPECT_EQ(look_up("acme", "_oslo.system").capability, Capability::kUnknown);
}

TEST(Callee, KnowsFunctionsThatRebuild) {
  for (const char* name : {"acme._unpickle_unit", "acme.reconstruct", "acme._restore_curry",
                           "acme._new_Index", "acme.Net._from_other"})
    EXPECT_TRUE(rebuilds_by_name(name)) << name;
  for (const char* name : {"acme.restore_checkpoint", "acme.make_shell", "acme.run", "_new_.run"})
    EXPECT_FALSE(rebuilds_by_name(name)) << name;
}

TEST(Callee, KnowsModulesThatOnlyAreCalledLikePythons) {
  EXPECT_EQ(look_up("scipy.signal._filter_design", "butter").capability, Capability::kUnknown);
  EXPECT_EQ(look_up("project.code.model", "Net").capability, Capability::kUnknownClass);
  EXPECT_EQ(look_up("eventlet.green.subprocess", "Popen").capability, Capability::kRunsCode);
  EXPECT_EQ(look_up("six.moves.builtins", "eval").capability, Capability::kRunsCode);
  EXPECT_EQ(look_up("torch.serialization", "os.system").capability, Capability::kRunsCode);
}

TEST(Callee, TakesANewObjectForItsClass) {
  EXPECT_EQ(look_up("acme", "Net.__new__").capability, Capability::kUnknownClass);
  EXPECT_EQ(look_up("subprocess", "Popen.__new__").capability, Capability::kRunsCode);
  EXPECT_EQ(look_up("spacy.vocab", "__pyx_unpickle_Vocab").capability, Capability::kHarmless);
  EXPECT_EQ(look_up("acme", "__pyx_unpickle_Net").capability, Capability::kUnknownClass);
}

TEST(Callee, KnowsImportsThatDoNothing) {
  for (const char* module : {"math", "numpy", "os", "torch.nn"})
    EXPECT_TRUE(is_harmless_import(module)) << module;
  for (const char* module :
       {"antigravity", "idlelib.idle", "acme", "torch.utils.cpp_extension", ""})
    EXPECT_FALSE(is_harmless_import(module)) << module;
}

}  // namespace
}  // namespace vedette::scan::models
