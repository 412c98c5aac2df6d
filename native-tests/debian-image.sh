#!/bin/bash
# The proof on a real image. Makes (or takes) a Debian root file system in three layers, packs it as
# docker-archive and as OCI layouts with gzip and zstd layers, loads each with plyfs, and compares
# the mount with kernel overlayfs over the same layers; then works inside by chroot, remounts, and
# looks at the upper directory through kernel overlayfs. Lower layers are hashed before and after.
#
# usage: native-tests/debian-image.sh [--layers TOP:MIDDLE:BASE] [--work DIR] [--keep]
#   --layers  extracted overlay directories to take; else debootstrap makes bookworm, adds python3,
#             git, gcc and perl, and deletes /usr/share/doc
#   --work    where to work, at least 4 GiB (default: a new directory below /var/tmp)
# Needs root, debootstrap (without --layers), umoci, skopeo, jq, zstd, rsync, kernel overlayfs, and
# the built project ('mvn package').
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
plyfs=$here/scripts/plyfs
compare=$here/scripts/compare-trees
layers='' work='' keep=''
while [ $# -gt 0 ]; do
  case $1 in
    --layers) layers=$2; shift 2 ;;
    --work) work=$2; shift 2 ;;
    --keep) keep=1; shift ;;
    *) sed -n '2,14p' "$0" >&2; exit 2 ;;
  esac
done

