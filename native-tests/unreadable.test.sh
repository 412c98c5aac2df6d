#!/bin/sh
# Layers that can be read in part only: a device that ends too early, inodes and blocks that are
# damaged. What cannot be read is an error, as in the layer itself, and never the end of anything.
. "$(dirname "$0")/lib.sh"
require_mounts

# Mounts at disk an ext4 file system, read-only, whose file f has 65536 bytes, of which only the
# first 8192 can be read: its device ends there.
shortDisk() {
  mkdir disk u w m
  truncate -s 16M image
  mkfs.ext4 -q -b 4096 -O ^has_journal image 2>err || skip "needs mkfs.ext4: $(cat err)"
  mount -o loop image disk 2>err || skip "needs loop devices: $(cat err)"
  seq 100000 | head -c 65536 >disk/f
  umount disk
  start=$(debugfs -R 'blocks f' image 2>/dev/null | tr ' ' '\n' | sort -n | sed '/^$/d' | head -1)
  mount -o loop,ro image disk
  truncate -s "$(((start + 2) * 4096))" image
}

# seen FILE: what programs that read it in several ways get
seen() {
  python3 - "$1" <<'END'
import hashlib, mmap, os, sys

path = sys.argv[1]

def told(what, action):
    try:
        print(what, action())
    except OSError as e:
        print(what, os.strerror(e.errno))

def content(step):
    f = os.open(path, os.O_RDONLY)
    try:
        got = b""
        while True:
            try:
                part = os.read(f, step)
            except OSError as e:
                return len(got), hashlib.md5(got).hexdigest(), os.strerror(e.errno)
            if not part:
                return len(got), hashlib.md5(got).hexdigest(), "end"
            got += part
    finally:
        os.close(f)

def direct():
    f = os.open(path, os.O_RDONLY | os.O_DIRECT)
    try:
        return os.preadv(f, [mmap.mmap(-1, 65536)], 0)
    finally:
        os.close(f)

def size():
    return os.stat(path).st_size

for step in 65536, 4096, 3000, 8192:
    told("read", lambda: content(step))
    told("size", size)
told("direct", direct)
told("size", size)
f = os.open(path, os.O_RDONLY)
told("pread", lambda: len(os.pread(f, 8192, 4096)))
told("pread beyond", lambda: len(os.pread(f, 8192, 8192)))
told("sendfile", lambda: os.sendfile(os.open(os.devnull, os.O_WRONLY), f, 0, 65536))
told("data", lambda: os.lseek(f, 0, os.SEEK_DATA))
told("hole", lambda: os.lseek(f, 0, os.SEEK_HOLE))
m = mmap.mmap(f, 65536, prot=mmap.PROT_READ)
child = os.fork()
if child == 0:
    m[7000]
    m[9000]
    os._exit(0)
print("mapped", os.WTERMSIG(os.waitpid(child, 0)[1]))
END
}

fileWhoseDeviceEnds_isReadAsFarAsItGoes_andThenGivesEio() {
  shortDisk
  seen disk/f >expected
  grep -q "^read (8192, .*, 'Input/output error')" expected || skip "no short device: $(cat expected)"
  grep -q '^mapped 7' expected || fail "no SIGBUS: $(cat expected)"
  mkdir ku kw
  if mount -t overlay -o lowerdir=disk,upperdir=ku,workdir=kw none m 2>/dev/null; then
    seen m/f >kernel
    umount m
    equal "$(cat expected)" "$(cat kernel)" "the kernel's overlayfs beside the file system"
  fi
  for options in open=none open=cache open=passthrough writeback=1 timeout=0 threads=1; do
    "$plyfs" mount -o "lowerdir=disk,upperdir=u,workdir=w,$options" m
    seen m/f >found
    equal "$(cat expected)" "$(cat found)" "with $options"
    "$plyfs" umount m
  done
  umount disk
}

