import json

from slipway.rke2.last_words import entries_of, hopeless_ends, last_words
from tests.cases import Cases, each

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

UNIT = "rke2-server.service"


def said(line: "str | list[int] | None", start: int = 1, by: str = "rke2", of: str = UNIT) -> "dict[str, Any]":
    """A line of the journal; `start`: number of the start it belongs to."""
    return {"MESSAGE": line, "SYSLOG_IDENTIFIER": by, "_SYSTEMD_UNIT": of,
            "_SYSTEMD_INVOCATION_ID" if of == UNIT else "INVOCATION_ID": "start-%d" % start}


def logrus(level: str, message: str) -> str:
    return 'time="2026-11-28T23:00:00Z" level=%s msg=%s' % (level, json.dumps(message, ensure_ascii=False))


def fatal(message: str, start: int = 1) -> "dict[str, Any]":
    return said(logrus("fatal", message), start)


def systemd(line: str) -> "dict[str, Any]":
    return said(line, by="systemd", of="init.scope")


NOISE = [
    said("/sbin/modprobe: No such file or directory", by="(modprobe)"),
    said("Failed to get unit file state for nm-cloud-setup.service: No such file or directory", by="sh"),
    systemd("rke2-server.service: Failed with result ‘protocol’."),
    systemd("Failed to start rke2-server.service - Rancher Kubernetes Engine v2 (server)."),
    systemd("rke2-server.service: Scheduled restart job, restart counter is at 4."),
]
REASON = 'starting kubernetes: preparing server: token CA hash does not match the Cluster CA "hash"'


def judge(journal: "Sequence[dict[str, Any]]", ignored: "Sequence[str]" = ()) -> "dict[str, Any]":
    entries = entries_of("\n".join(map(json.dumps, journal)), UNIT, "rke2")
    words, lines = last_words(entries, 20, ignored)
    return dict(words, lines=lines, ends=hopeless_ends(entries, ignored))


def ends(*words: str) -> int:
    return int(judge([fatal(word, number) for number, word in enumerate(words)])["ends"])


