#!/bin/sh
# Data when something goes wrong: a daemon that is killed, a caller who gives up, a full file
# system, a disk that fails, too few descriptors.
. "$(dirname "$0")/lib.sh"
require_mounts

# Scenarios about open(2) want to be told of it.
options='lowerdir=l1:l2,upperdir=u,workdir=w,open=cache'

layers() {
  mkdir -p l1/d l2 u w m
  echo one >l1/a
  echo two >l2/b
  head -c 5000000 /dev/urandom >l1/d/big
  chmod 0640 l1/d/big
  chown 3:4 l1/d/big
  touch -d '2001-02-03 04:05:06.789' l1/d/big
}

mounter() {
  "$plyfs" ps | awk -v m="$1" '$3 == m { print $1 }'
}

# Waits for the end of a process that is not ours: no time is assumed, only an end.
await() {
  while [ -d "/proc/$1" ] && ! grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; do
    sleep 0.02
  done
}

# traced EXPRESSION: strace with it is attached to the daemon of m when this returns
traced() {
  command -v strace >/dev/null || skip "needs strace"
  pid=$(mounter "$PWD/m")
  strace -f -o trace -e trace=copy_file_range,ftruncate,fchownat,fchown,lchown,fchmod,fchmodat,chmod,fsetxattr,lsetxattr,setxattr,removexattr,utimensat,fsync,linkat,renameat2 \
    -e "$1" -p "$pid" 2>attached &
  tracer=$!
  until grep -q attached attached; do
    [ -d "/proc/$tracer" ] || skip "strace may not attach: $(cat attached)"
    sleep 0.02
  done
}

daemonKilledAtAStepOfCopyUp_leavesTheOldFileOrTheNewOne() {
  layers
  state=$(stat -c '%a %u:%g %s %y' l1/d/big)
  for step in copy_file_range:when=2 fchownat:when=1 utimensat:when=1 fsync:when=1 linkat:when=1 \
    utimensat:when=2; do
    rm -rf u w
    mkdir u w
    "$plyfs" mount -o "$options" m
    call=${step%%:*}
    traced "inject=$call:signal=KILL:${step#*:}"
    perl -e 'open F, "+<", "m/d/big"' || :
    kill -9 "$tracer" 2>/dev/null || : # TERM would have it wait for the threads of the dead
    wait "$tracer" || :
    if [ -d "/proc/$pid" ] && ! grep -q '^State:.Z' "/proc/$pid/status"; then
      kill -9 "$pid" # it makes no such call: killed after the copy-up, then
    fi
    await "$pid"
    umount -l m
    "$plyfs" mount -o "$options" m
    equal "$state" "$(stat -c '%a %u:%g %s %y' m/d/big)" "attributes, killed at $step"
    cmp l1/d/big m/d/big || fail "content, killed at $step"
    [ ! -e u/d/big ] || cmp l1/d/big u/d/big || fail "half a file, killed at $step"
    equal '' "$(find w/work -mindepth 1 ! -type c)" "left in the workdir, killed at $step"
    equal 'a b d' "$(echo $(ls m))" "names, killed at $step"
    "$plyfs" umount m
  done
}

