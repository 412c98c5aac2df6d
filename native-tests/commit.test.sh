#!/bin/sh
# Changes of mounts become images, trees become tars and back, and files are copied in and out.
. "$(dirname "$0")/lib.sh"
require_mounts
for tool in jq python3 setfattr; do
  command -v "$tool" >/dev/null || {
    echo "skip all: needs $tool"
    exit 0
  }
done
[ -x /bin/busybox ] || [ -x /usr/bin/busybox ] || {
  echo "skip all: needs busybox-static"
  exit 0
}
image=$(mktemp -d)
trap 'rm -rf "$image"' EXIT
"$here/../scripts/sample-image" "$image/sample.tar"
"$plyfs" load -q --store "$image/store" "$image/sample.tar" >/dev/null

loaded() {
  PLYFS_STORE=$PWD/store
  export PLYFS_STORE
  cp -a "$image/store" store
  mkdir -p m n
}

# same A B [OPTION...]: two trees are equal, but for the times of their roots
same() {
  snapshot "$1" >one.tree
  snapshot "$2" >two.tree
  diff one.tree two.tree || fail "$1 and $2 differ"
}

# Every object: type, mode, owner, time, links, target, content, extended attributes.
snapshot() {
  (
    cd "$1"
    find . ! -type s ! -path . -printf '%p %y %m %U:%G %T@ %l %n %s\n' | sed '/ d /s/ [0-9]* [0-9]*$//' | sort
    find . -type f -print0 | sort -z | xargs -0 -r sha256sum
    find . \( -type c -o -type b \) -exec stat -c '%n %t:%T' {} + | sort
    find . ! -type s -print0 | sort -z | xargs -0 -r getfattr -h -d -m '^(user|security.capability)' -e hex 2>/dev/null
  )
}

# Changes of every kind, below a directory
change() {
  (
    cd "$1"
    echo more >>etc/passwd
    rm etc/group
    mv etc/motd etc/moved
    rm -r app
    mkdir app
    echo new >app/new
    mkdir -p deep/er
    mv bin deep/er/bin
    ln deep/er/bin/busybox root/linked
    chown -h 1234567:7654321 root/linked
    chmod 4755 root/linked
    ln -s "$(printf 'to\377')" "root/$(printf 'name\377\n')"
    setfattr -n user.bin -v 0x00ff0a3d etc/passwd
    setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 app/new
    truncate -s 5000000 root/sparse
    echo end >>root/sparse
    mkfifo root/fifo
    mknod root/char c 250 70000
    mknod root/block b 259 3
    touch -d '2001-02-03T04:05:06.123456789' app/new
    mkdir -m 1777 "root/$(printf 'l%0200d' 1)"
    python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("root/sock")'
  )
}

commit_isWhatTheMountShows_forOtherProgramsToo() {
  for tool in skopeo umoci podman buildah; do
    command -v "$tool" >/dev/null || skip "needs $tool"
  done
  loaded
  "$plyfs" mount plyfs-sample m >/dev/null
  change m
  id=$("$plyfs" commit -a 'A. Person' -m 'all kinds' -c 'ENV A="b c"' -c 'CMD ["/bin/x"]' m made:1 2>err)
  equal "plyfs: left out the socket 'root/sock', for which tar has no type" "$(cat err)" 'notices'
  equal "$id" "$("$plyfs" inspect -f '{{.Id}}' made:1)" 'printed ID'
  "$plyfs" mount -r made:1 n
  same m n
  "$plyfs" umount n
  "$plyfs" save --format oci-dir -o layout made:1
  "$plyfs" save -o archive.tar made:1
  umoci unpack --image layout:1 unpacked >/dev/null 2>&1
  same m unpacked/rootfs
  skopeo --insecure-policy copy -q docker-archive:archive.tar dir:copied
  equal "$id" "$(jq -r .config.digest copied/manifest.json)" "skopeo's image ID"
  for program in podman buildah; do
    storage="--root $PWD/$program/root --runroot $PWD/$program/run --storage-driver vfs"
    # shellcheck disable=SC2086
    case $program in
      podman) podman $storage load -q -i archive.tar >/dev/null 2>err || fail "$(cat err)" ;;
      *) buildah $storage pull -q docker-archive:archive.tar >/dev/null 2>err || fail "$(cat err)" ;;
    esac
    # shellcheck disable=SC2086
    equal "${id#sha256:}" "$($program $storage images -q --no-trunc | sed 's/sha256://')" "$program's ID"
  done
  # shellcheck disable=SC2086
  same m "$(podman --root "$PWD/podman/root" --runroot "$PWD/podman/run" --storage-driver vfs image mount made:1)"
  podman --root "$PWD/podman/root" --runroot "$PWD/podman/run" --storage-driver vfs image umount -a >/dev/null
  "$plyfs" umount m
  equal '["/bin/x"] ["PATH=/bin","A=b c"] A. Person' \
    "$(jq -r '"\(.config.Cmd|tojson) \(.config.Env|tojson) \(.author)"' \
      "layout/blobs/sha256/${id#sha256:}")" 'configuration'
  equal 'plyfs commit 4 all kinds' "$("$plyfs" history --format '{{.CreatedBy}} {{.Layer}} {{.Comment}}' made:1 | head -n 1)" history
  rm -rf podman buildah
}

