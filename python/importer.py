"""Imports the package out of memory, and runs the module that the command line names.

The files arrive behind this text on the standard input: their length, then a deflated JSON object of text by path. What is
left of the input is the module's own. Nothing is written to a disk, and nothing of this needs one: zipimport would, and it
takes as long again as all of a look at a host takes to be compiled.
"""
import json
import sys
import zlib
from importlib.machinery import ModuleSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType


class Importer:
    """Finder and loader of what was sent (importlib's protocol); paths are those of the archive."""

    def __init__(self, files: "dict[str, str]") -> None:
        self.files = files

    def find_spec(self, name: str, path: object = None, target: object = None) -> "ModuleSpec | None":
        if not name.startswith("slipway"):
            return None
        place = name.replace(".", "/")
        for origin in (place + ".py", place + "/__init__.py"):
            if origin in self.files:
                package = origin.endswith("/__init__.py")
                spec = ModuleSpec(name, self, origin=origin, is_package=package)  # type: ignore[arg-type]
                spec.has_location = True
                return spec
        return None

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: "ModuleType") -> None:
        origin = str(module.__file__)
        exec(compile(self.files[origin], origin, "exec"), module.__dict__)

    def get_data(self, path: str) -> bytes:
        return self.files[path].encode()


sent = sys.stdin.buffer
sys.meta_path.insert(0, Importer(json.loads(zlib.decompress(sent.read(int(sent.readline()))).decode())))
__import__(sys.argv[1], fromlist=["main"]).main()
