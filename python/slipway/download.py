"""Fetching release files: proxies from the environment, transient faults tried again, checksums compared.

Messages never hold a user or a password of a URL.
"""

import hashlib
import os
import re
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
    from typing import IO, Any

ATTEMPTS = 4
READ_TIMEOUT = 30
BLOCK = 1024 * 1024
PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


class Missing(Exception):
    """The source answers, but does not have the file."""


class Unavailable(Exception):
    """The source does not answer, or not in full, also when asked again."""


class WrongChecksum(Exception):
    pass


def use_proxies(environment: "dict[str, str]", url: str) -> None:
    """Makes this process reach `url` through the node's proxies, and no others; urllib reads the lower-case names."""
    for name in PROXY_VARIABLES:
        for spelling in (name, name.lower()):
            os.environ.pop(spelling, None)
        if environment.get(name):
            os.environ[name.lower()] = environment[name]
    address = _address(url)
    # urllib knows no ranges of addresses, and compares IPv6 in brackets.
    if address and any(address in network for network in _networks(environment.get("NO_PROXY") or "")):
        os.environ["no_proxy"] += ",%s,[%s]" % (address, address)


def _address(url: str) -> "IPv4Address | IPv6Address | None":
    """The address of a URL that names its host by one, else None."""
    from ipaddress import ip_address
    from urllib.parse import urlsplit

    try:
        return ip_address(urlsplit(url).hostname or "")
    except ValueError:
        return None


def _networks(exceptions: str) -> "Iterator[IPv4Network | IPv6Network]":
    from ipaddress import ip_network

    for exception in exceptions.split(","):
        try:
            yield ip_network(exception.strip(), strict=False)
        except ValueError:
            pass


def shown(url: str) -> str:
    """A URL as a message may hold it."""
    return re.sub(r"//.*@", "//", url)


def reason_of(error: Exception, url: str) -> str:
    """What went wrong, in the error's own words unless a URL that it may repeat holds a user or a password."""
    cause = getattr(error, "reason", None) or error
    if not any("@" in one for one in [url] + [os.environ.get(name.lower(), "") for name in PROXY_VARIABLES]):
        return str(cause)[:300]
    return str(getattr(cause, "strerror", None) or type(cause if isinstance(cause, Exception) else error).__name__)


def checksums(text: str) -> "dict[str, str]":
    """Checksum by file name, from lines like `<64 hex digits>  [*]NAME`."""
    found = {}
    for line in text.splitlines():
        parts = line.split(None, 1)
        if len(parts) == 2 and len(parts[0]) == 64:
            found[os.path.basename(parts[1].strip().lstrip("*"))] = parts[0].lower()
    return found


def fetch(url: str, target: "IO[bytes] | None" = None, longest: int = BLOCK,
          pause: "Callable[[float], None]" = time.sleep) -> str:
    """Writes the content to the open file `target` and returns its sha256, or returns the text when there is none."""
    import http.client
    import urllib.error
    import urllib.request

    reason = "no answer"
    for attempt in range(ATTEMPTS):
        if attempt:
            pause(2 ** (attempt - 1))
        try:
            request = urllib.request.Request(url, headers={"User-Agent": "slipway"})
            with urllib.request.urlopen(request, timeout=READ_TIMEOUT) as reply:
                if target is None:
                    return str(reply.read(longest).decode("utf-8", "replace"))
                return _copy(reply, target)
        except urllib.error.HTTPError as error:
            if error.code in (403, 404, 410):
                raise Missing("%s: HTTP %d" % (shown(url), error.code)) from error
            reason = "HTTP %d" % error.code
            if error.code < 500 and error.code not in (408, 429):
                break
        except (urllib.error.URLError, http.client.HTTPException, EOFError) as error:
            reason = reason_of(error, url)
        except OSError as error:
            if target is not None and getattr(error, "filename", None) is None and error.errno in (28, 122):
                raise
            reason = reason_of(error, url)
        except ValueError as error:
            reason = reason_of(error, url)
            break
    raise Unavailable("%s: %s" % (shown(url), reason))


def _copy(reply: "Any", target: "IO[bytes]") -> str:
    target.seek(0)
    target.truncate()
    digest = hashlib.sha256()
    expected = reply.headers.get("Content-Length")
    size = 0
    while True:
        block = reply.read(BLOCK)
        if not block:
            break
        digest.update(block)
        target.write(block)
        size += len(block)
    if expected is not None and size != int(expected):
        raise EOFError("the connection ended after %d of %s bytes" % (size, expected))
    target.flush()
    return digest.hexdigest()


def compare(source: str, actual: str, expected: str, listing: str) -> None:
    """`source` and `listing` say where the file and its checksum are from."""
    if actual != expected:
        raise WrongChecksum("%s has the sha256 %s, but %s lists %s" % (source, actual, listing, expected))


def copy_file(source: str, target: "IO[bytes]") -> str:
    """Copies an uploaded file into the open file `target`; returns its sha256."""
    digest = hashlib.sha256()
    with open(source, "rb") as file:
        for block in iter(lambda: file.read(BLOCK), b""):
            digest.update(block)
            target.write(block)
    target.flush()
    return digest.hexdigest()
