#!/bin/sh
# The bench: a small run of everything, and runs that cannot or must not go on.
. "$(dirname "$0")/lib.sh"
require_mounts

# code COMMAND...: its exit code; what it said in the files out and err
code() {
  result=0
  "$@" >out 2>err || result=$?
}

bench() {
  "$plyfs" bench copy-up --dir "$PWD" --warm-up 2 "$@"
}

# Nothing of a run is left: no mount, no loop device, no directory, no daemon.
clean() {
  ! grep -F "$PWD/plyfs-bench" /proc/self/mountinfo || fail "a mount is left"
  ! grep -sF "$PWD/plyfs-bench" /sys/block/loop*/loop/backing_file || fail "a loop device is left"
  for left in plyfs-bench.*; do [ ! -e "$left" ] || fail "$left is left"; done
  ! "$plyfs" ps | grep -F "$PWD/plyfs-bench" || fail "a daemon is left"
}

smallRun_measuresEachEngine_andWritesWhatItMeasured() {
  bench --sizes 16K --depth 2 --pattern first-byte,many-small --engine plyfs,kernel --rounds 1 \
    --json r.json --csv r.csv --html r.html >out
  equal 4 "$(grep -c '^  plyfs ' out)" "lines of plyfs"
  equal 4 "$(grep -c '^  kernel .* 1\.00 .* 1\.00 ' out)" "lines of the kernel"
  equal 4 "$(grep -c '^  volume .* nothing$' out)" "lines of the floor"
  grep -q '^first-byte of 16K at depth 2, warm   \[2 of 4, about .* left\]$' out || fail "$(cat out)"
  equal 12 "$(grep -c '^{"fs":' r.json)" "cases in JSON"
  grep -qF '"command": "bench copy-up --dir' r.json || fail "no command in JSON"
  equal 13 "$(wc -l <r.csv)" "lines of CSV"
  grep -qF '</html>' r.html || fail "no report"
  ! grep -E '(src|href)=|https?://' r.html || fail "the report refers to something outside"
  code "$plyfs" bench compare r.json r.json
  equal 0 "$result" "exit code of compare"
  grep -q '^0 of 0 times changed .*24 not decided' out || fail "$(cat out)"
  clean
}

daemonIsCountedByStrace_andTheMethodFollows() {
  command -v strace >/dev/null || skip 'needs strace'
  bench --sizes 16K --depth 1 --pattern chmod --engine plyfs:metacopy=on --rounds 1 --json r.json >out
  grep -q '^  plyfs:metacopy=on .* metadata only$' out || fail "$(cat out err)"
  grep '"temperature":"warm","engine":"plyfs:metacopy=on"' r.json | grep -q '"calls":{.*setxattr' ||
    fail "$(cat r.json)"
  clean
}

missingEngineAndFileSystem_areNamedAndLeftOut() {
  cp -rs /usr/bin/. bin
  rm -f bin/fuse-overlayfs bin/strace
  PATH=$PWD/bin bench --sizes 4K --depth 1 --pattern truncate --engine fuse-overlayfs --rounds 1 >out 2>err
  grep -qF 'engine fuse-overlayfs is left out: fuse-overlayfs is not in PATH' err || fail "$(cat err)"
  grep -qF 'strace is not in PATH: system calls are not counted' err || fail "$(cat err)"
  equal 2 "$(grep -c '^  volume ' out)" "lines of the floor"
  code bench --fs nosuchfs
  equal 1 "$result" "exit code without a file system"
  grep -qF 'file system nosuchfs is left out: mkfs.nosuchfs is not in PATH' err || fail "$(cat err)"
  clean
}

tooLittleSpace_isSaidBeforeAnythingStarts() {
  code bench --sizes 4K,1T
  equal 1 "$result" "exit code"
  grep -q 'not enough space for .*: [0-9]* MiB needed, [0-9]* MiB free' err || fail "$(cat err)"
  equal '' "$(cat out)" "output"
  clean
}

wrongWords_areRefused() {
  for words in '--sizes 4X' '--depth 8..1' '--pattern chomd' '--engine aufs' '--rounds -1'; do
    # shellcheck disable=SC2086
    code bench $words
    equal 2 "$result" "exit code of $words"
    grep -qF "see 'plyfs bench copy-up --help'" err || fail "$words: $(cat err)"
  done
  code bench --json nowhere/r.json
  equal 1 "$result" "exit code"
  grep -q 'cannot write .*nowhere/r.json' err || fail "$(cat err)"
}

# A mount namespace that another program makes has copies of all mounts, and holds them.
mountNamespaceMadeMeanwhile_doesNotHoldTheMounts() {
  mkfifo lines
  "$plyfs" bench copy-up --dir "$PWD" --warm-up 1 --sizes 4K --depth 1 --pattern chmod,first-byte \
    --engine plyfs --rounds 1 >lines 2>err &
  run=$!
  holder=''
  while IFS= read -r line; do
    if [ -z "$holder" ]; then
      unshare -m sleep 1000 &
      holder=$!
      [ "$(readlink "/proc/$run/ns/mnt")" != "$(readlink "/proc/$$/ns/mnt")" ] ||
        fail 'the bench mounts where everybody sees it'
    fi
  done <lines
  result=0
  wait "$run" || result=$?
  kill "$holder"
  equal 0 "$result" "exit code: $(cat err)"
  clean
}

interruptedRun_unmountsEverything_andKeepsWhatItMeasured() {
  command -v mkfs.xfs >/dev/null || skip 'needs mkfs.xfs'
  [ -e /dev/loop-control ] || skip 'needs loop devices'
  mkfifo lines
  # The shell has a command in the background ignore SIGINT.
  env --default-signal=INT "$plyfs" bench copy-up --dir "$PWD" --fs xfs --engine plyfs,kernel \
    --pattern first-byte,chmod --rounds 2 --warm-up 2 --json r.json >lines 2>err &
  run=$!
  while IFS= read -r line; do
    case $line in '  volume '*) kill -s INT "$run" ;; esac
    printf '%s\n' "$line" >>out
  done <lines
  result=0
  wait "$run" || result=$?
  equal 130 "$result" "exit code"
  grep -qF 'interrupted: everything is unmounted' err || fail "$(cat err)"
  grep -qF '"interrupted": true' r.json || fail "$(cat r.json)"
  grep -q '^{"fs":"xfs".*"engine":"kernel"' r.json || fail "no case in $(cat r.json)"
  clean
}

for name in $(sed -n 's/^\([a-z][a-z0-9]*[A-Z_][A-Za-z0-9_]*\)() {$/\1/p' "$0"); do
  scenario "$name"
done
finish
