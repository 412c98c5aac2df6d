#!/bin/sh
# A mount from its start to its end, also to an end by accident.
. "$(dirname "$0")/lib.sh"
require_mounts

options='lowerdir=l1:l2,upperdir=u,workdir=w'

layers() {
  mkdir -p l1 l2 u w m
  echo one >l1/a
  echo two >l2/b
}

# mounted OPTION...: mounts at m, sets pid
mounted() {
  extra=$(printf ',%s' "$@")
  "$plyfs" mount -o "$options$extra" m
  pid=$(daemon m)
}

# daemon MOUNTPOINT: its process
daemon() {
  "$plyfs" ps | awk -v m="$PWD/$1" '$3 == m { print $1 }'
}

# code COMMAND...: its exit code, its standard error in the file err
code() {
  result=0
  "$@" 2>err || result=$?
}

# says TEXT COMMAND...: it fails with this message
says() {
  text=$1
  shift
  code "$@"
  [ "$result" != 0 ] || fail "$* succeeded"
  grep -qF -- "$text" err || fail "$*: $(cat err)"
}

# Waits for the end of a process that is not ours, and of all its threads: the last one
# closes the descriptors. No time is assumed, only an end.
await() {
  while [ -d "/proc/$1" ] && ! { grep -q '^State:.Z' "/proc/$1/status" &&
    [ "$(ls "/proc/$1/task" | wc -l)" = 1 ]; } 2>/dev/null; do
    sleep 0.02
  done
}

# A file system for layers at DIRECTORY.
disk() {
  mkdir -p "$1"
  mount -t tmpfs none "$1"
}

# A search for services opens every jar of the class path and reads its directory: 20 ms of a start.
startOfAMount_looksForNoServices() {
  layers
  mkdir -p jdk/bin
  java=$(command -v "${JAVA_HOME:+$JAVA_HOME/bin/}java")
  cat >jdk/bin/java <<END
#!/bin/sh
for word; do
  shift
  [ "\$word" != -Xlog:disable ] || word='-Xlog:class+load:file=$PWD/classes'
  set -- "\$@" "\$word"
done
exec '$java' "\$@"
END
  chmod +x jdk/bin/java
  JAVA_HOME=$PWD/jdk "$plyfs" mount -o "$options" m
  equal one "$(cat m/a)" 'a file of the mount'
  grep -q plyfs.union.UnionFs classes || fail 'the list of classes does not have those of the mount'
  ! grep ServiceLoader classes || fail 'services were looked for'
}

sameUpperTwice_isRefused_untilTheFirstDaemonIsDead() {
  layers
  mkdir m2 w2
  mounted
  says 'EBUSY' "$plyfs" mount -o "$options" m2
  equal 32 "$result" 'exit code'
  equal 1 "$(wc -l <err)" 'lines on standard error'
  equal '' "$(daemon m2)" 'a second daemon'
  kill -9 "$pid"
  "$plyfs" mount -o "$options" m2
  equal one "$(cat m2/a)" 'content'
  "$plyfs" umount m2
  umount m
}

lazyUmountOfAnIdleMount_letsTheNextOneStart() {
  layers
  for n in 1 2 3; do
    "$plyfs" mount -o "$options" m
    echo "$n" >m/x
    umount -l m
  done
  "$plyfs" mount -o "$options" m
  equal 3 "$(cat m/x)" 'content'
  "$plyfs" umount m
}

umount_freesTheFileSystemsOfItsLayersAtOnce() {
  mkdir m
  disk lo
  disk up
  mkdir lo/l1 lo/l2 up/u up/w
  echo one >lo/l1/a
  for n in 1 2 3; do
    "$plyfs" mount -o 'lowerdir=lo/l1:lo/l2,upperdir=up/u,workdir=up/w' m
    echo "$n" >>m/a
    # While it is mounted they are free already: the daemon holds private clones.
    umount m
    umount lo up
    disk lo
    disk up
    mkdir lo/l1 lo/l2 up/u up/w
    echo one >lo/l1/a
  done
}

umountWhileBusy_isEbusy_andChangesNothing() {
  layers
  mounted
  exec 5<m/a
  says 'target is busy' umount m
  equal one "$(cat m/a)" 'content'
  exec 5<&-
  umount m
  await "$pid"
}