# The times may have moved, and the capability may be gone, as with the kernel's overlayfs: the data
# is written into the file itself.
daemonKilledWhileDataOfAMetacopyFileArrives_leavesTheOldDataOrTheNew() {
  layers
  for step in copy_file_range:when=1 utimensat:when=1 fsync:when=1 removexattr:when=1; do
    rm -rf u w
    mkdir u w
    "$plyfs" mount -o "$options,metacopy=on" m
    chmod 0604 m/d/big
    state=$(stat -c '%a %u:%g %s' m/d/big)
    traced "inject=${step%%:*}:signal=KILL:${step#*:}"
    perl -e 'open F, "+<", "m/d/big" and syswrite F, "new!" and print "written"' >wrote || :
    kill -9 "$tracer" 2>/dev/null || : # TERM would have it wait for the threads of the dead
    wait "$tracer" || :
    equal '' "$(cat wrote)" "what was done in spite of $step: $(cat trace)"
    await "$pid"
    umount -l m
    "$plyfs" mount -o "$options,metacopy=on" m
    equal "$state" "$(stat -c '%a %u:%g %s' m/d/big)" "attributes, killed at $step"
    cmp l1/d/big m/d/big || fail "content, killed at $step"
    printf 'new!' | dd of=m/d/big conv=notrunc status=none
    equal 'new!' "$(head -c 4 m/d/big)" "a later write"
    tail -c +5 m/d/big >rest
    tail -c +5 l1/d/big | cmp - rest || fail "content after a later write, killed at $step"
    "$plyfs" umount m
    equal 'new!' "$(head -c 4 u/d/big)" "data in the upper directory"
    equal 5000000 "$(stat -c %s u/d/big)" "size in the upper directory"
  done
}

# SEMANTICS 4.45. order OPTION...: the calls of one copy-up that give the file its durability and
# its name
order() {
  rm -rf u w
  mkdir u w
  "$plyfs" mount -o "lowerdir=l1:l2,upperdir=u,workdir=w$1" m
  chmod 0711 m/d # so that one object is copied up, and no more
  traced 'trace=fsync,fdatasync,syncfs,linkat,renameat2'
  perl -e 'open F, "+<", "m/d/big" or die; syswrite F, "x" or die'
  "$plyfs" umount m
  wait "$tracer" || :
  sed -n 's/^[0-9]* *\([a-z0-9]*\)(.*= 0$/\1/p' trace | tr '\n' ' '
}

copiedUpFile_isOnDiskBeforeItGetsItsName_unlessNobodyAsksForThat() {
  command -v strace >/dev/null || skip "needs strace"
  layers
  equal 'fsync linkat ' "$(order '')" 'calls'
  equal 'linkat ' "$(order ,volatile)" 'calls of a volatile mount'
  equal 'linkat ' "$(order ,fsync=0)" 'calls with fsync=0'
}

callerWhoGivesUp_endsTheCopy() {
  layers
  head -c 67108864 /dev/zero >l1/huge
  "$plyfs" mount -o "$options" m
  traced 'inject=copy_file_range:delay_enter=300000'
  for signal in INT KILL; do
    : >trace
    perl -e '$SIG{INT} = "DEFAULT"; open F, "+<", "m/huge"; print "opened\n"' >opened &
    opener=$!
    until grep -q copy_file_range trace; do sleep 0.02; done
    kill "-$signal" "$opener"
    wait "$opener" || :
    equal '' "$(cat opened)" "what the opener did after $signal"
    [ ! -e u/huge ] || fail "copied up after $signal"
    equal one "$(cat m/a)" "another file"
  done
  kill "$tracer"
  wait "$tracer" || :
  echo end >>m/huge
  [ -f u/huge ] || fail "not copied up later"
  "$plyfs" umount m
  equal '' "$(find w/work -mindepth 1 ! -type c)" "left in the workdir"
}

# The kernel tells a daemon of the first signal that a caller gets, and restarts nothing that has
# ended with EINTR. The shell gets SIGCHLD while its write has the file copied up.
signalThatDoesNotKill_failsAWrite() {
  command -v bash >/dev/null || skip 'needs bash'
  layers
  head -c 16777216 /dev/zero >l1/huge
  for transport in native jnr-fuse; do
    rm -rf u w
    mkdir u w
    "$plyfs" mount -o "$options,transport=$transport" m
    traced 'inject=copy_file_range:delay_enter=20000'
    bash -c '(until grep -q copy_file_range trace; do sleep 0.02; done) & echo x >>m/huge' 2>err ||
      fail "$transport: $(cat err)"
    kill "$tracer"
    wait "$tracer" || :
    equal 16777218 "$(stat -c %s u/huge)" "size, by $transport"
    "$plyfs" umount m
  done
}

