import http.client
import http.server
import json
import os
import ssl
import tempfile
import threading
import unittest
import urllib.parse
from unittest import mock

from slipway.rke2 import etcd
from slipway.rke2.tasks import leadership
from slipway.task import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def member(number: int, name: str, **over: "Any") -> "dict[str, Any]":
    found = {"id": "%x" % number, "name": name, "learner": False, "peer_urls": [], "healthy": True}
    found.update(over)
    return found


class Leadership(unittest.TestCase):
    """etcd answers by a path; what was asked of it is kept."""

    def act(self, leader: int, members: "list[dict[str, Any]]", check_mode: bool = False,
            refusal: "Exception | None" = None) -> "dict[str, Any]":
        self.asked: "list[tuple[str, dict[str, Any]]]" = []

        def ask(_at: object, _context: object, path: str, body: "dict[str, Any]") -> "dict[str, Any]":
            self.asked.append((path, body))
            if refusal and path.endswith("transfer-leadership"):
                raise refusal
            # Numbers of 64 bits are texts in the JSON of etcd.
            return {"header": {"member_id": "255"}, "leader": str(leader)}

        with mock.patch.object(leadership, "ask", ask), mock.patch.object(leadership, "door", lambda _: (None, None)), \
                mock.patch.object(etcd, "membership", lambda *_: {"members": members}):
            return leadership.act(Task({"data_dir": "/data"}, check_mode))

    def test_moves(self) -> None:
        """a member that leads lets another one lead that votes and answers"""
        members = [member(255, "m1-a"), member(1, "m2-b", healthy=False), member(2, "m3-c", learner=True)]
        found = self.act(255, members + [member(4096, "m4-d")])
        self.assertEqual(found, {"changed": True, "slipway_message": "m4-d leads etcd from now on"})
        self.assertEqual(self.asked[1:], [("/v3/maintenance/transfer-leadership", {"targetID": "4096"})])

    def test_only_tells(self) -> None:
        """in check mode it only says who would lead"""
        self.assertTrue(self.act(255, [member(255, "m1-a"), member(1, "m2-b")], check_mode=True)["changed"])
        self.assertEqual(len(self.asked), 1)

    def test_follower(self) -> None:
        """a member that does not lead has nothing to do"""
        self.assertEqual(self.act(1, [])["changed"], False)
        self.assertEqual(len(self.asked), 1)

    def test_alone(self) -> None:
        """where no other member could lead nothing is asked for"""
        found = self.act(255, [member(255, "m1-a"), member(1, "m2-b", healthy=False)])
        self.assertEqual((found["changed"], len(self.asked)), (False, 1))

    def test_refused(self) -> None:
        """a refusal, or no answer, is told and no failure"""
        for refusal in (leadership.Refused("HTTP 503: no leader"), OSError("refused"), ValueError("no JSON")):
            found = self.act(255, [member(255, "m1-a"), member(1, "m2-b")], refusal=refusal)
            self.assertEqual(found["changed"], False)
            self.assertIn(str(refusal), found["slipway_message"])


class Door(unittest.TestCase):
    def test_is_where_http_is_served(self) -> None:
        """the port for HTTP is preferred, and on it the loopback"""
        for configuration, wanted in (
            ("listen-client-urls: https://10.0.0.1:2379,https://127.0.0.1:2379\n", "127.0.0.1:2379"),
            ('"listen-client-urls": "https://10.0.0.1:2379"\n', "10.0.0.1:2379"),
            ("listen-client-http-urls: https://127.0.0.1:2382\nlisten-client-urls: https://[::1]:2379\n", "127.0.0.1:2382"),
            ("listen-client-urls: https://[::1]:2379\n", "[::1]:2379"),
            ("", "127.0.0.1:2379"),
        ):
            with self.subTest(configuration), tempfile.TemporaryDirectory() as data_dir:
                os.makedirs(data_dir + "/server/db/etcd")
                with open(data_dir + "/server/db/etcd/config", "w") as file:
                    file.write(configuration)
                with mock.patch.object(ssl, "create_default_context", mock.MagicMock()):
                    self.assertEqual(leadership.door(data_dir)[0].netloc, wanted)


class Answers(unittest.TestCase):
    def test_is_not_what_was_wanted(self) -> None:
        """what etcd refuses is told in its own words"""
        class Etcd(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.dumps({"message": "etcdserver: not leader"}).encode()
                self.send_response(412)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        with http.server.HTTPServer(("127.0.0.1", 0), Etcd) as server:
            threading.Thread(target=server.handle_request, daemon=True).start()
            at = urllib.parse.urlsplit("https://127.0.0.1:%d" % server.server_port)
            with mock.patch.object(http.client, "HTTPSConnection", plain), \
                    self.assertRaisesRegex(leadership.Refused, "HTTP 412: .*not leader"):
                leadership.ask(at, ssl.create_default_context(), "/v3/maintenance/status", {})


def plain(host: str, port: int, context: object, timeout: float) -> "http.client.HTTPConnection":
    return http.client.HTTPConnection(host, port, timeout=timeout)
