"""Files of the user's own that RKE2 reads: those that Slipway has put there, and manifests of others that could clash."""
import os
import re
import stat

from slipway.digests import hmac_sha256
from slipway.reading import names, read
from slipway.rke2.configuration import MARK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# A file may have 1 MiB, and a line of ours before that.
LARGEST = (1 << 20) + len(MARK)
FOLDER = "/etc/rancher/rke2/slipway"
# Of every file that RKE2 could apply; what others have there is told by name.
MANIFEST = r"[^.].*\.(?:ya?ml|json)$"


def described(path: str, key: bytes) -> "dict[str, Any]":
    """A link or a folder in the place of a file is none of ours any more; its hash is that of nothing."""
    state = os.lstat(path)
    content = read(path, LARGEST + 1) if stat.S_ISREG(state.st_mode) else None
    return {"path": path, "size": state.st_size, "hmac": None if content is None else hmac_sha256(key, content),
            "marked": (content or b"").startswith(MARK)}


def of_slipway(data_dir: str) -> "list[tuple[str, str]]":
    """Folders, and which names in them nobody but Slipway gives (src/distributions/rke2/ownFiles/places.ts)."""
    return [(FOLDER, r"[^.]"), (data_dir + "/server/manifests/slipway", r"[^.]"),
            (data_dir + "/agent/etc/kubelet.conf.d", r"90-slipway\.conf$"),
            (data_dir + "/agent/pod-manifests", r"slipway-")]


def own_files(key: bytes, data_dir: str, named: "list[str]") -> "dict[str, Any]":
    found = [dict(described(folder + "/" + name, key), ours=True)
             for folder, pattern in of_slipway(data_dir) for name in names(folder) if re.match(pattern, name)]
    containerd = data_dir + "/agent/etc/containerd/"
    templates = [described(containerd + name, key) for name in names(containerd)
                 if name in ("config.toml.tmpl", "config-v3.toml.tmpl")]
    found += [dict(file, ours=file["marked"]) for file in templates]
    for file in found:
        del file["marked"]
    return {"found": found[:1000], "manifests": manifests_of_others(data_dir + "/server/manifests"),
            "missing": [path for path in named if not os.path.exists(path)]}


def manifests_of_others(folder: str) -> "list[str]":
    found = []
    for at, below, files in os.walk(folder):
        below[:] = sorted(name for name in below if os.path.join(at, name) != folder + "/slipway")
        found += [os.path.join(at, name) for name in sorted(files) if re.match(MANIFEST, name)]
    return found[:1000]
