// SPDX-License-Identifier: Apache-2.0
#include "observe/packages.h"

#include <gtest/gtest.h>

#include "observe/file_use.h"

namespace vedette::observe {
namespace {

class FakeRoot : public RootFiles {
 public:
  std::string read(const std::string& path, std::size_t bytes_max) override {
    const auto found = files.find(path);
    return found == files.end() ? std::string() : found->second.substr(0, bytes_max);
  }
  std::vector<std::string> list(const std::string& folder) override {
    std::set<std::string> names;
    for (const auto& [path, text] : files) {
      if (!path.starts_with(folder + "/")) continue;
      const std::string rest = path.substr(folder.size() + 1);
      names.insert(rest.substr(0, rest.find('/')));
    }
    return {names.begin(), names.end()};
  }
  std::map<std::string, std::string> files;
};

TEST(Packages, OfDpkgByTheListsOfTheirFiles) {
  FakeRoot root;
  root.files = {{"/var/lib/dpkg/status",
                 "Package: libssl3\nArchitecture: amd64\nVersion: 3.0.15-1\n\n"
                 "Package: bash\nArchitecture: amd64\nVersion: 5.2\n"},
                {"/var/lib/dpkg/info/libssl3:amd64.list",
                 "/.\n/lib\n/lib/x/libssl.so.3\n/lib/x/libcrypto.so.3\n"},
                {"/var/lib/dpkg/info/bash.list", "/bin/bash\n"},
                {"/var/lib/dpkg/info/bash.md5sums", "/usr/lib/x/libssl.so.3"},
                {"/var/lib/dpkg/info/unused.list", "/usr/bin/unused\n"}};
  bool found = false;
  const std::vector<UsedPackage> packages =
      used_packages(root, {"/usr/lib/x/libssl.so.3", "/usr/bin/bash"}, found);
  EXPECT_TRUE(found);
  EXPECT_EQ(packages, (std::vector<UsedPackage>{{"dpkg", "bash", "5.2", 1},
                                                {"dpkg", "libssl3", "3.0.15-1", 1}}));
}

TEST(Packages, OfApkByItsDatabase) {
  FakeRoot root;
  root.files = {{"/lib/apk/db/installed",
                 "P:musl\nV:1.2.4-r2\nF:lib\nR:ld-musl-x86_64.so.1\nR:libc.musl\n\n"
                 "P:zlib\nV:1.3\nF:lib\nR:libz.so.1\n"}};
  bool found = false;
  EXPECT_EQ(used_packages(root, {"/lib/libz.so.1"}, found),
            (std::vector<UsedPackage>{{"apk", "zlib", "1.3", 1}}));
  EXPECT_TRUE(found);
  root.files.clear();
  EXPECT_TRUE(used_packages(root, {"/lib/libz.so.1"}, found).empty());
  EXPECT_FALSE(found);
}

TEST(Packages, OfPythonByTheirDistInfo) {
  FakeRoot root;
  root.files = {
      {"/p/site-packages/PyYAML-6.0.1.dist-info/RECORD",
       "yaml/__init__.py,sha256=x,1\n_yaml/__init__.py,,\nPyYAML-6.0.1.dist-info/RECORD,,\n"},
      {"/p/site-packages/six-1.16.dist-info/top_level.txt", "six\n"},
      {"/p/site-packages/yaml/__init__.py", ""}};
  const PythonModules modules = {{"/p/site-packages", {{"yaml", 7}, {"_yaml", 1}, {"own", 2}}}};
  EXPECT_EQ(used_distributions(root, modules),
            (std::vector<UsedPackage>{{"python", "PyYAML", "6.0.1", 8}, {"python", "own", "", 2}}));
}

TEST(FileUse, IsKnownByThePath) {
  struct Row {
    std::string_view path;
    FileUse use;
  };
  for (const auto& [path, use] : {
           Row{"/usr/lib/libssl.so.3", FileUse::kSharedObject},
           Row{"/usr/lib/libx.so", FileUse::kSharedObject},
           Row{"/etc/ld.so.cache", FileUse::kSharedObject},
           Row{"/usr/share/so.sound", FileUse::kOther},
           Row{"/usr/lib/python3/dist-packages/yaml/_yaml.cpython-311.so", FileUse::kSharedObject},
           Row{"/venv/lib/python3.11/site-packages/yaml/nodes.py", FileUse::kPython},
           Row{"/usr/lib/python3.11/json/decoder.py", FileUse::kOther},
           Row{"/p/site-packages/distutils-precedence.pth", FileUse::kOther},
           Row{"/m/weights.pth", FileUse::kModel},
           Row{"/opt/app.jar", FileUse::kJava},
           Row{"/m/model.safetensors", FileUse::kModel},
           Row{"/m/pytorch_model.bin", FileUse::kModel},
           Row{"/m/models/a.bin", FileUse::kModel},
           Row{"/usr/share/locale.bin", FileUse::kOther},
           Row{"/tmp/cache.gguf", FileUse::kModel},
           Row{"/tmp/x", FileUse::kPassing},
           Row{"/proc/1/maps", FileUse::kPassing},
       }) {
    EXPECT_EQ(use_of(path), use) << path;
  }
}

TEST(FileUse, NamesTheModuleOfAPythonFile) {
  const auto module = [](std::string_view path) { return std::string(python_module(path).name); };
  EXPECT_EQ(module("/p/site-packages/yaml/sub/a.py"), "yaml");
  EXPECT_EQ(module("/p/site-packages/six.py"), "six");
  EXPECT_EQ(module("/p/site-packages/__pycache__/six.cpython-311.pyc"), "six");
  EXPECT_EQ(module("/p/site-packages/six-1.16.dist-info/METADATA"), "");
  EXPECT_EQ(module("/p/site-packages/x.pth"), "");
  EXPECT_EQ(module("/p/lib/six.py"), "");
  EXPECT_EQ(python_module("/p/site-packages/yaml/a.py").folder, "/p/site-packages");
}

}  // namespace
}  // namespace vedette::observe
