#!/bin/sh
# Where archives come from, and what other programs make: the tree must be the one of umoci.
. "$(dirname "$0")/lib.sh"
require_mounts
PLYFS_STORE=store
export PLYFS_STORE
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
for name in a c; do
  mkdir -p "$made/$name.layer/etc"
  echo "$name" >"$made/$name.layer/etc/$name"
  chmod 700 "$made/$name.layer/etc"
  tar -C "$made/$name.layer" --numeric-owner -cf "$made/$name.layer.tar" .
done

# image LAYER.tar NAME: a saved image of one layer, as docker save writes it
image() {
  rm -rf "$made/image"
  mkdir "$made/image"
  cp "$1" "$made/image/layer.tar"
  printf '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
    "$(sha256sum <"$1" | cut -d' ' -f1)" >"$made/image/config.json"
  printf '[{"Config":"config.json","RepoTags":["%s"],"Layers":["layer.tar"]}]' "$2" >"$made/image/manifest.json"
  tar -C "$made/image" -cf - .
}
image "$made/a.layer.tar" a >"$made/a.tar"
image "$made/c.layer.tar" c >"$made/c.tar"

# Sets result, out and err.
load() {
  result=0
  "$plyfs" load "$@" >out 2>err || result=$?
}

loadedFromAPipe_aFifo_andAnOpenFile() {
  load_pipe() { cat "$made/a.tar" | "$plyfs" load "$@"; }
  equal 'Loaded image: a:latest' "$(load_pipe 2>&1)" "without a name"
  equal 'Loaded image: a:latest' "$(load_pipe - 2>&1)" "with -"
  equal 'Loaded image: a:latest' "$(load_pipe -q -i /dev/stdin 2>&1)" "as /dev/stdin"
  equal 'Loaded image: a:latest' "$(gzip -c "$made/a.tar" | "$plyfs" load 2>&1)" "compressed"
  equal 'Loaded image: c:latest' "$("$plyfs" load <"$made/c.tar" 2>&1)" "a file as standard input"
  mkfifo fifo
  cp "$made/c.tar" fifo &
  equal 'Loaded image: c:latest' "$("$plyfs" load -i fifo 2>&1)" "a FIFO"
  wait
  equal '' "$(ls store/tmp)" "what is left in the store's tmp"
}

pipeThatEndsEarly_isRefused_andLeavesNothing() {
  head -c 5000 "$made/a.tar" >part
  result=0
  cat part | "$plyfs" load 2>err || result=$?
  equal 1 "$result" "exit code"
  equal 1 "$(wc -l <err)" "lines on standard error"
  grep -q '^plyfs: standard input is not an image archive, or is damaged' err || fail "$(cat err)"
  equal '' "$(ls store/tmp)" "what is left in the store's tmp"
  load </dev/null
  grep -q 'standard input is not an image archive.* it has only 0 bytes' err || fail "$(cat err)"
}

severalFiles_eachIsTried_andEachFailureIsOneSentence() {
  load "$made/a.tar" bad -i none "$made/c.tar"
  equal 1 "$result" "exit code"
  equal "$(printf 'Loaded image: a:latest\nLoaded image: c:latest')" "$(cat out)" "what was loaded"
  equal "$(printf 'plyfs: there is no file or directory none\nplyfs: there is no file or directory bad')" \
    "$(cat err)" "what failed"
}

terminalAsInput_isRefused() {
  command -v script >/dev/null || skip "needs script(1)"
  script -qec "PLYFS_STORE=store '$plyfs' load; echo code \$?" /dev/null </dev/null >shown 2>&1
  grep -q 'plyfs: standard input is a terminal: name an archive, or pipe one in' shown || fail "$(cat shown)"
  grep -q 'code 1' shown || fail "$(cat shown)"
}

progress_isForATerminal_andQuietShowsNone() {
  command -v script >/dev/null || skip "needs script(1)"
  script -qec "PLYFS_STORE=one '$plyfs' load '$made/a.tar'" /dev/null </dev/null >shown 2>&1
  grep -q 'layer sha256:[0-9a-f]*: loaded' shown || fail "$(cat shown)"
  script -qec "PLYFS_STORE=two '$plyfs' load -q '$made/a.tar'" /dev/null </dev/null >shown 2>&1
  equal 'Loaded image: a:latest' "$(tr -d '\r' <shown)" "with -q on a terminal"
}

