#!/usr/bin/python
"""For ansible-doc: action_plugins/ runs python/slipway/rke2/tasks/service.py in its place."""

DOCUMENTATION = """
module: rke2_service
short_description: Starts or stops an RKE2 service
description:
  - RKE2's units are of Type=notify without a start timeout, so that a plain start can block for ever.
    This queues the start; whoever wants to see the service ready watches it with a deadline.
options:
  name: {type: str, required: true, choices: [rke2-server, rke2-agent], description: The service.}
  state: {type: str, default: started, choices: [started, stopped], description: Whether it is to run.}
  restart: {type: bool, default: false, description: Restart it when it runs with what was changed for it since.}
  rewritten: {type: bool, default: false, description: An earlier task changed (in check mode would change) what it reads.}
  timeout:
    type: int
    default: 0
    description: Seconds to wait until it is active (0 does not wait) or stopped (at least 120).
"""
