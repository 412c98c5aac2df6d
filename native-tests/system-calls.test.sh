#!/bin/sh
# What one operation costs: its requests, and the daemon's system calls for each, exactly. A call
# more on a hot path is a mistake that no other test sees; one that has become superfluous is taken
# out here as well.
. "$(dirname "$0")/lib.sh"
require_mounts
strace -qq -o /dev/null true 2>/dev/null || reason='needs strace that may trace'
command -v python3 >/dev/null || reason='needs python3'
if [ -n "$reason" ]; then
  echo "skip all: $reason"
  exit 0
fi

# Mounts at m: up/ is in the upper directory alone, low/ in both lower ones, d/ in all three.
mounted() {
  mkdir -p u/up u/d w m
  for layer in l1 l2; do
    mkdir -p $layer/d $layer/low
    for i in $(seq 0 17); do
      head -c 4096 /dev/zero | tee $layer/d/$layer-$i >$layer/low/$layer-$i
    done
  done
  for i in $(seq 0 17); do
    head -c 4096 /dev/zero | tee u/up/up-$i >u/d/up-$i
    mkdir -p l1/low/cold-$i
    echo short >l1/low/cold-$i/x
  done
  "$plyfs" mount -o "lowerdir=l1:l2,upperdir=u,workdir=w,threads=1,busy_poll=0${1:-}" m
  daemon=$("$plyfs" ps | awk -v m="$PWD/m" '$3 == m { print $1 }')
}

# costs EXPECTED OPERATION [PREPARATION]: as system-calls.py has them
costs() {
  expected=$1
  shift
  equal "$expected" "$(python3 "$here/system-calls.py" "$daemon" m "$@")" "$1"
}

lookup_ofANameThatIsThere() {
  mounted
  costs 'LOOKUP statx llistxattr lgetxattr' 'os.stat(f"m/up/up-{i}")'
  costs 'LOOKUP statx llistxattr' 'os.stat(f"m/low/l1-{i}")'
  costs 'LOOKUP statx llistxattr lgetxattr' 'os.stat(f"m/d/up-{i}")'
  costs 'LOOKUP statx statx statx llistxattr' 'os.stat(f"m/d/l1-{i}")'
  costs 'LOOKUP statx statx statx statx statx llistxattr' 'os.stat(f"m/d/l2-{i}")'
  costs '' 'os.stat(f"m/d/l2-{i}")'
}

lookup_ofAMissingName() {
  mounted
  costs 'LOOKUP statx' 'os.path.exists(f"m/up/no-{i}")'
  # After eight in vain the lower parts have been listed; the upper one changes, and is asked.
  costs 'LOOKUP' 'os.path.exists(f"m/low/no-{i}")'
  costs 'LOOKUP statx' 'os.path.exists(f"m/d/no-{i}")'
  costs '' 'os.path.exists(f"m/d/no-{i}")'
}

lookup_inADirectoryThatNobodyHasUsed() {
  mounted
  # No name in low/ begins with .wh., which is known after the first few; the directory itself is
  # opened when its first entry is looked for.
  costs "LOOKUP statx llistxattr statx statx; LOOKUP openat statx llistxattr" \
    'os.stat(f"m/low/cold-{i}/x")'
}

attributes_areAskedOfOneLayer() {
  mounted ,timeout=0 # so that the kernel keeps nothing
  costs 'GETATTR statx' 'os.fstat(f)' 'f = os.open("m/up/up-0", os.O_RDONLY)'
  costs 'GETATTR statx' 'os.fstat(f)' 'f = os.open("m/d/l2-0", os.O_RDONLY)'
  # Who may search the directories is asked of their attributes.
  costs 'GETATTR statx; LOOKUP statx; GETATTR statx; LOOKUP statx; GETATTR statx' \
    'os.stat("m/d/l2-0")'
}