die() { echo "debian-image: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || die "needs root"
for tool in umoci skopeo jq zstd rsync; do
  command -v "$tool" >/dev/null || die "$tool is missing: apt-get install $tool"
done
[ -n "$work" ] || work=$(mktemp -d /var/tmp/plyfs-debian.XXXXXX)
mkdir -p "$work"
work=$(cd "$work" && pwd)

cleanup() {
  local mounted
  for mounted in "$work"/mnt/proc "$work"/mnt "$work"/kernel "$work"/merge; do
    while findmnt -n --mountpoint "$mounted" >/dev/null; do umount -l "$mounted" || break; done
  done
  [ -n "$keep" ] || rm -rf "$work"
}
trap cleanup EXIT

failures=0
step() { printf '\n== %s\n' "$*"; }
ok() { printf 'ok    %s\n' "$*"; }
bad() { printf 'WRONG %s\n' "$*"; failures=$((failures + 1)); }
check() { local what=$1; shift; if "$@"; then ok "$what"; else bad "$what"; fi; }

make_layers() {
  command -v debootstrap >/dev/null || die "debootstrap is missing: apt-get install debootstrap"
  local dir=$work/made mirror
  mirror=$(grep -rhoE 'https?://[^ ]*/debian\b' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -n 1)
  mkdir -p "$dir"/{l2,w2,l3,w3} "$work/merge"
  debootstrap --variant=minbase bookworm "$dir/base" "$mirror" >"$work/debootstrap.log" 2>&1
  mount -t overlay overlay -o "lowerdir=$dir/base,upperdir=$dir/l2,workdir=$dir/w2" "$work/merge"
  cp /etc/resolv.conf /etc/hosts "$work/merge/etc/"
  cp -a /etc/apt/apt.conf.d/. "$work/merge/etc/apt/apt.conf.d/"
  chroot "$work/merge" sh -c 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    --no-install-recommends python3 git gcc libc6-dev make perl vim-tiny' >>"$work/debootstrap.log" 2>&1
  umount "$work/merge"
  mount -t overlay overlay -o "lowerdir=$dir/l2:$dir/base,upperdir=$dir/l3,workdir=$dir/w3" "$work/merge"
  mkdir -p "$work/merge/app"
  printf 'int main(void) { return 0; }\n' >"$work/merge/app/one.c"
  rm -rf "$work"/merge/usr/share/doc "$work"/merge/var/lib/apt/lists/*
  umount "$work/merge"
  layers=$dir/l3:$dir/l2:$dir/base
}

# Lets umoci write the image: after each layer the whole tree so far is put into its bundle.
pack_oci() {
  local lower='' layer reversed
  umoci init --layout "$work/oci" >/dev/null
  umoci new --image "$work/oci:debian" >/dev/null
  reversed=$(echo "$layers" | tr : '\n' | tac)
  for layer in $reversed; do
    lower=$layer${lower:+:$lower}
    mkdir -p "$work/merge"
    mount -t overlay overlay -o "ro,lowerdir=$lower:$work/empty" "$work/merge"
    rm -rf "$work/bundle"
    umoci unpack --image "$work/oci:debian" "$work/bundle" >/dev/null
    rsync -aHAX --numeric-ids --delete "$work/merge/" "$work/bundle/rootfs/"
    umount "$work/merge"
    umoci repack --image "$work/oci:debian" "$work/bundle" >/dev/null
  done
  rm -rf "$work/bundle"
}

# The same image with zstd layers: blobs, manifest and index written anew.
pack_zstd() {
  local blobs=$work/oci-zstd/blobs/sha256 manifest layer plain digest size new
  mkdir -p "$blobs"
  cp "$work/oci/oci-layout" "$work/oci-zstd/"
  manifest=$(jq -r '.manifests[0].digest' "$work/oci/index.json")
  new=$(cat "$work/oci/blobs/sha256/${manifest#sha256:}")
  cp "$work/oci/blobs/sha256/$(jq -r '.config.digest' <<<"$new" | cut -d: -f2)" "$blobs/"
  for layer in $(jq -r '.layers[].digest' <<<"$new"); do
    plain=$work/layer.zst
    gzip -dc "$work/oci/blobs/sha256/${layer#sha256:}" | zstd -q -3 -f -o "$plain"
    digest=$(sha256sum "$plain" | cut -d' ' -f1) size=$(stat -c %s "$plain")
    mv "$plain" "$blobs/$digest"
    new=$(jq -c --arg old "$layer" --arg new "sha256:$digest" --argjson size "$size" \
      '(.layers[] | select(.digest == $old)) |= (.digest = $new | .size = $size
        | .mediaType = "application/vnd.oci.image.layer.v1.tar+zstd")' <<<"$new")
  done
  digest=$(printf %s "$new" | sha256sum | cut -d' ' -f1)
  printf %s "$new" >"$blobs/$digest"
  jq -c --arg d "sha256:$digest" --argjson s "${#new}" \
    '.manifests[0].digest = $d | .manifests[0].size = $s' "$work/oci/index.json" >"$work/oci-zstd/index.json"
}

lowers_of() { # STORE: lower directories of its only image, topmost first
  local store=$1 top
  for top in "$store"/overlay2/*/; do
    [ "${top%/l/}" = "$top" ] || continue
    grep -qrs -- "$(cat "$top/link")" "$store"/overlay2/*/lower || break
  done
  printf %s "$top"diff
  if [ -f "$top/lower" ]; then
    tr : '\n' <"$top/lower" | while read -r link || [ -n "$link" ]; do printf ':%s' "$(readlink -f "$store/overlay2/$link")"; done
  fi
}

mount_kernel() { # LOWERS [UPPER]
  mkdir -p "$work/kernel" "$work/empty" "$work/kernel-work"
  if [ -n "${2-}" ]; then
    rm -rf "$work/kernel-work"; mkdir "$work/kernel-work"
    mount -t overlay overlay -o "lowerdir=$1,upperdir=$2,workdir=$work/kernel-work,redirect_dir=on" "$work/kernel"
  else
    mount -t overlay overlay -o "ro,lowerdir=$1:$work/empty" "$work/kernel"
  fi
}

compare_with_kernel() { # WHAT LOWERS [UPPER]
  mount_kernel "$2" "${3-}"
  if "$compare" --without trusted.overlay. "$work/mnt" "$work/kernel" >"$work/difference"; then
    ok "$1: $("$compare" --print "$work/mnt" | wc -l) entries equal kernel overlayfs"
  else
    bad "$1 differs from kernel overlayfs"
    head -n 20 "$work/difference"
  fi
  umount "$work/kernel"
}

inside() { chroot "$work/mnt" /bin/sh -c "$1"; }

work_inside() {
  mount -t proc proc "$work/mnt/proc"
  inside 'dpkg --audit' >"$work/audit"
  check "dpkg --audit finds nothing" test ! -s "$work/audit"
  check "python3 imports ssl, json, asyncio" inside "python3 -c 'import ssl, json, asyncio'"
  inside 'cd /tmp && printf "#include <stdio.h>\nint main(void) { puts(\"compiled\"); return 0; }\n" >c.c && gcc -O2 -o c c.c'
  check "a compiled program runs" test "$(inside /tmp/c)" = compiled
  inside 'cd /tmp && git init -q src && cd src && cp -r /usr/include . && git add -A &&
    git -c user.name=a -c user.email=a@b commit -qm one && git clone -q . ../clone'
  check "git status is clean in a clone" test -z "$(inside 'cd /tmp/clone && git status --porcelain')"
  check "git fsck" inside 'cd /tmp/clone && git fsck --full 2>/dev/null >/dev/null'
  inside 'mkdir -p /tmp/pkg/DEBIAN /tmp/pkg/opt/hello && echo hi >/tmp/pkg/opt/hello/file &&
    printf "Package: hello-local\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b>\nDescription: test\n" \
      >/tmp/pkg/DEBIAN/control && dpkg-deb -b /tmp/pkg /tmp/hello.deb >/dev/null && dpkg -i /tmp/hello.deb >/dev/null 2>&1'
  check "dpkg -i of a local package" test -f "$work/mnt/opt/hello/file"
  inside 'DEBIAN_FRONTEND=noninteractive apt-get remove -y -qq vim-tiny >/dev/null 2>&1'
  check "apt-get remove" test ! -e "$work/mnt/usr/bin/vim.tiny"
  check "rm -rf /usr/share/locale" inside 'rm -rf /usr/share/locale && [ ! -e /usr/share/locale ]'
  inside 'mkdir /tmp/many; for i in $(seq 200); do echo $i >/tmp/many/$i & done; wait'
  check "200 concurrent file creations" test "$(inside 'cat /tmp/many/* | sort -n | tail -n 1; ls /tmp/many | wc -l' | tr '\n' ' ')" = "200 200 "
  inside 'mv /usr/share/perl /usr/share/perl-moved && mv /usr/lib/python3 /opt/python-moved && ln /etc/hostname /etc/hostname2'
  umount "$work/mnt/proc"
}

mkdir -p "$work"/{mnt,empty}
step "layers"
[ -n "$layers" ] || make_layers
echo "$layers"
step "packing"
pack_oci
pack_zstd
skopeo copy -q "oci:$work/oci:debian" "docker-archive:$work/debian.tar:debian:test"
du -sh "$work/oci" "$work/oci-zstd" "$work/debian.tar"

for form in debian.tar oci oci-zstd; do
  step "load $form"
  store=$work/store-$form
  time "$plyfs" load --store "$store" "$work/$form"
  "$plyfs" images --store "$store"
  image=$("$plyfs" images --store "$store" | awk 'NR == 2 { print $3 }')
  lowers=$(lowers_of "$store")
  "$plyfs" mount --store "$store" -o ro "$image" "$work/mnt"
  compare_with_kernel "$form, read-only" "$lowers"
  "$plyfs" umount "$work/mnt"
  [ "$form" = debian.tar ] || rm -rf "$store"
done

step "work inside"
store=$work/store-debian.tar
lowers=$(lowers_of "$store")
image=$("$plyfs" images --store "$store" | awk 'NR == 2 { print $3 }')
IFS=: read -ra dirs <<<"$lowers"
"$compare" --raw "${dirs[@]}" >"$work/before"
mkdir -p "$work/upper"
time "$plyfs" mount --store "$store" --upper "$work/upper" "$image" "$work/mnt"
work_inside
"$compare" --print --without trusted.overlay. "$work/mnt" >"$work/tree-before-unmount"
"$plyfs" diff "$work/mnt" | head -n 10
"$plyfs" umount "$work/mnt"

step "after unmount and remount"
"$plyfs" mount --store "$store" --upper "$work/upper" "$image" "$work/mnt"
"$compare" --print --without trusted.overlay. "$work/mnt" >"$work/tree-after-remount"
check "everything is there" cmp "$work/tree-before-unmount" "$work/tree-after-remount"
find "$work/mnt" >/dev/null
pid=$("$plyfs" ps | awk -v m="$work/mnt" '$0 ~ m { print $1 }')
grep -E 'VmRSS|VmHWM' "/proc/$pid/status"
grep -E '^Pss:' "/proc/$pid/smaps_rollup"
"$plyfs" umount "$work/mnt"
check "lower layers are unchanged" cmp "$work/before" <("$compare" --raw "${dirs[@]}")

step "the upper directory under kernel overlayfs"
mount_kernel "$lowers" "$work/upper/diff"
"$compare" --print --without trusted.overlay. "$work/kernel" >"$work/tree-kernel"
umount "$work/kernel"
check "same tree as plyfs showed ($(wc -l <"$work/tree-kernel") entries)" cmp "$work/tree-after-remount" "$work/tree-kernel"

step "mount to usable, five times"
for _ in 1 2 3 4 5; do
  /usr/bin/env bash -c "TIMEFORMAT=%R; time '$plyfs' mount --store '$store' -o ro '$image' '$work/mnt'"
  "$plyfs" umount "$work/mnt"
done

echo
[ "$failures" = 0 ] || die "$failures checks failed"
echo "all checks passed"
