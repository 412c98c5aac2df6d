#!/bin/sh
# scripts/bench: a smallest run, its pages, and runs that cannot or must not go on.
. "$(dirname "$0")/lib.sh"
require_mounts
for needed in python3 gcc; do
  if ! command -v "$needed" >/dev/null; then
    echo "skip all: needs $needed"
    exit 0
  fi
done

# code COMMAND...: its exit code; what it said in the files out and err
code() {
  result=0
  "$@" >out 2>err || result=$?
}

bench() {
  mkdir -p layer/usr/bin
  echo perl >layer/usr/bin/perl
  "$here/../scripts/bench" --tiny --layers "$PWD/layer" --dir "$PWD/runs" --out "$PWD/out.d" "$@"
}

# Nothing of a run is left: no mount, no loop device, no daemon, no folder.
clean() {
  ! grep -F "$PWD/runs" /proc/self/mountinfo || fail "a mount is left"
  ! grep -sF "$PWD/runs" /sys/block/loop*/loop/backing_file || fail "a loop device is left"
  for left in runs/*; do [ ! -e "$left" ] || fail "$left is left"; done
  for process in /proc/[0-9]*; do
    ! tr '\0' '\n' <"$process/cmdline" 2>/dev/null | grep -q "^$PWD/runs/.*/\(mnt\|null\)\$" ||
      fail "a daemon is left: $process"
  done
  for left in /sys/kernel/tracing/instances/plyfs-bench-*; do
    # Another run has its own.
    [ ! -e "$left" ] || [ -e "/proc/${left##*-}" ] || fail "$left is left"
  done
}

# sentence EXIT-CODE WORDS: how the last command ended, and what its only line begins with
sentence() {
  equal "$1" "$result" "exit code"
  equal 1 "$(wc -l <err)" "lines"
  grep -qF "bench: $2" err || fail "expected '$2', got '$(cat err)'"
}

smallestRun_writesResultsPageAndChart_andWhyARowFailed() {
  bench --only ladder --rows stat,miss,chown_tree,rss --systems plyfs >out 2>err || fail "$(cat err)"
  python3 - out.d/ladder.json <<'PYTHON' || fail "$(cat out.d/ladder.json)"
import json, sys
result = json.load(open(sys.argv[1]))
assert list(result["rows"]) == ["stat", "miss", "chown_tree", "rss"], result["rows"]
for row in ("stat", "miss"):
    for system in ("kernel", "plyfs"):
        samples = result["rows"][row]["results"][system]["samples"]
        assert len(samples) == 1 and samples[0] > 0, (row, system)
assert "kernel" not in result["rows"]["rss"]["results"]
assert result["machine"]["kernel"].startswith("Linux ")
PYTHON
  page=out.d/ladder.md
  equal 3 "$(grep -c '^| `\(stat\|miss\|rss\)` | .* | \(yes\|no\) |$' $page)" "rows with a target"
  grep -qF '](charts/ladder.svg)' $page || fail "no chart in the page"
  python3 -c 'import sys, xml.dom.minidom as dom; dom.parse(sys.argv[1])' out.d/charts/ladder.svg
  grep -qF '<title>plyfs miss: ' out.d/charts/ladder.svg || fail "$(cat out.d/charts/ladder.svg)"
  reason='the layers have no usr/lib/python3.*: they need python3'
  grep -qF "\`chown_tree\` failed on plyfs: $reason" $page || fail "$(cat $page)"
  clean
}

aRun_replacesItsOwnPages_andNoOthers() {
  bench --only ladder --rows stat --systems plyfs >out 2>err || fail "$(cat err)"
  page=out.d/ladder.md
  echo 'A remark.' >>$page
  echo 'Written by hand.' >out.d/remarks.md
  echo 'Of another run.' >out.d/memory.md
  rm out.d/charts/ladder.svg
  bench --only ladder --rows miss --systems plyfs --add >out 2>err || fail "$(cat err)"
  bench --render >out 2>err || fail "$(cat err)"
  equal 2 "$(grep -c '^| `\(stat\|miss\)` .* | \(yes\|no\) |$' $page)" "rows, one of them added"
  ! grep -q 'A remark' $page || fail "a page is not written anew"
  equal 'Written by hand.' "$(cat out.d/remarks.md)" "a page that is none of the run's"
  equal 'Of another run.' "$(cat out.d/memory.md)" "a page of a section that was not run"
  [ -f out.d/charts/ladder.svg ] || fail "no chart was written"
}

