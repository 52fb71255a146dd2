"""Small ways to look at the files of a host; what cannot be read is none."""
import os


def read(path: str, limit: int = 1 << 20) -> "bytes | None":
    try:
        # A pipe in the place of a file must not hold the whole look up.
        with open(path, "rb", opener=lambda at, flags: os.open(at, flags | os.O_NONBLOCK)) as file:
            return file.read(limit)
    except OSError:
        return None


def text(path: str, limit: int = 1 << 20) -> "str | None":
    content = read(path, limit)
    return None if content is None else content.decode("utf-8", "replace").strip("\0\n ")


def names(path: str) -> "list[str]":
    try:
        return sorted(os.listdir(path))
    except OSError:
        return []


def key_values(content: "str | None") -> "dict[str, str]":
    found = {}
    for line in (content or "").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found[key.strip()] = value.strip().strip("\"'")
    return found


def number(value: "str | None") -> "int | None":
    try:
        return int(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
