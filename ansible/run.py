"""ansible-playbook that refuses to start when it sees other hosts than were meant.

    echo go | run.py ARGUMENTS OF ansible-playbook

The comparison uses the very parse that the play then works with (the loader, flags and groups of
`ansible-inventory --list`), so that nothing can change between the look and the act, and Ansible starts once.
"""

import gc
import importlib
import os
import re
import sys

# A play is short, and what it loads stays: to look through all of that for garbage again and again costs a tenth of it.
gc.set_threshold(100_000, 50, 100)

here = os.path.dirname(os.path.abspath(__file__))
sys.path.append(here)

import yaml_cache  # noqa: E402

if os.environ.get("SLIPWAY_YAML_CACHE"):
    yaml_cache.keep_in(os.environ["SLIPWAY_YAML_CACHE"])

from ansible import __version__ as ansible_version  # noqa: E402
from ansible import cli  # noqa: E402
from ansible.cli.playbook import PlaybookCLI  # noqa: E402
from ansible.errors import AnsibleError  # noqa: E402
from ansible.executor import task_result  # noqa: E402
from ansible.playbook.play import Play  # noqa: E402

import events_pipe  # noqa: E402

# Fields of our own modules' results that never hold a secret: they survive a task's no_log.
task_result._PRESERVE = task_result._PRESERVE + ("slipway_code", "slipway_message", "slipway_fence", "slipway_data")

# What a hidden task may say all the same: why it never came to its arguments. Only the matching words pass.
harmless = re.compile("|".join([
    r"(?:Missing|Incorrect) sudo password",
    r"sudo: a password is required",
    r"No usable temporary directory found",
    r"No space left on device",
    r"/[A-Za-z0-9_./-]+: (?:not found|Permission denied|No such file or directory)",
    r"(?:ansible-core requires a minimum of Python version [0-9.]+[0-9]|Slipway's tasks need Python [0-9.]+[0-9] or newer)"
    r"\. Current version: [0-9.]+",
    r"'[a-z][a-z0-9_]*' is undefined",
    r"a server that may make the cluster must not have a server to join",
    r"a (?:joining master|worker) must have a server to join",
    r"rke2_data_dir has characters that a unit file cannot carry",
]))
_clean_copy = task_result.TaskResult.clean_copy


def clean_copy_with_reason(result):
    """A host that is gone, or could not run a module at all, must say so even where the task's own output is hidden."""
    copy = _clean_copy(result)
    if "censored" in copy._result:
        values = result._result
        if result.is_unreachable():
            copy._result["msg"] = values.get("msg")
        elif result.is_failed() and not values.get("slipway_message"):
            said = "\n".join(str(values.get(key) or "") for key in ("msg", "module_stderr", "module_stdout"))
            reasons = list(dict.fromkeys(harmless.findall(said)))
            if reasons:
                copy._result["msg"] = "; ".join(reasons)
    # The log says a reason once; where the rest is hidden only one of the two is left anyway.
    elif copy._result.get("slipway_message") == copy._result.get("msg"):
        copy._result.pop("slipway_message", None)
    return copy


task_result.TaskResult.clean_copy = clean_copy_with_reason


def set_environment(environment):
    """Gives every play's modules these variables (the fence), whoever wrote the playbook."""
    load = Play.load

    def load_with_environment(data, *args, **kwargs):
        if isinstance(data, dict):
            own = data.get("environment") or []
            data = dict(data, environment=(own if isinstance(own, list) else [own]) + [environment])
        return load(data, *args, **kwargs)

    Play.load = staticmethod(load_with_environment)


def difference(meant, inventory):
    """What differs between the inventory that was meant and the one that was parsed, as lines for people."""
    parsed = {host.name: host for host in inventory.get_hosts("all")}
    lines = ["%s is missing" % name for name in sorted(set(meant["hosts"]) - set(parsed))]
    lines += ["%s was not meant" % name for name in sorted(set(parsed) - set(meant["hosts"]))]
    for name in sorted(set(parsed) & set(meant["hosts"])):
        variables = parsed[name].get_vars()
        for key, value in meant["hosts"][name].items():
            if variables.get(key) != value:
                lines.append("%s of %s is not what was meant" % (key, name))
    for group, names in meant["groups"].items():
        members = {host.name for host in inventory.groups[group].get_hosts()} if group in inventory.groups else set()
        if members != set(names):
            lines.append("the group %s has other members" % group)
    return lines


class CheckedPlaybook(PlaybookCLI):
    @staticmethod
    def _play_prereqs():
        meant = events_pipe.expected()
        try:
            loader, inventory, variable_manager = PlaybookCLI._play_prereqs()
        except AnsibleError as error:
            events_pipe.emit(event="inventory-mismatch", differences=["the inventory cannot be read: %s" % error])
            raise
        lines = difference(meant, inventory)
        if lines:
            events_pipe.emit(event="inventory-mismatch", differences=lines[:20])
            raise AnsibleError("inventory: " + "; ".join(lines[:20]))
        events_pipe.emit(event="inventory", hosts=len(meant["hosts"]), ansible=ansible_version)
        return loader, inventory, variable_manager


# Ansible loads these when it comes to them: anew in every process that it forks for a task on a host.
FOREIGN = bool(os.environ.get("SLIPWAY_FOREIGN"))
OWN = () if FOREIGN else ("host_task",)
NEEDED = OWN + ("ansible.plugins.action.normal", "ansible.plugins.connection.ssh", "ansible.plugins.shell.sh",
                "ansible.plugins.become.sudo", "ansible.plugins.strategy.linear")


def load_all():
    """Whatever a play of ours needs, while its word is waited for."""
    cli.init_plugin_loader()
    # Done, then: a second time would be warned of.
    cli.init_plugin_loader = lambda _: None
    for name in NEEDED + ("ansible_collections.ansible.builtin",):
        importlib.import_module(name)
    # Playbooks of somebody else's have no task of ours.
    if not FOREIGN:
        host_task = sys.modules["host_task"]
        host_task.bootstrap(), host_task.archive()
    gc.freeze()


def is_allowed():
    """Waits for the word of whoever has started us. None comes when the play is off."""
    if sys.stdin.readline() != "go\n":
        return False
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return True


if __name__ == "__main__":
    load_all()
    if not is_allowed():
        sys.exit("the play was called off")
    environment = events_pipe.expected().get("environment")
    if environment:
        set_environment(environment)
    CheckedPlaybook.cli_executor(["ansible-playbook"] + sys.argv[1:])
