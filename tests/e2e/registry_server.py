# SPDX-License-Identifier: Apache-2.0
"""A real registry (Debian's docker-registry) on the loopback interface, and a server that stands in front of it and
misbehaves as a test wants."""
import http.client
import http.server
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.parse

from tls import Server

REGISTRY = shutil.which("docker-registry") or shutil.which("registry")
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Registry:
    """Ended by close()."""

    def __init__(self, folder, htpasswd=None):
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.headers = {}
        auth = f"auth:\n  htpasswd:\n    realm: here\n    path: {htpasswd}\n" if htpasswd else ""
        config = os.path.join(folder, f"registry-{self.port}.yml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {folder}/"
                       f"registry-{self.port}\nhttp:\n  addr: 127.0.0.1:{self.port}\n{auth}")
        self.process = subprocess.Popen(
            [REGISTRY, "serve", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the registry did not start")

    def close(self):
        self.process.terminate()
        self.process.wait()

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request(method, path, body, {**self.headers, **(headers or {})})
        response = connection.getresponse()
        data = response.read()
        connection.close()
        if response.status >= 300:
            raise RuntimeError(f"{method} {path}: {response.status} {data}")
        return response

    def push_blob(self, repository, digest, data):
        where = self.request("POST", f"/v2/{repository}/blobs/uploads/").headers["Location"]
        parts = urllib.parse.urlsplit(where)
        query = f"{parts.query}&" if parts.query else ""
        self.request("PUT", f"{parts.path}?{query}digest={urllib.parse.quote(digest)}", data)

    def push_manifest(self, repository, tag, document, media_type=MANIFEST):
        self.request("PUT", f"/v2/{repository}/manifests/{tag}", json.dumps(document).encode(),
                     {"Content-Type": media_type})


class Front:
    """Passes requests on to a registry, but for what `meddle(handler)` answers itself: it returns true then. With a
    context it speaks TLS."""

    def __init__(self, registry, meddle=None, context=None):
        self.requests = []  # (path, headers)
        front = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, status, body=b"", headers=None):
                self.send_response(status)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                return True

            def upstream(self):
                """(status, headers, body) of the registry itself."""
                connection = http.client.HTTPConnection("127.0.0.1", registry.port)
                names = ("Accept", "Range", "Authorization")
                sent = {name: self.headers[name] for name in names if name in self.headers}
                connection.request("GET", self.path, headers={**sent, **registry.headers})
                response = connection.getresponse()
                body = response.read()
                names = ("Content-Type", "Content-Range", "Docker-Content-Digest", "WWW-Authenticate")
                kept = {name: response.headers[name] for name in names if name in response.headers}
                connection.close()
                return response.status, kept, body

            def cut(self, after):
                """Says how much there is and ends the connection after so many bytes of it."""
                status, headers, body = self.upstream()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body[:after])
                self.wfile.flush()
                self.close_connection = True
                return True

            def do_GET(self):
                front.requests.append((self.path, dict(self.headers)))
                if meddle is not None and meddle(self):
                    return
                status, headers, body = self.upstream()
                self.answer(status, body, headers)

            def do_POST(self):
                self.body = self.rfile.read(int(self.headers["Content-Length"]))
                front.requests.append((self.path, dict(self.headers)))
                meddle(self)

        self.server = Server(Handler, context)
        self.port = self.server.port
        self.host = f"127.0.0.1:{self.port}"

    def close(self):
        self.server.close()

    def asked(self, part):
        return [one for one in self.requests if part in one[0]]