fusermount_ends() {
  command -v fusermount3 >/dev/null || skip 'needs fusermount3'
  layers
  mounted
  fusermount3 -u m
  await "$pid"
  ! mountpoint -q m || fail 'still mounted'
}

foreground_endsWith0_afterFusermount() {
  command -v fusermount3 >/dev/null || skip 'needs fusermount3'
  layers
  "$plyfs" mount -f -o "$options" m 2>log &
  until mountpoint -q m; do sleep 0.02; done
  fusermount3 -u m
  wait $! || fail "exit code $?: $(cat log)"
}

# SEMANTICS 3.39, 6.23.
mountPointInsideALayer_andLayersInsideTheMountPoint_doNotHang() {
  layers
  mkdir l1/m
  "$plyfs" mount -o "$options" l1/m
  equal 'a b m' "$(timeout 20 ls l1/m | tr '\n' ' ' | sed 's/ $//')" 'names'
  equal '' "$(timeout 20 ls l1/m/m)" 'the covered directory'
  timeout 20 sh -c 'echo x >l1/m/m/x'
  umount l1/m
  [ -f u/m/x ] || fail 'no file in the upper directory'
  mkdir -p m/l m/u m/w
  echo in >m/l/a
  "$plyfs" mount -o 'lowerdir=m/l,upperdir=m/u,workdir=m/w' m
  timeout 20 sh -c 'echo more >>m/a'
  equal 'in more' "$(timeout 20 cat m/a | tr '\n' ' ' | sed 's/ $//')" 'content'
  umount m
  [ -f m/u/a ] || fail 'no file in the upper directory inside the mount point'
}

# SEMANTICS 6.23: as users of another engine report it.
lowerLayerThatContainsTheMountPoint_hangsTheMachine() {
  layers
  "$plyfs" mount -o lowerdir=/,upperdir=u,workdir=w m 2>err || true
  if ! mountpoint -q m; then # u and w lie inside the lower layer
    grep -q 'ELOOP' err || fail "$(cat err)"
    "$plyfs" mount -o lowerdir=/ m
  fi
  equal one "$(timeout 20 cat "m$PWD/l1/a")" 'content'
  equal '' "$(timeout 20 ls "m$PWD/m")" 'the mount point, seen through itself'
  timeout 20 sync -f m || fail 'sync waits'
  timeout 20 find "m$PWD" >/dev/null || fail 'find waits'
  timeout 20 df m >/dev/null || fail 'df waits'
  umount m
}

# SEMANTICS 4.83.
daemon_touchesNotItsOwnMount() {
  layers
  mounted
  while read -r line; do
    case $line in
      *" $PWD/m/"* | *" $PWD/m") fail "mapped: $line" ;;
    esac
  done <"/proc/$pid/maps"
  for link in "/proc/$pid/cwd" "/proc/$pid/root" "/proc/$pid/fd/"*; do
    case $(readlink "$link" || true) in
      "$PWD/m" | "$PWD/m/"*) fail "$link is in the mount" ;;
    esac
  done
  umount m
}

# SEMANTICS 4.83, 6.23.
blockedLayer_holdsUpItsOwnFilesAlone() {
  command -v python3 >/dev/null || skip 'needs python3'
  layers
  mkdir -p slow/d m2 l1/p
  for n in 1 2 3; do echo slow >"slow/d/f$n"; done
  for n in $(seq 16); do echo "$n" >"l1/p/f$n"; done
  "$plyfs" mount -o lowerdir=slow m2
  server=$(daemon m2)
  "$plyfs" mount -o 'lowerdir=l1:l2:m2,upperdir=u,workdir=w,threads=2' m
  ls m/p m/d/.. >/dev/null
  kill -STOP "$server"
  # More than there are threads: further ones are started.
  for n in 1 2 3; do
    cat "m/d/f$n" >"slow$n.out" &
    eval "reader$n=$!"
  done
  result=0
  timeout 60 python3 -c '
import os, threading
failures = []
def work(n):
    try:
        for i in range(4):
            name = "m/p/f%d" % (n % 16 + 1)
            with open(name) as f: f.read()
            os.stat("m/a")
            os.chmod("m/p/f%d" % (n % 16 + 1), 0o644)
            with open("m/p/new%d" % n, "w") as f: f.write("x")
            os.listdir("m/p")
            os.rename("m/p/new%d" % n, "m/p/old%d" % n)
    except OSError as e: failures.append(e)
threads = [threading.Thread(target=work, args=(n,)) for n in range(64)]
for t in threads: t.start()
for t in threads: t.join()
print(failures)
' >py.out 2>&1 || result=$?
  for n in 1 2 3; do
    eval "kill -0 \$reader$n" || fail 'the read of the blocked layer did not wait'
  done
  kill -CONT "$server"
  for n in 1 2 3; do eval "wait \$reader$n"; done
  equal '0 []' "$result $(cat py.out)" 'requests beside a blocked one'
  equal slow "$(sort -u slow1.out slow2.out slow3.out)" 'content of the blocked file'
  umount m
  umount m2
}

