/*
 * Prints the layout of the FUSE structs, the values of their flags and the opcodes as the installed
 * <linux/fuse.h> has them, one per line: "Class.CONSTANT value", where Class is the one of
 * plyfs.fuse.abi that stands for the struct. FuseLayoutTest compiles it, runs it and compares.
 *
 * Left out: what headers of protocol 7.38 do not have.
 */
#include <linux/fuse.h>
#include <stddef.h>
#include <stdio.h>

#define SIZE(cls, type) printf(#cls ".SIZEOF %zu\n", sizeof(struct type))
#define UNREAD(constant, type) printf("UnreadIn." #constant " %zu\n", sizeof(struct type))
#define FIELD(cls, type, constant, field) \
  printf(#cls "." #constant " %zu\n", offsetof(struct type, field))
#define VALUE(cls, name) printf(#cls "." #name " %d\n", (int)(name))
#define FLAG(name) printf("InitFlags." #name " %llu\n", (unsigned long long)FUSE_##name)
#define OPCODE(name) printf("Opcode." #name " %d\n", FUSE_##name)

int main(void) {
  FIELD(Attr, fuse_attr, INO, ino);
  FIELD(Attr, fuse_attr, SIZE, size);
  FIELD(Attr, fuse_attr, BLOCKS, blocks);
  FIELD(Attr, fuse_attr, ATIME, atime);
  FIELD(Attr, fuse_attr, MTIME, mtime);
  FIELD(Attr, fuse_attr, CTIME, ctime);
  FIELD(Attr, fuse_attr, ATIMENSEC, atimensec);
  FIELD(Attr, fuse_attr, MTIMENSEC, mtimensec);
  FIELD(Attr, fuse_attr, CTIMENSEC, ctimensec);
  FIELD(Attr, fuse_attr, MODE, mode);
  FIELD(Attr, fuse_attr, NLINK, nlink);
  FIELD(Attr, fuse_attr, UID, uid);
  FIELD(Attr, fuse_attr, GID, gid);
  FIELD(Attr, fuse_attr, RDEV, rdev);
  FIELD(Attr, fuse_attr, BLKSIZE, blksize);
  FIELD(Attr, fuse_attr, FLAGS, flags);
  SIZE(Attr, fuse_attr);
  FIELD(AttrOut, fuse_attr_out, ATTR_VALID, attr_valid);
  FIELD(AttrOut, fuse_attr_out, ATTR_VALID_NSEC, attr_valid_nsec);
  FIELD(AttrOut, fuse_attr_out, ATTR, attr);
  SIZE(AttrOut, fuse_attr_out);
  FIELD(BatchForgetIn, fuse_batch_forget_in, COUNT, count);
  SIZE(BatchForgetIn, fuse_batch_forget_in);
  FIELD(CopyFileRangeIn, fuse_copy_file_range_in, FH_IN, fh_in);
  FIELD(CopyFileRangeIn, fuse_copy_file_range_in, OFF_IN, off_in);
  FIELD(CopyFileRangeIn, fuse_copy_file_range_in, NODEID_OUT, nodeid_out);
  FIELD(CopyFileRangeIn, fuse_copy_file_range_in, FH_OUT, fh_out);
  FIELD(CopyFileRangeIn, fuse_copy_file_range_in, OFF_OUT, off_out);
  FIELD(CopyFileRangeIn, fuse_copy_file_range_in, LEN, len);
  FIELD(CopyFileRangeIn, fuse_copy_file_range_in, FLAGS, flags);
  SIZE(CopyFileRangeIn, fuse_copy_file_range_in);
  FIELD(CreateIn, fuse_create_in, FLAGS, flags);
  FIELD(CreateIn, fuse_create_in, MODE, mode);
  FIELD(CreateIn, fuse_create_in, UMASK, umask);
  FIELD(CreateIn, fuse_create_in, OPEN_FLAGS, open_flags);
  SIZE(CreateIn, fuse_create_in);
  FIELD(Dirent, fuse_dirent, INO, ino);
  FIELD(Dirent, fuse_dirent, OFF, off);
  FIELD(Dirent, fuse_dirent, NAMELEN, namelen);
  FIELD(Dirent, fuse_dirent, TYPE, type);
  SIZE(Dirent, fuse_dirent);
  FIELD(Direntplus, fuse_direntplus, ENTRY_OUT, entry_out);
  FIELD(Direntplus, fuse_direntplus, DIRENT, dirent);
  SIZE(Direntplus, fuse_direntplus);
  FIELD(EntryOut, fuse_entry_out, NODEID, nodeid);
  FIELD(EntryOut, fuse_entry_out, GENERATION, generation);
  FIELD(EntryOut, fuse_entry_out, ENTRY_VALID, entry_valid);
  FIELD(EntryOut, fuse_entry_out, ATTR_VALID, attr_valid);
  FIELD(EntryOut, fuse_entry_out, ENTRY_VALID_NSEC, entry_valid_nsec);
  FIELD(EntryOut, fuse_entry_out, ATTR_VALID_NSEC, attr_valid_nsec);
  FIELD(EntryOut, fuse_entry_out, ATTR, attr);
  SIZE(EntryOut, fuse_entry_out);
  FIELD(FallocateIn, fuse_fallocate_in, FH, fh);
  FIELD(FallocateIn, fuse_fallocate_in, OFFSET, offset);
  FIELD(FallocateIn, fuse_fallocate_in, LENGTH, length);
  FIELD(FallocateIn, fuse_fallocate_in, MODE, mode);
  SIZE(FallocateIn, fuse_fallocate_in);
  FIELD(ForgetIn, fuse_forget_in, NLOOKUP, nlookup);
  SIZE(ForgetIn, fuse_forget_in);
  FIELD(ForgetOne, fuse_forget_one, NODEID, nodeid);
  FIELD(ForgetOne, fuse_forget_one, NLOOKUP, nlookup);
  SIZE(ForgetOne, fuse_forget_one);
  FIELD(FsyncIn, fuse_fsync_in, FH, fh);
  FIELD(FsyncIn, fuse_fsync_in, FSYNC_FLAGS, fsync_flags);
  SIZE(FsyncIn, fuse_fsync_in);
  VALUE(FsyncIn, FUSE_FSYNC_FDATASYNC);
  FIELD(GetxattrIn, fuse_getxattr_in, SIZE, size);
  SIZE(GetxattrIn, fuse_getxattr_in);
  FIELD(GetxattrOut, fuse_getxattr_out, SIZE, size);
  SIZE(GetxattrOut, fuse_getxattr_out);
  FIELD(InHeader, fuse_in_header, LEN, len);
  FIELD(InHeader, fuse_in_header, OPCODE, opcode);
  FIELD(InHeader, fuse_in_header, UNIQUE, unique);
  FIELD(InHeader, fuse_in_header, NODEID, nodeid);
  FIELD(InHeader, fuse_in_header, UID, uid);
  FIELD(InHeader, fuse_in_header, GID, gid);
  FIELD(InHeader, fuse_in_header, PID, pid);
  FIELD(InHeader, fuse_in_header, TOTAL_EXTLEN, total_extlen);
  SIZE(InHeader, fuse_in_header);
  FIELD(InitIn, fuse_init_in, MAJOR, major);
  FIELD(InitIn, fuse_init_in, MINOR, minor);
  FIELD(InitIn, fuse_init_in, MAX_READAHEAD, max_readahead);
  FIELD(InitIn, fuse_init_in, FLAGS, flags);
  FIELD(InitIn, fuse_init_in, FLAGS2, flags2);
  SIZE(InitIn, fuse_init_in);
  FIELD(InitOut, fuse_init_out, MAJOR, major);
  FIELD(InitOut, fuse_init_out, MINOR, minor);
  FIELD(InitOut, fuse_init_out, MAX_READAHEAD, max_readahead);
  FIELD(InitOut, fuse_init_out, FLAGS, flags);
  FIELD(InitOut, fuse_init_out, MAX_BACKGROUND, max_background);
  FIELD(InitOut, fuse_init_out, CONGESTION_THRESHOLD, congestion_threshold);
  FIELD(InitOut, fuse_init_out, MAX_WRITE, max_write);
  FIELD(InitOut, fuse_init_out, TIME_GRAN, time_gran);
  FIELD(InitOut, fuse_init_out, MAX_PAGES, max_pages);
  FIELD(InitOut, fuse_init_out, MAP_ALIGNMENT, map_alignment);
  FIELD(InitOut, fuse_init_out, FLAGS2, flags2);
  SIZE(InitOut, fuse_init_out);
  FIELD(InterruptIn, fuse_interrupt_in, UNIQUE, unique);
  SIZE(InterruptIn, fuse_interrupt_in);
  FIELD(IoctlIn, fuse_ioctl_in, FH, fh);
  FIELD(IoctlIn, fuse_ioctl_in, FLAGS, flags);
  FIELD(IoctlIn, fuse_ioctl_in, CMD, cmd);
  FIELD(IoctlIn, fuse_ioctl_in, ARG, arg);
  FIELD(IoctlIn, fuse_ioctl_in, IN_SIZE, in_size);
  FIELD(IoctlIn, fuse_ioctl_in, OUT_SIZE, out_size);
  SIZE(IoctlIn, fuse_ioctl_in);
  VALUE(IoctlIn, FUSE_IOCTL_COMPAT);
  VALUE(IoctlIn, FUSE_IOCTL_UNRESTRICTED);
  VALUE(IoctlIn, FUSE_IOCTL_32BIT);
  VALUE(IoctlIn, FUSE_IOCTL_DIR);
  FIELD(IoctlOut, fuse_ioctl_out, RESULT, result);
  FIELD(IoctlOut, fuse_ioctl_out, FLAGS, flags);
  FIELD(IoctlOut, fuse_ioctl_out, IN_IOVS, in_iovs);
  FIELD(IoctlOut, fuse_ioctl_out, OUT_IOVS, out_iovs);
  SIZE(IoctlOut, fuse_ioctl_out);
  FIELD(LinkIn, fuse_link_in, OLDNODEID, oldnodeid);
  SIZE(LinkIn, fuse_link_in);
  FIELD(LseekIn, fuse_lseek_in, FH, fh);
  FIELD(LseekIn, fuse_lseek_in, OFFSET, offset);
  FIELD(LseekIn, fuse_lseek_in, WHENCE, whence);
  SIZE(LseekIn, fuse_lseek_in);
  FIELD(LseekOut, fuse_lseek_out, OFFSET, offset);
  SIZE(LseekOut, fuse_lseek_out);
  FIELD(MkdirIn, fuse_mkdir_in, MODE, mode);
  FIELD(MkdirIn, fuse_mkdir_in, UMASK, umask);
  SIZE(MkdirIn, fuse_mkdir_in);
  FIELD(MknodIn, fuse_mknod_in, MODE, mode);
  FIELD(MknodIn, fuse_mknod_in, RDEV, rdev);
  FIELD(MknodIn, fuse_mknod_in, UMASK, umask);
  SIZE(MknodIn, fuse_mknod_in);
  FIELD(NotifyInvalEntryOut, fuse_notify_inval_entry_out, PARENT, parent);
  FIELD(NotifyInvalEntryOut, fuse_notify_inval_entry_out, NAMELEN, namelen);
  FIELD(NotifyInvalEntryOut, fuse_notify_inval_entry_out, FLAGS, flags);
  SIZE(NotifyInvalEntryOut, fuse_notify_inval_entry_out);
  VALUE(NotifyInvalEntryOut, FUSE_NOTIFY_INVAL_ENTRY);
  FIELD(NotifyInvalInodeOut, fuse_notify_inval_inode_out, INO, ino);
  FIELD(NotifyInvalInodeOut, fuse_notify_inval_inode_out, OFF, off);
  FIELD(NotifyInvalInodeOut, fuse_notify_inval_inode_out, LEN, len);
  SIZE(NotifyInvalInodeOut, fuse_notify_inval_inode_out);
  VALUE(NotifyInvalInodeOut, FUSE_NOTIFY_INVAL_INODE);
  FIELD(OpenIn, fuse_open_in, FLAGS, flags);
  FIELD(OpenIn, fuse_open_in, OPEN_FLAGS, open_flags);
  SIZE(OpenIn, fuse_open_in);
  VALUE(OpenIn, FUSE_OPEN_KILL_SUIDGID);
  FIELD(OpenOut, fuse_open_out, FH, fh);
  FIELD(OpenOut, fuse_open_out, OPEN_FLAGS, open_flags);
  SIZE(OpenOut, fuse_open_out);
  VALUE(OpenOut, FOPEN_DIRECT_IO);
  VALUE(OpenOut, FOPEN_KEEP_CACHE);
  VALUE(OpenOut, FOPEN_NONSEEKABLE);
  VALUE(OpenOut, FOPEN_CACHE_DIR);
  VALUE(OpenOut, FOPEN_STREAM);
  VALUE(OpenOut, FOPEN_NOFLUSH);
  VALUE(OpenOut, FOPEN_PARALLEL_DIRECT_WRITES);
  FIELD(OutHeader, fuse_out_header, LEN, len);
  FIELD(OutHeader, fuse_out_header, ERROR, error);
  FIELD(OutHeader, fuse_out_header, UNIQUE, unique);
  SIZE(OutHeader, fuse_out_header);
  FIELD(ReadIn, fuse_read_in, FH, fh);
  FIELD(ReadIn, fuse_read_in, OFFSET, offset);
  FIELD(ReadIn, fuse_read_in, SIZE, size);
  FIELD(ReadIn, fuse_read_in, READ_FLAGS, read_flags);
  FIELD(ReadIn, fuse_read_in, LOCK_OWNER, lock_owner);
  FIELD(ReadIn, fuse_read_in, FLAGS, flags);
  SIZE(ReadIn, fuse_read_in);
  VALUE(ReadIn, FUSE_READ_LOCKOWNER);
  FIELD(ReleaseIn, fuse_release_in, FH, fh);
  FIELD(ReleaseIn, fuse_release_in, FLAGS, flags);
  FIELD(ReleaseIn, fuse_release_in, RELEASE_FLAGS, release_flags);
  FIELD(ReleaseIn, fuse_release_in, LOCK_OWNER, lock_owner);
  SIZE(ReleaseIn, fuse_release_in);
  VALUE(ReleaseIn, FUSE_RELEASE_FLUSH);
  VALUE(ReleaseIn, FUSE_RELEASE_FLOCK_UNLOCK);
  FIELD(Rename2In, fuse_rename2_in, NEWDIR, newdir);
  FIELD(Rename2In, fuse_rename2_in, FLAGS, flags);
  SIZE(Rename2In, fuse_rename2_in);
  FIELD(RenameIn, fuse_rename_in, NEWDIR, newdir);
  SIZE(RenameIn, fuse_rename_in);
  FIELD(SetattrIn, fuse_setattr_in, VALID, valid);
  FIELD(SetattrIn, fuse_setattr_in, FH, fh);
  FIELD(SetattrIn, fuse_setattr_in, SIZE, size);
  FIELD(SetattrIn, fuse_setattr_in, LOCK_OWNER, lock_owner);
  FIELD(SetattrIn, fuse_setattr_in, ATIME, atime);
  FIELD(SetattrIn, fuse_setattr_in, MTIME, mtime);
  FIELD(SetattrIn, fuse_setattr_in, CTIME, ctime);
  FIELD(SetattrIn, fuse_setattr_in, ATIMENSEC, atimensec);
  FIELD(SetattrIn, fuse_setattr_in, MTIMENSEC, mtimensec);
  FIELD(SetattrIn, fuse_setattr_in, CTIMENSEC, ctimensec);
  FIELD(SetattrIn, fuse_setattr_in, MODE, mode);
  FIELD(SetattrIn, fuse_setattr_in, UID, uid);
  FIELD(SetattrIn, fuse_setattr_in, GID, gid);
  SIZE(SetattrIn, fuse_setattr_in);
  VALUE(SetattrIn, FATTR_MODE);
  VALUE(SetattrIn, FATTR_UID);
  VALUE(SetattrIn, FATTR_GID);
  VALUE(SetattrIn, FATTR_SIZE);
  VALUE(SetattrIn, FATTR_ATIME);
  VALUE(SetattrIn, FATTR_MTIME);
  VALUE(SetattrIn, FATTR_FH);
  VALUE(SetattrIn, FATTR_ATIME_NOW);
  VALUE(SetattrIn, FATTR_MTIME_NOW);
  VALUE(SetattrIn, FATTR_LOCKOWNER);
  VALUE(SetattrIn, FATTR_CTIME);
  VALUE(SetattrIn, FATTR_KILL_SUIDGID);
  FIELD(SetxattrIn, fuse_setxattr_in, SIZE, size);
  FIELD(SetxattrIn, fuse_setxattr_in, FLAGS, flags);
  FIELD(SetxattrIn, fuse_setxattr_in, SETXATTR_FLAGS, setxattr_flags);
  SIZE(SetxattrIn, fuse_setxattr_in);
  VALUE(SetxattrIn, FUSE_SETXATTR_ACL_KILL_SGID);
  FIELD(StatfsOut, fuse_statfs_out, BLOCKS, st.blocks);
  FIELD(StatfsOut, fuse_statfs_out, BFREE, st.bfree);
  FIELD(StatfsOut, fuse_statfs_out, BAVAIL, st.bavail);
  FIELD(StatfsOut, fuse_statfs_out, FILES, st.files);
  FIELD(StatfsOut, fuse_statfs_out, FFREE, st.ffree);
  FIELD(StatfsOut, fuse_statfs_out, BSIZE, st.bsize);
  FIELD(StatfsOut, fuse_statfs_out, NAMELEN, st.namelen);
  FIELD(StatfsOut, fuse_statfs_out, FRSIZE, st.frsize);
  SIZE(StatfsOut, fuse_statfs_out);
  UNREAD(ACCESS, fuse_access_in);
  UNREAD(BMAP, fuse_bmap_in);
  UNREAD(FLUSH, fuse_flush_in);
  UNREAD(GETATTR, fuse_getattr_in);
  UNREAD(LK, fuse_lk_in);
  UNREAD(POLL, fuse_poll_in);
  UNREAD(SYNCFS, fuse_syncfs_in);
  FIELD(WriteIn, fuse_write_in, FH, fh);
  FIELD(WriteIn, fuse_write_in, OFFSET, offset);
  FIELD(WriteIn, fuse_write_in, SIZE, size);
  FIELD(WriteIn, fuse_write_in, WRITE_FLAGS, write_flags);
  FIELD(WriteIn, fuse_write_in, LOCK_OWNER, lock_owner);
  FIELD(WriteIn, fuse_write_in, FLAGS, flags);
  SIZE(WriteIn, fuse_write_in);
  VALUE(WriteIn, FUSE_WRITE_CACHE);
  VALUE(WriteIn, FUSE_WRITE_LOCKOWNER);
  VALUE(WriteIn, FUSE_WRITE_KILL_SUIDGID);
  FIELD(WriteOut, fuse_write_out, SIZE, size);
  SIZE(WriteOut, fuse_write_out);
#ifdef FUSE_ASYNC_READ
  FLAG(ASYNC_READ);
#endif
#ifdef FUSE_POSIX_LOCKS
  FLAG(POSIX_LOCKS);
#endif
#ifdef FUSE_ATOMIC_O_TRUNC
  FLAG(ATOMIC_O_TRUNC);
#endif
#ifdef FUSE_EXPORT_SUPPORT
  FLAG(EXPORT_SUPPORT);
#endif
#ifdef FUSE_BIG_WRITES
  FLAG(BIG_WRITES);
#endif
#ifdef FUSE_DONT_MASK
  FLAG(DONT_MASK);
#endif
#ifdef FUSE_FLOCK_LOCKS
  FLAG(FLOCK_LOCKS);
#endif
#ifdef FUSE_HAS_IOCTL_DIR
  FLAG(HAS_IOCTL_DIR);
#endif
#ifdef FUSE_AUTO_INVAL_DATA
  FLAG(AUTO_INVAL_DATA);
#endif
#ifdef FUSE_DO_READDIRPLUS
  FLAG(DO_READDIRPLUS);
#endif
#ifdef FUSE_READDIRPLUS_AUTO
  FLAG(READDIRPLUS_AUTO);
#endif
#ifdef FUSE_ASYNC_DIO
  FLAG(ASYNC_DIO);
#endif
#ifdef FUSE_WRITEBACK_CACHE
  FLAG(WRITEBACK_CACHE);
#endif
#ifdef FUSE_NO_OPEN_SUPPORT
  FLAG(NO_OPEN_SUPPORT);
#endif
#ifdef FUSE_PARALLEL_DIROPS
  FLAG(PARALLEL_DIROPS);
#endif
#ifdef FUSE_POSIX_ACL
  FLAG(POSIX_ACL);
#endif
#ifdef FUSE_ABORT_ERROR
  FLAG(ABORT_ERROR);
#endif
#ifdef FUSE_MAX_PAGES
  FLAG(MAX_PAGES);
#endif
#ifdef FUSE_CACHE_SYMLINKS
  FLAG(CACHE_SYMLINKS);
#endif
#ifdef FUSE_NO_OPENDIR_SUPPORT
  FLAG(NO_OPENDIR_SUPPORT);
#endif
#ifdef FUSE_EXPLICIT_INVAL_DATA
  FLAG(EXPLICIT_INVAL_DATA);
#endif
#ifdef FUSE_HANDLE_KILLPRIV_V2
  FLAG(HANDLE_KILLPRIV_V2);
#endif
#ifdef FUSE_SETXATTR_EXT
  FLAG(SETXATTR_EXT);
#endif
#ifdef FUSE_INIT_EXT
  FLAG(INIT_EXT);
#endif
#ifdef FUSE_SECURITY_CTX
  FLAG(SECURITY_CTX);
#endif
#ifdef FUSE_CREATE_SUPP_GROUP
  FLAG(CREATE_SUPP_GROUP);
#endif
#ifdef FUSE_HAS_EXPIRE_ONLY
  FLAG(HAS_EXPIRE_ONLY);
#endif
#ifdef FUSE_DIRECT_IO_ALLOW_MMAP
  FLAG(DIRECT_IO_ALLOW_MMAP);
#endif
#ifdef FUSE_PASSTHROUGH
  FLAG(PASSTHROUGH);
#endif
#ifdef FUSE_NO_EXPORT_SUPPORT
  FLAG(NO_EXPORT_SUPPORT);
#endif
#ifdef FUSE_HAS_RESEND
  FLAG(HAS_RESEND);
#endif
#ifdef FUSE_ALLOW_IDMAP
  FLAG(ALLOW_IDMAP);
#endif
#ifdef FUSE_OVER_IO_URING
  FLAG(OVER_IO_URING);
#endif
#ifdef FUSE_REQUEST_TIMEOUT
  FLAG(REQUEST_TIMEOUT);
#endif
  OPCODE(LOOKUP);
  OPCODE(FORGET);
  OPCODE(GETATTR);
  OPCODE(SETATTR);
  OPCODE(READLINK);
  OPCODE(SYMLINK);
  OPCODE(MKNOD);
  OPCODE(MKDIR);
  OPCODE(UNLINK);
  OPCODE(RMDIR);
  OPCODE(RENAME);
  OPCODE(LINK);
  OPCODE(OPEN);
  OPCODE(READ);
  OPCODE(WRITE);
  OPCODE(STATFS);
  OPCODE(RELEASE);
  OPCODE(FSYNC);
  OPCODE(SETXATTR);
  OPCODE(GETXATTR);
  OPCODE(LISTXATTR);
  OPCODE(REMOVEXATTR);
  OPCODE(FLUSH);
  OPCODE(INIT);
  OPCODE(OPENDIR);
  OPCODE(READDIR);
  OPCODE(RELEASEDIR);
  OPCODE(FSYNCDIR);
  OPCODE(GETLK);
  OPCODE(SETLK);
  OPCODE(SETLKW);
  OPCODE(ACCESS);
  OPCODE(CREATE);
  OPCODE(INTERRUPT);
  OPCODE(BMAP);
  OPCODE(DESTROY);
  OPCODE(IOCTL);
  OPCODE(POLL);
  OPCODE(BATCH_FORGET);
  OPCODE(FALLOCATE);
  OPCODE(READDIRPLUS);
  OPCODE(RENAME2);
  OPCODE(LSEEK);
  OPCODE(COPY_FILE_RANGE);
  OPCODE(SYNCFS);
  OPCODE(TMPFILE);
  return 0;
}
