import json
import os
import ssl
import struct
import unittest
from unittest import mock

from slipway import neighbour, packages
from slipway.rke2 import vip, vip_check
from slipway.rke2.configuration import MARK
from slipway.rke2.tasks import vip as task_vip
from slipway.task import Failed, Task
from tests.cases import Cases, each

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

POD = {"spec": {"containers": [{"env": [{"name": "address", "value": "10.0.0.100"},
                                        {"name": "vip_interface", "value": "eth0"}]}]}}
MARKED = MARK.decode() + json.dumps(POD)


class Commands:
    """Stands for systemctl and package managers; remembers what was asked."""

    def __init__(self, **state: str) -> None:
        self.state = dict({"LoadState": "not-found", "ActiveState": "inactive", "UnitFileState": ""}, **state)
        self.asked: "list[str]" = []
        self.ends = 0

    def run(self, *command: str, **_environment: str) -> "tuple[int, str, str]":
        if command[:2] == ("systemctl", "show"):
            return 0, "\n".join("%s=%s" % pair for pair in self.state.items()), ""
        self.asked.append(" ".join(word for word in command if not word.startswith("-")))
        return self.ends, "", "refused" if self.ends else ""

    def must(self, *command: str, **_options: "Any") -> str:
        return self.run(*command)[1]


