import os

from slipway import commands, selinux
from slipway.task import Failed
from tests.cases import Cases

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Commands(Cases):
    def test_tell_all(self) -> None:
        """of a command is told how it ends and what it says, in English, with the environment it is given"""
        code, out, err = commands.run("sh", "-c", "echo $LC_ALL $MORE; cat; echo no >&2; exit 3", MORE="x")
        self.assertEqual((code, out, err), (3, "C x\n", "no\n"))

    def test_must_end_well(self) -> None:
        """a command that must end well fails the task with its own words"""
        self.assertEqual(commands.must("echo", "yes"), "yes\n")
        with self.assertRaises(Failed) as raised:
            commands.must("sh", "-c", "echo out; echo why >&2; exit 1", code="service-failed")
        self.assertEqual(str(raised.exception), "sh -c echo out; echo why >&2; exit 1: why")
        self.assertEqual(raised.exception.code, "service-failed")

    def test_may_be_missing(self) -> None:
        """a command that is not there is named"""
        with self.assertRaises(Failed) as raised:
            commands.run("no-such-command")
        self.assertEqual(str(raised.exception), "there is no no-such-command on this host")

    def test_are_found_where_a_login_knows_little(self) -> None:
        """a command is found also where the login knows no folders, and never in the folder it stands in"""
        self.replace(os, "environ", {})
        self.assertEqual(commands.run("sh", "-c", "echo $PATH")[1], commands.FOLDERS + "\n")


class Labels(Cases):
    def restored(self, enabled: bool, code: int = 0) -> "list[Any]":
        self.replace(os.path, "exists", lambda path: enabled and path == "/sys/fs/selinux/enforce")
        ran: "list[Any]" = []

        def run(*command: str) -> "tuple[int, str, str]":
            ran.append(command)
            return code, "", "cannot"

        self.replace(commands, "run", run)
        selinux.restore_labels(["/a", "/b"])
        return ran

    def test_are_restored(self) -> None:
        """labels are restored where SELinux is in use, and nowhere else"""
        self.assertEqual(self.restored(False), [])
        self.assertEqual(self.restored(True), [("restorecon", "-F", "/a", "/b")])

    def test_cannot_be_restored(self) -> None:
        """labels that cannot be restored fail the task"""
        with self.assertRaises(Failed) as raised:
            self.restored(True, 1)
        self.assertEqual(str(raised.exception), "restorecon: cannot")
