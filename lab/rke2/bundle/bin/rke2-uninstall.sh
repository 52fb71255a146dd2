#!/bin/sh
# Removes rke2 and its data from this host. The cluster's membership is not touched: remove the node from it first.
# As in RKE2 the first failure ends it, and it is gone afterwards either way.
set -e
if [ "$(id -u)" -ne 0 ]; then
  echo "$(basename "$0"): must be run as root" >&2
  exit 1
fi
RKE2_DATA_DIR=${RKE2_DATA_DIR:-/var/lib/rancher/rke2}
INSTALL_RKE2_ROOT=${INSTALL_RKE2_ROOT:-/usr/local}

killall=$(dirname "$0")/rke2-killall.sh
if [ -e "$killall" ]; then "$killall"; fi

trap 'rm -f "$INSTALL_RKE2_ROOT/bin/rke2-uninstall.sh"' EXIT

for service in rke2-server rke2-agent; do
  if systemctl cat "$service" > /dev/null 2>&1; then systemctl disable "$service"; fi
  if systemctl is-failed --quiet "$service"; then systemctl reset-failed "$service"; fi
done

for folder in "$INSTALL_RKE2_ROOT/lib/systemd/system" /etc/systemd/system; do
  find "$folder" \( -name 'rke2-*.service' -o -name 'rke2-*.env' \) -type f -delete
done
systemctl daemon-reload
rm -f "$INSTALL_RKE2_ROOT/bin/rke2" "$INSTALL_RKE2_ROOT/bin/rke2-killall.sh"
rm -rf "$INSTALL_RKE2_ROOT/share/rke2"
rm -rf /etc/rancher/rke2 /etc/rancher/node /etc/cni /opt/cni/bin /var/lib/cni /var/log/pods /var/log/containers
if [ -d /etc/rancher ]; then rmdir --ignore-fail-on-non-empty /etc/rancher; fi
rm --one-file-system -rf /var/lib/kubelet
rm -rf -- "$RKE2_DATA_DIR" /opt/lab/containerd/*
if [ -d /var/lib/rancher ]; then rmdir --ignore-fail-on-non-empty /var/lib/rancher; fi
echo "Cleanup completed successfully"
