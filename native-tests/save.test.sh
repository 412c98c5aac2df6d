#!/bin/sh
# Images that other programs made come out of the store as they went in, and other programs take them.
. "$(dirname "$0")/lib.sh"
require_mounts
for tool in skopeo umoci jq; do
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

store() {
  PLYFS_STORE=$PWD/store
  export PLYFS_STORE
}

copy() {
  skopeo --insecure-policy copy -q "$@" >copy.out 2>&1 || fail "skopeo copy $*: $(cat copy.out)"
}

# The digest of the first manifest of a layout.
manifest() {
  jq -r '.manifests[0].digest' "$1/index.json"
}

# The layout of skopeo with gzip or zstd layers
layout() {
  copy --dest-compress --dest-compress-format "$1" \
    "docker-archive:$image/sample.tar" "oci:$PWD/$1:v1"
}

layout_comesOutWithAllItsDigests() {
  store
  for method in gzip zstd; do
    layout "$method"
    "$plyfs" load "$method" >/dev/null
    "$plyfs" save --format oci-dir -o "$method.saved" v1
    equal "$(manifest "$method")" "$(manifest "$method.saved")" "manifest of $method"
    diff -r "$method/blobs" "$method.saved/blobs"
    "$plyfs" save --format oci -o "$method.tar" v1
    mkdir "$method.unpacked"
    tar -C "$method.unpacked" -xf "$method.tar"
    diff -r "$method.saved" "$method.unpacked"
  done
  # The store has one image with two manifests.
  equal 2 "$("$plyfs" images | wc -l)" 'lines of images'
}

archive_comesOutWithTheLayersOfTheFirst() {
  store
  "$plyfs" load "$image/sample.tar" >/dev/null
  "$plyfs" save -o saved.tar plyfs-sample
  "$plyfs" save plyfs-sample >again.tar
  cmp saved.tar again.tar
  mkdir a b
  tar -C a -xf "$image/sample.tar"
  tar -C b -xf saved.tar
  for layer in $(jq -r '.[0].Layers[]' a/manifest.json); do
    sha256sum <"a/$layer"
  done >before
  for layer in $(jq -r '.[0].Layers[]' b/manifest.json); do
    sha256sum <"b/$layer"
  done >after
  diff before after
  equal 3 "$(wc -l <after)" layers
  cmp "a/$(jq -r '.[0].Config' a/manifest.json)" "b/$(jq -r '.[0].Config' b/manifest.json)"
}

skopeoCopiesWhatIsSaved_withTheSameConfiguration() {
  store
  layout gzip
  "$plyfs" load gzip >/dev/null
  id=$("$plyfs" images | awk '$1 == "v1" { print $3 }')
  "$plyfs" save -o docker.tar v1
  "$plyfs" save --format oci-archive -o oci.tar v1
  "$plyfs" save --format oci-dir -o dir v1
  n=0
  for from in docker-archive:docker.tar oci-archive:oci.tar oci:dir; do
    n=$((n + 1))
    copy "$from" "dir:$PWD/out$n"
    config=$(jq -r .config.digest "out$n/manifest.json")
    equal "$id" "$(expr "$config" : 'sha256:\(.\{12\}\)')" "$from"
  done
  copy --preserve-digests oci:dir:latest "oci:$PWD/copy:v1"
  equal "$(manifest gzip)" "$(manifest copy)" manifest
}

umociUnpacksWhatIsSaved() {
  store
  "$plyfs" load "$image/sample.tar" >/dev/null
  "$plyfs" save --format oci-dir -o saved plyfs-sample
  layout gzip
  umoci unpack --image gzip:v1 one >/dev/null
  umoci unpack --image saved:latest two >/dev/null
  diff -r --no-dereference one/rootfs two/rootfs
  [ -x two/rootfs/app/hello ] || fail "$(find two)"
}

umocisLayout_comesOutAsItWas() {
  store
  umoci init --layout made
  umoci new --image made:v1
  mkdir -p tree/etc
  echo a >tree/etc/name
  mkfifo tree/pipe
  umoci insert --image made:v1 tree /inserted
  umoci insert --image made:v1 --whiteout /inserted/etc
  "$plyfs" load made >/dev/null
  "$plyfs" save --format oci-dir -o saved v1
  equal "$(jq -r '.manifests[] | select(.annotations["org.opencontainers.image.ref.name"] == "v1").digest' \
    made/index.json)" "$(manifest saved)" manifest
  for blob in saved/blobs/sha256/*; do
    cmp "$blob" "made/blobs/sha256/${blob##*/}"
  done
}

# podman PLACE ARGUMENTS...: with a storage of its own
podmanin() {
  place=$1
  shift
  podman --root "$place/root" --runroot "$place/run" --storage-driver vfs "$@" 2>podman.err ||
    fail "podman $*: $(cat podman.err)"
}

