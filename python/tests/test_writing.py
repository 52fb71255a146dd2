import os
import tempfile
import unittest
from unittest import mock

from slipway.fence_record import read_fence
from slipway.writing import write_file


class Writing(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.path = os.path.join(self.folder, "file")

    def content(self) -> bytes:
        with open(self.path, "rb") as file:
            return file.read()

    def test_replaces_a_file(self) -> None:
        """a file is replaced whole, with its mode, whatever an earlier try has left"""
        for name in ("file", ".slipway-%d-file" % os.getpid()):
            with open(os.path.join(self.folder, name), "wb") as file:
                file.write(b"a long one of before")
        write_file(self.path, b"new", 0o640)
        self.assertEqual(self.content(), b"new")
        self.assertEqual(os.stat(self.path).st_mode & 0o777, 0o640)
        self.assertEqual(os.listdir(self.folder), ["file"])

    def test_keeps_a_file(self) -> None:
        """a file stays as it was when the new one cannot be written"""
        write_file(self.path, b"old", 0o600)
        with mock.patch.object(os, "fsync", side_effect=OSError), self.assertRaises(OSError):
            write_file(self.path, b"new", 0o600)
        self.assertEqual(self.content(), b"old")
        self.assertEqual(os.listdir(self.folder), ["file"])

    def test_follows_no_link(self) -> None:
        """a link that somebody has put where the new file is written is not followed"""
        os.symlink(self.path, os.path.join(self.folder, ".slipway-%d-file" % os.getpid()))
        with self.assertRaises(OSError):
            write_file(self.path, b"new", 0o600)
        self.assertFalse(os.path.exists(self.path))

    def test_makes_the_fence(self) -> None:
        """the fence of a host is read as it is written, and anything else is no fence"""
        self.assertIsNone(read_fence(self.folder))
        for content, read in ((b"1 7 here demo\n", {"epoch": 1, "number": 7, "installation": "here", "cluster": "demo"}),
                              (b"1 7 here\n", {}), (b"x 7 here demo\n", {}), (b"", {})):
            write_file(os.path.join(self.folder, "fence"), content, 0o644)
            self.assertEqual(read_fence(self.folder), read)
