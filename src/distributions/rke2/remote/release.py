"""Asks whether a release can be fetched from this host, and prints what came of it as one JSON object. Reads only.

Arguments arrive as JSON on standard input after the script itself: urls, environment (proxy variables), timeout (s).
"""
import json
import os
import sys
import urllib.error
import urllib.request


def ask(url, timeout):
    request = urllib.request.Request(url, method="HEAD", headers={"User-Agent": "slipway"})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as reply:
            return {"url": url, "status": reply.status, "error": None}
    except urllib.error.HTTPError as error:
        return {"url": url, "status": error.code, "error": None}
    except (OSError, ValueError) as error:
        return {"url": url, "status": None, "error": str(getattr(error, "reason", error))[:300]}


wanted = json.load(sys.stdin.buffer)
os.environ.update(wanted["environment"])
print(json.dumps({"replies": [ask(url, wanted["timeout"]) for url in wanted["urls"]]}))
