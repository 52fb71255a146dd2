#!/bin/bash
# The baseline of the bound on scale add: agents brought into a cluster by hand, all at once over plain SSH, until they are
# ready. Usage: add.sh KEY_FILE ARTIFACT_URL VERSION FIRST_ADDRESS WORKERS (name=address,…)
set -euo pipefail
key=$1 url=$2 version=$3 first=$4 workers=${5//,/ }
. "$(dirname "$0")/ssh.sh"

pids=()
for host in $workers; do release "${host#*=}" & pids+=($!); done
token=$(on "$first" <<'SCRIPT'
hash=$(sha256sum /var/lib/rancher/rke2/server/tls/server-ca.crt | cut -d' ' -f1)
echo "K10$hash::node:$(sed -n 's/^agent-token: //p' /etc/rancher/rke2/config.yaml)"
SCRIPT
)
all "${pids[@]}"
join_agents "$token" $workers
