#!/bin/sh
# The ways to call it: mount(8), fstab, mount.fuse3, another program's name, remount; and
# what each option does to a real mount. Runs in a mount namespace in which Plyfs is
# installed, so that nothing on the machine changes.
. "$(dirname "$0")/lib.sh"
require_mounts

if [ -z "${PLYFS_FORMS_ROOT-}" ]; then
  PLYFS_FORMS_ROOT=$(mktemp -d)
  export PLYFS_FORMS_ROOT
  unshare -m sh "$0" "$@"
  code=$?
  rm -rf "$PLYFS_FORMS_ROOT"
  exit "$code"
fi

# over DIRECTORY: changes in it go to PLYFS_FORMS_ROOT.
over() {
  mkdir -p "$PLYFS_FORMS_ROOT$1.upper" "$PLYFS_FORMS_ROOT$1.work"
  mount -t overlay overlay "$1" \
    -o "lowerdir=$1,upperdir=$PLYFS_FORMS_ROOT$1.upper,workdir=$PLYFS_FORMS_ROOT$1.work"
}
if ! { over "$(readlink -f /sbin)" && over /usr/local; }; then
  echo 'skip all: needs kernel overlayfs for a place to install to'
  exit 0
fi
"$here/../scripts/install" >/dev/null || exit 1
plyfs=/usr/local/bin/plyfs

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

# refused CODE TEXT COMMAND...: it fails so, with one line
refused() {
  expected=$1 text=$2
  shift 2
  code "$@"
  equal "$expected" "$result" "exit code of $*: $(cat err)"
  equal 1 "$(wc -l <err)" "lines on standard error of $*: $(cat err)"
  grep -qF -- "$text" err || fail "$*: $(cat err)"
}

# Field of the mount at m.
shows() {
  findmnt -n -o "$1" m
}

daemon() {
  "$plyfs" ps | awk -v m="$PWD/m" '$3 == m { print $1 }'
}

installAndUninstall_leaveNothingElse() {
  DESTDIR=$PWD/d "$here/../scripts/install" --prefix /opt/p >out
  equal "./opt/p/bin/plyfs ./opt/p/lib/plyfs/commands ./opt/p/lib/plyfs/plyfs.jar ./opt/p/lib/plyfs/umount-helper \
./sbin/mount.fuse.plyfs ./sbin/umount.fuse.plyfs" \
    "$(cd d && find . ! -type d | grep -v '/plyfs/\(lib\|native\)/\|/share/' | sort | tr '\n' ' ' | sed 's/ $//')" \
    'installed files'
  while read -r command; do
    ls d/opt/p/share/man/man[18]/"plyfs-${command##*.}".[18] >/dev/null || fail "no manual page of $command"
  done <d/opt/p/lib/plyfs/commands
  [ -s d/opt/p/share/bash-completion/completions/plyfs ] || fail 'no completion'
  equal /opt/p/bin/plyfs "$(readlink d/sbin/mount.fuse.plyfs)" 'link of the helper'
  DESTDIR=$PWD/d "$here/../scripts/install" --prefix /opt/p --uninstall >out
  equal '' "$(find d ! -type d)" 'left after --uninstall'
}

mountByType_isUsableAtOnce() {
  layers
  mount -t fuse.plyfs source m -o "$options"
  equal one "$(cat m/a)" content
  echo x >m/x
  equal 'fuse.plyfs source' "$(shows FSTYPE,SOURCE | tr -s ' ')" 'mount table'
  umount m
  equal x "$(cat u/x)" 'file in the upper directory'
}

layersWithOddNames_goThroughMount() {
  layers
  mkdir 'l:3' 'l\4'
  echo three >'l:3/c'
  echo four >'l\4/d'
  mount -t fuse.plyfs source m -o 'lowerdir=l\:3:l\\4:l1'
  equal 'a c d' "$(ls m | tr '\n' ' ' | sed 's/ $//')" names
  umount m
}

switchesOfMount_haveTheirMeaning() {
  layers
  mount -f -t fuse.plyfs source m -o "$options"
  ! mountpoint -q m || fail 'mounted by -f'
  equal '' "$(ls -A w)" 'workdir after -f'
  equal '' "$(daemon)" 'process after -f'
  refused 32 'lower directory none' mount -f -t fuse.plyfs source m -o lowerdir=none
  refused 1 "unknown option 'foo=1'" mount -t fuse.plyfs source m -o "$options,foo=1"
  mount -s -n -v -t fuse.plyfs source m -o "$options,foo=1" 2>err
  grep -q "unknown option 'foo=1'" err || fail "no warning with -s: $(cat err)"
  equal one "$(cat m/a)" content
  umount m
}

