// SPDX-License-Identifier: Apache-2.0
#include "scan/models/graph_code.h"

#include <gtest/gtest.h>
#include <string>

namespace vedette::scan::models {
namespace {

const std::string kHead =
    "NoneType = type(None)\nfrom math import inf\nfrom torch import device\nimport math\n"
    "import torch\nimport torch.fx._pytree as fx_pytree\n\nwrap(\"torch_check\")\n\n";

std::string forward(const std::string& statements) {
  return kHead + "def forward(self, x : torch.Tensor, y = None, *args):\n" + statements;
}

TEST(GraphCode, WhatTorchWritesIsPlain) {
  EXPECT_TRUE(is_plain_graph_code(
      forward("    _0 = getattr(self, \"0\")(x);  x = None\n"
              "    add = self.L__self___conv(_0) + self.weight[(slice(1, None, None), 0)]\n"
              "    cat = torch.cat([add, torch.nn.functional.relu(_0, inplace = True)], dim = -1)\n"
              "    to = cat.to(torch.float32).view(-1, 4)\n"
              "    ceil = math.ceil(inf)\n    getattr_1 = getattr(to, \"shape\")\n"
              "    return {'a': to, 'b': getattr_1}\n    \n")));
}

TEST(GraphCode, WhateverElseRunsIsNot) {
  for (const std::string statement :
       {"__import__('os').system('true')", "open('x')", "eval('x')", "torch.load('x')",
        "torch.os.system('true')", "f = torch.os.system", "f = torch.hub.load",
        "self.__class__.__init__", "getattr(self, '__class__')", "getattr(self, '_' + '_class__')",
        "getattr(torch, \"lo\" + x)", "torch.save(x, 'y')", "torch.jit.load('x')",
        "torch.ops.load_library('x')", "x = 'a\\x5f'"}) {
    EXPECT_FALSE(is_plain_graph_code(forward("    " + statement + "\n"))) << statement;
  }
  for (const std::string line :
       {"import os", "from os import system", "import torch; import os", "print(1)",
        "x = torch.rand(3)", "@torch.hub.load", "def forward(self, x = open('y')):",
        "def forward(self): import os", "class A:", "import torch\rimport os", "import torchother",
        "import torch, os", "from torch.hub import load"}) {
    EXPECT_FALSE(is_plain_graph_code(line + "\n" + forward("    return load(x)\n"))) << line;
  }
}

}  // namespace
}  // namespace vedette::scan::models
