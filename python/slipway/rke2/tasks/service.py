"""Enables and starts a service without waiting for it, or stops it and waits."""
import time

from slipway import commands, task
from slipway.rke2.restart import forget, is_alive, is_pending, settle, unit_state
from slipway.rke2.start_check import refusal
from slipway.task import Failed, Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Service:
    """RKE2's units are of Type=notify without a start timeout, so that a plain start can block for ever: a start is queued,
    and whoever wants to see the service ready watches it with a deadline."""

    def __init__(self, name: str, check_mode: bool) -> None:
        self.name = name
        self.check_mode = check_mode
        self.done: "list[str]" = []

    def act(self, what: str, *arguments: str) -> None:
        self.done.append(what)
        if not self.check_mode:
            commands.must("systemctl", *arguments, code="service-failed")

    def state(self) -> "dict[str, str]":
        return unit_state(self.name)

    def load(self) -> "dict[str, str]":
        state = self.state()
        if state.get("NeedDaemonReload") == "yes" or state.get("LoadState") == "not-found":
            self.act("reload systemd", "daemon-reload")
            if not self.check_mode:
                state = self.state()
        return state

    def check(self) -> None:
        """Right before a start: what was written is worth nothing where systemd would start something else."""
        reason = None if self.check_mode else refusal(self.name)
        if reason:
            raise Failed(reason, "guard-refused")

    def start(self, restart: bool, rewritten: bool) -> None:
        state = self.load()
        if state.get("LoadState") == "not-found" and not self.check_mode:
            raise Failed("there is no unit %s.service on this host" % self.name, "service-failed")
        enabled = state.get("UnitFileState") == "enabled"
        if is_alive(state):
            if not enabled:
                self.act("enable", "enable", self.name)
            if is_pending(self.name, state) or (self.check_mode and rewritten):
                if restart:
                    self.restart(state)
            elif not self.check_mode:
                forget(self.name)
            return
        self.check()
        if not self.check_mode:
            forget(self.name)
        if state.get("ActiveState") == "failed":
            self.act("reset", "reset-failed", self.name)
        if enabled:
            self.act("start", "start", "--no-block", self.name)
        else:
            # Its files are loaded by now: another reload of all units would only cost time.
            self.act("enable and start", "enable", "--now", "--no-block", "--no-reload", self.name)

    def restart(self, state: "dict[str, str]") -> None:
        """The mark stays: it holds until another invocation runs, so that a crash from here on loses nothing either."""
        self.check()
        if not self.check_mode:
            settle(self.name, state)
        self.act("restart", "restart", "--no-block", self.name)

    def stop(self) -> None:
        state = self.state()
        if state.get("LoadState") == "not-found":
            return
        if state.get("UnitFileState") == "enabled":
            self.act("disable", "disable", self.name)
        if state.get("ActiveState") not in ("inactive", "failed"):
            self.act("stop", "stop", "--no-block", self.name)

    def wait(self, wanted: "tuple[str, ...]", seconds: int) -> None:
        deadline = time.monotonic() + seconds
        while True:
            state = self.state()
            if state.get("ActiveState") in wanted:
                return
            if time.monotonic() > deadline:
                raise Failed("%s is %s (%s) after %d s, not %s" % (
                    self.name, state.get("ActiveState"), state.get("SubState"), seconds, wanted[0]), "service-failed")
            time.sleep(0.5)


def act(given: Task) -> "dict[str, Any]":
    arguments = given.arguments
    service = Service(arguments["name"], given.check_mode)
    timeout = arguments["timeout"]
    if arguments["state"] == "started":
        service.start(arguments["restart"], arguments["rewritten"])
        if timeout and not given.check_mode:
            service.wait(("active",), timeout)
    else:
        service.stop()
        if not given.check_mode:
            service.wait(("inactive", "failed"), max(timeout, 120))
    return task.changed(service.done)


def main() -> None:
    task.run(act)
