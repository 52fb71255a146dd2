"""The files that are sent to hosts."""
import os

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def read(path: str) -> str:
    with open(os.path.join(FOLDER, path), encoding="utf-8") as file:
        return file.read()


def package() -> "dict[str, str]":
    """Text by path, as the archive has it."""
    found = {}
    for folder, _, names in os.walk(os.path.join(FOLDER, "slipway")):
        for name in names:
            if name.endswith((".py", ".sh")):
                path = os.path.relpath(os.path.join(folder, name), FOLDER)
                found[path] = read(path)
    return found
