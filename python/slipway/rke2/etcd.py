"""Asks the etcd of this host who is in its cluster, and every member whether it lives. Reads only.

Over the port of the peers, with this member's own certificate: newer releases serve nothing but gRPC to clients, and
what they serve over HTTP besides is to be had on the loopback only.
"""
import http.client
import re

from slipway.etcd_peers import peers_context, told_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def membership(data_dir: str, timeout: float) -> "dict[str, Any] | None":
    """{"cluster_id", "member_id" (null: not among them), "members"}; None where this host's etcd does not answer."""
    tls, folder = data_dir + "/server/tls/etcd/", data_dir + "/server/db/etcd/"
    own = (content(folder + "name") or "").strip()
    try:
        context = peers_context(tls + "peer-ca.crt", tls + "peer-server-client.crt", tls + "peer-server-client.key")
        return told_by(own_url(folder), own, context, timeout)
    except (OSError, ValueError, KeyError, http.client.HTTPException):
        return None


def own_url(folder: str) -> str:
    """Where this host's etcd listens for its peers."""
    return listens_at(folder, "listen-peer-urls") or "https://127.0.0.1:2380"


def listens_at(folder: str, setting: str) -> "str | None":
    """What etcd's configuration says of this: the loopback, where it is there, in which releases differ."""
    found = re.search(r"^[\"']?%s[\"']?\s*:\s*[\"']?([^\s\"']+)" % setting, content(folder + "config") or "", re.M)
    urls = found.group(1).split(",") if found else []
    return next((url for url in urls if "//127." in url or "//[::1]" in url), urls[0] if urls else None)


def content(path: str) -> "str | None":
    try:
        with open(path) as file:
            return file.read(1 << 20)
    except (OSError, ValueError):
        return None