# lowers DIR: of the mount there, for the kernel's overlayfs
lowers() {
  sed -n 's/^lower //p' "/run/plyfs/$("$plyfs" ps | awk -v m="$PWD/$1" '$3 == m { print $1 }')" | paste -sd:
}

upperOfTheKernel_isCommittedAsTheKernelShowsIt() {
  loaded
  "$plyfs" mount -r plyfs-sample n
  below=$(lowers n)
  "$plyfs" umount n
  for options in redirect_dir=on,metacopy=on,index=on redirect_dir=off; do
    rm -rf up
    mkdir -p up/diff up/work k
    mount -t overlay overlay -o "lowerdir=$below,upperdir=$PWD/up/diff,workdir=$PWD/up/work,$options" k ||
      skip 'needs kernel overlayfs'
    change k
    chmod 700 k/deep/er/bin/busybox
    snapshot k >kernel.tree
    umount k
    "$plyfs" mount --upper "$PWD/up" -o "$options" plyfs-sample m >/dev/null
    "$plyfs" commit m "kernel:$(echo "$options" | tr ,= ..)" >id 2>/dev/null
    "$plyfs" umount m
    "$plyfs" mount -r "$(cat id)" n
    snapshot n >plyfs.tree
    "$plyfs" umount n
    diff kernel.tree plyfs.tree || fail "$options"
  done
}

whatTheKernelStillHolds_isInTheImage() {
  loaded
  for options in writeback=1 writeback=0; do
    "$plyfs" mount -o "$options" plyfs-sample m >/dev/null
    # Written through mmap(2) and, with writeback, write(2), and kept open.
    python3 - m/dirty m/etc/passwd <<'END' &
import mmap, sys, time
files = []
for path in sys.argv[1:]:
    file = open(path, 'w+b')
    file.write(b'0' * 8192)
    file.flush()
    memory = mmap.mmap(file.fileno(), 8192)
    memory[4000:4008] = b'dirty ok'
    files.append((file, memory))
open('ready', 'w').close()
time.sleep(60)
END
    writer=$!
    while [ ! -e ready ]; do sleep 0.05; done
    "$plyfs" commit m dirty:1 >/dev/null 2>err
    kill "$writer"
    wait "$writer" 2>/dev/null || :
    "$plyfs" umount m
    "$plyfs" mount -r dirty:1 n
    for file in dirty etc/passwd; do
      equal 'dirty ok' "$(tail -c +4001 "n/$file" | head -c 8)" "$file with $options"
    done
    "$plyfs" umount n
    rm ready
  done
}