linesOfFstab_areUnderstood() {
  layers
  echo "source $PWD/m fuse.plyfs lowerdir=$PWD/l1:$PWD/l2,upperdir=$PWD/u,workdir=$PWD/w,user,noauto,x-a.b=c,nofail,_netdev,comment=d,noatime 0 0" >fstab
  mount -T fstab -f m
  ! mountpoint -q m || fail 'mounted by -f'
  mount -T fstab m
  equal one "$(cat m/a)" content
  for word in nosuid nodev noexec noatime; do
    shows OPTIONS | grep -q "\\<$word\\>" || fail "no $word: $(shows OPTIONS)"
  done
  mount -T fstab -o remount,ro m
  code touch m/x
  grep -q 'Read-only' err || fail "writable after remount: $(cat err)"
  mount -T fstab -o remount,rw m
  touch m/x
  umount m
}

# A file system below the layers is free when umount(8) returns, and the daemon has ended.
umount_waitsForTheDaemonsEnd() {
  layers
  for n in 1 2 3 4 5; do
    mount -t fuse.plyfs source m -o "$options"
    pid=$(daemon)
    echo "$n" >>m/a
    umount m
    [ ! -d "/proc/$pid" ] || grep -q '^State:.Z' "/proc/$pid/status" || fail 'the daemon is still there'
  done
  mkdir 'm dd'
  mount -t fuse.plyfs source 'm dd' -o "$options"
  umount 'm dd'
  ! mountpoint -q 'm dd' || fail 'still mounted'
  mount -t fuse.plyfs source m -o "$options"
  exec 5<m/a
  refused 32 'target is busy' umount m
  equal one "$(head -n 1 m/a)" 'content after a refused umount'
  umount -l m
  exec 5<&-
}

# As long as another mount namespace holds it, the daemon goes on.
umountOfAMountHeldInAnotherNamespace_saysWho() {
  layers
  mount -t fuse.plyfs source m -o "$options"
  unshare -m sleep 1000 &
  holder=$!
  until grep -qs sleep "/proc/$holder/comm"; do sleep 0.02; done
  umount m 2>err
  grep -q "still mounted in the mount namespaces of: .*$holder (sleep)" err || fail "$(cat err)"
  kill "$holder"
  wait "$holder" || true
}

noLayersAndNoImage_namesTheMissingOption() {
  layers
  refused 32 'to mount directories, use -o lowerdir=' mount -t fuse.plyfs none m
}

lazyUmount_freesThePlace() {
  layers
  mount -t fuse.plyfs source m -o "$options"
  umount -l m
  mount -t fuse.plyfs source m -o "$options"
  umount -l m
  "$plyfs" mount -o "$options" m
  umount m
}

mountFuse3_withoutTheHelper_callsPlyfs() {
  command -v mount.fuse3 >/dev/null || skip 'needs mount.fuse3 of the package fuse3'
  layers
  mount.fuse3 source m -t fuse.plyfs -o "rw,$options"
  equal one "$(cat m/a)" content
  equal 'fuse.plyfs source' "$(shows FSTYPE,SOURCE | tr -s ' ')" 'mount table'
  umount m
  mount.fuse3 plyfs#source m -o "rw,$options"
  equal one "$(cat m/a)" content
  umount m
}

argumentsOfTheMountProgramForm_inAnyOrder() {
  layers
  "$plyfs" source m -o "$options" -o ro
  equal 'source ro' "$(shows SOURCE,VFS-OPTIONS | tr -s ' ' | cut -c 1-9)" 'mount table'
  umount m
  "$plyfs" m -o "$options"
  equal plyfs "$(shows SOURCE)" 'source by default'
  umount m
}

