"""Commands beside a look at the host, and whether anybody still listens."""
import os
import select


def is_abandoned() -> bool:
    """Whether nobody reads our output any more: the connection is gone, and what is waited for matters to nobody."""
    watch = select.poll()
    watch.register(1, 0)
    return bool(watch.poll(0))


class Spawned:
    """A command whose output is collected while this script looks elsewhere. Without subprocess: its import alone costs
    more than everything else here."""

    def __init__(self, *command: str) -> None:
        self.reading, writing = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.dup2(os.open(os.devnull, os.O_RDWR), 0)
                os.dup2(writing, 1)
                os.dup2(os.open(os.devnull, os.O_RDWR), 2)
                os.execvpe(command[0], command, dict(os.environ, LC_ALL="C"))
            finally:
                os._exit(127)
        os.close(writing)

    def output(self) -> str:
        pieces = []
        while True:
            piece = os.read(self.reading, 65536)
            if not piece:
                break
            pieces.append(piece)
        os.close(self.reading)
        os.waitpid(self.pid, 0)
        return b"".join(pieces).decode("utf-8", "replace")
