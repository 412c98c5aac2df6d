#!/bin/sh
# Layers of every kind of file system, and layers that another mount uses.
. "$(dirname "$0")/lib.sh"
require_mounts

# code COMMAND...: its exit code, its standard error in the file err
code() {
  result=0
  "$@" 2>err || result=$?
}

# stack LOWER NAME: options of a mount whose upper directory and workdir are NAME/u and NAME/w
stack() {
  mkdir -p "$2/u" "$2/w" "$2/m"
  options="lowerdir=$PWD/$1,upperdir=$PWD/$2/u,workdir=$PWD/$2/w"
}

# same LOWER WORDS: what a shell says that does WORDS in a Plyfs mount is what it says in one of
# kernel overlayfs, whose layers are equal
same() {
  stack "$1" kernel
  mount -t overlay overlay -o "$options" kernel/m 2>/dev/null || skip 'needs kernel overlayfs'
  (cd kernel/m && sh -c "$2") >kernel.out 2>&1 || true
  umount kernel/m
  stack "$1" plyfs
  "$plyfs" mount -o "$options" plyfs/m
  (cd plyfs/m && sh -c "$2") >plyfs.out 2>&1 || true
  "$plyfs" umount plyfs/m
  diff kernel.out plyfs.out || fail "not as kernel overlayfs: $2"
  rm -rf kernel plyfs
}

# What changes each kind of object, and tells what is there then.
changes='echo more >>f; chmod 700 d; rm d/g; mkdir d/new; ln -sfn x ln; chown 1 fifo
  setfattr -n user.a -v 2 f; ln f again; mv f moved; touch -d @1 moved; : >again
  find . -printf "%P %y %m %U %s %l\n" | grep -v " d " | sort; ls d; cat moved'

tree() {
  mkdir -p "$1/d"
  echo one >"$1/f"
  echo two >"$1/d/g"
  ln -s f "$1/ln"
  mkfifo "$1/fifo"
}

# image PROGRAM...: an image of the directory tree, mounted at disk
image() {
  command -v "$1" >/dev/null || skip "needs $1"
  tree tree
  mkdir disk
  "$@" >/dev/null 2>&1 || fail "$*"
  mount -o loop,ro image disk 2>err || skip "needs loop devices and the file system: $(cat err)"
}

# EROFS says of each of its objects that it is immutable.
erofsLayer_canBeChanged_asWithTheKernel() {
  image mkfs.erofs image tree
  same disk "$changes"
}

squashfsLayer_canBeChanged_asWithTheKernel() {
  image mksquashfs tree image -no-progress
  same disk "$changes"
}

# Kernel overlayfs passes on what EROFS says.
overlayOverErofs_asALayer_canBeChanged() {
  image mkfs.erofs image tree
  stack disk outer
  mount -t overlay overlay -o "$options" outer/m 2>/dev/null || skip 'needs kernel overlayfs'
  same outer/m "$changes"
  umount outer/m
}

# What chattr set counts on a file system that is mounted read-only, too.
flagsInAReadOnlyFileSystem_arePromisesStill() {
  truncate -s 16M image
  mkfs.ext4 -q image
  tree tree
  mkdir disk
  mount -o loop image disk 2>err || skip "needs loop devices: $(cat err)"
  cp -a tree/. disk/
  chattr +i disk/f && chattr +a disk/d || skip 'needs chattr'
  umount disk
  mount -o loop,ro image disk
  same disk 'chmod 600 f; mv f g; rm -f f; touch d/new && rm d/new; ls d; chmod 700 d; lsattr f
    lsattr -d d'
}

# flagged LOWER UPPER: files and directories with chattr +a and +i in both
flagged() {
  mkdir -p "$1/dir" "$2/dir" "$2/alone"
  for at in "$1/low" "$1/dir/low" "$2/up" "$2/fixed" "$2/dir/up" "$2/alone/f"; do
    echo 1 >"$at"
  done
  chattr +a "$1/low" "$2/up" "$2/dir" "$2/alone" 2>/dev/null && chattr +i "$2/fixed" ||
    skip 'needs chattr of the file system'
}

# Each case is one line: whether it can be done.
cases='t() { if eval "$1" >/dev/null 2>&1; then echo "yes: $1"; else echo "no:  $1"; fi; }
for f in up low fixed; do
  t "echo +2 >>$f"; t "echo X 1<>$f >&1"; t "truncate -s 0 $f"; t "truncate -s 99 $f"; t "true >$f"
  t "chmod 600 $f"; t "chown 1 $f"; t "touch -d @1 $f"; t "touch $f"; t "setfattr -n user.a -v 1 $f"
  t "ln $f link"; t "mv $f moved"; t "rm -f $f"; t "echo new >new && mv -f new $f"; rm -f new
  t "echo +3 >>$f"; cat $f | tr -d "\0"; stat -c %s $f; lsattr $f