callerKilledAfterAnotherSignal_endsTheCopy() {
  command -v bash >/dev/null || skip 'needs bash'
  layers
  head -c 67108864 /dev/zero >l1/huge
  "$plyfs" mount -o "$options" m
  traced 'inject=copy_file_range:delay_enter=300000'
  bash -c '(until grep -q copy_file_range trace; do sleep 0.02; done) & echo x >>m/huge' &
  writer=$!
  until grep -q '^State:.D' "/proc/$writer/status"; do sleep 0.02; done
  kill -9 "$writer"
  wait "$writer" || :
  [ ! -e u/huge ] || fail 'copied up'
  kill "$tracer"
  wait "$tracer" || :
  "$plyfs" umount m
  equal '' "$(find w/work -mindepth 1 ! -type c)" 'left in the workdir'
}

callerKilledInAPidNamespace_endsTheCopy() {
  layers
  head -c 67108864 /dev/zero >l1/huge
  "$plyfs" mount -o "$options" m
  unshare --pid --fork true 2>err || skip "needs pid namespaces: $(cat err)"
  traced 'inject=copy_file_range:delay_enter=300000'
  unshare --pid --fork sh -c 'echo x >>m/huge' &
  writer=$!
  until grep -q copy_file_range trace; do sleep 0.02; done
  read -r child <"/proc/$writer/task/$writer/children" || : # it ends without a newline
  kill -9 "$child"
  wait "$writer" || :
  [ ! -e u/huge ] || fail 'copied up'
  kill "$tracer"
  wait "$tracer" || :
  "$plyfs" umount m
}

timerOfAMillisecond_failsWrites() {
  command -v python3 >/dev/null || skip 'needs python3'
  layers
  mkdir l1/many
  for i in $(seq 500); do head -c 1024 /dev/zero >"l1/many/$i"; done
  "$plyfs" mount -o "$options" m
  # By the C library, for Python itself repeats a call that gives EINTR.
  python3 -c '
import ctypes, os, signal
caught = 0
def count(*_):
    global caught
    caught += 1
signal.signal(signal.SIGALRM, count)
signal.siginterrupt(signal.SIGALRM, False)  # SA_RESTART
libc = ctypes.CDLL(None, use_errno=True)
failures = {}
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
for i in range(1, 501):
    file = libc.open(b"m/many/%d" % i, os.O_WRONLY | os.O_APPEND)
    if file < 0 or libc.write(file, b"x", 1) != 1:
        failures[i] = os.strerror(ctypes.get_errno())
    libc.close(file)
signal.setitimer(signal.ITIMER_REAL, 0)
print(failures, "no signal came" if caught == 0 else "")
' >failures
  equal '{}' "$(echo $(cat failures))" 'files that could not be written'
  "$plyfs" umount m
}

fullUpper_tellsTheWriter_andKeepsWhatItShows() {
  layers
  mkdir t
  mount -t tmpfs -o size=4m tmpfs t
  mkdir t/u t/w
  "$plyfs" mount -o lowerdir=l1:l2,upperdir=t/u,workdir=t/w m
  ! /bin/echo x 2>err >>m/d/big || fail "copied 5 MB up to 4 MB"
  grep -q 'No space left' err || fail "$(cat err)"
  cmp l1/d/big m/d/big || fail "the lower file is not served"
  [ ! -e t/u/d/big ] || fail "half a file in the upper directory"
  ! dd if=/dev/urandom of=m/x bs=64k count=100 2>err || fail "wrote 6 MB to 4 MB"
  grep -q 'No space left' err || fail "$(cat err)"
  cmp m/x t/u/x || fail "what is read is not what is stored"
  ! perl -e 'open F, ">>", "m/a" or exit 1; syswrite F, "x" x 100000 or exit 1' ||
    fail "appended to a full file system"
  rm m/x
  echo more >>m/a
  equal 'one more' "$(echo $(cat m/a))" "a later write"
  "$plyfs" umount m
  umount t
}