upperOnAReadOnlyFileSystem_isRefused_unlessTheMountIsReadOnly() {
  layers
  disk up
  mkdir up/u up/w
  echo up >up/u/f
  mount -o remount,ro up
  says 'EROFS' "$plyfs" mount -o lowerdir=l1,upperdir=up/u,workdir=up/w m
  equal 32 "$result" 'exit code'
  equal 1 "$(wc -l <err)" "lines: $(cat err)"
  "$plyfs" mount -o lowerdir=l1,upperdir=up/u,workdir=up/w,ro m
  equal 'up one' "$(cat m/f m/a | tr '\n' ' ' | sed 's/ $//')" 'content'
  umount m up
}

# SEMANTICS 4.84, 6.23.
sync_returns_whileTheMountIsWritten() {
  layers
  mounted
  dd if=/dev/zero of=m/big bs=1M count=32 status=none &
  timeout 60 sync -f m
  timeout 60 sync -d m/a
  wait $! || fail 'dd failed'
  umount m
  equal 33554432 "$(stat -c %s u/big)" 'size'
}

# SEMANTICS 4.84, 6.23.
frozenUpper_holdsWriters_andThawLetsThemGoOn() {
  truncate -s 64M image
  mkfs.ext4 -q -O ^has_journal image 2>/dev/null || skip 'needs mkfs.ext4'
  mkdir l1 m disk
  echo one >l1/a
  mount -o loop image disk 2>/dev/null || skip 'needs a loop device'
  mkdir disk/u disk/w
  "$plyfs" mount -o 'lowerdir=l1,upperdir=disk/u,workdir=disk/w' m
  echo before >m/before
  fsfreeze -f disk
  (
    echo more >>m/a
    echo x >m/x
  ) &
  writer=$!
  equal before "$(timeout 20 cat m/before)" 'reading while frozen'
  equal one "$(timeout 20 head -n 1 l1/a)" 'the lower layer while frozen'
  fsfreeze -u disk
  wait "$writer" || fail 'the writer failed'
  umount m
  equal 'one more x' "$(cat disk/u/a disk/u/x | tr '\n' ' ' | sed 's/ $//')" 'written data'
  umount disk
}

stoppedDaemon_goesOnWhereItWas() {
  layers
  seq 20000 >l1/numbers
  mounted
  for n in 1 2 3 4; do
    (for f in $(seq 50); do cat m/numbers >"m/copy$n.$f" || exit 1; done) &
    eval "job$n=$!"
  done
  for n in $(seq 10); do
    kill -STOP "$pid"
    sleep 0.02
    kill -CONT "$pid"
    sleep 0.02
  done
  for n in 1 2 3 4; do
    eval "wait \$job$n" || fail "writer $n failed"
  done
  umount m
  for f in u/copy*; do cmp l1/numbers "$f" || fail "$f differs"; done
  equal 200 "$(ls u | grep -c copy)" 'files'
}