calledFuseOverlayfs_servesAsMountProgram() {
  layers
  ln -s "$plyfs" fuse-overlayfs
  ./fuse-overlayfs --version | grep -q '^plyfs ' || fail 'no version'
  ./fuse-overlayfs -o "$options,,fsync=0" m
  equal one "$(cat m/a)" content
  umount m
  ./fuse-overlayfs m -o "$options" -f 2>log &
  until mountpoint -q m; do sleep 0.02; done
  umount m
  wait $! || fail "exit code of -f: $?: $(cat log)"
  mkdir bin
  ln -s "$plyfs" bin/fuse-overlayfs
  if command -v mount.fuse3 >/dev/null; then
    PATH=$PWD/bin:$PATH mount.fuse3 overlay m -t fuse-overlayfs -o "$options"
    equal one "$(cat m/a)" content
    umount m
  fi
}

remount_changesFlags_andNothingElse() {
  layers
  mount -t fuse.plyfs source m -o "$options,nosuid"
  echo 1 >m/x
  mount -o remount,ro m
  code sh -c 'echo 2 >m/y'
  grep -q 'Read-only file system' err || fail "write after remount,ro: $(cat err)"
  equal 'one 1' "$(cat m/a m/x | tr '\n' ' ' | sed 's/ $//')" content
  mount -o remount,rw m
  echo 3 >m/x
  shows OPTIONS | grep -q nosuid || fail "nosuid is lost: $(shows OPTIONS)"
  mount -o remount,suid,noexec,noatime m
  equal rw,noexec,noatime "$(shows VFS-OPTIONS)" flags
  refused 1 "option 'lowerdir=l2' cannot be changed" mount -o remount,noatime,lowerdir=l2 m
  refused 1 "option 'foo' cannot be changed" mount -o remount,nodev,foo m
  refused 1 "option 'volatile' cannot be changed" mount -o remount,volatile,nodev m
  equal rw,noexec,noatime "$(shows VFS-OPTIONS)" 'flags after refusals'
  mount -o "remount,exec,$options" m
  equal rw,noatime "$(shows VFS-OPTIONS)" 'flags with the options of the mount'
  mount -f -o remount,nodev m
  equal rw,noatime "$(shows VFS-OPTIONS)" 'flags after -f'
  "$plyfs" mount -o remount,nodev,relatime m
  equal rw,nodev,relatime "$(shows VFS-OPTIONS)" 'flags changed by plyfs'
  equal 3 "$(cat m/x)" content
  umount m
}

# syncs WORD: how often a remount with this word syncs a file system
syncs() {
  strace -f -qq -o trace -e trace=syncfs mount -o "remount,$1" m
  grep -c 'syncfs(.*= 0' trace || true
}

# As kernel overlayfs: what was written is on disk when the mount is read-only.
remountReadOnly_syncsTheUpper() {
  command -v strace >/dev/null || skip 'needs strace'
  layers
  for case in fsync=1:1 volatile:0 writeback=1:1; do
    "$plyfs" mount -o "$options,${case%:*}" m
    echo 1 >m/x
    equal "${case#*:}" "$(syncs ro)" "calls of syncfs, remount,ro with ${case%:*}"
    equal 1 "$(cat u/x)" 'content in the upper directory'
    equal 0 "$(syncs ro)" 'calls when it is read-only already'
    equal 0 "$(syncs rw)" 'calls when it becomes writable'
    umount m
    rm -rf w && mkdir w # which a volatile mount leaves marked
  done
}

# atime FILE: reads it by m; when it was last read, on disk
atime() {
  cat "m/$1" >/dev/null
  stat -c %X "u/$1"
}

# SEMANTICS 3.40, 4.96. Access times are those of the upper files, which the daemon reads.
remountNoatime_keepsAccessTimesOfUpperFiles_andBack() {
  layers
  mkdir t
  mount -t tmpfs -o strictatime none t
  mkdir t/u t/w
  for f in f g h i j; do
    echo "$f" >"t/u/$f"
    touch -ad '@1000' "t/u/$f"
  done
  rm -rf u
  ln -s t/u u
  mount -t fuse.plyfs source m -o "lowerdir=l1:l2,upperdir=t/u,workdir=t/w"
  mount -o remount,noatime m
  equal 1000 "$(atime f)" 'after remount,noatime'
  mount -o remount,nosuid m
  equal 1000 "$(atime g)" 'after a remount that says nothing of it'
  mount -o remount,atime m
  [ "$(atime h)" != 1000 ] || fail 'remount,atime changed nothing'
  "$plyfs" mount -o remount,noatime m
  "$plyfs" mount -o remount,nodev m
  equal 1000 "$(atime i)" 'after plyfs mount -o remount,noatime'
  "$plyfs" mount -o remount,relatime m
  [ "$(atime j)" != 1000 ] || fail 'remount,relatime changed nothing'
  umount m
  umount t
}

