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

# Whether dist/$2 of the checkout $1 was built from its folders $3... as they are.
slipway_is_built() (
  cd "$1"
  built=dist/$2/built
  shift 2
  [ -e "$built" ] && [ -z "$(find "$@" package-lock.json scripts/build -newer "$built" -print -quit)" ]
)

# Where ruff and mypy are; told on demand, since every command sources this.
slipway_lint_env() {
  printf '%s' "$SLIPWAY_CACHE/lint-$(sha256sum python/lint-requirements.txt | cut -c1-16)"
}
