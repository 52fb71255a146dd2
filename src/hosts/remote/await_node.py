"""Watches a Node until it is ready. Stands behind look.py and api.py, on a server of the cluster; reads only.

Arguments as JSON on standard input: node, version (or null), voter, fresh (s), deadline (s). Prints {"progress"} lines
and at last {"ready": bool, "missing": what was missing at the end, "node": its facts or null}.
"""
import calendar
import json
import sys
import time

PAUSE = 0.25  # s between tries while the API server doesn't answer
ANSWER = 5  # s for an answer: what hangs with an API server that was only starting is asked again


class Watcher:
    def __init__(self, wanted):
        self.wanted = wanted
        self.deadline = time.monotonic() + wanted["deadline"]
        self.missing = ["the API server has not answered yet"]
        self.node = None
        self.said = None
        self.first_renewal = None

    def left(self):
        return self.deadline - time.monotonic()

    def say(self, missing):
        self.missing = missing
        saying = "%s: waiting for %s" % (self.wanted["node"], ", ".join(missing))
        if saying != self.said:
            self.said = saying
            print(json.dumps({"progress": saying}), flush=True)

    def look(self, node):
        """True when nothing is missing."""
        wanted, missing = self.wanted, []
        self.node = node_facts(node) if node else None
        if not node:
            missing.append("the Node to be registered")
        else:
            if not self.node["ready"]:
                missing.append("condition Ready")
            if wanted["voter"] and not self.node["etcd_voter"]:
                missing.append("condition EtcdIsVoter")
            if wanted["version"] and self.node["kubelet_version"] != wanted["version"]:
                found = self.node["kubelet_version"] or "not told its version yet"
                missing.append("kubelet %s (it has %s)" % (wanted["version"], found))
        if missing:
            self.say(missing)
        return not missing

    def is_renewed(self, api):
        """Whether the kubelet has shown a sign of life just now: Ready stays true for 40 s after a host has died."""
        status, lease = api.get("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/" + self.wanted["node"])
        renewal = lease["spec"].get("renewTime") if status == 200 else None
        if not renewal:
            return False
        self.first_renewal = self.first_renewal or renewal
        age = time.time() - calendar.timegm(time.strptime(renewal[:19], "%Y-%m-%dT%H:%M:%S"))
        # A renewal that was seen to happen counts whatever the clocks of the two hosts say.
        return renewal != self.first_renewal or -5 < age < self.wanted["fresh"]

    def watch(self, api):
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

    def run(self):
        api = None
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


def main():
    watcher = Watcher(json.load(sys.stdin.buffer))
    ready = watcher.run()
    print(json.dumps({"ready": ready, "missing": [] if ready else watcher.missing, "node": watcher.node}))


main()
