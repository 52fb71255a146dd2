# Where the set-up keeps things; sourced, never run.
SLIPWAY_NODE_VERSION=24.21.0
# A cron job or a unit may have no HOME.
: "${HOME:=$(getent passwd "$(id -u)" | cut -d: -f6)}"
SLIPWAY_CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/slipway"
case "$(uname -m)" in
  aarch64) SLIPWAY_NODE_ARCH=arm64 ;;
  *) SLIPWAY_NODE_ARCH=x64 ;;
esac
SLIPWAY_NODE="$SLIPWAY_CACHE/node-$SLIPWAY_NODE_VERSION/bin/node"
SLIPWAY_PYTHON="${SLIPWAY_PYTHON:-$(command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)}"
SLIPWAY_PYTHON_ENV="$SLIPWAY_CACHE/ansible-$(sha256sum "${SLIPWAY_ROOT:-.}/ansible/requirements.txt" | cut -c1-16)"

# Whether the sources of the checkout $1 are those of its last build.
slipway_is_built() {
  [ -e "$1/dist/built" ] &&
    [ -z "$(find "$1/src" "$1/package-lock.json" "$1/scripts/build" -newer "$1/dist/built" -print -quit)" ]
}
