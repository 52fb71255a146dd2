import os
import time

from slipway import folder
from slipway.rke2 import snapshots
from tests.cases import Cases, each

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NOW = int(time.time())


class Snapshots(Cases):
    def look(self, path: str = "") -> "dict[str, Any]":
        return snapshots.look(os.path.join(self.folder, path), NOW)

    def put(self, name: str, age: int, content: str = "etcd") -> None:
        """A file of so many seconds ago."""
        os.utime(self.place(name, content), (NOW - age, NOW - age))

    def test_newest(self) -> None:
        """the newest snapshot is the newest file by its time, whatever its name, and how many there are is told"""
        self.put("etcd-snapshot-m1-9", 7200, "an older one")
        self.put("on-demand-m1-1", 60)
        self.put("etcd-snapshot-m1-5.zip", 3600)
        newest = {"name": "on-demand-m1-1", "size": 4, "modified": NOW - 60, "age_s": 60}
        self.assertEqual(self.look(), {"folder_state": "present", "newest": newest, "count": 3})

    def test_none(self) -> None:
        """a snapshot is nothing that is empty, unfinished, hidden, a folder, or a link to nowhere"""
        self.put("etcd-snapshot-m1-1", 0, "")
        for name in ("etcd-snapshot-m1-2.part", "etcd-snapshot-m1-3.tmp", ".etcd-snapshot-m1-4"):
            self.put(name, 0)
        os.mkdir(self.at("etcd-snapshot-m1-5"))
        os.symlink("/nowhere", self.at("etcd-snapshot-m1-6"))
        self.assertEqual(self.look(), {"folder_state": "present", "newest": None, "count": 0})

    def test_no_folder(self) -> None:
        """a folder of snapshots that is gone is told from one that cannot be read"""
        self.put("file", 0)
        self.assertEqual(self.look("none"), {"folder_state": "missing", "newest": None, "count": 0})
        self.assertEqual(self.look("file"), {"folder_state": "unreadable", "newest": None, "count": 0})

    def test_odd(self) -> None:
        """a snapshot is of no negative age where a clock was set back, and its name may be no UTF-8"""
        with open(os.fsencode(self.folder) + b"/\xff", "w") as file:
            file.write("x")
        found = self.look()
        self.assertEqual((found["newest"]["name"], found["count"]), ("\ufffd", 1))
        self.put("etcd-snapshot-m1-1", -1000)
        found = self.look()
        self.assertEqual((found["newest"]["name"], found["newest"]["age_s"], found["count"]), ("etcd-snapshot-m1-1", 0, 2))


class Folder(Cases):
    @each(
        ("here", "usable", "here"),
        ("alias", "usable", "alias"),
        ("alias/a/b", "usable", "alias"),
        ("file", "no-folder", "file"),
        ("file/a", "no-folder", "file"),
        ("file/a/b", "no-folder", "file"),
        ("link", "dangling", "link"),
        ("link/a", "dangling", "link"),
    )
    def test_is_there_or_can_be_made(self, path: str, state: str, at: str) -> None:
        """what stands in the way of a folder is told, wherever on its path, and nothing is made: %s"""
        self.place("file")
        os.symlink("/nowhere", self.at("link"))
        os.mkdir(self.at("here"))
        os.symlink("here", self.at("alias"))
        self.assertEqual(folder.look(self.at(path)), {"state": state, "at": self.at(at)})
        self.assertEqual(sorted(os.listdir(self.folder)), ["alias", "file", "here", "link"])