# A file system of 128 MB whose disk fails every write past its 16th with EIO: a memory file that may not grow
# takes none there. (A full one fails them with ENOSPC or EIO, as it happens.)
failingDisk() {
  mkdir disk
  python3 - disk 2>err <<'END' || skip "needs mkfs.ext4 and loop devices: $(cat err)"
import fcntl, os, struct, subprocess, sys
LOOP_CTL_GET_FREE, LOOP_SET_FD, LOOP_SET_STATUS64, LO_FLAGS_AUTOCLEAR = 0x4C82, 0x4C00, 0x4C04, 4
image = os.memfd_create('disk', os.MFD_ALLOW_SEALING)
os.truncate(image, 128 << 20)
subprocess.run(['mkfs.ext4', '-q', '-F', '-E', 'lazy_itable_init=1', '-O', '^has_journal', f'/proc/self/fd/{image}'],
               pass_fds=[image], check=True)
control = os.open('/dev/loop-control', os.O_RDWR)
device = f'/dev/loop{fcntl.ioctl(control, LOOP_CTL_GET_FREE)}'
loop = os.open(device, os.O_RDWR)
fcntl.ioctl(loop, LOOP_SET_FD, image)
fcntl.ioctl(loop, LOOP_SET_STATUS64, struct.pack('=52xI176x', LO_FLAGS_AUTOCLEAR))
subprocess.run(['mount', '-t', 'ext4', '-o', 'errors=continue', device, sys.argv[1]], check=True)
os.truncate(image, 16 << 20)
fcntl.fcntl(image, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW)
END
  mkdir disk/u disk/w
}

# syncs HANDLE...: what fsync says of A and B, two opens of a file that was lost, and C, another
syncs() {
  perl -e 'use IO::Handle;
    open A, "+>", "m/lost"; open B, "+<", "m/lost"; open C, "+>", "m/other";
    syswrite C, "x"; for (1 .. 40) { syswrite A, "y" x 1048576 } system "sync -f disk 2>/dev/null";
    for (@ARGV) { print *{$_}->sync ? "ok " : int($!) . " " }' "$@"
}

failedWriteBack_isToldToEveryOpenOfTheFile() {
  layers
  failingDisk
  "$plyfs" mount -o open=cache,lowerdir=l1:l2,upperdir=disk/u,workdir=disk/w m
  equal '5 5 ok ok ' "$(syncs A B A B)" "fsync of two opens, twice"
  "$plyfs" umount m
  umount disk
}

failedWriteBack_staysWithTheFile_whereOpensAreNotKnown() {
  layers
  failingDisk
  "$plyfs" mount -o open=none,lowerdir=l1:l2,upperdir=disk/u,workdir=disk/w m
  equal '5 5 5 ok ' "$(syncs A B A C)" "fsync of two opens, again, and of another file"
  "$plyfs" umount m
  umount disk
}

# synced: what two fsync in a row say
synced() {
  perl -e 'use IO::Handle; open F, "+<", "m/a"; syswrite F, "x";
    for (1, 2) { print F->sync ? "ok " : int($!) . " " }'
}

fullDiskAtAnFsync_isToldThen_andNotLater() {
  layers
  for options in open=none open=cache; do
    rm -rf u w
    mkdir u w
    "$plyfs" mount -o "lowerdir=l1:l2,upperdir=u,workdir=w,threads=1,$options" m
    echo more >>m/a # so that copying up syncs no more
    for errno in ENOSPC EDQUOT; do
      traced "inject=fsync:error=$errno:when=1"
      said=$(synced)
      kill "$tracer"
      wait "$tracer" || :
      [ "$said" = '28 ok ' ] || [ "$said" = '122 ok ' ] || fail "$errno with $options: $said"
    done
    traced 'inject=fsync:error=EINTR:when=1'
    said=$(synced)
    kill "$tracer"
    wait "$tracer" || :
    equal 'ok ok ' "$said" "an interrupted fsync with $options"
    grep -q EINTR trace || fail "nothing was interrupted: $(cat trace)"
    "$plyfs" umount m
  done
}

