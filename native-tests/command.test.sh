#!/bin/sh
# The command as a person meets it: launcher, exit codes, sentences, signals.
. "$(dirname "$0")/lib.sh"
require_mounts

layers() {
  mkdir -p l1 l2 u w m
  echo one >l1/a
  echo two >l2/b
}

options='lowerdir=l1:l2,upperdir=u,workdir=w'

# code COMMAND...: its exit code, its standard error in the file err
code() {
  result=0
  "$@" 2>err || result=$?
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

mountInTheBackground_isUsableAtOnce_andUmountWaitsForTheDaemon() {
  layers
  "$plyfs" mount -o "$options" m
  equal one "$(cat m/a)" "content of a lower file"
  pid=$(mounter "$PWD/m")
  [ -n "$pid" ] || fail "not listed by ps"
  "$plyfs" umount m
  [ ! -d "/proc/$pid" ] || grep -q '^State:.Z' "/proc/$pid/status" || fail "the daemon is still there"
  equal '' "$(mounter "$PWD/m")" "listed after the end"
  ! mountpoint -q m || fail "still mounted"
}

callerThatReadsStandardErrorToItsEnd_doesNotHang() {
  layers
  equal '' "$(timeout 20 "$plyfs" mount -o "$options" m 2>&1)" "output"
  umount m
}

standardStreamsOfTheDaemon_areNotTheCallers() {
  layers
  "$plyfs" mount -o "$options" m >out 2>err
  pid=$(mounter "$PWD/m")
  for n in 0 1 2; do
    case $(readlink "/proc/$pid/fd/$n") in
      /dev/null | /var/log/plyfs/*) ;;
      *) fail "descriptor $n is $(readlink "/proc/$pid/fd/$n")" ;;
    esac
  done
  equal / "$(readlink "/proc/$pid/cwd")" "working directory"
  "$plyfs" umount m
}

changes_areThereAfterUnmountAndRemount_andDiffShowsThem() {
  layers
  "$plyfs" mount -o "$options" m
  echo more >>m/a
  rm m/b
  echo new >m/c
  equal "$(printf 'C /a\nD /b\nA /c')" "$("$plyfs" diff m)" "diff"
  "$plyfs" umount m
  "$plyfs" mount -o "$options" m
  equal "$(printf 'one\nmore')" "$(cat m/a)" "changed file"
  [ ! -e m/b ] || fail "the deleted file is back"
  equal new "$(cat m/c)" "new file"
  equal one "$(cat l1/a)" "lower file"
  "$plyfs" umount m
}

withoutUpper_theMountIsReadOnly() {
  layers
  "$plyfs" mount -o lowerdir=l1:l2 source m
  code touch m/x
  grep -q 'Read-only file system' err || fail "$(cat err)"
  equal source "$(findmnt -n -o SOURCE m)" "source in the mount table"
  equal fuse.plyfs "$(findmnt -n -o FSTYPE m)" "type"
  equal '' "$("$plyfs" diff m)" "diff"
  "$plyfs" umount m
}

readOnlyWithUpper_readsItAndWritesNothing() {
  layers
  echo changed >u/a
  "$plyfs" mount -r -o "$options" m
  equal changed "$(cat m/a)" "content"
  code touch m/x
  [ "$result" != 0 ] || fail "could write"
  "$plyfs" umount m
  equal '' "$(ls -A w)" "workdir"
}

upperOption_makesDiffAndWork() {
  layers
  "$plyfs" mount --upper up -o lowerdir=l1:l2 m
  echo x >m/x
  "$plyfs" umount m
  equal x "$(cat up/diff/x)" "file in the upper directory"
}

namesThatAreNoText_goThrough() {
  odd=$(printf 'o dd\n\377,:\\x')
  escaped=$(printf 'o dd\n\377\\,\\:\\\\x')
  mkdir "$odd" u w "m$odd"
  echo odd >"$odd/$odd"
  "$plyfs" mount -o "lowerdir=$escaped,upperdir=u,workdir=w" "m$odd"
  equal odd "$(cat "m$odd/$odd")" "content"
  echo 1 >"m$odd/n$odd"
  equal 'A /no dd\x0a\xff,:\\x' "$("$plyfs" diff "m$odd")" "diff"
  "$plyfs" umount "m$odd"
  [ -f "u/n$odd" ] || fail "no file in the upper directory"
}

# refused CODE TEXT ARGUMENTS...: mount fails, says so in one line, and leaves nothing
refused() {
  expected=$1 text=$2
  shift 2
  code "$plyfs" mount "$@"
  equal "$expected" "$result" "exit code of mount $*"
  equal 1 "$(wc -l <err)" "lines on standard error of mount $*"
  grep -qF -- "$text" err || fail "mount $*: $(cat err)"
  ! mountpoint -q m || fail "mounted by mount $*"
}

# SEMANTICS 6.26: as users of another engine report it.
metacopyAndRemount_areSilentlyIgnored() {
  layers
  head -c 1000000 /dev/urandom >l1/big
  "$plyfs" mount -o "$options,metacopy=on" m
  chmod 0600 m/big
  [ "$(stat -c %b u/big)" -lt 100 ] || fail "the data was copied: $(stat -c %b u/big) blocks"
  cmp l1/big m/big || fail 'content'
  "$plyfs" mount -o remount,ro m
  code sh -c 'echo x >m/x'
  grep -q 'Read-only file system' err || fail "written after remount,ro: $(cat err)"
  code "$plyfs" mount -o remount,metacopy=off m
  equal 1 "$result" 'exit code of a remount that asks for more than flags'
  "$plyfs" umount m
}

refusals_nameTheReason_andLeaveNothing() {
  layers
  refused 1 "unknown option 'foo=1'" -o "$options,foo=1" m
  refused 1 "'verity=on' is not implemented" -o "$options,verity=on" m
  refused 1 "'index=on' cannot be used with 'userxattr'" -o "$options,index=on,userxattr" m
  refused 1 "'metacopy=on' and 'userxattr' contradict" -o "$options,metacopy=on,userxattr" m
  refused 1 "'lowerdir'" -o ro m
  refused 1 'the mount point is missing' -o "$options"
  refused 1 "unknown option '-x'" -x m
  refused 1 "unknown option '--foo'" --foo m
  refused 32 'lower directory none: No such file or directory (ENOENT)' -o lowerdir=none m
  refused 32 'mount point none: No such file or directory (ENOENT)' -o "$options" none
  refused 32 'l1/a: Not a directory (ENOTDIR)' -o lowerdir=l1/a m
  equal '' "$(ls -A w)" "workdir"
  refused 1 "unknown option 'foo'" -f -o foo m
}

layersThatOverlapThroughABindMount_andUppersOfAnOverlay_areRefused() {
  layers
  mkdir -p l1/in b k
  mount --bind l1/in b
  code "$plyfs" mount -o lowerdir=l1:b m
  equal 32 "$result" "exit code for a bind mount"
  grep -q 'lower directory .*b lies inside lower directory .*l1 (ELOOP)' err || fail "$(cat err)"
  umount b
  mount -t overlay overlay -o "lowerdir=$PWD/l2,upperdir=$PWD/u,workdir=$PWD/w" k 2>/dev/null ||
    skip 'needs kernel overlayfs'
  code "$plyfs" mount -o "$options" m
  equal 32 "$result" "exit code for an upper in use"
  grep -q 'upper directory .* is the upperdir of the overlay mounted on .*/k' err || fail "$(cat err)"
  umount k
  "$plyfs" mount -o "$options" m
  "$plyfs" umount m
}

noxattrs_hidesAttributes_andMarksStillWork() {
  layers
  mkdir l1/d
  setfattr -n user.a -v 1 l1/a || skip 'needs setfattr of the package attr'
  "$plyfs" mount -o "$options,noxattrs=1" m
  for call in 'getfattr -n user.a m/a' 'setfattr -n user.b -v 1 m/a' 'setfattr -x user.a m/a'; do
    code $call
    grep -q 'not supported' err || fail "$call: $(cat err)"
  done
  equal '' "$(getfattr -d -m - m/a 2>/dev/null)" "list of attributes"
  mv m/d m/e
  rm m/b
  echo x >>m/a
  "$plyfs" umount m
  "$plyfs" mount -o "$options" m
  [ -d m/e ] && [ ! -e m/d ] && [ ! -e m/b ] || fail "marks are lost: $(ls m)"
  equal 1 "$(getfattr -n user.a --only-values m/a)" "attribute after copy-up"
  "$plyfs" umount m
}

staticNlink_givesEveryDirectoryOneLink() {
  layers
  mkdir -p u/d/one u/d/two
  echo x >u/f
  ln u/f u/g
  "$plyfs" mount -o "$options" m
  equal 4 "$(stat -c %h m/d)" "links without the option"
  "$plyfs" umount m
  "$plyfs" mount -o "$options,static_nlink" m
  mkdir m/made
  equal '1 1 1 2' "$(stat -c %h m m/d m/made m/f | tr '\n' ' ' | sed 's/ $//')" "links"
  "$plyfs" umount m
}

upperInUse_isRefused_untilItIsFree() {
  layers
  mkdir m2
  "$plyfs" mount -o "$options" m2
  refused 32 'upper directory u is the upper directory of the mount on' -o "$options" m
  "$plyfs" umount m2
  "$plyfs" mount -o "$options" m
  "$plyfs" umount m
}

# SEMANTICS 2.20, 4.47.
metacopyWithoutDeletionsAsDevices_isRefused() {
  layers
  mkdir ram
  mount -t ramfs none ram 2>err || skip "needs ramfs: $(cat err)"
  mkdir ram/u ram/w
  ram='lowerdir=l1:l2,upperdir=ram/u,workdir=ram/w'
  refused 32 "option 'metacopy=on' needs redirects" -o "$ram,metacopy=on" m
  refused 32 'does not support the attributes trusted.overlay.' -o "$ram,metacopy=on,whiteout=char" m
  "$plyfs" mount -o "$ram" m 2>err
  grep -q 'does not support extended attributes' err || fail "not said: $(cat err)"
  chmod 0600 m/a
  equal one "$(cat m/a)" "content after chmod"
  "$plyfs" umount m
  equal one "$(cat ram/u/a)" "content of the upper file"
}

# SEMANTICS 4.13.
mknodRefused_deletionsAreFiles_andSurvive() {
  command -v gcc >/dev/null || skip "needs gcc"
  layers
  gcc -o no_mknod "$here/no_mknod.c"
  code ./no_mknod "$plyfs" mount -o "$options,whiteout=char" m
  equal 32 "$result" "exit code with whiteout=char"
  grep -q 'cannot store whiteouts as character devices 0:0: use a directory on another file system that is not a union mount, or mount with whiteout=auto' err || fail "$(cat err)"
  code ./no_mknod "$plyfs" mount -o "$options,metacopy=on" m
  equal 32 "$result" "exit code with metacopy=on"
  code ./no_mknod "$plyfs" mount -o "$options" m
  equal 0 "$result" "exit code: $(cat err)"
  grep -q 'only Plyfs can use' err || fail "not said: $(cat err)"
  rm m/a
  equal b "$(ls m)" "names after rm"
  equal 'D /a' "$("$plyfs" diff m)" "diff"
  "$plyfs" umount m
  [ -f u/.wh.a ] || fail "no .wh.a in the upper directory"
  code "$plyfs" mount -o "$options" m
  equal '' "$(cat err)" "notices where mknod works"
  equal b "$(ls m)" "names after the remount"
  rm m/b
  "$plyfs" umount m
  [ -c u/b ] || fail "no device in the upper directory"
  ./no_mknod "$plyfs" mount -o "$options" m 2>err
  equal '' "$(ls m)" "names with both forms"
  "$plyfs" umount m
}

volatileMount_isRefusedAfterwards_untilItsMarkIsRemoved() {
  layers
  "$plyfs" mount -o "$options,volatile" m
  [ -f w/work/incompat/volatile/dirty ] || fail "no mark"
  "$plyfs" umount m
  refused 32 'remove work/incompat/volatile' -o "$options" m
  rm -r w/work/incompat
  "$plyfs" mount -o "$options" m
  "$plyfs" umount m
}

busyUmount_says_soAndChangesNothing() {
  layers
  "$plyfs" mount -o "$options" m
  exec 5<m/a
  code "$plyfs" umount m
  equal 1 "$result" "exit code"
  grep -q 'EBUSY' err || fail "$(cat err)"
  equal one "$(cat m/a)" "content"
  exec 5<&-
  "$plyfs" umount m
}

lazyUmount_endsWithTheLastUser() {
  layers
  "$plyfs" mount -o "$options" m
  pid=$(mounter "$PWD/m")
  exec 5<m/a
  "$plyfs" umount -l m
  ! mountpoint -q m || fail "still mounted"
  equal one "$(cat <&5)" "content of the open file"
  [ -d "/proc/$pid" ] || fail "the daemon ended too early"
  exec 5<&-
  await "$pid"
}

umountOfAMountHeldInAnotherNamespace_saysWho_andEndsWithIt() {
  layers
  "$plyfs" mount -o "$options" m
  pid=$(mounter "$PWD/m")
  unshare -m sleep 1000 &
  holder=$!
  until grep -qs sleep "/proc/$holder/comm"; do sleep 0.02; done
  "$plyfs" umount m 2>err &
  unmounting=$!
  until grep -q "process $holder (sleep) still has it mounted at $PWD/m: end the processes" err; do
    kill -0 "$unmounting" || fail "it does not wait: $(cat err)"
    sleep 0.02
  done
  grep -q "$PWD/m is unmounted here, but still mounted in another mount namespace; waiting for process $pid" err || fail "$(cat err)"
  ! mountpoint -q m || fail 'still mounted'
  code "$plyfs" umount m
  grep -q "no longer a Plyfs mount: its daemon, process $pid, .*process $holder (sleep)" err || fail "$(cat err)"
  kill "$holder"
  wait "$unmounting" || fail "exit code of umount"
  await "$pid"
}

umountOfSomethingElse_isRefused() {
  mkdir m
  code "$plyfs" umount m
  equal 1 "$result" "exit code"
  grep -q 'is not a Plyfs mount' err || fail "$(cat err)"
  code "$plyfs" umount none
  equal 1 "$result" "exit code"
}

sigterm_unmounts() {
  layers
  "$plyfs" mount -o "$options" m
  pid=$(mounter "$PWD/m")
  kill "$pid"
  await "$pid"
  ! mountpoint -q m || fail "still mounted"
  [ ! -e "/run/plyfs/$pid" ] || fail "runtime file left"
}

sigtermOfABusyMount_letsItsUsersFinish() {
  layers
  "$plyfs" mount -o "$options" m
  pid=$(mounter "$PWD/m")
  exec 5<m/a
  kill "$pid"
  while mountpoint -q m; do sleep 0.02; done
  equal one "$(cat <&5)" "content of the open file"
  exec 5<&-
  await "$pid"
}

foreground_endsWithCode0_onSignalAndOnUmount() {
  layers
  for end in TERM INT umount; do
    # A shell ignores INT in its background children, so the signal is restored.
    setsid env --default-signal=INT "$plyfs" mount -f -o "$options" m 2>log &
    job=$!
    until mountpoint -q m; do sleep 0.02; done
    cat m/a >/dev/null
    if [ "$end" = umount ]; then umount m; else kill "-$end" "$job"; fi
    result=0
    wait "$job" || result=$?
    equal 0 "$result" "exit code after $end"
    ! mountpoint -q m || fail "still mounted after $end"
    grep -q 'INFO plyfs mounted' log || fail "no log on standard error"
  done
}

killedDaemon_isShownAsDead_andTheMountPointUsableAgain() {
  layers
  "$plyfs" mount -o "$options" m
  pid=$(mounter "$PWD/m")
  kill -9 "$pid"
  await "$pid"
  equal dead "$(mounter "$PWD/m")" "ps"
  "$plyfs" ps | grep -q "^dead.* $PWD/m .*/var/log/plyfs/.*-m.log$" || fail "$("$plyfs" ps)"
  "$plyfs" umount m
  equal '' "$(mounter "$PWD/m")" "ps after umount"
  "$plyfs" mount -o "$options" m
  equal one "$(cat m/a)" "content"
  "$plyfs" umount m
}

asMountCallsIt_withOptionsAfterThePositionals() {
  layers
  ln -s "$plyfs" mount.fuse.plyfs
  ./mount.fuse.plyfs src m -f -o "rw,$options"
  ! mountpoint -q m || fail "mounted by a fake mount"
  ./mount.fuse.plyfs src m -n -o "rw,nosuid,$options,x-foo=1"
  equal src "$(findmnt -n -o SOURCE m)" "source"
  findmnt -n -o OPTIONS m | grep -q nosuid || fail "nosuid is lost"
  "$plyfs" umount m
}

asMountProgram_withoutTheWordMount() {
  layers
  "$plyfs" -o "$options,,fsync=0" m
  equal one "$(cat m/a)" "content"
  "$plyfs" umount m
}

helpAndVersion() {
  "$plyfs" --help | grep -q '^Usage: plyfs' || fail "no help"
  for command in load images mount umount ps diff explain trace tree; do
    "$plyfs" "$command" --help | grep -q "^Usage: plyfs $command" || fail "no help for $command"
  done
  "$plyfs" --version | grep -q '^plyfs [0-9]' || fail "no version"
  code "$plyfs" nonsense
  equal 2 "$result" "exit code of an unknown command"
  equal 1 "$(wc -l <err)" "lines on standard error"
}

noJava_isSaid() {
  mkdir bin
  for tool in sh readlink dirname uname id cat sed; do ln -s "$(command -v "$tool")" bin/; done
  code env -u JAVA_HOME PATH="$PWD/bin" "$plyfs" ps
  equal 2 "$result" "exit code"
  grep -q 'no java found' err || fail "$(cat err)"
}

notBuilt_isSaid() {
  mkdir scripts
  cp "$plyfs" scripts/
  code scripts/plyfs ps
  equal 2 "$result" "exit code"
  grep -q 'not built' err || fail "$(cat err)"
}

daemonThatDiesAtStart_isReported() {
  layers
  code env JAVA_TOOL_OPTIONS=-agentlib:no-such-agent "$plyfs" mount -o "$options" m
  equal 2 "$result" "exit code"
  grep -q 'ended without reporting a result' err || fail "$(cat err)"
}

# The log file of a mount point in the scenario's directory.
log() {
  printf '/var/log/plyfs/%s-%s.log' "$(printf '%s' "${PWD#/}" | tr / -)" "$1"
}

# For callers that show nothing of standard error, such as podman.
refusal_isInTheLogOfTheMountToo() {
  layers
  refused 1 "unknown option 'foo'" -o "$options,foo" m
  grep -q "ERROR plyfs refused: unknown option 'foo'" "$(log m)" || fail "$(cat "$(log m)")"
  refused 32 'lower directory none' -o lowerdir=none m
  grep -q 'ERROR plyfs refused: lower directory none' "$(log m)" || fail "$(cat "$(log m)")"
  refused 32 'mount point none' -o "$options" none
  grep -q 'ERROR plyfs refused: mount point none' "$(log none)" || fail "$(cat "$(log none)")"
}

# Where neither /var/log/plyfs nor a directory at home can be made: logless SCRIPT
logless() {
  touch file
  unshare -m sh -euc "mount -t tmpfs -o ro none /var/log
    cd '$PWD'
    export HOME='$PWD/file'
    unset XDG_STATE_HOME
    $1"
}

noLogDirectory_isNoReasonNotToMount() {
  layers
  # The reader of a pipe waits for its end, which must not be that of the mount.
  logless "[ -S /dev/log ] || said=\$(timeout 60 '$plyfs' mount -o '$options' m 2>&1)
    [ -S /dev/log ] || printf '%s\\n' \"\$said\" | grep 'file/.local/state/plyfs: Not a directory (ENOTDIR)); syslog is not available either, so nothing is logged'
    [ -S /dev/log ] || umount m
    '$plyfs' mount -o '$options' m 2>err
    cat m/a
    umount m" >out
  tail -n 1 out | grep -q one || fail "$(cat out err)"
  grep -q 'cannot open a log file (' err || fail "$(cat err)"
  [ -S /dev/log ] || grep -q 'INFO plyfs mounted' err || fail "no log on standard error: $(cat err)"
  ! find /tmp -maxdepth 2 -path '/tmp/.local*' | grep . || fail 'a directory in /tmp'
}

noLogDirectory_logGoesToSyslog() {
  command -v python3 >/dev/null || skip 'needs python3'
  layers
  mkdir dev devwork
  logless "mount -t overlay -o lowerdir=/dev,upperdir=dev,workdir=devwork none /dev
    python3 -c 'import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(\"/dev/log\")
open(\"bound\", \"w\").close()
text = \"\"
while \"unmounted\" not in text:
    text = s.recv(65536).decode()
    print(text, flush=True)' >messages &
    until [ -e bound ]; do sleep 0.02; done
    '$plyfs' mount -o '$options' m 2>err || { cat err; exit 1; }
    '$plyfs' ps >ps
    umount m
    wait"
  grep -q 'the log goes to syslog' err || fail "$(cat err)"
  grep -q "^[1-9].* $PWD/m .* syslog$" ps || fail "$(cat ps)"
  grep -q '^<30>.*plyfs\[[0-9]*\]: plyfs mounted plyfs at' messages || fail "$(cat messages)"
  grep -q 'plyfs unmounted' messages || fail "$(cat messages)"
}

mountPointsOfOneNameInTwoDirectories_haveTwoLogs() {
  layers
  mkdir -p a/m b/m 'a-m' 'o dd'
  (cd a && "$plyfs" mount -o lowerdir=../l1 m && "$plyfs" mount -o lowerdir=../l1 ../b/m)
  "$plyfs" mount -o lowerdir=l1 a-m
  "$plyfs" mount -o lowerdir=l1 'o dd'
  "$plyfs" ps | awk -v d="$PWD/" 'index($0, d) { print $NF }' >logs
  equal "$(log a-m) $(log b-m) $(log 'a%2dm') $(log 'o%20dd')" "$(tr '\n' ' ' <logs | sed 's/ $//')" logs
  while read -r file; do grep -q 'INFO plyfs mounted' "$file" || fail "$file: $(cat "$file")"; done <logs
  umount a/m b/m a-m 'o dd'
}

logAbove1Mib_isRenamed_andOldLogsOfOthersGo() {
  layers
  head -c 1100000 /dev/zero >"$(log m)"
  touch -d '40 days ago' "$(log gone)"
  "$plyfs" mount -o lowerdir=l1 m
  equal 1100000 "$(stat -c %s "$(log m).old")" 'size of the old log'
  while [ -e "$(log gone)" ]; do sleep 0.02; done
  umount m
  grep -q 'INFO plyfs mounted' "$(log m)" || fail "$(cat "$(log m)")"
}

# A script that waits for the end of a pipe must not wait for the daemon.
descriptorsOfTheCaller_areNotTheDaemons() {
  command -v python3 >/dev/null || skip 'needs python3'
  layers
  timeout 60 python3 -c '
import os, subprocess, sys
reader, writer = os.pipe()
numbers = [3, 4, 5, 9, 10, 12, 63, 64, 200]
low = os.dup2(reader, 300)
high = os.dup2(writer, 301)
for number in numbers:
    os.dup2(high, number, inheritable=True)
subprocess.run(sys.argv[1:], pass_fds=numbers, check=True)
for number in numbers + [high]:
    os.close(number)
if writer not in numbers: os.close(writer)
assert os.read(low, 1) == b""' "$plyfs" mount -o "$options" m || fail 'the end of the pipe does not come'
  equal one "$(cat m/a)" content
  "$plyfs" umount m
}

# Each command says what it could not read or write, and no Java class is named.
wrongInput_isOneSentence_withoutAJavaClass() {
  mkdir directory
  echo '[]' >array.json
  echo '{"cases": 7}' >number.json
  : >empty
  for words in 'bench compare a b' 'bench compare directory directory' 'bench compare array.json array.json' \
    'bench compare number.json number.json' 'bench compare empty empty' 'load a' 'load directory' 'load empty' \
    'explain a /x' 'tree a' 'diff a' 'trace a' 'umount a' 'bench copy-up --dir a' 'bench copy-up --rounds 0'; do
    result=0
    # shellcheck disable=SC2086
    PLYFS_STORE=$PWD/store "$plyfs" $words >out 2>err || result=$?
    case $result in 1 | 2) ;; *) fail "$words: exit code $result: $(cat out err)" ;; esac
    equal 1 "$(wc -l <err)" "lines of '$words': $(cat err)"
    ! grep -E 'Exception|java|picocli' err || fail "$words: $(cat err)"
    grep -qE '^plyfs: .{8,}' err || fail "$words: $(cat err)"
  done
  "$plyfs" bench compare a b 2>err || :
  equal 'plyfs: a: No such file or directory' "$(sed "s|$PWD/||" err)" "a missing file"
}

fullStandardOutput_isAnError() {
  for words in images ps --help --version 'bench compare --help' 'load --help' 'mount --help'; do
    result=0
    # shellcheck disable=SC2086
    PLYFS_STORE=$PWD/store "$plyfs" $words >/dev/full 2>err || result=$?
    equal 1 "$result" "exit code of $words: $(cat err)"
    grep -q 'cannot write to standard output: No space left on device' err || fail "$words: $(cat err)"
  done
  # A reader that wants no more is no error to tell of.
  "$plyfs" --help 2>err | true
  equal '' "$(cat err)" "what is said to a reader that has gone"
}

unknownCommand_namesTheNearest() {
  result=0
  "$plyfs" unmount 2>err || result=$?
  equal 2 "$result" "exit code"
  grep -q "unknown argument 'unmount': did you mean .*'umount'? See 'plyfs --help'" err || fail "$(cat err)"
}

for name in $(sed -n 's/^\([a-z][a-z0-9]*[A-Z_][A-Za-z0-9_]*\)() {$/\1/p' "$0"); do
  scenario "$name"
done
finish