chartsOfTheOverview_areDrawnFromTheTables() {
  measured=$here/../docs/benchmarks/measured
  mkdir out.d
  cp "$measured"/*.md out.d
  bench --charts >out 2>err || fail "$(cat err)"
  for chart in work copy-up layers; do
    cmp "out.d/charts/$chart.svg" "$measured/charts/$chart.svg" || fail "$chart.svg is not of these tables"
  done
}

anotherFileSystem_isMadeAndTakenAway() {
  [ -e /dev/loop-control ] || skip 'needs loop devices'
  command -v mkfs.xfs >/dev/null || skip 'needs mkfs.xfs'
  bench --only filesystems --filesystems xfs --rows copyup_4k --systems plyfs >out 2>err || fail "$(cat err)"
  equal 1 "$(grep -A2 '^| xfs | kernel ' out.d/filesystems.md | grep -c '^| `copyup_4k` | [0-9.]* .s |')" rows
  clean
}

floorOfARow_isItsRequestsTimesARoundTrip() {
  [ -e /sys/kernel/tracing/events/fuse/fuse_request_send ] || skip 'needs the tracepoint fuse:fuse_request_send'
  bench --only ladder,floors --rows stat,miss,create,rss --systems plyfs >out 2>err || fail "$(cat err)"
  python3 - out.d/floors.json <<'PYTHON' || fail "$(cat out.d/floors.json)"
import json, sys
result = json.load(open(sys.argv[1]))
times = result["trips"]["servers"]
assert {"same", "alone", "polling"} <= set(times), times
for server, works in times.items():
    assert list(works) == ["0", "5", "15"], works
    assert works["15"]["samples"][0] > 15_000, (server, works)
rows = {name: row["requests"] for name, row in result["rows"].items()}
assert list(rows) == ["stat", "miss", "create"], rows
assert sum(rows["stat"].values()) < 0.01, rows["stat"]
# Perhaps one more, for the directory.
assert 1 <= rows["miss"]["LOOKUP"] <= 1.02, rows["miss"]
for kind in ("LOOKUP", "GETATTR", "MKNOD", "GETXATTR", "WRITE"):
    assert 1 <= rows["create"][kind] <= 1.03, rows["create"]
PYTHON
  page=out.d/floors.md
  grep -q '^| one thread, on the CPU of its caller | [0-9.]* .s | [0-9.]* .s | [0-9.]* .s |$' $page || fail "$(cat $page)"
  grep -q '^| `stat` | none | 0 | – | – | .* | 0\.9 | \(met\|less work\) |$' $page || fail "$(cat $page)"
  grep -q '^| `miss` | LOOKUP 1[.01]* | 1[.01]* | .* | 3 | \(met\|yes\|at best\|no\) |$' $page || fail "$(cat $page)"
  equal '# The floor: requests and their round trips' "$(head -n 1 $page)" "title"
  clean
}

floorsWithoutTracing_sayThatRequestsWereNotCounted() {
  command -v unshare >/dev/null || skip 'needs unshare'
  mkdir -p layer/usr
  unshare -m sh -c 'for place in /sys/kernel/tracing /sys/kernel/debug; do
      if [ -d $place ]; then mount -t tmpfs none $place || exit; fi
    done
    exec "$@"' sh "$here/../scripts/bench" --tiny --layers "$PWD/layer" --dir "$PWD/runs" \
    --out "$PWD/out.d" --only floors >out 2>err || fail "$(cat err)"
  grep -qFx 'Requests were not counted: tracefs is not mounted at /sys/kernel/tracing.' \
    out.d/floors.md || fail "$(cat out.d/floors.md)"
  clean
}

nullServer_thatIsEnded_unmounts() {
  gcc -O2 -pthread -o null-server "$here/../src/bench/null-server.c"
  mkdir point
  ./null-server "$PWD/point" alone 0 1000000000 &
  server=$!
  until mountpoint -q point; do kill -0 $server || fail 'it has ended'; done
  caller=$(cat /proc/$server/task/$server/children)
  kill $server
  result=0
  wait $server || result=$?
  equal 1 "$result" "exit code"
  ! mountpoint -q point || fail 'it is mounted'
  for process in $caller; do [ ! -e /proc/$process ] || fail "$process is left"; done
}

mirror_isMeasured_inRowsThatMakeRequests() {
  rows=walk_cold,miss,create2,rename,unlink,copyup_4k,chmod_16m,seqwrite,randwrite,fsync,untar
  bench --only ladder --rows $rows,stat --systems mirror >out 2>err || fail "$(cat err)"
  python3 - out.d/ladder.json $rows <<'PYTHON' || fail "$(cat out.d/ladder.json)"
import json, sys
rows = json.load(open(sys.argv[1]))["rows"]
for row in sys.argv[2].split(","):
    result = rows[row]["results"]["mirror"]
    assert "failed" not in result and result["samples"][0] > 0, (row, result)
assert "mirror" not in rows["stat"]["results"], "it would be measured where it is asked for nothing"
PYTHON
  grep -qF "mirror: a server in C that hands each request to the kernel's overlayfs." \
    out.d/ladder.md || fail "$(cat out.d/ladder.md)"
  clean
}

mirrorServer_showsWhatIsBelow_andHandsChangesOn() {
  gcc -O2 -pthread -o mirror-server "$here"/../src/bench/mirror/*.c
  mkdir -p lower/dir upper work below mnt
  echo lower >lower/file
  mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work below
  ./mirror-server below mnt
  echo more >>mnt/file
  mv mnt/file mnt/dir/moved
  ln -s moved mnt/dir/link
  mkdir mnt/dir/new
  echo other >mnt/dir/new/other
  mv mnt/dir/new mnt/renamed
  exec 3<mnt/dir/moved 4<>mnt/renamed/other
  rm mnt/dir/moved mnt/renamed/other
  equal 'lower more' "$(cat <&3 | tr '\n' ' ' | sed 's/ $//')" 'a file without a name'
  equal other "$(cat <&4)" 'a new file without a name'
  exec 3<&- 4<&-
  touch -d 2001-01-01 mnt/renamed
  chown 12:34 mnt/renamed
  truncate -s 5 mnt/dir/made
  diff -r --no-dereference below mnt || fail 'they differ'
  for each in below mnt; do
    equal '12:34 978307200' "$(stat -c '%u:%g %Y' $each/renamed)" "attributes in $each"
  done
  equal 5 "$(stat -c %s upper/dir/made)" 'the size above'
  umount mnt
  for try in 1 2 3 4 5 6 7 8 9; do ! umount below 2>/dev/null || break; sleep 0.1; done
  ! mountpoint -q below || fail 'it still uses what is below'
}

mirrorServer_thatIsEnded_unmounts() {
  gcc -O2 -pthread -o mirror-server "$here"/../src/bench/mirror/*.c
  mkdir below mnt
  ./mirror-server below "$PWD/mnt"
  for process in /proc/[0-9]*; do
    ! tr '\0' '\n' <"$process/cmdline" 2>/dev/null | grep -qFx "$PWD/mnt" || kill "${process#/proc/}"
  done
  for try in 1 2 3 4 5 6 7 8 9; do mountpoint -q mnt || break; sleep 0.1; done
  ! mountpoint -q mnt || fail 'it is mounted'
}

# ended LINE WORDS...: a run that is ended when it says LINE leaves nothing
ended() {
  line_of_end=$1
  shift
  mkfifo lines
  # Not through a function: the signal is for the program itself.
  mkdir -p layer/usr/bin
  echo perl >layer/usr/bin/perl
  "$here/../scripts/bench" --tiny --layers "$PWD/layer" --dir "$PWD/runs" --out "$PWD/out.d" \
    --systems plyfs "$@" >out 2>lines &
  run=$!
  while IFS= read -r line; do
    case $line in *"$line_of_end"*) kill -s TERM "$run" ;; esac
    printf '%s\n' "$line" >>err
  done <lines
  result=0
  wait "$run" || result=$?
  equal 130 "$result" "exit code ($(tail -n 1 err))"
  grep -qF 'bench: interrupted: everything is unmounted' err || fail "$(cat err)"
  for page in out.d/*.md; do [ ! -e "$page" ] || fail "$page was written"; done
  clean
}

endedRun_leavesNothing() {
  ended ', stat: ' --only ladder --rows stat,miss,create
  rm lines err
  ended ', miss: ' --only ladder --rows miss,create --systems mirror
}

endedFloors_leaveNothing() {
  ended 'floors: one thread, on the CPU' --only floors --rows miss,create
  rm lines err
  [ -e /sys/kernel/tracing/events/fuse/fuse_request_send ] || return 0
  ended 'floors: miss' --only floors --rows miss,create
}

wrongWords_andMissingThings_giveOneSentence() {
  code bench --rows stat,nosuch
  sentence 2 "--rows: 'nosuch' is not one of walk_cold"
  code bench --systems aufs
  sentence 2 "--systems: 'aufs' is not one of kernel"
  code bench --only ladders
  sentence 2 "--only: 'ladders' is not one of ladder"
  code bench --rounds 0
  sentence 2 '--rounds wants a number from 1'
  code bench --frobnicate
  sentence 2 'unrecognized arguments: --frobnicate'
  code bench --render
  sentence 1 "no results in $PWD/out.d"
  code bench --charts
  sentence 1 "no tables for the charts in $PWD/out.d"
  code bench --layers "$PWD/nowhere"
  sentence 1 "the layer $PWD/nowhere is no directory"
  cp -rs /usr/bin bin
  rm -f bin/gcc
  PATH=$PWD/bin code bench
  sentence 1 'gcc is missing: install it'
}

withoutRoot_oneSentenceSaysSo() {
  command -v setpriv >/dev/null || skip 'needs setpriv'
  mkdir -p layer/usr/bin
  code setpriv --reuid 65534 --clear-groups "$here/../scripts/bench" --tiny --out "$PWD/out.d"
  sentence 1 'it mounts file systems and drops the page cache: run it as root'
}

for name in $(sed -n 's/^\([a-z][a-z0-9]*[A-Z_][A-Za-z0-9_]*\)() {$/\1/p' "$0"); do
  scenario "$name"
done
finish
