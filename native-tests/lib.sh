# For the suites: each scenario is a function; "scenario NAME" runs it in a subshell with
# an own directory and prints one line "ok NAME", "not ok NAME" or "skip NAME: REASON".
here=$(cd "$(dirname "$0")" && pwd -P)
plyfs=$here/../scripts/plyfs
failures=0
only=" $* " # the scenarios that are named on the command line; none means all

# Takes away every mount below a directory, the last first.
unmount_below() {
  awk -v d="$1/" 'index($5, d) == 1 { print $5 }' /proc/self/mountinfo | sort -r |
    while read -r point; do umount -l "$(printf '%b' "$point")"; done
}

# The log files of mounts below a directory of mktemp.
remove_logs_below() {
  rm -f "/var/log/plyfs/$(printf '%s' "${1#/}" | tr / -)-"*
}

# A suite that is ended leaves no mount behind.
given_up() {
  [ -z "${dir:-}" ] || {
    unmount_below "$dir"
    remove_logs_below "$dir"
    rm -rf "$dir" "$dir.out" "$dir.skip"
  }
  exit 1
}
trap given_up INT TERM

# ends the scenario
skip() {
  printf '%s\n' "$1" >"$dir.skip"
  exit 0
}

# fail MESSAGE: ends the scenario
fail() {
  printf 'FAILED: %s\n' "$1"
  exit 1
}

# equal EXPECTED ACTUAL WHAT
equal() {
  [ "$1" = "$2" ] || fail "$3: expected '$1', got '$2'"
}

scenario() {
  case $only in '  ' | *" $1 "*) ;; *) return 0 ;; esac
  dir=$(mktemp -d)
  (
    cd "$dir" || exit 1
    set -eu
    "$1"
  ) >"$dir.out" 2>&1
  code=$?
  unmount_below "$dir"
  if [ "$code" != 0 ]; then
    echo "not ok $1"
    sed 's/^/  /' "$dir.out"
    failures=$((failures + 1))
  elif [ -f "$dir.skip" ]; then
    echo "skip $1: $(cat "$dir.skip")"
  else
    echo "ok $1"
  fi
  remove_logs_below "$dir"
  rm -rf "$dir" "$dir.out" "$dir.skip"
}

# Ends a suite that cannot run here.
require_mounts() {
  reason=''
  [ "$(id -u)" = 0 ] || reason='needs root'
  [ -c /dev/fuse ] || reason='needs /dev/fuse'
  [ -f "$here/../target/plyfs.jar" ] || reason='needs target/plyfs.jar'
  if [ -n "$reason" ]; then
    echo "skip all: $reason"
    exit 0
  fi
}

finish() {
  [ "$failures" = 0 ]
}
