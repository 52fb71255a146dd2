#!/bin/sh
# Removes rke2 and its data from this host. The cluster's membership is not touched: remove the node from it first.
set -e
if [ "$(id -u)" -ne 0 ]; then
  echo "$(basename "$0"): must be run as root" >&2
  exit 1
fi
RKE2_DATA_DIR=${RKE2_DATA_DIR:-/var/lib/rancher/rke2}
INSTALL_RKE2_ROOT=${INSTALL_RKE2_ROOT:-/usr/local}

killall=$(dirname "$0")/rke2-killall.sh
if [ -e "$killall" ]; then sh "$killall"; fi

systemctl disable rke2-server || true
systemctl disable rke2-agent || true
systemctl reset-failed rke2-server || true
systemctl reset-failed rke2-agent || true

find "$INSTALL_RKE2_ROOT/lib/systemd/system" /etc/systemd/system \
  \( -name 'rke2-*.service' -o -name 'rke2-*.env' \) -type f -delete || true
systemctl daemon-reload
rm -f "$INSTALL_RKE2_ROOT/bin/rke2" "$INSTALL_RKE2_ROOT/bin/rke2-killall.sh"
rm -rf "$INSTALL_RKE2_ROOT/share/rke2"
rm -rf /etc/rancher/rke2 /etc/rancher/node /etc/cni /opt/cni/bin /var/lib/cni /var/log/pods /var/log/containers
rmdir /etc/rancher 2>/dev/null || true
rm --one-file-system -rf /var/lib/kubelet || true
rm -rf -- "$RKE2_DATA_DIR"
rmdir /var/lib/rancher 2>/dev/null || true
rm -f "$INSTALL_RKE2_ROOT/bin/rke2-uninstall.sh"
echo "Cleanup completed successfully"
