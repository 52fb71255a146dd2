#!/bin/sh
# Ends every process of rke2 on this host, takes its network away, and keeps its data.
if [ "$(id -u)" -ne 0 ]; then
  echo "$(basename "$0"): must be run as root" >&2
  exit 1
fi
RKE2_DATA_DIR=${RKE2_DATA_DIR:-/var/lib/rancher/rke2}

systemctl stop rke2-server.service
systemctl stop rke2-agent.service

"$(dirname "$0")/../share/rke2/containers" end

# What the service manager does not know of carries the data folder in its arguments.
for process in /proc/[0-9]*; do
  pid=${process#/proc/}
  [ "$pid" = $$ ] && continue
  case "$(tr '\0' ' ' 2>/dev/null < "$process/cmdline")" in
    /opt/lab/kubernetes/bin/*"$RKE2_DATA_DIR"/* | /opt/lab/pods/bin/*"$RKE2_DATA_DIR"/*) kill -9 "$pid" 2>/dev/null ;;
  esac
done
rm -rf /run/rke2-outliving
exit 0
