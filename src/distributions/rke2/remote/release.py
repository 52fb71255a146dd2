"""Asks whether a release can be fetched from this host, and prints what came of it as one JSON object. Reads only.

Stands behind ansible/module_utils/slipway_download.py: the same proxies and exceptions as the download itself. Arguments
arrive as JSON on standard input after the script: urls, environment (HTTP_PROXY, HTTPS_PROXY, NO_PROXY), timeout (s).
"""
import http.client
import json
import sys
import urllib.error
import urllib.request

# Servers that know no HEAD.
NO_HEAD = (405, 501)


def status_of(url, timeout, method, headers):
    request = urllib.request.Request(url, method=method, headers=dict(headers, **{"User-Agent": "slipway"}))
    try:
        with urllib.request.urlopen(request, timeout=timeout) as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code


def ask(url, environment, timeout):
    found = {"url": shown(url), "status": None, "error": None}
    try:
        use_proxies(environment, url)
        found["status"] = status_of(url, timeout, "HEAD", {})
        if found["status"] in NO_HEAD:
            found["status"] = status_of(url, timeout, "GET", {"Range": "bytes=0-0"})
    except (OSError, ValueError, http.client.HTTPException) as error:
        found["error"] = reason_of(error, url) or type(error).__name__
    return found


wanted = json.load(sys.stdin.buffer)
print(json.dumps({"replies": [ask(url, wanted["environment"], wanted["timeout"]) for url in wanted["urls"]]}))
