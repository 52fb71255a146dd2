"""What systemd would really start, asked of systemd itself right before the start.

The plan has looked at the same (effective.py); this closes the time between the two. What comes with the environment later
than this, the guard refuses, which every start passes.
"""
import re

from slipway import commands
from slipway.reading import text
from slipway.rke2.effective import variables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from slipway.systemd import Variable

GUARD = "/var/lib/slipway/bootstrap-guard"
# Another program behind the same name, or other files behind the same paths: the plan knows the same ones
# (src/distributions/rke2/effectiveSettings.ts). ExecStart is looked at by itself.
REPLACING = ("Type", "User", "Group", "DynamicUser", "SupplementaryGroups", "RootDirectory", "RootImage", "RootEphemeral",
             "BindPaths", "BindReadOnlyPaths", "TemporaryFileSystem", "PrivateNetwork", "NetworkNamespacePath",
             "PrivateUsers",
             "ExtensionImages", "ExtensionDirectories", "MountImages", "RootHash", "ExecSearchPath", "RefuseManualStart")
# How systemctl shows that nothing is set; it prints some lists in no way at all.
UNSET = (None, "", "no", "[unprintable]")
SHOWN = ("LoadState", "FragmentPath", "DropInPaths", "ExecStart", "ExecStartPre") + REPLACING
CONFIG = "/etc/rancher/rke2/config.yaml"


def replaced(shown: "dict[str, str]", fragment: str) -> "list[str]":
    """Names of the settings by which the service would be another one. The type is the one of the unit file itself."""
    types = re.findall(r"(?m)^\s*Type\s*=\s*(\S+)", fragment) or ["simple"]
    usual = {"Type": (types[-1],), "User": ("root", "0"), "Group": ("root", "0")}
    return [key for key in REPLACING if shown.get(key) not in UNSET + usual.get(key, ())]


def redirected(unit: str, environment: "list[Variable]") -> "str | None":
    """Why RKE2 would go by other settings than those that are written: its variables win over them."""
    found = [(name, source) for name, value, source, _ in environment
             if name.startswith("RKE2_") and (name, value) != ("RKE2_CONFIG_FILE", CONFIG)]
    if not found:
        return None
    source = next((source for _, source in found if source != "systemd"), "systemd")
    names = ", ".join(sorted(name for name, at in found if at == source))
    setter = "systemd's own environment" if source == "systemd" else source
    return "%s sets %s for %s: RKE2 would not go by what Slipway writes" % (setter, names, unit)


def refusal(unit: str) -> "str | None":
    """Why this unit may not be started as it stands; None when it may."""
    shown: "dict[str, list[str]]" = {}
    for line in commands.run("systemctl", "show", "--property=" + ",".join(SHOWN), unit + ".service")[1].splitlines():
        key, _, value = line.partition("=")
        shown.setdefault(key, []).append(value)
    first = {key: values[0] for key, values in shown.items()}
    places = first.get("DropInPaths") or first.get("FragmentPath") or "no unit file"
    if first.get("LoadState") == "masked":
        return "%s.service is masked: it cannot be started. On the host: systemctl unmask %s.service" % (unit, unit)
    if not any(GUARD in value for value in shown.get("ExecStartPre", [])):
        return "%s would start without Slipway's guard: a drop-in empties ExecStartPre (%s)" % (unit, places)
    programs = [re.search(r"argv\[\]=(.*?) ;", value) for value in shown.get("ExecStart", [])]
    started = [told.group(1).split() for told in programs if told]
    role = unit.split("-")[1]
    if len(started) != 1 or len(started[0]) != 2 or not started[0][0].endswith("/rke2") or started[0][1] != role:
        return "%s would start something else than rke2 %s (%s)" % (unit, role, places)
    changed = replaced(first, text(first.get("FragmentPath", "")) or "")
    if changed:
        return "%s is changed in %s (%s)" % (unit, ", ".join(changed), places)
    prefix = started[0][0][:-len("/bin/rke2")]
    return redirected(unit, variables(unit, prefix, commands.run("systemctl", "show-environment")[1]))
