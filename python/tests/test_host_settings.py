import os
from unittest import mock

from slipway import commands
from slipway.rke2 import host_settings as seen
from slipway.rke2.configuration import MARK
from slipway.rke2.tasks import host_settings
from slipway.task import Failed, Task
from slipway.writing import read_bytes
from tests.cases import Cases, each

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

RULES = MARK.decode() + "allow perm=any all : dir=/opt/cni/\n"


class Killed(BaseException):
    """As a kill would: nothing behind it is done."""


class Host(Cases):
    """A host whose commands are played; `commands` is what was run of those that change it."""

    def setUp(self) -> None:
        super().setUp()
        for name, path in (("NETWORK_MANAGER", "nm/90.conf"), ("FAPOLICYD", "rules.d/80.rules"), ("COMPILED", "compiled"),
                           ("RECORD", "slipway/host-settings")):
            self.replace(seen, name, self.at(path))
        self.replace(host_settings, "RECORD", seen.RECORD)
        self.replace(host_settings, "SERVICES", {"network-manager": seen.NETWORK_MANAGER, "fapolicyd": seen.FAPOLICYD})
        self.units = {unit: {"LoadState": "loaded", "ActiveState": "active", "UnitFileState": "enabled"}
                      for unit in ("firewalld.service", "NetworkManager.service", "fapolicyd.service")}
        self.commands: "list[str]" = []
        self.killed_at = -1
        self.replace(commands, "must", self.run_command)

    def run_command(self, *command: str) -> str:
        if command[1] == "show":
            state = self.units.get(command[-1], {"LoadState": "not-found", "ActiveState": "inactive", "UnitFileState": ""})
            return "".join("%s=%s\n" % pair for pair in state.items())
        if len(self.commands) == self.killed_at:
            raise Killed()
        self.commands.append(" ".join(command))
        unit = self.units.get(command[-1], {})
        if command[1] == "disable":
            unit.update(ActiveState="inactive", UnitFileState="disabled")
        elif command[1] == "enable":
            unit["UnitFileState"] = "enabled"
        elif command[1] == "start":
            unit["ActiveState"] = "active"
        elif command[0] == "fagenrules":
            self.place("compiled", (read_bytes(seen.FAPOLICYD) or b"").decode())
        return ""

    def act(self, **wanted: "Any") -> "dict[str, Any]":
        given = {"units_off": ["firewalld.service"], "network_manager": MARK.decode() + "x\n", "fapolicyd": RULES}
        return host_settings.act(Task(dict(given, **wanted), False))

    def test_are_done_once(self) -> None:
        """what is right is not touched again"""
        self.assertTrue(self.act()["changed"])
        self.assertEqual(self.commands, ["systemctl disable --now firewalld.service",
                                         "systemctl reload NetworkManager.service", "fagenrules --load",
                                         "systemctl try-restart fapolicyd.service"])
        self.assertFalse(self.act()["changed"])
        self.assertEqual(len(self.commands), 4)

    @each(*[(number,) for number in range(4)])
    def test_killed(self, number: int) -> None:
        """a task that was killed before its command %s is done to the end by the next one, and all of it given back"""
        self.killed_at = number
        with self.assertRaises(Killed):
            self.act()
        self.killed_at = -1
        self.act()
        self.assertEqual(seen.read_record(), {"firewalld.service": ["enabled", "active"]})
        self.assertIn("systemctl try-restart fapolicyd.service", self.commands)
        self.assertIn("systemctl reload NetworkManager.service", self.commands)
        self.given_back()

    @each(*[(number,) for number in range(5)])
    def test_killed_giving_back(self, number: int) -> None:
        """a host is given back to the end though that was killed before its command %s"""
        self.act()
        self.commands.clear()
        self.killed_at = number
        with self.assertRaises(Killed):
            host_settings.give_back()
        self.killed_at = -1
        self.assertTrue(host_settings.is_ours())
        self.given_back()
        self.assertIn("systemctl try-restart fapolicyd.service", self.commands)
        self.assertIn("systemctl reload NetworkManager.service", self.commands)

    def given_back(self) -> None:
        host_settings.give_back()
        self.assertEqual(self.units["firewalld.service"]["ActiveState"], "active")
        self.assertEqual(self.units["firewalld.service"]["UnitFileState"], "enabled")
        self.assertEqual([path for path in (seen.NETWORK_MANAGER, seen.FAPOLICYD, seen.RECORD) if os.path.exists(path)], [])
        self.assertEqual(read_bytes(seen.COMPILED), b"")
        self.assertFalse(host_settings.is_ours())

    def test_was_only_enabled(self) -> None:
        """a unit comes back as it was, also where somebody has turned it on in between"""
        self.units["firewalld.service"]["ActiveState"] = "inactive"
        self.act()
        self.units["firewalld.service"].update(ActiveState="active", UnitFileState="enabled")
        self.act()
        host_settings.give_back()
        self.assertEqual(self.units["firewalld.service"]["ActiveState"], "inactive")
        self.assertEqual(self.units["firewalld.service"]["UnitFileState"], "enabled")

    def test_is_gone(self) -> None:
        """what is not on the host any more, or was masked since, is no reason to stop"""
        self.act()
        self.units["firewalld.service"]["LoadState"] = "masked"
        del self.units["fapolicyd.service"]
        self.assertIn("firewalld.service was on before and is masked now", host_settings.give_back())
        self.assertFalse(host_settings.is_ours())

    def test_of_others(self) -> None:
        """files of others at our places stay"""
        self.place("nm/90.conf", "theirs\n")
        self.assertEqual(host_settings.give_back(), [])
        self.assertTrue(os.path.exists(seen.NETWORK_MANAGER))

    def test_refused(self) -> None:
        """a service that refuses what was written is told, and what was written is read by the next task"""
        refuses = mock.patch.object(host_settings, "let_read", side_effect=Failed("fagenrules --load: refused"))
        with refuses, self.assertRaises(Failed):
            self.act()
        self.act()
        self.assertIn("fagenrules --load", self.commands)


class Seen(Cases):
    @each(
        ("a unit that runs", {"ActiveState": "active", "UnitFileState": "disabled"}, True),
        ("one that will at the next boot", {"ActiveState": "inactive", "UnitFileState": "enabled"}, True),
        ("one that is off", {"ActiveState": "inactive", "UnitFileState": "disabled"}, False),
        ("one that is masked", {"ActiveState": "inactive", "UnitFileState": "masked"}, False),
        ("one that is not there", {}, False),
    )
    def test_is_on(self, _what: str, values: "dict[str, str]", on: bool) -> None:
        """%s is on, or off"""
        self.assertEqual(seen.host_settings({"firewalld.service": values})["on"], ["firewalld.service"] if on else [])

    def test_compiled(self) -> None:
        """rules are loaded where all of them are compiled, without their comments"""
        self.replace(seen, "COMPILED", self.place("compiled", "## made\nallow a\nallow b\ndeny\n"))
        self.assertTrue(seen.has_loaded("# x\nallow b\n"))
        self.assertFalse(seen.has_loaded("# x\nallow c\n"))
        self.assertTrue(seen.has_loaded(None))
