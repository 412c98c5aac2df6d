#!/bin/sh
# What people see of layers: explain, tree, trace.
. "$(dirname "$0")/lib.sh"
require_mounts

layers() {
  mkdir -p top/etc base/etc base/data u w m
  echo new >top/etc/motd
  echo old >base/etc/motd
  echo gone >base/etc/old
  mknod top/etc/old c 0 0
  echo 12345 >base/data/big
}

options='lowerdir=top:base,upperdir=u,workdir=w'

# code COMMAND...: its exit code, its standard error in the file err
code() {
  result=0
  "$@" >out 2>err || result=$?
}

# has TEXT FILE
has() {
  grep -qF -- "$1" "$2" || {
    tail -n 40 "$2"
    fail "missing in $2: $1"
  }
}

explain_isWhatTheMountThenDoes() {
  layers
  "$plyfs" mount -o "$options" m
  "$plyfs" explain m /etc/motd >out
  has '/etc/motd: regular file, mode 0644, 4B, from layer 2' out
  has 'layer 1   hidden      regular file, 4B: layer 2 has it' out
  has 'copy up /etc: directory' out
  has 'copy up /etc/motd: 4B of data, synced before it becomes visible' out
  echo changed >>m/etc/motd
  [ -f u/etc/motd ] || fail "not copied up"
  "$plyfs" explain "$PWD/m" "$PWD/m/etc/motd" >out
  has 'from the upper layer' out
  has 'write     changed in place, in the upper layer' out
  code "$plyfs" explain m /etc/old
  equal 1 "$result" "exit code of a deleted path"
  has 'does not exist' out
  has 'layer 2   whiteout' out
  for path in m/etc/motd ./m//etc/motd etc/motd; do
    "$plyfs" explain m "$path" >out
    has '/etc/motd: regular file' out
  done
  "$plyfs" explain m / >out
  has 'etc/                                     upper + 2 + 1' out
  "$plyfs" umount m
}

explain_ofOptionsAndImages_andItsJson() {
  layers
  "$plyfs" explain -o "$options" data/big >out
  has 'from layer 1' out
  "$plyfs" explain --json -o "$options" /data/big >out
  python3 -c 'import json; d = json.load(open("out")); assert d["layer"] == 1, d
assert d["changes"]["delete"]["steps"][-1]["kind"] == "whiteout-made", d' || fail "json"
  if [ -x /bin/busybox ]; then
    "$here/../scripts/sample-image" image.tar
    "$plyfs" load --store store image.tar >out
    code "$plyfs" explain --store store plyfs-sample /etc/old.conf
    equal 1 "$result" "exit code of a deleted path"
    has 'layer 3   whiteout' out
    has 'layer 1   hidden      regular file, 16B: layer 3 deletes it' out
  fi
}

explain_ofAHardLinkInAnIndex_andOfAFileWithoutItsData() {
  layers
  ln base/data/big base/other
  "$plyfs" mount -o "$options,index=on,metacopy=on" m
  chmod 600 m/data/big
  "$plyfs" explain m /other >out
  has 'from the upper layer' out
  has 'found through the index: another of its hard links was copied up' out
  has 'link the copy in the index to /other' out
  "$plyfs" explain m /data/big >out
  has 'upper     attributes  regular file, 6B: only owner, mode and times (metacopy); the data is below' out
  has 'layer 1   data        regular file, 6B: the data of the file' out
  "$plyfs" umount m
}

explain_saysInOneSentenceWhatIsWrong() {
  layers
  code "$plyfs" explain none /x
  equal 1 "$result" "exit code without a mount"
  equal 1 "$(wc -l <err)" "lines"
  has "none is not a Plyfs mount of this user (see 'plyfs ps'), and there is no image 'none'" err
  code "$plyfs" explain -o "$options" /etc/motd/x
  equal 1 "$result" "exit code below a file"
  has 'plyfs: /etc/motd is not a directory (ENOTDIR)' err
  code "$plyfs" explain m
  equal 2 "$result" "exit code without a path"
  code "$plyfs" explain -o "$options" ../x
  equal 2 "$result" "exit code of .."
}