kernelOverlay_onAMountAsLower_andBelowIt() {
  layers
  mkdir k ku kw pu pw p
  mounted
  echo x >>m/a
  mount -t overlay overlay -o "lowerdir=m:l2,upperdir=ku,workdir=kw" k 2>/dev/null ||
    skip 'needs kernel overlayfs'
  equal 'one x two' "$(cat k/a k/b | tr '\n' ' ' | sed 's/ $//')" 'kernel overlay on Plyfs'
  echo y >>k/a
  rm k/b
  equal 'one x' "$(cat m/a | tr '\n' ' ' | sed 's/ $//')" 'the lower Plyfs mount'
  "$plyfs" mount -o lowerdir=k:l1,upperdir=pu,workdir=pw p
  equal 'one x y' "$(cat p/a | tr '\n' ' ' | sed 's/ $//')" 'Plyfs on the kernel overlay'
  [ ! -e p/b ] || fail 'a whiteout of the kernel overlay is lost'
  echo z >>p/a
  mkdir p/new
  setfattr -n trusted.overlay.opaque -v y p/new 2>/dev/null || skip 'needs setfattr'
  equal y "$(getfattr --only-values -n trusted.overlay.opaque p/new)" 'a mark of the level above'
  "$plyfs" umount p
  equal y "$(getfattr --only-values -n trusted.overlay.overlay.opaque pu/new)" 'the same, escaped'
  "$plyfs" mount -o open=passthrough,lowerdir=k:l1 p
  log=$(log p)
  equal 'one x y' "$(cat p/a | tr '\n' ' ' | sed 's/ $//')" 'a file on an overlay, with passthrough'
  grep -q 'does not accept a file for passthrough.*(ELOOP)' "$log" || fail "lent a file on an overlay: $(cat "$log")"
  "$plyfs" umount p
  umount k
  umount m
}

killedDaemon_givesEnotconn_andLosesNothingSynced() {
  layers
  mounted
  echo synced >m/s
  sync m/s
  mkdir m/d
  mv m/d m/e
  exec 5>m/open
  exec 6<m/a
  kill -9 "$pid"
  await "$pid"
  says 'Transport endpoint is not connected' stat m/a
  says 'Transport endpoint is not connected' cat <&6
  exec 6<&-
  exec 5>&-
  says 'Transport endpoint is not connected' ls m
  umount -l m
  "$plyfs" mount -o "$options" m
  equal 'a b e open s' "$(ls m | tr '\n' ' ' | sed 's/ $//')" 'names'
  equal synced "$(cat m/s)" 'content'
  "$plyfs" umount m
  equal '' "$(ls -A w/work | grep -v whiteout || true)" 'workdir'
}

# SEMANTICS 3.41: all signals but those that tell of a fault in the process, KILL and STOP. 16, 34
# and 64 have no name here; dash knows fewer names than others.
harmless='HUP QUIT USR1 USR2 PIPE ALRM 16 CHLD CONT TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR 34 64'

# survives LOG: the daemon with the number in pid serves m after each of them.
survives() {
  for signal in $harmless; do
    kill -s "$signal" "$pid"
    # Statistics come after the signal before them.
    lines=$(grep -c 'statistics: requests' "$1" || true)
    until kill -s USR1 "$pid" && [ "$(grep -c 'statistics: requests' "$1")" -gt "$lines" ]; do
      [ -d "/proc/$pid" ] || fail "SIG$signal ends the daemon: $(tail -n 5 "$1")"
      sleep 0.02
    done
    echo "$signal" >>m/a || fail "after SIG$signal"
    equal "$signal" "$(timeout 20 tail -n 1 m/a)" "content after SIG$signal"
  done
}

# log MOUNTPOINT: its log file
log() {
  "$plyfs" ps | awk -v m="$PWD/$1" '$3 == m { print $NF }'
}

signals_doNotEndADaemonInTheBackground_butTermAndInt() {
  layers
  for end in TERM INT; do
    mounted
    survives "$(log m)"
    kill -s "$end" "$pid"
    await "$pid"
    ! mountpoint -q m || fail "still mounted after SIG$end"
  done
}

signals_doNotEndADaemonInTheForeground_butTermAndInt() {
  layers
  for end in TERM INT; do
    setsid env --default-signal "$plyfs" mount -f -o "$options" m 2>log &
    pid=$!
    until mountpoint -q m; do sleep 0.02; done
    survives log
    kill -s "$end" "$pid"
    wait "$pid" || fail "exit code $? after SIG$end"
    ! mountpoint -q m || fail "still mounted after SIG$end"
  done
}