class Placing(Cases):
    def setUp(self) -> None:
        super().setUp()
        for name in ("CONFIGURATION", "UNIT_FILE", "NOTE", "PENDING"):
            self.replace(vip, name, self.at(name.lower()))
        self.replace(vip, "CHECK", self.at("libexec/check"))
        self.replace(vip, "FILES", (vip.CONFIGURATION, vip.CHECK, vip.UNIT_FILE))
        self.replace(packages, "program", lambda name: "/usr/sbin/" + name)
        self.files = [{"path": path, "content": "content of " + os.path.basename(path), "mode": mode} for path, mode in (
            (vip.CHECK, "0755"), (vip.UNIT_FILE, "0644"), (vip.CONFIGURATION, "0600"))]

    def act(self, commands: Commands, files: "list[dict[str, Any]] | None" = None, **given: "Any") -> "list[str]":
        """What was asked of the host's programs."""
        arguments = dict({"state": "present", "data_dir": self.at("data"), "restart": False,
                          "files": self.files if files is None else files}, **given)
        with mock.patch("slipway.commands.run", commands.run), mock.patch("slipway.commands.must", commands.must):
            task_vip.act(Task(arguments, False))
        return commands.asked

    def test_first(self) -> None:
        """the files are written with their modes, the configuration was tested before, and the service is started"""
        asked = self.act(Commands())
        self.assertEqual(asked, ["keepalived", "systemctl daemon-reload", "systemctl enable slipway-vip",
                                 "systemctl start slipway-vip"])
        self.assertEqual(["%04o" % (os.stat(file["path"]).st_mode & 0o7777) for file in self.files],
                         ["0755", "0644", "0600"])
        self.assertFalse(os.path.exists(vip.PENDING))

    def test_again(self) -> None:
        """nothing is done where all is there, and a service that has not read its files yet reads them"""
        self.act(Commands())
        running = {"LoadState": "loaded", "ActiveState": "active", "UnitFileState": "enabled"}
        self.assertEqual(self.act(Commands(**running)), [])
        self.place("pending")
        self.assertEqual(self.act(Commands(**running)), ["systemctl reload slipway-vip"])
        self.assertEqual(self.act(Commands(**running), restart=True), ["systemctl restart slipway-vip"])

    def test_edited(self) -> None:
        """an edited configuration is loaded without a restart, by which the VIP would move"""
        self.act(Commands())
        self.place("configuration", "edited")
        running = {"LoadState": "loaded", "ActiveState": "active", "UnitFileState": "enabled"}
        self.assertEqual(self.act(Commands(**running)), ["keepalived", "systemctl reload slipway-vip"])

    def test_refused(self) -> None:
        """a configuration that keepalived does not take leaves the one of before, and what is to be loaded stays known"""
        self.place("configuration", "before")
        commands = Commands()
        commands.ends = 1
        with self.assertRaises(Failed):
            self.act(commands)
        with open(vip.CONFIGURATION) as file:
            self.assertEqual(file.read(), "before")
        self.assertTrue(os.path.exists(vip.PENDING))
        self.assertEqual([name for name in os.listdir(self.folder) if name.endswith(".new")], [])

    def test_pod(self) -> None:
        """a static pod of somebody else's is left alone; one of ours goes where keepalived comes"""
        pod = vip.pod_of(self.at("data"))
        given = [{"path": pod, "content": MARKED, "mode": "0600"}]
        self.place("data/agent/pod-manifests/kube-vip.yaml", "theirs")
        with self.assertRaises(Failed):
            self.act(Commands(), given)
        os.unlink(pod)
        self.assertEqual(self.act(Commands(), given), [])
        self.assertTrue(os.path.exists(pod))
        # Its container was killed, and has left the address.
        left = [{"interface": "eth0", "address": "10.0.0.100", "prefix": 32}]
        self.replace(task_vip, "on_interfaces", lambda: left)
        self.replace(task_vip, "POD_ENDS", 0)
        self.assertIn("ip address delete 10.0.0.100/32 dev eth0", self.act(Commands()))
        self.assertFalse(os.path.exists(pod))

    def test_installs(self) -> None:
        """the package is installed where it is missing, and is known to be ours before"""
        there: "list[str]" = []
        self.replace(packages, "program", lambda name: "/x" if name == "apt-get" or there else None)
        commands = Commands()
        run = commands.run

        def installing(*command: str, **environment: str) -> "tuple[int, str, str]":
            if "install" in command:
                self.assertTrue(os.path.exists(vip.NOTE))
                there.append("keepalived")
            return run(*command, **environment)

        with mock.patch.object(commands, "run", installing):
            asked = self.act(commands)
        self.assertEqual([line.split()[0] + " " + line.split()[-1] for line in asked[:2]],
                         ["apt-get update", "apt-get keepalived"])

    @each(("that was there before stays", None, None, []),
          ("that we have installed goes", "none", None, ["remove"]),
          ("that brought an example of a configuration goes", "the example", "the example", ["remove"]),
          ("that somebody has configured since stays", "none", "theirs", []),
          ("whose example somebody has edited since stays", "the example", "theirs", []))
    def test_removed(self, _what: str, noted: "str | None", there: "str | None", expected: "list[str]") -> None:
        """a package %s"""
        self.replace(task_vip, "SAMPLE", self.at("etc/keepalived.conf"))
        self.act(Commands())
        if noted:
            task_vip.note_package("apt-get", noted if noted == "none" else task_vip.digest_of(self.place("example", noted)))
        if there:
            self.place("etc/keepalived.conf", there)
        self.replace(task_vip, "on_interfaces", list)
        asked = self.act(Commands(LoadState="loaded", ActiveState="active"), state="absent")
        self.assertEqual(asked[:2], ["systemctl disable slipway-vip", "systemctl daemon-reload"])
        self.assertEqual([line.split()[-2] for line in asked[2:]], expected)
        self.assertEqual([path for path in vip.FILES + (vip.NOTE, vip.PENDING) if os.path.exists(path)], [])

    def test_killed(self) -> None:
        """an address that a killed keepalived has left behind goes as well"""
        self.place("configuration", "  virtual_ipaddress {\n    10.0.0.100/32 dev eth0\n  }\n")
        left = [{"interface": "eth0", "address": "10.0.0.100", "prefix": 32},
                {"interface": "eth0", "address": "10.0.0.11", "prefix": 24}]
        self.replace(task_vip, "on_interfaces", lambda: left)
        self.assertIn("ip address delete 10.0.0.100/32 dev eth0", self.act(Commands(), state="absent"))


