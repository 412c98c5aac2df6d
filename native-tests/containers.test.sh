#!/bin/sh
# Containers and volumes: named mounts, their life and death, bind mounts, tmpfs, and programs run by
# crun, runc and unshare.
. "$(dirname "$0")/lib.sh"
require_mounts
[ -x /bin/busybox ] || [ -x /usr/bin/busybox ] || {
  echo "skip all: needs busybox-static"
  exit 0
}
image=$(mktemp -d)
trap 'rm -rf "$image"' EXIT
"$here/../scripts/sample-image" "$image/sample.tar"

loaded() {
  PLYFS_STORE=$PWD/store
  export PLYFS_STORE
  "$plyfs" load "$image/sample.tar" >/dev/null
  mkdir -p m n host
}

# refused CODE SENTENCE COMMAND...
refused() {
  expected=$1 sentence=$2
  shift 2
  code=0
  "$@" >out 2>err || code=$?
  equal "$expected" "$code" "exit code of $*: $(cat err)"
  equal "plyfs: $sentence" "$(cat err)" "message of $*"
}

# statuses: the names and states of all containers, in one line
statuses() {
  "$plyfs" ps -a --format '{{.Names}}={{.State}}' | paste -sd' '
}

# server MOUNT-POINT: the process that serves it
server() {
  "$plyfs" ps | awk -v m="$1" '$3 == m { print $1 }'
}

# awaited NAME STATE
awaited() {
  for _ in $(seq 200); do
    [ "$("$plyfs" ps -a --format '{{.State}}' -f "name=^$1\$")" != "$2" ] || return 0
    sleep 0.1
  done
  fail "$1 is not $2: $(statuses)"
}

container_keepsItsChanges_overStopAndStart_andGoesWithRm() {
  loaded
  "$plyfs" mount --name web1 plyfs-sample "$PWD/m" >out
  id=$("$plyfs" ps -q --no-trunc)
  equal "container $id" "$(cat out)" 'what mount prints'
  echo change >m/new
  equal web1 "$("$plyfs" stop web1)" stop
  [ ! -e m/new ] || fail 'still mounted'
  equal 'web1=exited' "$(statuses)" 'after stop'
  equal web1 "$("$plyfs" start web1)" start
  equal web1 "$("$plyfs" start web1)" 'start of one that runs'
  equal change "$(cat m/new)" 'change after start'
  equal 7 "$(stat -c %s "store/overlay2/$id/diff/new")" 'in its own layer'
  refused 1 'cannot remove container "/web1": container is running: stop the container before removing or force remove' \
    "$plyfs" rm web1
  equal web1 "$("$plyfs" rm -f web1)" 'rm -f'
  equal '' "$(statuses)" 'after rm'
  [ ! -e "store/overlay2/$id" ] || fail 'its layer is left'
  ! grep -q " $PWD/m " /proc/self/mountinfo || fail 'still mounted'
}

severalContainersOfAnImage_haveTheirOwnChanges_andKeepIt() {
  loaded
  "$plyfs" mount --name web1 plyfs-sample m >/dev/null
  "$plyfs" mount --name web2 plyfs-sample n >/dev/null
  echo one >m/which
  echo two >n/which
  equal 'one two' "$(cat m/which) $(cat n/which)" 'own changes'
  printf 'web1\nweb2\n' >expected
  "$plyfs" stop web1 web2 >out
  diff expected out
  "$plyfs" start web1 web2 >out
  diff expected out
  equal 'one two' "$(cat m/which) $(cat n/which)" 'own changes after start'
  "$plyfs" stop web1 web2 >/dev/null
  short=$("$plyfs" images -q)
  refused 1 "cannot remove 'plyfs-sample', image $short: container web2 uses it: remove it first with 'plyfs rm web2'" \
    "$plyfs" rmi plyfs-sample
  "$plyfs" prune -af >/dev/null
  equal '2 0 8B 8B' "$("$plyfs" df | awk '$1 == "Containers" { print $2, $3, $4, $5 }')" df
  "$plyfs" container prune -f >out
  equal 'Total reclaimed space: 8B' "$(tail -1 out)" 'container prune'
  "$plyfs" rmi plyfs-sample >/dev/null
}

