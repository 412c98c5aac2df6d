#!/bin/sh
# As mount_program of podman, by root and by an ordinary user: overlay volumes, user namespaces, and
# containers that change hands between Plyfs, fuse-overlayfs and the kernel's overlayfs. Runs in
# namespaces of its own, where the machine has one user more and nothing else of podman's.
. "$(dirname "$0")/lib.sh"
require_mounts
for program in podman crun busybox fuse-overlayfs newuidmap getfattr setpriv findmnt; do
  command -v "$program" >/dev/null || {
    echo "skip all: needs $program"
    exit 0
  }
done

user=4242
if [ -z "${PLYFS_PODMAN_ROOT-}" ]; then
  PLYFS_PODMAN_ROOT=$(mktemp -d)
  export PLYFS_PODMAN_ROOT
  unshare -mpf --kill-child --mount-proc sh "$0" "$@"
  code=$?
  rm -rf "$PLYFS_PODMAN_ROOT"
  exit "$code"
fi

# A machine with cgroup2 alone, empty places for what podman keeps in the system's, and the user.
machine() {
  root=$PLYFS_PODMAN_ROOT
  chmod 755 "$root"
  umount -R /sys/fs/cgroup 2>/dev/null
  mount -t cgroup2 none /sys/fs/cgroup &&
    mount -t tmpfs -o mode=755 none /run && mount -t tmpfs -o mode=1777 none /dev/shm || return 1
  [ ! -d /var/lib/containers ] || mount -t tmpfs none /var/lib/containers || return 1
  for file in passwd group subuid subgid; do
    [ ! -f "/etc/$file" ] || cp "/etc/$file" "$root/$file"
  done
  echo "plyfs-test:x:$user:$user::/:/bin/sh" >>"$root/passwd"
  echo "plyfs-test:x:$user:" >>"$root/group"
  for file in subuid subgid; do
    printf '%s:%s:65536\n' plyfs-test 1000000 containers 2000000 >>"$root/$file"
  done
  for file in passwd group subuid subgid; do
    [ -f "/etc/$file" ] && mount --bind "$root/$file" "/etc/$file" || return 1
  done
  mknod -m 666 "$root/fuse" c 10 229 && mount --bind "$root/fuse" /dev/fuse || return 1
  "$here/../scripts/install" --prefix "$root/prefix" --helper-dir "$root/helpers" >/dev/null || return 1
  ln -s prefix/bin/plyfs "$root/fuse-overlayfs"
  image
}

# The root of an image that can be run, for import.
image() {
  mkdir "$root/i"
  (
    cd "$root/i" || exit 1
    mkdir -p bin etc tmp proc sys dev/pts dev/shm dev/mqueue run/secrets opt/tree/sub/deep opt/merged \
      opt/gone opt/deleted opt/files
    chmod 1777 tmp
    touch etc/hosts etc/hostname etc/resolv.conf run/.containerenv
    cp "$(command -v busybox)" bin/busybox
    for applet in sh echo ls cat mv rm mkdir touch chmod chown ln id mkfifo stat; do
      ln -s busybox "bin/$applet"
    done
    echo 'root:x:0:0:root:/:/bin/sh' >etc/passwd
    echo 'root:x:0:' >etc/group
    for name in tree/1 tree/sub/2 tree/sub/deep/3 merged/4 gone/5 deleted/6 files/a files/b files/c \
      files/d files/e files/f files/g; do
      echo "/opt/$name" >"opt/$name"
    done
    echo longer than others >opt/files/h
    ln -s target opt/files/link
    tar --numeric-owner --owner=0 --group=0 --mtime=@1700000000 -cf ../image.tar .
  )
}

if ! machine >"$PLYFS_PODMAN_ROOT/log" 2>&1; then
  echo "skip all: needs mounts of cgroup2, tmpfs and files of its own: $(tail -n 1 "$PLYFS_PODMAN_ROOT/log")"
  exit 0
fi

