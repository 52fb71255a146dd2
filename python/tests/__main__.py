"""Runs all tests and prints a JSON line for each: {"name", "error" (null when it passed)}. For those who count them."""
import json
import sys
import unittest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Reporter(unittest.TestResult):
    def told(self, test: unittest.TestCase, error: "str | None") -> None:
        name = test.shortDescription() or test.id().partition(".")[2]
        print(json.dumps({"name": name, "error": error}), flush=True)

    def addSuccess(self, test: unittest.TestCase) -> None:
        self.told(test, None)

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        self.told(test, "skipped: " + reason)

    def addFailure(self, test: unittest.TestCase, err: "Any") -> None:
        super().addFailure(test, err)
        self.told(test, self.failures[-1][1])

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: "Any") -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.told(test, "%s: %s" % (subtest, err[1]))

    def addError(self, test: unittest.TestCase, err: "Any") -> None:
        super().addError(test, err)
        self.told(test, self.errors[-1][1])


if __name__ == "__main__":
    result = Reporter()
    unittest.defaultTestLoader.discover("tests", top_level_dir=".").run(result)
    sys.exit(not result.wasSuccessful())
