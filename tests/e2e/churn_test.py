# SPDX-License-Identifier: Apache-2.0
"""Many short-lived processes and containers: each alert of a container says which, and the memory of
the watcher stays as it is. VEDETTE_CHURN=20000,500 for the counts that the project asks for."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import live

PROCESSES, CONTAINERS = (int(count) for count in os.environ.get("VEDETTE_CHURN", "2000,20").split(","))
# The shortest that there is: the runtime has forgotten the container before it can be asked.
LIFE_SECONDS = os.environ.get("VEDETTE_CHURN_LIFE", "0")
GROWTH_KILOBYTES_MAX = 5 * 1024
RULES = """
- rule: Planted file read in a container
  desc: one in each container
  condition: evt.type in (open, openat, openat2) and fd.name endswith /etc/planted and container.id != host
  output: >
    %container.id %container.name %container.image.repository %container.image.tag %proc.name
  priority: WARNING
- rule: Short process
  desc: the last of them
  condition: evt.type in (execve, execveat) and proc.name = true and proc.args = {mark}-last
  output: "%proc.cmdline"
  priority: WARNING
"""
SPAWN = r"""
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int count, char** arguments) {
  const long processes = atol(arguments[1]);
  for (long i = 0; i < processes; ++i) {
    const pid_t child = vfork();
    if (child == 0) { execl("/bin/true", "true", i + 1 == processes ? arguments[2] : "x", (char*)0); _exit(1); }
    int status;
    waitpid(child, &status, 0);
  }
  return count < 3;
}
"""


class Churn(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vedette-churn-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.mark = f"churn-{os.getpid()}"
        (self.folder / "rules.yaml").write_text(RULES.format(mark=self.mark))
        (self.folder / "spawn.c").write_text(SPAWN)
        compiler = shutil.which("cc")
        if compiler is None:
            self.skipTest("no cc")
        subprocess.run([compiler, "-O1", "-o", self.folder / "spawn", self.folder / "spawn.c"], check=True)
        try:
            self.containers = live.Containers(self.folder)
            self.addCleanup(self.containers.close)
            (self.folder / "rootfs" / "etc" / "planted").write_text("planted\n")
            self.watcher = live.Watcher(self.folder, [self.folder / "rules.yaml"])
        except live.CannotWatch as reason:
            self.skipTest(str(reason))
        self.addCleanup(self.watcher.kill)

    def tenth(self, number):
        subprocess.run([self.folder / "spawn", str(PROCESSES // 10), f"{self.mark}-{'last' if number == 9 else 'x'}"],
                       check=True)
        for index in range(CONTAINERS // 10):
            name = f"{self.mark}-{number}-{index}"
            self.containers.run(name, f"cat /etc/planted; sleep {LIFE_SECONDS}", f"registry.example/churn:{name}")

    def test_identity_on_every_alert_and_memory_flat(self):
        resident = []
        for number in range(10):
            self.tenth(number)
            resident.append(self.watcher.resident_kilobytes())
        statistics = self.watcher.stop()
        alerts = [json.loads(line) for line in self.watcher.alerts.read_text().splitlines()]
        seen = set()
        for alert in alerts:
            if alert["rule"] != "Planted file read in a container":
                continue
            fields = alert["output_fields"]
            name = str(fields["container.name"])
            self.assertTrue(name.startswith("churn-"), alert)
            if not name.startswith(self.mark):
                continue  # of another run of this test beside us
            self.assertEqual(fields["container.id"], self.containers.id_of(name)[:12])
            self.assertEqual(fields["container.image.repository"], "registry.example/churn")
            self.assertEqual(fields["container.image.tag"], name)
            seen.add(name)
        self.assertEqual(len(seen), CONTAINERS // 10 * 10)
        self.assertEqual(sum(alert["rule"] == "Short process" for alert in alerts), 1)
        self.assertNotIn("lost", statistics)
        growth = resident[-1] - resident[0]
        print(f"resident, KiB: {resident}", flush=True)
        self.assertLessEqual(growth, GROWTH_KILOBYTES_MAX, resident)


if __name__ == "__main__":
    unittest.main()
