import unittest
from unittest import mock

from slipway import commands
from slipway.rke2 import start_check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from slipway.systemd import Variable

UNIT = "rke2-agent"
PLAIN = """LoadState=loaded
FragmentPath=/nowhere/rke2-agent.service
DropInPaths=/nowhere/10-slipway-guard.conf
ExecStart={ path=/usr/local/bin/rke2 ; argv[]=/usr/local/bin/rke2 agent ; ignore_errors=no }
ExecStartPre={ path=/bin/sh ; argv[]=/bin/sh -xc something ; }
ExecStartPre={ path=/var/lib/slipway/bootstrap-guard ; argv[]=/var/lib/slipway/bootstrap-guard /data agent ; }
Type=simple
User=
"""


class StartCheck(unittest.TestCase):
    def refusal(self, shown: str, *environment: "Variable") -> "str | None":
        with mock.patch.object(commands, "run", lambda *command: (0, shown, "")), \
                mock.patch.object(start_check, "variables", lambda *given: list(environment)):
            return start_check.refusal(UNIT)

    def test_lets_the_usual_service_start(self) -> None:
        """the service as the release and Slipway have it may start"""
        usual = ("RKE2_CONFIG_FILE", start_check.CONFIG, "/etc/default/rke2-agent", "file")
        self.assertIsNone(self.refusal(PLAIN, usual, ("HTTPS_PROXY", "http://p", "/x", "file")))

    def test_refuses_another(self) -> None:
        """another service behind the name is refused, each by what it is"""
        for old, new, told in (
            ("LoadState=loaded", "LoadState=masked", "rke2-agent.service is masked"),
            ("bootstrap-guard", "other-guard", "without Slipway's guard"),
            ("rke2 agent ;", "rke2 server ;", "something else than rke2 agent (/nowhere/10"),
            ("rke2 agent ;", "rke2 agent --debug ;", "something else"),
            ("User=", "User=rke2", "is changed in User ("),
        ):
            self.assertIn(told, self.refusal(PLAIN.replace(old, new)) or "")

    def test_refuses_variables(self) -> None:
        """a variable that leads RKE2 elsewhere is refused with its place, and its value untold"""
        file = ("RKE2_URL", "https://secret", "/etc/x.conf", "setting")
        self.assertEqual(self.refusal(PLAIN, file),
                         "/etc/x.conf sets RKE2_URL for rke2-agent: RKE2 would not go by what Slipway writes")
        said = self.refusal(PLAIN, ("RKE2_TOKEN", "secret", "systemd", "manager"))
        self.assertEqual(said, "systemd's own environment sets RKE2_TOKEN for rke2-agent: "
                               "RKE2 would not go by what Slipway writes")
