#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The program as a user meets it: what it prints, writes and exits with."""
import collections
import gzip
import json
import os
import signal
import subprocess
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDING = os.path.join(HERE, "recording")
VEDETTE = os.path.abspath(os.environ["VEDETTE"])
RULE = """title: Shell started
id: 11111111-1111-4111-8111-111111111111
logsource: {category: any}
detection:
  selection: {Image|endswith: /sh}
  condition: selection
level: high
"""


def run(*arguments, **options):
    environment = dict(os.environ, NO_COLOR="1", **options.pop("environment", {}))
    return subprocess.run([VEDETTE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=environment, timeout=120, check=False, **options)


class Program(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.rule = self.write("rule.yml", RULE)
        self.events = self.write("events.json", '{"Image":"/bin/sh"}\n{"Image":"/bin/ls"}\n')

    def write(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def detect(self, *arguments, **options):
        return run("detect", "--rules", self.rule, "--no-logsource", *arguments, **options)

    def test_version_names_commit_and_libraries(self):
        text = run("--version").stdout.decode()
        for word in ("vedette ", "commit ", "simdjson ", "re2 ", "CLI11 "):
            self.assertIn(word, text)

    def test_secrets_are_found_and_never_shown(self):
        password, token = "k4Rz" + "!9qLw2Vt", "Wq7v" + "T2mXpL9"
        os.makedirs(os.path.join(self.folder.name, "tree", "deploy"))
        self.write("tree/deploy/.env", f"SMTP_PASSWORD={password}\n")
        self.write("tree/settings.py", f'URL = "postgres://shop:{token}@db.internal.example/shop"\n')
        tree = os.path.join(self.folder.name, "tree")
        subprocess.run(["tar", "-C", tree, "-czf", os.path.join(tree, "backup.tgz"), "deploy"], check=True)
        for name in ("table", "ndjson", "json", "sarif"):
            done = run("scan", "secrets", "-v", "--format", name, tree)
            self.assertEqual(done.returncode, 1, done.stderr)
            said = done.stdout + done.stderr
            for secret in (password, token):
                self.assertNotIn(secret[4:].encode(), said)
            for path in (b"settings.py", b"deploy/.env", b"backup.tgz/deploy/.env"):
                self.assertIn(path, said)
        done = run("scan", "secrets", "--format", "sarif", tree)
        levels = {result["level"] for result in json.loads(done.stdout)["runs"][0]["results"]}
        self.assertEqual(levels, {"error"})

    def test_scan_exit_codes_say_how_it_ended(self):
        clean = self.write("clean.txt", "nothing here\n")
        self.assertEqual(run("scan", "secrets", clean).returncode, 0)
        self.assertEqual(run("scan", "secrets", self.folder.name + "/gone").returncode, 2)
        self.assertEqual(run("scan", "secrets", "--rules", clean + ".toml", clean).returncode, 2)
        with open(os.path.join(self.folder.name, "cut.gz"), "wb") as out:
            out.write(gzip.compress(b"x" * 100000)[:-9])
        done = run("scan", "secrets", self.folder.name)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn(b"cut.gz", done.stderr)

    def test_the_recorded_container_is_found(self):
        capture = os.path.join(RECORDING, "notebook.capture")
        rules = os.path.join(HERE, "..", "..", "content", "falco")
        done = run("detect", "--rules", rules, "--format", "falco", capture)
        alerts = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual({alert["output_fields"]["container.name"] for alert in alerts}, {"notebook"})
        self.assertEqual({alert["output_fields"]["k8s.pod.name"] for alert in alerts}, {"notebook-0"})
        self.assertEqual({alert["hostname"] for alert in alerts}, {"node-1"})
        done = run("detect", "--rules", rules, "--format", "ndjson", capture)
        named = {(alert["host"], alert["container"], alert["pod"]) for alert in map(json.loads, done.stdout.splitlines())}
        self.assertEqual(named, {("node-1", "notebook", "notebook-0")})
        self.assertLessEqual({"Shell Started by Notebook", "Authorized Keys Written From Notebook",
                              "Cloud Credentials Read in AI Workload", "Model Weights Packed",
                              "Miner Started in Container", "Host Device Mounted in Container",
                              "History or Logs Wiped in Container"}, {alert["rule"] for alert in alerts})

    def test_an_unset_login_is_no_user(self):
        rule = self.write("exe.yml", RULE.replace("Image", "exe"))
        for auid, user in (("4294967295", "0"), ("-1", "0"), ("unset", "0"), ("1000", "1000")):
            log = self.write("audit.log", "type=SYSCALL msg=audit(1603215207.2:5): arch=c000003e syscall=59 "
                             f'success=yes ppid=1 pid=2 auid={auid} uid=0 comm="sh" exe="/bin/sh"\n')
            done = run("detect", "--rules", rule, "--no-logsource", log)
            self.assertEqual(json.loads(done.stdout)["user"], user)

    def test_whole_events_keep_their_types_and_hold_no_structures(self):
        events = self.write("typed.json", '{"Image":"/bin/sh","a":{"b":[1,"2",{"c":-0.50}]},"n":null,'
                            '"t":true,"e":{},"l":[[]],"big":9007199254740993}')
        done = self.detect("--include-event", events)
        self.assertIn(b'"event":{"Image":"/bin/sh","a.b":[1,"2"],"a.b.c":-0.50,"n":null,"t":true,'
                      b'"big":9007199254740993}', done.stdout)

    def test_alerts_are_ndjson_in_a_pipe(self):
        done = self.detect(self.events)
        alerts = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([alert["record"] for alert in alerts], [1])
        self.assertEqual(alerts[0]["rule"]["title"], "Shell started")
        self.assertEqual(alerts[0]["matched"][0]["value"], "/bin/sh")
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_tsv_is_input_record_and_rule(self):
        done = self.detect("--format", "tsv", self.events)
        expected = f"{self.events}\t1\t11111111-1111-4111-8111-111111111111\n"
        self.assertEqual(done.stdout.decode(), expected)

    def test_standard_input_and_gzip(self):
        packed = gzip.compress(b'{"Image":"/bin/sh"}\n' * 3)
        done = self.detect("--format", "tsv", "-", input=packed)
        self.assertEqual(done.stdout.count(b"\n"), 3)

    def test_exit_codes(self):
        self.assertEqual(self.detect("--fail-on", "high", self.events).returncode, 1)
        self.assertEqual(self.detect("--fail-on", "critical", self.events).returncode, 0)
        self.assertEqual(self.detect(self.folder.name + "/missing.json").returncode, 2)
        self.assertEqual(self.detect("--rulse", "x", self.events).returncode, 2)
        damaged = self.write("damaged.json", '{"Image":"/bin/sh"}\n{"Image":\n')
        done = self.detect(damaged)
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"skipped", done.stderr)

    def test_a_folder_that_cannot_be_read_is_not_silent(self):
        # Root may read everything, so the program runs as nobody then.
        options = {"user": 65534} if os.geteuid() == 0 else {}
        try:
            run("--version", **options)
        except OSError:
            self.skipTest("the program's folder is closed to other users")
        os.chmod(self.folder.name, 0o755)
        locked = os.path.join(self.folder.name, "locked")
        os.mkdir(locked, 0)
        self.addCleanup(os.chmod, locked, 0o700)
        done = self.detect(self.folder.name, **options)
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"locked: Permission denied", done.stderr)
        done = run("rules", "lint", "--rules", self.folder.name, **options)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"locked: Permission denied", done.stdout)

    def test_a_rule_that_does_not_exist_is_an_error(self):
        done = self.detect("--rule", "Shel started", self.events)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"Shel started", done.stderr)

    def test_an_output_file_is_whole_or_not_there(self):
        target = os.path.join(self.folder.name, "out.html")
        self.assertEqual(self.detect("--format", "html", "--output", target, self.events).returncode, 0)
        with open(target, encoding="utf-8") as file:
            self.assertIn("</html>", file.read())
        before = set(os.listdir(self.folder.name))
        done = self.detect("--output", os.path.join(self.folder.name, "no", "out"), self.events)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(set(os.listdir(self.folder.name)), before)

    def test_flags_that_would_do_nothing_are_errors(self):
        for arguments, said in ((["--profile-rules"], b"--stats FILE"), (["--stats", "-"], b"--output"),
                                (["--tag", "attack.t9999"], b"none of 1")):
            done = self.detect(*arguments, self.events)
            self.assertEqual(done.returncode, 2)
            self.assertIn(said, done.stderr)

    def test_a_dash_is_standard_output(self):
        done = self.detect("--output", "-", "--format", "tsv", self.events, cwd=self.folder.name)
        self.assertEqual(len(done.stdout.splitlines()), 1)
        alerts = os.path.join(self.folder.name, "alerts")
        done = self.detect("--output", alerts, "--stats", "-", self.events, cwd=self.folder.name)
        self.assertEqual(json.loads(done.stdout)["alerts"], 1)
        self.assertNotIn("-", os.listdir(self.folder.name))

    def test_stats_count(self):
        target = os.path.join(self.folder.name, "stats.json")
        self.detect("--stats", target, "--profile-rules", self.events)
        with open(target, encoding="utf-8") as file:
            stats = json.load(file)
        self.assertEqual((stats["events"], stats["alerts"], stats["skipped"]), (2, 1, 0))
        self.assertEqual(stats["rules"][0]["hits"], 1)
        self.assertEqual(stats["inputs"][0]["format"], "json-lines")

    def test_interrupted_runs_end_in_order(self):
        target = os.path.join(self.folder.name, "out.json")
        with subprocess.Popen([VEDETTE, "detect", "--rules", self.rule, "--no-logsource", "--format",
                               "json", "--output", target, "-"], stdin=subprocess.PIPE,
                              stderr=subprocess.PIPE) as running:
            # Once the program reads, it has its signal handler: a pipe holds 64 KiB unread.
            running.stdin.write(b'{"Image":"/bin/sh"}\n' * 10000)
            running.stdin.flush()
            time.sleep(0.2)
            running.send_signal(signal.SIGINT)
            running.stdin.close()
            self.assertEqual(running.wait(30), 3)
        with open(target, encoding="utf-8") as file:
            self.assertTrue(json.load(file)["summary"]["interrupted"])

    def test_lint_as_json(self):
        bad = self.write("bad.yml", RULE.replace("condition: selection", "condition: nothing"))
        done = run("rules", "lint", "--rules", self.rule, "--rules", bad, "--format", "json")
        said = json.loads(done.stdout)
        self.assertEqual(set(said), {"loaded", "refused", "warnings"})
        self.assertEqual(said["loaded"], 1)
        self.assertEqual(set(said["refused"][0]), {"file", "line", "rule", "reason"})
        self.assertEqual(done.returncode, 1)

    def test_explain_shows_what_each_leaf_saw(self):
        done = run("rules", "explain", "Shell started", "--rules", self.rule, "--no-logsource",
                   "--event", self.events)
        text = done.stdout.decode()
        self.assertIn("record 1: matches", text)
        self.assertIn("record 2: does not match", text)
        self.assertIn("saw Image: '/bin/ls'", text)

    def test_help_has_examples_for_every_command(self):
        for words in ([], ["detect"], ["rules"], ["completion"],
                      *(["rules", name] for name in
                        ("lint", "list", "show", "test", "explain", "coverage"))):
            done = run(*words, "--help")
            self.assertEqual(done.returncode, 0)
            self.assertIn(b"Examples:\n  ", done.stdout, words)

    def test_the_recorded_attack_is_found(self):
        done = run("detect", "--format", "ndjson", os.path.join(RECORDING, "attack.log"))
        self.assertEqual(done.returncode, 0, done.stderr)
        found = collections.Counter(json.loads(line)["rule"]["id"] for line in done.stdout.splitlines())
        with open(os.path.join(RECORDING, "expected.tsv"), encoding="utf-8") as file:
            rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
        self.assertEqual(found, {row[0]: int(row[1]) for row in rows})
        self.assertGreater(len(rows), 20)

    def test_the_benign_recording_is_quiet(self):
        done = run("detect", "--format", "tsv", os.path.join(RECORDING, "benign.log"))
        self.assertEqual((done.returncode, done.stdout), (0, b""), done.stderr)


if __name__ == "__main__":
    unittest.main()