sparseFile_takesNoRoomInTheStore() {
  loaded
  "$plyfs" mount plyfs-sample m >/dev/null
  truncate -s 200M m/root/sparse
  echo end >>m/root/sparse
  "$plyfs" commit m sparse:1 >/dev/null
  "$plyfs" umount m
  "$plyfs" mount -r sparse:1 n
  equal 209715204 "$(stat -c %s n/root/sparse)" size
  equal end "$(tail -n 1 n/root/sparse | tr -d '\0')" 'the end of it'
  "$plyfs" umount n
  [ "$(du -sm store | cut -f1)" -lt 20 ] || fail "the store has $(du -sm store) MiB"
}

commitsThatAreKilled_leaveTheStoreAsItWas() {
  loaded
  "$plyfs" mount plyfs-sample m >/dev/null
  head -c 30000000 /dev/urandom >m/root/big
  for delay in 0.4 0.6 0.8; do
    "$plyfs" commit m killed:1 >out 2>&1 &
    pid=$!
    sleep "$delay"
    kill -9 "$pid" 2>/dev/null || :
    wait "$pid" 2>/dev/null || :
  done
  "$plyfs" commit m last:1 >/dev/null
  "$plyfs" umount m
  "$plyfs" verify >out 2>&1 || fail "$(cat out)"
  equal '' "$(ls store/tmp 2>/dev/null)" 'what is left in tmp'
}

export_givesTheSameTarOfAMountAndOfItsImage_andImportTakesIt() {
  loaded
  "$plyfs" mount plyfs-sample m >/dev/null
  change m
  "$plyfs" commit m made:1 >/dev/null 2>&1
  mkdir m/volume
  mount -t tmpfs tmpfs m/volume
  echo hidden >m/volume/file
  "$plyfs" export m 2>err >mount.tar
  umount m/volume
  rmdir m/volume
  equal 'volume/' "$(tar tf mount.tar | grep volume)" 'a mount inside'
  grep -q "left out the socket 'root/sock'" err || fail "$(cat err)"
  "$plyfs" export -o image.tar made:1
  "$plyfs" export m 2>/dev/null | python3 -c '
import sys, tarfile
names = [open(sys.argv[1], "rb"), sys.stdin.buffer]
trees = [[(m.name, m.mode, m.mtime, m.size, m.linkname) for m in tarfile.open(fileobj=f, mode="r|", encoding="latin1") if m.name not in (".", "")] for f in names]
assert trees[0] == trees[1], set(trees[0]) ^ set(trees[1])' image.tar
  gzip <image.tar | "$plyfs" import -c 'USER me' -m 'by gzip' - imported:1 >id
  equal 'me by gzip' "$("$plyfs" inspect -f '{{.Config.User}} {{.Comment}}' imported:1)" 'configuration'
  "$plyfs" mount -r imported:1 n
  same m n
  if command -v podman >/dev/null; then
    storage="--root $PWD/podman/root --runroot $PWD/podman/run --storage-driver vfs"
    # shellcheck disable=SC2086
    podman $storage import -q image.tar exported:1 >/dev/null 2>err || fail "$(cat err)"
    # shellcheck disable=SC2086
    same "$(podman $storage image mount exported:1)" n
    # shellcheck disable=SC2086
    podman $storage image umount -a >/dev/null
  fi
  "$plyfs" umount n
  "$plyfs" umount m
}

namedContainer_isReadAlike_runningAndStopped() {
  loaded
  "$plyfs" mount --name web1 plyfs-sample "$PWD/m" >/dev/null
  change m
  for state in running exited; do
    equal "$state" "$("$plyfs" ps -a --format '{{.State}}')" 'state'
    "$plyfs" commit web1 "web:$state" >/dev/null 2>&1
    "$plyfs" export -o "$state.tar" web1 2>/dev/null
    "$plyfs" diff web1 >"$state.diff"
    "$plyfs" cp -q -a web1:/app "$state.app"
    [ "$state" = exited ] || "$plyfs" stop web1 >/dev/null
  done
  cmp running.tar exited.tar
  diff running.diff exited.diff
  grep -qx 'D /etc/group' exited.diff || fail "$(cat exited.diff)"
  same running.app exited.app
  equal "$("$plyfs" inspect -f '{{.RootFS.Layers}}' web:running)" \
    "$("$plyfs" inspect -f '{{.RootFS.Layers}}' web:exited)" 'layers'
  echo in >file
  "$plyfs" cp -q file web1:/root/in 2>err && fail 'copied into one that is not mounted'
  equal "plyfs: cannot copy into container web1, which is not mounted: 'plyfs start' it first" \
    "$(cat err)" message
  "$plyfs" start web1 >/dev/null
  "$plyfs" cp -q file web1:/root/in
  equal in "$(cat m/root/in)" 'what was copied into it'
  "$plyfs" stop web1 >/dev/null
}