done
for d in dir alone; do
  t "echo x >$d/new"; t "echo y >>$d/new"; t "mkdir $d/sub"; t "ln -s x $d/ln"; t "rm $d/new"
  t "mv $d/new out"; t "mv $d/new $d/other"; t "echo z >z && mv z $d/z"; t "rmdir $d/sub"
  t "chmod 700 $d"; t "touch $d"; t "mv $d moved"; t "echo x >>$d/low"; ls $d
done
t "chattr -a up"; t "chattr +i up"; t "chattr -i fixed"; t "chattr -a low && true >low"'

flagsOfAnUpperBeforeTheMount_areObeyed_asWithTheKernel() {
  for kind in kernel plyfs; do
    mkdir $kind
    cd $kind
    mkdir l u w m
    flagged l u
    trap 'chattr -R -ia "$dir"/kernel "$dir"/plyfs 2>/dev/null || true' EXIT
    set -- -o "lowerdir=$PWD/l,upperdir=$PWD/u,workdir=$PWD/w"
    if [ $kind = kernel ]; then
      mount -t overlay overlay "$@" m 2>/dev/null || skip 'needs kernel overlayfs'
    else
      "$plyfs" mount "$@" m
    fi
    (cd m && sh -c "$cases") >../$kind.out 2>&1 || true
    umount m
    (cd u && for f in *; do echo "$f"; lsattr -d "$f"; [ -d "$f" ] || od -c "$f"; done) >>../$kind.out
    cd ..
  done
  diff kernel.out plyfs.out || fail 'not as kernel overlayfs'
}

# mounted NAME OPTION...: mounts at NAME/m, with the layers l, NAME/u and NAME/w
mounted() {
  name=$1
  shift
  mkdir -p l "$name/u" "$name/w" "$name/m"
  "$plyfs" mount -o "$(over l "$name/u" "$name/w" "$@")" "$name/m"
}

