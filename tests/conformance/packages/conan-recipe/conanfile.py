# SPDX-License-Identifier: Apache-2.0
# requires = "commented/1.0"
from conan import ConanFile


class Juice(ConanFile):
    """Has requires = "docs/1.0" in its words."""
    name = "juice"
    version = "3.1"
    settings = "os", "arch"
    requires = "apple/1.2.3", "pear/[>=2.0 <3.0]"
    tool_requires = [
        "press/4.1",  # the one that works
        ("filter/0.2", "private"),
    ]
    python_requires = "shared-base/[~1]@acme/stable"
    description = "a/b is no reference here"

    def requirements(self):
        self.requires("plum/0.9@acme/stable", transitive_headers=True)
        if self.options.fizz:
            self.requires(f"soda/{self.version}")
        self.requires(self.chosen)
        self.test_requires('taster/1.0')

    def build_requirements(self):
        self.tool_requires("bottle/7", requires="no/9")
        self.tool_requires("plum/<host_version>")

    def validate(self):
        requires = self.conf.get("x/y/z", "other words/of no package")