podmanLoadsWhatIsSaved_underTheSameId() {
  command -v podman >/dev/null || skip 'needs podman'
  store
  layout zstd
  "$plyfs" load zstd >/dev/null
  id=$("$plyfs" images | awk '$1 == "v1" { print $3 }')
  for format in docker-archive oci-archive; do
    "$plyfs" save --format "$format" -o "$format" v1
    podmanin "$PWD/$format.store" load -q -i "$format" >/dev/null
    equal "$id" "$(podmanin "$PWD/$format.store" images -q)" "image ID of $format"
    podmanin "$PWD/$format.store" rmi -a -f >/dev/null
  done
}

# What podman saves, and its own record of a layer's tar.
podmansArchive_comesOutWithTheSameLayers() {
  command -v podman >/dev/null || skip 'needs podman'
  store
  podmanin "$PWD/p" load -q -i "$image/sample.tar" >/dev/null
  podmanin "$PWD/p" save -q --format oci-archive -o podman.tar plyfs-sample >/dev/null
  podmanin "$PWD/p" save -q --format docker-archive -o docker.tar plyfs-sample >/dev/null
  "$plyfs" load podman.tar docker.tar >/dev/null
  id=$("$plyfs" images | awk 'NR == 2 { print $3 }')
  "$plyfs" save --format oci -o saved.tar "$id"
  mkdir a b
  tar -C a -xf podman.tar
  tar -C b -xf saved.tar
  diff -r a/blobs b/blobs
  for record in "$PWD"/p/root/vfs-layers/*.tar-split.gz; do
    diff_id=$(jq -r --arg id "$(basename "$record" .tar-split.gz)" \
      '.[] | select(.id == $id)."diff-digest"' p/root/vfs-layers/layers.json)
    ours=$(grep -l "$diff_id" store/image/overlay2/layerdb/sha256/*/diff | head -n 1)
    gzip -dc "${ours%/diff}/tar-split.json.gz" | jq -c 'select(.size > 0) | [.size, .payload]' >ours
    gzip -dc "$record" | jq -c 'select(.size > 0) | [.size, .payload]' >theirs
    diff theirs ours
    # podman writes its layer from our record.
    cp "${ours%/diff}/tar-split.json.gz" "$record"
  done
  podmanin "$PWD/p" save -q --format oci-archive -o again.tar plyfs-sample >/dev/null
  mkdir c
  tar -C c -xf again.tar
  diff -r a/blobs c/blobs
  podmanin "$PWD/p" rmi -a -f >/dev/null
}

# Docker's answer to the same is 'cowardly refusing to save to a terminal'.
terminal_isRefused() {
  command -v script >/dev/null || skip 'needs script(1)'
  store
  "$plyfs" load "$image/sample.tar" >/dev/null
  script -qec "$plyfs save plyfs-sample" /dev/null >out </dev/null || true
  grep -q 'refusing to save to a terminal: give -o FILE, or redirect' out || fail "$(head -c 300 out)"
}

fullDisk_isOneSentence_andLeavesNothing() {
  store
  "$plyfs" load "$image/sample.tar" >/dev/null
  mkdir small
  mount -t tmpfs -o size=100k tmpfs small
  for format in docker-archive oci-dir; do
    result=0
    "$plyfs" save --format "$format" -o small/file plyfs-sample 2>err || result=$?
    equal 1 "$result" 'exit code'
    equal "plyfs: cannot write small/file: No space left on device" "$(cat err)" "$format"
    equal '' "$(ls -A small)" 'what is left'
  done
  result=0
  "$plyfs" save plyfs-sample >/dev/full 2>err || result=$?
  equal 1 "$result" 'exit code'
  equal 'plyfs: cannot write to standard output: No space left on device' "$(cat err)" /dev/full
}

readerThatWantsNoMore_endsTheSaveQuietly() {
  store
  "$plyfs" load "$image/sample.tar" >/dev/null
  { { "$plyfs" save plyfs-sample 2>err; echo "$?" >code; } | head -c 1000 >/dev/null; } || true
  equal 141 "$(cat code)" 'exit code'
  equal '' "$(cat err)" 'words'
}

pipeFromSaveToLoad_givesTheSameImage() {
  store
  "$plyfs" load "$image/sample.tar" >/dev/null
  "$plyfs" save plyfs-sample | "$plyfs" load --store "$PWD/other" >out
  grep -q '^Loaded image: plyfs-sample:latest$' out || fail "$(cat out)"
  equal "$("$plyfs" images | awk 'NR == 2 { print $3 }')" \
    "$("$plyfs" images --store "$PWD/other" | awk 'NR == 2 { print $3 }')" 'image ID'
}

for name in $(sed -n 's/^\([a-z][a-z0-9]*[A-Z_][A-Za-z0-9_]*\)() {$/\1/p' "$0"); do
  scenario "$name"
done
finish