# A copy with a short end, or with zeros, would be what the mount shows from then on.
copyUpOfAFileThatCannotBeRead_fails_andLeavesNothing() {
  shortDisk
  for options in open=none open=cache metacopy=on; do
    rm -rf u w
    mkdir u w
    "$plyfs" mount -o "lowerdir=disk,upperdir=u,workdir=w,$options" m
    ! python3 -c 'import os
f = os.open("m/f", os.O_WRONLY | os.O_APPEND)
os.write(f, b"x")
os.fsync(f)' 2>err || fail "wrote with $options"
    grep -q 'Input/output error' err || fail "$options: $(cat err)"
    equal '' "$(find u -type f)" "in the upper directory with $options"
    equal '' "$(find w/work -mindepth 1 ! -type c)" "in the workdir with $options"
    equal 65536 "$(stat -c %s m/f)" "size with $options"
    python3 -c 'import os; os.truncate("m/f", 8192)' || fail "cannot be cut before what is broken, with $options"
    seq 100000 | head -c 8192 | cmp - m/f || fail "content that is left with $options"
    "$plyfs" umount m
  done
  umount disk
}

# Where the file system does not tell types, each entry is asked for its own.
entryWhoseInodeIsDamaged_isListed_andItsDirectoryIsNotEmpty() {
  mkdir disk u w m
  truncate -s 8M image
  mkfs.ext4 -q -O ^has_journal,^filetype image 2>err || skip "needs mkfs.ext4: $(cat err)"
  mount -o loop image disk 2>err || skip "needs loop devices: $(cat err)"
  mkdir disk/d
  echo 1 >disk/d/damaged
  inode=$(stat -c %i disk/d/damaged)
  umount disk
  debugfs -w -R "set_inode_field <$inode> extra_isize 60000" image 2>/dev/null ||
    skip 'needs debugfs'
  mount -o loop,ro,errors=continue image disk
  ! stat disk/d/damaged 2>expected || skip 'the file system reads the inode all the same'
  "$plyfs" mount -o lowerdir=disk,upperdir=u,workdir=w m
  equal damaged "$(ls m/d)" "the listing"
  equal damaged "$(ls -U m/d)" "the listing, again"
  ! stat m/d/damaged 2>found || fail "the attributes of what cannot be read"
  equal "$(sed 's/.*: //' expected)" "$(sed 's/.*: //' found)" "the error"
  ! rmdir m/d 2>err || fail "removed a directory that is not empty"
  grep -q 'not empty' err || fail "$(cat err)"
  ! rm -r m/d 2>err || fail "removed what cannot be looked at"
  "$plyfs" umount m
  umount disk
}

blockOfASquashfsThatIsDamaged_isAnError_andTheOthersAreRead() {
  mkdir content disk u w m
  command -v mksquashfs >/dev/null || skip 'needs mksquashfs'
  seq 1 400000 >content/f
  mksquashfs content image -quiet -no-progress -b 4096 >/dev/null
  printf 'damage' | dd of=image bs=1 seek=200000 conv=notrunc status=none
  mount -o loop,ro image disk 2>err || skip "needs squashfs and loop devices: $(cat err)"
  cat disk/f >expected 2>/dev/null && skip 'the file system reads the block all the same'
  "$plyfs" mount -o lowerdir=disk,upperdir=u,workdir=w m
  ! cat m/f >found 2>err || fail "the whole file was read"
  grep -q 'Input/output error' err || fail "$(cat err)"
  cmp expected found || fail "another part than of the squashfs"
  equal "$(stat -c %s content/f)" "$(stat -c %s m/f)" "size"
  equal "$(tail -c 100000 content/f | md5sum)" "$(tail -c 100000 m/f | md5sum)" "the end"
  ! echo x 2>/dev/null >>m/f || fail "copied a damaged file"
  equal '' "$(find u -type f)" "in the upper directory"
  "$plyfs" umount m
  umount disk
}

for name in $(sed -n 's/^\([a-z][a-z0-9]*[A-Z_][A-Za-z0-9_]*\)() {$/\1/p' "$0"); do
  case " $* " in
    '  ' | *" $name "*) ;;
    *) continue ;;
  esac
  case $name in
    shortDisk) ;;
    *) scenario "$name" ;;
  esac
done
finish
