"""Services of a host that stand in RKE2's way, and what Slipway has set right of them."""
import os

from slipway import machine
from slipway.reading import key_values, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NETWORK_MANAGER = "/etc/NetworkManager/conf.d/90-slipway-rke2.conf"
RULES = "/etc/fapolicyd/rules.d"
# Before the rules that deny (90-…). Not 80-rke2.rules: that one RKE2's installer writes, and its uninstall script removes.
FAPOLICYD = RULES + "/80-slipway-rke2.rules"
COMPILED = "/etc/fapolicyd/compiled.rules"
# One file for all rules, of versions before 1.1: beside it fagenrules refuses to work.
ONE_FILE = "/etc/fapolicyd/fapolicyd.rules"
UNITS = ("firewalld.service", "ufw.service", "nm-cloud-setup.service", "nm-cloud-setup.timer")
# What was turned off here and how it was before, and which service has yet to read what was written for it.
RECORD = "/var/lib/slipway/host-settings"
LARGEST = 1 << 16


def is_enabled(values: "dict[str, str]") -> bool:
    return values.get("UnitFileState", "").startswith("enabled")


def is_running(values: "dict[str, str]") -> bool:
    return values.get("ActiveState") in ("active", "activating", "reloading")


def is_on(values: "dict[str, str]") -> bool:
    """It runs, or will at the next boot."""
    return is_enabled(values) or is_running(values)


def filters(unit: str) -> bool:
    """The service of ufw is there and runs also where ufw itself is off."""
    return unit != "ufw.service" or key_values(text("/etc/ufw/ufw.conf")).get("ENABLED") == "yes"


def read_record() -> "dict[str, list[str]]":
    """Behind a unit how it was (`enabled`, `active`); behind a service that has yet to read, `pending`."""
    lines = map(str.split, (text(RECORD) or "").splitlines())
    return {fields[0]: fields[1:] for fields in lines if fields}


def has_loaded(rules: "str | None") -> bool:
    """Whether fapolicyd's compiled rules hold these; comments are not compiled."""
    lines = [line for line in (rules or "").splitlines() if line and not line.startswith("#")]
    return set(lines) <= set((text(COMPILED, 1 << 22) or "").splitlines())


def host_settings(shown: "dict[str, dict[str, str]]") -> "dict[str, Any]":
    record = read_record()
    rules = text(FAPOLICYD, LARGEST)
    return {
        "on": [unit for unit in UNITS if is_on(shown.get(unit, {})) and filters(unit)],
        "turned_off": [unit for unit in UNITS if unit in record],
        "pending": [name for name, words in record.items() if "pending" in words],
        "network_manager": {"there": is_on(shown.get("NetworkManager.service", {})), "own": text(NETWORK_MANAGER, LARGEST)},
        "fapolicyd": {"there": is_on(shown.get("fapolicyd.service", {})), "own": rules, "loaded": has_loaded(rules),
                      "takes_rules": os.path.isdir(RULES) and not os.path.exists(ONE_FILE)},
    }


def is_allowed(shown: "dict[str, dict[str, str]]") -> "dict[str, bool]":
    """What the preflight judges of fapolicyd."""
    return {"active": machine.is_active(shown, "fapolicyd.service"),
            "allows_rke2": os.path.exists(RULES + "/80-rke2.rules") or os.path.exists(FAPOLICYD)}
