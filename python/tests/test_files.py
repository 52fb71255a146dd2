import os
import tempfile
import unittest
from unittest import mock

from slipway.rke2 import marks, restart
from slipway.rke2.tasks import files
from slipway.task import Failed, Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Files(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.replace(marks, "PLACE", os.path.join(self.folder, "marks"))
        self.replace(restart, "unit_state", lambda unit: {})
        self.replace(files, "is_protected", lambda path, mode: os.stat(path).st_mode & 0o777 == mode)
        self.replace(os, "chown", lambda *given: None)

    def replace(self, owner: object, name: str, by: object) -> None:
        patched = mock.patch.object(owner, name, by)
        patched.start()
        self.addCleanup(patched.stop)

    def at(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def act(self, check_mode: bool = False, folders: "tuple[str, ...]" = (), **file: "Any") -> "dict[str, Any]":
        usual = {"path": self.at("a"), "content": "x\n", "mode": "0600", "mark": None, "unless": None, "restarts": None,
                 "private": None}
        listed = [dict(usual, **file)] if file else []
        return files.act(Task({"files": listed, "folders": list(folders)}, check_mode))

    def test_are_written_once(self) -> None:
        """a file is written once, and what reads it is named"""
        first = self.act(restarts="rke2-agent", content="x\n")
        self.assertEqual((first["changed"], first["restarts"]), (True, ["rke2-agent"]))
        self.assertEqual(first["slipway_message"], "wrote " + self.at("a"))
        self.assertEqual(os.stat(self.at("a")).st_mode & 0o777, 0o600)
        self.assertFalse(self.act(restarts="rke2-agent", content="x\n")["changed"])
        os.chmod(self.at("a"), 0o644)
        again = self.act(restarts="rke2-agent", content="x\n")
        self.assertEqual((again["changed"], again["restarts"]), (True, []))

    def test_are_not_written_in_check_mode(self) -> None:
        """check mode only tells"""
        self.assertTrue(self.act(True, content="x\n", folders=(self.at("below/folder"),))["changed"])
        self.assertEqual(os.listdir(self.folder), [])

    def test_are_none_where_a_link_stands(self) -> None:
        """where nobody else writes a link gives way to a file, and goes with it"""
        with open(self.at("elsewhere"), "w") as file:
            file.write("x\n")
        for content, target in (("x\n", "elsewhere"), ("x\n", "nowhere"), ("", "elsewhere"), ("", "nowhere")):
            os.symlink(self.at(target), self.at("a"))
            self.assertTrue(self.act(content=content, private=self.folder)["changed"], (content, target))
            self.assertEqual((os.path.islink(self.at("a")), os.path.exists(self.at("a"))), (False, content != ""))
            if content:
                os.unlink(self.at("a"))
        self.assertTrue(os.path.exists(self.at("elsewhere")))

    def test_make_their_folders_private_from_one_on(self) -> None:
        """folders that are made for a file are for root alone from the private one on; one that is there stays as it is"""
        os.mkdir(self.at("data"), 0o755)
        os.chmod(self.at("data"), 0o751)
        self.act(path=self.at("data/open/server/manifests/a"), private=self.at("data/open/server"))
        modes = {name: os.stat(self.at(name)).st_mode & 0o777
                 for name in ("data", "data/open", "data/open/server", "data/open/server/manifests")}
        self.assertEqual(list(modes.values()), [0o751, 0o755, 0o700, 0o700])

    def test_of_others_stay(self) -> None:
        """a file that is not wanted is removed where it is ours, and no other"""
        for content, left in (("# ours\nx\n", False), ("# theirs\n", True)):
            with open(self.at("a"), "w") as file:
                file.write(content)
            self.assertEqual(self.act(content="\n", mark="# ours")["changed"], not left)
            self.assertEqual(os.path.exists(self.at("a")), left)

    def test_may_come_too_late(self) -> None:
        """nothing is written while what it is not for exists"""
        self.assertFalse(self.act(content="x\n", unless=self.folder)["changed"])

    def test_need_folders(self) -> None:
        """a folder is made closed, below open ones"""
        umask = os.umask(0o077)
        self.addCleanup(os.umask, umask)
        self.act(folders=(self.at("open/closed"),))
        modes = [os.stat(self.at(name)).st_mode & 0o777 for name in ("open", "open/closed")]
        self.assertEqual(modes, [0o755, 0o700])

    def test_say_what_stands_in_the_way(self) -> None:
        """what cannot be written is named without its content"""
        with open(self.at("file"), "w"):
            pass
        with self.assertRaises(Failed) as raised:
            self.act(path=self.at("file/below"), content="canary")
        self.assertRegex(str(raised.exception), r"^%s/file/below cannot be written: " % self.folder)
        self.assertNotIn("canary", str(raised.exception))