signalsIgnoredByTheCaller_haveTheirMeaningInTheBackground() {
  layers
  (
    trap '' HUP INT TERM USR1 QUIT
    "$plyfs" mount -o "$options" m
  )
  pid=$(daemon m)
  survives "$(log m)"
  kill -s INT "$pid"
  await "$pid"
  ! mountpoint -q m || fail 'still mounted'
}

usr1_writesStatistics() {
  layers
  mounted
  log=$(log m)
  echo more >>m/a
  kill -s USR1 "$pid"
  until grep -q 'statistics: memory' "$log"; do sleep 0.02; done
  grep -q 'statistics: requests: [1-9][0-9]*: .*LOOKUP [1-9].*WRITE 1' "$log" || fail "$(cat "$log")"
  grep -q 'statistics: copied up: 1 objects, 4 bytes' "$log" || fail "$(cat "$log")"
  grep -q 'statistics: nodes: [1-9]' "$log" || fail "$(cat "$log")"
  umount m
}

# As logrotate(8) does.
hup_opensTheLogAnew() {
  layers
  mounted
  log=$(log m)
  mv "$log" moved
  kill -s HUP "$pid"
  until [ -f "$log" ]; do sleep 0.02; done
  for n in 1 2; do
    until [ "$(readlink "/proc/$pid/fd/$n")" = "$log" ]; do sleep 0.02; done
  done
  equal 600 "$(stat -c %a "$log")" 'mode of the log'
  umount m
  await "$pid"
  grep -q 'INFO plyfs mounted' moved || fail "$(cat moved)"
  grep -q 'INFO plyfs unmounted' "$log" || fail "$(cat "$log")"
}

deadMount_isClearedByTheNextMount() {
  layers
  mounted
  stat m m/a >/dev/null # what the kernel has cached outlives the daemon
  kill -9 "$pid"
  await "$pid"
  mounted
  equal one "$(cat m/a)" 'content'
  grep -q 'unmounted a mount whose daemon had ended' "$(log m)" || fail "$(cat "$(log m)")"
  # Two, one over the other: the second covers the first, and says so.
  mkdir u2 w2
  "$plyfs" mount -o lowerdir=l1,upperdir=u2,workdir=w2 m 2>err
  grep -q "covers the mount of process $pid" err || fail "not said: $(cat err)"
  for each in $(daemon m); do
    kill -9 "$each"
    await "$each"
  done
  mounted
  equal one "$(cat m/a)" 'content'
  umount m
  ! mountpoint -q m || fail 'another mount is below'
}

deadMountOfAnotherType_andLiveMounts_stay() {
  layers
  mounted subtype=other
  kill -9 "$pid"
  await "$pid"
  says 'the program behind the mount there (type fuse.other) has ended' "$plyfs" mount -o "$options" m
  equal 32 "$result" 'exit code'
  mountpoint -q m || fail 'the mount of the other type is gone'
  umount m
  disk m
  echo tmpfs >m/t
  "$plyfs" mount -o "$options" m
  umount m
  equal tmpfs "$(cat m/t)" 'the file system below'
  umount m
}

sameLayersTwiceOnOnePoint_areRefused() {
  layers
  "$plyfs" mount -r -o lowerdir=l1:l2 m
  says 'the same layers are already mounted there' "$plyfs" mount -r -o lowerdir=l1:l2 m
  equal 32 "$result" 'exit code'
  umount m
  ! mountpoint -q m || fail 'two mounts'
}

# SEMANTICS 4.113.
abortByTheControlFile_endsPendingCallsAndTheDaemon() {
  layers
  mounted timeout=0
  control=/sys/fs/fuse/connections
  if [ ! -d "$control/$(stat -c %d m)" ]; then
    mkdir ctl
    mount -t fusectl none ctl 2>/dev/null || skip 'needs fusectl'
    control=ctl
  fi
  control=$control/$(stat -c %d m)
  exec 5<m/a
  kill -STOP "$pid"
  stat m/b 2>pending &
  caller=$!
  until [ "$(cat "$control/waiting")" != 0 ]; do sleep 0.02; done
  echo 1 >"$control/abort"
  ! wait "$caller" || fail 'a call of a stopped daemon succeeded'
  grep -q 'Software caused connection abort' pending || fail "a pending call: $(cat pending)"
  says 'Transport endpoint is not connected' stat m/b
  kill -CONT "$pid"
  await "$pid"
  says 'Transport endpoint is not connected' stat m/b
  says 'Transport endpoint is not connected' ls m
  exec 5<&-
  umount -l m
  "$plyfs" mount -o "$options" m
  equal one "$(cat m/a)" 'content'
  "$plyfs" umount m
}