escapeInATag_isNotObeyedByTheTerminal() {
  image "$made/a.layer.tar" '\u001b[31mred' >bad.tar
  load bad.tar
  equal 1 "$result" "exit code"
  grep -qF "'\\x1b[31mred' is not an image name" err || fail "$(cat err)"
  ! grep -q "$(printf '\033')" err || fail 'the escape character is printed'
}

imageWithoutLayers_canBeMounted() {
  mkdir image
  echo '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}' >image/config.json
  echo '[{"Config":"config.json","RepoTags":["none"],"Layers":null}]' >image/manifest.json
  tar -C image -cf none.tar .
  load none.tar
  equal 'Loaded image: none:latest' "$(cat out err)" "load"
  mkdir m
  "$plyfs" mount none m >/dev/null
  echo 1 >m/f
  equal f "$(ls m)" "names in the mount"
  "$plyfs" umount m
}

deviceNode_isLeftOut_forAnOrdinaryUser() {
  command -v setpriv >/dev/null || skip "needs setpriv(1)"
  mkdir dev
  mknod dev/null c 1 3
  ln dev/null dev/again
  echo 1 >dev/file
  tar -C dev --owner=65534 --group=65534 --mtime=@0 -cf layer.tar .
  image layer.tar dev >dev.tar
  chmod 755 .
  chmod 644 dev.tar
  mkdir theirs
  chown 65534:65534 theirs
  result=0
  PLYFS_STORE=$PWD/theirs setpriv --reuid 65534 --regid 65534 --clear-groups \
    "$plyfs" load dev.tar >out 2>err || result=$?
  equal 'Loaded image: dev:latest' "$(cat out)" "load: $(cat err)"
  grep -q 'left out 2 device nodes, which only root of the machine can make$' err || fail "$(cat err)"
  equal file "$(ls theirs/overlay2/*/diff)" "the layer"
}

# tree DIR: type, mode, owner, time and content of everything, target, links of what is no directory
tree() {
  (
    cd "$1"
    find . -type d -printf '%p %y %m %U:%G %T@\n' | sort
    find . ! -type d -printf '%p %y %m %U:%G %T@ %l %n\n' | sort
    find . -type f -print0 | sort -z | xargs -0 -r sha256sum
  )
}

# same_as_umoci NAME LAYOUT TAG: the mounted image has the tree that umoci unpacks
same_as_umoci() {
  mkdir -p m
  "$plyfs" mount -r "$1" m
  tree m >ours
  "$plyfs" umount m
  rm -rf bundle
  umoci unpack --image "$2:$3" bundle >/dev/null 2>umoci.err || fail "umoci: $(cat umoci.err)"
  tree bundle/rootfs >theirs
  diff theirs ours || fail "the trees of umoci (<) and of plyfs (>) differ"
}

# layout TAG LAYER.tar...: an OCI layout of these layers, in the directory TAG.oci
layout() {
  tag=$1
  shift
  rm -rf "$tag.oci"
  mkdir -p "$tag.oci/blobs/sha256"
  echo '{"imageLayoutVersion":"1.0.0"}' >"$tag.oci/oci-layout"
  diffs='' layers=''
  for layer; do
    digest=$(sha256sum <"$layer" | cut -d' ' -f1)
    cp "$layer" "$tag.oci/blobs/sha256/$digest"
    diffs="$diffs${diffs:+,}\"sha256:$digest\""
    layers="$layers${layers:+,}$(descriptor layer.v1.tar "$layer")"
  done
  blob config '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":['"$diffs"']}}'
  blob manifest '{"schemaVersion":2,"config":'"$(descriptor config.v1+json config)"',"layers":['"$layers"']}'
  printf '{"schemaVersion":2,"manifests":[%s,"annotations":{"org.opencontainers.image.ref.name":"%s"}}]}' \
    "$(descriptor manifest.v1+json manifest | sed 's/}$//')" "$tag" >"$tag.oci/index.json"
}

blob() {
  printf '%s' "$2" >"$1"
  cp "$1" "$tag.oci/blobs/sha256/$(sha256sum <"$1" | cut -d' ' -f1)"
}

descriptor() {
  printf '{"mediaType":"application/vnd.oci.image.%s","digest":"sha256:%s","size":%s}' \
    "$1" "$(sha256sum <"$2" | cut -d' ' -f1)" "$(stat -c %s "$2")"
}