# What root and the user have in common, to be read in the directory of a scenario.
cat >"$PLYFS_PODMAN_ROOT/common" <<'END'
unset CONTAINERS_CONF
export CONTAINERS_STORAGE_CONF=$PWD/storage.conf XDG_RUNTIME_DIR=$PWD/run HOME=$PWD
limits='--network=none --cgroups=disabled --ulimit nofile=1024:1024 --ulimit nproc=1000:1000'

# engine plyfs|fuse-overlayfs|kernel [MOUNTOPT]: what mounts from now on
engine() {
  mkdir -p run store/overlay
  {
    printf '[storage]\ndriver = "overlay"\nrunroot = "%s/runroot"\n' "$PWD"
    printf 'graphroot = "%s/store"\nrootless_storage_path = "%s/store"\n' "$PWD" "$PWD"
    echo '[storage.options.overlay]'
    case $1 in
      plyfs) echo "mount_program = \"$PLYFS_PODMAN_ROOT/fuse-overlayfs\"" ;;
      fuse-overlayfs) echo "mount_program = \"$(command -v fuse-overlayfs)\"" ;;
      kernel) printf false >store/overlay/.has-mount-program ;;
    esac
    [ -z "${2-}" ] || echo "mountopt = \"$2\""
  } >storage.conf
  podman image exists t || podman import -q "$PLYFS_PODMAN_ROOT/image.tar" t >/dev/null
}

# All that can be seen below a directory, but for link counts of directories and what podman mounts.
tree() {
  (
    cd "$1" || exit 1
    find . -mindepth 1 -xdev \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./run -o -path ./step \) \
      -prune -o \( -type d -printf '%p %y %m %U:%G %T@\n' \) \
      -o -printf '%p %y %m %U:%G %T@ %n %s %l\n' | LC_ALL=C sort
    find ./etc ./opt -xdev -type f | LC_ALL=C sort | xargs grep -H ''
    getfattr -R -h -d -m - . 2>/dev/null | LC_ALL=C sort -s -k 1,1 | sed '/^$/d'
  )
}

# view CONTAINER: its tree, and in the file type what mounted it
view() {
  at=$(podman mount "$1") || return 1
  findmnt -n -o FSTYPE "$at" >type
  tree "$at"
  podman umount "$1" >/dev/null
}
END
. "$PLYFS_PODMAN_ROOT/common"

# byuser SCRIPT: in the directory of the scenario, which is made his
byuser() {
  chmod 755 "$dir"
  install -d -o "$user" -g "$user" "$dir/home"
  printf '%s\n' 'set -eu' "cd $dir/home" ". $PLYFS_PODMAN_ROOT/common" "$1" >"$dir/script"
  setpriv --reuid="$user" --regid="$user" --clear-groups sh "$dir/script" 2>"$dir/user.err" ||
    fail "as the user: $(cat "$dir/user.err")"
}

here() {
  . "$PLYFS_PODMAN_ROOT/common"
}

if ! (
  dir=$(mktemp -d "$PLYFS_PODMAN_ROOT/try.XXXX") && cd "$dir" && here && engine fuse-overlayfs &&
    [ "$(podman run --rm $limits t echo runs)" = runs ]
) 2>"$PLYFS_PODMAN_ROOT/log"; then
  echo "skip all: podman runs no container on fuse-overlayfs here: $(tail -n 1 "$PLYFS_PODMAN_ROOT/log")"
  exit 0
fi

overlayVolume_canBeWritten_andItsSourceStays() {
  here
  engine plyfs
  mkdir source upper work
  echo 1 >source/f
  equal '1 2' "$(podman run --rm $limits -v "$PWD/source:/mnt:O" t \
    sh -c 'echo 2 >>/mnt/f; echo $(cat /mnt/f)')" 'a file of the volume'
  equal 1 "$(cat source/f)" 'the file of the source'
  for count in '1 3' '1 3 3'; do
    equal "$count" "$(podman run --rm $limits -v "$PWD/source:/mnt:O,upperdir=$PWD/upper,workdir=$PWD/work" t \
      sh -c 'echo 3 >>/mnt/f; echo $(cat /mnt/f)')" 'a file of the volume that is kept'
  done
  equal 1 "$(cat source/f)" 'the file of the source'
}

