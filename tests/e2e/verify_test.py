# SPDX-License-Identifier: Apache-2.0
"""`vedette scan secrets --verify` against a stand-in for a provider, with a certificate authority of its
own: who is asked, what is told of the answer, and that the secret goes nowhere else."""
import contextlib
import http.server
import json
import os
import pathlib
import random
import string
import subprocess
import tempfile
import unittest
import zlib

from tls import Authority, Server

VEDETTE = os.environ["VEDETTE"]
HOST = "api.github.com"


def token(seed):
    """Of the form that the provider gives, its checksum included; put together here."""
    alphabet = string.digits + string.ascii_uppercase + string.ascii_lowercase
    body = "".join(random.Random(seed).choices(alphabet, k=30))
    rest, check = zlib.crc32(body.encode()), ""
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        check = alphabet[digit] + check
    return "ghp" + "_" + body + check


class Provider(Server):
    """Keeps what it was asked; `status` answers."""

    def __init__(self, context):
        self.asked = []
        self.status = {}
        super().__init__(Answer, context)


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        secret = self.headers.get("Authorization", "").removeprefix("Bearer ")
        status = self.server.status.get(secret, 401)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", f"https://127.0.0.1:{self.server.server_port}/elsewhere")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *words):
        pass


class Verify(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.certificates = tempfile.TemporaryDirectory(prefix="vedette-verify-")
        cls.addClassCleanup(cls.certificates.cleanup)
        cls.authorities = {name: Authority(cls.certificates.name, name) for name in ("good", "other")}
        cls.contexts = {"good": cls.authorities["good"].certificate(HOST),
                        "other": cls.authorities["other"].certificate("other.example")}

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vedette-verify-")
        self.addCleanup(folder.cleanup)
        self.tree = folder.name
        self.tokens = [token(seed) for seed in range(4)]

    @contextlib.contextmanager
    def provider(self, name="good"):
        server = Provider(self.contexts[name])
        try:
            yield server
        finally:
            server.close()

    def scan(self, server, *flags, authority="good"):
        """By secret: the name of the first evidence."""
        text = "".join(f'token_{i} = "{secret}"\n' for i, secret in enumerate(self.tokens))
        pathlib.Path(self.tree, "settings.py").write_text(text)
        done = subprocess.run([VEDETTE, "scan", "secrets", "-f", "json", "--no-cache", "--verify-endpoint",
                               f"{HOST}=127.0.0.1:{server.server_port}", "--verify-ca", self.authorities[authority].file,
                               "--verify", *flags, self.tree], capture_output=True, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        for secret in self.tokens:
            self.assertNotIn(secret.encode(), done.stdout + done.stderr)
        findings = json.loads(done.stdout)["findings"]
        self.assertEqual(len(findings), len(self.tokens))
        return [found["evidence"][0]["name"] for found in findings]

    def test_says_what_the_provider_says(self):
        with self.provider() as server:
            server.status = {self.tokens[0]: 200, self.tokens[1]: 401, self.tokens[2]: 500, self.tokens[3]: 302}
            self.assertEqual(self.scan(server), ["verified:live", "verified:revoked", "verified:unknown",
                                                 "verified:unknown"])
            self.assertEqual([path for path, _ in server.asked], ["/user"] * 4, "no redirection is followed")
            headers = server.asked[0][1]
            self.assertEqual(headers["Host"], HOST)
            self.assertEqual(headers["User-Agent"], "vedette")

    def test_asks_once_for_each(self):
        self.tokens = [self.tokens[0]] * 3
        with self.provider() as server:
            server.status = {self.tokens[0]: 200}
            self.assertEqual(self.scan(server), ["verified:live"] * 3)
            self.assertEqual(len(server.asked), 1)

    def test_asks_not_too_often(self):
        with self.provider() as server:
            server.status = dict.fromkeys(self.tokens, 200)
            self.assertEqual(self.scan(server, "--verify-max", "2"), ["verified:live"] * 2 + ["verified:unknown"] * 2)
            self.assertEqual(len(server.asked), 2)

    def test_tells_nothing_to_whom_it_does_not_trust(self):
        with self.provider() as server:
            self.assertEqual(self.scan(server, authority="other"), ["verified:unknown"] * 4)
            self.assertEqual(server.asked, [])
        with self.provider("other") as server:  # trusted, but of another name
            self.assertEqual(self.scan(server, authority="other"), ["verified:unknown"] * 4)
            self.assertEqual(server.asked, [])

    def test_rules_of_others_ask_named_hosts_only(self):
        with tempfile.TemporaryDirectory(prefix="vedette-verify-") as folder:
            rules = os.path.join(folder, "rules.toml")
            pathlib.Path(rules).write_text(
                "[[rules]]\nid = 'a'\nregex = '''\\b(gh" "p_[0-9a-zA-Z]{36})\\b'''\nkeywords = ['gh" "p_']\n"
                f"[rules.verify]\nurl = 'https://{HOST}/user'\nlive = [200]\n"
                "headers = ['Authorization: Bearer {secret}']\n")
            with self.provider() as server:
                server.status = dict.fromkeys(self.tokens, 200)
                self.assertEqual(self.scan(server, "--rules", rules), ["verified:unknown"] * 4)
                self.assertEqual(server.asked, [])
                self.assertEqual(self.scan(server, "--rules", rules, "--verify-host", HOST), ["verified:live"] * 4)

    def test_asks_nobody_unless_told_to(self):
        pathlib.Path(self.tree, "settings.py").write_text(f'token = "{self.tokens[0]}"\n')
        with self.provider() as server:
            endpoint = ["--verify-endpoint", f"{HOST}=127.0.0.1:{server.server_port}"]
            done = subprocess.run([VEDETTE, "scan", "secrets", "--no-cache", *endpoint, self.tree],
                                  capture_output=True, check=False)
            self.assertEqual(done.returncode, 2, "without --verify it says nothing")
            done = subprocess.run([VEDETTE, "scan", "secrets", "--no-cache", self.tree], capture_output=True,
                                  check=False)
            self.assertEqual(done.returncode, 1)
            self.assertNotIn(b"verified:", done.stdout)
            self.assertEqual(server.asked, [])


if __name__ == "__main__":
    unittest.main()