# What makes a difference between unpacking a layer alone and onto those below.
oddLayers_giveTheTreeOfUmoci() {
  command -v umoci >/dev/null || skip "needs umoci"
  python3 - <<'END'
import io, tarfile
def layer(name, *entries):
    with tarfile.open(name, "w", format=tarfile.PAX_FORMAT) as tar:
        for path, kind, rest in entries:
            info = tarfile.TarInfo(path)
            info.mtime = 1000000000
            info.type = {"d": tarfile.DIRTYPE, "f": tarfile.REGTYPE, "s": tarfile.SYMTYPE, "h": tarfile.LNKTYPE}[kind]
            info.mode = rest if kind == "d" else 0o644
            if kind in "sh":
                info.linkname = rest
            data = rest.encode() if kind == "f" else b""
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
layer("1.tar", (".", "d", 0o755), ("tmp", "d", 0o1777), ("root", "d", 0o700), ("root/secret", "f", "1"),
      ("usr", "d", 0o755), ("usr/bin", "d", 0o751), ("bin", "s", "usr/bin"), ("usr/bin/old", "f", "old"))
layer("2.tar", ("tmp/foo", "f", "foo"), ("root/.wh.secret", "f", ""), ("/abs", "f", "abs"), ("a", "d", 0o700),
      ("a/../inner", "f", "inner"), ("bin/new", "f", "new"), ("linked", "h", "usr/bin/old"), ("lib", "s", "/usr/lib"),
      ("usr/lib", "d", 0o755), ("lib/x", "f", "x"), ("lib/y", "h", "/lib/x"))
END
  layout odd 1.tar 2.tar
  load odd.oci
  equal 'Loaded image: odd:latest' "$(cat out err)" "load"
  same_as_umoci odd odd.oci odd
}

everyFormOfSkopeo_isTheSameImage() {
  command -v skopeo >/dev/null || skip "needs skopeo"
  layout form "$made/a.layer.tar" "$made/c.layer.tar"
  for form in docker-archive:d.tar:name:tag oci-archive:o.tar:name:tag dir:flat; do
    skopeo --insecure-policy copy -q "oci:form.oci:form" "$form" >skopeo.out 2>&1 || fail "$(cat skopeo.out)"
  done
  load form.oci d.tar o.tar flat
  equal 0 "$result" "exit code: $(cat err)"
  equal 1 "$("$plyfs" images | awk 'NR > 1 { print $3 }' | sort -u | wc -l)" "image IDs: $("$plyfs" images)"
}

imagesOfPodmanAndBuildah_giveTheTreeOfUmoci() {
  for tool in podman buildah skopeo umoci; do
    command -v "$tool" >/dev/null || skip "needs $tool"
  done
  storage="--root $PWD/storage --runroot $PWD/run --storage-driver vfs"
  # shellcheck disable=SC2086
  {
    container=$(buildah $storage from scratch) || skip "buildah does not work here"
    buildah $storage add -q "$container" "$made/a.layer.tar" / >/dev/null
    buildah $storage config --cmd /bin/a "$container"
    buildah $storage commit -q "$container" built >/dev/null 2>&1 || skip "buildah does not work here"
    podman $storage save -q --format docker-archive -o p.tar localhost/built 2>podman.err || fail "$(cat podman.err)"
    podman $storage save -q --format oci-archive -o o.tar localhost/built 2>podman.err || fail "$(cat podman.err)"
    id=$(podman $storage images -q --no-trunc)
  }
  load p.tar
  equal 'Loaded image: localhost/built:latest' "$(cat out err)" "load"
  "$plyfs" images | grep -q "$(echo "$id" | cut -c8-19)" || fail "another image ID than podman's $id: $("$plyfs" images)"
  load o.tar
  equal 0 "$result" "exit code of the OCI archive: $(cat err)"
  skopeo --insecure-policy copy -q oci-archive:o.tar oci:unpacked:x >skopeo.out 2>&1 || fail "$(cat skopeo.out)"
  same_as_umoci localhost/built unpacked x
}

for name in $(sed -n 's/^\([a-z][a-z0-9]*[A-Z_][A-Za-z0-9_]*\)() {$/\1/p' "$0"); do
  case $name in load_pipe | same_as_umoci) ;; *) scenario "$name" ;; esac
done
finish
