"""What RKE2's services will really run with: masks, unit files in front of the release's, drop-ins and the environment that
all of them make. Read from the files and not asked of systemd, as long as there is no unit it shows none of it. Stands
behind look.py and installed.py, before observe.py.
"""
import os
import re

# In this order: the first file of a name hides the others (systemd.unit, "Unit File Load Path").
UNIT_FOLDERS = ["/etc/systemd/system.control", "/run/systemd/system.control", "/run/systemd/transient",
                "/run/systemd/generator.early", "/etc/systemd/system", "/etc/systemd/system.attached",
                "/run/systemd/system", "/run/systemd/system.attached", "/run/systemd/generator",
                "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
                "/run/systemd/generator.late"]
MANAGER_FOLDERS = ["/etc/systemd/system.conf.d", "/run/systemd/system.conf.d", "/usr/local/lib/systemd/system.conf.d",
                   "/usr/lib/systemd/system.conf.d", "/lib/systemd/system.conf.d"]
OWN_DROP_IN = "10-slipway-guard.conf"
# Values that nobody needs to keep from others. Of all other variables the names are told, no more.
SHOWN = ("RKE2_CONFIG_FILE", "RKE2_URL", "RKE2_DATA_DIR", "RKE2_NODE_NAME")
# What the units of RKE2's releases read, in this order.
USUAL_FILES = ["-/etc/default/%N", "-/etc/sysconfig/%N", "-@PREFIX@/lib/systemd/system/%N.env"]


def is_masking(path):
    """A link to /dev/null or an empty file stands for 'there is no such unit'."""
    try:
        return os.path.realpath(path) == "/dev/null" or os.path.isfile(path) and os.path.getsize(path) == 0
    except OSError:
        return False


def release_unit(unit, prefix):
    """Where the release's own unit file lies or would lie (destinations in slipway_release.py; rpm below /usr)."""
    folder = {"/usr/local": "/usr/local/lib/systemd/system", "/usr": "/usr/lib/systemd/system"}.get(prefix)
    return (folder or "/etc/systemd/system") + "/" + unit + ".service"


def fragment(unit):
    """The unit file that counts, or None."""
    paths = (folder + "/" + unit + ".service" for folder in UNIT_FOLDERS)
    return next((path for path in paths if os.path.lexists(path)), None)


def hides(found, usual):
    """Whether a unit file is another one than the release's, and counts before it."""
    if found is None or os.path.realpath(found) == os.path.realpath(usual):
        return False
    return UNIT_FOLDERS.index(os.path.dirname(found)) <= UNIT_FOLDERS.index(os.path.dirname(usual))


def drop_ins(unit):
    """Drop-ins in the order in which they count; of one name only the first, and none that is masked."""
    found = {}
    for specific in (unit + ".service.d", unit.split("-")[0] + "-.service.d", "service.d"):
        for folder in UNIT_FOLDERS:
            for name in names(folder + "/" + specific):
                if name.endswith(".conf"):
                    found.setdefault(name, folder + "/" + specific + "/" + name)
    return [found[name] for name in sorted(found) if not is_masking(found[name])]


def settings_of(path):
    """(section, key, value) of a unit file, with its continued lines put together."""
    section, kept = "", ""
    for line in (text(path) or "").splitlines():
        if re.match(r"\s*[#;]", line):
            continue
        line = kept + line.strip()
        if line.endswith("\\"):
            kept = line[:-1] + " "
            continue
        kept = ""
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif "=" in line:
            key, _, value = line.partition("=")
            yield section, key.strip(), value.strip()


def words(value):
    """Splits as systemd does: blanks separate, quotes hold together, a backslash takes the next sign as it is."""
    found, word, quote, begun = [], "", "", False
    signs = iter(value)
    for sign in signs:
        if sign == "\\" and quote != "'":
            word, begun = word + next(signs, ""), True
        elif quote:
            quote, word = ("", word) if sign == quote else (quote, word + sign)
        elif sign in "\"'":
            quote, begun = sign, True
        elif sign.isspace():
            found, word, begun = (found + [word] if begun else found), "", False
        else:
            word, begun = word + sign, True
    return found + [word] if begun else found


