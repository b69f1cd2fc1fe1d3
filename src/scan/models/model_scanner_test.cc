// SPDX-License-Identifier: Apache-2.0
#include "scan/models/model_scanner.h"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "formats/models/pickle/graph.h"
#include "formats/packages/jars/jar_writer.h"
#include "scan/models/pickle_judge.h"

namespace vedette::scan::models {
namespace {

using event::Level;

std::vector<event::Finding> scan(const std::string& bytes, std::string_view path = "model.pkl") {
  static const ModelRules rules;
  std::vector<event::Finding> findings;
  ModelScanner(rules).scan(path, bytes, findings);
  return findings;
}

Level worst(const std::vector<event::Finding>& findings) {
  Level level = Level::kInformational;
  for (const event::Finding& finding : findings) level = std::max(level, finding.severity);
  return level;
}

bool names(const std::vector<event::Finding>& findings, std::string_view call) {
  return std::ranges::any_of(findings, [call](const event::Finding& finding) {
    return finding.message.find(call) != std::string::npos;
  });
}

// Protocol 2 with short operands: enough for what is tested here.
std::string text(std::string_view value) {
  return std::string("X") + static_cast<char>(value.size()) + std::string(3, '\0') +
         std::string(value);
}
std::string global(std::string_view module, std::string_view name) {
  return "c" + std::string(module) + "\n" + std::string(name) + "\n";
}
std::string pickle(const std::string& body) { return "\x80\x02" + body + "."; }
std::string call(const std::string& callee, const std::string& argument) {
  return callee + argument + "\x85R";
}

const std::string kSystem = global("os", "system");

TEST(ModelScanner, NamesTheCallWithItsArguments) {
  const auto findings = scan(pickle(call(kSystem, text("true"))));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].severity, Level::kCritical);
  EXPECT_EQ(findings[0].redacted, "os.system(\"true\")");
  EXPECT_EQ(findings[0].place.offset, 23U);
}

TEST(ModelScanner, ReadsProtocolZeroAndBrokenEnds) {
  EXPECT_EQ(worst(scan("cposix\nsystem\n(S'true'\ntR.")), Level::kCritical);
  EXPECT_EQ(worst(scan("cposix\nsystem\n(S'true'\ntR")), Level::kCritical);
  EXPECT_EQ(worst(scan(pickle("N") + pickle(call(kSystem, text("true"))))), Level::kCritical);
  EXPECT_EQ(worst(scan("\x80\x02" + call(kSystem, text("true")) + "\xFF")), Level::kCritical);
}

TEST(ModelScanner, SeesWhatIsHidden) {
  const std::string import = call(global("importlib", "import_module"), text("os"));
  const std::string resolved = call(global("pkgutil", "resolve_name"), text("os:system"));
  EXPECT_TRUE(names(scan(pickle(call(resolved, text("true")))), "os.system(\"true\")"));
  const std::string got = global("builtins", "getattr") + import + text("system") + "\x86R";
  EXPECT_TRUE(names(scan(pickle(call(got, text("true")))), "os.system(\"true\")"));
  const std::string decoded = call(global("base64", "b64decode"), text("dHJ1ZQ=="));
  EXPECT_TRUE(names(scan(pickle(call(kSystem, decoded))), "os.system(b\"true\")"));
  const std::string partial = global("functools", "partial") + kSystem + text("true") + "\x86R";
  EXPECT_TRUE(names(scan(pickle(partial + ")R")), "os.system(\"true\")"));
}

TEST(ModelScanner, LooksIntoTextsThatArePickles) {
  const std::string inner = pickle(call(kSystem, text("true")));
  const std::string bytes =
      "B" + std::string(1, static_cast<char>(inner.size())) + std::string(3, '\0') + inner;
  EXPECT_EQ(worst(scan("\x80\x03" + bytes + ".")), Level::kCritical);
}

TEST(ModelScanner, TellsImportsThatAreHandedOn) {
  EXPECT_EQ(worst(scan(pickle(kSystem))), Level::kCritical);
}

