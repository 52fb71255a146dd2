"""The marks of services that run with something older than what was changed for them (restart.py writes them)."""
from slipway.reading import text

PLACE = "/var/lib/slipway/restart-pending"


def read_marks() -> "dict[str, str]":
    """Invocation by unit; empty: whatever runs may have read anything. Lines of `UNIT [INVOCATION]`."""
    lines = map(str.split, (text(PLACE) or "").splitlines())
    return {fields[0]: "".join(fields[1:2]) for fields in lines if fields}


def is_noted(unit: str, invocation: "str | None") -> bool:
    """Whether what was changed is newer than this invocation of the unit."""
    noted = read_marks().get(unit)
    return noted is not None and noted in ("", invocation)
