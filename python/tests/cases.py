"""One test for each case of a table, and a folder for each test."""
import functools
import os
import tempfile
import unittest
from unittest import mock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def each(*rows: "tuple[Any, ...]") -> "Callable[[Callable[..., None]], Callable[..., None]]":
    """A test for each row. What the test's docstring leaves open (%s) is the first of the row."""
    def mark(method: "Callable[..., None]") -> "Callable[..., None]":
        method.rows = rows  # type: ignore[attr-defined]
        return method

    return mark


def of_row(method: "Callable[..., None]", row: "tuple[Any, ...]") -> "Callable[..., None]":
    @functools.wraps(method)
    def test(self: unittest.TestCase) -> None:
        method(self, *row)

    title = method.__doc__ or ""
    # A line of its own is all that unittest shows.
    test.__doc__ = " ".join((title % (row[0],) if "%s" in title else title).split())[:200]
    return test


class Cases(unittest.TestCase):
    def __init_subclass__(cls) -> None:
        for name, method in list(vars(cls).items()):
            for number, row in enumerate(getattr(method, "rows", ())):
                setattr(cls, "%s_%02d" % (name, number), of_row(method, row))
            if hasattr(method, "rows"):
                delattr(cls, name)

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def at(self, path: str) -> str:
        return os.path.join(self.folder, path)

    def place(self, path: str, content: str = "") -> str:
        """Writes a file into the folder, with the folders above it; gives its path."""
        os.makedirs(os.path.dirname(self.at(path)), exist_ok=True)
        with open(self.at(path), "w") as file:
            file.write(content)
        return self.at(path)

    def replace(self, owner: object, name: str, by: object) -> None:
        """For this test."""
        patched = mock.patch.object(owner, name, by)
        patched.start()
        self.addCleanup(patched.stop)
