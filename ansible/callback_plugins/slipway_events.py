"""What happens in a play, host by host, as one JSON object a line. Stdout stays the log for people."""

import os
import sys
import time

from ansible.plugins.callback import CallbackBase

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import events_pipe

DOCUMENTATION = """
name: slipway_events
type: notification
short_description: Writes host results to the file descriptor that Slipway reads
description: Never writes module arguments, diffs or registered values; messages are cut to a fixed length.
"""

LONGEST_MESSAGE = 2000


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "slipway_events"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self):
        super().__init__()
        self.disabled = not events_pipe.enabled()
        self._targets = None if self.disabled else set(events_pipe.expected()["targets"])
        self._started = {}

    def v2_playbook_on_play_start(self, play):
        """The last look before the first task. SystemExit is no Exception: Ansible lets it end the run."""
        inventory = play.get_variable_manager()._inventory
        hosts = sorted(host.name for host in inventory.get_hosts(play.hosts))
        stray = [name for name in hosts if name not in self._targets]
        if stray:
            events_pipe.emit(
                event="inventory-mismatch",
                differences=["the play %s would also act on %s" % (play.get_name(), name) for name in stray[:20]],
            )
            raise SystemExit("inventory: the play would act on hosts that were not meant")
        events_pipe.emit(event="play", play=play.get_name(), hosts=hosts)

    def v2_runner_on_start(self, host, task):
        self._started[(host.name, task._uuid)] = time.monotonic()
        events_pipe.emit(event="task", host=host.name, task=task.get_name(), outcome="start")

    def v2_runner_on_ok(self, result):
        self._report(result, "changed" if result._result.get("changed") else "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._report(result, "ignored" if ignore_errors else "failed")

    def v2_runner_on_unreachable(self, result):
        self._report(result, "unreachable")

    def v2_runner_on_skipped(self, result):
        self._report(result, "skipped")

    def v2_playbook_on_stats(self, stats):
        hosts = {}
        for name in stats.processed:
            summary = stats.summarize(name)
            summary["failed"] = summary.pop("failures")
            hosts[name] = summary
        events_pipe.emit(event="stats", hosts=hosts)

    def _report(self, result, outcome):
        # The log for people is buffered: what it says about this host goes out before the event does.
        sys.stdout.flush()
        name = result._host.name
        began = self._started.pop((name, result._task._uuid), None)
        values = result._result
        event = {
            "event": "task",
            "host": name,
            "task": result._task.get_name(),
            "outcome": outcome,
            "seconds": round(time.monotonic() - began, 3) if began is not None else 0,
        }
        if outcome in ("failed", "unreachable", "ignored"):
            event["message"] = _message(values)
        elif values.get("slipway_message"):
            event["message"] = str(values["slipway_message"])[:LONGEST_MESSAGE]
        for key, field in (("slipway_code", "code"), ("slipway_fence", "fence"), ("slipway_data", "data")):
            if values.get(key) is not None:
                event[field] = values[key]
        events_pipe.emit(**event)


def _message(values):
    """The most telling of what a module, a command or Ansible itself said; the end of it where it is long."""
    # Of a loop Ansible itself says no more than that an item failed.
    for item in values.get("results") or []:
        if isinstance(item, dict) and item.get("failed"):
            return _message(item)
    first = values.get("slipway_message") or values.get("msg") or values.get("censored") or ""
    parts = [str(first)]
    for key in ("stderr", "module_stderr", "module_stdout"):
        text = str(values.get(key) or "").strip()
        if text and text not in parts[0]:
            parts.append(text[-1000:])
            break
    return "\n".join(part for part in parts if part)[:LONGEST_MESSAGE]