open_costsNothing_andAReadOneCall() {
  mounted
  costs '' 'os.close(os.open(f"m/d/l1-0", os.O_RDONLY))'
  costs 'READ openat pread64' \
    'f = os.open(f"m/d/l1-{i}", os.O_RDONLY); os.read(f, 4096); os.close(f)' 'os.stat(f"m/d/l1-{i}")'
  costs 'READ openat pread64' \
    'f = os.open(f"m/d/up-{i}", os.O_RDONLY); os.read(f, 4096); os.close(f)' 'os.stat(f"m/d/up-{i}")'
  costs '' 'f = os.open(f"m/d/up-{i}", os.O_RDONLY); os.read(f, 4096); os.close(f)'
  # Fewer bytes than asked for, and not to the end of a page: that is the end of the file.
  costs 'READ openat pread64' \
    'f = os.open(f"m/low/cold-{i}/x", os.O_RDONLY); os.read(f, 4096); os.close(f)' \
    'os.stat(f"m/low/cold-{i}/x")'
  for file in m/d/l1-0 m/d/up-0; do
    costs 'READ pread64' \
      'os.posix_fadvise(f, 0, 0, os.POSIX_FADV_DONTNEED); os.pread(f, 4096, 0)' \
      "f = os.open('$file', os.O_RDONLY)"
  done
}

openWithHandles_costsOneCall_andAnotherAtClose() {
  mounted ,open=cache
  costs 'OPEN openat; RELEASE close' 'os.close(os.open(f"m/d/up-{i}", os.O_RDONLY))' \
    'os.stat(f"m/d/up-{i}")'
  costs 'OPEN openat; READ pread64; RELEASE close' \
    'f = os.open(f"m/d/l1-{i}", os.O_RDONLY); os.read(f, 4096); os.close(f)' 'os.stat(f"m/d/l1-{i}")'
}

write_costsOneCall_onceTheFileIsOpen() {
  mounted
  costs 'WRITE pwrite64' 'os.pwrite(f, bytes(4096), 4096 * i)' 'f = os.open("m/up/up-0", os.O_WRONLY)'
  costs 'GETXATTR lgetxattr; WRITE lgetxattr openat pwrite64' \
    'f = os.open(f"m/d/up-{i}", os.O_WRONLY); os.write(f, b"x"); os.close(f)' 'os.stat(f"m/d/up-{i}")'
}

# A user without privilege over a setuid file: it is root's program until the chmod.
setuid_goesBeforeTheData() {
  mounted
  chmod 755 .
  unprivileged='os.seteuid(1)'
  root='os.seteuid(0)'
  asked='GETXATTR getxattr; GETXATTR lgetxattr; GETXATTR lgetxattr' # ACLs, and the capability
  copy='copy_file_range sync_file_range llistxattr ioctl name_to_handle_at'
  costs "$asked; SETATTR statx; WRITE lgetxattr openat statx fchmodat2 notice pwrite64" \
    "$unprivileged; f = os.open(f'm/up/up-{i}', os.O_WRONLY); os.write(f, b'x'); os.close(f); $root" \
    'os.chmod(f"u/up/up-{i}", 0o4777); os.stat(f"m/up/up-{i}")'
  costs "$asked; SETATTR lgetxattr statx openat fchmodat2 close notice openat ftruncate close statx" \
    "$unprivileged; os.truncate(f'm/d/up-{i}', 5); $root" \
    'os.chmod(f"u/d/up-{i}", 0o4777); os.stat(f"m/d/up-{i}")'
  directory='GETXATTR getxattr; GETATTR statx'
  costs "$directory; $asked; SETATTR statx; WRITE statx openat openat $copy \
setxattr fchmodat2 utimensat fsync statx linkat utimensat close notice notice statx fchmodat2 notice pwrite64" \
    "$unprivileged; f = os.open(f'm/d/l1-{i}', os.O_WRONLY); os.write(f, b'x'); os.close(f); $root" \
    'os.chmod(f"l1/d/l1-{i}", 0o4777); os.stat(f"m/d/l1-{i}")'
  # The copy is the truncation, and never had setuid.
  costs "$directory; $asked; SETATTR statx statx openat openat $copy setxattr utimensat \
fsync statx linkat utimensat close notice notice close statx" \
    "$unprivileged; os.truncate(f'm/d/l2-{i}', 5); $root" \
    'os.chmod(f"l2/d/l2-{i}", 0o4777); os.stat(f"m/d/l2-{i}")'
}