# refused SENTENCE COMMAND...
refused() {
  sentence=$1
  shift
  code=0
  "$@" >out 2>err </dev/null || code=$?
  [ "$code" != 0 ] || fail "$* did not fail"
  equal "plyfs: $sentence" "$(cat err)" "message of $*"
}

whatCannotBeDone_isSaidInOneSentence() {
  loaded
  mkdir l
  "$plyfs" mount -o "lowerdir=$PWD/l" n
  refused "the mount at $PWD/n is not one of an image in the store $PWD/store, so there is no image to put its changes on: use 'plyfs export $PWD/n | plyfs import -'" \
    "$plyfs" commit n
  "$plyfs" umount n
  refused "none is neither a Plyfs mount (see 'plyfs ps') nor a container" "$plyfs" commit none
  refused "'A:b' is not a name for an image: use [REGISTRY/]REPOSITORY[:TAG], in lower case" \
    "$plyfs" commit n A:b
  "$plyfs" mount plyfs-sample m >/dev/null
  refused "cannot follow the instruction 'RUN x': only CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME and WORKDIR can be changed" \
    "$plyfs" commit -c 'RUN x' m
  "$plyfs" umount m
  refused 'standard input is not the tar of a file system, or is damaged: it is empty' "$plyfs" import -
  refused "cannot import from a URL: use 'curl -L http://a/b | plyfs import -'" "$plyfs" import http://a/b
  refused "'plyfs-sample' is an image, which has no changes: name a mount, or a second image to compare it with" \
    "$plyfs" diff plyfs-sample
  equal 2 "$("$plyfs" images | wc -l)" 'lines of images'
}

cp_followsDockersRulesForDestinations() {
  loaded
  "$plyfs" mount plyfs-sample m >/dev/null
  "$plyfs" cp -q plyfs-sample:/etc/motd .
  "$plyfs" cp -q plyfs-sample:/etc/motd copy
  cmp motd copy
  cmp motd m/etc/motd
  "$plyfs" cp -q plyfs-sample:/etc new
  [ -f new/motd ] || fail "$(find new)"
  "$plyfs" cp -q plyfs-sample:/etc new
  [ -f new/etc/motd ] || fail "$(find new)"
  "$plyfs" cp -q plyfs-sample:/etc/. contents
  "$plyfs" cp -q plyfs-sample:/etc/. contents
  equal 'group motd passwd' "$(ls contents | paste -sd' ')" 'contents'
  "$plyfs" cp -q plyfs-sample:/bin/ash link
  "$plyfs" cp -q -L plyfs-sample:/bin/ash file
  [ -L link ] && [ -f file ] && [ ! -L file ] || fail "$(ls -l link file)"
  refused "there is no directory '$PWD/none/'" "$plyfs" cp plyfs-sample:/etc/motd none/
  refused "there is no 'plyfs-sample:/none'" "$plyfs" cp plyfs-sample:/none .
  refused "'plyfs-sample:/etc/motd/' is not a directory" "$plyfs" cp plyfs-sample:/etc/motd/ .
  refused "cannot copy a directory to '$PWD/motd', which is a file" "$plyfs" cp plyfs-sample:/etc motd
  refused "cannot overwrite directory '$PWD/contents/motd' with a non-directory" \
    sh -c "rm contents/motd; mkdir contents/motd; '$plyfs' cp plyfs-sample:/etc/. contents"
  refused "cannot copy into the image plyfs-sample, which never changes: mount it, copy into the mount, and make a new image with 'plyfs commit'" \
    "$plyfs" cp motd plyfs-sample:/x
  mkdir src
  echo data >src/a
  chown 5:6 src/a
  chmod 2750 src
  "$plyfs" cp src "$PWD/m:/in" 2>err
  equal "Successfully copied 5B to $PWD/m:/in" "$(cat err)" 'what is said'
  equal '0 0 2750' "$(stat -c '%u %g %a' m/in)" 'directory copied in'
  equal '0 0' "$(stat -c '%u %g' m/in/a)" 'owner without -a'
  "$plyfs" cp -q -a src/. m:/in
  equal '5 6' "$(stat -c '%u %g' m/in/a)" 'owner with -a'
  "$plyfs" cp plyfs-sample:/etc - | "$plyfs" cp -q - m:/in
  cmp m/in/etc/motd motd
  equal './ group motd passwd' "$("$plyfs" cp plyfs-sample:/etc/. - | tar t | paste -sd' ')" 'tar of contents'
  "$plyfs" umount m
}