names_areUnique_andCanBeChanged() {
  loaded
  "$plyfs" mount --name web1 plyfs-sample m >/dev/null
  id=$("$plyfs" ps -q --no-trunc)
  refused 32 "Conflict. The container name \"/web1\" is already in use by container \"$id\". You have to remove (or rename) that container to be able to reuse that name. To mount that one again, use 'plyfs start web1'." \
    "$plyfs" mount --name web1 plyfs-sample n
  "$plyfs" rename web1 web2
  equal 'web2=running' "$(statuses)" 'after rename'
  equal web2 "$("$plyfs" ps | awk -v m="$PWD/m" '$3 == m { print $5 }')" 'name of the mount'
  "$plyfs" stop "$(printf %.5s "$id")" >/dev/null
  refused 1 'No such container: web1' "$plyfs" start web1
  refused 1 "options '-v', '--tmpfs' and '--label' need '--name': they belong to a container, which 'plyfs start' mounts again" \
    "$plyfs" mount -v /a:/b plyfs-sample n
}

filters_andSizes_areDockers() {
  loaded
  "$plyfs" mount --name web1 --label tier=front -v vol1:/data plyfs-sample m >/dev/null
  "$plyfs" mount --name db plyfs-sample n >/dev/null
  printf 12345 >m/five
  "$plyfs" stop db >/dev/null
  equal web1 "$("$plyfs" ps --format '{{.Names}}')" 'without -a'
  equal db "$("$plyfs" ps -f status=exited --format '{{.Names}}')" status
  equal web1 "$("$plyfs" ps -a -f label=tier=front --format '{{.Names}}')" label
  equal web1 "$("$plyfs" ps -a -f volume=vol1 --format '{{.Names}}')" volume
  equal db "$("$plyfs" ps -a -f name=d --format '{{.Names}}')" name
  equal 2 "$("$plyfs" ps -aq -f ancestor=plyfs-sample | wc -l)" ancestor
  equal '5B (virtual 1.98MB)' "$("$plyfs" ps -s --format '{{.Size}}')" size
  equal 'CONTAINER ID   IMAGE          COMMAND   CREATED' "$("$plyfs" ps -a | sed -n '1s/  *STATUS.*//p')" heading
  "$plyfs" stop web1 >/dev/null
}

killedDaemon_leavesADeadContainer_thatStartsAgainWithAllBelow() {
  loaded
  echo file >host/file
  "$plyfs" mount --name web1 -v "$PWD/host:/data" --tmpfs /t plyfs-sample m >/dev/null
  echo change >m/new
  kill -9 "$(server "$PWD/m")"
  awaited web1 dead
  "$plyfs" start web1 >/dev/null
  equal 'change file' "$(cat m/new) $(cat m/data/file)" 'after start'
  equal 3 "$(grep -c " $PWD/m[ /]" /proc/self/mountinfo)" 'mounts, none of the dead one'
  kill -9 "$(server "$PWD/m")"
  awaited web1 dead
  "$plyfs" rm web1 >/dev/null
  equal 0 "$(grep -c " $PWD/m[ /]" /proc/self/mountinfo || true)" 'mounts after rm'
}

mountsBelow_areUndoneInReverse_andPutBackIfOneIsInUse() {
  loaded
  mkdir host/inner
  "$plyfs" mount --name web1 -v "$PWD/host:/data" --tmpfs /data/inner:size=1m,mode=700 -v /anonymous \
    plyfs-sample m >/dev/null
  echo kept >m/data/inner/file
  equal 'tmpfs 700' "$(stat -f -c %T m/data/inner) $(stat -c %a m/data/inner)" tmpfs
  (
    cd m/data
    sleep 30 &
    echo $! >"$dir/holder"
  )
  code=0
  "$plyfs" stop web1 2>err || code=$?
  equal 1 "$code" 'exit code while in use'
  grep -q "^plyfs: cannot stop container web1: $PWD/m/data: Device or resource busy (EBUSY): process $(cat holder) (sleep) has its working directory there" err ||
    fail "$(cat err)"
  equal kept "$(cat m/data/inner/file)" 'what the tmpfs held'
  equal 4 "$(grep -c " $PWD/m[ /]" /proc/self/mountinfo)" 'mounts'
  kill "$(cat holder)"
  "$plyfs" umount m
  equal 0 "$(grep -c " $PWD/m[ /]" /proc/self/mountinfo || true)" 'mounts after umount'
  equal 'web1=exited' "$(statuses)" 'after umount'
  "$plyfs" start web1 >/dev/null
  kill "$(server "$PWD/m")"
  awaited web1 exited
  equal 0 "$(grep -c " $PWD/m[ /]" /proc/self/mountinfo || true)" 'mounts after SIGTERM'
  "$plyfs" rm -v web1 >/dev/null
  equal '' "$("$plyfs" volume ls -q)" 'anonymous volume'
}