remountReadOnly_isRefused_whileAFileIsOpenForWriting() {
  layers
  mount -t fuse.plyfs source m -o "$options"
  exec 5>>m/a
  refused 32 'EBUSY' mount -o remount,ro m
  echo 1 >&5
  exec 5>&-
  mount -o remount,ro m
  equal 'one 1' "$(cat m/a | tr '\n' ' ' | sed 's/ $//')" content
  umount m
}

remountWritable_withoutUpper_isRefused() {
  layers
  "$plyfs" mount -o lowerdir=l1:l2 m
  refused 32 'EROFS' mount -o remount,rw m
  mount -o remount,nosuid m
  equal ro,nosuid,relatime "$(shows VFS-OPTIONS)" flags
  umount m
  "$plyfs" mount -o "$options,ro" m
  refused 32 'EROFS' "$plyfs" mount -o remount,rw m
  umount m
  refused 32 'not a Plyfs mount' "$plyfs" mount -o remount,ro m
}

namesInTheMountTable_areTheOptions() {
  layers
  "$plyfs" mount -o "$options,fsname=a\\,b c,subtype=other" m
  equal 'fuse.other a,b c' "$(shows FSTYPE | tr -s ' ') $(shows SOURCE)" 'mount table'
  "$plyfs" umount m
}

unknownWordOfAMountProgram_isALineInItsLog() {
  layers
  ln -s "$plyfs" fuse-overlayfs
  ./fuse-overlayfs -o "$options,foo=1,nfs_export=on,nonempty" "$PWD/m" >out 2>&1
  equal '' "$(cat out)" 'what was printed'
  log=$("$plyfs" ps | awk -v m="$PWD/m" '$3 == m { print $NF }')
  for text in "unknown option 'foo=1' is ignored" "option 'nfs_export=on'" "option 'nonempty'"; do
    equal 1 "$(grep -cF "$text" "$log")" "lines in the log with $text"
  done
  umount m
  refused 1 "unknown option 'foo=1'" "$plyfs" mount -o "$options,foo=1" m
}

wordsOfPropagation_areObeyed() {
  layers
  mkdir shared
  mount --bind shared shared
  mount --make-shared shared
  mkdir shared/m
  rmdir m
  ln -s shared/m m
  ln -s "$plyfs" fuse-overlayfs
  propagation() { findmnt -n -o PROPAGATION shared/m; }
  for case in ::shared :,private:private :,rprivate:private :,unbindable:private,unbindable \
    :,slave:private :,rshared:shared; do
    words=${case#:}
    ./fuse-overlayfs -o "$options${words%:*}" m
    equal "${words#*:}" "$(propagation)" "propagation with '${words%:*}'"
    umount m
  done
  "$plyfs" mount -o "$options,private" m
  equal private "$(propagation)" 'propagation by plyfs mount'
  umount m
  /sbin/mount.fuse.plyfs source m -o "$options,runbindable"
  equal private,unbindable "$(propagation)" 'propagation by the helper of mount(8)'
  umount m
  mount -t fuse.plyfs source m -o "$options,private"
  equal private "$(propagation)" 'propagation by mount(8)'
  umount m
  umount shared
}

autoUnmount_takesTheMountOfAKilledDaemonAway() {
  layers
  "$plyfs" mount -o "$options,auto_unmount" m 5</dev/null 7</dev/null
  cat m/a >/dev/null
  equal '/dev/null socket' \
    "$(find "/proc/$(pgrep -of "plyfs-unmount $PWD/m")/fd" -type l -printf '%l\n' | sed 's/:.*//' |
      sort -u | tr '\n' ' ' | sed 's/ $//')" 'descriptors of the shell that waits'
  kill -9 "$(daemon)"
  for _ in $(seq 100); do
    findmnt m >/dev/null || break
    sleep 0.1
  done
  ! findmnt m || fail 'the dead mount is there'
  equal '' "$(ls m)" 'what is below'
  "$plyfs" mount -o "$options,auto_unmount" m
  "$plyfs" umount m
  "$plyfs" mount -o "$options" m # no process unmounts this one
  equal one "$(cat m/a)" content
  umount m
  equal '' "$(pgrep -f "plyfs-unmount $PWD/m" || true)" 'shells that are left'
}

