#!/bin/bash
# The baseline of the install bound: the same cluster by hand, over plain SSH, in parallel wherever that is safe, and
# waiting for the same readiness. Usage: install.sh KEY_FILE ARTIFACT_URL VERSION SERVERS WORKERS (name=address,…)
set -euo pipefail
key=$1 url=$2 version=$3 servers=${4//,/ } workers=${5//,/ }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
options=(-i "$key" -o IdentitiesOnly=yes -o UserKnownHostsFile="$work/known_hosts" -o StrictHostKeyChecking=accept-new
  -o ControlMaster=auto -o ControlPath="$work/%C" -o ControlPersist=60 -o LogLevel=ERROR -o BatchMode=yes)
on() { ssh "${options[@]}" "root@$1" bash -s; }
all() { local pid pids=(); for pid in "$@"; do pids+=("$pid"); done; for pid in "${pids[@]}"; do wait "$pid"; done; }
kubectl='/var/lib/rancher/rke2/bin/kubectl --kubeconfig /etc/rancher/rke2/rke2.yaml'
token=$(openssl rand -hex 16) agent_token=$(openssl rand -hex 16)
first=${servers%% *} first_name=${servers%%=*}
first=${first#*=}

release() {
  on "$1" <<SCRIPT
set -e
cd /tmp
base=$url/${version//+/%2B}
curl -sSfO \$base/rke2.linux-amd64.tar.gz
curl -sSfO \$base/sha256sum-amd64.txt
grep ' rke2.linux-amd64.tar.gz\$' sha256sum-amd64.txt | sha256sum -c --quiet
tar xzf rke2.linux-amd64.tar.gz -C /usr/local
rm rke2.linux-amd64.tar.gz
mkdir -p /etc/rancher/rke2
SCRIPT
}

start() { # address unit, config on standard input
  on "$1" <<SCRIPT
set -e
umask 077
cat > /etc/rancher/rke2/config.yaml <<'CONFIG'
$(cat)
CONFIG
systemctl daemon-reload
systemctl enable --quiet $2
systemctl start --no-block $2
SCRIPT
}

ready() { # name voter
  on "$first" <<SCRIPT
set -e
until $kubectl get --raw /readyz >/dev/null 2>&1; do sleep 0.2; done
until $kubectl get node $1 >/dev/null 2>&1; do sleep 0.2; done
$kubectl wait node/$1 --for=condition=Ready --timeout=300s >/dev/null
if [ "$2" = voter ]; then $kubectl wait node/$1 --for=condition=EtcdIsVoter --timeout=300s >/dev/null; fi
[ "\$($kubectl get node $1 -o jsonpath='{.status.nodeInfo.kubeletVersion}')" = "$version" ]
SCRIPT
}

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

pids=()
for host in $workers; do
  {
    start "${host#*=}" rke2-agent <<CONFIG
server: https://$first:9345
token: K10$ca_hash::node:$agent_token
node-name: ${host%%=*}
node-ip: ${host#*=}
CONFIG
    ready "${host%%=*}" agent
  } &
  pids+=($!)
done
all "${pids[@]}"
on "$first" <<< "cat /etc/rancher/rke2/rke2.yaml"
