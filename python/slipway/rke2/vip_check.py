"""Whether this server serves: its supervisor, its API server and its member of etcd answer. keepalived runs it (it is a
program of its own then, and needs nothing of this package): the VIP stays only where it ends well.

Argument: RKE2's data folder. The supervisor outlives nothing, but the API server and etcd go on when RKE2's service is
stopped, and a process may be there and answer nobody; so each is asked. The whole cluster is not asked: an etcd without a
leader, which may take seconds, is on no server any better.
"""
import os
import socket
import ssl
import sys

TIMEOUT = 2.5
HOST = "127.0.0.1"
# Without etcd, of which the member here is asked by itself.
READY = "/readyz?exclude=etcd&exclude=etcd-readiness"


def status(port: int, path: str, context: "ssl.SSLContext | None") -> int:
    """The HTTP status. Raises OSError where nobody answers in time."""
    with socket.create_connection((HOST, port), TIMEOUT) as plain:
        channel = context.wrap_socket(plain, server_hostname=HOST) if context else plain
        channel.settimeout(TIMEOUT)
        channel.sendall(("GET %s HTTP/1.0\r\nHost: %s\r\n\r\n" % (path, HOST)).encode())
        words = channel.recv(64).split(None, 2)
        return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0


def failing(data_dir: str) -> "str | None":
    """The first part that does not answer as it should; None where all do."""
    tls = data_dir + "/server/tls/"
    context = ssl.create_default_context(cafile=tls + "server-ca.crt")
    if status(9345, "/ping", context) != 200:
        return "the supervisor"
    context.load_cert_chain(tls + "client-admin.crt", tls + "client-admin.key")
    if status(6443, READY, context) != 200:
        return "the API server"
    if os.path.isdir(data_dir + "/server/db/etcd") and status(2381, "/health?serializable=true", None) != 200:
        return "etcd"
    return None


def main() -> None:
    try:
        found = failing(sys.argv[1])
    except (OSError, ValueError) as error:
        found = "%s: %s" % (type(error).__name__, error)
    if found:
        print(found)
        sys.exit(1)


if __name__ == "__main__":
    main()