# containers/storage switches between these programs, and reads the upper directory itself.
renamedDirectories_asMountProgram_areCopiedByMv() {
  layers
  mkdir l1/d l2/d
  echo 1 >l1/d/1
  echo 2 >l2/d/2
  ln -s "$plyfs" fuse-overlayfs
  ./fuse-overlayfs -o "$options" m
  python3 -c 'import os; os.rename("m/d", "m/e")' 2>err && fail 'renamed' || true
  grep -q 'Invalid cross-device link' err || fail "$(cat err)"
  mv m/d m/e
  umount m
  mount -t overlay overlay m -o "$options,redirect_dir=nofollow"
  equal '1 2' "$(cat m/e/1 m/e/2 | tr '\n' ' ' | sed 's/ $//')" 'content by the kernel'
  umount m
  "$plyfs" mount -o "$options" m
  python3 -c 'import os; os.rename("m/e", "m/f"); os.mkdir("m/g")'
  umount m
}

valueOfTheCommandLine_winsOverThatOfFstab() {
  layers
  echo "source $PWD/m fuse.plyfs lowerdir=$PWD/l1,noauto,threads=2 0 0" >fstab
  mount -T fstab -o threads=3 m
  equal 3 "$(cat "/proc/$(daemon)/task/"*/comm | grep -c '^plyfs-worker')" workers
  umount m
}

allowRoot_keepsOthersOut() {
  layers
  chmod 755 .
  other='setpriv --reuid=1 --regid=1 --clear-groups'
  "$plyfs" mount -o "$options" m
  equal one "$($other cat m/a)" 'content for another user'
  umount m
  "$plyfs" mount -o "$options,allow_root" m
  code $other cat m/a
  grep -q 'Permission denied' err || fail "another user: $(cat err)"
  equal one "$(cat m/a)" 'content for root'
  umount m
}

setuidDevicesAndPrograms_obeyTheFlags() {
  layers
  mknod l1/null c 1 3
  cp /bin/true l1/true
  "$plyfs" mount -o "$options" m
  echo x >m/null
  m/true
  umount m
  "$plyfs" mount -o "$options,nodev,noexec" m
  code sh -c 'echo x >m/null'
  grep -q 'Permission denied' err || fail "nodev: $(cat err)"
  code m/true
  grep -q 'Permission denied' err || fail "noexec: $(cat err)"
  umount m
}

threads_areAsManyAsAsked() {
  layers
  for case in threads=3:3 threaded=0:1 threads=1:1; do
    "$plyfs" mount -o "$options,${case%:*}" m
    equal "${case#*:}" "$(cat "/proc/$(daemon)/task/"*/comm | grep -c '^plyfs-worker')" "$case"
    "$plyfs" umount m
  done
}

fsync0_syncsNothing_andFsync1Does() {
  command -v strace >/dev/null || skip 'needs strace'
  layers
  for case in 0:none 1:some; do
    strace -f -qq -o trace -e trace=fsync,fdatasync,syncfs \
      "$plyfs" mount -f -o "$options,fsync=${case%:*}" m 2>log &
    until mountpoint -q m; do sleep 0.02; done
    dd if=/dev/zero of=m/a bs=1 count=1 conv=fsync,notrunc status=none
    umount m
    wait $!
    found=none
    ! grep -q 'sync' trace || found=some
    equal "${case#*:}" "$found" "calls with fsync=${case%:*}: $(cat trace)"
    rm -rf u/a
  done
}

noacl_hasNoAcls() {
  command -v setfacl >/dev/null || skip 'needs setfacl of the package acl'
  layers
  "$plyfs" mount -o "$options" m
  setfacl -m u:1:r m/a
  umount m
  mkdir u/d
  setfacl -d -m u:1:rwx u/d
  "$plyfs" mount -o "$options,noacl" m
  code setfacl -m u:2:r m/a
  grep -q 'not supported' err || fail "setfacl with noacl: $(cat err)"
  code getfattr -n system.posix_acl_access m/a
  grep -q 'not supported' err || fail "getfattr with noacl: $(cat err)"
  equal '' "$(getfattr -m - m/a m/d | grep acl || true)" 'listed attributes'
  umask 027
  mkdir m/d/made
  equal 750 "$(stat -c %a m/d/made)" 'mode of what was made'
  equal '' "$(getfattr -m - u/d/made | grep acl || true)" 'ACL inherited with noacl'
  umount m
}