commandSubstitution_returnsWhenTheMountIsReady() {
  layers
  out=$(timeout 60 "$plyfs" mount -o "$options" m)
  equal '' "$out" 'output'
  equal one "$(cat m/a)" 'content'
  umount m
}

closedStandardStreams_doNotBecomeLayers() {
  layers
  for form in background foreground; do
    if [ "$form" = background ]; then
      timeout 60 "$plyfs" mount -o "$options" m <&- >&- 2>&-
    else
      "$plyfs" mount -f -o "$options" m <&- >&- 2>&- &
      until mountpoint -q m && [ -n "$(daemon m)" ]; do sleep 0.02; done
    fi
    pid=$(daemon m)
    for n in 0 1 2; do
      case $(readlink "/proc/$pid/fd/$n") in
        /dev/null | /var/log/plyfs/*) ;;
        *) fail "$form: descriptor $n is $(readlink "/proc/$pid/fd/$n")" ;;
      esac
    done
    echo x >>m/a
    "$plyfs" umount m
    wait
  done
}

# tampered FAULT COMMAND...: runs it while strace tampers with the daemon's calls
tampered() {
  fault=$1
  shift
  strace -f -qq -o trace -e "inject=$fault" -p "$pid" 2>strace.err &
  tracer=$!
  until grep -q '^TracerPid:.[1-9]' "/proc/$pid/task/"*/status 2>/dev/null &&
    ! grep -L '^TracerPid:.[1-9]' "/proc/$pid/task/"*/status | grep -q .; do
    [ -d "/proc/$tracer" ] || skip "needs strace that may attach: $(cat strace.err)"
    sleep 0.02
  done
  "$@"
  kill "$tracer"
  wait "$tracer" || true
}

enosysOfTheUpper_isEopnotsupp_onceOnly() {
  command -v strace >/dev/null || skip 'needs strace'
  layers
  mounted
  echo x >m/f
  echo y >m/g
  tampered 'fallocate:error=ENOSYS' code fallocate -l 100000 m/f
  grep -q 'Operation not supported' err || fail "$(cat err)"
  fallocate -l 100000 m/g
  equal 100000 "$(stat -c %s m/g)" 'size of the other file'
  umount m
}

# Descriptors of the daemon that lie in layers.
held() {
  for link in "/proc/$pid/fd/"*; do readlink "$link" || true; done | grep -c "/\(f\|made\)[0-9]*\$" || true
}

# SEMANTICS 4.117.
callerKilledWhileItsOpenIsAnswered_leavesNoHandle() {
  command -v strace >/dev/null || skip 'needs strace'
  layers
  for n in 1 2 3; do echo "$n" >"l1/f$n"; done
  mounted open=cache # by default there is no OPEN, and files stay open for a while
  killed() {
    for n in 1 2 3; do
      cat "m/f$n" >/dev/null &
      kill -9 $! 2>/dev/null || true
      wait $! 2>/dev/null || true
      sh -c "exec 5>m/made$n; exec sleep 9" &
      kill -9 $! 2>/dev/null || true
      wait $! 2>/dev/null || true
      stat "m/none$n" 2>/dev/null &
      kill -9 $! 2>/dev/null || true
      wait $! 2>/dev/null || true
    done
  }
  tampered 'openat,openat2,statx:delay_enter=20000' killed
  equal 1 "$(cat m/f1)" 'content'
  equal 0 "$(held)" 'open files of the daemon'
  umount m
  await "$pid"
}

killedWriterOfAMapping_losesNothing_afterUmount() {
  command -v python3 >/dev/null || skip 'needs python3'
  layers
  printf '%04096d' 0 >l1/page
  mounted
  python3 -c '
import mmap, os, signal
f = os.open("m/page", os.O_RDWR)
m = mmap.mmap(f, 4096)
m[0:7] = b"written"
private = mmap.mmap(f, 4096, mmap.MAP_PRIVATE)
private[100:107] = b"private"
os.kill(os.getpid(), signal.SIGKILL)
' || true
  umount m
  equal written "$(head -c 7 u/page)" 'shared mapping'
  ! grep -q private u/page || fail 'a private mapping changed the file'
}