failedWriteBack_failsEveryLaterFsyncOfAVolatileMount() {
  layers
  failingDisk
  "$plyfs" mount -o lowerdir=l1:l2,upperdir=disk/u,workdir=disk/w,volatile m
  equal '5 5 5 5 ' "$(syncs A B C A)" "fsync of two opens, of another file, and again"
  "$plyfs" umount m
  umount disk
}

# Files written in pieces, told a time, synced: what is reported of all of them.
rewrite() {
  python3 - "$@" <<'END'
import os, sys
def files():
    return sorted("m/" + name for name in os.listdir("m") if name.startswith("f"))
if sys.argv[1] == "write":
    piece = os.urandom(1 << 20)
    for i in range(60):
        fd = os.open("m/f%d" % i, os.O_CREAT | os.O_WRONLY)
        for _ in range(3):
            os.write(fd, piece)
        os.pwrite(fd, piece[:5000], 1000)
        if i % 3 == 1:
            os.utime(fd, ns=(1, 10**18 + i))
        if i % 3 == 2:
            os.utime(fd)
            os.ftruncate(fd, 2000000)
        if i % 4 == 3:
            os.fsync(fd)
        os.close(fd)
        if i % 20 == 19:
            os.sync()
    os.sync()
print([(name, os.stat(name).st_size, os.stat(name).st_mtime_ns) for name in files()])
END
}

modificationTimesWithWriteBack_areAfterTheNextMountWhatWasReported() {
  command -v python3 >/dev/null || skip "needs python3"
  layers
  for words in writeback=1 writeback=1,open=cache; do
    "$plyfs" mount -o "lowerdir=l1:l2,upperdir=u,workdir=w,$words" m
    rewrite write >reported
    "$plyfs" umount m
    "$plyfs" mount -o "lowerdir=l1:l2,upperdir=u,workdir=w,$words" m
    rewrite read >later
    "$plyfs" umount m
    cmp reported later || fail "with $words: $(cat reported later)"
    rm u/f*
  done
}

