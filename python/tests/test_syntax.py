import ast
import subprocess
import sys
import unittest

from tests.sources import FOLDER, package, read


def programs() -> "dict[str, str]":
    found = {path: content for path, content in package().items() if path.endswith(".py")}
    return dict(found, **{path: read(path) for path in ("bootstrap.py", "importer.py")})


class Syntax(unittest.TestCase):
    def test_is_that_of_python_3_6(self) -> None:
        """what hosts are sent has the syntax of Python 3.6"""
        self.assertGreater(len(programs()), 30)
        for path, content in programs().items():
            with self.subTest(path):
                tree = ast.parse(content, path, feature_version=(3, 6))
                news = [type(node).__name__ for node in ast.walk(tree) if type(node).__name__ in ("NamedExpr", "Match")]
                self.assertEqual(news, [])
                self.assertNotIn("from __future__", content)

    def test_a_newer_one_would_be_noticed(self) -> None:
        """a newer syntax would be noticed"""
        for text in ("(a := 1)", "def f(a, /): pass"):
            with self.assertRaises(SyntaxError):
                ast.parse(text, feature_version=(3, 6))


class Imports(unittest.TestCase):
    DEAR = ("typing", "ssl", "http", "subprocess", "tempfile", "hashlib", "tarfile", "importlib.metadata")

    def loaded(self, module: str) -> "set[str]":
        """Names of all modules that are there once this one is loaded as it is on a host."""
        program = "import sys; sys.path.insert(0, %r); import %s; print(*sys.modules)" % (FOLDER, module)
        command = [sys.executable, "-I", "-S", "-B", "-c", program]
        return set(subprocess.check_output(command, universal_newlines=True).split())

    def test_of_a_look_are_few(self) -> None:
        """a look at a host loads nothing that is dear"""
        self.assertEqual(self.loaded("slipway.rke2.observe").intersection(self.DEAR), set())

    def test_of_what_knows_no_distribution(self) -> None:
        """what any host has knows no distribution"""
        for path, content in package().items():
            if not path.startswith("slipway/rke2/"):
                with self.subTest(path):
                    self.assertNotIn("slipway.rke2", content)
