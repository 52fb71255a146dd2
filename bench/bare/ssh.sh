# What the bare scripts share: plain SSH to every host at once, over connections that are kept. Wants: key, url, version,
# first (the address of the server that is asked).
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
options=(-i "$key" -o IdentitiesOnly=yes -o UserKnownHostsFile="$work/known_hosts" -o StrictHostKeyChecking=accept-new
  -o ControlMaster=auto -o ControlPath="$work/%C" -o ControlPersist=60 -o LogLevel=ERROR -o BatchMode=yes)
on() { ssh "${options[@]}" "root@$1" bash -s; }
all() { local pid pids=(); for pid in "$@"; do pids+=("$pid"); done; for pid in "${pids[@]}"; do wait "$pid"; done; }
kubectl='/var/lib/rancher/rke2/bin/kubectl --kubeconfig /etc/rancher/rke2/rke2.yaml'

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

join_agents() { # token name=address …
  local token=$1 host pids=()
  shift
  for host; do
    {
      start "${host#*=}" rke2-agent <<CONFIG
server: https://$first:9345
token: $token
node-name: ${host%%=*}
node-ip: ${host#*=}
CONFIG
      ready "${host%%=*}" agent
    } &
    pids+=($!)
  done
  all "${pids[@]}"
}
