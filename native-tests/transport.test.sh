#!/bin/sh
# The two transports: what each of them needs of the machine, and what only a launcher shows.
. "$(dirname "$0")/lib.sh"
require_mounts

options='lowerdir=l,upperdir=u,workdir=w'

layers() {
  mkdir -p l u w m
  echo lower >l/f
}

# Sets library: the file that the loader takes for libfuse 2.9.
library() {
  for library in /lib/libfuse.so.2 /lib/*-linux-gnu/libfuse.so.2 /lib64/libfuse.so.2; do
    [ ! -e "$library" ] || return 0
  done
  skip 'needs libfuse.so.2: package libfuse2'
}

# classes TRANSPORT: the classes that a mount loads, which is used a little
classes() {
  mkfifo ready
  java=${JAVA_HOME:+$JAVA_HOME/bin/}java
  "$java" -Xlog:class+load:file=loaded -Dplyfs.ready=3 -Dfile.encoding=ISO-8859-1 \
    -cp "$here/../target/plyfs.jar" plyfs.cli.Main mount --transport "$1" -o "$options" m \
    3>ready >log 2>&1 &
  grep -q ready <ready || fail "$(cat log)"
  cat m/f
  echo upper >m/g
  ls m
  umount m
  wait
  rm ready
}

nativeMount_loadsNothingOfJnrFuse() {
  layers
  classes native
  grep -q 'plyfs.union.UnionFs ' loaded || fail 'no list of classes'
  equal '' "$(grep -i jnrfuse loaded || true)" 'classes of the other transport'
}

# What the kernel does not offer is not asked for in silence.
ringsThatTheKernelDoesNotOffer_areMissedInTheLog() {
  parameter=/sys/module/fuse/parameters/enable_uring
  [ ! -e "$parameter" ] || [ "$(cat "$parameter")" != Y ] || skip "needs $parameter to be N"
  layers
  "$plyfs" mount -f -o "$options,io_uring=1" m 2>log &
  until mountpoint -q m; do sleep 0.05; done
  equal lower "$(cat m/f)" 'a lower file'
  umount m
  wait
  grep -q "option 'io_uring=1' has no effect" log || fail "$(cat log)"
}

# In mount namespaces of their own, where the library's directory lacks it.
libfuseThatIsMissing_isNamedWithItsPackage() {
  layers
  library
  directory=$(dirname "$(readlink -f "$library")")
  mkdir hiding
  for name in "$directory"/libfuse.so.2*; do
    mknod "hiding/$(basename "$name")" c 0 0
  done
  cat >mount-without <<END
mount -t overlay -o lowerdir="$PWD/hiding:$directory" none "$directory" &&
  exec "$plyfs" mount --transport "\$1" -o $options m
END
  code=0
  unshare -m --propagation private sh mount-without jnr-fuse 2>err || code=$?
  equal 2 "$code" "exit code; $(cat err)"
  grep -q 'libfuse.so.2.*install the package libfuse2' err || fail "$(cat err)"
  equal 1 "$(wc -l <err)" 'lines of the message'
  equal '' "$(find u w -mindepth 1)" 'upper and workdir'
  unshare -m --propagation private sh mount-without native || fail 'the native transport needs it'
}

oneThread_serves() {
  layers
  library
  "$plyfs" mount --transport jnr-fuse -o "$options,threads=1" m
  (for i in 1 2 3 4 5 6 7 8 9 10; do echo "$i" >"m/a$i" && cat "m/a$i"; done) >one &
  (for i in 1 2 3 4 5 6 7 8 9 10; do mkdir "m/d$i" && rmdir "m/d$i"; done) &
  wait
  equal 10 "$(wc -l <one)" 'lines'
  equal 11 "$(ls m | wc -l)" 'names'
  "$plyfs" umount m
  equal '' "$(grep -F "$PWD/" /proc/self/mountinfo || true)" 'mounts that are left'
}

valueOf64KiB_isKept() {
  layers
  library
  mkdir disk
  mount -t tmpfs none disk
  mkdir disk/u disk/w
  value=$(head -c 65536 /dev/zero | tr '\0' x)
  setfattr -n user.big -v "$value" disk 2>err || skip 'tmpfs takes no user attributes here'
  for transport in native jnr-fuse; do
    "$plyfs" mount --transport "$transport" -o lowerdir=l,upperdir=disk/u,workdir=disk/w m
    setfattr -n "user.$transport" -v "$value" m/f
    equal "$value" "$(getfattr --only-values -n "user.$transport" m/f)" "value by $transport"
    "$plyfs" umount m
    equal "$value" "$(getfattr --only-values -n "user.$transport" disk/u/f)" 'value in upper'
  done
}

for name in $(sed -n 's/^\([a-z][a-z0-9]*[A-Z_][A-Za-z0-9_]*\)() {$/\1/p' "$0"); do
  scenario "$name"
done
finish