# over LOWER UPPER WORK OPTION...: the options
over() {
  printf 'lowerdir=%s,upperdir=%s,workdir=%s' "$1" "$2" "$3"
  shift 3
  [ $# = 0 ] || printf ',%s' "$@"
}

# refused TEXT LOWER UPPER WORK OPTION...: a mount at m is, with this in its one line
refused() {
  text=$1
  shift
  mkdir -p m
  code "$plyfs" mount -o "$(over "$@")" m
  equal 32 "$result" "exit code of a mount of $*"
  equal 1 "$(wc -l <err)" "lines on standard error: $(cat err)"
  grep -q -- "$text" err || fail "expected '$text': $(cat err)"
  ! mountpoint -q m || fail "mounted: $*"
}

# accepted LOWER UPPER WORK OPTION...
accepted() {
  mkdir -p m
  "$plyfs" mount -o "$(over "$@")" m
  "$plyfs" umount m
}

upperWithAnotherWorkdir_isRefused_asAreUpperAndWorkdirInEachOthersPlace() {
  mkdir -p l w2 u2
  mounted one
  refused "upper directory one/u is the upper directory of the mount on $PWD/one/m" l one/u w2
  refused "workdir one/w is the workdir of the mount on $PWD/one/m" l u2 one/w
  refused "upper directory one/w is the workdir of the mount on" l one/w w2
  refused "workdir one/u is the upper directory of the mount on" l u2 one/u
  mkdir bound
  mount --bind one bound
  refused "upper directory bound/u is the upper directory of the mount on $PWD/one/m" l bound/u bound/w
  umount bound
  "$plyfs" umount one/m
  accepted l one/u w2
  accepted l u2 one/w
}

# The runtime directory does not list the mount there: the upper directory itself shows it.
upperOfAnotherMountNamespace_isRefused() {
  mkdir -p l w2 m2
  mounted one
  code unshare -m sh -c "mount -t tmpfs none /run && '$plyfs' mount -o '$(over l one/u w2)' m2"
  equal 32 "$result" 'exit code'
  grep -q 'upper directory one/u is in use by another mount.*(EBUSY)' err || fail "$(cat err)"
  kill -9 "$("$plyfs" ps | awk -v m="$PWD/one/m" '$3 == m { print $1 }')"
  umount one/m
  accepted l one/u w2
}

nestedUppers_areRefused_inBothDirections() {
  mounted one
  mkdir -p one/u/in/u one/u/in/w one/w/mine w2 around u2
  refused "upper directory one/u/in/u lies inside the upper directory of the mount on" \
    l one/u/in/u one/u/in/w
  refused "workdir one/w/mine lies inside the workdir of the mount on" l u2 one/w/mine
  refused "upper directory one contains the upper directory of the mount on" l one w2
  unshare -m sh -c "mount --bind one around &&
    ! '$plyfs' mount -o '$(over l around/u/in/u around/u/in/w)' m" 2>err || fail 'mounted'
  grep -q 'around/u/in/u lies inside the upper directory' err || fail "$(cat err)"
  "$plyfs" umount one/m
  accepted l one/u/in/u one/u/in/w
}

# The kernel refuses the same with index=on, and warns without.
lowerInsideAnotherUpper_isRefusedWithAnIndex() {
  mounted one
  mkdir -p one/u/low one/w/low u2 w2
  refused 'lower directory one/u is the upper directory.*use index=off' \
    one/u u2 w2 index=on
  refused 'lower directory one/u/low lies inside the upper directory.*(EBUSY)' \
    one/u/low u2 w2 index=on
  refused 'lower directory one/w/low lies inside the workdir' one/w/low u2 w2 index=on
  accepted one/u/low u2 w2
  "$plyfs" umount one/m
  accepted one/u/low u2 w2 index=on
}

directoriesOfTheKernelsOverlays_areInUse_withAllThatIsInside() {
  stack l k
  mkdir l
  mount -t overlay overlay -o "$options" k/m 2>/dev/null || skip 'needs kernel overlayfs'
  mkdir -p k/u/in/u k/u/in/w u2 w2
  refused "upper directory k/u is the upperdir of the overlay mounted on $PWD/k/m" l k/u w2
  refused "upper directory k/u/in/u lies inside the upperdir of the overlay" l k/u/in/u k/u/in/w
  refused "upper directory k contains the upperdir of the overlay" l k w2
  refused "lower directory k/u/in lies inside the upperdir.*index=off" k/u/in u2 w2 index=on
  accepted k/u/in u2 w2
  umount k/m
  accepted l k/u w2
}

mount_leavesNoTraceOfItsLocks() {
  mkdir -p l u w m
  accepted l u w index=off,redirect_dir=off,xino=off
  equal '' "$(ls -A u)" 'entries of the upper directory'
  equal work "$(ls -A w)" 'entries of the workdir'
  equal '' "$(getfattr -d -m - u w 2>/dev/null)" 'attributes'
}

# The layers of one squashfs: it has no UUID, which the kernel takes too, if one alone has none.
squashfsLayer_withAnIndex_keepsHardLinks_asWithTheKernel() {
  tree tree
  ln tree/f tree/second
  command -v mksquashfs >/dev/null || skip 'needs mksquashfs'
  mksquashfs tree image -no-progress >/dev/null
  mkdir disk
  mount -o loop,ro image disk 2>err || skip "needs loop devices and squashfs: $(cat err)"
  stack disk one
  for kind in kernel plyfs kernel plyfs; do
    if [ $kind = kernel ]; then
      mount -t overlay overlay -o "$options,index=on" one/m 2>/dev/null ||
        skip 'needs kernel overlayfs'
    else
      "$plyfs" mount -o "$options,index=on" one/m
    fi
    echo $kind >>one/m/f
    equal "$(cat one/m/f)" "$(cat one/m/second)" "content by the second name, $kind"
    equal '2 2' "$(stat -c %h one/m/f one/m/second | tr '\n' ' ' | sed 's/ $//')" "links, $kind"
    umount one/m
  done
  mkdir other
  mksquashfs tree other.image -no-progress >/dev/null
  mount -o loop,ro other.image other
  refused 'no UUID, or the UUID of another file system: mount with index=off' disk:other one/u one/w index=on
}

# works DIRECTORY OPTION...: with its upper directory there, changes of each kind succeed, and stay
works() {
  at=$1
  shift
  rm -rf l
  mkdir -p l/d l/moved/inner l/dir "$at/u" "$at/w" m
  chmod 777 "$at/u"
  echo 1 >l/f
  echo 2 >l/d/g
  echo 3 >l/moved/inner/h
  echo 4 >l/dir/k
  mkfifo l/fifo
  "$plyfs" mount -o "$(over l "$at/u" "$at/w" "$@")" m 2>notices
  rm m/f
  rm -r m/d
  mkdir m/d
  mv m/moved m/new
  echo 5 >>m/dir/k
  ln m/dir/k m/dir/l
  chmod 600 m/fifo
  (cd m && setpriv --reuid 65534 --regid 65534 --clear-groups sh -c '
    mkdir mine && echo 6 >mine/n && ln -s n mine/ln && mv mine own && mv own/n own/o')
  rm -r m/dir && mkdir m/dir && echo 7 >m/dir/x && rm m/dir/x
  for when in 'at once' 'after a remount'; do
    equal 'd dir fifo new new/inner new/inner/h own own/ln own/o' \
      "$(cd m && find . -mindepth 1 -printf '%P\n' | LC_ALL=C sort | tr '\n' ' ' | sed 's/ $//')" \
      "what is there with the upper in $at, $when"
    umount m
    "$plyfs" mount -o "$(over l "$at/u" "$at/w" "$@")" m 2>>notices
  done
  umount m
}

# form TEXT: the mount said so of the form of its marks; nothing said is the kernel's form
form() {
  case $1 in
    kernel) equal '' "$(cat notices)" 'notices' ;;
    *) grep -q "whiteouts are stored as files '.wh.NAME'" notices || fail "$(cat notices)" ;;
  esac
}

