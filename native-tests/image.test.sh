#!/bin/sh
# From a saved image to a mounted one, by the command.
. "$(dirname "$0")/lib.sh"
require_mounts
[ -x /bin/busybox ] || [ -x /usr/bin/busybox ] || {
  echo "skip all: needs busybox-static"
  exit 0
}
image=$(mktemp -d)
trap 'rm -rf "$image"' EXIT
"$here/../scripts/sample-image" "$image/sample.tar"

# A snapshot of every file: type, mode, owner, size, time, link, content.
snapshot() {
  (
    cd "$1"
    find . -printf '%p %y %m %U:%G %T@ %l %n\n' | sort
    find . -type f -print0 | sort -z | xargs -0 -r sha256sum
  )
}

loaded() {
  PLYFS_STORE=$PWD/store
  export PLYFS_STORE
  equal 'Loaded image: plyfs-sample:latest' "$("$plyfs" load "$image/sample.tar" 2>&1)" "load"
  mkdir -p m
}

load_isShownByImages_andIsSilentElsewhereThanOnATerminal() {
  loaded
  "$plyfs" images >table
  grep -Eq '^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE$' table || fail "$(cat table)"
  grep -Eq '^plyfs-sample +latest +[0-9a-f]{12} +.* ago +[0-9.]+MB$' table || fail "$(cat table)"
  loaded
  equal 2 "$("$plyfs" images | wc -l)" "lines after the second load"
  "$plyfs" load --store "$PWD/other" "$image/sample.tar" >out
  [ -d other/overlay2/l ] || fail "--store has no effect"
}

mountedImage_showsItsThreeLayers_asKernelOverlayfsDoes() {
  loaded
  "$plyfs" mount -r plyfs-sample m
  equal 'hello from the image' "$(chroot m /app/hello)" "program in the image"
  equal 'Welcome to layer 2.' "$(cat m/etc/motd)" "replaced file"
  for gone in etc/old.conf etc/obsolete.d app/cache usr/share/doc; do
    [ ! -e "m/$gone" ] || fail "$gone was deleted by the third layer"
  done
  snapshot m >ours
  lowers=$(sed -n 's/^lower //p' "/run/plyfs/$("$plyfs" ps | awk -v m="$PWD/m" '$3 == m { print $1 }')" | paste -sd:)
  "$plyfs" umount m
  mount -t overlay overlay -o "lowerdir=$lowers" m || skip "needs kernel overlayfs"
  snapshot m >kernels
  umount m
  diff kernels ours
}

changes_belongToImageAndMountPoint_andContinue() {
  loaded
  snapshot store/overlay2 >before
  "$plyfs" mount plyfs-sample:latest m >out
  kept=$(sed -n 's/^changes are stored in //p' out)
  [ -d "$kept" ] || fail "$(cat out)"
  chroot m /bin/sh -c 'echo x >>/etc/passwd; echo 1 >/root/new; rm /etc/group; mv /app /moved'
  equal "$(printf 'D /app\nC /etc\nD /etc/group\nC /etc/passwd\nA /moved\nA /moved/hello\nC /root\nA /root/new')" \
    "$("$plyfs" diff m)" "diff"
  snapshot m >first
  "$plyfs" umount m
  "$plyfs" mount plyfs-sample m >out
  equal "changes are stored in $kept" "$(cat out)" "place of changes"
  snapshot m >second
  diff first second
  "$plyfs" umount m
  mkdir elsewhere
  "$plyfs" mount plyfs-sample elsewhere >out
  [ ! -e elsewhere/moved ] || fail "changes of another mount point"
  "$plyfs" umount elsewhere
  snapshot store/overlay2 >after
  diff before after
}

whatIsMissing_isNamed() {
  loaded
  result=0
  "$plyfs" mount nosuch m 2>err || result=$?
  equal 32 "$result" "exit code"
  grep -q "no image 'nosuch'" err || fail "$(cat err)"
  for bad in /etc/passwd none; do
    result=0
    "$plyfs" load "$bad" 2>err || result=$?
    equal 1 "$result" "exit code of load $bad"
    equal 1 "$(wc -l <err)" "lines on standard error"
    grep -qF "$bad" err || fail "$(cat err)"
  done
}

truncatedArchive_leavesTheStoreAsItWas() {
  loaded
  snapshot store >before
  head -c 300000 "$image/sample.tar" >part.tar
  result=0
  "$plyfs" load part.tar 2>err || result=$?
  equal 1 "$result" "exit code"
  equal 1 "$(wc -l <err)" "lines on standard error"
  snapshot store >after
  sed -i '/^\. d\|^\.\/tmp d\|^\.\/lock /d' before after
  diff before after
}

quickstart_worksTwice() {
  PLYFS_STORE=$PWD/store
  export PLYFS_STORE
  "$here/../scripts/quickstart" "$image/sample.tar" >first
  "$here/../scripts/quickstart" "$image/sample.tar" >second
  for out in first second; do
    grep -q '^C /etc/passwd$' "$out" && grep -q '^D /etc/group$' "$out" &&
      grep -q '^A /root/new$' "$out" || fail "$(cat "$out")"
  done
}

installedCopy_works() {
  "$here/../scripts/install" --prefix "$PWD/p q" --helper-dir "$PWD/p q/sbin" >/dev/null
  loaded
  "$PWD/p q/bin/plyfs" mount -r plyfs-sample m
  "$PWD/p q/sbin/mount.fuse.plyfs" src m -f -o lowerdir=/
  "$PWD/p q/bin/plyfs" umount m
}

# An archive that another Java made, or none, only costs time.
archiveOfAnotherJava_isNotUsed() {
  "$here/../scripts/install" --prefix "$PWD/p" --helper-dir "$PWD/p/sbin" >/dev/null
  mkdir l m
  echo data >l/f
  rm -f p/lib/plyfs/plyfs.jsa
  echo 'no archive' >p/lib/plyfs/plyfs.jsa
  equal "$("$here/../scripts/plyfs" --version)" "$(p/bin/plyfs --version 2>&1)" --version
  equal '' "$(p/bin/plyfs mount -o lowerdir=l m 2>&1)" 'words of a mount'
  equal data "$(cat m/f)" 'read'
  umount m
}

for name in $(sed -n 's/^\([a-z][a-z0-9]*[A-Z_][A-Za-z0-9_]*\)() {$/\1/p' "$0"); do
  scenario "$name"
done
finish
