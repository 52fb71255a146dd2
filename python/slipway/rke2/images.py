"""Archives of images that are brought from a folder (air gap): RKE2 loads what lies below its data folder."""
import os

from slipway.download import compare, copy_file
from slipway.rke2.installed import read_note
from slipway.rke2.unpacking import note_image
from slipway.rke2.uploads import uploaded
from slipway.writing import sync_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


def of_folder(names: "Iterable[str]", arch: str) -> "list[str]":
    """Image archives of the folder for this architecture; of two packings of one archive the smaller (zst)."""
    endings = (".linux-%s.tar.zst" % arch, ".linux-%s.tar.gz" % arch)
    found = sorted(name for name in names if name.startswith("rke2-images") and name.endswith(endings))
    return [name for name in found if not (name.endswith(".gz") and name[:-3] + ".zst" in found)]


def place(data_dir: str, name: str) -> str:
    return os.path.join(data_dir, "agent", "images", name)


def is_there(data_dir: str, name: str, upload: "dict[str, Any]") -> bool:
    path = place(data_dir, name)
    noted = read_note().get("images", {}).get(name)
    return bool(noted == upload["sha256"] and os.path.exists(path) and os.path.getsize(path) == upload["size"])


def install(data_dir: str, name: str, upload: "dict[str, Any]") -> None:
    path = place(data_dir, name)
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    partial = path + ".partial"
    try:
        with open(partial, "wb") as file:
            source, listing = uploaded(name)
            compare(source, copy_file(upload["path"], file), upload["sha256"], listing)
            os.fsync(file.fileno())
        os.rename(partial, path)
    except OSError as error:
        error.filename = error.filename or path
        raise
    finally:
        if os.path.exists(partial):
            os.unlink(partial)
    sync_folder(os.path.dirname(path))
    note_image(name, upload["sha256"])