newObject_isMadeByOneCall() {
  mounted
  costs 'GETATTR statx; LOOKUP statx; MKNOD openat statx' \
    'os.close(os.open(f"m/up/file-{i}", os.O_CREAT | os.O_WRONLY))'
  costs 'GETATTR statx; LOOKUP statx; MKNOD openat statx; GETXATTR; WRITE pwrite64' \
    'f = os.open(f"m/up/written-{i}", os.O_CREAT | os.O_WRONLY); os.write(f, bytes(4096)); os.close(f)'
  costs 'GETATTR statx; LOOKUP statx; MKDIR mkdirat statx' 'os.mkdir(f"m/up/directory-{i}")'
  costs 'GETATTR statx; LOOKUP statx; SYMLINK symlinkat statx' \
    'os.symlink("x", f"m/up/symlink-{i}")'
}

copyUp_opensEachFileOnce_andWritesToTheCopyThatIsOpen() {
  mounted
  costs "GETATTR statx; GETXATTR lgetxattr; WRITE statx openat openat copy_file_range sync_file_range llistxattr ioctl \
name_to_handle_at setxattr utimensat fsync statx linkat utimensat close notice notice pwrite64" \
    'f = os.open(f"m/d/l1-{i}", os.O_WRONLY); os.write(f, b"x"); os.close(f)' 'os.stat(f"m/d/l1-{i}")'
  # Nothing to copy and so to sync; a mode that the owner may not write with is given last.
  costs "GETATTR statx; GETXATTR lgetxattr; SETATTR statx openat llistxattr openat ioctl \
name_to_handle_at setxattr fchmodat2 utimensat statx linkat utimensat close notice notice \
close statx" \
    'os.truncate(f"m/d/l2-{i}", 0)' 'os.chmod(f"l2/d/l2-{i}", 0o444); os.stat(f"m/d/l2-{i}")'
}

link_andReadlink_goByName() {
  mounted
  costs 'GETATTR statx; LOOKUP statx; LINK lgetxattr statx linkat statx' \
    'os.link(f"m/up/up-{i}", f"m/up/link-{i}")' 'os.stat(f"m/up/up-{i}")'
  costs 'READLINK readlinkat' 'os.readlink(f"m/up/symlink-{i}")' \
    'os.symlink("x", f"u/up/symlink-{i}"); os.stat(f"m/up/symlink-{i}", follow_symlinks=False)'
}

unlink_isOneCall_ofAnUpperFile_andAWhiteoutOfALowerOne() {
  mounted
  costs 'GETATTR statx; UNLINK lgetxattr openat unlinkat' 'os.unlink(f"m/up/up-{i}")' \
    'os.stat(f"m/up/up-{i}")'
  costs 'GETATTR statx; UNLINK linkat' 'os.unlink(f"m/d/l1-{i}")' 'os.stat(f"m/d/l1-{i}")'
  costs 'GETATTR statx; UNLINK linkat' 'os.unlink(f"m/d/l2-{i}")' \
    'os.stat(f"m/d/l2-{i}")'
}

