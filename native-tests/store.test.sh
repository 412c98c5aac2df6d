#!/bin/sh
# Names, removal and the room of images in the store, with mounts that use them.
. "$(dirname "$0")/lib.sh"
require_mounts
[ -x /bin/busybox ] || [ -x /usr/bin/busybox ] || {
  echo "skip all: needs busybox-static"
  exit 0
}
image=$(mktemp -d)
trap 'rm -rf "$image"' EXIT
"$here/../scripts/sample-image" "$image/sample.tar"

loaded() {
  PLYFS_STORE=$PWD/store
  export PLYFS_STORE
  "$plyfs" load "$image/sample.tar" >/dev/null
  mkdir -p m
}

# refused CODE SENTENCE COMMAND...
refused() {
  expected=$1 sentence=$2
  shift 2
  code=0
  "$@" >out 2>err || code=$?
  equal "$expected" "$code" "exit code of $*"
  equal "plyfs: $sentence" "$(cat err)" "message of $*"
}

tag_thenRmiOfBothNames_removesTheImageWithTheSecond() {
  loaded
  "$plyfs" tag plyfs-sample web:1
  equal 'Untagged: plyfs-sample:latest' "$("$plyfs" rmi plyfs-sample)" "first name"
  "$plyfs" rmi web:1 >out
  equal 'Untagged: web:1' "$(head -n 1 out)" "second name"
  equal 4 "$(grep -c '^Deleted: sha256:[0-9a-f]\{64\}$' out)" "image and three layers"
  equal 1 "$(ls store/overlay2 | wc -l)" "only l/ is left"
  refused 1 "there is no image 'web:1' in the store $PWD/store" "$plyfs" rmi web:1
}

imageOfAMount_staysUntilItIsUnmounted() {
  loaded
  "$plyfs" mount -r plyfs-sample m
  id=$("$plyfs" images | awk 'NR == 2 { print $3 }')
  refused 1 "cannot remove 'plyfs-sample', image $id: the mount at $PWD/m uses it: unmount it first" \
    "$plyfs" rmi plyfs-sample
  "$plyfs" prune -a -f >/dev/null
  equal 'hello from the image' "$(chroot m /app/hello)" "program in the image"
  # A mount that no list has, as one of another user.
  mv "/run/plyfs/$("$plyfs" ps | awk -v m="$PWD/m" '$3 == m { print $1 }')" state
  code=0
  "$plyfs" rmi plyfs-sample 2>err || code=$?
  equal 1 "$code" "exit code"
  grep -q '^plyfs: cannot remove the layer [0-9a-f]\{12\}: a mount uses .*, perhaps one of another user, or a save: unmount it first$' err ||
    fail "$(cat err)"
  equal 'hello from the image' "$(chroot m /app/hello)" "program in the image"
  umount m
  "$plyfs" rmi plyfs-sample >/dev/null
}

changesOfAnImage_keepIt_untilTheyAreRemoved() {
  loaded
  "$plyfs" mount plyfs-sample m >/dev/null
  echo change >m/new
  "$plyfs" umount m
  id=$("$plyfs" images | awk 'NR == 2 { print $3 }')
  place=$(echo "$PWD"/store/mounts/*)
  refused 1 "cannot remove 'plyfs-sample', image $id: the changes of its mount at $PWD/m are kept in $place: remove that directory first" \
    "$plyfs" rmi plyfs-sample
  "$plyfs" prune -a -f >/dev/null
  equal '1 0 7B 7B' "$("$plyfs" df | awk '/^Changes/ { print $2, $3, $4, $5 }')" "df"
  rm -r "$place"
  "$plyfs" prune -a -f >out
  equal 4 "$(grep -c '^deleted: sha256:' out)" "prune"
}

prune_asksFirst_andTakesOnlyImagesWithoutAName() {
  loaded
  "$plyfs" prune -f >out
  equal 'Total reclaimed space: 0B' "$(cat out)" "nothing to prune"
  "$plyfs" mount -r plyfs-sample m
  "$plyfs" rmi -f plyfs-sample >out
  equal 'Untagged: plyfs-sample:latest' "$(cat out)" "name of a mounted image"
  "$plyfs" umount m
  echo n | "$plyfs" prune >out
  grep -q 'Are you sure you want to continue? \[y/N\]' out || fail "$(cat out)"
  equal 2 "$("$plyfs" images | wc -l)" "images after no"
  "$plyfs" prune </dev/null >/dev/null
  equal 2 "$("$plyfs" images | wc -l)" "images after the end of standard input"
  "$plyfs" prune --dry-run >dry
  grep -q '^Reclaimable space: ' dry || fail "$(cat dry)"
  "$plyfs" prune -f --filter until=2020-01-01 >/dev/null
  equal 2 "$("$plyfs" images | wc -l)" "images after a filter that takes none"
  refused 2 "'tomorrow' is not a time: use 2026-11-30T12:00:00Z, 2026-11-30, or 24h" \
    "$plyfs" prune -f --filter until=tomorrow
  echo y | "$plyfs" prune --filter until=24h >out
  equal 4 "$(grep -c '^deleted: sha256:' out)" "image and layers"
  equal 1 "$("$plyfs" images | wc -l)" "images"
}

killedCommands_leaveAStoreThatTheNextOneCleans() {
  loaded
  cp -a store whole
  for delay in 0.1 0.15 0.2 0.25 0.3 0.4; do
    rm -rf store
    cp -a whole store
    timeout -s KILL "$delay" "$plyfs" rmi plyfs-sample >/dev/null 2>&1 || :
    "$plyfs" load "$image/sample.tar" >/dev/null
    "$plyfs" mount -r plyfs-sample m
    equal 'hello from the image' "$(chroot m /app/hello)" "program after a kill after $delay s"
    "$plyfs" umount m
    equal '' "$(ls store/tmp)" "what a kill after $delay s left"
  done
}

verify_findsAChangedFile_andRepairsItFromAnArchive() {
  loaded
  equal '1 image, 3 layers, 0 blobs: all as loaded' "$("$plyfs" verify)" "whole store"
  file=$(find store/overlay2 -name hello)
  echo changed >>"$file"
  code=0
  "$plyfs" verify >out || code=$?
  equal 1 "$code" "exit code"
  grep -q "^layer sha256:[0-9a-f]\{64\} was changed in the store: 'app/hello' is another file" out || fail "$(cat out)"
  equal '1 image, 3 layers, 0 blobs: 1 damaged' "$(tail -n 1 out)" "summary"
  "$plyfs" verify --repair "$image/sample.tar" >out
  grep -q '^Repaired: sha256:' out || fail "$(cat out)"
  "$plyfs" mount -r plyfs-sample m
  equal 'hello from the image' "$(chroot m /app/hello)" "program in the image"
  "$plyfs" umount m
}

scenario verify_findsAChangedFile_andRepairsItFromAnArchive
scenario tag_thenRmiOfBothNames_removesTheImageWithTheSecond
scenario imageOfAMount_staysUntilItIsUnmounted
scenario changesOfAnImage_keepIt_untilTheyAreRemoved
scenario prune_asksFirst_andTakesOnlyImagesWithoutAName
scenario killedCommands_leaveAStoreThatTheNextOneCleans
finish
