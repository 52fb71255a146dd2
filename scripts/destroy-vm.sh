#!/bin/sh
# Destroys one machine, with all that is on its disks, and takes it out of the inventory. It asks nothing.
#
#   scripts/destroy-vm.sh [NAME]    NAME is dev-vm where none is given
#
#   --dry-run     show what would be done and change nothing
#   -h, --help    this text
#
# A machine that is not there is a success: nothing to do. It is `slipway machine destroy NAME --inventory ansible --yes`.
#
# Exit codes: 0 done; 2 what was typed is not valid; 4 destroying has failed, and what is left is on record; 5 refused, as
# for a node of a cluster; 6 somebody else is at this machine; 130 interrupted.
set -eu
case "${1:-}" in
  -h | --help)
    sed -n '2,${ /^#/!q; s/^# \{0,1\}//p; }' "$0"
    exit 0
    ;;
  '' | -*) set -- dev-vm "$@" ;;
esac
exec "$(dirname "$(readlink -f "$0")")/../bin/slipway" machine destroy "$@" --inventory ansible --yes
