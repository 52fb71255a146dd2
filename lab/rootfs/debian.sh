# Which Debian the hosts have, and where it comes from; sourced, never run. Whoever does has `say`.
suite=bookworm

# The mirror is the one this machine's apt already uses: the first of its sources that carries the suite.
mirror() {
  local uri work; work=$(mktemp -d); trap 'rm -rf "$work"' RETURN
  for uri in $(apt-get indextargets --no-release-info --format '$(REPO_URI)' 'Created-By: Packages' | awk '!seen[$0]++'); do
    if /usr/lib/apt/apt-helper download-file "${uri%/}/dists/$suite/InRelease" "$work/InRelease" >/dev/null 2>&1 &&
      grep -q '^Origin: Debian$' "$work/InRelease"; then
      echo "${uri%/}"
      return
    fi
  done
  say "none of this machine's apt sources carries Debian $suite: add one to /etc/apt/sources.list.d and try again"
  return 1
}

# The proxies of this machine's apt, for those who do not read its configuration.
take_proxies() {
  eval "$(apt-config shell http_proxy Acquire::http::Proxy https_proxy Acquire::https::Proxy)"
  [ -z "${http_proxy:-}" ] || export http_proxy
  [ -z "${https_proxy:-}" ] || export https_proxy
}