rootfsAsOverlay_canBeWritten_andStays() {
  here
  engine plyfs
  cp -a "$PLYFS_PODMAN_ROOT/i" rootfs
  tree rootfs >before
  equal new "$(podman run --rm $limits --rootfs "$PWD/rootfs:O" \
    sh -c 'rm /opt/files/a; echo new >/opt/files/b; cat /opt/files/b')" 'a file of the container'
  tree rootfs | diff before - || fail 'the root directory changed'
}

overlayVolumeOfBuildah_canBeWritten_andItsSourceStays() {
  command -v buildah >/dev/null || skip 'needs buildah'
  here
  engine plyfs
  mkdir source
  echo 1 >source/f
  container=$(buildah from --pull=never t)
  equal '1 2' "$(buildah run --isolation chroot -v "$PWD/source:/mnt:O" "$container" -- \
    sh -c 'echo 2 >>/mnt/f; echo $(cat /mnt/f)')" 'a file of the volume'
  equal 1 "$(cat source/f)" 'the file of the source'
  buildah rm "$container" >/dev/null
}

wordsThatFuseOverlayfsIgnores_stopNoContainer() {
  here
  for words in foo=bar,nodev,metacopy=on,private index=off,nfs_export=on,xino=on volatile,fsync=0; do
    engine plyfs "$words"
    equal runs "$(podman run --rm $limits t echo runs)" "with $words"
  done
}

# A container's root that is made by each engine, as the container sees it and as it is stored:
# files of the image, of the container's users, and those that podman makes as the mount's owner.
ownersByEngine='
  by_engine() {
    engine "$1"
    shift
    podman run --name box $limits "$@" t sh -c "id -u; touch /tmp/new; mkdir /tmp/dir
      chown 7:8 /opt/files/a 2>/dev/null; cat /proc/self/uid_map; ls -ln /opt/files
      stat -c \"%n %u:%g %a\" / /etc /etc/mtab /etc/passwd /tmp/new /tmp/dir"
    $unshare sh -c '\''cd "$(podman inspect -f "{{.GraphDriver.Data.UpperDir}}" box)"
      find . -mindepth 1 -printf "%p %y %m %U:%G %l\n" | grep -v "/[.]wh[.]" | LC_ALL=C sort'\''
    until podman rm -f -t 0 box >/dev/null 2>&1 || ! podman container exists box; do
      sleep 0.2 # what the container had mounted may be there yet
    done
  }'

userNamespacesOfAUser_showAndStoreOwnersAsFuseOverlayfs() {
  byuser "unshare='podman unshare' $ownersByEngine"'
    for arguments in "" --userns=keep-id "--userns=keep-id --user 0" --userns=auto --userns=auto:size=5000 \
      --userns=nomap "--uidmap 0:1:5000" "--uidmap 0:0:1 --uidmap 1:1:4999" "--uidmap 0:100:1" \
      "--user 7:7 --uidmap 0:1:5000"; do
      by_engine fuse-overlayfs $arguments >expected
      by_engine plyfs $arguments >got
      grep -q " ./etc/mtab l\|^./etc/mtab l" expected || { echo "no /etc/mtab: $arguments: $(cat expected)" >&2; exit 1; }
      diff expected got >&2 || { echo "differs with $arguments" >&2; exit 1; }
    done'
}

# podman 4.3 gives root's mount program lower layers through id-mapped mounts, and the map besides:
# so what is of the image is owned by nobody, and podman can make no names in the image's root.
userNamespacesOfRoot_showAndStoreOwnersAsFuseOverlayfs() {
  here
  unshare=''
  eval "$ownersByEngine"
  for arguments in '--uidmap 0:100000:1' '--uidmap 0:200000:5000' --userns=auto --userns=auto:size=5000; do
    by_engine fuse-overlayfs $arguments >expected
    by_engine plyfs $arguments >got
    grep -q '^./etc/mtab l' expected || fail "no /etc/mtab with $arguments: $(cat expected)"
    diff expected got || fail "differs with $arguments"
  done
}

