#!/usr/bin/python
"""Enables and starts a service without waiting for it, or stops it and waits."""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.slipway_effective import refusal
from ansible.module_utils.slipway_restart import forget, is_alive, is_pending, settle, unit_state

import time

DOCUMENTATION = """
module: rke2_service
short_description: Starts or stops an RKE2 service
description:
  - RKE2's units are of Type=notify without a start timeout, so that a plain start can block for ever.
    This module queues the start; whoever wants to see the service ready watches it with a deadline.
options:
  name: {type: str, required: true, choices: [rke2-server, rke2-agent]}
  state: {type: str, default: started, choices: [started, stopped]}
  restart: {type: bool, default: false, description: Restart it when it runs with what was changed for it since.}
  rewritten: {type: bool, default: false, description: An earlier task changed (in check mode would change) what it reads.}
  timeout: {type: int, default: 0, description: Seconds to wait until it is active (0 does not wait) or stopped (at least 120).}
"""


class Service:
    def __init__(self, module, name):
        self.module = module
        self.name = name
        self.systemctl = module.get_bin_path("systemctl", required=True)
        self.done = []

    def call(self, *arguments):
        code, out, err = self.module.run_command([self.systemctl] + list(arguments))
        if code != 0:
            reason = "systemctl %s: %s" % (" ".join(arguments), (err or out).strip()[-500:])
            self.module.fail_json(msg=reason, slipway_message=reason, slipway_code="service-failed")
        return out

    def act(self, what, *arguments):
        self.done.append(what)
        if not self.module.check_mode:
            self.call(*arguments)

    def state(self):
        return unit_state(self.module, self.name)

    def load(self):
        state = self.state()
        if state.get("NeedDaemonReload") == "yes" or state.get("LoadState") == "not-found":
            self.act("reload systemd", "daemon-reload")
            if not self.module.check_mode:
                state = self.state()
        return state

    def check(self):
        """Right before a start: what was written is worth nothing where systemd would start something else."""
        reason = None if self.module.check_mode else refusal(self.module, self.name)
        if reason:
            self.module.fail_json(msg=reason, slipway_message=reason, slipway_code="guard-refused")

    def start(self, restart, rewritten):
        state = self.load()
        if state.get("LoadState") == "not-found" and not self.module.check_mode:
            reason = "there is no unit %s.service on this host" % self.name
            self.module.fail_json(msg=reason, slipway_message=reason, slipway_code="service-failed")
        enabled = state.get("UnitFileState") == "enabled"
        if is_alive(state):
            if not enabled:
                self.act("enable", "enable", self.name)
            if is_pending(self.name, state) or (self.module.check_mode and rewritten):
                if restart:
                    self.restart(state)
            elif not self.module.check_mode:
                forget(self.name)
            return
        self.check()
        if not self.module.check_mode:
            forget(self.name)
        if state.get("ActiveState") == "failed":
            self.act("reset", "reset-failed", self.name)
        if enabled:
            self.act("start", "start", "--no-block", self.name)
        else:
            # Its files are loaded by now: another reload of all units would only cost time.
            self.act("enable and start", "enable", "--now", "--no-block", "--no-reload", self.name)

    def restart(self, state):
        """The mark stays: it holds until another invocation runs, so that a crash from here on loses nothing either."""
        self.check()
        if not self.module.check_mode:
            settle(self.name, state)
        self.act("restart", "restart", "--no-block", self.name)

    def stop(self):
        state = self.state()
        if state.get("LoadState") == "not-found":
            return
        if state.get("UnitFileState") == "enabled":
            self.act("disable", "disable", self.name)
        if state.get("ActiveState") not in ("inactive", "failed"):
            self.act("stop", "stop", "--no-block", self.name)

    def wait(self, wanted, seconds):
        deadline = time.monotonic() + seconds
        while True:
            state = self.state()
            if state.get("ActiveState") in wanted:
                return
            if time.monotonic() > deadline:
                reason = "%s is %s (%s) after %d s, not %s" % (
                    self.name, state.get("ActiveState"), state.get("SubState"), seconds, wanted[0])
                self.module.fail_json(msg=reason, slipway_message=reason, slipway_code="service-failed")
            time.sleep(0.5)


def main():
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True, "choices": ["rke2-server", "rke2-agent"]},
            "state": {"type": "str", "default": "started", "choices": ["started", "stopped"]},
            "restart": {"type": "bool", "default": False},
            "rewritten": {"type": "bool", "default": False},
            "timeout": {"type": "int", "default": 0},
        },
        supports_check_mode=True,
    )
    service = Service(module, module.params["name"])
    timeout = module.params["timeout"]
    if module.params["state"] == "started":
        service.start(module.params["restart"], module.params["rewritten"])
        if timeout and not module.check_mode:
            service.wait(("active",), timeout)
    else:
        service.stop()
        if not module.check_mode:
            service.wait(("inactive", "failed"), max(timeout, 120))
    module.exit_json(changed=bool(service.done), slipway_message=", ".join(service.done))


if __name__ == "__main__":
    main()
