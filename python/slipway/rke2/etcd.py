"""Asks the etcd of this host who is in its cluster, and every member whether it lives. Reads only.

Over the port of the peers, with this member's own certificate: newer releases serve nothing but gRPC to clients, and
what they serve over HTTP besides is to be had on the loopback only.
"""
import http.client
import json
import re
import ssl
import threading
import urllib.parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def membership(data_dir: str, timeout: float) -> "dict[str, Any] | None":
    """{"cluster_id", "member_id" (null: not among them), "members"}; None where this host's etcd does not answer."""
    tls, folder = data_dir + "/server/tls/etcd/", data_dir + "/server/db/etcd/"
    try:
        # Not the name but the authority is what tells: a member is reached by whatever address it is listed with.
        context = ssl.create_default_context(cafile=tls + "peer-ca.crt")
        context.check_hostname = False
        context.load_cert_chain(tls + "peer-server-client.crt", tls + "peer-server-client.key")
        cluster_id, listed = ask(own_url(folder), context, timeout)
    except (OSError, ValueError, KeyError, http.client.HTTPException):
        return None
    members = [{"id": "%x" % found["id"], "name": found.get("name", ""), "learner": bool(found.get("isLearner")),
                "peer_urls": found.get("peerURLs") or [], "healthy": False} for found in listed]
    own = (content(folder + "name") or "").strip()
    member_id = next((member["id"] for member in members if own and member["name"] == own), None)
    asking = [threading.Thread(target=feel, args=(member, cluster_id, context, timeout), daemon=True)
              for member in members if member["id"] != member_id]
    for member in members:
        member["healthy"] = member["id"] == member_id
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(timeout + 1)
    return {"cluster_id": cluster_id, "member_id": member_id, "members": members}


def feel(member: "dict[str, Any]", cluster_id: str, context: ssl.SSLContext, timeout: float) -> None:
    """A member is healthy when it answers, as one of the same cluster, over one of its addresses."""
    for url in member["peer_urls"]:
        try:
            found, listed = ask(url, context, timeout)
            if found == cluster_id and any("%x" % other["id"] == member["id"] for other in listed):
                member["healthy"] = True
                return
        except (OSError, ValueError, KeyError, http.client.HTTPException):
            continue


def ask(url: str, context: ssl.SSLContext, timeout: float) -> "tuple[str, list[dict[str, Any]]]":
    """Id of the cluster, and its members as they are listed there."""
    at = urllib.parse.urlsplit(url)
    connection = http.client.HTTPSConnection(at.hostname or "", at.port or 2380, context=context, timeout=timeout)
    try:
        connection.request("GET", "/members")
        response = connection.getresponse()
        body = response.read(1 << 20)
        cluster_id = response.getheader("X-Etcd-Cluster-ID")
        if response.status != 200 or not cluster_id:
            raise ValueError("HTTP %d" % response.status)
        return cluster_id.lower(), json.loads(body.decode())
    finally:
        connection.close()


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
