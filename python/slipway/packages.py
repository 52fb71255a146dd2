"""Whether the host's package manager could install a package, without installing it.

Argument: package. Replies with `error`: why it could not, in words; null where nothing speaks against it.
"""
import os
import re

from slipway.exchange import arguments, reply

INSTALLERS = ("apt-get", "dnf", "yum", "zypper")
FOLDERS = ("/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin")
# s; the metadata of a repository may be fetched for it.
TIMEOUT = 120
PATIENCE = 5
# As apt prints them, also those of its own disk.
URI = re.compile(r"^'([a-z+]+:[^']+)'", re.M)


def program(name: str) -> "str | None":
    places = (folder + "/" + name for folder in FOLDERS)
    return next((place for place in places if os.access(place, os.X_OK)), None)


def installer() -> "str | None":
    return next((name for name in INSTALLERS if program(name)), None)


def said(*command: str) -> "tuple[int, str]":
    """Exit code and output; a program that takes too long has no word on it."""
    import subprocess

    english = dict(os.environ, LC_ALL="C", LANGUAGE="C")
    process = subprocess.Popen(command, env=english, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)
    try:
        out, _ = process.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return 124, "no answer within %d s" % TIMEOUT
    return process.returncode, out.decode("utf-8", "replace").strip()


def apt_error(package: str) -> "str | None":
    code, out = said("apt-get", "install", "--print-uris", "-qq", "-y", "--no-install-recommends", package)
    if code != 0:
        # Lists that were never fetched know nothing: they are fetched before it is installed.
        if "Unable to locate package" not in out and "has no installation candidate" not in out:
            return out.splitlines()[-1][:300]
        code, out = said("apt-get", "update", "--print-uris")
        if code != 0 or not URI.search(out):
            return "apt has no source of packages"
    if re.search(r"^Acquire::https?::Proxy", said("apt-config", "dump")[1], re.M | re.I):
        return None
    return next(filter(None, map(unreachable, places_of(URI.findall(out)))), None)


def places_of(urls: "list[str]") -> "list[tuple[str, int]]":
    from urllib.parse import urlsplit

    split = (urlsplit(url) for url in urls if url.startswith("http"))
    return sorted({(url.hostname, url.port or (443 if url.scheme == "https" else 80)) for url in split if url.hostname})


def unreachable(place: "tuple[str, int]") -> "str | None":
    import socket

    try:
        socket.create_connection(place, PATIENCE).close()
        return None
    except OSError as error:
        return "%s:%d cannot be reached: %s" % (place + (error.strerror or str(error),))


def error(package: str) -> "str | None":
    found = installer()
    if found is None:
        return "no package manager is known here (%s)" % ", ".join(INSTALLERS)
    if found == "apt-get":
        return apt_error(package)
    known = (("dnf", "-q", "repoquery", package), ("yum", "-q", "list", "available", package),
             ("zypper", "--non-interactive", "--quiet", "search", "--match-exact", package))
    code, out = said(*next(command for command in known if command[0] == found))
    if code == 0 and out:
        return None
    return "%s knows no package %s%s" % (found, package, ": " + out.splitlines()[-1][:300] if out else "")


def main() -> None:
    reply({"error": error(arguments()["package"])})
