#!/bin/sh
# Images in the storage of Docker and podman are mounted straight from there, and the store gives and
# takes the same images as a real dockerd.
. "$(dirname "$0")/lib.sh"
require_mounts
[ -x /bin/busybox ] || [ -x /usr/bin/busybox ] || {
  echo "skip all: needs busybox-static"
  exit 0
}

for tool in umoci skopeo jq; do
  command -v "$tool" >/dev/null || {
    echo "skip all: needs $tool"
    exit 0
  }
done
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

# An archive whose second layer replaces a directory, and whose third deletes a file.
make_archive() (
  cd "$made"
  mkdir -p one/bin one/etc one/d two/d three/etc
  cp "$(command -v busybox)" one/bin/busybox
  ln -s busybox one/bin/sh
  echo a >one/etc/a
  echo b >one/etc/b
  echo old >one/d/1
  touch two/d/.wh..wh..opq three/etc/.wh.a
  echo new >two/d/3
  echo c >three/etc/c
  umoci init --layout made
  umoci new --image made:1
  for layer in one two three; do
    tar -C "$layer" -cf "$layer.tar" .
    umoci raw add-layer --image made:1 "$layer.tar"
  done
  skopeo --insecure-policy copy -q oci:made:1 docker-archive:made.tar:built:1
)
make_archive

# start_docker DRIVER
start_docker() {
  command -v dockerd >/dev/null || skip 'needs dockerd (docker.io)'
  DOCKER_HOST=unix://$PWD/docker.sock
  DOCKER_CONFIG=$PWD/docker.config
  export DOCKER_HOST DOCKER_CONFIG
  dockerd --data-root "$PWD/docker" --exec-root "$PWD/exec" --pidfile "$PWD/docker.pid" \
    -H "$DOCKER_HOST" --bridge=none --iptables=false --ip6tables=false \
    --storage-driver "$1" >dockerd.log 2>&1 &
  trap stop_docker EXIT
  for _ in $(seq 100); do
    docker version >/dev/null 2>&1 && return
    sleep 0.2
  done
  skip "dockerd does not start here: $(tail -1 dockerd.log)"
}

stop_docker() {
  [ ! -f docker.pid ] || kill "$(cat docker.pid)"
  wait
}

# Names, types, modes, owners and sizes below a directory, and the text of small files.
tree_of() {
  (cd "$1" && find . ! -type d -printf '%P %y %m %U:%G %s %l\n' -o -printf '%P %y %m %U:%G\n' |
    sort && cat etc/b etc/c d/3)
}

# The tree that a mount of the image shows
expected() {
  [ ! -e "$1/etc/a" ] || fail "$1/etc/a is there, which a layer deletes"
  equal 3 "$(ls "$1/d")" "files in $1/d"
  equal c "$(cat "$1/etc/c")" "$1/etc/c"
}

# All that may not change in a storage directory, while its engine is not running.
state_of() {
  find "$1" -printf '%P %i %m %U %s %t %c\n' | sort
}

mount_and_compare() {
  rm -rf store
  mkdir -p m
  "$plyfs" mount --store store --layers-from "$1" "$2" "$3" m >/dev/null
  expected m
  tree_of m >"seen.$1"
  echo changed >m/etc/b
  rm m/d/3
  "$plyfs" umount m
}

dockersImage_isMountedFromItsStorage() {
  start_docker overlay2
  docker load -q -i "$made/made.tar" >/dev/null
  docker tag built:1 localhost:5000/team/app:v2
  lower=$(docker image inspect -f '{{.GraphDriver.Data.LowerDir}}' built:1)
  upper=$(docker image inspect -f '{{.GraphDriver.Data.UpperDir}}' built:1)
  id=$(docker image inspect -f '{{.Id}}' built:1)
  stop_docker
  trap - EXIT
  mkdir kernel
  mount -t overlay overlay -o "ro,lowerdir=$upper:$lower" kernel
  tree_of kernel >seen.kernel
  umount kernel
  state_of docker >before
  for name in built:1 localhost:5000/team/app:v2 "$id" "$(printf %.20s "${id#sha256:}")"; do
    mount_and_compare docker docker "$name"
    diff seen.kernel seen.docker
  done
  state_of docker >after
  diff before after
}

dockersVfs_isOneDirectory() {
  start_docker vfs
  docker load -q -i "$made/made.tar" >/dev/null
  stop_docker
  trap - EXIT
  state_of docker >before
  mount_and_compare docker docker built:1
  state_of docker >after
  diff before after
}

dockerAndTheStore_giveEachOtherTheSameImage() {
  start_docker overlay2
  docker load -q -i "$made/made.tar" >/dev/null
  id=$(docker image inspect -f '{{.Id}}' built:1)
  docker save built:1 | "$plyfs" load --store store >/dev/null
  equal "$id" "$("$plyfs" images --store store -q --no-trunc)" 'image ID in the store'
  docker rmi -f built:1 >/dev/null
  "$plyfs" save --store store built:1 | docker load >loaded
  equal 'Loaded image: built:1' "$(cat loaded)" 'docker load'
  equal "$id" "$(docker image inspect -f '{{.Id}}' built:1)" 'image ID in Docker'
  equal "$(docker history --no-trunc --format '{{.CreatedBy}} {{.Comment}}' built:1)" \
    "$("$plyfs" history --store store --no-trunc --format '{{.CreatedBy}} {{.Comment}}' built:1)" history
}

containerdAndTheStore_giveEachOtherTheSameManifest() {
  command -v ctr >/dev/null && command -v containerd >/dev/null || skip 'needs containerd'
  cat >config.toml <<END
version = 2
root = "$PWD/root"
state = "$PWD/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "$PWD/c.sock"
END
  containerd -c config.toml >containerd.log 2>&1 &
  daemon=$!
  trap 'kill $daemon; wait' EXIT
  ctr="ctr -a $PWD/c.sock"
  for _ in $(seq 100); do
    [ ! -S c.sock ] || ! $ctr version >/dev/null 2>&1 || break
    sleep 0.2
  done
  $ctr version >/dev/null 2>&1 || skip "containerd does not start here: $(tail -1 containerd.log)"
  "$plyfs" load --store store "$made/made.tar" >/dev/null
  "$plyfs" save --store store --format oci -o saved.tar built:1
  $ctr images import saved.tar >imported 2>&1 || fail "ctr import: $(cat imported)"
  digest=$(tar -xOf saved.tar index.json | jq -r '.manifests[0].digest')
  equal "$digest" "$($ctr images ls | awk '$1 == "docker.io/library/built:1" { print $3 }')" digest
  $ctr images export exported.tar docker.io/library/built:1
  "$plyfs" load --store other exported.tar >/dev/null
  equal "$("$plyfs" images --store store -q --no-trunc)" \
    "$("$plyfs" images --store other -q --no-trunc)" 'image ID'
  equal "$digest" \
    "$("$plyfs" save --store other --format oci built:1 | tar -xO index.json |
      jq -r '.manifests[0].digest')" 'digest that comes out again'
}