maxWrite_boundsARequest_andDebugShowsIt() {
  layers
  for case in 4096:16 65536:1; do
    "$plyfs" mount -d -f -o "$options,max_write=${case%:*}" m 2>log &
    until mountpoint -q m; do sleep 0.02; done
    dd if=/dev/zero of=m/x bs=64k count=1 oflag=direct status=none
    umount m
    wait $!
    equal "${case#*:}" "$(grep -c '\<WRITE\>' log)" "requests with max_write=${case%:*}"
    rm u/x
  done
}

timeout_isHowLongTheKernelRemembers() {
  layers
  for case in 0:3 60:1; do
    "$plyfs" mount -f -o "$options,debug,timeout=${case%:*}" m 2>log &
    until mountpoint -q m; do sleep 0.02; done
    for n in 1 2 3; do cat m/none 2>/dev/null || true; done
    umount m
    wait $!
    equal "${case#*:}" "$(grep -c '\<LOOKUP\>' log)" "lookups with timeout=${case%:*}: $(cat log)"
  done
}

statfs_isThatOfTheUpperFileSystem_elseOfTheTopLower() {
  layers
  mkdir disk
  mount -t tmpfs -o size=12345k none disk
  mkdir disk/l disk/u disk/w
  truncate -s 1M disk/l/sparse
  "$plyfs" mount -o lowerdir=l1,upperdir=disk/u,workdir=disk/w m
  equal "$(stat -f -c '%b %S' disk) 255 0" "$(stat -f -c '%b %S %l %i' m)" 'statfs with an upper'
  umount m
  "$plyfs" mount -o lowerdir=disk/l:l1 m
  equal "$(stat -f -c '%b %S' disk) 255 0" "$(stat -f -c '%b %S %l %i' m)" 'statfs without'
  equal '4096 0' "$(stat -c %o m/a) $(du -k m/sparse | cut -f 1)" 'block size, and du of holes'
  umount m
  umount disk
}

hugeOptionString_andLayersBeyondFiveHundred_areMounted() {
  layers
  long=$(printf '%0200d' 0)
  mkdir "$long"
  lowers=''
  for n in $(seq 501); do
    mkdir -p "$long/$n"
    echo "$n" >"$long/$n/f$n"
    lowers=$lowers:$long/$n
  done
  [ "${#lowers}" -gt 102400 ] || fail "only ${#lowers} bytes of options"
  "$plyfs" mount -o "lowerdir=${lowers#:},upperdir=u,workdir=w" m
  equal '501 1 501' "$(ls m | wc -l) $(cat m/f1) $(cat m/f501)" 'files of all layers'
  echo x >>m/f501
  umount m
  equal x "$(tail -n 1 u/f501)" 'file in the upper directory'
}

optionsNotThere_areErrors_inOneLine() {
  layers
  for word in nfs_export=on fast_ino=1 plugins=x ino32_t; do
    refused 1 "option '$word' is not implemented yet" "$plyfs" mount -o "$options,$word" m
  done
  refused 1 "contradict each other" "$plyfs" mount -o "$options,allow_root,allow_other" m
  refused 1 "needs 'open=passthrough'" "$plyfs" mount -o "$options,passthrough=all" m
  refused 1 "'timeout' is given twice" "$plyfs" mount -o "$options,timeout=1" -o timeout=1 m
  mknod nofuse c 10 254
  refused 2 'cannot open /dev/fuse' unshare -m sh -c \
    "mount --bind nofuse /dev/fuse && exec '$plyfs' mount -o '$options' m"
}

contextOptions_goToTheKernel() {
  layers
  [ ! -d /sys/fs/selinux ] || [ ! -e /sys/fs/selinux/enforce ] || skip 'SELinux is on here'
  refused 32 'EINVAL' "$plyfs" mount -o "$options,context=system_u:object_r:x:s0" m
  equal '' "$(daemon)" 'a daemon is left'
}

for name in $(sed -n 's/^\([a-z][a-z0-9]*[A-Z_][A-Za-z0-9_]*\)() {$/\1/p' "$0"); do
  scenario "$name"
done
finish
