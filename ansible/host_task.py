"""Runs tasks of Slipway's own on hosts: a module of our Python package (python/slipway), and no module of Ansible's.

Ansible would pack each module with a library of its own, and let the host unpack and compile that: six times what a task
needs itself. What a playbook may say of a task stays: privileges, environment (with the fence), check mode, no_log, and the
interpreter that the inventory names.
"""

import functools
import json
import os
import shlex
import sys
import zlib

from ansible.errors import AnsibleActionFail
from ansible.executor.interpreter_discovery import InterpreterDiscoveryRequiredError, discover_interpreter
from ansible.executor.module_common import _get_shebang
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.json import AnsibleJSONEncoder
from ansible.module_utils.common.parameters import remove_values
from ansible.plugins.action import ActionBase
from ansible.utils.unsafe_proxy import wrap_var
from ansible.vars.clean import remove_internal_keys

python = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "python")
if python not in sys.path:
    sys.path.append(python)


def _read(path):
    with open(os.path.join(python, path), encoding="utf-8") as file:
        return file.read()


@functools.lru_cache
def bootstrap():
    """What stands on the command line of the host's Python; src/hosts/pythonArchive.ts makes the same of the same files."""
    return "; ".join(line for line in _read("bootstrap.py").splitlines() if line and not line.startswith("#"))


@functools.lru_cache
def archive():
    """What comes first on its standard input: the importer, then all files of the package (python/importer.py)."""
    files = {}
    for folder, _, names in sorted(os.walk(os.path.join(python, "slipway"))):
        for name in sorted(names):
            if name.endswith((".py", ".sh")):
                path = os.path.relpath(os.path.join(folder, name), python)
                files[path] = _read(path)
    parts = [_read("importer.py").encode(), zlib.compress(json.dumps(files).encode())]
    return b"".join(b"%d\n%s" % (len(part), part) for part in parts)


class HostTask(ActionBase):
    """A subclass names the `module` and the arguments it takes, as ansible-core's own modules do (argument_spec)."""

    module = ""
    argument_spec = {}
    required_one_of = ()

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        return self.act(dict(self._task.args), task_vars or {})

    def act(self, arguments, task_vars):
        return self.perform(arguments, task_vars)

    def perform(self, arguments, task_vars):
        """Lets the host do it once, and returns what it tells."""
        given, secrets = self._validated(arguments)
        wanted = {"arguments": given, "check_mode": bool(self._task.check_mode)}
        interpreter = self._interpreter(task_vars)
        # For Ansible's own words on one that is not there.
        self._used_interpreter = "#!" + interpreter
        words = (interpreter, "-I", "-S", "-c", bootstrap(), self.module)
        command = self._compute_environment_string() + " " + " ".join(map(shlex.quote, words))
        data = archive() + json.dumps(wanted, cls=AnsibleJSONEncoder, vault_to_text=True).encode()
        result = self._parse_returned_data(self._low_level_execute_command(command.strip(), in_data=data))
        remove_internal_keys(result)
        result = remove_values(result, secrets)
        if self._discovered_interpreter_key:
            result["ansible_facts"] = {self._discovered_interpreter_key: self._discovered_interpreter}
        # Nothing that a host says is a template.
        return wrap_var(result)

    def _validated(self, arguments):
        """The arguments with their types and defaults, and those of their values that nobody may see."""
        validator = ArgumentSpecValidator(self.argument_spec, required_one_of=self.required_one_of)
        validated = validator.validate(arguments)
        if validated.error_messages:
            message = remove_values("; ".join(validated.error_messages), validated._no_log_values)
            raise AnsibleActionFail("%s: %s" % (self._task.action, message))
        return validated.validated_parameters, validated._no_log_values

    def _interpreter(self, task_vars):
        """The Python that the inventory names; where it names none, the one that Ansible finds on the host."""
        variables = task_vars
        if self._task.delegate_to:
            variables = task_vars["ansible_delegated_vars"][self._task.delegate_to]
        local = bool(getattr(self._connection, "_remote_is_local", False))
        try:
            return _get_shebang("/usr/bin/python", variables, self._templar, remote_is_local=local)[1]
        except InterpreterDiscoveryRequiredError as needed:
            found = discover_interpreter(self, needed.interpreter_name, needed.discovery_mode, variables)
            if not self._task.delegate_to:
                self._discovered_interpreter_key = "discovered_interpreter_python"
                self._discovered_interpreter = wrap_var(found)
            return found
