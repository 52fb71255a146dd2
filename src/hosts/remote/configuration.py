"""The files that RKE2 reads, described without their secrets. Stands behind look.py, before observe.py."""
import hashlib
import hmac
import os
import re

# First line of the files that ansible/tasks/files.yml removes again when they are no longer wanted.
MARK = b"# Written by Slipway; changes are overwritten.\n"
KEY = r"(?:\"([A-Za-z][A-Za-z0-9_-]*\+?)\"|'([A-Za-z][A-Za-z0-9_-]*\+?)'|([A-Za-z][A-Za-z0-9_-]*\+?))\s*[:=]"


def is_yaml(path):
    return re.search(r"\.ya?ml$", path, re.I) is not None


def keys_of(content, yaml):
    """Names of the top-level keys of a YAML mapping, or of the variables of an environment file. ["?"] where the keys of a
    file that says something cannot be told."""
    lines = [line for line in content.lstrip("\ufeff").splitlines()
             if line.strip() and not re.match(r"\s*#|---\s*(#.*)?$|\.\.\.\s*$|%YAML", line)]
    if not lines:
        return []
    lines[0] = re.sub(r"^---\s+", "", lines[0])
    if yaml and lines[0].lstrip().startswith("{"):
        found = re.findall(r"[{,]\s*" + KEY, " ".join(lines))
        return ["".join(names) for names in found][:200] or ([] if re.match(r"\{\s*\}", "".join(lines)) else ["?"])
    # A mapping may stand indented as a whole: what stands as far out as its first line is on top.
    margin = re.match(r"\s*", lines[0]).group(0) if yaml else r"\s*(?:export\s+)?"
    found = ["".join(told.groups("")) for told in (re.match(margin + KEY, line) for line in lines) if told]
    if yaml and any(re.match(margin + r"[?<!&*]", line) for line in lines):
        found.append("?")
    return found[:200] or (["?"] if yaml else [])


def config_file(path, key):
    """What can be said about a configuration file without its secrets: the names of its keys, never their values."""
    try:
        state = os.stat(path)
    except OSError:
        return None
    content = read(path) or b""
    shown = content.decode("utf-8", "replace")
    server = re.search(r"^[\"']?server[\"']?\s*:\s*[\"']?([^\s\"'#]+)", shown, re.M)
    return {"path": path, "mode": "%04o" % (state.st_mode & 0o7777), "uid": state.st_uid, "size": state.st_size,
            "hmac": hmac.new(key, content, hashlib.sha256).hexdigest(), "keys": keys_of(shown, is_yaml(path)),
            "server": server.group(1) if server else None, "marked": content.startswith(MARK)}


def configuration(key):
    base = "/etc/rancher/rke2/"
    paths = [base + "config.yaml", base + "registries.yaml"]
    paths += [base + "config.yaml.d/" + name for name in names(base + "config.yaml.d") if is_yaml(name)]
    paths += ["/etc/default/rke2-server", "/etc/default/rke2-agent", "/etc/sysconfig/rke2-server", "/etc/sysconfig/rke2-agent"]
    return [found for found in (config_file(path, key) for path in paths) if found]
