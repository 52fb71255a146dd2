"""Commands of tasks: what they print, in English, and how they end."""
import os
import subprocess

from slipway.task import Failed

# A login or a sudo may know less.
FOLDERS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def run(*command: str, **environment: str) -> "tuple[int, str, str]":
    """Exit code, output and errors; `environment` is added to the task's own.

    Raises Failed where there is no such command.
    """
    path = ":".join(filter(None, (os.environ.get("PATH"), FOLDERS)))
    own = dict(os.environ, PATH=path, LC_ALL="C", LANGUAGE="C", **environment)
    try:
        process = subprocess.Popen(
            command, env=own, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except FileNotFoundError as error:
        raise Failed("there is no %s on this host" % command[0]) from error
    out, err = process.communicate()
    return process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")


def must(*command: str, code: "str | None" = None) -> str:
    """The output of a command. Raises Failed, with this code of the error catalogue, where it ends otherwise than well."""
    status, out, err = run(*command)
    if status != 0:
        raise Failed("%s: %s" % (" ".join(command), (err or out).strip()[-500:]), code)
    return out
