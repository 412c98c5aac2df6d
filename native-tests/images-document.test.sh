#!/bin/sh
# docs/IMAGES.md: every command prints what the document shows.
. "$(dirname "$0")/lib.sh"
require_mounts

everyCommandOfTheDocument_printsWhatItShows() {
  for tool in python3 docker-registry skopeo crun jq curl; do
    command -v "$tool" >/dev/null || skip "needs $tool"
  done
  [ -x /bin/busybox ] || [ -x /usr/bin/busybox ] || skip 'needs busybox-static'
  # What the document makes in a temporary directory goes with this one.
  TMPDIR=$PWD
  export TMPDIR
  # A document that fails half-way leaves its registry and its mounts.
  trap 'pkill -f "^docker-registry serve registry-of-images.yml" || true' EXIT
  cd "$here/.."
  python3 native-tests/run-document.py docs/IMAGES.md
}

scenario everyCommandOfTheDocument_printsWhatItShows
finish
