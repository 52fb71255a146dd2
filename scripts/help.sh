# `SCRIPT --help` prints what stands at the head of the script, and does nothing. Sourced before anything else, never run.
case "${1:-}" in
  -h | --help)
    sed -n '2,${ /^#/!q; s/^# \{0,1\}//p; }' "$0"
    exit 0
    ;;
esac