class Reason(Cases):
    def assert_told(self, kind: str, text: str, journal: "Sequence[dict[str, Any]]") -> None:
        found = judge(journal)
        self.assertEqual((found["kind"], found["text"]), (kind, text))

    def test_is_the_last_fatal_line(self) -> None:
        """the reason of a service's end is its last fatal line, whatever was printed after it"""
        journal = [
            fatal("an earlier one"), said(logrus("info", "Starting rke2")), fatal(REASON),
            said(logrus("error", "Shutdown request received: context canceled")), said("exiting"), *NOISE,
            said(logrus("info", "Starting rke2"), 2), *NOISE]
        self.assert_told("fatal", REASON, journal)
        self.assertIn(json.dumps(REASON), judge(journal)["lines"][-1])

    def test_is_the_last_error(self) -> None:
        """the reason is the last error where nothing was fatal, else the last line of its own"""
        error = said(logrus("error", "Failed to connect to proxy"))
        self.assert_told("error", "Failed to connect to proxy", [error, said("bye"), *NOISE])
        self.assert_told("line", "cannot open /x", [said("cannot open /x"), *NOISE])
        self.assertEqual(judge(NOISE)["kind"], "line")
        self.assertIn("Failed to get unit file state", judge(NOISE)["text"])
        self.assertIn("restart counter is at 4", judge(NOISE[2:])["text"])
        self.assertEqual(judge([]), {"kind": "none", "text": "", "lines": [], "ends": 0})

    def test_is_of_this_life(self) -> None:
        """the reason is nothing that an earlier life of the service has said"""
        found = judge([fatal("of the old configuration", 1), said("starts", 2)], ["start-1"])
        self.assertEqual((found["kind"], found["text"], found["ends"]), ("line", "starts", 0))

    @each(
        ("logrus with a cause", 'time="t" level=fatal msg="cannot join" error="dial tcp: refused"',
         "cannot join: dial tcp: refused"),
        ("logrus with quotes and lines", r'time="t" level=fatal msg="bad \"x\"\nin line 2"', 'bad "x"\nin line 2'),
        ("logrus of one word", "time=t level=fatal msg=refused", "refused"),
        ("logrus with colours", '\x1b[31mtime="t" level=fatal msg="red"\x1b[0m', "red"),
        ("a level inside of a message", 'time="t" level=fatal msg="saw level=info msg=x"', "saw level=info msg=x"),
        ("JSON", '{"level":"fatal","ts":"t","msg":"failed to open db","error":"file is locked"}',
         "failed to open db: file is locked"),
        ("klog", "F1128 23:00:00.000000    1234 server.go:177] unable to load config", "unable to load config"),
        ("a panic", "panic: runtime error: invalid memory address", "panic: runtime error: invalid memory address"),
        ("Go out of memory", "fatal error: runtime: out of memory", "fatal error: runtime: out of memory"),
        ("bytes", list(logrus("fatal", "grüße").encode()), "grüße"),
    )
    def test_is_read(self, _: str, line: "str | list[int]", text: str) -> None:
        """a fatal reason is read from %s"""
        self.assert_told("fatal", text, [said(line), said("goroutine 1 [running]:"), *NOISE])

    @each(
        ('E1128 23:00:00.000000    1234 run.go:72] "command failed" err="no config"', '"command failed" err="no config"'),
        ('{"level":"error","msg":"slow disk"}', "slow disk"),
    )
    def test_is_an_error(self, line: str, text: str) -> None:
        """the error is read of %s"""
        self.assert_told("error", text, [said(line), said("end")])

    @each(*((line,) for line in ("{", "{}", "[1]", "level=fatal", "level=", '{"level":7,"msg":[1]}', 'msg="x', "\0",
                                 "F1128 x")))
    def test_is_not_fatal(self, line: str) -> None:
        """no fatal word is %s"""
        self.assertNotEqual(judge([said(line)])["kind"], "fatal")

    def test_is_cut(self) -> None:
        """a reason is cut, and lines without text are passed over"""
        self.assertEqual(len(judge([fatal("x" * 9000), said(None)])["text"]), 1500)


class Ends(Cases):
    def test_are_hopeless(self) -> None:
        """a service that ends again and again with the same words is hopeless, however its numbers differ"""
        self.assertEqual(ends('invalid value "x" for cidr'), 1)
        self.assertEqual(ends("bad hash 1234567890abcdef at 12", "bad hash abcdef1234567890 at 13",
                              "bad hash 11111111aaaaaaaa at 9"), 3)
        self.assertEqual(ends("first another", "duplicate node name found", "duplicate node name found"), 2)

    @each(
        ("etcdserver: too many learner members in cluster",),
        ('failed to get CA certs: Get "https://10.0.0.1:9345/cacerts": dial tcp 10.0.0.1:9345: connect: '
         "connection refused",),
        ('Get "https://10.0.0.1:9345/v1-rke2/readyz": 503 Service Unavailable',),
        ("failed to validate server configuration: https://10.0.0.1:9345: 500 Internal Server Error: not ready",),
        ("context deadline exceeded",),
        ("dial tcp: lookup m1 on 10.0.0.2:53: server misbehaving",),
        ("net/http: TLS handshake timeout",),
        ("etcdserver: unhealthy cluster",),
    )
    def test_may_pass(self, word: str) -> None:
        """a service may still come up after: %s"""
        self.assertEqual(ends(word, word, word, word), 0)

    @each(
        ("token CA hash does not match the Cluster CA certificate hash",),
        ("failed to find cpu cgroup (v2)",),
        ('invalid cluster-cidr value: netip.ParsePrefix("10.42.0.0/48")',),
        ("dial tcp: lookup nowhere.example on 10.0.0.2:53: no such host",),
        ("https://10.0.0.1:9345/v1-rke2/server-bootstrap: 401 Unauthorized",),
        ("flag provided but not defined: -node-labl",),
    )
    def test_do_not_pass(self, word: str) -> None:
        """a service does not come up after: %s"""
        self.assertEqual(ends(word, word, word), 3)