readOnlyBind_cannotBeWritten_andLinksOfTheImageStayInside() {
  loaded
  echo secret >host/file
  mkdir -p root/etc
  ln -s "$PWD/n" root/out
  ln -s /etc root/inside
  tar -C root -cf tree.tar .
  "$plyfs" import tree.tar linked >/dev/null
  code=0
  "$plyfs" mount --name web1 -v "$PWD/host:/out/x" linked m >/dev/null 2>err || code=$?
  equal "32 plyfs: cannot mount $PWD/host at /out/x: File exists (EEXIST)" "$code $(cat err)" 'a link that leads nowhere'
  "$plyfs" mount --name web2 -v "$PWD/host:/data:ro" -v "$PWD/host/file:/inside/file:ro" linked m >/dev/null
  equal '' "$(ls n)" 'outside the root'
  equal secret "$(cat m/etc/file)" 'through a link of the image'
  ! touch m/etc/file 2>/dev/null || fail 'written'
  "$plyfs" stop web2 >/dev/null
}

volume_isFilledFromTheImageOnce_andOutlivesContainers() {
  loaded
  "$plyfs" mount --name web1 -v vol1:/app plyfs-sample m >/dev/null
  equal '755 hello' "$(stat -c %a m/app/hello) $(ls m/app)" 'filled'
  equal "$(stat -c '%a %Y' store/volumes/vol1/_data)" "$(stat -c '%a %Y' m/app)" 'mode and time'
  rm m/app/hello
  echo mine >m/app/mine
  "$plyfs" rm -f web1 >/dev/null
  "$plyfs" mount --name web2 -v vol1:/app plyfs-sample m >/dev/null
  equal mine "$(ls m/app)" 'not filled again'
  refused 1 'remove vol1: volume is in use - [web2]' "$plyfs" volume rm vol1
  "$plyfs" rm -f web2 >/dev/null
  equal "$PWD/store/volumes/vol1/_data" "$("$plyfs" volume inspect -f '{{.Mountpoint}}' vol1)" inspect
  "$plyfs" volume prune -f >/dev/null
  equal vol1 "$("$plyfs" volume ls -q)" 'prune without -a'
  equal vol1 "$("$plyfs" volume rm vol1)" rm
  refused 1 'get vol1: no such volume' "$plyfs" volume rm vol1
  equal vol1 "$("$plyfs" volume rm -f vol1)" 'rm -f'
}

failedMount_leavesNoContainer() {
  loaded
  code=0
  "$plyfs" mount --name web1 -v "$image/sample.tar:/etc" plyfs-sample m >/dev/null 2>err || code=$?
  equal 32 "$code" 'exit code'
  grep -q 'one of the two is a directory and the other is not' err || fail "$(cat err)"
  equal '' "$(statuses)" 'containers'
  equal 0 "$(grep -c " $PWD/m[ /]" /proc/self/mountinfo || true)" 'mounts'
}

# programs RUNTIME: what every runtime does
programs() {
  "$plyfs" run --runtime "$1" --rm plyfs-sample /app/hello >out
  equal 'hello from the image' "$(cat out)" 'program of the image'
  code=0
  "$plyfs" run --runtime "$1" --name r1 -e A=b -w /new/dir -v vol1:/data --tmpfs /t plyfs-sample \
    sh -c 'echo "$A $(pwd) $(id -u)"; echo x >/data/file; echo y >/changed; exit 7' >out || code=$?
  equal '7 b /new/dir 0' "$code $(cat out)" 'exit code and output'
  equal x "$(cat store/volumes/vol1/_data/file)" 'in the volume'
  equal 'Exited (7)' "$("$plyfs" ps -a --format '{{.Status}}' | cut -c1-10)" status
  equal y "$(cat store/overlay2/*/diff/changed)" 'in its layer'
  "$plyfs" rm r1 >/dev/null
  code=0
  "$plyfs" run --runtime "$1" --rm plyfs-sample nope 2>err || code=$?
  equal '127 plyfs: exec: "nope": executable file not found in $PATH' "$code $(tail -1 err)" 'a program that is not there'
  code=0
  "$plyfs" run --runtime "$1" --rm plyfs-sample /etc/passwd >/dev/null 2>&1 || code=$?
  equal 126 "$code" 'a file that is no program'
  equal in "$(echo in | "$plyfs" run --runtime "$1" -i --rm plyfs-sample cat)" 'standard input'
  equal '' "$("$plyfs" run --runtime "$1" --rm plyfs-sample cat </dev/zero)" 'no standard input without -i'
  equal '7 8' "$("$plyfs" run --runtime "$1" --rm -u 7:8 plyfs-sample sh -c 'echo "$(id -u) $(id -g)"')" user
  equal '' "$(statuses)" 'after --rm'
  "$plyfs" run --runtime "$1" --name r2 plyfs-sample \
    sh -c 'trap "exit 5" TERM; echo up; while :; do sleep 0.1; done' >out 2>/dev/null &
  for _ in $(seq 200); do [ ! -s out ] || break; sleep 0.1; done
  equal r2 "$("$plyfs" stop r2)" stop
  code=0
  wait $! || code=$?
  equal 5 "$code" 'exit code of a program that was stopped'
  "$plyfs" rm r2 >/dev/null
  equal 0 "$(grep -c " $PWD/store/" /proc/self/mountinfo || true)" 'mounts that are left'
}

