"""What a server has of a VIP that Slipway puts there: its files, its service, and what could install keepalived."""
import os
import stat

from slipway import machine
from slipway.digests import hmac_sha256
from slipway.packages import installer, program
from slipway.reading import read
from slipway.rke2.configuration import MARK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

UNIT = "slipway-vip.service"
# As src/distributions/rke2/vip/files.ts writes them.
CONFIGURATION = "/etc/keepalived/slipway-vip.conf"
CHECK = "/usr/libexec/keepalived/slipway-vip-check"
UNIT_FILE = "/etc/systemd/system/" + UNIT
FILES = (CONFIGURATION, CHECK, UNIT_FILE)
# That the package was installed by us, and by which program.
NOTE = "/var/lib/slipway/vip-package"
# Files were written, and the service may not have read them yet. Not kept over a boot, with which it reads them.
PENDING = "/run/slipway-vip-pending"


def pod_of(data_dir: str) -> str:
    """The static pod of kube-vip. Its name is the usual one, so that one of somebody else's is seen."""
    return data_dir + "/agent/pod-manifests/kube-vip.yaml"


def described(path: str, key: bytes) -> "list[dict[str, Any]]":
    """The file, if there is one; `hmac`: null where it is none that could be read."""
    try:
        state = os.lstat(path)
    except OSError:
        return []
    content = read(path, 1 << 20) if stat.S_ISREG(state.st_mode) else None
    ours = path in FILES or (content or b"").startswith(MARK)
    return [{"path": path, "mode": "%04o" % stat.S_IMODE(state.st_mode), "ours": ours,
             "hmac": None if content is None else hmac_sha256(key, content)}]


def look(key: bytes, data_dir: str, shown: "dict[str, dict[str, str]]") -> "dict[str, Any]":
    return {"keepalived": program("keepalived"),
            "installer": installer(),
            "files": [file for path in FILES + (pod_of(data_dir),) for file in described(path, key)],
            "pending": os.path.exists(PENDING),
            "service": machine.service(shown.get(UNIT, {}), False)}
