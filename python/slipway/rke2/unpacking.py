"""Unpacking a release beside its place and moving it there whole; and the note of what is installed."""
import errno
import json
import os
import shutil
import stat

from slipway.rke2 import installed
from slipway.rke2.installed import read_note
from slipway.writing import read_bytes, sync_folder, write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

STAGING = ".slipway-staging"
UNITS = os.path.join("lib", "systemd", "system")
PROGRAM = os.path.join("bin", "rke2")


class Unsound(Exception):
    """The tarball holds something that has no place in a release."""


def is_writable(folder: str) -> bool:
    """By trying: a file system may be read-only for this process alone. Raises OSError where something else is wrong."""
    probe = os.path.join(folder, ".slipway-probe")
    try:
        os.makedirs(folder, exist_ok=True)
        with open(probe, "wb"):
            pass
        os.unlink(probe)
        return True
    except OSError as error:
        if error.errno not in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise
        return False


def choose_prefix() -> str:
    """Where a release is put: as `installed.install_prefix` tells beforehand, and tried."""
    noted = installed.noted_prefix(read_note())
    if noted is not None:
        return noted
    if installed.is_mount_point(installed.DEFAULT_PREFIX) or not is_writable(installed.DEFAULT_PREFIX):
        return installed.OTHER_PREFIX
    return installed.DEFAULT_PREFIX


def unpack(tarball: str, folder: str) -> "list[str]":
    """Unpacks into `folder`; returns the relative paths. Only plain files below bin, lib and share are taken."""
    import tarfile

    try:
        names = _extract(tarball, folder)
    except tarfile.TarError as error:
        raise Unsound("the tarball cannot be read: %s" % error) from error
    if PROGRAM not in names:
        raise Unsound("the tarball holds no bin/rke2")
    return names


def _extract(tarball: str, folder: str) -> "list[str]":
    import tarfile

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
            content = archive.extractfile(member)
            if content is None:
                raise Unsound("the tarball cannot be read: %r has no content" % member.name)
            with content as source, open(target, "wb") as file:
                shutil.copyfileobj(source, file, 1024 * 1024)
                os.fchmod(file.fileno(), 0o755 if member.mode & stat.S_IXUSR else 0o644)
                file.flush()
                os.fsync(file.fileno())
            names.append(name)
    return names


def destinations(names: "list[str]", prefix: str) -> "dict[str, str]":
    """Relative name -> place. Outside /usr/local systemd does not look for units, so they go to /etc; their environment
    files stay, for the units name them below the prefix."""
    places = {name: os.path.join(prefix, name) for name in names}
    if prefix != installed.DEFAULT_PREFIX:
        for name in names:
            if os.path.dirname(name) == UNITS and name.endswith(".service"):
                places[name] = os.path.join("/etc/systemd/system", os.path.basename(name))
    return places


def move_prefix(folder: str, names: "list[str]", prefix: str) -> None:
    """Units and scripts name /usr/local; they have to name the prefix."""
    if prefix == installed.DEFAULT_PREFIX:
        return
    for name in names:
        path = os.path.join(folder, name)
        if os.path.dirname(name) == UNITS or name.endswith(".sh"):
            content = read_bytes(path) or b""
            changed = content.replace(installed.DEFAULT_PREFIX.encode(), prefix.encode())
            if changed != content:
                write_file(path, changed, stat.S_IMODE(os.stat(path).st_mode))


def install(folder: str, names: "list[str]", prefix: str) -> "list[str]":
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


def _turn(name: str) -> int:
    if name == PROGRAM:
        return 2
    return 1 if os.path.dirname(name) == UNITS else 0


def _move(source: str, place: str) -> None:
    try:
        os.rename(source, place)
    except OSError:
        # /etc may be another file system than the prefix: the small unit file is written there whole.
        write_file(place, read_bytes(source) or b"", stat.S_IMODE(os.stat(source).st_mode))


def note_release(version: str, sha256: str, prefix: str, places: "list[str]") -> None:
    """The last act of an installation: from here on these files are the release."""
    entries = []
    for place in places:
        status = os.stat(place)
        entries.append([place, status.st_size, int(status.st_mtime)])
    _write_note({"version": version, "sha256": sha256, "prefix": prefix, "files": entries,
                 "images": read_note().get("images", {})})


def note_image(name: str, sha256: str) -> None:
    note = read_note()
    _write_note(dict(note, images=dict(note.get("images", {}), **{name: sha256})))


def _write_images(images: "dict[str, str]") -> None:
    """A note that names no release; the images lie where they lay."""
    if os.path.exists(installed.NOTE):
        _write_note({"images": images})


def _write_note(note: "dict[str, Any]") -> None:
    write_file(installed.NOTE, (json.dumps(note, sort_keys=True) + "\n").encode("utf-8"), 0o644)
