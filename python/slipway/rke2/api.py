"""Speaks to the API server of this host with RKE2's admin kubeconfig.

Over HTTPS from Python instead of kubectl: a kubectl costs some 100 ms of processor time a call, and a watch here is
a line to read.
"""
import base64
import http.client
import json
import re
import ssl
import tempfile
import time
import urllib.parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

KUBECONFIG = "/etc/rancher/rke2/rke2.yaml"


class Api:
    """A connection; each request has a time limit, so that a hung API server doesn't hang the caller."""

    def __init__(self, timeout: float) -> None:
        with open(KUBECONFIG) as file:
            content = file.read()
        values = {key: re.search(r"\b" + key + r"\"?:\s*\"?([^\s\",]+)", content) for key in (
            "server", "certificate-authority-data", "client-certificate-data", "client-key-data")}
        told = {key: value.group(1) for key, value in values.items() if value}
        if len(told) < len(values):
            raise ValueError(KUBECONFIG + " is not an admin kubeconfig")
        server = urllib.parse.urlsplit(told["server"])
        self.host, self.port = server.hostname or "", server.port or 443
        pem = {key: base64.b64decode(value) for key, value in told.items() if key.endswith("-data")}
        self.context = ssl.create_default_context(cadata=pem["certificate-authority-data"].decode())
        # The ssl module takes a client key from a file only.
        with tempfile.NamedTemporaryFile(dir="/run") as file:
            file.write(pem["client-certificate-data"] + b"\n" + pem["client-key-data"])
            file.flush()
            self.context.load_cert_chain(file.name)
        self.connection: "http.client.HTTPSConnection | None" = None
        self.timeout = timeout

    def open(self, path: str, timeout: "float | None" = None) -> http.client.HTTPResponse:
        """The response to a GET; the caller reads it to its end or closes the connection."""
        limit = timeout or self.timeout
        if self.connection is not None:
            if self.connection.sock:
                self.connection.sock.settimeout(limit)
            try:
                return self.asked(self.connection, path)
            except (OSError, http.client.HTTPException):
                # A kept connection may have been closed by the other side since.
                self.close()
        self.connection = http.client.HTTPSConnection(self.host, self.port, context=self.context, timeout=limit)
        try:
            return self.asked(self.connection, path)
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    @staticmethod
    def asked(connection: http.client.HTTPSConnection, path: str) -> http.client.HTTPResponse:
        connection.request("GET", path, headers={"Accept": "application/json"})
        return connection.getresponse()

    def get(self, path: str) -> "tuple[int, Any]":
        """Status and parsed body (text where it isn't JSON)."""
        response = self.open(path)
        body = response.read(64 << 20).decode("utf-8", "replace")
        if response.getheader("Content-Type", "").startswith("application/json"):
            return response.status, json.loads(body)
        return response.status, body

    def close(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None


def condition(node: "dict[str, Any]", kind: str) -> "bool | None":
    for found in node.get("status", {}).get("conditions", []):
        if found.get("type") == kind:
            return bool(found.get("status") == "True")
    return None


def node_facts(node: "dict[str, Any]") -> "dict[str, Any]":
    labels = node["metadata"].get("labels", {})
    prefix = "node-role.kubernetes.io/"
    return {
        "name": node["metadata"]["name"], "ready": condition(node, "Ready") is True,
        "kubelet_version": node.get("status", {}).get("nodeInfo", {}).get("kubeletVersion", ""),
        "roles": sorted(label[len(prefix):] for label in labels if label.startswith(prefix)),
        "etcd_voter": condition(node, "EtcdIsVoter"), "labels": labels,
        "taints": ["%s%s:%s" % (taint["key"], "=" + taint["value"] if taint.get("value") else "", taint["effect"])
                   for taint in node.get("spec", {}).get("taints", [])],
        "unschedulable": node.get("spec", {}).get("unschedulable", False),
        "addresses": [{"type": found["type"], "address": found["address"]}
                      for found in node.get("status", {}).get("addresses", [])],
    }


def cut(said: object, longest: int = 300) -> str:
    """What was said, in one line; where it is too long, that is shown."""
    line = " ".join(str(said).split())
    return line if len(line) <= longest else line[:longest - 1] + "\u2026"


def unready(body: object) -> str:
    """Why /readyz is not ok: the checks that failed, which stand in it line by line, or whatever it answers."""
    failed = re.findall(r"^\[-\](\S+)", str(body), re.MULTILINE)
    return "not ready yet: %s" % ", ".join(failed) if failed else "not ready yet: %s" % cut(body)


def cluster(wanted: "dict[str, Any]") -> "dict[str, Any]":
    """What the local API server says: `{"nodes": bool, "timeout": s}` is wanted; an error is told, not raised."""
    try:
        api = Api(wanted["timeout"])
        status, body = api.get("/readyz")
        error = None if status == 200 else cut(unready(body), 500)
        found: "dict[str, Any]" = {"ready": status == 200, "error": error, "nodes": None}
        if status == 200 and wanted["nodes"]:
            found["nodes"] = list_nodes(api, time.time() + wanted["timeout"])
        return found
    except (OSError, ValueError, KeyError, http.client.HTTPException) as failure:
        return {"ready": False, "error": cut("%s: %s" % (type(failure).__name__, failure), 500), "nodes": None}


def list_nodes(api: Api, deadline: float) -> "list[dict[str, Any]]":
    nodes: "list[dict[str, Any]]" = []
    rest = ""
    while True:
        status, page = api.get("/api/v1/nodes?limit=500" + ("&continue=" + urllib.parse.quote(rest) if rest else ""))
        if status != 200:
            raise ValueError("listing nodes: HTTP %d" % status)
        nodes += [node_facts(node) for node in page["items"]]
        rest = page["metadata"].get("continue", "")
        if not rest:
            return nodes
        if time.time() > deadline:
            raise ValueError("listing nodes takes too long")