class Asking(Cases):
    def test_arp(self) -> None:
        """an answer to the question counts, a question of somebody else's and an answer about another address do not"""
        own, other = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")
        question = neighbour.arp_question(own, "10.0.0.100")
        self.assertEqual((len(question), question[:6], question[38:42]), (42, b"\xff" * 6, bytes([10, 0, 0, 100])))

        def answer(kind: int, sender: bytes, address: bytes) -> bytes:
            return (own + sender + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, kind) + sender + address
                    + own + b"\0" * 4)

        taken = bytes([10, 0, 0, 100])
        self.assertEqual(neighbour.arp_answer(answer(2, other, taken), own, "10.0.0.100"), "02:00:00:00:00:02")
        for frame in (answer(1, other, taken), answer(2, own, taken), answer(2, other, bytes([10, 0, 0, 9])), b"short"):
            self.assertIsNone(neighbour.arp_answer(frame, own, "10.0.0.100"))

    def test_ndp(self) -> None:
        """of IPv6 the group of the address is asked, and its advertisement counts"""
        self.assertEqual(neighbour.group_of("fd00::12:3456"), "ff02::1:ff12:3456")
        asked = neighbour.solicitation(b"\x02" * 6, "fd00::1")
        said = bytes([136]) + b"\0" * 7 + asked[8:24] + b"\x02\x01" + b"\x02" * 6
        self.assertEqual(neighbour.advertisement(said, "fd00::1"), "02:02:02:02:02:02")
        self.assertIsNone(neighbour.advertisement(said, "fd00::2"))
        self.assertIsNone(neighbour.advertisement(asked, "fd00::1"))


class Packages(Cases):
    def setUp(self) -> None:
        super().setUp()
        self.answers: "dict[str, tuple[int, str]]" = {}
        self.replace(packages, "installer", lambda: "apt-get")
        self.replace(packages, "said", lambda *command: self.answers.get(command[1], (0, "")))
        self.replace(packages, "unreachable", lambda place: "%s:%d cannot be reached" % place)

    @each(("on its own disk", (0, "'file:/opt/x/keepalived.deb' k 1"), None, None),
          ("from a mirror that is not there", (0, "'http://deb.example/k.deb' k 1"), None,
           "deb.example:80 cannot be reached"),
          ("whose lists were never fetched, without a source", (100, "E: Unable to locate package keepalived"), (0, ""),
           "apt has no source of packages"),
          ("whose lists were never fetched", (100, "E: Unable to locate package keepalived"),
           (0, "'https://deb.example:8443/InRelease' x 0"), "deb.example:8443 cannot be reached"),
          ("with broken packages", (100, "E: Unmet dependencies"), None, "E: Unmet dependencies"))
    def test_apt(self, _what: str, install: "tuple[int, str]", update: "tuple[int, str] | None",
                 expected: "str | None") -> None:
        """apt is asked for a package %s"""
        self.answers = {"install": install, "update": update or (0, "")}
        self.assertEqual(packages.error("keepalived"), expected)

    def test_proxy(self) -> None:
        """what is behind a proxy of apt's is not asked past it"""
        self.answers = {"install": (0, "'http://deb.example/k.deb' k 1"), "dump": (0, 'Acquire::http::Proxy "http://p";')}
        self.assertIsNone(packages.error("keepalived"))

    def test_others(self) -> None:
        """of the others the package is asked by its name"""
        self.replace(packages, "installer", lambda: "dnf")
        self.assertEqual(packages.error("keepalived"), "dnf knows no package keepalived")
        self.answers = {"-q": (0, "keepalived-0:2.2.8-3.el9.x86_64")}
        self.assertIsNone(packages.error("keepalived"))


class Check(Cases):
    @each(("the supervisor", {9345: 500}), ("the API server", {6443: 500}), ("etcd", {2381: 503}), (None, {}))
    def test_parts(self, expected: "str | None", answers: "dict[int, int]") -> None:
        """a server serves where each part answers: %s does not"""
        self.place("server/db/etcd/name")
        self.replace(ssl, "create_default_context", mock.MagicMock())
        self.replace(vip_check, "status", lambda port, _path, _context: answers.get(port, 200))
        self.assertEqual(vip_check.failing(self.folder), expected)

    def test_without_etcd(self) -> None:
        """a server without a member of etcd is not asked for one"""
        self.replace(ssl, "create_default_context", mock.MagicMock())
        self.replace(vip_check, "status", lambda port, _path, _context: 503 if port == 2381 else 200)
        self.assertIsNone(vip_check.failing(self.folder))


if __name__ == "__main__":
    unittest.main()
