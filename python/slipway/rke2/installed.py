"""What of an RKE2 release lies on a host, and where one would be put. Reads only; unpacking.py puts it there."""
import json
import os

from slipway.reading import names, read, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NOTE = "/var/lib/slipway/release.json"
# Where the login user puts the files of a release that are brought from a folder (air gap). Not its home: that may be
# closed, small or not be there at all.
UPLOADS = "/var/lib/slipway/uploads"
# As RKE2's install script: the second one where the first is read-only, or a mount of its own.
DEFAULT_PREFIX = "/usr/local"
OTHER_PREFIX = "/opt/rke2"
# Where RPMs put it.
PACKAGE_PREFIX = "/usr"


def read_note() -> "dict[str, Any]":
    """What was noted when a release had been put in place whole."""
    try:
        note = json.loads((read(NOTE, 1 << 24) or b"{}").decode("utf-8", "replace"))
    except ValueError:
        return {}
    return note if isinstance(note, dict) else {}


def noted_files(note: "dict[str, Any]") -> "list[Any]":
    files = note.get("files")
    return [entry for entry in files if isinstance(entry, list) and entry] if isinstance(files, list) else []


def is_untouched(entry: "list[Any]") -> bool:
    """Of a noted file: path, size and time of its last change."""
    try:
        state = os.stat(entry[0])
    except (OSError, TypeError, ValueError):
        return False
    return [state.st_size, int(state.st_mtime)] == entry[1:]


def is_whole(note: "dict[str, Any]", version: "str | None") -> bool:
    """Whether this version lies there, and every file of it is as it was put there."""
    files = noted_files(note)
    return version is not None and note.get("version") == version and bool(files) and all(map(is_untouched, files))


def is_installed(version: str, sha256: "str | None") -> bool:
    """The same of what the host has noted, and that it came out of a tarball with this sum, where one is given."""
    note = read_note()
    return is_whole(note, version) and (not sha256 or note.get("sha256") == sha256)


def release_prefix() -> "str | None":
    for prefix in (DEFAULT_PREFIX, OTHER_PREFIX, PACKAGE_PREFIX):
        if os.access(prefix + "/bin/rke2", os.X_OK):
            return prefix
    return None


def noted_prefix(note: "dict[str, Any]") -> "str | None":
    """Where the release lies that the note tells of."""
    noted = note.get("prefix")
    return str(noted) if noted in (DEFAULT_PREFIX, OTHER_PREFIX) and os.path.exists(noted + "/bin/rke2") else None


def is_mount_point(folder: str) -> bool:
    """Also of bind mounts, which os.path.ismount does not see."""
    return folder in [line.split()[4] for line in (text("/proc/self/mountinfo", 1 << 24) or "").splitlines()]


def install_prefix(note: "dict[str, Any]") -> str:
    """Where a release would be put."""
    at = DEFAULT_PREFIX if os.path.isdir(DEFAULT_PREFIX) else os.path.dirname(DEFAULT_PREFIX)
    closed = is_mount_point(DEFAULT_PREFIX) or os.statvfs(at).f_flag & os.ST_RDONLY
    return noted_prefix(note) or (OTHER_PREFIX if closed else DEFAULT_PREFIX)


def noted_version(note: "dict[str, Any]", prefix: str) -> "str | None":
    """The version that was put there, as long as the program is the very file of the note: starting it costs more than
    the rest of the look."""
    program = [entry for entry in noted_files(note) if entry[0] == prefix + "/bin/rke2"]
    return note.get("version") if program and is_untouched(program[0]) else None


def release(
    note: "dict[str, Any]", prefix: "str | None", version: "str | None", directories: "list[str]", has_run: bool
) -> "dict[str, Any]":
    # Of what others have put there nothing is noted, not even that it was begun: what has made a member of the machine
    # was whole.
    whole = is_whole(note, version) if os.path.lexists(NOTE) else version is not None and has_run
    cached = []
    for directory in directories:
        for name in names(directory):
            path = directory + "/" + name
            try:
                cached.append({"path": path, "size": os.stat(path).st_size})
            except OSError:
                pass
    return {"version": version, "prefix": prefix, "complete": whole,
            # The tar release never puts anything into /usr itself.
            "rpm": prefix == PACKAGE_PREFIX, "cached": cached[:200]}
