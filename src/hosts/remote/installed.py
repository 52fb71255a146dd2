"""What of an RKE2 release lies on a host, and where one would be put. Stands behind look.py, before observe.py."""
import json
import os

NOTE = "/var/lib/slipway/release.json"


def read_note():
    """What ansible/module_utils/slipway_release.py noted when it had put a release in place whole."""
    try:
        note = json.loads(text(NOTE) or "{}")
    except ValueError:
        return {}
    return note if isinstance(note, dict) else {}


def noted_files(note):
    files = note.get("files")
    return [entry for entry in files if isinstance(entry, list) and entry] if isinstance(files, list) else []


def is_untouched(entry):
    try:
        state = os.stat(entry[0])
    except (OSError, TypeError, ValueError):
        return False
    return [state.st_size, int(state.st_mtime)] == entry[1:]


def release_prefix():
    for prefix in ("/usr/local", "/opt/rke2", "/usr"):
        if os.access(prefix + "/bin/rke2", os.X_OK):
            return prefix
    return None


def install_prefix(note):
    """Where a release would be put: the rule of choose_prefix in ansible/module_utils/slipway_release.py, without a write."""
    noted = note.get("prefix")
    if noted in ("/usr/local", "/opt/rke2") and os.path.exists(noted + "/bin/rke2"):
        return noted
    mounts = [line.split()[4] for line in (text("/proc/self/mountinfo") or "").splitlines()]
    at = "/usr/local" if os.path.isdir("/usr/local") else "/usr"
    if "/usr/local" in mounts or os.statvfs(at).f_flag & os.ST_RDONLY:
        return "/opt/rke2"
    return "/usr/local"


def noted_version(note, prefix):
    """The version that was put there, as long as the program is the very file of the note: starting it costs more than
    the rest of the look."""
    program = [entry for entry in noted_files(note) if entry[0] == prefix + "/bin/rke2"]
    return note.get("version") if program and is_untouched(program[0]) else None


def release(note, prefix, version, directories):
    cached = []
    for directory in directories:
        for name in names(directory):
            path = directory + "/" + name
            try:
                cached.append({"path": path, "size": os.stat(path).st_size})
            except OSError:
                pass
    files = noted_files(note)
    return {"version": version, "prefix": prefix,
            "complete": version is not None and note.get("version") == version and bool(files) and all(map(is_untouched, files)),
            # The tar release never puts anything into /usr itself.
            "rpm": prefix == "/usr", "cached": cached[:200]}