def assignments(pieces):
    return [(name, value) for name, equals, value in (piece.partition("=") for piece in pieces) if equals]


def environment_file(path, unit):
    """Assignments of an EnvironmentFile=, each with the file that makes it."""
    path = path.lstrip("-")
    for specifier in ("%N", "%p"):
        path = path.replace(specifier, unit)
    paths = [path.replace("%n", unit + ".service")]
    if re.search(r"[*?\[]", path):
        import glob
        paths = sorted(glob.glob(path))
    found = []
    for path in paths:
        content = re.sub(r"\\\r?\n", " ", text(path) or "")
        own = path == "/etc/default/" + unit and (read(path) or b"").startswith(b"# Written by Slipway;")
        for line in [] if own else content.splitlines():
            told = re.match(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)", line)
            if told:
                found.append((told.group(1), told.group(2).strip().strip("\"'"), path, "file"))
    return found


def default_environment():
    """Where systemd's own configuration gives every service a variable."""
    files = [folder + "/" + name for folder in MANAGER_FOLDERS for name in names(folder) if name.endswith(".conf")]
    return [(name, value, path, "manager") for path in ["/etc/systemd/system.conf"] + files
            for _, key, told in settings_of(path) if key == "DefaultEnvironment" for name, value in assignments(words(told))]


def environment(unit, paths, usual, shown):
    """The variables of a service: systemd's own, then Environment=, then the files; whoever comes last wins."""
    given, files, passed, unset = [], usual[:], [], set()
    for path in paths:
        for section, key, value in settings_of(path):
            if section != "Service":
                continue
            if key == "Environment":
                given = given + [pair + (path, "setting") for pair in assignments(words(value))] if value else []
            elif key == "EnvironmentFile":
                files = files + [value] if value else []
            elif key == "PassEnvironment":
                passed = passed + [(name, path) for name in words(value)] if value else []
            elif key == "UnsetEnvironment":
                unset.update(words(value))
    # show-environment quotes what needs it as a shell does: $'…'.
    manager = [pair + ("systemd", "manager") for pair in assignments(shown.splitlines())] + default_environment()
    if passed:
        own = dict(assignments((text("/proc/1/environ") or "").split("\0")))
        manager += [(name, own[name], path, "setting") for name, path in passed if name in own]
    found = {}
    for name, value, source, kind in manager + given + [one for path in files for one in environment_file(path, unit)]:
        if value not in ("", "''", "$''"):
            found[name] = {"name": name[:200], "value": shown_value(name, value), "source": source, "kind": kind}
        else:
            found.pop(name, None)
    return [found[name] for name in sorted(found) if name not in unset][:200]


def shown_value(name, value):
    if name not in SHOWN and not re.search(r"_proxy$", name, re.I):
        return None
    # A password may hold any sign, and where it begins cannot be told; behind the last @ there is none.
    return "***@" + value.rpartition("@")[2][:300] if "@" in value else value[:300]


def kind_of_value(key, value, usual):
    """A setting's value may hold a secret: what is told of it is what it means."""
    if not value:
        return "reset"
    if key == "ExecStart" and value.split() == usual:
        return "usual"
    # Whom the service runs as anyway.
    if key in ("User", "Group") and value == "root":
        return "off"
    return "off" if value.lower() in ("no", "false", "off", "0", "default", "all", "infinity") else "set"


def effective(unit, prefix, shown):
    usual = release_unit(unit, prefix)
    found = fragment(unit)
    counts = hides(found, usual)
    masked = counts and is_masking(found)
    others = drop_ins(unit)
    start = [prefix + "/bin/rke2", unit.split("-")[1]]
    settings = [{"file": path, "section": section, "name": key[:200], "value": kind_of_value(key, value, start)}
                for path in others if os.path.basename(path) != OWN_DROP_IN
                for section, key, value in settings_of(path)]
    # The release's own file is no news; where there is none yet, this is what it will say.
    read_by_release = [file.replace("@PREFIX@", prefix) for file in USUAL_FILES]
    at = found if found and not masked else None
    paths = ([at] if at else []) + others
    return {"mask": found if masked else None, "shadow": found if counts and not masked else None,
            "settings": settings[:200],
            "environment": environment(unit, paths, [] if at else read_by_release, shown)}
