"""What systemd would really start, asked of systemd itself right before the start.

The plan has looked at the same (src/hosts/remote/units.py); this closes the time between the two. What comes with the
environment later than this, the guard refuses, which every start passes.
"""

import re

from ansible.module_utils.slipway_files import read_bytes

GUARD = "/var/lib/slipway/bootstrap-guard"
# Another program behind the same name, or other files behind the same paths: the plan knows the same ones
# (src/distributions/rke2/effectiveSettings.ts). ExecStart is looked at by itself.
REPLACING = ("Type", "User", "Group", "DynamicUser", "SupplementaryGroups", "RootDirectory", "RootImage", "RootEphemeral",
             "BindPaths", "BindReadOnlyPaths", "TemporaryFileSystem", "PrivateNetwork", "NetworkNamespacePath", "PrivateUsers",
             "ExtensionImages", "ExtensionDirectories", "MountImages", "RootHash", "ExecSearchPath", "RefuseManualStart")
# How systemctl shows that nothing is set; it prints some lists in no way at all.
UNSET = (None, "", "no", "[unprintable]")
SHOWN = ("LoadState", "FragmentPath", "DropInPaths", "ExecStart", "ExecStartPre", "Environment", "EnvironmentFiles") + REPLACING
CONFIG = "/etc/rancher/rke2/config.yaml"
VARIABLE = re.compile(r"(?:^|[\s\"'=])(RKE2_[A-Z0-9_]+)=([^\s\"']*)", re.M)


def _call(module, *arguments):
    return module.run_command([module.get_bin_path("systemctl", required=True)] + list(arguments))[1]


def _text(path):
    return (read_bytes(path) or b"").decode("utf-8", "replace")


def _variables(content):
    """RKE2's variables that are set to something, without those that say what is so anyway."""
    found = VARIABLE.findall(re.sub(r"(?m)^\s*[#;].*$", "", content))
    return [name for name, value in found if value and (name, value) != ("RKE2_CONFIG_FILE", CONFIG)]


def replaced(shown, fragment):
    """Names of the settings by which the service would be another one. The type is the one of the unit file itself."""
    types = re.findall(r"(?m)^\s*Type\s*=\s*(\S+)", fragment) or ["simple"]
    usual = {"Type": (types[-1],), "User": ("root", "0"), "Group": ("root", "0")}
    return [key for key in REPLACING if shown.get(key) not in UNSET + usual.get(key, ())]


def refusal(module, unit):
    """Why this unit may not be started as it stands; None when it may."""
    shown = {}
    for line in _call(module, "show", "--property=" + ",".join(SHOWN), unit + ".service").splitlines():
        key, _, value = line.partition("=")
        shown.setdefault(key, []).append(value)
    first = {key: values[0] for key, values in shown.items()}
    if first.get("LoadState") == "masked":
        return "%s.service is masked: it cannot be started. On the host: systemctl unmask %s.service" % (unit, unit)
    if not any(GUARD in value for value in shown.get("ExecStartPre", [])):
        return "%s would start without Slipway's guard: a drop-in empties ExecStartPre (%s)" % (unit, _places(first))
    programs = [re.search(r"argv\[\]=(.*?) ;", value) for value in shown.get("ExecStart", [])]
    started = [told.group(1).split() for told in programs if told]
    role = unit.split("-")[1]
    if len(started) != 1 or len(started[0]) != 2 or not started[0][0].endswith("/rke2") or started[0][1] != role:
        return "%s would start something else than rke2 %s (%s)" % (unit, role, _places(first))
    changed = replaced(first, _text(first.get("FragmentPath", "")))
    if changed:
        return "%s is changed in %s (%s)" % (unit, ", ".join(changed), _places(first))
    return _redirected(module, unit, first, shown)


def _redirected(module, unit, first, shown):
    sources = [(path, _text(path)) for path in [first.get("FragmentPath", "")] + first.get("DropInPaths", "").split() if path]
    sources += [(path.split(" (")[0], _text(path.split(" (")[0])) for path in shown.get("EnvironmentFiles", [])]
    effective = _variables(first.get("Environment", ""))
    inherited = _variables(_call(module, "show-environment"))
    for path, content in sources:
        told = [name for name in _variables(content) if name in effective or path in str(shown.get("EnvironmentFiles", ""))]
        if told:
            return "%s sets %s for %s: RKE2 would not go by what Slipway writes" % (path, ", ".join(sorted(set(told))), unit)
    names = sorted(set(effective + inherited))
    if names:
        return "systemd's own environment sets %s for %s: RKE2 would not go by what Slipway writes" % (", ".join(names), unit)
    return None


def _places(first):
    return first.get("DropInPaths") or first.get("FragmentPath") or "no unit file"
