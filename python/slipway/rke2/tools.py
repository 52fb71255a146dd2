"""RKE2's own programs for root's shell: links to them, their environment, and what completes their words."""
import os
import stat

from slipway.reading import text
from slipway.rke2.configuration import MARK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LINKS = ("/usr/local/bin/kubectl", "/usr/local/bin/crictl")
COMPLETIONS = "/usr/local/share/bash-completion/completions/"
FILES = ("/etc/profile.d/slipway-rke2.sh", COMPLETIONS + "kubectl", COMPLETIONS + "crictl")
LARGEST = 1 << 16


def described(path: str, data_dir: str) -> "dict[str, Any] | None":
    """`link`: where it leads; `content`: of a file; `ours`: it leads to RKE2's programs, or begins with Slipway's mark."""
    try:
        state = os.lstat(path)
    except OSError:
        return None
    if stat.S_ISLNK(state.st_mode):
        link = os.readlink(path)
        ours = path in LINKS and link.startswith(data_dir + "/bin/")
        return {"path": path, "link": link, "content": None, "ours": ours}
    content = text(path, LARGEST) if stat.S_ISREG(state.st_mode) else None
    ours = path in FILES and (content or "").startswith(MARK.decode("ascii").strip())
    return {"path": path, "link": None, "content": content if ours else None, "ours": ours}


def tools(data_dir: str) -> "list[dict[str, Any]]":
    found = [described(path, data_dir) for path in LINKS + FILES]
    return [one for one in found if one]