TEST(ModelScanner, KnowsAFunctionByAllItsSpellings) {
  const auto load = [](std::string_view module, std::string_view name) {
    return worst(scan(pickle(call(global(module, name), text("x")))));
  };
  EXPECT_EQ(load("keras.models", "load_model"), Level::kHigh);
  EXPECT_EQ(load("keras", "models.load_model"), Level::kHigh);
  EXPECT_EQ(load("torch", "multiprocessing.spawn"), Level::kCritical);
  EXPECT_EQ(load("PIL", "ImageMath.eval"), Level::kCritical);
  EXPECT_EQ(load("PIL.ImageMath", "eval"), Level::kCritical);
}

TEST(ModelScanner, TellsChangesOfModules) {
  const std::string change = global("torch", "_utils") + "}" + text("a") + "N" + "sb";
  EXPECT_EQ(worst(scan(pickle(change))), Level::kHigh);
}

TEST(ModelScanner, UnknownIsSuspiciousAndNeverCritical) {
  EXPECT_EQ(worst(scan(pickle(call(global("somewhere", "run"), text("x"))))), Level::kMedium);
  EXPECT_EQ(worst(scan(pickle(global("somewhere", "Model") + ")\x81}b"))), Level::kInformational);
}

TEST(ModelScanner, IsSilentAboutWhatLibrariesWrite) {
  EXPECT_TRUE(scan(pickle(global("collections", "OrderedDict") + ")R")).empty());
  EXPECT_TRUE(scan(pickle(global("sklearn.svm._classes", "SVC") + ")\x81}b")).empty());
  EXPECT_TRUE(scan(pickle(global("scipy.sparse._coo", "coo_array") + ")\x81}b")).empty());
  EXPECT_TRUE(scan("plain text, with no model in it", "README.md").empty());
  EXPECT_TRUE(scan("", "empty.pkl").empty());
}

TEST(ModelScanner, LooksBeforeTheDamageOfZlib) {
  const std::string hostile = pickle(call(kSystem, text("true")));
  const auto size = static_cast<char>(hostile.size());
  const auto not_size = static_cast<char>(~size);
  // A block as it is, behind which none follows.
  const std::string cut = std::string("\x78\x01\0", 3) + size + '\0' + not_size + '\xFF' + hostile;
  const ModelRules rules;
  ModelScanner scanner(rules);
  std::vector<event::Finding> findings;
  scanner.scan("model.pkl.z", cut, findings);
  EXPECT_EQ(worst(findings), Level::kCritical);
  EXPECT_EQ(scanner.losses().size(), 1U);
  // What only begins like it may be a zip, which is read from its end.
  const std::string zip = formats::packages::write_jar({{"a/data.pkl", hostile}});
  EXPECT_EQ(worst(scan("\x78\x9C" + zip, "model.keras")), Level::kCritical);
}

std::string tar_member(const std::string& name, const std::string& content) {
  constexpr std::size_t kBlock = 512;
  std::string head = name;
  head.resize(kBlock);
  const auto octal = [&head](std::size_t at, std::size_t width, std::size_t value) {
    for (std::size_t i = width - 1; i-- > 0; value /= 8)
      head[at + i] = static_cast<char>('0' + value % 8);
  };
  octal(100, 8, 0644);
  octal(124, 12, content.size());
  head.replace(148, 8, "        ");
  head[156] = '0';
  head.replace(257, 8, std::string("ustar\00000", 8));
  std::size_t sum = 0;
  for (const char c : head) sum += static_cast<unsigned char>(c);
  octal(148, 7, sum);
  std::string padded = content;
  padded.resize((content.size() + kBlock - 1) / kBlock * kBlock);
  return head + padded;
}

