import os
import tempfile
import unittest
from unittest import mock

from slipway.rke2 import keeping


class KeepingTest(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.data = os.path.join(temporary.name, "rke2")
        self.folder = os.path.join(temporary.name, "backups", "demo")
        self.snapshots = os.path.join(self.data, "server", "db", "snapshots")
        os.makedirs(self.snapshots)

    def write(self, path: str, text: str) -> None:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def kept(self) -> "dict[str, str]":
        found = {}
        for name in os.listdir(self.folder):
            path = os.path.join(self.folder, name)
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
            with open(path, encoding="utf-8") as file:
                found[name] = file.read()
        return found

    def fill(self) -> None:
        self.write(os.path.join(self.data, "server", "token"), "secret")
        for name in ("a b", "daily-m1-1"):
            self.write(os.path.join(self.snapshots, name), name)

    def test_all_snapshots_are_left_with_the_token(self) -> None:
        self.fill()
        self.assertEqual(keeping.keep_snapshots(self.data, self.folder), 2)
        self.assertEqual(self.kept(), {"token": "secret", "a b": "a b", "daily-m1-1": "daily-m1-1"})
        self.assertEqual(os.stat(self.folder).st_mode & 0o777, 0o700)
        self.assertEqual(keeping.keep_snapshots(self.data, self.folder), 0)
        self.assertEqual(len(self.kept()), 3)

    def test_without_snapshots_no_folder_is_made(self) -> None:
        self.write(os.path.join(self.data, "server", "token"), "secret")
        self.assertEqual(keeping.keep_snapshots(self.data, self.folder), 0)
        self.assertEqual(keeping.keep_snapshots(self.data + "/gone", self.folder), 0)
        self.assertFalse(os.path.exists(self.folder))

    def test_without_the_token_nothing_is_kept_or_moved(self) -> None:
        self.fill()
        os.unlink(os.path.join(self.data, "server", "token"))
        self.assertRaises(FileNotFoundError, keeping.keep_snapshots, self.data, self.folder)
        self.assertEqual(len(os.listdir(self.snapshots)), 2)

    def test_what_broke_off_is_done_by_the_next_call_also_over_two_file_systems(self) -> None:
        self.fill()
        rename = os.rename

        def across(source: str, target: str) -> None:
            if source.startswith(self.data):
                raise OSError(18, "Invalid cross-device link")
            rename(source, target)

        with mock.patch("os.rename", across), mock.patch("os.unlink", side_effect=KeyboardInterrupt):
            self.assertRaises(KeyboardInterrupt, keeping.keep_snapshots, self.data, self.folder)
        with mock.patch("os.rename", across):
            self.assertEqual(keeping.keep_snapshots(self.data, self.folder), 2)
        self.assertEqual(self.kept(), {"token": "secret", "a b": "a b", "daily-m1-1": "daily-m1-1"})
        self.assertEqual(os.listdir(self.snapshots), [])


if __name__ == "__main__":
    unittest.main()
