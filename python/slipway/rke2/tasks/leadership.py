"""Lets another member of etcd lead than the one of this host, which is about to leave.

Without it the others would notice by an election that nobody leads, and the API would stand still as long. Only the member
that leads takes the wish, over etcd's own door for clients (JSON over HTTPS, on the loopback). Where it is refused, or
nobody answers, nothing is lost but that time: it is told, and is no failure.
"""
import http.client
import json
import ssl
import urllib.parse

from slipway import task
from slipway.rke2 import etcd
from slipway.task import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# s for one answer of etcd; it waits for the other member to catch up.
TIMEOUT = 10


class Refused(Exception):
    """In etcd's own words."""


def door(data_dir: str) -> "tuple[urllib.parse.SplitResult, ssl.SSLContext]":
    """Newer releases serve HTTP to clients on a port of its own."""
    folder, tls = data_dir + "/server/db/etcd/", data_dir + "/server/tls/etcd/"
    url = etcd.listens_at(folder, "listen-client-http-urls") or etcd.listens_at(folder, "listen-client-urls")
    context = ssl.create_default_context(cafile=tls + "server-ca.crt")
    context.check_hostname = False
    context.load_cert_chain(tls + "server-client.crt", tls + "server-client.key")
    return urllib.parse.urlsplit(url or "https://127.0.0.1:2379"), context


def ask(at: urllib.parse.SplitResult, context: ssl.SSLContext, path: str, body: "dict[str, Any]") -> "dict[str, Any]":
    connection = http.client.HTTPSConnection(at.hostname or "", at.port or 2379, context=context, timeout=TIMEOUT)
    try:
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        text = response.read(1 << 20).decode("utf-8", "replace")
        if response.status != 200:
            raise Refused("HTTP %d: %s" % (response.status, text.strip()[:300]))
        answer = json.loads(text)
        if not isinstance(answer, dict):
            raise ValueError("no object")
        return answer
    finally:
        connection.close()


def heir(members: "list[dict[str, Any]]", own: int) -> "dict[str, Any] | None":
    """Who votes, lives, and is another one."""
    able = [member for member in members if member["healthy"] and not member["learner"] and int(member["id"], 16) != own]
    return able[0] if able else None


def move(data_dir: str, check_mode: bool) -> "tuple[list[str], str]":
    """What was done, and what there is to say."""
    at, context = door(data_dir)
    status = ask(at, context, "/v3/maintenance/status", {})
    own = int(status["header"]["member_id"])
    if int(status.get("leader") or 0) != own:
        return [], "its member does not lead etcd"
    listed = etcd.membership(data_dir, TIMEOUT)
    other = heir(listed["members"] if listed else [], own)
    if other is None:
        return [], "its member leads etcd, and no other one that votes answers"
    if not check_mode:
        ask(at, context, "/v3/maintenance/transfer-leadership", {"targetID": str(int(other["id"], 16))})
    return ["%s leads etcd from now on" % other["name"]], ""


def act(given: Task) -> "dict[str, Any]":
    try:
        done, told = move(given.arguments["data_dir"], given.check_mode)
    except (OSError, ValueError, KeyError, http.client.HTTPException, Refused) as error:
        done, told = [], "etcd was not asked to let another member lead: %s" % error
    return task.changed(done, told)


def main() -> None:
    task.run(act)