TEST(ModelScanner, SaysThatAnArchiveHasTooManyMembers) {
  const auto losses_of = [](std::size_t count) {
    std::string tar;
    for (std::size_t i = 0; i < count; ++i) tar += tar_member("empty", "");
    tar += tar_member("model.pkl", pickle(call(kSystem, text("true"))));
    static const ModelRules kRules;
    ModelScanner scanner(kRules);
    std::vector<event::Finding> findings;
    scanner.scan("model.tar", tar + std::string(1'024, '\0'), findings);
    return scanner.losses().empty() && worst(findings) == Level::kCritical
               ? 0U
               : scanner.losses().size();
  };
  EXPECT_EQ(losses_of(10), 0U);
  EXPECT_EQ(losses_of(10'000), 1U);
}

TEST(ModelScanner, ShowsWhatLoadingDoes) {
  const std::string shown = show_pickles(pickle(call(kSystem, text("true"))));
  EXPECT_NE(shown.find("os.system(\"true\")"), std::string::npos) << shown;
}

TEST(ModelScanner, NamesTheCallBehindMoreValuesThanAreKept) {
  std::string padding;
  for (std::size_t i = 0; i < formats::models::ValueGraph::kValuesMax; ++i) padding += "}0";
  const auto findings =
      scan("\x80\x04" + padding + text("os") + text("system") + "\x93" + text("true") + "\x85R.");
  EXPECT_EQ(worst(findings), Level::kCritical);
  EXPECT_TRUE(names(findings, "os.system"));
}

// What joblib writes of an array of one number, whose size says a code of numpy's.
std::string joblib_array(const std::string& type) {
  return global("joblib.numpy_pickle", "NumpyArrayWrapper") + ")\x81}(" + text("subclass") +
         global("numpy", "ndarray") + text("shape") + "K\x01\x85" + text("order") + text("C") +
         text("dtype") + global("numpy", "dtype") + type + "\x89\x88\x87R" + text("allow_mmap") +
         "\x88ub" + std::string(8, '\xFF');
}

TEST(ModelScanner, FindsWhatStandsBehindArraysOfJoblib) {
  const std::string array = joblib_array(text("f8"));
  const std::string payload = call(kSystem, text("true")) + "e";
  EXPECT_TRUE(scan(pickle("](" + array + "e")).empty());
  EXPECT_TRUE(names(scan(pickle("](" + array + payload)), "os.system(\"true\")"));
  // Behind more values than are kept, of plain ones and of composed ones.
  std::string numbers = "(";
  std::string pairs = "(";
  for (std::size_t i = 0; i < formats::models::ValueGraph::kValuesMax; ++i) {
    numbers += fmt::format("I{}\n", 300 + i);
    pairs += "]";
  }
  numbers += "e";
  pairs += "e";
  for (const std::string& padding : {numbers, pairs}) {
    const std::string begin = "]" + padding + "(" + array + array;
    EXPECT_TRUE(scan(pickle(begin + "e")).empty());
    EXPECT_TRUE(names(scan(pickle(begin + payload)), "os.system("));
  }
}

TEST(ModelScanner, LooksForImportsBehindArraysWhoseSizeIsNotKnown) {
  for (const std::string& type : {text("float64"), global("numpy", "float64"), text("2f4")}) {
    const std::string begin = "](" + joblib_array(type);
    EXPECT_EQ(worst(scan(pickle(begin + "e"))), Level::kMedium);
    EXPECT_TRUE(names(scan(pickle(begin + call(kSystem, text("true")) + "e")), "os.system"));
    EXPECT_TRUE(names(scan(pickle(begin + text("os") + "q\x01" + text("system") + "q\x02\x93" +
                                  text("true") + "\x85Re")),
                      "os.system"));
  }
}

// Each of the archives is a member without a size, which holds all that follow.
TEST(ModelScanner, LooksAtArchivesBehindEachOtherOnce) {
  // Behind 22 bytes that say nothing stand the sizes of the name and of further fields.
  const std::string header = "PK\x03\x04" + std::string(22, '\0') + std::string("\x01\0\0\0a", 5);
  std::string bytes;
  for (int i = 0; i < 40; ++i) bytes += header;
  bytes += pickle(call(kSystem, text("true")));
  const auto findings = scan(bytes, "model.distcp");
  EXPECT_EQ(worst(findings), Level::kCritical);
  EXPECT_LE(findings.size(), 100U);
}

TEST(ModelScanner, TellsOfLinksThatLeadOut) {
  std::string header(512, '\0');
  const auto put = [&header](std::size_t at, std::string_view value) {
    header.replace(at, value.size(), value);
  };
  put(0, "model/x");
  put(100, "0000644");
  put(124, "00000000000");
  put(156, "2");
  put(157, "/etc");
  put(257, "ustar");
  put(148, "        ");
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put(148, fmt::format("{:06o}", sum));
  const auto findings = scan(header + std::string(1024, '\0'), "model.tar");
  EXPECT_EQ(worst(findings), Level::kHigh);
  EXPECT_TRUE(names(findings, "model/x a link to /etc"));
}

}  // namespace
}  // namespace vedette::scan::models
