#!/bin/sh
# What a look at names costs: requests that reach the daemon, and system calls that it makes.
. "$(dirname "$0")/lib.sh"
require_mounts

options='lowerdir=l,upperdir=u,workdir=w'

# Mounts in the foreground, each request a line of the file log.
mountWithLog() {
  "$plyfs" mount -f -d -o "$options" m 2>log &
  until mountpoint -q m; do sleep 0.05; done
}

# requests OPCODE: how many there have been
requests() {
  grep -c "$1 node" log || true
}

# SEMANTICS 4.16, 6.8
missingName_isAskedForOnce() {
  mkdir -p l/d u w m
  mountWithLog
  ls m/d >/dev/null
  before=$(requests LOOKUP)
  for i in 1 2 3; do
    ! [ -e m/d/missing ] || fail "there, the $i. time"
  done
  equal $((before + 1)) "$(requests LOOKUP)" "lookups of a missing name"
  touch m/d/missing
  [ -e m/d/missing ] || fail "not there after it was made"
  "$plyfs" umount m
  wait
}

# SEMANTICS 4.16: a name that was listed or looked up is known, too.
knownName_isNotAskedForAgain() {
  mkdir -p l/d u w m
  touch l/d/f
  mountWithLog
  [ -e m/d/f ] || fail "not there"
  before=$(requests LOOKUP)
  for i in 1 2 3; do
    [ -e m/d/f ] || fail "not there, the $i. time"
  done
  equal "$before" "$(requests LOOKUP)" "lookups"
  "$plyfs" umount m
  wait
}

# calls NAME: how often the traced daemon has made a system call
calls() {
  grep -c "$1(" trace || true
}

# traced COMMAND...: runs it while the system calls of the daemon go to the file trace
traced() {
  strace -f -qq -o trace -e trace=statx,getdents64 -p "$daemon" 2>/dev/null &
  tracer=$!
  until grep -q "^TracerPid:.$tracer" /proc/"$daemon"/task/*/status; do
    [ -d "/proc/$tracer" ] || skip "strace cannot attach"
    sleep 0.05
  done
  "$@" >/dev/null || true
  kill -INT "$tracer"
  wait "$tracer" || true
}

bigDirectory() {
  command -v strace >/dev/null || skip "needs strace"
  mkdir -p l/big u/big w m
  (cd l/big && seq -f 'name-%.0f' 100000 | xargs touch)
  "$plyfs" mount -o "$options" m
  daemon=$("$plyfs" ps | awk -v m="$PWD/m" '$3 == m { print $1 }')
}

# SEMANTICS 4.81, 6.21. Of a listing the first request asks for attributes, the others do not.
bigDirectory_isReadOnlyToBeListed_andItsEntriesAreNotLookedAt() {
  bigDirectory
  traced stat m/big m/big/name-5 m/big/none 2>/dev/null
  equal 0 "$(calls getdents64)" "directories read for three names"
  [ "$(calls statx)" -ge 2 ] || fail "the trace of the lookups is empty"
  [ "$(calls statx)" -le 20 ] || fail "$(calls statx) calls of statx for three names"
  traced ls -f m/big
  [ "$(calls getdents64)" -ge 2 ] || fail "the trace has no listing"
  [ "$(calls statx)" -le 2000 ] || fail "$(calls statx) calls of statx for 100000 names"
  equal 100000 "$(ls -f m/big | grep -c name-)" "names"
  "$plyfs" umount m
}

scenario missingName_isAskedForOnce
scenario knownName_isNotAskedForAgain
scenario bigDirectory_isReadOnlyToBeListed_andItsEntriesAreNotLookedAt
finish