# made KIND: a directory of a file system of this kind at disk; what it lacks in the file why
made() {
  mkdir -p disk
  truncate -s 320M image
  case $1 in
    tmpfs | ramfs) mount -t "$1" none disk ;;
    ext2 | ext4) mkfs."$1" -q -F image && mount -o loop image disk ;;
    xfs) mkfs.xfs -q -f image && mount -o loop image disk ;;
    btrfs) mkfs.btrfs -q -f image && mount -o loop image disk ;;
    bindfs) mkdir -p bound && bindfs bound disk ;;
    fuse-overlayfs)
      mkdir -p l stack/u stack/w &&
        fuse-overlayfs -o "$(over l stack/u stack/w)" disk ;;
    overlay)
      mkdir -p l stack/u stack/w &&
        mount -t overlay overlay -o "$(over "$PWD/l" "$PWD/stack/u" "$PWD/stack/w")" disk ;;
    plyfs,*)
      mkdir -p l stack/u stack/w &&
        "$plyfs" mount -o "$(over l stack/u stack/w "${1#plyfs,}")" disk ;;
  esac >why 2>&1
}

# Each line: a file system, options of the mount above, and how marks are stored or why not.
uppers='
tmpfs           -               kernel
ext4            -               kernel
ext2            -               kernel
xfs             -               kernel
btrfs           -               kernel
btrfs           whiteout=file   files
ramfs           -               files
overlay         -               files
bindfs          -               files
plyfs,aufs=off  -               files
plyfs,aufs=on   -               whiteouts, neither as character devices 0:0 nor as files .wh.NAME
plyfs,aufs=on   whiteout=char   whiteouts as character devices 0:0
plyfs,aufs=on   whiteout=file   whiteouts as files .wh.NAME
plyfs,aufs=on   aufs=off        whiteouts as character devices 0:0
fuse-overlayfs  -               whiteouts, neither as character devices 0:0 nor as files .wh.NAME
ramfs           whiteout=char   attributes'

# What a union writes is tried before the mount promises it: what is accepted works.
uppersOfEachFileSystem_work_orAreRefusedAtMount() {
  while read -r kind option expected <&3; do
    [ -n "$kind" ] || continue
    if ! made "$kind"; then
      echo "not here: $kind: $(head -n 1 why)"
      continue
    fi
    mkdir -p l disk/u disk/w
    case $expected in
      kernel | files)
        works disk $([ "$option" = - ] || echo "$option")
        form "$expected" ;;
      attributes)
        refused 'upper directory disk/u: its file system does not support the attributes trusted' \
          l disk/u disk/w "$option" ;;
      *)
        refused "upper directory disk/u: its file system cannot store $expected: use a directory" \
          l disk/u disk/w $([ "$option" = - ] || echo "$option") ;;
    esac
    umount disk
    rm -rf stack bound image l
  done 3<<END
$uppers
END
}

upperOnAReadOnlyFileSystem_isRefused() {
  mkdir -p tree/u tree/w l disk
  command -v mksquashfs >/dev/null || skip 'needs mksquashfs'
  mksquashfs tree image -no-progress >/dev/null
  mount -o loop,ro image disk 2>err || skip "needs loop devices and squashfs: $(cat err)"
  refused 'workdir disk/w: Read-only file system (EROFS)' l disk/u disk/w
}

scenario erofsLayer_canBeChanged_asWithTheKernel
scenario squashfsLayer_canBeChanged_asWithTheKernel
scenario overlayOverErofs_asALayer_canBeChanged
scenario flagsInAReadOnlyFileSystem_arePromisesStill
scenario flagsOfAnUpperBeforeTheMount_areObeyed_asWithTheKernel
scenario upperWithAnotherWorkdir_isRefused_asAreUpperAndWorkdirInEachOthersPlace
scenario upperOfAnotherMountNamespace_isRefused
scenario nestedUppers_areRefused_inBothDirections
scenario lowerInsideAnotherUpper_isRefusedWithAnIndex
scenario directoriesOfTheKernelsOverlays_areInUse_withAllThatIsInside
scenario mount_leavesNoTraceOfItsLocks
scenario squashfsLayer_withAnIndex_keepsHardLinks_asWithTheKernel
scenario uppersOfEachFileSystem_work_orAreRefusedAtMount
scenario upperOnAReadOnlyFileSystem_isRefused
finish