modificationTimesWithWriteBack_areAfterAKilledDaemon_whatFsyncLeft() {
  command -v python3 >/dev/null || skip "needs python3"
  layers
  "$plyfs" mount -o lowerdir=l1:l2,upperdir=u,workdir=w,writeback=1 m
  pid=$(mounter "$PWD/m")
  reported=$(python3 -c '
import os
piece = os.urandom(1 << 20)
for i in range(20):
    fd = os.open("m/f%d" % i, os.O_CREAT | os.O_RDWR)
    for _ in range(3):
        os.write(fd, piece)
    os.fsync(fd)
    print(i, os.fstat(fd).st_mtime_ns)')
  kill -9 "$pid"
  await "$pid"
  umount -l m
  equal "$reported" "$(python3 -c '
import os
for i in range(20):
    print(i, os.stat("u/f%d" % i).st_mtime_ns)')" "the times of synced files"
}

# SEMANTICS 4.121
writeThroughAMapping_takesTheCapabilityAway() {
  command -v setcap >/dev/null || skip 'needs setcap'
  layers
  echo program >l1/p
  setcap cap_setuid+ep l1/p
  "$plyfs" mount -o "$options" m
  equal cap_setuid=ep "$(getcap m/p | cut -d ' ' -f 2)" 'the capability before'
  python3 -c '
import mmap
with open("m/p", "r+b") as f, mmap.mmap(f.fileno(), 0) as m:
    m[0:1] = b"P"
    m.flush()'
  equal Program "$(cat m/p)" content
  equal '' "$(getcap m/p u/p)" 'the capability of a changed program'
  "$plyfs" umount m
}

# How many descriptors the daemon has open.
descriptors() {
  ls "/proc/$(mounter "$PWD/m")/fd" | wc -l
}

manyOpensOfOneFile_takeOneDescriptor() {
  layers
  ulimit -n 11000 2>/dev/null || skip "needs a limit of 11000 open files"
  "$plyfs" mount -o "$options" m
  cat m/a m/b
  before=$(descriptors)
  mkfifo hold
  perl -e 'for (1 .. 10000) { open $f[$_], "<", "m/a" or die "$_: $!" } open H, ">", "hold"; print H "open\n";
    close H; open H, "<", "hold"; <H>' &
  opener=$!
  read -r word <hold
  equal open "$word" "the opener"
  during=$(descriptors)
  echo end >hold
  wait "$opener"
  [ "$during" -le "$((before + 1))" ] || fail "$during descriptors instead of $before"
  "$plyfs" umount m
}

tooFewDescriptors_failOneOpen_andOthersGoOn() {
  layers
  mkdir l1/many
  for i in $(seq 700); do echo "$i" >"l1/many/$i"; done
  (
    ulimit -n 500
    "$plyfs" mount -o "$options" m
  )
  opened=$(perl -e 'for (1 .. 700) { if (open $f[$_], "<", "m/many/$_") { $n++ } else { $e = $! } }
    print STDERR "$e\n"; print $n; open A, "<", "m/many/1" or print " refused"; print <A>' 2>err)
  grep -q 'Too many open files' err || fail "opened $opened of 700: $(cat err)"
  [ "${opened%%1*}" != 0 ] || fail "opened none"
  equal 700 "$(cat m/many/* | wc -l)" "files, one after the other"
  echo more >>m/many/7
  equal '7 more' "$(echo $(cat m/many/7))" "a changed file"
  "$plyfs" umount m
}

# Between mounts a renamed copied-up file is copied with its attributes, and a link of a lower file
# that an index kept together is left alone.
copiesAndLinksMadeOutside_areOtherFiles_forDiffTarAndRsync() {
  mkdir l u w m
  echo same >l/origin
  echo lower >l/a
  ln l/a l/b
  base=lowerdir=l,upperdir=u,workdir=w
  "$plyfs" mount -o "$base,index=on" m
  mv m/origin m/ref1
  echo upper >m/a
  "$plyfs" umount m
  cp -a u/ref1 u/ref2
  ln u/ref1 u/ref1-link
  ln u/ref2 u/ref2-link
  echo one >u/ref1
  echo two >u/ref2
  rm -f u/b
  for words in index=off index=on index=off,xino=on index=off,xino=off; do
    if [ "$words" = index=on ]; then files='ref1 ref2'; else files='ref1 ref2 a b'; fi
    for first in $files; do
      "$plyfs" mount -o "$base,$words" m
      stat "m/$first" >/dev/null
      equal "$(echo $files | wc -w)" "$(cd m && stat -c %d:%i $files | sort -u | wc -l)" "numbers"
      equal "$(cd m && stat -c '%i %n' * | sort)" \
        "$(cd m && ls -i | sed 's/^ *//' | sort)" 'numbers that are listed'
      equal "$(stat -c %i m/ref1)" "$(stat -c %i m/ref1-link)" 'a link'
      code=0
      diff -q m/ref1 m/ref2 >/dev/null || code=$?
      equal 1 "$code" 'diff of different files'
      mkdir tar rsync
      tar -C m -cf - . | tar -C tar -xf -
      diff -r m tar || fail 'tar has other content'
      if command -v rsync >/dev/null; then
        rsync -aH m/ rsync/
        diff -r m rsync || fail 'rsync has other content'
      fi
      "$plyfs" umount m
      rm -r tar rsync
    done
  done
}

for name in $(sed -n 's/^\([a-z][a-z0-9]*[A-Z_][A-Za-z0-9_]*\)() {$/\1/p' "$0"); do
  case " $* " in
    '  ' | *" $name "*) ;;
    *) continue ;;
  esac
  case $name in
    failingDisk | synced) ;;
    *) scenario "$name" ;;
  esac
done
finish
