"""Unpacking a release beside its place and moving it there whole; and the note of what is installed."""

import json
import os
import shutil
import stat

from ansible.module_utils.slipway_files import read_bytes, sync_folder, write_file

NOTE = "/var/lib/slipway/release.json"
STAGING = ".slipway-staging"
UNITS = os.path.join("lib", "systemd", "system")
PROGRAM = os.path.join("bin", "rke2")
DEFAULT_PREFIX = "/usr/local"
OTHER_PREFIX = "/opt/rke2"


class Unsound(Exception):
    """The tarball holds something that has no place in a release."""


def is_writable(folder):
    probe = os.path.join(folder, ".slipway-probe")
    try:
        os.makedirs(folder, exist_ok=True)
        with open(probe, "wb"):
            pass
        os.unlink(probe)
        return True
    except OSError:
        return False


def is_mount_point(folder):
    """Also of bind mounts, which os.path.ismount does not see."""
    with open("/proc/self/mountinfo") as mounts:
        return any(line.split()[4] == folder for line in mounts)


def read_note():
    try:
        note = json.loads((read_bytes(NOTE) or b"{}").decode("utf-8"))
    except ValueError:
        return {}
    return note if isinstance(note, dict) else {}


def choose_prefix():
    """As RKE2's install script: /usr/local, unless it is read-only or a mount of its own."""
    noted = read_note().get("prefix")
    if noted in (DEFAULT_PREFIX, OTHER_PREFIX) and os.path.exists(os.path.join(noted, "bin", "rke2")):
        return noted
    if is_mount_point(DEFAULT_PREFIX) or not is_writable(DEFAULT_PREFIX):
        return OTHER_PREFIX
    return DEFAULT_PREFIX


def is_installed(version, sha256):
    """True when the note names this version and every file is as it was put there."""
    note = read_note()
    if note.get("version") != version or (sha256 and note.get("sha256") != sha256):
        return False
    return bool(note.get("files")) and all(_is_untouched(*entry) for entry in note["files"])


def _is_untouched(path, size, modified):
    try:
        status = os.stat(path)
    except OSError:
        return False
    return status.st_size == size and int(status.st_mtime) == modified


def unpack(tarball, folder):
    """Unpacks into `folder`; returns the relative paths. Only plain files below bin, lib and share are taken."""
    import tarfile

    try:
        names = _extract(tarfile, tarball, folder)
    except tarfile.TarError as error:
        raise Unsound("the tarball cannot be read: %s" % error)
    if PROGRAM not in names:
        raise Unsound("the tarball holds no bin/rke2")
    return names


def _extract(tarfile, tarball, folder):
    names = []
    with tarfile.open(tarball, "r:gz") as archive:
        for member in archive:
            name = os.path.normpath(member.name)
            if member.isdir():
                continue
            if not member.isreg() or name.split(os.sep)[0] not in ("bin", "lib", "share") or ".." in name.split(os.sep):
                raise Unsound("the tarball holds %r, which has no place in a release" % member.name)
            target = os.path.join(folder, name)
            os.makedirs(os.path.dirname(target), mode=0o755, exist_ok=True)
            with archive.extractfile(member) as source, open(target, "wb") as file:
                shutil.copyfileobj(source, file, 1024 * 1024)
                os.fchmod(file.fileno(), 0o755 if member.mode & stat.S_IXUSR else 0o644)
                file.flush()
                os.fsync(file.fileno())
            names.append(name)
    return names


def destinations(names, prefix):
    """Relative name -> place. Outside /usr/local systemd does not look for units, so they go to /etc; their environment
    files stay, for the units name them below the prefix."""
    places = {name: os.path.join(prefix, name) for name in names}
    if prefix != DEFAULT_PREFIX:
        for name in names:
            if os.path.dirname(name) == UNITS and name.endswith(".service"):
                places[name] = os.path.join("/etc/systemd/system", os.path.basename(name))
    return places


def move_prefix(folder, names, prefix):
    """Units and scripts name /usr/local; they have to name the prefix."""
    if prefix == DEFAULT_PREFIX:
        return
    for name in names:
        path = os.path.join(folder, name)
        if os.path.dirname(name) == UNITS or name.endswith(".sh"):
            content = read_bytes(path)
            changed = content.replace(DEFAULT_PREFIX.encode(), prefix.encode())
            if changed != content:
                write_file(path, changed, stat.S_IMODE(os.stat(path).st_mode))


def install(folder, names, prefix):
    """Moves every file to its place and returns the places: units behind the rest, and last of all the program, by which
    a release is known to be there. What a crash leaves has no note, and is installed anew."""
    _write_images(read_note().get("images", {}))
    places = destinations(names, prefix)
    moved = []
    for turn in range(3):
        folders = set()
        for name in sorted(name for name in names if _turn(name) == turn):
            place = places[name]
            os.makedirs(os.path.dirname(place), mode=0o755, exist_ok=True)
            _move(os.path.join(folder, name), place)
            folders.add(os.path.dirname(place))
            moved.append(place)
        for path in sorted(folders):
            sync_folder(path)
    return moved


def _turn(name):
    if name == PROGRAM:
        return 2
    return 1 if os.path.dirname(name) == UNITS else 0


def _move(source, place):
    try:
        os.rename(source, place)
    except OSError:
        # /etc may be another file system than the prefix: the small unit file is written there whole.
        write_file(place, read_bytes(source), stat.S_IMODE(os.stat(source).st_mode))


def note_release(version, sha256, prefix, places):
    """The last act of an installation: from here on these files are the release."""
    entries = []
    for place in places:
        status = os.stat(place)
        entries.append([place, status.st_size, int(status.st_mtime)])
    _write_note({"version": version, "sha256": sha256, "prefix": prefix, "files": entries,
                 "images": read_note().get("images", {})})


def note_image(name, sha256):
    note = read_note()
    _write_note(dict(note, images=dict(note.get("images", {}), **{name: sha256})))


def _write_images(images):
    """A note that names no release; the images lie where they lay."""
    if os.path.exists(NOTE):
        _write_note({"images": images})


def _write_note(note):
    write_file(NOTE, (json.dumps(note, sort_keys=True) + "\n").encode("utf-8"), 0o644)
