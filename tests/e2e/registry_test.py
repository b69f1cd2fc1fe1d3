# SPDX-License-Identifier: Apache-2.0
"""`vedette scan image NAME` from a real registry, and from servers that misbehave: what is pulled is what an archive
of the same image gives, broken connections are resumed, and nobody is told a password who need not know it."""
import base64
import gzip
import json
import os
import pathlib
import random
import stat
import subprocess
import unittest

import image_scan_test as images
from registry_server import INDEX, MANIFEST, REGISTRY, Front, Registry, free_port
from tls import Authority, Proxy, self_signed

USER = "ann"
# Put together here, so that no scanner takes this file for a leak.
PASSWORD = "pass" + "word-" + "of-ann"
PASSWORD_BCRYPT = "$2y$04$BT1gLZ3SpsgnJ" + "XTSL6R2TOh1t0nvcI8p1yOtFlzfi3ZGprfmVmNK6"


@unittest.skipIf(REGISTRY is None, "docker-registry is not installed")
class RegistryScan(images.ImageScan):
    # What the archives are tested for is not tested again.
    for _name in [one for one in dir(images.ImageScan) if one.startswith("test_")]:
        locals()[_name] = None

    @classmethod
    def setUpClass(cls):
        cls.shared = images.tempfile.mkdtemp(prefix="vedette-registry-")
        cls.registry = Registry(cls.shared)
        cls.good = Authority(cls.shared, "good")
        cls.other = Authority(cls.shared, "other")

    @classmethod
    def tearDownClass(cls):
        cls.registry.close()
        subprocess.run(["rm", "-rf", cls.shared], check=False)

    def setUp(self):
        super().setUp()
        self.docker = os.path.join(self.folder, "docker")
        os.mkdir(self.docker)
        os.environ["DOCKER_CONFIG"] = self.docker
        self.addCleanup(os.environ.pop, "DOCKER_CONFIG")
        self.layers = (images.layer(*self.BASE), images.layer(*self.TOP))

    def push(self, name="team/app", tag="1", layers=None, registry=None, pack=gzip.compress, architecture="amd64"):
        """The digest of the manifest."""
        registry = registry or self.registry
        layers = layers or self.layers

        def blob(data):
            registry.push_blob(name, images.sha256(data), data)
            return {"digest": images.sha256(data), "size": len(data), "mediaType": "application/octet-stream"}

        config = json.loads(images.config_of(layers))
        config["architecture"] = architecture
        document = {"schemaVersion": 2, "mediaType": MANIFEST, "config": blob(json.dumps(config).encode()),
                    "layers": [blob(pack(one)) for one in layers]}
        registry.push_manifest(name, tag, document)
        self.manifest = document
        return images.sha256(json.dumps(document).encode())

    def front(self, meddle=None, registry=None, context=None):
        front = Front(registry or self.registry, meddle, context)
        self.addCleanup(front.close)
        return front

    def login(self, **config):
        pathlib.Path(self.docker, "config.json").write_text(json.dumps(config))

    def test_tag_and_digest(self):
        digest = self.push()
        host = self.registry.host
        for name in (f"{host}/team/app:1", f"{host}/team/app@{digest}", f"{host}/team/app:gone@{digest}"):
            with self.subTest(name=name):
                code, report, text = self.scan(name)
                self.check_usual(code, report, text)
                self.assertEqual(report["image"]["name"], name)
        self.check_usual(*self.scan("--registry", f"{host}/team", "app:1"))
        self.check_usual(*self.scan("--from", "registry", "--registry", host, "team/app:1"))
        code, report, text = self.scan(f"{host}/team/app:other")
        self.assertEqual((code, report), (2, None))
        self.assertIn("expected", text)

    def test_names_without_a_registry(self):
        self.push()
        host = self.registry.host
        config = pathlib.Path(self.folder, "registries.conf")
        os.environ["CONTAINERS_REGISTRIES_CONF"] = str(config)
        self.addCleanup(os.environ.pop, "CONTAINERS_REGISTRIES_CONF")
        self.assertEqual(self.scan("app:1")[0], 2)
        config.write_text(f'unqualified-search-registries = ["{host}/nothing", "{host}/team"]\n'
                          f'[aliases]\nshop = "{host}/team/app"\ngone = "{host}/team/gone"\n')
        for name, full in (("app:1", f"{host}/team/app:1"), ("shop:1", f"{host}/team/app:1")):
            code, report, text = self.scan(name)
            self.check_usual(code, report, text)
            self.assertEqual(report["image"]["name"], full)
        for name, asked in (("other:1", f"{host}/nothing/other:1, {host}/team/other:1"), ("gone:1", "team/gone")):
            code, report, text = self.scan(name)
            self.assertEqual((code, report), (2, None))
            self.assertIn(asked, text)
        # What the command says beats the file, which is then not even read.
        config.write_text("[")
        self.check_usual(*self.scan("--registry", f"{host}/team", "app:1"))
        code, _, text = self.scan("app:1")
        self.assertEqual(code, 2)
        self.assertIn(str(config), text)

    def attach(self, tag, document, media_type, artifact_type="", name="team/app"):
        """The digest of a manifest that holds the document."""
        def blob(data):
            self.registry.push_blob(name, images.sha256(data), data)
            return {"digest": images.sha256(data), "size": len(data), "mediaType": media_type}
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": blob(b"{}"), "layers": [blob(document)]}
        manifest["config"]["mediaType"] = "application/vnd.oci.empty.v1+json"
        if artifact_type:
            manifest["artifactType"] = artifact_type
        self.registry.push_manifest(name, tag, manifest)
        return images.sha256(json.dumps(manifest).encode()), len(json.dumps(manifest))

    def test_statements_that_are_attached(self):
        advisory = {"id": "X-1", "modified": "2026-01-02T00:00:00Z", "aliases": ["CVE-2026-1"], "affected": [{
            "package": {"ecosystem": "Debian:12", "name": "curl"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}]}
        advisories = pathlib.Path(self.folder, "advisories")
        advisories.mkdir()
        (advisories / "X-1.json").write_text(json.dumps(advisory))
        database = os.path.join(self.folder, "v.db")
        subprocess.run([images.VEDETTE, "db", "build", "-o", database, str(advisories)], check=True, capture_output=True)
        statement = json.dumps({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "author": "Ada", "version": 1,
                                "timestamp": "2026-02-01T00:00:00Z", "statements": [
                                    {"vulnerability": {"name": "CVE-2026-1"}, "status": "not_affected",
                                     "justification": "vulnerable_code_not_present",
                                     "products": [{"@id": "pkg:deb/debian/curl"}]}]})
        envelope = json.dumps({"payloadType": "application/vnd.in-toto+json", "signatures": [], "payload": base64.b64encode(
            json.dumps({"predicateType": "https://openvex.dev/ns", "subject": [], "note": {"predicate": [1, "}"]},
                        "predicate": json.loads(statement)}).encode()).decode()})
        digest = self.push()
        tag = digest.replace(":", "-")
        name = f"{self.registry.host}/team/app@{digest}"
        flags = ("--only", "packages", "--db", database)

        def suppressed(*more):
            code, report, text = self.scan(name, *flags, *more)
            found = {one["rule"]["id"]: one.get("suppressed", False) for one in report["vulnerabilities"]["findings"]}
            self.assertEqual(set(found), {"CVE-2026-1"}, text)
            self.assertEqual(code, 0 if found["CVE-2026-1"] else 1)
            return found["CVE-2026-1"]

        self.assertFalse(suppressed("--attached-vex"))  # nothing is attached
        self.attach(tag + ".att", envelope.encode(), "application/vnd.dsse.envelope.v1+json")
        self.assertFalse(suppressed())  # nobody asked
        self.assertTrue(suppressed("--attached-vex"))
        # By the tag that stands for the list of referrers.
        digest = self.push(layers=(images.layer(*self.BASE), images.layer(*self.TOP, ("more", "x"))))
        tag = digest.replace(":", "-")
        name = f"{self.registry.host}/team/app@{digest}"
        self.assertFalse(suppressed("--attached-vex"))
        inner, size = self.attach("vex", statement.encode(), "application/vnd.openvex+json", "application/vnd.openvex+json")
        self.registry.push_manifest("team/app", tag, {"schemaVersion": 2, "mediaType": INDEX, "manifests": [
            {"mediaType": MANIFEST, "digest": inner, "size": size, "artifactType": "application/vnd.openvex+json"}]},
                                    INDEX)
        self.assertTrue(suppressed("--attached-vex"))

    def test_names_that_lead_nowhere(self):
        for name in ("app", "team/app", f"127.0.0.1:{free_port()}/App", "./app.tar", "app.tar", "/no/such/file"):
            with self.subTest(name=name):
                code, report, text = self.scan(name)
                self.assertEqual((code, report), (2, None), text)

    def test_an_index_for_several_platforms(self):
        arm = [images.layer(("root/arm", images.LINE % images.KEY))]
        entries = []
        for architecture, layers in (("arm64", arm), ("amd64", self.layers)):
            digest = self.push(tag=architecture, layers=layers, architecture=architecture)
            entries.append({"mediaType": MANIFEST, "digest": digest, "size": len(json.dumps(self.manifest)),
                            "platform": {"os": "linux", "architecture": architecture}})
        self.registry.push_manifest("team/app", "all", {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries},
                                    INDEX)
        name = f"{self.registry.host}/team/app:all"
        self.check_usual(*self.scan(name))
        _, report, _ = self.scan("--platform", "linux/arm64", name)
        self.assertEqual(sorted(self.findings(report)), ["root/arm"])
        self.assertEqual(report["image"]["platform"], "linux/arm64")
        code, _, text = self.scan("--platform", "linux/s390x", name)
        self.assertEqual(code, 2)
        self.assertIn("linux/arm64, linux/amd64", text)

    def private(self):
        """A registry that wants to know who asks, with the image."""
        htpasswd = os.path.join(self.shared, "htpasswd")
        pathlib.Path(htpasswd).write_text(f"{USER}:{PASSWORD_BCRYPT}\n")
        registry = Registry(self.shared, htpasswd)
        self.addCleanup(registry.close)
        both = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        registry.headers = {"Authorization": "Basic " + both}
        self.push(registry=registry)
        return registry, both

    def test_users_with_passwords(self):
        registry, both = self.private()
        name = f"{registry.host}/team/app:1"
        code, report, text = self.scan(name)
        self.assertEqual((code, report), (2, None))
        self.assertIn("docker login", text)
        password = pathlib.Path(self.folder, "password")
        password.write_text(PASSWORD + "\n")
        self.check_usual(*self.scan("--username", USER, "--password-file", str(password), name))
        self.login(auths={f"http://{registry.host}/v1/": {"auth": both}})
        self.check_usual(*self.scan(name))
        self.login(auths={registry.host: {"auth": base64.b64encode(b"ann:wrong").decode()}})
        code, _, text = self.scan(name)
        self.assertEqual(code, 2)
        self.assertNotIn("wrong", text)

    def test_credential_helpers(self):
        registry, _ = self.private()
        name = f"{registry.host}/team/app:1"
        helper = pathlib.Path(self.folder, "docker-credential-test")
        helper.write_text("#!/bin/sh\nread host\n[ \"$1 $host\" = 'get %s' ] || { echo 'credentials not found in "
                          "native keychain'; exit 1; }\nprintf '{\"Username\":\"%s\",\"Secret\":\"%%s%%s\"}' %s %s\n"
                          % (registry.host, USER, PASSWORD[:5], PASSWORD[5:]))
        helper.chmod(helper.stat().st_mode | stat.S_IXUSR)
        path = os.environ["PATH"]
        os.environ["PATH"] = f"{self.folder}:{path}"
        self.addCleanup(os.environ.update, PATH=path)
        for config in ({"credHelpers": {registry.host: "test"}}, {"credsStore": "test"}):
            self.login(**config)
            self.check_usual(*self.scan(name))
        self.login(credHelpers={registry.host: "../test"})
        self.assertEqual(self.scan(name)[0], 2)
        self.login(credHelpers={registry.host: "none-such"})
        self.assertEqual(self.scan(name)[0], 2)

    def test_a_token_server(self):
        self.push()
        token = "token-" + "abc.def"
        both = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        seen = []

        def meddle(handler):
            if handler.path.startswith("/token"):
                seen.append((handler.path, handler.headers.get("Authorization"), getattr(handler, "body", b"")))
                return handler.answer(200, json.dumps({"token": token}).encode())
            if handler.headers.get("Authorization") == "Bearer " + token:
                return False
            return handler.answer(401, b"", {
                "WWW-Authenticate": f'Bearer realm="http://{front.host}/token",service="a b",'
                                    'scope="repository:team/app:pull"'})

        front = self.front(meddle)
        name = f"{front.host}/team/app:1"
        self.check_usual(*self.scan(name))
        self.assertEqual(seen, [("/token?service=a%20b&scope=repository%3Ateam%2Fapp%3Apull", None, b"")])
        self.login(auths={front.host: {"auth": both}})
        self.check_usual(*self.scan(name))
        self.assertEqual(seen[1][1], "Basic " + both)
        self.login(auths={front.host: {"identitytoken": "refresh me"}})
        self.check_usual(*self.scan(name))
        self.assertEqual(seen[2][0], "/token")
        self.assertIn(b"grant_type=refresh_token&client_id=vedette&service=a%20b&", seen[2][2])
        self.assertTrue(seen[2][2].endswith(b"refresh_token=refresh%20me"))

    def test_broken_digests(self):
        digest = self.push()
        layer = self.manifest["layers"][0]["digest"]

        def other_layer(handler):
            if layer not in handler.path:
                return False
            other = gzip.compress(images.layer(("x", "y")))
            # As long as the layer that was asked for.
            size = self.manifest["layers"][0]["size"]
            return handler.answer(200, other[:size].ljust(size, b"\0"))

        code, report, text = self.scan(f"{self.front(other_layer).host}/team/app:1")
        self.assertEqual(code, 3, text)
        self.assertIn("not the one that the image names", text)
        self.assertEqual(sorted(self.packages(report)), ["curl", "libc6"])

        def longer_layer(handler):
            return layer in handler.path and handler.answer(200, handler.upstream()[2] + b"more")

        self.assertEqual(self.scan(f"{self.front(longer_layer).host}/team/app:1")[0], 3)

        def other_manifest(handler):
            if "/manifests/" not in handler.path:
                return False
            status, headers, body = handler.upstream()
            return handler.answer(status, body + b" ", headers)

        front = self.front(other_manifest)
        for name in (f"{front.host}/team/app:1", f"{front.host}/team/app@{digest}"):
            code, report, text = self.scan(name)
            self.assertEqual((code, report), (2, None))
            self.assertIn("expected a manifest of", text)

    def test_cut_connections_are_resumed(self):
        noise = random.Random(1).randbytes(3_000_000)
        self.push(name="team/large", layers=[images.layer(*self.BASE, ("noise", noise)), self.layers[1]])
        layer = self.manifest["layers"][0]["digest"]

        def cut(handler):
            return layer in handler.path and handler.cut(700_000)

        front = self.front(cut)
        self.check_usual(*self.scan(f"{front.host}/team/large:1"))
        ranges = [headers.get("Range") for _, headers in front.asked(layer)]
        self.assertEqual(ranges[:3], [None, "bytes=700000-", "bytes=1400000-"])
        self.assertEqual(len(ranges), 5)

        def cut_without_ranges(handler):
            if layer not in handler.path:
                return False
            del handler.headers["Range"]
            return handler.cut(1_000_000 * len(front.asked(layer)))

        front = self.front(cut_without_ranges)
        self.check_usual(*self.scan(f"{front.host}/team/large:1"))
        self.assertEqual(len(front.asked(layer)), 4)

        def cut_for_ever(handler):
            return layer in handler.path and handler.cut(0)

        front = self.front(cut_for_ever)
        code, report, text = self.scan(f"{front.host}/team/large:1")
        self.assertEqual(code, 3, text)
        self.assertEqual(sorted(self.packages(report)), ["curl", "libc6"])
        self.assertLess(len(front.asked(layer)), 30)

    def test_busy_servers_are_asked_again(self):
        self.push()

        def busy(handler):
            count = len(front.asked(handler.path))
            if count == 1:
                return handler.answer(429, b"", {"Retry-After": "1"})
            return count == 2 and handler.answer(503)

        front = self.front(busy)
        self.check_usual(*self.scan(f"{front.host}/team/app:1"))
        asked = []

        def always(handler):
            asked.append(handler.path)
            return handler.answer(500)

        code, _, text = self.scan(f"{self.front(always).host}/team/app:1")
        self.assertEqual(code, 2)
        self.assertIn("500", text)
        self.assertEqual(len(asked), 5)
        code, _, text = self.scan(
            f"{self.front(lambda handler: handler.answer(429, b'', {'Retry-After': '5000'})).host}/team/app:1")
        self.assertEqual(code, 2)
        self.assertIn("5000 seconds", text)

    def test_redirections(self):
        self.push()
        both = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        store = self.front()

        def redirect(handler):
            if handler.headers.get("Authorization") != "Basic " + both:
                return handler.answer(401, b"", {"WWW-Authenticate": 'Basic realm="x"'})
            del handler.headers["Authorization"]
            return "/blobs/" in handler.path and handler.answer(
                307, b"", {"Location": f"http://{store.host}{handler.path}?signature=hidden"})

        front = self.front(redirect)
        self.login(auths={front.host: {"auth": both}})
        self.check_usual(*self.scan(f"{front.host}/team/app:1"))
        self.assertEqual(len(store.requests), 3)
        for _, headers in store.requests:
            self.assertNotIn("Authorization", headers)
        for where in ("http://registry.invalid/x?signature=hidden", "file:///etc/passwd"):
            def away(handler, where=where):
                return "/blobs/" in handler.path and handler.answer(302, b"", {"Location": where})

            code, _, text = self.scan(f"{self.front(away).host}/team/app:1")
            self.assertEqual(code, 2)
            self.assertNotIn("hidden", text)
        circle = self.front(lambda handler: handler.answer(302, b"", {"Location": handler.path}))
        code, _, text = self.scan(f"{circle.host}/team/app:1")
        self.assertEqual(code, 2)
        self.assertIn("redirections", text)
        self.assertLess(len(circle.requests), 10)

    def test_mirrors(self):
        self.push()
        host = self.registry.host
        front = self.front()
        self.check_usual(*self.scan("--mirror", f"registry.invalid=http://{front.host}",
                                    "--insecure-http", front.host, "registry.invalid/team/app:1"))
        self.assertEqual(len(front.requests), 4)
        # A mirror that is not there, and one that has not got the image.
        lost = self.front(lambda handler: handler.answer(404))
        self.check_usual(*self.scan("--mirror", f"{host}=http://127.0.0.1:{free_port()}/",
                                    "--mirror", f"{host}=http://{lost.host}/", f"{host}/team/app:1"))
        self.assertEqual(len(lost.requests), 1)

    def test_an_authority_of_its_own(self):
        self.push()
        front = self.front(context=self.good.certificate("127.0.0.1", "localhost"))
        ca = ("--ca", self.good.file)
        for host in (front.host, f"localhost:{front.port}"):
            self.check_usual(*self.scan(*ca, f"{host}/team/app:1"))
        self.check_usual(*self.scan(*ca, "--mirror", f"registry.invalid=https://{front.host}",
                                    "registry.invalid/team/app:1"))

    def test_certificates_that_are_not_taken(self):
        """Of another authority, expired, of another name, self-signed, and of nobody that is known: asked once, and
        told nothing."""
        self.push()
        both = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        for context, authority, says in (
                (self.good.certificate("localhost"), self.other, "certificate"),
                (self.good.certificate("localhost", days=-1), self.good, "expired"),
                (self.good.certificate("other.invalid"), self.good, "certificate subject name"),
                (self_signed(self.shared, "localhost"), self.good, "self-signed"),
                (self.good.certificate("localhost"), None, "certificate")):
            with self.subTest(says=says):
                front = self.front(context=context)
                host = f"localhost:{front.port}"
                self.login(auths={host: {"auth": both}})
                # Without --ca the loopback interface is asked by http, but for a mirror whose URL says https.
                trusted = ("--ca", authority.file) if authority else ("--mirror", f"{host}=https://{host}")
                code, report, text = self.scan(*trusted, f"{host}/team/app:1")
                self.assertEqual((code, report), (2, None), text)
                self.assertEqual(front.requests, [])
                if authority:
                    self.assertIn(says, text)
                    self.assertEqual(front.server.connections, 1, "another try would end the same")

    def proxy(self, **options):
        proxy = Proxy(**options)
        self.addCleanup(proxy.close)
        return proxy

    def test_proxies(self):
        self.push()
        front = self.front(context=self.good.certificate("registry.invalid"))
        both = base64.b64encode(b"bob:w@rd").decode()
        proxy = self.proxy(authorization="Basic " + both, hosts={"registry.invalid:443": front.port})
        name = "registry.invalid/team/app:1"
        flags = ("--ca", self.good.file, "--proxy")
        self.check_usual(*self.scan(*flags, f"http://bob:w%40rd@127.0.0.1:{proxy.port}", name))
        self.assertEqual({(method, where) for method, where, _ in proxy.asked}, {("CONNECT", "registry.invalid:443")})
        for _, headers in front.requests:
            self.assertNotIn("Proxy-Authorization", headers)
        # Where http is allowed the proxy is given the whole URL.
        plain = self.front()
        proxy = self.proxy(hosts={"registry.invalid": plain.port})
        self.check_usual(*self.scan("--insecure-http", "registry.invalid", "--proxy", f"http://127.0.0.1:{proxy.port}",
                                    name))
        self.assertEqual(proxy.asked[0][:2], ("GET", "http://registry.invalid/v2/team/app/manifests/1"))

    def test_proxies_that_fail(self):
        name = "registry.invalid/team/app:1"
        flags = ("--ca", self.good.file, "--proxy")
        proxy = self.proxy(authorization="Basic x")
        for user in ("", "bob:hidden@"):
            code, report, text = self.scan(*flags, f"http://{user}127.0.0.1:{proxy.port}", name)
            self.assertEqual((code, report), (2, None))
            self.assertIn("USER:PASSWORD", text)
            self.assertNotIn("hidden", text)
        # libcurl tries without a password first where it has one to offer on demand.
        self.assertLess(len(proxy.asked), 5)
        code, _, text = self.scan("--insecure-http", "registry.invalid", "--proxy", f"http://127.0.0.1:{proxy.port}",
                                  name)
        self.assertEqual(code, 2)
        self.assertIn("the proxy asks who you are", text)
        proxy = self.proxy(status=502)
        code, _, text = self.scan(*flags, f"http://bob:hidden@127.0.0.1:{proxy.port}", name)
        self.assertEqual(code, 2)
        self.assertIn("the proxy answers 502", text)
        self.assertNotIn("hidden", text)
        self.assertEqual(len(proxy.asked), 5, "another try may have more luck")
        code, _, text = self.scan(*flags, "ftp://bob:hidden@127.0.0.1:1", name)
        self.assertEqual(code, 2)
        self.assertIn("expected a proxy", text)
        self.assertNotIn("hidden", text)

    def test_a_large_layer_is_not_kept(self):
        # By another process: what this one once had would count as the scanner's.
        pusher = os.fork()
        if pusher == 0:
            noise = random.Random(2).randbytes(1 << 20) * 300
            self.push(name="team/huge", layers=[images.layer(*self.BASE, ("noise", noise)), self.layers[1]],
                      pack=bytes)
            os._exit(0)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pusher, 0)[1]), 0)
        self.check_usual(*self.scan(f"{self.registry.host}/team/huge:1", memory_kb_max=120 * 1024))


if __name__ == "__main__":
    unittest.main()
