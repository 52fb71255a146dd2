from slipway.rke2.api import unready
from tests.cases import Cases, each

CHECKS = ["[+]poststarthook/number-%d ok" % number for number in range(30)]


class Unready(Cases):
    @each(
        ("the checks that failed, and none that did not",
         "\n".join([*CHECKS, "[-]autoregister-completion failed: reason withheld", *CHECKS,
                    "[-]etcd failed: reason withheld", "readyz check failed"]),
         "not ready yet: autoregister-completion, etcd"),
        ("what it answers where it names none", "leaderelection\n  lost", "not ready yet: leaderelection lost"),
    )
    def test_says(self, _: str, body: str, words: str) -> None:
        """of an API server that is not ready is said: %s"""
        self.assertEqual(unready(body), words)

    def test_cuts(self) -> None:
        """a long answer of an API server is cut at its end only, and that is shown"""
        said = unready("begins %s ends" % ("x" * 1000))
        self.assertRegex(said, "^not ready yet: begins x+…$")
        self.assertEqual(len(said), len("not ready yet: ") + 300)