accessBeyondTheEndOfATruncatedFile_isSigbus() {
  command -v python3 >/dev/null || skip 'needs python3'
  layers
  printf '%08192d' 0 >l1/pages
  mounted
  result=0
  python3 -c '
import mmap, os
f = os.open("m/pages", os.O_RDWR)
m = mmap.mmap(f, 8192)
os.truncate("m/pages", 100)
print(m[8000])
' >out 2>err || result=$?
  equal 135 "$result" "exit code: $(cat out err)"
  umount m
}

# As in a sandbox that takes /proc away when all is set up. What the daemon knows only through
# /proc/self/fd: an object without a name that it can use, and its attributes.
procTakenFromTheDaemon_changesGoOn() {
  for tool in unshare python3 setfattr; do
    command -v "$tool" >/dev/null || skip "needs $tool"
  done
  layers
  mkdir l1/d l1/e
  for i in 1 2 3 4 5 6; do echo "lower $i" >"l1/d/f$i"; done
  ln -s nowhere l1/link
  mknod l1/device c 1 3
  setfattr -n user.gone -v 1 l1/d/f6
  unshare -m sh -euc '
    "$1" mount -o "$2" m
    "$1" ps | awk -v m="$PWD/m" "\$3 == m { print \$1 }" >pid
    trap "kill $(cat pid)" EXIT
    umount -l /proc
    ! test -e /proc/self
    cd m
    echo made >new
    echo appended >>d/f1 # copied up, with its marks
    chmod 600 d/f2
    chown -h 12:13 link device d/f3
    setfattr -n user.set -v 1 d/f4
    setfattr -n user.set -v 1 d
    setfattr -x user.gone d/f6
    setfattr -hn trusted.set -v 1 link
    getfattr -dhm . link d/f4 >../xattrs
    ln d/f5 linked
    mv d/f4 d/moved
    mv e moved.e
    mv d/f6 "d/f 6"
    mkdir -p made.d/below
    ln -s target soft
    mkfifo fifo
    rm d/f2
    mkdir e # in the place of a whiteout
    truncate -s 2 d/f3
    python3 -c "
import ctypes, os
file = os.open(\"d\", os.O_TMPFILE | os.O_RDWR, 0o640)
os.write(file, b\"nameless\")
assert ctypes.CDLL(None).linkat(file, b\"\", -100, b\"named\", 0x1000) == 0
os.fsync(file)
file = os.open(\"d/f5\", os.O_RDWR)
os.unlink(\"d/f5\")
os.unlink(\"linked\")
os.write(file, b\"written\")
os.fchmod(file, 0o604)
os.setxattr(file, \"user.x\", b\"1\")
assert os.fstat(file).st_mode & 0o777 == 0o604
assert os.listxattr(file) == [\"user.x\"], os.listxattr(file)
"
  ' sh "$plyfs" "$options"
  await "$(cat pid)"
  equal 2 "$(grep -c set= xattrs)" "attributes: $(cat xattrs)"
  "$plyfs" mount -o "$options" m
  cd m
  equal 'd/f 6 d/f1 d/f3 d/moved' "$(echo d/*)" 'names'
  equal 'made lower 1 appended lower 4 lower 6 nameless' \
    "$(echo $(cat new d/f1 d/moved 'd/f 6' named))" 'contents'
  equal lo "$(cat d/f3)" 'a file that was cut'
  equal '12:13 12:13 12:13' "$(echo $(stat -c %u:%g link device d/f3))" 'owners'
  equal 'user.set="1"' "$(getfattr -d d d/moved 'd/f 6' | grep = | sort -u)" 'attributes'
  test -d moved.e && test -d e && test -d made.d/below && test -p fifo
  equal target "$(readlink soft)" 'a symbolic link'
  cd ..
  umount m
}

for name in $(sed -n 's/^\([a-z][a-z0-9]*[A-Z_][A-Za-z0-9_]*\)() {$/\1/p' "$0"); do
  scenario "$name"
done
finish
