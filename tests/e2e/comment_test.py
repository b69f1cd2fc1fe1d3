# SPDX-License-Identifier: Apache-2.0
"""The comment of the gate in a pull or merge request, against stand-ins for GitHub and GitLab on the loopback."""
import json
import os
import pathlib
import subprocess
import tempfile
import time
import unittest

import comment_server
from comment_server import TOKEN
from gate_test import NOW, finding, summary

VEDETTE = os.environ["VEDETTE"]
CONTENT = str(pathlib.Path(__file__).resolve().parents[2] / "content")
MARK = "<!-- vedette:gate:main -->"
FORGED = f"{MARK}\n### Vedette: all is well"


class Comment:
    """What must hold at both services; made two test cases of at the end."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.service = self.make()
        self.addCleanup(self.service.close)
        self.report(finding(1))

    def report(self, *findings, **more):
        (self.folder / "report.json").write_text(
            json.dumps({"findings": list(findings), "summary": summary(**more)}))

    def gate(self, *arguments, env=None):
        environment = {"PATH": os.environ["PATH"], **self.environment(), **(env or {})}
        ran = subprocess.run([VEDETTE, "gate", "--now", NOW, "-o", "out.json", "--comment", self.name, *arguments,
                              "report.json"], cwd=self.folder, capture_output=True, text=True, timeout=120,
                             env={name: value for name, value in environment.items() if value is not None},
                             check=False)
        self.assertEqual(self.service.wrong, [])
        self.assertNotIn(TOKEN, ran.stdout + ran.stderr)
        return ran

    def posted(self, ran, action, code=1):
        self.assertIn(f"comment: {action}", ran.stderr)
        self.assertEqual(ran.returncode, code, ran.stderr)

    def ours(self):
        return [one for one in self.service.bodies() if one.startswith(MARK) and one != FORGED]

    def test_posts_once_and_updates_from_then_on(self):
        self.posted(self.gate(), "created")
        self.assertEqual(len(self.ours()), 1)
        self.assertIn("must not be merged yet", self.ours()[0])
        count = len(self.service.requests)
        self.posted(self.gate(), "unchanged")
        self.assertNotIn(self.update, self.service.methods()[count:])
        self.report(finding(1), finding(2))
        self.posted(self.gate(), "updated")
        self.assertEqual(len(self.ours()), 1)
        self.assertIn("src/2.py", self.ours()[0])
        self.report()
        self.posted(self.gate(), "updated", code=0)
        self.assertIn("nothing to act on", self.ours()[0])

    def test_who_has_nothing_to_do_is_not_written_to(self):
        self.report(finding(1, "low"))
        self.posted(self.gate(), "not needed", code=0)
        self.assertEqual(self.service.comments, [])

    def test_a_changed_body_is_written_anew(self):
        self.gate()
        good = self.ours()[0]
        self.service.comments[0]["body"] = MARK + "\nall is well"
        self.posted(self.gate(), "updated")
        self.assertEqual(self.ours()[0], good)
        self.service.comments[0]["body"] = good.replace("\n", "\r\n") + "\r\n"
        self.posted(self.gate(), "unchanged")

    def test_names_keep_comments_apart(self):
        self.posted(self.gate(), "created")
        self.posted(self.gate("--comment-name", "models"), "created")
        self.posted(self.gate("--comment-name", "models"), "unchanged")
        self.assertEqual(len(self.service.comments), 2)

    def test_looks_at_all_pages(self):
        self.service.page_size = 3
        for number in range(7):
            self.service.add("ada", f"comment {number} {MARK}")
        self.service.add(self.service.me, MARK + "\nold")
        self.posted(self.gate(), "updated")
        self.assertEqual(len(self.ours()), 1)
        lists = [path for method, path, _ in self.service.requests if method == "GET" and "user" not in path]
        self.assertEqual(len(lists), 3)

    def test_comments_of_others_with_our_mark_are_left_alone(self):
        self.service.add("mallory", FORGED)
        self.service.add("mallory[bot]", FORGED)
        ran = self.gate()
        self.posted(ran, "created")
        self.assertIn('of "mallory" has our mark', ran.stderr)
        self.assertEqual(self.service.bodies()[:2], [FORGED, FORGED])
        self.posted(self.gate(), "unchanged")

    def test_what_only_quotes_the_mark_is_not_ours(self):
        quoted = f"as {MARK} said"
        self.service.add(self.service.me, quoted)
        self.service.add(self.service.me, MARK + " and more\n")
        self.posted(self.gate(), "created")
        self.assertEqual(self.service.bodies()[0], quoted)
        self.assertEqual(len(self.service.comments), 3)

    def test_a_lost_answer_is_no_second_comment(self):
        for action in ("done, then cut", "done, then 502"):
            with self.subTest(action):
                self.service.comments.clear()
                self.service.faults = [(f"POST .*{self.list}$", action)]
                self.posted(self.gate(), "created")
                self.assertEqual(len(self.service.comments), 1)
                self.assertEqual(self.service.faults, [])

    def test_what_breaks_on_the_way_is_tried_again(self):
        error = (500, {}, {"message": "oops"})
        self.service.faults = [("GET .*user", "cut"), (f"GET .*{self.list}$", error), (f"GET .*{self.list}$", "cut"),
                               (f"POST .*{self.list}$", "cut"), (f"POST .*{self.list}$", (503, {}, b"<html>"))]
        self.posted(self.gate(), "created")
        self.assertEqual(self.service.faults, [])
        self.assertEqual(len(self.service.comments), 1)
        self.report(finding(1), finding(2))
        self.service.faults = [(self.update, "done, then cut"), (self.update, error)]
        self.posted(self.gate(), "updated")
        self.assertEqual(len(self.service.comments), 1)

    def test_tries_come_to_an_end(self):
        self.service.faults = [(f"GET .*{self.list}$", (500, {}, {"message": "oops"}))] * 50
        self.report(finding(1, "medium"))
        ran = self.gate()
        self.posted(ran, "not posted: 127.0.0.1", code=3)
        self.assertIn("answers 500", ran.stderr)
        self.assertLess(len(self.service.requests), 10)

    def test_a_failure_does_not_change_the_verdict(self):
        self.service.faults = [(f"POST .*{self.list}$", (403, {}, {"message": "Resource not accessible"}))] * 9
        ran = self.gate()
        self.posted(ran, "not posted", code=1)
        self.assertIn("Resource not accessible; the token needs the", ran.stderr)
        self.report(skipped=[])
        self.service.faults = [("GET .*user", (401, {}, {"message": "Bad credentials " + TOKEN}))] * 9
        self.posted(self.gate(), "not posted", code=3)

    def test_nobody_listening(self):
        self.service.close()
        self.service.close = lambda: None
        self.posted(self.gate(), "not posted: no answer", code=1)

    def test_limits_are_waited_for(self):
        self.service.faults = [(f"GET .*{self.list}$", (429, {"Retry-After": "2"}, {"message": "slow down"}))]
        self.posted(self.gate(), "created")
        gets = [at for at, (method, path, _) in zip(self.service.times, self.service.requests)
                if method == "GET" and "user" not in path]
        self.assertGreaterEqual(gets[1] - gets[0], 1.9)

    def test_limits_that_are_too_long_are_said(self):
        self.service.faults = [(f"GET .*{self.list}$", (429, {"Retry-After": "3000"}, {"message": "slow down"}))]
        begin = time.monotonic()
        ran = self.gate()
        self.posted(ran, "not posted")
        self.assertIn("3000 seconds", ran.stderr)
        self.assertLess(time.monotonic() - begin, 10)

    def test_a_comment_that_is_deleted_meanwhile_is_written_anew(self):
        self.service.add(self.service.me, MARK + "\nold")
        self.service.faults = [(self.update, (404, {}, {"message": "Not Found"}))]
        self.posted(self.gate(), "updated")

    def test_the_token_goes_to_one_server_only(self):
        self.service.add("ada", "x")
        other = self.make()
        self.addCleanup(other.close)
        elsewhere = {"Link": f'<{other.origin}/next>; rel="next"'}
        self.service.faults = [(f"GET .*{self.list}$", (200, elsewhere, []))]
        ran = self.gate()
        self.posted(ran, "not posted")
        self.assertIn("does not get the token", ran.stderr)
        self.service.faults = [(f"GET .*{self.list}$", (302, {"Location": other.origin + "/x"}, b""))]
        self.posted(self.gate(), "not posted")
        self.assertEqual(other.requests, [])

    def test_answers_that_are_none(self):
        for answer in (b"", b"[", b"{}", b"[1]", [{"id": "x"}], [{"id": -1}], [{}], b"\xff" * 100):
            with self.subTest(answer):
                self.service.faults = [(f"GET .*{self.list}$", (200, {}, answer))]
                self.posted(self.gate(), "not posted")
        self.assertEqual(self.service.comments, [])

    def test_wrong_settings(self):
        self.posted(self.gate(env={self.token: None}), "not posted: expected a token")
        self.posted(self.gate(env={self.token: "a\nX-Evil: 1"}), "not posted: expected a token")
        self.posted(self.gate("--comment-api-url", "http://forge.example/api"), "not posted: expected the address")
        self.posted(self.gate("--comment-request", "x"), "not posted: --comment-request")
        self.assertEqual(self.gate("--comment-name", "a b").returncode, 2)
        self.assertEqual(self.gate("--comment-name", "a--b").returncode, 2)
        self.assertEqual(self.service.requests, [])

    def test_a_token_of_a_file(self):
        (self.folder / "token").write_text(TOKEN + "\n")
        self.posted(self.gate("--comment-token-file", "token", env={self.token: None}), "created")

    def test_a_job_of_no_request_has_nobody_to_tell(self):
        ran = self.gate(env=self.no_request)
        self.posted(ran, "not posted: the job is of no request", code=1)
        self.assertEqual(self.service.requests, [])

    def test_a_dry_run_sends_nothing(self):
        ran = self.gate("--comment-dry-run")
        self.assertEqual((ran.returncode, self.service.requests), (1, []))
        self.assertIn(f"POST {self.service.api_url}", ran.stdout)
        self.assertIn("Authorization: Bearer …", ran.stdout)
        self.assertIn(MARK, json.loads(ran.stdout.strip().splitlines()[-1])["body"])

    def test_the_whole_pipeline_posts_too(self):
        subprocess.run(["git", "init", "-q"], cwd=self.folder, check=True)
        environment = {"PATH": os.environ["PATH"], "VEDETTE_CONTENT": CONTENT, **self.environment()}
        for action in ("created", "unchanged"):
            ran = subprocess.run([VEDETTE, "ci", "--all", "--no-cache", "--only", "secrets", "--now", NOW,
                                  "--with-report", "report.json", "--comment", self.name], cwd=self.folder,
                                 capture_output=True, text=True, timeout=120, env=environment, check=False)
            self.posted(ran, action)
        self.assertIn("src/1.py", self.ours()[0])

    def test_nothing_leaves_unless_asked(self):
        environment = {"PATH": os.environ["PATH"], **self.environment()}
        ran = subprocess.run([VEDETTE, "gate", "--now", NOW, "report.json"], cwd=self.folder, env=environment,
                             capture_output=True, timeout=60, check=False)
        self.assertEqual((ran.returncode, self.service.requests), (1, []))

    def test_a_long_comment_fits(self):
        self.report(*(finding(number, message=f"{number} " + "@" * 250) for number in range(2000)))
        self.posted(self.gate(), "created")
        self.assertLessEqual(len(self.ours()[0]), self.characters_max)
        self.assertIn("more to do, of which", self.ours()[0])


class GitHub(Comment, unittest.TestCase):
    name, update, list, token, characters_max = "github", "PATCH", "comments", "GITHUB_TOKEN", 65_536
    no_request = {"GITHUB_EVENT_PATH": None, "GITHUB_REF": "refs/heads/main"}

    def make(self):
        return comment_server.GitHub()

    def environment(self):
        (self.folder / "event.json").write_text('{"action":"opened","number":7,"pull_request":{"number":7}}')
        return {"GITHUB_REPOSITORY": "acme/shop", "GITHUB_API_URL": self.service.api_url, "GITHUB_TOKEN": TOKEN,
                "GITHUB_EVENT_PATH": str(self.folder / "event.json")}

    def test_the_token_of_a_user(self):
        self.service.is_user = True
        self.posted(self.gate(), "created")
        self.posted(self.gate("--comment-author", self.service.me), "unchanged")

    def test_the_name_of_an_application_without_its_ending(self):
        self.service.add("github-actions[bot]", MARK + "\nold")
        self.service.me = "github-actions"
        self.posted(self.gate(), "updated")

    def test_the_number_of_the_request(self):
        for event, ref in (('{"issue":{"number":7,"pull_request":{}}}', ""), ("{}", "refs/pull/7/merge")):
            (self.folder / "other.json").write_text(event)
            self.service.comments.clear()
            self.posted(self.gate(env={"GITHUB_EVENT_PATH": str(self.folder / "other.json"), "GITHUB_REF": ref}),
                        "created")
        (self.folder / "other.json").write_text('{"issue":{"number":7}}')
        self.posted(self.gate(env={"GITHUB_EVENT_PATH": str(self.folder / "other.json")}), "not posted: the job")
        self.posted(self.gate("--comment-repository", "../x"), "not posted: expected a repository")

    def test_limits_as_github_tells_them(self):
        def reset():
            return {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 1)}
        self.service.faults = [("POST .*comments$", (403, reset(), {"message": "API rate limit exceeded"})),
                               ("POST .*comments$", (403, {"Retry-After": "1"}, {"message": "secondary rate limit"}))]
        self.posted(self.gate(), "created")
        self.assertEqual(len(self.service.comments), 1)

    def test_redirections_of_renamed_repositories(self):
        there = {"Location": self.service.api_url + self.service.path + "?per_page=100"}
        self.service.faults = [("GET .*comments$", (301, there, {"message": "Moved Permanently"}))]
        self.posted(self.gate(), "created")
        self.service.comments.clear()
        self.service.faults = [("POST .*comments$", (301, there, {"message": "Moved Permanently"}))]
        ran = self.gate()
        self.posted(ran, "not posted")
        self.assertIn("--comment-repository", ran.stderr)
        self.service.faults = [("POST .*comments$", (307, there, {"message": "Temporary Redirect"}))]
        self.posted(self.gate(), "created")


class GitLab(Comment, unittest.TestCase):
    name, update, list, token, characters_max = "gitlab", "PUT", "notes", "GITLAB_TOKEN", 1_000_000
    no_request = {"CI_MERGE_REQUEST_IID": None}

    def make(self):
        return comment_server.GitLab()

    def environment(self):
        return {"CI_MERGE_REQUEST_PROJECT_ID": "group/shop", "CI_PROJECT_ID": "fork/shop", "CI_MERGE_REQUEST_IID": "7",
                "CI_API_V4_URL": self.service.api_url, "GITLAB_TOKEN": TOKEN}

    def test_what_gitlab_says_itself_is_not_ours(self):
        self.service.add(self.service.me, MARK + "\nx", system=True)
        self.posted(self.gate(), "created")

    def test_limits_as_gitlab_tells_them(self):
        headers = {"RateLimit-Reset": str(int(time.time()) + 1)}
        self.service.faults = [("GET .*notes$", (429, headers, b"Retry later\n"))]
        self.posted(self.gate(), "created")


if __name__ == "__main__":
    unittest.main()
