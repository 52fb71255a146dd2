#!/bin/bash
# The baseline of the bound on scale remove: one agent out of its cluster by hand. Usage: remove.sh KEY_FILE FIRST_ADDRESS
# NAME=ADDRESS
set -euo pipefail
key=$1 first=$2 name=${3%%=*} address=${3#*=}
. "$(dirname "$0")/ssh.sh"

on "$first" <<< "$kubectl drain $name --ignore-daemonsets --delete-emptydir-data --timeout=300s" >/dev/null
on "$address" <<< 'rke2-uninstall.sh' >/dev/null 2>&1
on "$first" <<< "$kubectl delete node $name" >/dev/null
