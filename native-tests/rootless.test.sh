#!/bin/sh
# Mounts by others than root: an ordinary user with fusermount3, root of a user namespace with
# mount(2), and uppers whose file system takes no extended attributes. Everything is mounted in
# mount namespaces of its own.
. "$(dirname "$0")/lib.sh"
require_mounts

user=1 # fusermount3 asks for a name, and every machine has this one
require() {
  for program; do
    command -v "$program" >/dev/null || skip "needs $program"
  done
}

# An installation and a home that an ordinary user can reach, and a /dev/fuse that he may open:
# some machines keep it for root.
prepare() {
  require setpriv unshare fusermount3 getfattr setfattr
  chmod 755 "$dir"
  "$here/../scripts/install" --prefix "$dir/prefix" --helper-dir "$dir/helpers" >/dev/null
  plyfs=$dir/prefix/bin/plyfs
  mknod -m 666 fuse c 10 229
  install -d -o $user -g $user home
  as_user 'mkdir -p l1/d l2/d u w m .run; echo one >l1/d/a; echo two >l2/d/b; echo three >l2/c
    chmod 444 l2/c; ln -s x l2/link; mkfifo l2/fifo'
}

# isolated SETUP WRAPPER SCRIPT: as the user, in a mount namespace where SETUP was run by root
isolated() {
  printf '%s\n' 'set -eu' "cd $dir/home" "$3" >"$dir/script"
  unshare -m sh -c "mount --bind $dir/fuse /dev/fuse; $1
    exec env -u JAVA_TOOL_OPTIONS HOME=$dir/home XDG_RUNTIME_DIR=$dir/home/.run plyfs=$plyfs \
      setpriv --reuid=$user --regid=$user --clear-groups $2 sh $dir/script"
}

as_user() {
  isolated : '' "$1"
}

# Root of a user namespace of the user's.
as_namespace_root() {
  unshare -Ur true 2>/dev/null || skip 'needs user namespaces'
  isolated : 'unshare -Urm' "$1"
}

options='lowerdir=l1:l2,upperdir=u,workdir=w'

# refused CODE TEXT COMMAND: it ends with the code and one line on standard error with the text
refused() {
  printf '%s\n' "result=0; $3 2>err >out || result=\$?; echo \$result >code" >"$dir/refused"
  as_user "$(cat "$dir/refused")"
  equal "$1" "$(cat home/code)" "exit code ($(cat home/err))"
  equal 1 "$(wc -l <home/err)" "lines of standard error"
  grep -qF -- "$2" home/err || fail "'$2' is not in: $(cat home/err)"
}

changes='echo more >>m/d/a; rm m/d/b; chmod 600 m/c; touch -h m/link; chmod 600 m/fifo
  rm -r m/d; mkdir m/d; echo new >m/d/n; mkdir m/e; mv m/e m/f'
expected="$(printf '.\n./c\n./d\n./d/n\n./f\n./fifo\n./link')"

