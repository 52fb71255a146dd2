#!/bin/sh
# Becomes the host's Python, but only for the worker whose fence this host has. Installed by Slipway as
# /var/lib/slipway/python, which Ansible takes for the interpreter of every module.
#
# The shared lock goes on through exec and is held as long as the module runs: whoever raises the fence takes the
# exclusive lock afterwards, and so waits for what is still running. Lock first, compare second: a module that compared
# before the fence was raised is one that the raiser waits for.

refuse() {
    printf '{"failed": true, "slipway_fence": "refused", "msg": "%s", "slipway_message": "%s"}\n' "$1" "$1"
    exit 97
}

# Folders get the modes that they have everywhere, whatever the login or sudo says (often 077).
umask 022
mark=${SLIPWAY_FENCE-}
[ -n "$mark" ] || refuse 'this command carries no fence'
[ -r @DIRECTORY@/lock ] || refuse 'this host has no fence'
exec 9<@DIRECTORY@/lock
flock -s -w 60 9 || refuse 'the fence of this host is being raised'
{ read -r epoch number installation cluster <@DIRECTORY@/fence; } 2>/dev/null || refuse 'this host has no fence'
[ "${mark#*@}" = "$installation/$cluster" ] ||
    refuse "the host belongs to $installation/$cluster, this worker acts for ${mark#*@}"
[ "${mark%%@*}" = "$epoch.$number" ] ||
    refuse "the host is at fence $epoch.$number, this worker has ${mark%%@*}"
[ ! -x '@PYTHON@' ] || exec '@PYTHON@' "$@"
exec python3 "$@"
