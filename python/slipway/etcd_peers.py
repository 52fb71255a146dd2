"""What a member of etcd says over the port of its peers, as JSON. Reads only."""
import http.client
import json
import ssl
import threading
import urllib.parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def peers_context(authority: str, certificate: str, key: str) -> ssl.SSLContext:
    """Not the name but the authority is what tells: a member is reached by whatever address it is listed with."""
    context = ssl.create_default_context(cafile=authority)
    context.check_hostname = False
    context.load_cert_chain(certificate, key)
    return context


def told_by(url: str, own: str, context: ssl.SSLContext, timeout: float) -> "dict[str, Any]":
    """{"cluster_id", "member_id" (of the member called `own`; null: not among them), "members"}."""
    cluster_id, listed = ask(url, context, timeout)
    members = [{"id": "%x" % found["id"], "name": found.get("name", ""), "learner": bool(found.get("isLearner")),
                "peer_urls": found.get("peerURLs") or [], "healthy": False} for found in listed]
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
