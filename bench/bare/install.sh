#!/bin/bash
# The baseline of the install bound: the same cluster by hand, over plain SSH, in parallel wherever that is safe, and
# waiting for the same readiness. Usage: install.sh KEY_FILE ARTIFACT_URL VERSION SERVERS WORKERS (name=address,…)
set -euo pipefail
key=$1 url=$2 version=$3 servers=${4//,/ } workers=${5//,/ }
token=$(openssl rand -hex 16) agent_token=$(openssl rand -hex 16)
first=${servers%% *} first_name=${servers%%=*}
first=${first#*=}
. "$(dirname "$0")/ssh.sh"

pids=()
for host in $servers $workers; do release "${host#*=}" & pids+=($!); done
all "${pids[@]}"

start "$first" rke2-server <<CONFIG
token: $token
agent-token: $agent_token
node-name: $first_name
node-ip: $first
CONFIG
ready "$first_name" voter
ca_hash=$(on "$first" <<< "sha256sum /var/lib/rancher/rke2/server/tls/server-ca.crt | cut -d' ' -f1")

for host in $servers; do
  [ "${host#*=}" = "$first" ] && continue
  start "${host#*=}" rke2-server <<CONFIG
server: https://$first:9345
token: K10$ca_hash::server:$token
agent-token: $agent_token
node-name: ${host%%=*}
node-ip: ${host#*=}
CONFIG
  ready "${host%%=*}" voter
done

join_agents "K10$ca_hash::node:$agent_token" $workers
on "$first" <<< "cat /etc/rancher/rke2/rke2.yaml"