rmdir_isOneCall_whereNothingIsBelow_andAListingElsewhere() {
  mounted
  costs 'GETATTR statx; RMDIR openat unlinkat' 'os.rmdir(f"m/up/empty-{i}")' \
    'os.mkdir(f"m/up/empty-{i}")'
  # What it is full of is looked at only where the file system says that it is.
  costs 'RMDIR unlinkat getxattr openat getdents64 close' \
    'os.system(f"rmdir m/up/full-{i} 2>/dev/null")' 'os.makedirs(f"m/up/full-{i}/x")'
  listing='openat getdents64 getdents64 close'
  sweep='unlinkat unlinkat openat getdents64 getdents64 unlinkat close unlinkat'
  costs "GETATTR statx; RMDIR getxattr openat getdents64 statx getdents64 close $listing \
linkat renameat2 $sweep" 'os.rmdir(f"m/low/cold-{i}")' 'os.unlink(f"m/low/cold-{i}/x")'
}

rename_inAnUpperDirectory() {
  mounted
  costs 'GETATTR statx; LOOKUP statx; RENAME lgetxattr renameat' \
    'os.rename(f"m/up/up-{i}", f"m/up/new-{i}")' 'os.stat(f"m/up/up-{i}")'
  costs 'GETATTR statx; LOOKUP statx; RENAME renameat' \
    'os.rename(f"m/up/new-{i}", f"m/up/over-{i}")' 'open(f"m/up/over-{i}", "w").close()'
}

rename_ofALowerFileLeavesAWhiteout_withoutASecondLook() {
  mounted
  free='statx' # in the upper part; the lower ones are known not to have the names
  costs "GETATTR statx; LOOKUP $free; RENAME renameat2" \
    'os.rename(f"m/d/l1-{i}", f"m/d/new-{i}")' 'os.chmod(f"m/d/l1-{i}", 0o640)'
  # Renamed once more, it has another name below, which the lower parts are known not to have.
  costs "GETATTR statx; LOOKUP $free; RENAME renameat" \
    'os.rename(f"m/d/new-{i}", f"m/d/newer-{i}")'
}

unlink_ofAFileThatIsOpenForWriting_keepsItsDescriptor() {
  mounted
  costs 'GETATTR statx; UNLINK unlinkat' 'os.unlink(f"m/up/new-{i}")' \
    'with open(f"m/up/new-{i}", "w") as f: f.write("x")'
}

attributeChange_goesThroughADescriptor_whichIsOpenAlreadyAfterAWrite() {
  mounted
  costs 'SETATTR lgetxattr openat fchmodat2 close statx' 'os.chmod(f"m/up/up-{i}", 0o640)' \
    'os.stat(f"m/up/up-{i}")'
  costs 'SETATTR openat utimensat close statx' 'os.utime(f"m/up/up-{i}")'
  write='with open(f"m/d/up-{i}", "r+") as f: f.write("x")'
  costs 'SETATTR fchmodat2 statx' 'os.chmod(f"m/d/up-{i}", 0o640)' "$write"
  costs 'SETATTR utimensat statx' 'os.utime(f"m/d/up-{i}")' "$write"
  costs 'SETATTR ftruncate statx' 'os.truncate(f"m/d/up-{i}", 9)' "$write"
}

listing_isReadOnce() {
  mounted
  costs 'READDIRPLUS openat getdents64 getdents64 close openat statx llistxattr; READDIR' \
    'os.listdir(f"m/low/cold-{i}")' 'os.stat(f"m/low/cold-{i}")'
  costs '' 'os.listdir("m/d")' 'os.listdir("m/d")'
}

# A table that grows while files are opened makes an open(2) last some 15 ms, at the 64th, 128th, ...
tableOfDescriptors_isLargeAtTheStart() {
  [ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -ge 4096 ] ||
    skip "at most $(ulimit -Hn) descriptors are allowed"
  mounted
  places=0
  for _ in $(seq 100); do
    places=$(awk '$1 == "FDSize:" { print $2 }' "/proc/$daemon/status")
    [ "$places" -lt 3072 ] || return 0
    sleep 0.02
  done
  fail "the table has $places places"
}

for name in $(sed -n 's/^\([a-z][a-z0-9]*[A-Z_][A-Za-z0-9_]*\)() {$/\1/p' "$0"); do
  scenario "$name"
done
finish
