"""The files that RKE2 reads, described without their secrets."""
import errno
import os
import re
import stat

from slipway.digests import hmac_sha256
from slipway.plain_yaml import is_plain_yaml
from slipway.reading import names, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# First line of the files that ansible/tasks/files.yml removes again when they are no longer wanted.
MARK = b"# Written by Slipway; changes are overwritten.\n"
CONFIG = "/etc/rancher/rke2/config.yaml"
# RKE2's own files are a few KiB.
LARGEST = 1 << 20
KEY = r"(?:\"([A-Za-z][A-Za-z0-9_-]*\+?)\"|'([A-Za-z][A-Za-z0-9_-]*\+?)'|([A-Za-z][A-Za-z0-9_-]*\+?))\s*[:=]"


def is_yaml(path: str) -> bool:
    return re.search(r"\.ya?ml$", path, re.I) is not None


def keys_of(content: str, yaml: bool) -> "list[str]":
    """Names of the top-level keys of a YAML mapping, or of the variables of an environment file. ["?"] where the keys of a
    file that says something cannot be told."""
    lines = [line for line in content.lstrip("\ufeff").splitlines()
             if line.strip() and not re.match(r"\s*#|---\s*(#.*)?$|\.\.\.\s*$|%YAML", line)]
    if not lines:
        return []
    lines[0] = re.sub(r"^---\s+", "", lines[0])
    margin = lines[0][:len(lines[0]) - len(lines[0].lstrip())]
    plain = not yaml or is_plain_yaml(lines, margin)
    if yaml and lines[0].lstrip().startswith("{"):
        found = re.findall(r"[{,]\s*" + KEY, " ".join(lines))
        told = ["".join(names) for names in found]
        if not told and re.match(r"\{\s*\}", "".join(lines)):
            return []
    else:
        # A mapping may stand indented as a whole: what stands as far out as its first line is on top.
        outer = margin if yaml else r"\s*(?:export\s+)?"
        told = ["".join(one.groups("")) for one in (re.match(outer + KEY, line) for line in lines) if one]
    if yaml and (not plain or not told):
        told = [name for name in told if name != "?"][:199] + ["?"]
    return told[:200]


def parts_of(content: str, key: bytes) -> "dict[str, str] | None":
    """What stands under each top-level key, with its name, as the beginning of a keyed hash: two looks can be compared,
    and nothing be guessed. None where not all keys of a file that says something can be told."""
    blocks: "dict[str, list[str]]" = {}
    within: "list[str]" = []
    for line in content.lstrip("\ufeff").splitlines():
        found = re.match(KEY, line)
        if found:
            within = blocks.setdefault("".join(found.groups("")), [])
        if line.strip() and not line.startswith("#"):
            within.append(line.rstrip())
    told = keys_of(content, True)
    if "?" in told or set(told) != set(blocks):
        return None
    return {name: hmac_sha256(key, "\n".join(lines).encode("utf-8"))[:16] for name, lines in blocks.items()}


def fault_of(path: str) -> "str | None":
    """Why RKE2 or Slipway cannot use what lies at a path; None where it is a file."""
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        gone = error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
        return "dangling" if gone and os.path.islink(path) else "unreadable"
    if stat.S_ISDIR(mode):
        return "folder"
    if not stat.S_ISREG(mode):
        return "special"
    return None if os.path.getsize(path) == 0 or read(path, 1) else "unreadable"


def config_file(path: str, key: bytes) -> "dict[str, Any] | None":
    """What can be said about a configuration file without its secrets: the names of its keys, never their values."""
    try:
        own = os.lstat(path)
    except OSError:
        return None
    fault = fault_of(path)
    state = os.stat(path) if fault in (None, "folder", "special") else own
    content = (read(path, LARGEST) or b"") if fault is None else b""
    if fault is None and state.st_size > LARGEST:
        fault = "huge"
    shown = content.decode("utf-8", "replace")
    server = re.search(r"^[\"']?server[\"']?\s*:\s*[\"']?([^\s\"'#]+)", shown, re.M)
    parts = parts_of(shown, key) if path == CONFIG and fault is None else None
    return {"path": path, "mode": "%04o" % (state.st_mode & 0o7777), "uid": state.st_uid, "size": state.st_size,
            "hmac": hmac_sha256(key, content), "parts": parts, "keys": keys_of(shown, is_yaml(path)),
            "server": server.group(1) if server else None, "marked": content.startswith(MARK),
            "link": os.readlink(path) if stat.S_ISLNK(own.st_mode) else None, "fault": fault}


def beside_config(folder: str, key: bytes) -> "list[dict[str, Any]]":
    """The files that RKE2 reads behind config.yaml. It passes over folders, and not over links to them."""
    if os.path.lexists(folder) and not os.path.isdir(folder):
        file = config_file(folder, key)
        return [dict(file, fault=file["fault"] or "no-folder")] if file else []
    paths = (folder + "/" + name for name in names(folder) if is_yaml(name))
    return [found for found in (config_file(path, key) for path in paths)
            if found and (found["fault"] != "folder" or found["link"] is not None)]


def configuration(key: bytes) -> "list[dict[str, Any]]":
    base = "/etc/rancher/rke2/"
    usual = [CONFIG, base + "registries.yaml"]
    variables = ["/etc/default/rke2-server", "/etc/default/rke2-agent", "/etc/sysconfig/rke2-server",
                 "/etc/sysconfig/rke2-agent"]
    described = [found for found in (config_file(path, key) for path in usual + variables) if found]
    main = [found for found in described if found["path"] in usual]
    return main + beside_config(base + "config.yaml.d", key) + [found for found in described if found not in main]
