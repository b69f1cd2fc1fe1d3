# SPDX-License-Identifier: Apache-2.0
"""Stand-ins for the comments of GitHub's and GitLab's interfaces, which check every request and play what goes wrong."""
import http.server
import json
import re
import threading
import time
import urllib.parse

TOKEN = "token-0123456789"


class Server:
    """`faults` are played one a request whose "METHOD path" they match: [(pattern, action)]; see Handler.play()."""

    def __init__(self, me="bot"):
        self.me = me
        self.comments = []
        self.faults = []
        self.requests = []  # (method, path, body)
        self.wrong = []  # what a request should not have been
        self.times = []
        self.page_size = 100
        self.next_id = 1000
        self.lock = threading.Lock()
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do(self):
                service.handle(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.origin = f"http://127.0.0.1:{self.server.server_port}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def add(self, author, body, **more):
        self.next_id += 1
        self.comments.append(self.comment(self.next_id, author, body) | more)
        return self.next_id

    def bodies(self):
        return [one["body"] for one in self.comments]

    def methods(self):
        return [method for method, _, _ in self.requests]

    def expect(self, holds, text):
        if not holds:
            self.wrong.append(text)

    def handle(self, handler):
        length = int(handler.headers.get("Content-Length") or 0)
        raw = handler.rfile.read(length)
        path = urllib.parse.urlsplit(handler.path)
        with self.lock:
            self.check(handler, raw)
            body = json.loads(raw) if raw else None
            self.requests.append((handler.command, path.path, body))
            self.times.append(time.monotonic())
            wanted = f"{handler.command} {path.path}"
            fault = next((one for one in self.faults if re.search(one[0], wanted)), None)
            if fault:
                self.faults.remove(fault)
            status, headers, answer = self.play(handler, fault[1] if fault else None, path, body)
        if status is None:
            handler.close_connection = True
            return
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Type", "application/json; charset=utf-8")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def play(self, handler, action, path, body):
        """`action`: None, a (status, headers, answer), "cut" (no answer), "done, then cut" or "done, then 502"."""
        if action == "cut":
            return None, {}, None
        if isinstance(action, tuple):
            return action
        answer = self.answer(handler.command, path, body)
        if action == "done, then cut":
            return None, {}, None
        if action == "done, then 502":
            return 502, {}, {"message": "Bad Gateway"}
        return answer

    def check(self, handler, raw):
        headers = handler.headers
        self.expect(headers.get("Authorization") == f"Bearer {TOKEN}", "the token")
        self.expect(headers.get("User-Agent") == "vedette", "who asks")
        self.expect(headers.get("Expect") is None, "no wait for leave to send")
        if handler.command == "GET":
            self.expect(not raw, "a GET without a body")
        else:
            self.expect(headers.get("Content-Type") == "application/json", "JSON")
        self.check_headers(headers)

    def listed(self, path):
        query = dict(urllib.parse.parse_qsl(path.query))
        self.expect(query.get("per_page") == "100", "pages of 100")
        page = int(query.get("page", "1"))
        first = (page - 1) * self.page_size
        headers = {}
        if first + self.page_size < len(self.comments):
            query["page"] = str(page + 1)
            there = f"{self.origin}{path.path}?{urllib.parse.urlencode(query)}"
            headers["Link"] = f'<{self.origin}/first>; rel="first", <{there}>; rel="next"'
        return 200, headers, self.comments[first:first + self.page_size]

    def written(self, body):
        self.expect(isinstance(body, dict) and list(body) == ["body"], "a body alone")
        return body["body"]


class GitHub(Server):
    path = "/repos/acme/shop/issues/7/comments"

    def __init__(self, me="github-actions[bot]", is_user=False):
        super().__init__(me)
        self.is_user = is_user
        self.api_url = self.origin + "/api/v3"

    def comment(self, number, author, body):
        return {"id": number, "user": {"login": author, "type": "Bot"}, "body": body,
                "html_url": f"https://forge.example/acme/shop/pull/7#issuecomment-{number}"}

    def check_headers(self, headers):
        self.expect(headers.get("Accept") == "application/vnd.github+json", "what is accepted")
        self.expect(headers.get("X-GitHub-Api-Version") == "2022-11-28", "the version")

    def answer(self, method, path, body):
        if (method, path.path) == ("GET", "/api/v3/user"):
            if self.is_user:
                return 200, {}, {"login": self.me, "id": 1}
            return 403, {}, {"message": "Resource not accessible by integration"}
        if (method, path.path) == ("POST", "/api/graphql"):
            self.expect(body == {"query": "query{viewer{login}}"}, "the question who asks")
            return 200, {}, {"data": {"viewer": {"login": self.me}}}
        if (method, path.path) == ("GET", "/api/v3" + self.path):
            return self.listed(path)
        if (method, path.path) == ("POST", "/api/v3" + self.path):
            self.add(self.me, self.written(body))
            return 201, {}, self.comments[-1]
        one = re.fullmatch(r"/api/v3/repos/acme/shop/issues/comments/(\d+)", path.path)
        if one and method == "PATCH":
            for comment in self.comments:
                if comment["id"] == int(one[1]):
                    comment["body"] = self.written(body)
                    return 200, {}, comment
        else:
            self.expect(False, f"a known request, not {method} {path.path}")
        return 404, {}, {"message": "Not Found"}


class GitLab(Server):
    path = "/api/v4/projects/group%2Fshop/merge_requests/7/notes"

    def __init__(self, me="project_bot"):
        super().__init__(me)
        self.api_url = self.origin + "/api/v4"

    def comment(self, number, author, body):
        return {"id": number, "author": {"id": 1, "username": author}, "body": body, "system": False}

    def check_headers(self, headers):
        self.expect(headers.get("Accept") == "application/json", "what is accepted")

    def answer(self, method, path, body):
        if (method, path.path) == ("GET", "/api/v4/user"):
            return 200, {}, {"id": 1, "username": self.me}
        if (method, path.path) == ("GET", self.path):
            query = dict(urllib.parse.parse_qsl(path.query))
            self.expect((query.get("order_by"), query.get("sort")) == ("created_at", "asc"), "the oldest first")
            return self.listed(path)
        if (method, path.path) == ("POST", self.path):
            self.add(self.me, self.written(body).rstrip())
            return 201, {}, self.comments[-1]
        one = re.fullmatch(re.escape(self.path) + r"/(\d+)", path.path)
        if one and method == "PUT":
            for comment in self.comments:
                if comment["id"] == int(one[1]):
                    comment["body"] = self.written(body).rstrip()
                    return 200, {}, comment
        else:
            self.expect(False, f"a known request, not {method} {path.path}")
        return 404, {}, {"message": "404 Not found"}
