"""Brings one RKE2 release to a host: downloaded or uploaded, verified, unpacked aside and moved into place. Never
configures, enables or starts anything."""
import os
import platform
import re
import shutil
import zlib

from slipway import commands, download, task
from slipway.download import checksums, copy_file, fetch, shown
from slipway.rke2 import images
from slipway.rke2.installed import PACKAGE_PREFIX, install_prefix, is_installed, read_note
from slipway.rke2.restart import restart_due
from slipway.rke2.unpacking import STAGING, Unsound, choose_prefix, install, move_prefix, note_release, unpack
from slipway.rke2.uploads import clear_uploads, open_uploads, uploaded
from slipway.selinux import restore_labels
from slipway.task import Failed, Task
from slipway.writing import full_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO, Any

SERVICES = ("rke2-server", "rke2-agent")
ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def architecture() -> str:
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        raise Failed("RKE2 has no release for the architecture %s" % machine, "release-missing")
    return ARCHITECTURES[machine]


def refuse_package() -> None:
    if os.path.exists(PACKAGE_PREFIX + "/bin/rke2"):
        raise Failed("RKE2 is installed here from a package (/usr/bin/rke2); remove it first", "guard-refused")


def check_version(program: str, version: str) -> None:
    """A mirror or folder may hold another release than its name says."""
    code, out, err = commands.run(program, "--version")
    words = out.split()
    if code != 0 or version not in words:
        found = next((word for word in words if re.match(r"v\d", word)), (err or out).strip()[-200:] or "nothing")
        raise Failed("the tarball holds %s, not %s" % (found, version), "release-missing")


def tarball_source(
    arguments: "dict[str, Any]", tarball: str
) -> "tuple[str, Callable[[IO[bytes]], str], tuple[str, str]]":
    """Returns (expected sha256, function that writes the tarball to an open file and returns its sha256, names of the
    tarball and of the list of checksums for messages)."""
    if arguments["uploads"] is not None:
        upload = arguments["uploads"][tarball]
        return upload["sha256"], lambda file: copy_file(upload["path"], file), uploaded(tarball)
    base = "%s/%s" % (arguments["artifact_url"].rstrip("/"), arguments["version"].replace("+", "%2B"))
    download.use_proxies(arguments["environment"] or {}, base)
    listing = "%s/sha256sum-%s.txt" % (base, architecture())
    listed = checksums(fetch(listing))
    if tarball not in listed:
        raise Failed("%s does not list %s" % (shown(listing), tarball), "release-missing")
    source = "%s/%s" % (base, tarball)
    return listed[tarball], lambda file: fetch(source, file), (shown(source), shown(listing))


def install_release(arguments: "dict[str, Any]", tarball: str) -> str:
    """Returns the prefix below which it lies then."""
    version, prefix = arguments["version"], choose_prefix()
    staging = os.path.join(prefix, STAGING)
    shutil.rmtree(staging, ignore_errors=True)
    os.makedirs(staging, mode=0o700)
    try:
        expected, write, (source, listing) = tarball_source(arguments, tarball)
        path = os.path.join(staging, tarball)
        with open(path, "wb") as file:
            download.compare(source, write(file), expected, listing)
        folder = os.path.join(staging, "root")
        names = unpack(path, folder)
        os.unlink(path)
        check_version(os.path.join(folder, "bin", "rke2"), version)
        move_prefix(folder, names, prefix)
        with restart_due(SERVICES):
            places = install(folder, names, prefix)
            restore_labels(places)
            note_release(version, expected, prefix, places)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return prefix


def refuse_folder(uploads: "dict[str, Any]", tarball: "str | None", archives: "list[str]") -> None:
    """Names what the folder on the controller lacks, before anything is brought."""
    if tarball is not None and "sha256" not in uploads.get(tarball, {}):
        raise Failed("the folder holds no %s, or its sha256sum file does not list it" % tarball, "release-missing")
    unlisted = [name for name in archives if "sha256" not in uploads[name]]
    if unlisted:
        raise Failed("no sha256sum file of the folder lists %s" % " and ".join(unlisted), "release-missing")


def bring(arguments: "dict[str, Any]", check_mode: bool) -> "dict[str, Any]":
    """Returns the result; `needs` names the files that must be uploaded before it is called again."""
    refuse_package()
    arch = architecture()
    version, uploads = arguments["version"], arguments["uploads"]
    tarball = "rke2.linux-%s.tar.gz" % arch
    installed = is_installed(version, (uploads or {}).get(tarball, {}).get("sha256"))
    archives = images.of_folder(uploads or {}, arch)
    if uploads is not None:
        refuse_folder(uploads, None if installed else tarball, archives)
    archives = [name for name in archives if not images.is_there(arguments["data_dir"], name, uploads[name])]
    if installed and not archives:
        return {"changed": False, "slipway_data": {"prefix": choose_prefix()}}
    if check_mode:
        return {"changed": True, "slipway_message": "would install %s" % version}
    if uploads is not None:
        wanted = ([] if installed else [tarball]) + archives
        missing = [name for name in wanted if not uploads[name].get("path")]
        if missing:
            return {"changed": False, "needs": missing, "folder": open_uploads(uploads, missing)}
    # The release is noted last: what broke off before that is not taken for whole.
    for name in archives:
        images.install(arguments["data_dir"], name, uploads[name])
    prefix = choose_prefix() if installed else install_release(arguments, tarball)
    return {"changed": True, "slipway_message": "installed %s" % version, "slipway_data": {"prefix": prefix}}


def act(given: Task) -> "dict[str, Any]":
    uploads = given.arguments["uploads"] or {}
    try:
        if given.arguments["discard"]:
            clear_uploads()
            return task.changed([])
        return bring(given.arguments, given.check_mode)
    except download.Missing as error:
        raise Failed(str(error), "release-missing") from error
    except download.WrongChecksum as error:
        raise Failed(str(error), "checksum-mismatch") from error
    except download.Unavailable as error:
        raise Failed(str(error), "release-unreachable") from error
    except (Unsound, EOFError, zlib.error) as error:
        raise Failed(str(error), "release-damaged") from error
    except OSError as error:
        raise Failed(full_message(error, error.filename or install_prefix(read_note())) or str(error)) from error
    finally:
        if any(upload.get("path") for upload in uploads.values()):
            clear_uploads()


def main() -> None:
    task.run(act)
