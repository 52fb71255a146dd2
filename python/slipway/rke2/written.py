"""Tells what an administrator has written for RKE2, as it stands in the files, and what a server keeps of its cluster. Reads
only.

Arguments: data_dir (null: the files only, else what the server keeps there as well), kubeconfig (where it lies),
deadline (s). The reply holds secrets.
"""
import base64
import os
import signal

from slipway.exchange import arguments, reply
from slipway.reading import names, read, text

FOLDER = "/etc/rancher/rke2"
LARGEST = 1 << 20


def encoded(path: str) -> "str | None":
    content = read(path, LARGEST)
    return None if content is None else base64.b64encode(content).decode("ascii")


def files() -> "list[dict[str, str]]":
    """In the order in which RKE2 reads them."""
    beside = FOLDER + "/config.yaml.d"
    paths = [FOLDER + "/config.yaml"] + [
        beside + "/" + name for name in names(beside) if name.lower().endswith((".yaml", ".yml"))]
    found = [(path, encoded(path)) for path in paths if os.path.isfile(path)]
    return [{"path": path, "content": content} for path, content in found if content is not None]


def main() -> None:
    wanted = arguments()
    signal.alarm(int(wanted["deadline"]))
    found = {"hostname": os.uname().nodename, "files": files(),
             "registries": os.path.isfile(FOLDER + "/registries.yaml"), "server": None}
    if wanted["data_dir"]:
        kept = wanted["data_dir"] + "/server/"
        found["server"] = {"token": text(kept + "token"), "agent_token": text(kept + "agent-token"),
                           "kubeconfig": text(wanted["kubeconfig"])}
    reply(found)
