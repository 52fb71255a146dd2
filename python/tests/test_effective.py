import os

from slipway import systemd
from slipway.rke2 import effective
from tests.cases import Cases, each

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Effective(Cases):
    def setUp(self) -> None:
        super().setUp()
        self.replace(systemd, "UNIT_FOLDERS", [self.at(name) for name in ("etc", "run", "local")])
        self.replace(systemd, "MANAGER_FOLDERS", [])
        self.replace(effective, "release_unit", lambda unit, prefix: self.at("local/" + unit + ".service"))
        self.replace(effective, "USUAL_FILES", ["-" + self.at("default/%N"), "-" + self.at("usual.env")])

    def effective(self, shown: str = "") -> "dict[str, Any]":
        return effective.effective("rke2-server", "/usr/local", shown)

    def told(self, shown: str = "") -> "list[str]":
        return ["%s %s" % (one["name"], one["source"].replace(self.folder + "/", ""))
                for one in self.effective(shown)["environment"]]

    def test_takes_the_last(self) -> None:
        """a service takes variables in systemd's order: its own, then settings, then files"""
        self.place("etc/rke2-server.service.d/x.conf",
                   "[Service]\nEnvironment=RKE2_URL=a RKE2_TOKEN=b\nUnsetEnvironment=GONE\n")
        self.place("default/rke2-server", "RKE2_TOKEN=c\n")
        self.assertEqual(self.told("RKE2_URL=systemd\nGONE=1\nHTTP_PROXY=p"), [
            "HTTP_PROXY systemd", "RKE2_TOKEN default/rke2-server", "RKE2_URL etc/rke2-server.service.d/x.conf"])

    def test_takes_back(self) -> None:
        """a service has what a later file takes back no more, and empty variables not at all"""
        self.place("run/rke2-server.service.d/10-a.conf",
                   "[Service]\nEnvironment=RKE2_URL=a\nEnvironmentFile=-/nowhere\n")
        self.place("etc/service.d/20-b.conf",
                   '[Service]\nEnvironment=\nEnvironment="RKE2_TOKEN="\nEnvironmentFile=\n')
        self.place("default/rke2-server", "RKE2_NODE_NAME=x\n")
        self.assertEqual(self.told(), [])

    def test_takes_the_special(self) -> None:
        """a service has of two drop-ins of one name the one of the more special folder, of the higher place"""
        self.place("etc/service.d/x.conf", "[Service]\nEnvironment=A=1\n")
        self.place("run/rke2-.service.d/x.conf", "[Service]\nEnvironment=B=1\n")
        self.assertEqual(self.told(), ["B run/rke2-.service.d/x.conf"])
        self.place("etc/rke2-server.service.d/x.conf", "[Service]\nEnvironment=C=1\n")
        self.assertEqual(self.told(), ["C etc/rke2-server.service.d/x.conf"])
        # An empty one hides the others.
        self.place("etc/rke2-server.service.d/x.conf")
        self.assertEqual(self.told(), [])

    @each(
        ("http://bob:hunter2@proxy:3128", "***@proxy:3128"),
        ("bob:hunter2@proxy:3128", "***@proxy:3128"),
        ("http://bob:hun@ter2@proxy", "***@proxy"),
        ("http://bob:hun/ter2@proxy/", "***@proxy/"),
        ("http://hunter2@proxy", "***@proxy"),
        ("http://proxy:3128", "http://proxy:3128"),
        ("10.0.0.0/8,.example.org", "10.0.0.0/8,.example.org"),
    )
    def test_hides_logins(self, value: str, shown: str) -> None:
        """of a proxy is told what is not its login: %s"""
        self.place("etc/rke2-server.service.d/x.conf", '[Service]\nEnvironment="HTTP_PROXY=%s"\n' % value)
        self.place("default/rke2-server", "https_proxy=%s\n" % value)
        found = [(one["name"], one["value"]) for one in self.effective("all_proxy=" + value)["environment"]]
        self.assertEqual(found, [(name, shown) for name in ("HTTP_PROXY", "all_proxy", "https_proxy")])

    def test_may_be_another(self) -> None:
        """a service may be masked, or be another one"""
        def kind() -> "tuple[str | None, str | None]":
            found = self.effective()
            return found["mask"], found["shadow"]

        self.place("local/rke2-server.service", "[Service]\nExecStart=/usr/local/bin/rke2 server\n")
        self.assertEqual(kind(), (None, None))
        other = self.place("run/rke2-server.service", "[Service]\nExecStart=/opt/other\n")
        self.assertEqual(kind(), (None, other))
        os.unlink(other)
        os.symlink("/dev/null", other)
        self.assertEqual(kind(), (other, None))
