"""Watches a Node until it is ready. On a server of the cluster; reads only.

Arguments: node, version (or null), voter, fresh (s), deadline (s). Tells progress and at last
{"ready": bool, "missing": what was missing at the end, "node": its facts or null}.
"""
import calendar
import http.client
import json
import time

from slipway.exchange import arguments, progress, reply
from slipway.rke2.api import Api, cut, node_facts, unready
from slipway.spawned import is_abandoned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PAUSE = 0.25  # s between tries while the API server doesn't answer
ANSWER = 5  # s for an answer: what hangs with an API server that was only starting is asked again


class Watcher:
    def __init__(self, wanted: "dict[str, Any]") -> None:
        self.wanted = wanted
        self.deadline = time.monotonic() + wanted["deadline"]
        self.missing = ["the API server has not answered yet"]
        self.node: "dict[str, Any] | None" = None
        self.said: "str | None" = None
        self.first_renewal: "str | None" = None

    def left(self) -> float:
        return float(self.deadline - time.monotonic())

    def say(self, missing: "list[str]") -> None:
        self.missing = missing
        saying = "%s: waiting for %s" % (self.wanted["node"], ", ".join(missing))
        if saying != self.said:
            self.said = saying
            progress(saying)

    def look(self, node: "dict[str, Any] | None") -> bool:
        """True when nothing is missing."""
        wanted, missing = self.wanted, []
        self.node = facts = node_facts(node) if node else None
        if facts is None:
            missing.append("the Node to be registered")
        else:
            if not facts["ready"]:
                missing.append("condition Ready")
            if wanted["voter"] and not facts["etcd_voter"]:
                missing.append("condition EtcdIsVoter")
            if wanted["version"] and facts["kubelet_version"] != wanted["version"]:
                found = facts["kubelet_version"] or "not told its version yet"
                missing.append("kubelet %s (it has %s)" % (wanted["version"], found))
        if missing:
            self.say(missing)
        return not missing

    def is_renewed(self, api: Api) -> bool:
        """Whether the kubelet has shown a sign of life just now: Ready stays true for 40 s after a host has died."""
        status, lease = api.get("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/" + self.wanted["node"])
        renewal = lease["spec"].get("renewTime") if status == 200 else None
        if not renewal:
            return False
        self.first_renewal = self.first_renewal or renewal
        age = time.time() - calendar.timegm(time.strptime(renewal[:19], "%Y-%m-%dT%H:%M:%S"))
        # A renewal that was seen to happen counts whatever the clocks of the two hosts say.
        return bool(renewal != self.first_renewal or -5 < age < self.wanted["fresh"])

    def watch(self, api: Api) -> bool:
        """True when the Node is ready; False when the watch has ended and must begin anew."""
        selector = "?fieldSelector=metadata.name%3D" + self.wanted["node"]
        status, listed = api.get("/api/v1/nodes" + selector)
        if status != 200:
            raise ValueError("listing nodes: HTTP %d" % status)
        ready = self.look(listed["items"][0] if listed["items"] else None)
        while ready and self.left() > 0 and not is_abandoned():
            if self.is_renewed(api):
                return True
            self.say(["a sign of life of its kubelet"])
            time.sleep(PAUSE)
            status, listed = api.get("/api/v1/nodes" + selector)
            ready = status == 200 and self.look(listed["items"][0] if listed["items"] else None)
        if self.left() <= 0:
            return False
        # Short watches, each behind a fresh list: a watch that has fallen silent then costs seconds, not the deadline.
        seconds = max(1, min(10, int(self.left())))
        response = api.open("/api/v1/nodes%s&watch=1&timeoutSeconds=%d&resourceVersion=%s" % (
            selector, seconds, listed["metadata"]["resourceVersion"]), timeout=seconds + ANSWER)
        try:
            for line in response:
                event = json.loads(line.decode())
                if event["type"] == "ERROR":
                    return False
                if self.look(None if event["type"] == "DELETED" else event["object"]):
                    return False
        finally:
            api.close()
        return False

    def run(self) -> bool:
        api: "Api | None" = None
        while self.left() > 0 and not is_abandoned():
            try:
                api = api or Api(timeout=ANSWER)
                status, body = api.get("/readyz")
                if status != 200:
                    raise ValueError(unready(body))
                if self.watch(api):
                    return True
            except FileNotFoundError:
                self.say(["the API server to be set up"])
                time.sleep(PAUSE)
            except (OSError, ValueError, KeyError, http.client.HTTPException) as error:
                self.say(["the API server (%s)" % cut(error)])
                # The kubeconfig may be new by then.
                api = None
                time.sleep(PAUSE)
        return False


def main() -> None:
    watcher = Watcher(arguments())
    ready = watcher.run()
    reply({"ready": ready, "missing": [] if ready else watcher.missing, "node": watcher.node})