runc_runsPrograms() {
  command -v runc >/dev/null || skip 'needs runc'
  loaded
  programs runc
  equal box "$("$plyfs" run --runtime runc --rm -h box plyfs-sample hostname)" 'host name'
  code=0
  "$plyfs" run --runtime runc --rm --read-only plyfs-sample touch /x 2>/dev/null || code=$?
  equal 1 "$code" 'read-only root'
}

# crun refuses a mix of cgroups of both versions, so it gets a namespace with those of version 2.
crun_runsPrograms() {
  command -v crun >/dev/null || skip 'needs crun'
  loaded
  printf '#!/bin/sh\nexec crun --cgroup-manager=disabled "$@"\n' >crun
  chmod 755 crun
  cat >inside.sh <<'END'
umount -l /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup || exit 99
"$1" run --runtime ./crun --rm plyfs-sample /bin/true || exit 98
END
  code=0
  unshare -m sh inside.sh "$plyfs" >out 2>&1 || code=$?
  [ "$code" != 99 ] && [ "$code" != 98 ] || skip "crun does not run here: $(tail -1 out)"
  "$plyfs" run --runtime ./crun --rm plyfs-sample true >/dev/null 2>&1 || true
  cat >inside.sh <<'END'
umount -l /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
"$1" run --runtime ./crun --rm -h box plyfs-sample sh -c 'echo "$(hostname) $(id -u)"; exit 3'
END
  code=0
  unshare -m sh inside.sh "$plyfs" >out 2>err || code=$?
  equal '3 box 0' "$code $(cat out)" 'a program'
}

unshare_runsPrograms_andSaysWhatItDoesNot() {
  loaded
  programs unshare
  "$plyfs" run --runtime unshare --rm plyfs-sample true 2>err
  grep -q 'with unshare(1) and chroot(2) the program has the capabilities and devices of its user' err ||
    fail "$(cat err)"
}

coveredContainer_isNotStoppedInPlaceOfWhatCoversIt() {
  loaded
  "$plyfs" mount --name below plyfs-sample m >/dev/null
  "$plyfs" mount --name above plyfs-sample m >/dev/null 2>&1
  pid=$(server "$PWD/m" | tail -n 1)
  refused 1 "cannot stop container below: another mount, fuse.plyfs of process $pid, covers $PWD/m:\
 unmount it first" "$plyfs" stop below
  equal 'above=running below=running' "$(statuses)" 'after the refusal'
  equal above "$("$plyfs" stop above)" 'stop of the one on top'
  mount -t tmpfs cover m
  refused 1 "cannot stop container below: another mount, tmpfs, covers $PWD/m: unmount it first" \
    "$plyfs" rm -f below
  umount m
  equal below "$("$plyfs" stop below)" 'stop of the one below'
}

commandLines_endAsDockersDo() {
  loaded
  for words in '-d plyfs-sample true' '--privileged plyfs-sample true' '-v rel/path:/x plyfs-sample true'; do
    code=0
    # shellcheck disable=SC2086
    "$plyfs" run $words >out 2>err || code=$?
    equal 125 "$code" "exit code of run $words: $(cat err)"
  done
  "$plyfs" rm -f nothing 2>err
  equal 'plyfs: No such container: nothing' "$(cat err)" 'rm -f of none'
  "$plyfs" images -q -q --format '{{.ID}}' --format '{{.Repository}}' >/dev/null 2>&1 && fail '-q and --format'
  equal plyfs-sample "$("$plyfs" images --format '{{.ID}}' --format '{{.Repository}}')" 'the last of two'
}

for name in $(sed -n 's/^\([a-z][a-z0-9]*[A-Z_][A-Za-z0-9_]*\)() {$/\1/p' "$0"); do
  scenario "$name"
done
finish
