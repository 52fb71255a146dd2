import platform

from slipway.rke2.tasks import release
from slipway.task import Failed, Task
from tests.cases import Cases, each


class Architecture(Cases):
    @each(("x86_64", "amd64"), ("aarch64", "arm64"), ("arm64", "arm64"))
    def test_of_the_host(self, machine: str, wanted: str) -> None:
        """a host whose kernel says %s takes the files of its own architecture, and none of another one"""
        self.replace(platform, "machine", lambda: machine)
        self.replace(release, "is_installed", lambda *_: False)
        uploads = {"rke2.linux-%s.tar.gz" % arch: {"size": 1, "sha256": "0"} for arch in ("amd64", "arm64")}
        given = {"version": "v1.34.1+rke2r1", "data_dir": self.folder, "discard": False, "uploads": uploads}
        self.replace(release, "open_uploads", lambda *_: self.folder)
        own = release.act(Task(given, False))
        self.assertEqual(own["needs"], ["rke2.linux-%s.tar.gz" % wanted])
        del uploads["rke2.linux-%s.tar.gz" % wanted]
        with self.assertRaisesRegex(Failed, "rke2.linux-%s.tar.gz" % wanted):
            release.act(Task(given, False))

    def test_of_no_release(self) -> None:
        """a host for whose architecture there is no release says so"""
        self.replace(platform, "machine", lambda: "riscv64")
        with self.assertRaisesRegex(Failed, "riscv64"):
            release.architecture()
