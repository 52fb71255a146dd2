import os
import shutil

from slipway.rke2 import configuration
from slipway.rke2.configuration import beside_config, config_file, keys_of, parts_of
from tests.cases import Cases, each

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def large(path: str, size: int) -> None:
    with open(path, "w") as file:
        file.write("a: %s\n" % ("x" * size))


class Keys(Cases):
    @each(
        ("plain", "server: x\ntls-san:\n  - debug: y\n", ["server", "tls-san"]),
        ("indented as a whole", "  server: x\n  tls-san:\n    - y\n", ["server", "tls-san"]),
        ("of JSON", '{"server": "x", "token": "y"}', ["server", "token"]),
        ("in one line", "--- {s: x, debug: true}", ["s", "debug"]),
        ("quoted, added to, behind a mark of order", "\ufeff---\n# c\n'kubelet-arg+': [a]\n\"token\" : y\n",
         ["kubelet-arg+", "token"]),
        ("nothing", "# server: x\n", []),
        ("an empty mapping", "{}", []),
        ("no mapping", "- a\n", ["?"]),
        ("what only a reader of YAML can tell", "debug: true\n? server\n: x\n", ["debug", "?"]),
        ("taken over from elsewhere", "debug: true\n<<: *other\n", ["debug", "?"]),
        ("with lists and blocks below", 'a:\n- x: [1, "]"]\nb: |\n  {[\n  text\nc: {d: 1,\n e: 2} # }\n', ["a", "b", "c"]),
        ("with signs in text", 'a: don\'t\nb: "x # y"\nc: 5% # [\n', ["a", "b", "c"]),
        ("of which one is wrong: a bracket", "debug: true\ntls-san: [a, b\n", ["debug", "tls-san", "?"]),
        ("of which one is wrong: a quote", 'debug: "true\n', ["debug", "?"]),
        ("of which one is wrong: a tab", "tls-san:\n\t- a\n", ["tls-san", "?"]),
        ("of which one is wrong: no blank behind the colon", "debug:true\n", ["debug", "?"]),
        ("of which one is wrong: a word alone", "debug: true\nserver\n", ["debug", "?"]),
        ("of which one is wrong: further out than the first", "  debug: true\nserver: x\n", ["debug", "?"]),
        ("of another encoding", "s\0e\0r\0v\0", ["?"]),
    )
    def test_are_told(self, _: str, content: str, expected: "list[str]") -> None:
        """the names of keys in a file: %s"""
        self.assertEqual(keys_of(content, True), expected)

    def test_are_variables(self) -> None:
        """the keys of an environment file are its variables"""
        content = "A=b\n export C=d\n#E=f\nHTTPS_PROXY=http://x:1\n"
        self.assertEqual(keys_of(content, False), ["A", "C", "HTTPS_PROXY"])


class Parts(Cases):
    content = "# a comment\nserver: x\ntls-san:\n  - y\n\ntoken: secret\n"

    def test_are_compared(self) -> None:
        """what stands under a key can be compared, whatever stands beside it, and is not told"""
        before, after = parts_of(self.content, b"key"), parts_of("tls-san:\n  - z\n" + self.content[:21], b"key")
        assert before is not None and after is not None
        self.assertEqual(list(before), ["server", "tls-san", "token"])
        self.assertEqual(before["server"], after["server"])
        self.assertNotEqual(before["tls-san"], after["tls-san"])
        self.assertNotIn("secret", str(before))
        self.assertNotEqual(before, parts_of(self.content, b"other"))

    def test_may_not_be_told(self) -> None:
        """of a file whose keys cannot be told, nothing is compared"""
        self.assertIsNone(parts_of("{server: x}", b"key"))
        self.assertIsNone(parts_of("  server: x\n", b"key"))
        self.assertIsNone(parts_of("? server\n: x\n", b"key"))
        self.assertEqual(parts_of("", b"key"), {})


class ConfigFile(Cases):
    def described(self, name: str = "config.yaml") -> "dict[str, Any]":
        found = config_file(self.at(name), b"key")
        assert found is not None
        return found

    def test_is_followed(self) -> None:
        """a configuration file that is a link is followed, and where it leads is told"""
        real = self.place("elsewhere.yaml", "debug: true\n")
        os.symlink(real, self.at("config.yaml"))
        found = self.described()
        self.assertEqual((found["link"], found["fault"], found["keys"]), (real, None, ["debug"]))

    @each(
        ("a folder", "folder", os.mkdir),
        ("a pipe", "special", os.mkfifo),
        ("a device", "special", lambda at: os.symlink("/dev/zero", at)),
        ("a link to nowhere", "dangling", lambda at: os.symlink("/nowhere/x", at)),
        ("a link to itself", "dangling", lambda at: os.symlink(at, at)),
        ("more than RKE2 was ever told", "huge", lambda at: large(at, 1 << 20)),
        ("nothing", None, lambda at: open(at, "w").close()),
        ("just large", None, lambda at: large(at, 1 << 19)),
    )
    def test_has_a_fault(self, _: str, fault: "str | None", make: "Callable[[str], None]") -> None:
        """a configuration file that is %s is told as such, at once"""
        make(self.at("config.yaml"))
        self.assertEqual(self.described()["fault"], fault)

    def test_cannot_be_read(self) -> None:
        """a configuration file that cannot be read is told as such"""
        self.place("config.yaml", "debug: true\n")
        self.replace(configuration, "read", lambda path, limit=0: None)
        self.assertEqual(self.described()["fault"], "unreadable")

    def test_is_none(self) -> None:
        """a configuration file that is not there is none"""
        self.assertIsNone(config_file(self.at("config.yaml"), b"key"))

    def test_stands_beside_the_first(self) -> None:
        """files beside the first one are looked at as RKE2 does: folders do not count, links to them do"""
        self.place("d/10-a.yaml", "debug: true\n")
        os.mkdir(self.at("d/20-b.yaml"))
        os.mkdir(self.at("d/30-c.yml.old"))
        os.symlink("/usr", self.at("d/40-d.yaml"))
        os.symlink("/nowhere", self.at("d/50-e.yml"))

        def beside() -> "list[tuple[str, str | None]]":
            return [(os.path.relpath(file["path"], self.folder), file["fault"])
                    for file in beside_config(self.at("d"), b"key")]

        self.assertEqual(beside(), [("d/10-a.yaml", None), ("d/40-d.yaml", "folder"), ("d/50-e.yml", "dangling")])
        shutil.rmtree(self.at("d"))
        self.place("d", "debug: true\n")
        self.assertEqual(beside(), [("d", "no-folder")])

    @each(
        ("behind our mark", "# Written by Slipway; changes are overwritten.\nmirrors: {}\n", True),
        ("before our mark", "mirrors: {}\n# Written by Slipway; changes are overwritten.\n", False),
        ("without the end of our mark", "# Written by Slipway; changes are overwritten", False),
    )
    def test_is_ours(self, _: str, content: str, marked: bool) -> None:
        """a configuration file is ours when it begins with our mark: %s"""
        self.place("registries.yaml", content)
        self.assertEqual(self.described("registries.yaml")["marked"], marked)
