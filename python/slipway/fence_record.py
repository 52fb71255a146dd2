"""The fence as it stands on a host: whose host it is, and which worker may change it."""
from slipway.reading import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DIRECTORY = "/var/lib/slipway"


def read_fence(directory: str = DIRECTORY) -> "dict[str, Any] | None":
    """None when there is none, {} when the file says something else."""
    content = text(directory + "/fence")
    if content is None:
        return None
    fields = content.split()
    if len(fields) != 4 or not (fields[0].isdigit() and fields[1].isdigit()):
        return {}
    return {"epoch": int(fields[0]), "number": int(fields[1]), "installation": fields[2], "cluster": fields[3]}
