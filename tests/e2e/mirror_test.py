# SPDX-License-Identifier: Apache-2.0
"""`vedette db update` from a mirror over https with an authority of its own, directly and through proxies: what is
not trusted is told nothing, and no password is shown."""
import base64
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from registry_server import free_port
from tls import Authority, Proxy, Server, openssl, self_signed

VEDETTE = os.environ["VEDETTE"]
USER = "ann"
# With what must be encoded in a URL; put together here, so that no scanner takes this file for a leak.
PASSWORD = "w@rd/" + "of:ann"
IN_URL = f"{USER}:w%40rd%2F" + "of%3Aann"
BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


class Mirror(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.mkdtemp(prefix="vedette-mirror-")
        cls.addClassCleanup(shutil.rmtree, cls.shared)
        cls.good = Authority(cls.shared, "good")
        cls.other = Authority(cls.shared, "other")
        cls.local = cls.good.certificate("localhost", "127.0.0.1")
        cls.remote = cls.good.certificate("mirror.invalid")
        cls.www = os.path.join(cls.shared, "www")
        os.mkdir(cls.www)
        advisories = pathlib.Path(cls.shared, "advisories")
        advisories.mkdir()
        for i in range(50):
            (advisories / f"{i}.json").write_text(json.dumps(
                {"id": f"X-{i}", "modified": "2026-01-02T00:00:00Z", "summary": f"{i} " * 100}))
        cls.built = os.path.join(cls.shared, "built.db")
        subprocess.run([VEDETTE, "db", "build", "-o", cls.built, str(advisories)], check=True, capture_output=True)
        openssl(cls.shared, "genpkey", "-algorithm", "ed25519", "-out", "private.pem")
        openssl(cls.shared, "pkey", "-in", "private.pem", "-pubout", "-out", "public.pem")
        subprocess.run([VEDETTE, "db", "publish", "--key", os.path.join(cls.shared, "private.pem"), "-o", cls.www,
                        cls.built], check=True, capture_output=True)

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="vedette-mirror-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.asked = []

    def mirror(self, context):
        test = self

        class Files(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *arguments):
                super().__init__(*arguments, directory=test.www)

            def do_GET(self):
                test.asked.append((self.path, dict(self.headers)))
                super().do_GET()

            def log_message(self, *_):
                pass

        server = Server(Files, context)
        self.addCleanup(server.close)
        return server

    def proxy(self, **options):
        proxy = Proxy(**options)
        self.addCleanup(proxy.close)
        return proxy

    def update(self, url, *flags, environment=None):
        """(exit code, what it said); the database is there whole, or not at all."""
        database = pathlib.Path(self.folder, "v.db")
        database.unlink(missing_ok=True)
        done = subprocess.run([VEDETTE, "db", "update", "--key", os.path.join(self.shared, "public.pem"), "--db",
                               str(database), *flags, url], capture_output=True, check=False, text=True, timeout=60,
                              env={**os.environ, **(environment or {})})
        self.assertEqual(done.stdout, "")
        for secret in (PASSWORD, IN_URL, IN_URL.partition(":")[2]):
            self.assertNotIn(secret, done.stderr)
        if done.returncode == 0:
            self.assertEqual(database.read_bytes(), pathlib.Path(self.built).read_bytes())
        else:
            self.assertEqual(os.listdir(self.folder), [])
        return done.returncode, done.stderr

    def refused(self, url, *flags, says, environment=None):
        code, text = self.update(url, *flags, environment=environment)
        self.assertEqual(code, 2, text)
        self.assertIn(says, text)
        self.assertEqual(self.asked, [])

    def test_an_authority_of_its_own(self):
        port = self.mirror(self.local).port
        for host in ("localhost", "127.0.0.1"):
            code, text = self.update(f"https://{host}:{port}/", "--ca", self.good.file)
            self.assertEqual(code, 0, text)
        self.assertEqual([path for path, _ in self.asked[:2]], ["/latest", "/latest.sig"])

    def test_certificates_that_are_not_taken(self):
        """Of nobody that is known, of another authority, expired, of another name, self-signed."""
        port = self.mirror(self.local).port
        url = f"https://localhost:{port}/"
        self.refused(url, says="certificate")
        self.refused(url, "--ca", self.other.file, says="certificate")
        self.refused(url, "--ca", os.path.join(self.folder, "none"), says=os.path.join(self.folder, "none"))
        self.refused(url, "--ca", os.path.join(self.shared, "public.pem"), says="public.pem")
        for context, says in ((self.good.certificate("localhost", days=-1), "expired"),
                              (self.good.certificate("other.invalid"), "certificate subject name"),
                              (self_signed(self.shared, "localhost"), "self-signed")):
            port = self.mirror(context).port
            self.refused(f"https://localhost:{port}/", "--ca", self.good.file, says=says)

    def test_no_other_way_in(self):
        """The environment adds no authority, and http is for the loopback interface."""
        port = self.mirror(self.local).port
        self.refused(f"https://localhost:{port}/", says="certificate",
                     environment={"CURL_CA_BUNDLE": self.good.file})
        self.refused("http://mirror.invalid/", says="https")

    def test_through_a_proxy(self):
        port = self.mirror(self.remote).port
        proxy = self.proxy(hosts={"mirror.invalid:443": port})
        code, text = self.update("https://mirror.invalid/", "--ca", self.good.file, "--proxy",
                                 f"http://127.0.0.1:{proxy.port}", environment={"no_proxy": "*", "NO_PROXY": "*"})
        self.assertEqual(code, 0, text)
        self.assertEqual(set(proxy.asked), {("CONNECT", "mirror.invalid:443", None)})
        # The proxy's word that it has reached the mirror is no certificate.
        self.asked.clear()
        self.refused("https://mirror.invalid/", "--ca", self.other.file, "--proxy", f"http://127.0.0.1:{proxy.port}",
                     says="certificate")

    def test_a_proxy_that_speaks_tls(self):
        port = self.mirror(self.remote).port
        proxy = self.proxy(context=self.local, hosts={"mirror.invalid:443": port})
        code, text = self.update("https://mirror.invalid/", "--ca", self.good.file, "--proxy",
                                 f"https://{IN_URL}@localhost:{proxy.port}")
        self.assertEqual(code, 0, text)
        self.assertEqual({said for _, _, said in proxy.asked}, {BASIC})
        self.asked.clear()
        proxy = self.proxy(context=self.other.certificate("localhost"), hosts={"mirror.invalid:443": port})
        self.refused("https://mirror.invalid/", "--ca", self.good.file, "--proxy",
                     f"https://{IN_URL}@localhost:{proxy.port}", says="certificate")
        self.assertEqual(proxy.asked, [])

    def test_a_proxy_that_wants_a_password(self):
        port = self.mirror(self.remote).port
        proxy = self.proxy(authorization=BASIC, hosts={"mirror.invalid:443": port})
        ca = ("--ca", self.good.file)
        place = f"127.0.0.1:{proxy.port}"
        self.refused("https://mirror.invalid/", *ca, "--proxy", f"http://{place}", says="USER:PASSWORD")
        self.refused("https://mirror.invalid/", *ca, "--proxy", f"http://{IN_URL}x@{place}", says="USER:PASSWORD")
        code, text = self.update("https://mirror.invalid/", *ca, "--proxy", f"http://{IN_URL}@{place}")
        self.assertEqual(code, 0, text)
        for _, headers in self.asked:
            self.assertNotIn("Proxy-Authorization", headers)

    def test_proxies_that_fail(self):
        ca = ("--ca", self.good.file)
        for status in (403, 502, 503):
            proxy = self.proxy(status=status)
            self.refused("https://mirror.invalid/", *ca, "--proxy", f"http://{IN_URL}@127.0.0.1:{proxy.port}",
                         says=f"the proxy answers {status}")
        self.refused("https://mirror.invalid/", *ca, "--proxy", f"http://{IN_URL}@127.0.0.1:{free_port()}",
                     says="mirror.invalid")
        for wrong, says in ((f"ftp://{IN_URL}@127.0.0.1:1", "expected a proxy"), ("http://", "expected a proxy"),
                            (f"{IN_URL}@127.0.0.1:{free_port()}", "mirror.invalid")):
            self.refused("https://mirror.invalid/", *ca, "--proxy", wrong, says=says)

    def test_proxies_of_the_environment_are_not_used(self):
        port = self.mirror(self.local).port
        proxy = self.proxy(status=502)
        names = ("https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY")
        code, text = self.update(f"https://localhost:{port}/", "--ca", self.good.file,
                                 environment=dict.fromkeys(names, f"http://127.0.0.1:{proxy.port}"))
        self.assertEqual(code, 0, text)
        self.assertEqual(proxy.asked, [])


if __name__ == "__main__":
    unittest.main()
