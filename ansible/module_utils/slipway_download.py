"""Fetching release files: proxies from the environment, transient faults tried again, checksums compared."""

import hashlib
import os
import re
import time

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


def use_proxies(environment):
    """Makes this process go through the node's proxies; urllib reads the lower-case names."""
    for name in PROXY_VARIABLES:
        for spelling in (name, name.lower()):
            os.environ.pop(spelling, None)
        if environment.get(name):
            os.environ[name.lower()] = environment[name]


def checksums(text):
    """Checksum by file name, from lines like `<64 hex digits>  [*]NAME`."""
    found = {}
    for line in text.splitlines():
        parts = line.split(None, 1)
        if len(parts) == 2 and len(parts[0]) == 64:
            found[os.path.basename(parts[1].strip().lstrip("*"))] = parts[0].lower()
    return found


def fetch(url, target=None, longest=BLOCK, pause=time.sleep):
    """Writes the content to the open file `target` and returns its sha256, or returns the text when there is none."""
    import http.client
    import urllib.error
    import urllib.request

    shown = re.sub(r"//[^/@]*@", "//", url)
    reason = "no answer"
    for attempt in range(ATTEMPTS):
        if attempt:
            pause(2 ** (attempt - 1))
        try:
            request = urllib.request.Request(url, headers={"User-Agent": "slipway"})
            with urllib.request.urlopen(request, timeout=READ_TIMEOUT) as reply:
                if target is None:
                    return reply.read(longest).decode("utf-8", "replace")
                return _copy(reply, target)
        except urllib.error.HTTPError as error:
            if error.code in (403, 404, 410):
                raise Missing("%s: HTTP %d" % (shown, error.code))
            reason = "HTTP %d" % error.code
            if error.code < 500 and error.code not in (408, 429):
                break
        except (urllib.error.URLError, http.client.HTTPException, EOFError) as error:
            reason = str(getattr(error, "reason", None) or error)
        except OSError as error:
            if target is not None and getattr(error, "filename", None) is None and error.errno in (28, 122):
                raise
            reason = str(error)
    raise Unavailable("%s: %s" % (shown, reason))


def _copy(reply, target):
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


def compare(name, actual, expected):
    if actual != expected:
        raise WrongChecksum("%s has the sha256 %s, but %s is expected" % (name, actual, expected))


def copy_file(source, target):
    """Copies an uploaded file into the open file `target`; returns its sha256."""
    digest = hashlib.sha256()
    with open(source, "rb") as file:
        for block in iter(lambda: file.read(BLOCK), b""):
            digest.update(block)
            target.write(block)
    target.flush()
    return digest.hexdigest()
