"""What RKE2's services will really run with: masks, unit files in front of the release's, drop-ins and the environment that
all of them make.
"""
import os
import re

from slipway import systemd

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

OWN_DROP_IN = "10-slipway-guard.conf"
# Values that nobody needs to keep from others. Of all other variables the names are told, no more.
SHOWN = ("RKE2_CONFIG_FILE", "RKE2_URL", "RKE2_DATA_DIR", "RKE2_NODE_NAME")
# What the units of RKE2's releases read, in this order.
USUAL_FILES = ["-/etc/default/%N", "-/etc/sysconfig/%N", "-@PREFIX@/lib/systemd/system/%N.env"]


def release_unit(unit: str, prefix: str) -> str:
    """Where the release's own unit file lies or would lie (destinations in unpacking.py; rpm below /usr)."""
    folder = {"/usr/local": "/usr/local/lib/systemd/system", "/usr": "/usr/lib/systemd/system"}.get(prefix)
    return (folder or "/etc/systemd/system") + "/" + unit + ".service"


def shown_value(name: str, value: str) -> "str | None":
    if name not in SHOWN and not re.search(r"_proxy$", name, re.I):
        return None
    # A password may hold any sign, and where it begins cannot be told; behind the last @ there is none.
    return "***@" + value.rpartition("@")[2][:300] if "@" in value else value[:300]


def kind_of_value(key: str, value: str, usual: "list[str]") -> str:
    """A setting's value may hold a secret: what is told of it is what it means."""
    if not value:
        return "reset"
    if key == "ExecStart" and value.split() == usual:
        return "usual"
    # Whom the service runs as anyway.
    if key in ("User", "Group") and value == "root":
        return "off"
    return "off" if value.lower() in ("no", "false", "off", "0", "default", "all", "infinity") else "set"


def unit_file(unit: str, prefix: str) -> "tuple[str | None, bool, bool]":
    """(the unit file that counts, whether it is another one than the release's, whether it masks the unit)"""
    found = systemd.fragment(unit)
    hidden = systemd.hides(found, release_unit(unit, prefix))
    return found, hidden, hidden and systemd.is_masking(found or "")


def variables(unit: str, prefix: str, shown: str) -> "list[systemd.Variable]":
    """The environment of the service; `shown`: systemd's own, as it shows it."""
    found, _, masked = unit_file(unit, prefix)
    return variables_of(unit, prefix, shown, None if masked else found, systemd.drop_ins(unit))


def variables_of(unit: str, prefix: str, shown: str, at: "str | None", others: "list[str]") -> "list[systemd.Variable]":
    # Where there is no unit file yet, this is what the release's will say.
    read_by_release = [] if at else [file.replace("@PREFIX@", prefix) for file in USUAL_FILES]
    return systemd.environment(unit, ([at] if at else []) + others, read_by_release, shown)


def effective(unit: str, prefix: str, shown: str) -> "dict[str, Any]":
    found, hidden, masked = unit_file(unit, prefix)
    others = systemd.drop_ins(unit)
    start = [prefix + "/bin/rke2", unit.split("-")[1]]
    # The release's own file is no news.
    settings = [{"file": path, "section": section, "name": key[:200], "value": kind_of_value(key, value, start)}
                for path in others if os.path.basename(path) != OWN_DROP_IN
                for section, key, value in systemd.settings_of(path)]
    environment = [{"name": name[:200], "value": shown_value(name, value), "source": source, "kind": kind}
                   for name, value, source, kind in variables_of(unit, prefix, shown, None if masked else found, others)]
    return {"mask": found if masked else None, "shadow": found if hidden and not masked else None,
            "settings": settings[:200], "environment": environment[:200]}