userMountsWithFusermount_andWhatHeChangesStays() {
  prepare
  as_user "\$plyfs mount -o $options m
    grep ' $dir/home/m ' /proc/self/mountinfo >table
    [ -n \"\$(\$plyfs ps | grep $dir/home/m)\" ]
    $changes
    (cd m && find . | LC_ALL=C sort) >first
    (stat -c %i m/c m/d/n m/link; stat -c %a m/c m/fifo) >ino1
    \$plyfs umount m
    \$plyfs mount -o $options m
    (cd m && find . | LC_ALL=C sort) >second
    stat -c %i m/c >ino2
    \$plyfs umount m
    ! grep ' $dir/home/m ' /proc/self/mountinfo"
  equal "$expected" "$(cat home/first)" "tree"
  equal "$expected" "$(cat home/second)" "tree after a remount"
  equal "$(head -n 1 home/ino1)" "$(cat home/ino2)" "inode number after a remount"
  grep -q 'nosuid,nodev.* - fuse.plyfs plyfs .*user_id=1,' home/table || fail "$(cat home/table)"
  ! grep -q allow_other home/table || fail "others may use it: $(cat home/table)"
  equal y "$(getfattr --only-values -n user.overlay.opaque home/u/d)" "mark"
  equal 700 "$(stat -c %a home/w/work)" "mode of work/"
}

signalEndsTheMountOfAUser_alsoWhileItIsBusy() {
  prepare
  as_user "\$plyfs mount -o $options m
    sleep 1000 <m/c & busy=\$!
    ! \$plyfs umount m 2>err
    grep -q EBUSY err
    pid=\$(\$plyfs ps | awk '\$3 == \"$dir/home/m\" { print \$1 }')
    kill \$pid
    while grep -q ' $dir/home/m ' /proc/self/mountinfo; do sleep 0.02; done
    kill \$busy
    while [ -d /proc/\$pid ] && ! grep -q '^State:.Z' /proc/\$pid/status; do sleep 0.02; done"
}

deadMountOfAUser_isClearedByTheNextMount() {
  prepare
  as_user "\$plyfs mount -o $options m
    pid=\$(\$plyfs ps | awk '\$3 == \"$dir/home/m\" { print \$1 }')
    kill -9 \$pid
    while [ -d /proc/\$pid ] && ! grep -q '^State:.Z' /proc/\$pid/status; do sleep 0.02; done
    \$plyfs mount -o $options m
    cat m/d/a >content
    grep -c ' $dir/home/m ' /proc/self/mountinfo >mounts
    \$plyfs umount m"
  equal one "$(cat home/content)" "content"
  equal 1 "$(cat home/mounts)" "mounts on the mount point"
}

# The caller's pipes and Java's jars are nothing for a program that is setuid root.
fusermount_getsNoDescriptorsButItsSocket() {
  prepare
  mkdir bin
  cat >bin/fusermount3 <<END
#!/bin/sh
ls -l /proc/\$\$/fd | sed -n 's,^.* \\([0-9][0-9]* -> .*\\),\\1,p' | grep -v bin/fusermount3 >>'$dir/home/fds'
exec $(command -v fusermount3) "\$@"
END
  chmod 755 bin bin/fusermount3
  as_user "PATH=$dir/bin:\$PATH
    : >pipe
    \$plyfs mount -o $options m 5<pipe 7<pipe
    \$plyfs umount m 5<pipe 7<pipe
    \$plyfs mount -f -o $options m 5<pipe 7<pipe &
    until grep -q ' $dir/home/m ' /proc/self/mountinfo; do sleep 0.02; done
    \$plyfs umount m
    wait"
  grep -q '^3 -> socket' home/fds || fail "not called: $(cat home/fds)"
  equal '' "$(grep -v '^[012] ' home/fds | grep -v '^3 -> socket' || true)" 'descriptors'
}

umountWithoutMtab_showsWhatFusermountSays() {
  prepare
  mkdir etc work
  isolated "mount -t overlay -o lowerdir=/etc,upperdir=$dir/etc,workdir=$dir/work etc /etc
    rm -f /etc/mtab" '' "\$plyfs mount -o $options m
    ! \$plyfs umount m 2>err
    kill \$(\$plyfs ps | awk '\$3 == \"$dir/home/m\" { print \$1 }')"
  grep -q 'fusermount3.*mtab' home/err || fail "$(cat home/err)"
}

optionsThatAUserCannotHave_areRefused_andSayWhatTheyNeed() {
  prepare
  if grep -q '^user_allow_other' /etc/fuse.conf 2>/dev/null; then
    echo "user_allow_other is set here"
  else
    refused 32 "'user_allow_other' in /etc/fuse.conf" "\$plyfs mount -o $options,allow_other m"
  fi
  refused 1 "option 'suid' needs root" "\$plyfs mount -o $options,suid m"
  refused 1 "redirect_dir=on" "\$plyfs mount -o $options,redirect_dir=on m"
  mkdir bin
  ln -s /usr/bin/* "$(command -v java)" bin/ 2>/dev/null || true
  rm bin/fusermount3
  refused 32 "install the package fuse3" "PATH=$dir/bin \$plyfs mount -o $options m"
}

layersAndMountPointInEachOther_areRefused_forTheDaemonWouldWaitForItself() {
  prepare
  as_user 'mkdir l1/m m/l'
  refused 32 'ELOOP' "\$plyfs mount -o $options l1/m"
  refused 32 'ELOOP' "\$plyfs mount -o lowerdir=m/l:l2 m"
  isolated "mount --bind $dir/home/l2 $dir/home/l1/d" '' \
    "\$plyfs mount -o $options m 2>err && exit 1 || [ \$? = 32 ]"
  grep -q 'contains another mounted file system.*EXDEV' home/err || fail "$(cat home/err)"
}

copyUpThatCannotKeepTheOwner_isRefused_andLeavesNothing() {
  prepare
  echo root >home/l1/others
  chmod 666 home/l1/others
  as_user "\$plyfs mount -o $options m
    ! (/bin/echo x >>m/others) 2>err
    ! mknod m/null c 1 3 2>>err
    ! chown 2 m/c 2>>err
    cat m/others >content
    \$plyfs umount m"
  equal 3 "$(grep -c 'Operation not permitted' home/err)" "$(cat home/err)"
  equal root "$(cat home/content home/l1/others | sort -u)" "content"
  equal '' "$(ls -A home/u home/w/work | grep -v -e : -e '#whiteout' -e '^$')" "upper and workdir"
}

redirectInTheUserNamespace_isNotFollowed() {
  prepare
  setfattr -n user.overlay.redirect -v /d home/l1/d
  as_user "\$plyfs mount -o $options m
    ! stat m/d 2>err
    \$plyfs umount m"
  grep -q 'Operation not permitted' home/err || fail "$(cat home/err)"
}

rootOfAUserNamespace_mountsItself_andTheKernelReadsItsUpperAlike() {
  prepare
  as_namespace_root "
    mount -t overlay -o userxattr,$options overlay m || { echo no overlay >none; exit 0; }
    umount m
    show() { (cd m && find . | LC_ALL=C sort && stat -c '%n %A %u:%g %s %Y' c d f link &&
      getfattr -h -d -m - -R . && cat d/n); }
    \$plyfs mount -o $options m
    grep ' $dir/home/m ' /proc/self/mountinfo >table
    $changes
    (cd m && find . | LC_ALL=C sort) >first
    show >plyfs1
    \$plyfs umount m
    mount -t overlay -o userxattr,$options overlay m
    show >kernel1
    echo kernel >m/k; rm m/c; mkdir m/c; rm m/f -r; chmod 600 m/d
    show2() { (cd m && find . | LC_ALL=C sort && cat k && stat -c '%n %A' c d); }
    show2 >kernel2
    umount m
    \$plyfs mount -o $options m
    show2 >plyfs2
    \$plyfs umount m"
  [ ! -f home/none ] || skip 'kernel overlayfs cannot be mounted in a user namespace'
  equal "$expected" "$(cat home/first)" "tree"
  equal "$(cat home/kernel1)" "$(cat home/plyfs1)" "upper of Plyfs under the kernel"
  equal "$(cat home/kernel2)" "$(cat home/plyfs2)" "upper of the kernel under Plyfs"
  grep -q 'allow_other' home/table || fail "$(cat home/table)"
}

fileOfAnUnknownOwner_isNotChangedInAUserNamespace() {
  prepare
  echo root >home/l1/others
  chmod 666 home/l1/others
  as_namespace_root "\$plyfs mount -o $options m
    stat -c %u m/others >owner
    ! (/bin/echo x >>m/others) 2>err
    cat m/others >content
    \$plyfs umount m"
  equal 65534 "$(cat home/owner)" "owner as shown"
  equal root "$(cat home/content)" "content"
  grep -q 'Permission denied' home/err || fail "$(cat home/err)" # the kernel's own check
}

# SEMANTICS 3.40: what cannot be done is said, and the rest can.
remountInAUserNamespace_changesAllFlagsButAccessTimes() {
  prepare
  as_namespace_root "\$plyfs mount -o $options m
    result=0
    \$plyfs mount -o remount,noatime m 2>err || result=\$?
    echo \$result >code
    \$plyfs mount -o remount,ro m
    ! touch m/x 2>/dev/null
    grep ' $dir/home/m ' /proc/self/mountinfo >table
    \$plyfs umount m"
  equal 1 "$(cat home/code)" "exit code of remount,noatime: $(cat home/err)"
  grep -q "'noatime' cannot be changed by remount" home/err || fail "$(cat home/err)"
  grep -q ' ro,' home/table || fail "$(cat home/table)"
  ! grep -q noatime home/table || fail "$(cat home/table)"
}

# A ramfs takes neither attributes nor RENAME_WHITEOUT.
upperWithoutAttributes_keepsOpaqueDirectoriesAsFiles() {
  mkdir -p l/d/deep l/e r m
  echo 1 >l/d/low
  echo 1 >l/e/low
  echo 1 >l/f
  unshare -m sh -euc "
    mount -t ramfs none r
    mkdir r/u r/w
    o='lowerdir=l,upperdir=r/u,workdir=r/w'
    $plyfs mount -o \$o m 2>notices
    rm -r m/d; mkdir m/d; echo 2 >m/d/new
    mkdir m/p; echo 3 >m/p/x; rm -r m/e; mv m/p m/e
    echo 4 >>m/f; mv m/f m/g
    show() { (cd m && find . -type f | LC_ALL=C sort | xargs grep -H .); }
    show >first
    $plyfs umount m
    find r/u -name '.wh.*' | LC_ALL=C sort >marks
    $plyfs mount -o \$o m 2>/dev/null
    show >second
    rm -r m/d m/e; mkdir m/e
    (cd m && find . | LC_ALL=C sort) >third
    $plyfs umount m
    $plyfs mount -o \$o,whiteout=char m 2>refusal && exit 1 || [ \$? = 32 ]"
  equal "$(printf './d/new:2\n./e/x:3\n./g:1\n./g:4')" "$(cat first)" "tree"
  equal "$(cat first)" "$(cat second)" "tree after a remount"
  equal "$(printf '.\n./e\n./g')" "$(cat third)" "tree after deletions"
  grep -q 'does not support extended attributes' notices || fail "$(cat notices)"
  grep -qF '.wh..wh..opq' marks || [ -s marks ] || fail "no marks"
  grep -q 'does not support the attributes' refusal || fail "$(cat refusal)"
}

aMountOfAUser_canBeExplained_shownAsATree_andWatched() {
  prepare
  as_user '"$plyfs" mount -o '"$options"' m
    "$plyfs" explain m /c >explained
    "$plyfs" explain m /d >>explained
    "$plyfs" trace m >events 2>ready &
    until grep -qs watching ready; do sleep 0.05; done
    echo more >>m/d/a
    rm m/d/b
    kill $!
    wait $! || true
    "$plyfs" tree m >tree
    "$plyfs" umount m'
  grep -q 'copy up /c: 6B of data' home/explained || fail "$(cat home/explained)"
  grep -q 'rename .*EXDEV' home/explained || fail "$(cat home/explained)"
  grep -q 'copy-up  *\/d/a: 4B from layer 2' home/events || fail "$(cat home/events)"
  grep -q 'whiteout-made  */d/b' home/events || fail "$(cat home/events)"
  grep -q '/d/a: in layer 2, replaced in the upper layer' home/tree || fail "$(cat home/tree)"
}

scenario userMountsWithFusermount_andWhatHeChangesStays
scenario signalEndsTheMountOfAUser_alsoWhileItIsBusy
scenario deadMountOfAUser_isClearedByTheNextMount
scenario fusermount_getsNoDescriptorsButItsSocket
scenario umountWithoutMtab_showsWhatFusermountSays
scenario optionsThatAUserCannotHave_areRefused_andSayWhatTheyNeed
scenario layersAndMountPointInEachOther_areRefused_forTheDaemonWouldWaitForItself
scenario copyUpThatCannotKeepTheOwner_isRefused_andLeavesNothing
scenario redirectInTheUserNamespace_isNotFollowed
scenario rootOfAUserNamespace_mountsItself_andTheKernelReadsItsUpperAlike
scenario fileOfAnUnknownOwner_isNotChangedInAUserNamespace
scenario remountInAUserNamespace_changesAllFlagsButAccessTimes
scenario upperWithoutAttributes_keepsOpaqueDirectoriesAsFiles
scenario aMountOfAUser_canBeExplained_shownAsATree_andWatched
finish