linksInAMount_leadNowhereOutside() {
  loaded
  "$plyfs" mount plyfs-sample m >/dev/null
  echo secret >outside
  echo data >file
  ln -s "$PWD/outside" m/abs
  ln -s ../../../../../../../../.. m/up
  ln -s "$PWD" m/dir
  refused "there is no 'm:/abs', or a link in it leads nowhere" "$plyfs" cp -L m:/abs got
  refused "there is no 'm:/up$PWD/outside'" "$plyfs" cp "m:/up$PWD/outside" got
  code=0
  "$plyfs" cp file m:/abs 2>err || code=$?
  equal 1 "$code" 'exit code'
  code=0
  "$plyfs" cp file m:/dir/outside 2>err || code=$?
  equal 1 "$code" 'exit code'
  equal secret "$(cat outside)" 'the file outside'
  mkdir hostile
  (
    cd hostile
    python3 - <<'END' >../hostile.tar
import io, sys, tarfile
tar = tarfile.open(fileobj=sys.stdout.buffer, mode='w|')
link = tarfile.TarInfo('esc')
link.type, link.linkname = tarfile.SYMTYPE, '../../../../../../tmp'
tar.addfile(link)
data = tarfile.TarInfo('esc/plyfs-escaped')
data.size = 1
tar.addfile(data, io.BytesIO(b'x'))
tar.close()
END
  )
  mkdir -p m/tmp
  "$plyfs" cp -q - m:/root <hostile.tar
  [ -e m/tmp/plyfs-escaped ] && [ ! -e /tmp/plyfs-escaped ] || fail 'a tar led out of the mount'
  "$plyfs" umount m
}

diff_comparesImages() {
  loaded
  "$plyfs" mount plyfs-sample m >/dev/null
  echo more >>m/etc/passwd
  rm m/etc/group
  mkdir m/new
  echo x >m/new/f
  "$plyfs" commit m made:1 >/dev/null
  "$plyfs" umount m
  printf 'C /etc\nD /etc/group\nC /etc/passwd\nA /new\nA /new/f\n' >expected
  "$plyfs" diff plyfs-sample made:1 >out
  diff expected out
  equal "$(tr 'AD' 'DA' <expected | grep -v '/new/f')" "$("$plyfs" diff made:1 plyfs-sample)" 'backwards'
  equal '{"kind":"A","path":"/new/f","bytes":2}' "$("$plyfs" diff --json plyfs-sample made:1 | tail -n 1)" json
  equal 'A      2B /new/f' "$("$plyfs" diff -s plyfs-sample made:1 | tail -n 1)" size
  equal '' "$("$plyfs" diff made:1 made:1)" 'the same image'
}

for name in $(sed -n 's/^\([a-z][a-z0-9]*[A-Z_][A-Za-z0-9_]*\)() {$/\1/p' "$0"); do
  scenario "$name"
done
finish
