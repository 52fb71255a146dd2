"""What RKE2 needs of a host's kernel and accounts."""
import os
import re

from slipway.reading import names, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MODULES = ("overlay", "br_netfilter")
CIS_PARAMETERS = "/etc/sysctl.d/60-rke2-cis.conf"
# What the profile cis asks of the kernel (kubelet's protect-kernel-defaults).
PARAMETERS = ("vm.panic_on_oom", "vm.overcommit_memory", "kernel.panic", "kernel.panic_on_oops")


def controllers() -> "list[str] | None":
    """Cgroup controllers that RKE2 finds: those of version 2 where it has any, else those with a hierarchy of version 1.
    None: nothing says so."""
    second = (text("/sys/fs/cgroup/cgroup.controllers") or "").split()
    if second:
        return sorted(second)
    first = [line.split() for line in (text("/proc/cgroups") or "").splitlines() if not line.startswith("#")]
    if not first and not os.path.exists("/sys/fs/cgroup/cgroup.controllers"):
        return None
    return sorted(fields[0] for fields in first if len(fields) == 4 and fields[3] == "1" and fields[1] != "0")


def missing_modules() -> "list[str]":
    """Modules that are not loaded and cannot be: the kernel has none, or its configuration forbids to load them."""
    absent = [name for name in MODULES if not os.path.isdir("/sys/module/" + name) and not is_file_system(name)]
    folder = "/lib/modules/" + os.uname().release
    listed = (text(folder + "/modules.dep", 1 << 24) or "") if absent else ""
    if not absent:
        return []
    known = listed + (text(folder + "/modules.builtin") or "")
    forbidden = forbidden_modules()
    # Without a list nothing can be told: the kernel may be that of a machine around this one.
    return [name for name in absent if name in forbidden or (listed and not re.search(r"/%s\.ko" % name, known))]


def is_file_system(name: str) -> bool:
    return re.search(r"\b%s$" % name, text("/proc/filesystems") or "", re.M) is not None


def forbidden_modules() -> "set[str]":
    folders = ("/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d",
               "/lib/modprobe.d")
    lines = "\n".join(text(folder + "/" + name) or "" for folder in folders for name in names(folder))
    return set(re.findall(r"^\s*install\s+(\S+)\s+\S*/(?:false|true)\b", lines, re.M))


def account(kind: str, name: str) -> bool:
    """Whether there is a user (`passwd`) or group (`group`) of this name, also in a directory that the machine asks."""
    if any(line.startswith(name + ":") for line in (text("/etc/" + kind) or "").splitlines()):
        return True
    asked = re.findall(r"^\s*%s:(.*)$" % kind, text("/etc/nsswitch.conf") or "", re.M)
    # To ask a directory takes its time; a machine without one is not to wait.
    if not set(re.sub(r"\[.*?\]", "", " ".join(asked)).split()) - {"files", "compat", "systemd"}:
        return False
    import grp
    import pwd

    try:
        pwd.getpwnam(name) if kind == "passwd" else grp.getgrnam(name)
    except KeyError:
        return False
    return True


def place(parameter: str) -> str:
    return "/proc/sys/" + parameter.replace(".", "/")


def parameters() -> "dict[str, dict[str, Any]]":
    """Kernel parameters: what they are, and whether root may change them here (not in every container)."""
    found = {}
    for name in PARAMETERS:
        path = place(name)
        value = text(path)
        found[name] = {"value": value, "writable": value is not None and os.access(path, os.W_OK)}
    return found


# Where parameters are read from at a boot, by the names of the files; of two of one name the first folder's counts.
SYSCTL = ("/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d")


def later_parameters() -> "list[dict[str, str]]":
    """What files that are read behind the profile's own say of its parameters; of each the last that counts."""
    files = {name: folder + "/" + name for folder in reversed(SYSCTL) for name in names(folder) if name.endswith(".conf")}
    found: "dict[str, dict[str, str]]" = {}
    for name in sorted(files):
        if name <= os.path.basename(CIS_PARAMETERS):
            continue
        for line in (text(files[name]) or "").splitlines():
            key, equals, value = line.partition("=")
            parameter = key.strip().lstrip("-").replace("/", ".")
            if equals and parameter in PARAMETERS:
                found[parameter] = {"name": parameter, "value": value.strip(), "file": files[name]}
    return [found[parameter] for parameter in PARAMETERS if parameter in found]


def prepared() -> "dict[str, Any]":
    return {"cgroup_controllers": controllers(), "missing_modules": missing_modules(),
            "etcd_user": account("passwd", "etcd"), "etcd_group": account("group", "etcd"),
            "cis_parameters": text(CIS_PARAMETERS), "kernel_parameters": parameters(),
            "later_parameters": later_parameters()}
