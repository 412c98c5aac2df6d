#!/bin/sh
# docs/OVERLAY2.md: every command prints what the document shows.
. "$(dirname "$0")/lib.sh"
require_mounts

everyCommandOfTheDocument_printsWhatItShows() {
  command -v python3 >/dev/null || skip 'needs python3'
  command -v getfattr >/dev/null || skip 'needs getfattr: install attr'
  [ -x /bin/busybox ] || [ -x /usr/bin/busybox ] || skip 'needs busybox-static'
  # What the document makes in a temporary directory goes with this one.
  TMPDIR=$PWD
  export TMPDIR
  cd "$here/.."
  python3 native-tests/run-document.py docs/OVERLAY2.md
}

for name in $(sed -n 's/^\([a-z][a-z0-9]*[A-Z_][A-Za-z0-9_]*\)() {$/\1/p' "$0"); do
  scenario "$name"
done
finish
