"""What systemd makes of its files: which unit file counts, which drop-ins, and the environment that all of them give a
service. Read from the files and not asked of systemd, as long as there is no unit it shows none of it.
"""
import os
import re

from slipway.reading import names, read, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    # Name, value, where it is set, and how: file, setting or manager.
    Variable = tuple[str, str, str, str]

# In this order: the first file of a name hides the others (systemd.unit, "Unit File Load Path").
UNIT_FOLDERS = ["/etc/systemd/system.control", "/run/systemd/system.control", "/run/systemd/transient",
                "/run/systemd/generator.early", "/etc/systemd/system", "/etc/systemd/system.attached",
                "/run/systemd/system", "/run/systemd/system.attached", "/run/systemd/generator",
                "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
                "/run/systemd/generator.late"]
MANAGER_FOLDERS = ["/etc/systemd/system.conf.d", "/run/systemd/system.conf.d", "/usr/local/lib/systemd/system.conf.d",
                   "/usr/lib/systemd/system.conf.d", "/lib/systemd/system.conf.d"]


def is_masking(path: str) -> bool:
    """A link to /dev/null or an empty file stands for 'there is no such unit'."""
    try:
        return os.path.realpath(path) == "/dev/null" or (os.path.isfile(path) and os.path.getsize(path) == 0)
    except OSError:
        return False


def fragment(unit: str) -> "str | None":
    """The unit file that counts, or None."""
    paths = (folder + "/" + unit + ".service" for folder in UNIT_FOLDERS)
    return next((path for path in paths if os.path.lexists(path)), None)


def hides(found: "str | None", usual: str) -> bool:
    """Whether a unit file is another one than the usual, and counts before it."""
    if found is None or os.path.realpath(found) == os.path.realpath(usual):
        return False
    return UNIT_FOLDERS.index(os.path.dirname(found)) <= UNIT_FOLDERS.index(os.path.dirname(usual))


def drop_ins(unit: str) -> "list[str]":
    """Drop-ins in the order in which they count; of one name only the first, and none that is masked."""
    found: "dict[str, str]" = {}
    for specific in (unit + ".service.d", unit.partition("-")[0] + "-.service.d", "service.d"):
        for folder in UNIT_FOLDERS:
            for name in names(folder + "/" + specific):
                if name.endswith(".conf"):
                    found.setdefault(name, folder + "/" + specific + "/" + name)
    return [found[name] for name in sorted(found) if not is_masking(found[name])]


def settings_of(path: str) -> "Iterator[tuple[str, str, str]]":
    """(section, key, value) of a unit file, with its continued lines put together."""
    section, kept = "", ""
    for part in (text(path) or "").splitlines():
        if re.match(r"\s*[#;]", part):
            continue
        line = kept + part.strip()
        if line.endswith("\\"):
            kept = line[:-1] + " "
            continue
        kept = ""
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif "=" in line:
            key, _, value = line.partition("=")
            yield section, key.strip(), value.strip()


def words(value: str) -> "list[str]":
    """Splits as systemd does: blanks separate, quotes hold together, a backslash takes the next sign as it is."""
    found: "list[str]" = []
    word, quote, begun = "", "", False
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


def assignments(pieces: "Iterable[str]") -> "list[tuple[str, str]]":
    return [(name, value) for name, equals, value in (piece.partition("=") for piece in pieces) if equals]


def environment_file(path: str, unit: str) -> "list[Variable]":
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


def default_environment() -> "list[Variable]":
    """Where systemd's own configuration gives every service a variable."""
    files = [folder + "/" + name for folder in MANAGER_FOLDERS for name in names(folder) if name.endswith(".conf")]
    return [(name, value, path, "manager") for path in ["/etc/systemd/system.conf"] + files
            for _, key, told in settings_of(path) if key == "DefaultEnvironment"
            for name, value in assignments(words(told))]


def environment(unit: str, paths: "list[str]", usual: "list[str]", shown: str) -> "list[Variable]":
    """The variables of a service: systemd's own (`shown` by it), then Environment=, then the files (`usual` ones before
    those that are named); whoever comes last wins, and an empty variable is none."""
    given: "list[Variable]" = []
    files: "list[str]" = usual[:]
    unset: "set[str]" = set()
    passed: "list[tuple[str, str]]" = []
    for path in paths:
        for section, key, value in settings_of(path):
            if section != "Service":
                continue
            if key == "Environment":
                given = given + [(name, told, path, "setting") for name, told in assignments(words(value))] if value else []
            elif key == "EnvironmentFile":
                files = files + [value] if value else []
            elif key == "PassEnvironment":
                passed = passed + [(name, path) for name in words(value)] if value else []
            elif key == "UnsetEnvironment":
                unset.update(words(value))
    # show-environment quotes what needs it as a shell does: $'…'.
    manager = [(name, told, "systemd", "manager") for name, told in assignments(shown.splitlines())] + default_environment()
    if passed:
        own = dict(assignments((text("/proc/1/environ") or "").split("\0")))
        manager += [(name, own[name], path, "setting") for name, path in passed if name in own]
    found: "dict[str, Variable]" = {}
    for variable in manager + given + [one for path in files for one in environment_file(path, unit)]:
        if variable[1] in ("", "''", "$''"):
            found.pop(variable[0], None)
        else:
            found[variable[0]] = variable
    return [found[name] for name in sorted(found) if name not in unset]
