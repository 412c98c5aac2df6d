#!/bin/sh
# As mount_program of containers-storage: buildah builds an image on it.
. "$(dirname "$0")/lib.sh"
require_mounts
for program in buildah crun busybox; do
  command -v "$program" >/dev/null || {
    echo "skip all: needs $program"
    exit 0
  }
done

# A storage of our own whose mounts are made by Plyfs under the name fuse-overlayfs.
storage() {
  ln -s "$plyfs" fuse-overlayfs
  mkdir run context
  cat >storage.conf <<END
[storage]
driver = "overlay"
graphroot = "$PWD/root"
runroot = "$PWD/runroot"
[storage.options.overlay]
mount_program = "$PWD/fuse-overlayfs"
END
  CONTAINERS_STORAGE_CONF=$PWD/storage.conf XDG_RUNTIME_DIR=$PWD/run
  export CONTAINERS_STORAGE_CONF XDG_RUNTIME_DIR
}

imageBuiltInSteps_hasTheChangesOfEach() {
  storage
  cp "$(command -v busybox)" context/busybox
  cat >context/Containerfile <<'END'
FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
RUN echo first >/file && mkdir -p /a/b && echo deep >/a/b/c && ln /file /link
RUN echo second >>/file && rm /bin/ls && mv /a/b /a/d && rm -r /bin/cat && mkdir /bin/cat
END
  buildah bud --layers --isolation chroot --network=host -t plyfs-test context >log 2>&1 ||
    fail "$(cat log)"
  container=$(buildah from --pull=never plyfs-test)
  root=$(buildah mount "$container")
  equal fuse.plyfs "$(findmnt -n -o FSTYPE "$root")" 'type of the mount'
  equal 'first second' "$(tr '\n' ' ' <"$root/file" | sed 's/ $//')" 'a file of two layers'
  equal deep "$(cat "$root/a/d/c")" 'a file in a directory that was moved'
  [ ! -e "$root/a/b" ] && [ ! -e "$root/bin/ls" ] && [ ! -L "$root/bin/ls" ] ||
    fail 'what was deleted is there'
  [ -d "$root/bin/cat" ] || fail 'a directory in the place of a link is lost'
  echo third >>"$root/file"
  buildah umount "$container" >/dev/null
  buildah commit -q "$container" plyfs-test:2 >/dev/null 2>log || fail "$(cat log)"
  buildah rm "$container" >/dev/null
  again=$(buildah from --pull=never plyfs-test:2)
  equal 'first second third' "$(buildah run --isolation chroot "$again" -- /bin/busybox cat /file |
    tr '\n' ' ' | sed 's/ $//')" 'the file in the committed image'
  buildah rm "$again" >/dev/null
  buildah rmi -a -f >/dev/null
  equal '' "$(findmnt -n -t fuse.plyfs -o TARGET | grep "^$PWD/" || true)" 'mounts that are left'
}

for name in $(sed -n 's/^\([a-z][a-z0-9]*[A-Z_][A-Za-z0-9_]*\)() {$/\1/p' "$0"); do
  scenario "$name"
done
finish
