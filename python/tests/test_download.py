import json
import os
import socketserver
import threading
from unittest import mock
from urllib.parse import urlsplit
from urllib.request import install_opener, proxy_bypass

from slipway import download
from slipway.rke2 import release_source
from tests.cases import Cases, each

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class WithProxies(Cases):
    """Leaves the environment as it was."""

    def setUp(self) -> None:
        super().setUp()
        patched = mock.patch.dict(os.environ)
        patched.start()
        self.addCleanup(patched.stop)


class Download(WithProxies):
    def failure(self, url: str, environment: "dict[str, str] | None" = None) -> str:
        install_opener(None)
        download.use_proxies(environment or {}, url)
        with self.assertRaises((download.Missing, download.Unavailable)) as raised:
            download.fetch(url, pause=lambda seconds: None)
        return str(raised.exception)

    @each(
        ("http://bob:s3cr3t@127.0.0.1:1/x",),
        ("http://bob:s3cr3t@127.0.0.1/x",),
        ("http://bob:s3/cr3t@127.0.0.1:1/x",),
        ("http://bob:s3cr3t@/x",),
        ("http://[bob:s3cr3t@::1/x",),
        ("http://bob:s3cr3t@127.0.0.1:port/x",),
    )
    def test_keeps_a_login(self, url: str) -> None:
        """a download never says the login in %s"""
        said = self.failure(url)
        self.assertRegex(said, "^http:")
        self.assertNotRegex(said, "bob|s3|cr3t")

    @each(("http://bob:s3cr3t@127.0.0.1:1",), ("http://bob:s3cr3t@127.0.0.1:port",), ("http://bob:s3/cr3t@127.0.0.1",))
    def test_keeps_the_login_of_a_proxy(self, proxy: str) -> None:
        """a download never says the login of the proxy %s"""
        said = self.failure("http://127.0.0.1:1/x", {"HTTP_PROXY": proxy})
        self.assertRegex(said, "^http://127.0.0.1:1/x: .")
        self.assertNotRegex(said, "bob|s3|cr3t")

    def test_says_what_is_wrong(self) -> None:
        """a download says what is wrong where no login can be told"""
        self.assertEqual(self.failure("http://127.0.0.1:1/x"), "http://127.0.0.1:1/x: [Errno 111] Connection refused")

    @each(
        ("10.1.2.3", "10.0.0.0/8", True),
        ("10.1.2.3", "10.1.2.3", True),
        ("11.1.2.3", "10.0.0.0/8", False),
        ("[fd00::1]", "fd00::/8", True),
        ("10.1.2.3", "fd00::/8,nonsense/8,", False),
        ("mirror.example.org", "10.0.0.0/8", False),
        ("mirror.example.org", "10.0.0.0/8,.example.org", True),
    )
    def test_goes_past_the_proxy(self, host: str, exceptions: str, past: bool) -> None:
        """a download of %s goes past the proxy where NO_PROXY says so, and nowhere else"""
        url = "http://%s:8080/x" % host
        download.use_proxies({"HTTP_PROXY": "http://127.0.0.1:3128", "NO_PROXY": exceptions}, url)
        self.assertEqual(bool(proxy_bypass(urlsplit(url).netloc)), past)

    def test_knows_no_other_proxies(self) -> None:
        """a download knows no proxies but those that it was given"""
        os.environ.update(http_proxy="http://127.0.0.1:1", HTTPS_PROXY="http://127.0.0.1:1", no_proxy="x")
        download.use_proxies({}, "http://h")
        self.assertEqual([name for name in os.environ if "proxy" in name.lower()], [])


class Source(WithProxies):
    """Whether a source of releases has a file."""

    def answering(self, reply: "Callable[[str], str]") -> int:
        """The port of a server that answers by the text of a request."""
        asked: "list[str]" = []
        self.asked = asked

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                request = self.request.recv(65536).decode()
                asked.append(request.split("\r\n")[0])
                self.request.sendall(reply(request).encode())

        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.addCleanup(server.server_close)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        self.addCleanup(server.shutdown)
        return int(server.server_address[1])

    def ask(self, port: int, **environment: str) -> "dict[str, Any]":
        os.environ["http_proxy"] = "http://127.0.0.1:1"
        # urllib keeps the first proxies it has seen; on a host each is asked by a process of its own.
        install_opener(None)
        told = release_source.ask("http://127.0.0.1:%d/x" % port, environment, 5)
        # As it is told: nothing else can be.
        return dict(json.loads(json.dumps(told)))

    def test_is_asked_without_head(self) -> None:
        """a source that knows no HEAD is asked for a first byte"""
        def reply(request: str) -> str:
            if request.startswith("HEAD"):
                return "HTTP/1.0 405 Method Not Allowed\r\n\r\n"
            return "HTTP/1.0 %s\r\n\r\nx" % ("206 Partial Content" if "Range: bytes=0-0" in request else "500 No")

        port = self.answering(reply)
        self.assertEqual(self.ask(port), {"url": "http://127.0.0.1:%d/x" % port, "status": 206, "error": None})
        self.assertEqual(self.asked, ["HEAD /x HTTP/1.1", "GET /x HTTP/1.1"])

    def test_speaks_no_http(self) -> None:
        """of a source that speaks no HTTP that is said, and the host is not blamed"""
        found = self.ask(self.answering(lambda request: "SSH-2.0-OpenSSH_9.2\r\n"))
        self.assertIsNone(found["status"])
        self.assertIn("SSH-2.0", found["error"])

    def test_is_asked_through_the_proxy(self) -> None:
        """a source is asked through the given proxy only, and past it for what it is not for"""
        port = self.answering(lambda request: "HTTP/1.0 200 OK\r\n\r\n")
        proxy = "http://127.0.0.1:1"
        self.assertEqual(self.ask(port)["status"], 200)
        found = self.ask(port, HTTP_PROXY=proxy)
        self.assertEqual((found["status"], found["error"]), (None, "[Errno 111] Connection refused"))
        self.assertEqual(self.ask(port, HTTP_PROXY=proxy, NO_PROXY="127.0.0.0/8")["status"], 200)
