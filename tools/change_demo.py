#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The story of one change, in a repository made on the spot: a branch brings a key, a dependency with a known exploit
and a hostile model; the gate blocks it and says why; what mends it passes; the figures of the programme show both.

    tools/change_demo.py VEDETTE [--quiet]

Exit code 0 where the verdicts were as told above.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from model_demo import Payload, checkpoint, safetensors  # noqa: E402

# Put together here, so that no scanner takes this file for a leak.
KEY = "glpat-" + "x9Kd7QmB2vRt5NwZ8pLs"
# Facts as published; the words are ours.
ADVISORY = {
    "id": "DEMO-3", "aliases": ["CVE-2021-44228"], "modified": "2026-11-01T00:00:00Z",
    "summary": "Text that is logged can load code from a directory server",
    "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"}],
    "affected": [{"package": {"ecosystem": "Maven", "name": "org.apache.logging.log4j:log4j-core"},
                  "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "2.0"}, {"fixed": "2.15.0"}]}]}]}
EXPLOITED = {"catalogVersion": "demo", "vulnerabilities": [{"cveID": "CVE-2021-44228", "dateAdded": "2021-12-10",
                                                           "knownRansomwareCampaignUse": "Known"}]}


def pom(version):
    return f"""<project>
  <groupId>example</groupId><artifactId>shop</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId><version>{version}</version>
    </dependency>
  </dependencies>
</project>
"""


class Story:
    def __init__(self, program, folder, quiet):
        self.program, self.folder, self.quiet = os.path.abspath(program), folder, quiet
        self.work = folder / "shop"
        self.environment = {key: value for key, value in os.environ.items()
                            if not key.startswith(("GITHUB_", "CI_", "GIT_"))}
        self.environment["XDG_CACHE_HOME"] = str(folder / "cache")

    def say(self, text):
        if not self.quiet:
            print(text, flush=True)

    def git(self, *words):
        subprocess.run(["git", "-c", "user.name=Ana", "-c", "user.email=ana@example.com", "-c", "commit.gpgsign=false",
                        *words], cwd=self.folder / "shop", check=True, capture_output=True, env=self.environment)

    def write(self, name, content):
        path = self.folder / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(self, message, *more):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message, *more)
        self.say(f"$ git commit -m '{message}'")

    def vedette(self, *words):
        self.say("$ vedette " + " ".join(words))
        code = subprocess.run([self.program, *words], cwd=self.work, check=False, env=self.environment,
                              stdout=subprocess.DEVNULL if self.quiet else None,
                              stderr=subprocess.DEVNULL if self.quiet else None).returncode
        self.say("")
        return code

    def judge(self, day, *change):
        return self.vedette("ci", *change, "--db", "../vulnerabilities.db", "--now", day, "--history", "../history.db",
                            "--repository", "example/shop", "--branch", "checkout", "--quiet")

    def prepare(self):
        (self.folder / "shop").mkdir()
        self.git("init", "-q", "-b", "main")
        (self.folder / "advisories").mkdir()
        for name, content in (("log4j", ADVISORY), ("exploited", EXPLOITED)):
            (self.folder / "advisories" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
        subprocess.run([self.program, "db", "build", "-o", "vulnerabilities.db", "advisories"], cwd=self.folder, check=True,
                       capture_output=True, env=self.environment)
        self.write("README.md", "# Shop\n")
        self.write("app.py", "def total(prices):\n    return sum(prices)\n")
        self.write("model/model.safetensors", safetensors())
        self.commit("A shop")

    def tell(self):
        """The codes of the two verdicts."""
        self.git("checkout", "-q", "-b", "checkout")
        self.write("settings.py", f'GITLAB_TOKEN = "{KEY}"\n')
        self.write("pom.xml", pom("2.14.1"))
        self.write("model/pytorch_model.bin", checkpoint({"embed.weight": [0.5, -1.25], "training_args": Payload()}))
        self.commit("Pay with a card")
        blocked = self.judge("2026-11-02", "--base", "main")
        self.say("The key is revoked and taken out of the commit, the dependency updated, the model saved without code.")
        self.write("settings.py", 'import os\n\nGITLAB_TOKEN = os.environ["GITLAB_TOKEN"]\n')
        self.write("pom.xml", pom("2.24.3"))
        self.write("model/pytorch_model.bin", checkpoint({"embed.weight": [0.5, -1.25]}))
        self.commit("Pay with a card", "--amend")
        # As a pipeline has it: this clone's log of HEAD still leads to the first commit, and so to the key.
        self.git("clone", "-q", f"file://{self.folder / 'shop'}", str(self.folder / "fresh"))
        self.work = self.folder / "fresh"
        self.say("$ git clone shop fresh && cd fresh")
        passed = self.judge("2026-11-04", "--all")
        self.vedette("report", "--store", "../history.db", "--branch", "checkout", "--now", "2026-11-05", "-f", "table")
        return blocked, passed


def main():
    parser = argparse.ArgumentParser(description="The story of one change.")
    parser.add_argument("program")
    parser.add_argument("--quiet", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vedette-demo-") as name:
        story = Story(arguments.program, pathlib.Path(name), arguments.quiet)
        story.prepare()
        verdicts = story.tell()
    if verdicts != (1, 0):
        sys.exit(f"demo: expected the first change to be blocked (1) and the second to pass (0), found {verdicts}")


if __name__ == "__main__":
    main()