# In two steps, for two engines: each finds what the other has renamed, deleted, replaced and changed.
changes() {
  mkdir -p step
  cat >step/1 <<'END'
set -e
cd /opt
mv tree moved
touch merged/own
mv merged merged2
rm -r gone
mkdir gone
echo new >gone/new
rm -r deleted
rm files/a
chmod 600 files/b
chown 3:4 files/c
touch -d '2001-01-01 00:00:00' files/d
ln files/e files/e2
echo more >>files/e
mv files/f files/F
mv files/g files/h
mv files/link files/link2
mkdir pure
echo pure >pure/p
mv pure pure2
mkfifo fifo
ln -s nowhere link
END
  cat >step/2 <<'END'
set -e
cd /opt
mv moved tree
mv merged2/own merged2/own2
mv merged2 merged
rm gone/new
mkdir deleted
echo again >deleted/6
echo again >files/a
chmod 640 files/b
mv files/e2 files/e3
echo longer still >>files/e
mv files/F files/f
rm files/h
rm -r pure2
mv link link3
END
}

# step ENGINE NUMBER: the container makes these changes
step() {
  engine "$1"
  cp "step/$2" step/now
  podman start -a box
}

# compare ENGINE OTHER: what they show of the container c
compare() {
  engine "$1"
  view box >"$1"
  equal "$(type "$1")" "$(cat type)" 'type of the mount'
  engine "$2"
  view box >"$2"
  equal "$(type "$2")" "$(cat type)" 'type of the mount'
  diff "$1" "$2" || fail "what $1 shows differs from what $2 shows"
}

type() {
  case $1 in kernel) echo overlay ;; *) echo "fuse.$1" ;; esac
}

# exchange ENGINE OTHER: the container is changed by one and then by the other
exchange() {
  here
  changes
  engine "$1"
  podman create --name box $limits -v "$PWD/step:/step" t sh /step/now >/dev/null
  step "$1" 1
  compare "$1" "$2"
  grep -qx './opt/moved/sub/deep/3:/opt/tree/sub/deep/3' "$2" || fail "not moved: $(cat "$2")"
  [ "$1" != plyfs ] || commits "$2"
  step "$2" 2
  compare "$2" "$1"
  grep -qx './opt/tree/sub/deep/3:/opt/tree/sub/deep/3' "$1" || fail "not moved back: $(cat "$1")"
  podman rm box >/dev/null
}

# commits OTHER: an image of the container made by either holds what the container shows, and
# podman says that the same has changed
commits() {
  for each in plyfs "$1"; do
    engine "$each"
    # of an opaque directory podman says with the kernel's overlayfs that it is deleted
    podman diff box | grep -v ' /opt/gone' | LC_ALL=C sort >"changes.$each"
    podman commit -q box "image-$each" >/dev/null
    podman create -q --name "of-$each" $limits "image-$each" sh >/dev/null
    view "of-$each" >"image.$each"
    podman rm "of-$each" >/dev/null
    # podman's archives have whole seconds
    for tree in "$each" "image.$each"; do
      sed 's/\.[0-9]\{10\}//' "$tree" >"$tree.seconds"
    done
    diff "$each.seconds" "image.$each.seconds" || fail "an image by $each differs from the container"
  done
  diff changes.plyfs "changes.$1" || fail "podman diff by plyfs differs from that by $1"
}

containerOfPlyfs_isTakenOverByFuseOverlayfs_andBack() {
  exchange plyfs fuse-overlayfs
}

containerOfPlyfs_isTakenOverByTheKernel_andBack() {
  exchange plyfs kernel
}

containerOfTheKernel_isTakenOver_andGivenBack() {
  exchange kernel plyfs
}

containerOfFuseOverlayfs_isTakenOver_andGivenBack() {
  exchange fuse-overlayfs plyfs
}

for name in $(sed -n 's/^\([a-z][a-z0-9]*[A-Z_][A-Za-z0-9_]*\)() {$/\1/p' "$0"); do
  scenario "$name"
done
finish
