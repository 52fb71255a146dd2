#!/bin/sh
# Makes one machine, writes it into the inventory, and runs a playbook on it.
#
#   scripts/provision-vm.sh NAME MEMORY CPUS              MEMORY is a number of MiB
#   scripts/provision-vm.sh NAME LOGIN [MEMORY] [CPUS]    a second word that is no number is the login
#
#   --dry-run               show what would be done and change nothing
#   --test-dotfiles PATH    hand a folder of dotfiles to the playbook: absolute, with a sane install script in it
#   --minimal-test          tell the playbook minimal_test: true
#   --keep-on-failure       keep a machine that this call has made and that has failed
#   -h, --help              this text
#
# Settings come from machines.yaml in the folder that it is called from, where there is one, or from:
#   SLIPWAY_MACHINE_FILE      another file of settings
#   SLIPWAY_MACHINE_PROVIDER  who makes it; libvirt where no file says it
#   SLIPWAY_MACHINE_IMAGE, SLIPWAY_MACHINE_DISK, SLIPWAY_MACHINE_KEY
# They are the options of `slipway machine provision`, which this is: all of those are taken here, too.
# It writes ansible/inventory.ini and ansible/inventory.d/NAME.ini, and runs ansible/playbook.yml limited to NAME.
#
# Exit codes: 0 done; 2 what was typed or set is not valid; 4 the machine or the playbook has failed; 5 refused, as for a
# name that is taken with other settings; 6 somebody else is at this machine; 130 interrupted. Unless it is 0 or 130, what
# this call has made is destroyed again. With --dry-run: 0.
set -eu
case "${1:-}" in
  '' | -h | --help)
    sed -n '2,${ /^#/!q; s/^# \{0,1\}//p; }' "$0"
    [ $# -gt 0 ] && exit 0
    exit 2
    ;;
esac
exec "$(dirname "$(readlink -f "$0")")/../bin/slipway" machine provision "$@"