tree_tellsWhatIsWasted_andCiHasAnExitCode() {
  [ -x /bin/busybox ] || skip 'needs busybox-static'
  "$here/../scripts/sample-image" image.tar
  "$plyfs" load --store store image.tar >out
  "$plyfs" tree --store store plyfs-sample >out
  has '  D      -16B  /etc/old.conf' out
  has '  16B  /etc/old.conf: in layer 1, deleted in layer 3' out
  has '60B wasted: efficiency 99.9%' out
  code "$plyfs" tree --store store plyfs-sample --ci --max-wasted 59B
  equal 3 "$result" "exit code over the limit"
  has 'more than 59B' out
  code "$plyfs" tree --store store plyfs-sample --ci --max-wasted 50MiB
  equal 0 "$result" "exit code within a limit in MiB"
  has 'within 50MiB' out
  code "$plyfs" tree --store store plyfs-sample --depth -1
  equal 2 "$result" "exit code of a negative depth"
  code "$plyfs" tree --store store plyfs-sample --layer -1
  equal 2 "$result" "exit code of a negative layer"
  code "$plyfs" tree --store store plyfs-sample --ci --max-wasted 10%
  equal 0 "$result" "exit code within the limit"
  code "$plyfs" tree --store store plyfs-sample --ci
  equal 2 "$result" "exit code without a limit"
  code "$plyfs" tree --store store plyfs-sample --layer 4
  equal 2 "$result" "exit code of a missing layer"
  has 'there is no layer 4: they are 1 to 3' err
}

tree_ofAMount_hasTheUpperLayer() {
  layers
  "$plyfs" mount -o "$options" m
  echo mine >m/mine
  rm m/data/big
  "$plyfs" tree m >out
  has "upper  $PWD/u  5B: 1 added, 1 changed, 1 deleted" out
  has '/data/big: in layer 1, deleted in the upper layer' out
  "$plyfs" umount m
}

# Starts a trace, its output in the file out; returns when it watches.
watch() {
  "$plyfs" trace "$@" >out 2>err &
  tracer=$!
  until grep -q '^watching' err; do
    kill -0 "$tracer" 2>/dev/null || fail "no trace: $(cat err)"
    sleep 0.02
  done
}

# Ends it; what was recorded until now is printed first.
unwatch() {
  kill "$tracer"
  wait "$tracer" || true
}

trace_tellsOfLookupsCopyUpsWhiteoutsAndRenames() {
  layers
  "$plyfs" mount -o "$options" m
  cat m/data/big >/dev/null
  watch m
  cat m/etc/motd >/dev/null
  echo more >>m/data/big
  rm m/data/big
  mv m/etc m/etc2
  unwatch
  ! grep -Eq 'lookup +/etc/motd' out || fail "a lookup that the topmost part answered"
  has 'lookup           /etc: upper absent, 2 found, 1 merged' out
  grep -Eq 'copy-up          /data/big: 6B from layer 1 in .*\(prepare .*, data .*, sync .*, commit .*\)' out ||
    fail "no copy-up: $(cat out)"
  has 'whiteout-made    /data/big' out
  has 'redirect-set     /etc: its lower part is etc' out
  has 'renamed          /etc -> /etc2' out
  watch --json --filter whiteout,renamed m
  mv m/etc2 m/etc
  touch m/data/big
  unwatch
  python3 -c 'import json
kinds = [json.loads(line)["kind"] for line in open("out")]
assert kinds == ["whiteout-removed", "renamed", "whiteout-removed"], kinds' || fail "json: $(cat out)"
  "$plyfs" umount m
}

trace_saysWhyACopyUpFailed() {
  mkdir -p base disk m
  head -c 3000000 /dev/zero | tr '\0' x >base/big
  mount -t tmpfs -o size=1m none disk || skip "needs mount(8)"
  mkdir disk/u disk/w
  "$plyfs" mount -o lowerdir=base,upperdir=disk/u,workdir=disk/w m
  watch --filter copy-up m
  ! echo more >>m/big || fail "there was room"
  unwatch
  has '/big: FAILED with ENOSPC, ' out
  "$plyfs" umount m
}

trace_endsWithTheMount_andNeverHoldsItUp() {
  layers
  "$plyfs" mount -o "$options" m
  log=/run/plyfs/events.$("$plyfs" ps | awk -v m="$PWD/m" '$3 == m { print $1 }')
  [ -f "$log" ] || fail "no log at $log"
  watch m
  kill -STOP "$tracer"
  i=0
  while [ "$i" != 200 ]; do
    : >"m/data/new$i"
    i=$((i + 1))
  done
  rm -r m/data
  kill -CONT "$tracer"
  "$plyfs" umount m
  wait "$tracer" || fail "exit code $?"
  has 'has ended' err
  [ ! -e "$log" ] || fail "log left"
}

trace_saysInOneSentenceWhatIsWrong() {
  layers
  code "$plyfs" trace m
  equal 1 "$result" "exit code without a mount"
  has 'm is not a Plyfs mount of this user' err
  "$plyfs" mount -o "$options" m
  code "$plyfs" trace --filter nonsense m
  equal 2 "$result" "exit code of an unknown kind"
  has "unknown kind of event 'nonsense'" err
  "$plyfs" umount m
}

for name in $(sed -n 's/^\([a-z][a-z0-9]*[A-Z_][A-Za-z0-9_]*\)() {$/\1/p' "$0"); do
  scenario "$name"
done
finish
