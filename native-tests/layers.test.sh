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

scenario erofsLayer_canBeChanged_asWithTheKernel
scenario squashfsLayer_canBeChanged_asWithTheKernel
scenario overlayOverErofs_asALayer_canBeChanged
scenario flagsInAReadOnlyFileSystem_arePromisesStill
scenario flagsOfAnUpperBeforeTheMount_areObeyed_asWithTheKernel
finish
