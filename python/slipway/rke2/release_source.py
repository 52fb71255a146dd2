"""Asks whether a release can be fetched from this host, by the same proxies as the download itself. Reads only.

Arguments: urls, environment (HTTP_PROXY, HTTPS_PROXY, NO_PROXY), timeout (s).
"""
import http.client
import urllib.error
import urllib.request

from slipway.download import reason_of, shown, use_proxies
from slipway.exchange import arguments, reply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Servers that know no HEAD.
NO_HEAD = (405, 501)


def status_of(url: str, timeout: float, method: str, headers: "dict[str, str]") -> int:
    request = urllib.request.Request(url, method=method, headers=dict(headers, **{"User-Agent": "slipway"}))
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def ask(url: str, environment: "dict[str, str]", timeout: float) -> "dict[str, Any]":
    found: "dict[str, Any]" = {"url": shown(url), "status": None, "error": None}
    try:
        use_proxies(environment, url)
        found["status"] = status_of(url, timeout, "HEAD", {})
        if found["status"] in NO_HEAD:
            found["status"] = status_of(url, timeout, "GET", {"Range": "bytes=0-0"})
    except (OSError, ValueError, http.client.HTTPException) as error:
        found["error"] = reason_of(error, url) or type(error).__name__
    return found


def main() -> None:
    wanted = arguments()
    reply({"replies": [ask(url, wanted["environment"], wanted["timeout"]) for url in wanted["urls"]]})