require_podman() {
  command -v podman >/dev/null || skip 'needs podman'
}

podmansImage_isMountedFromItsStorage() {
  require_podman
  for driver in overlay vfs; do
    podman --root "$PWD/$driver" --runroot "$PWD/run.$driver" --storage-driver "$driver" \
      load -q -i "$made/made.tar" >/dev/null
    state_of "$driver" >before
    id=$(jq -r '.[0].id' "$driver/$driver-images/images.json")
    for name in built:1 docker.io/library/built:1 "$id" "$(printf %.9s "$id")"; do
      mount_and_compare containers-storage "$driver" "$name"
    done
    state_of "$driver" >after
    diff before after
    umount -l "$PWD/$driver/$driver" 2>/dev/null || true
  done
}

storageOfAnOrdinaryUser_isReadWithUserAttributes() {
  require_podman
  chmod 755 "$made"
  command -v newuidmap >/dev/null || skip 'needs uidmap'
  user=$(cut -d: -f1 /etc/subuid | while read -r name; do id -u "$name" >/dev/null 2>&1 && echo "$name"; done | head -1)
  [ -n "$user" ] || skip "needs a user with subordinate ids in /etc/subuid"
  chmod 755 .
  mkdir -p home/config home/run
  chown -R "$user" home
  unshare_as() {
    setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups env -u XDG_CACHE_HOME \
      HOME="$PWD/home" XDG_RUNTIME_DIR="$PWD/home/run" XDG_CONFIG_HOME="$PWD/home/config" \
      XDG_DATA_HOME="$PWD/home/data" "$@"
  }
  unshare_as podman --storage-driver overlay load -q -i "$made/made.tar" >/dev/null 2>load.err ||
    skip "podman cannot load as $user: $(tail -1 load.err)"
  storage=home/data/containers/storage
  getfattr -R -m user.overlay.opaque "$storage/overlay" 2>/dev/null | grep -q opaque ||
    skip 'podman writes no user.overlay attributes here'
  state_of "$storage" >before
  mount_and_compare containers-storage "$storage" built:1
  state_of "$storage" >after
  diff before after
}

otherDirectories_areRefusedInOneSentence() {
  mkdir -p m docker/image/btrfs new/containerd empty
  refused() {
    if "$plyfs" mount --store store --layers-from "$1" "$2" built:1 m >out 2>&1; then
      fail "a mount of $2"
    fi
    equal "plyfs: $3" "$(cat out)" "message for $2"
  }
  refused docker "$PWD/nothing" "there is no directory $PWD/nothing: give Docker's data directory\
 ('docker info' shows it as 'Docker Root Dir')"
  refused docker "$PWD/docker" "$PWD/docker has no images of the storage drivers overlay2,\
 fuse-overlayfs, vfs: other drivers keep no directories for an overlay"
  refused docker "$PWD/new" "$PWD/new keeps its images in containerd, whose database Plyfs does not\
 read: use 'docker save IMAGE | plyfs load'"
  refused docker "$PWD/empty" "$PWD/empty is not Docker's data directory: it has no directory 'image'"
  refused containers-storage "$PWD/empty" "$PWD/empty has no images of the drivers overlay or vfs:\
 give the directory that 'podman info' shows as graphRoot"
}

scenario dockersImage_isMountedFromItsStorage
scenario dockersVfs_isOneDirectory
scenario dockerAndTheStore_giveEachOtherTheSameImage
scenario containerdAndTheStore_giveEachOtherTheSameManifest
scenario podmansImage_isMountedFromItsStorage
scenario storageOfAnOrdinaryUser_isReadWithUserAttributes
scenario otherDirectories_areRefusedInOneSentence
finish
