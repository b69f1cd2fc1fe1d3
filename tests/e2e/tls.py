# SPDX-License-Identifier: Apache-2.0
"""Certificate authorities that are made on the spot, and a proxy on the loopback interface, for tests of what is
asked over https."""
import http.client
import http.server
import os
import pathlib
import select
import socket
import ssl
import subprocess
import threading
import urllib.parse


def openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


class Authority:
    """Signs certificates; its own is `file`. Keys live in `folder`, which the caller removes."""

    def __init__(self, folder, name):
        self.folder = folder
        self.name = name
        self.file = os.path.join(folder, f"{name}-ca.pem")
        openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}-ca.key", "-out", self.file,
                "-days", "2", "-subj", f"/CN={name} authority")

    def certificate(self, *hosts, days=2):
        """A context for servers that have these names; `days` below zero: it is expired."""
        words = [f"IP:{host}" if host[0].isdigit() else f"DNS:{host}" for host in hosts]
        stem = os.path.join(self.folder, f"{self.name}-{hosts[0]}-{days}")
        openssl(self.folder, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{stem}.key", "-out", "request.pem",
                "-subj", f"/CN={hosts[0]}")
        pathlib.Path(self.folder, "names").write_text(f"subjectAltName={','.join(words)}\n", encoding="utf-8")
        sign = ("x509", "-req", "-in", "request.pem", "-CA", self.file, "-CAkey", f"{self.name}-ca.key",
                "-CAcreateserial", "-extfile", "names", "-out", f"{stem}.pem")
        try:
            openssl(self.folder, *sign, "-days", str(days))
        except subprocess.CalledProcessError:
            # From 3.4 on openssl counts no days below zero, and takes times instead.
            openssl(self.folder, *sign, "-not_before", "20240101000000Z", "-not_after", "20240102000000Z")
        return context_of(f"{stem}.pem", f"{stem}.key")


def self_signed(folder, host):
    """A context whose certificate nobody else signed."""
    stem = os.path.join(folder, f"self-{host}")
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{stem}.key", "-out", f"{stem}.pem",
            "-days", "2", "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}",
            "-addext", "basicConstraints=critical,CA:FALSE")
    return context_of(f"{stem}.pem", f"{stem}.key")


def context_of(certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


class Server(http.server.ThreadingHTTPServer):
    """Serves in a thread of its own until close(); with a context it speaks TLS. `connections` counts those that began,
    also when no request came of them."""
    daemon_threads = True

    def __init__(self, handler, context=None):
        self.connections = 0
        super().__init__(("127.0.0.1", 0), handler)
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.port = self.server_address[1]
        self.thread = threading.Thread(target=self.serve_forever)
        self.thread.start()

    def get_request(self):
        self.connections += 1
        return super().get_request()

    def handle_error(self, request, client_address):
        """A client that does not trust the certificate goes away."""

    def close(self):
        self.shutdown()
        self.thread.join()
        self.server_close()


class Proxy(Server):
    """An HTTP proxy: CONNECT, and GET of a whole URL. `hosts` says where names lead that lead nowhere else:
    "HOST:PORT" to a port of the loopback interface. `authorization` is the header that it wants, `status` what it
    answers to everything. `asked` keeps (method, target, Proxy-Authorization)."""

    def __init__(self, context=None, authorization=None, status=None, hosts=None):
        self.asked = []
        self.authorization = authorization
        self.status = status
        self.hosts = hosts or {}
        super().__init__(ProxyHandler, context)

    def where(self, host):
        port = self.hosts.get(host)
        return ("127.0.0.1", port) if port else (host.rpartition(":")[0], int(host.rpartition(":")[2]))


class ProxyHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def refuses(self):
        said = self.headers.get("Proxy-Authorization")
        self.server.asked.append((self.command, self.path, said))
        status = self.server.status
        if status is None and self.server.authorization is not None and said != self.server.authorization:
            status = 407
        if status is None:
            return False
        self.send_response(status)
        if status == 407:
            self.send_header("Proxy-Authenticate", 'Basic realm="here"')
        self.send_header("Content-Length", "0")
        self.end_headers()
        return True

    def do_CONNECT(self):
        if self.refuses():
            return
        with socket.create_connection(self.server.where(self.path), 10) as other:
            self.send_response(200)
            self.end_headers()
            ends = {self.connection: other, other: self.connection}
            while True:
                pending = isinstance(self.connection, ssl.SSLSocket) and self.connection.pending()
                ready = [self.connection] if pending else select.select(list(ends), [], [], 30)[0]
                for end in ready:
                    data = end.recv(65536)
                    if not data:
                        self.close_connection = True
                        return
                    ends[end].sendall(data)
                if not ready:
                    return

    def do_GET(self):
        if self.refuses():
            return
        parts = urllib.parse.urlsplit(self.path)
        connection = http.client.HTTPConnection(*self.server.where(parts.netloc), timeout=10)
        kept = {name: value for name, value in self.headers.items() if not name.lower().startswith("proxy-")}
        connection.request("GET", urllib.parse.urlunsplit(("", "", parts.path, parts.query, "")), headers=kept)
        response = connection.getresponse()
        body = response.read()
        self.send_response(response.status)
        for name, value in response.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        connection.close()
