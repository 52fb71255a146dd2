import errno
import json
import os
from types import SimpleNamespace

from slipway.rke2 import installed, unpacking
from tests.cases import Cases, each

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

VERSION = "v1.34.1+rke2r1"
FILES = ["bin/rke2", "bin/rke2-killall.sh", "lib/systemd/system/rke2-server.env", "lib/systemd/system/rke2-server.service",
         "share/rke2/LICENSE.txt"]


class Installed(Cases):
    def setUp(self) -> None:
        super().setUp()
        self.replace(installed, "NOTE", self.at("note"))

    def release(self, has_run: bool = True) -> "tuple[str | None, bool]":
        note = installed.read_note()
        found = installed.release(note, self.folder, installed.noted_version(note, self.folder), [], has_run)
        return found["version"], found["complete"]

    def test_is_complete(self) -> None:
        """a release is complete when every file of the note is as it was put there"""
        names = ("bin/rke2", "lib/rke2-server.service")
        states = [(path, os.stat(path)) for path in (self.place(name, name) for name in names)]
        files = [[path, state.st_size, int(state.st_mtime)] for path, state in states]
        self.place("note", json.dumps({"version": VERSION, "files": files}))
        self.assertEqual(self.release(), (VERSION, True))
        self.place("lib/rke2-server.service", "another")
        self.assertEqual(self.release(), (VERSION, False))
        self.place("bin/rke2", "also another")
        self.assertEqual(self.release(), (None, False))

    @each(("",), ("[]",), ("{",), ('{"version": "v1.34.1+rke2r1"}',), ('{"images": {}}',), ('{"files": [1, [], [2]]}',))
    def test_is_not_told(self, note: str) -> None:
        """no release is told from a note that says %s"""
        self.place("note", note)
        self.assertEqual(self.release(), (None, False))

    @each(("has run", True), ("has not run yet", False))
    def test_of_others(self, _: str, has_run: bool) -> None:
        """a release that others have put there, and that %s, is taken for whole where it has run"""
        found = installed.release({}, self.folder, VERSION, [], has_run)
        self.assertEqual(found["complete"], has_run)
        self.assertFalse(installed.release({}, self.folder, None, [], has_run)["complete"])
        self.place("note", '{"images": {}}')
        self.assertFalse(installed.release({"images": {}}, self.folder, VERSION, [], has_run)["complete"])


class Prefix(Cases):
    def host(self, mounts: str, read_only: bool = False) -> None:
        self.replace(installed, "text", lambda path, limit=0: mounts)
        self.replace(os, "statvfs", lambda path: SimpleNamespace(f_flag=os.ST_RDONLY if read_only else 0))

    @each(
        ("of its own", "1 0 8:1 / / rw", False, "/usr/local"),
        ("of which it is a mount", "1 0 8:1 / / rw\n2 1 8:2 / /usr/local rw", False, "/opt/rke2"),
        ("that is read-only", "1 0 8:1 / / ro", True, "/opt/rke2"),
    )
    def test_is_chosen(self, _: str, mounts: str, read_only: bool, prefix: str) -> None:
        """a release would be put below /usr/local or /opt/rke2 on a file system %s"""
        self.host(mounts, read_only)
        self.assertEqual(installed.install_prefix({}), prefix)

    def test_is_not_of_the_past(self) -> None:
        """a release would not be put where the note tells of one that is gone"""
        self.host("1 0 8:1 / / rw")
        self.assertEqual(installed.install_prefix({"prefix": "/opt/rke2"}), "/usr/local")

    def test_is_not_changed_by_a_full_disk(self) -> None:
        """a release goes nowhere else because a disk is full: that is told"""
        self.host("1 0 8:1 / / rw")
        self.replace(installed, "NOTE", self.at("none"))
        for code, prefix in ((errno.EROFS, "/opt/rke2"), (errno.ENOSPC, None)):
            def refuse(*_: object, code: int = code, **__: object) -> "Any":
                raise OSError(code, "no")

            self.replace(os, "makedirs", refuse)
            try:
                self.assertEqual(unpacking.choose_prefix(), prefix)
            except OSError as error:
                self.assertEqual((error.errno, prefix), (errno.ENOSPC, None))


class Unpacking(Cases):
    def test_moves_the_program_last(self) -> None:
        """the program of a release is moved last, so that one that broke off is never taken for whole"""
        for name in FILES:
            self.place("staging/" + name, name)
        self.place("note", '{"version": "v1", "files": [], "images": {"i": "1"}}')
        prefix = self.at("prefix")
        self.replace(installed, "NOTE", self.at("note"))
        self.replace(installed, "DEFAULT_PREFIX", prefix)
        move, seen = unpacking._move, []

        def watched(source: str, place: str) -> None:
            seen.append((os.path.relpath(place, prefix), "version" in installed.read_note()))
            move(source, place)

        self.replace(unpacking, "_move", watched)
        places = unpacking.install(self.at("staging"), FILES, prefix)
        self.assertEqual(seen, [(name, False) for name in (
            "bin/rke2-killall.sh", "share/rke2/LICENSE.txt", "lib/systemd/system/rke2-server.env",
            "lib/systemd/system/rke2-server.service", "bin/rke2")])
        self.assertFalse(installed.is_installed("v2", None))
        unpacking.note_release("v2", "sum", prefix, places)
        self.assertTrue(installed.is_installed("v2", "sum"))
        self.assertFalse(installed.is_installed("v2", "other"))
        self.assertFalse(installed.is_installed("v1", None))
        self.assertEqual(installed.read_note()["images"], {"i": "1"})

    def test_puts_units_where_systemd_looks(self) -> None:
        """a release goes below another prefix, only its units where systemd looks for them"""
        places = unpacking.destinations(FILES, "/opt/rke2")
        unit = "lib/systemd/system/rke2-server.service"
        self.assertEqual(places, dict({name: "/opt/rke2/" + name for name in FILES},
                                      **{unit: "/etc/systemd/system/rke2-server.service"}))
