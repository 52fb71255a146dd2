#!/bin/bash
# The baseline of the bound on machines: one by OpenTofu alone, in a folder with the module and its variables, and until it
# lets its login in. Prints what each step took, ms. Usage: machine.sh FOLDER NAME KEY_FILE
set -euo pipefail
cd "$1"
name=$2 key=$3
options=(-i "$key" -o IdentitiesOnly=yes -o UserKnownHostsFile=known_hosts -o StrictHostKeyChecking=accept-new
  -o LogLevel=ERROR -o BatchMode=yes -o ConnectTimeout=5)

now() { echo "${EPOCHREALTIME/./}"; }
step() {
  local begun
  begun=$(now)
  "${@:2}" > "$1.log" 2>&1
  times+=("\"$1\": $((($(now) - begun) / 1000))")
}
answers() {
  local address=
  until [ -n "$address" ]; do
    address=$(virsh -c qemu:///system domifaddr "$name" | awk '/ipv4/ { sub("/.*", "", $4); print $4 }')
    [ -n "$address" ] || sleep 0.2
  done
  until ssh "${options[@]}" "ops@$address" true; do sleep 0.2; done
}

times=()
step init tofu init -input=false
step plan tofu plan -input=false -out=machine.plan
step apply tofu apply -input=false machine.plan
step answer answers
(IFS=,; echo "{${times[*]}}")
