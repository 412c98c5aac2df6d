package plyfs.sys;

import jnr.ffi.annotations.IgnoreError;
import jnr.ffi.annotations.Variadic;

/**
 * The C library, as jnr-ffi binds it. Holds native functions and nothing else: jnr-ffi refuses an
 * interface with other methods.
 *
 * <p>Only {@code int} and {@code long} in signatures: such calls get a compiled stub, cost 160 to
 * 250 ns with the system call and allocate nothing. Addresses are {@code long}. No function has
 * exactly six integer arguments: on x86-64 jnr-ffi passes garbage in the sixth, so {@link
 * #copy_file_range} and {@link #mmap} declare an unused seventh, which takes another path through
 * the library.
 */
@SuppressWarnings("MemberName")
public interface LibC {
  int openat(int dirfd, long path, int flags, int mode);

  @Variadic(fixedCount = 1)
  long syscall(long number, long a1, long a2, long a3, long a4);

  @Variadic(fixedCount = 1)
  long syscall(long number, long a1, long a2, long a3);

  @Variadic(fixedCount = 1)
  long syscall(long number, long a1, long a2, long a3, long a4, long a5, long a6);

  int close(int fd);

  long read(int fd, long address, long count);

  long write(int fd, long address, long count);

  long pread(int fd, long address, long count, long offset);

  long pwrite(int fd, long address, long count, long offset);

  int statx(int dirfd, long path, int flags, int mask, long address);

  long readlinkat(int dirfd, long path, long address, long size);

  int mkdirat(int dirfd, long path, int mode);

  int mknodat(int dirfd, long path, int mode, long dev);

  int symlinkat(long target, int dirfd, long path);

  int linkat(int oldDir, long oldPath, int newDir, long newPath, int flags);

  int unlinkat(int dirfd, long path, int flags);

  int renameat2(int oldDir, long oldPath, int newDir, long newPath, int flags);

  int fchmodat(int dirfd, long path, int mode, int flags);

  int fchmod(int fd, int mode);

  int fchownat(int dirfd, long path, int uid, int gid, int flags);

  int utimensat(int dirfd, long path, long times, int flags);

  int ftruncate(int fd, long length);

  int fallocate(int fd, int mode, long offset, long length);

  long lseek(int fd, long offset, int whence);

  long copy_file_range(
      int in, long inOffset, int out, long outOffset, long length, int flags, long unused);

  long mmap(long address, long length, int protection, int flags, int fd, long offset, long unused);

  int munmap(long address, long length);

  int fsync(int fd);

  int fdatasync(int fd);

  int syncfs(int fd);

  int sync_file_range(int fd, long offset, long length, int flags);

  @Variadic(fixedCount = 2)
  int ioctl(int fd, long request, long argument);

  int capset(long header, long data);

  long getdents64(int fd, long address, long size);

  int fstatfs(int fd, long address);

  long getxattr(long path, long name, long value, long size);

  long lgetxattr(long path, long name, long value, long size);

  long fgetxattr(int fd, long name, long value, long size);

  long listxattr(long path, long list, long size);

  long llistxattr(long path, long list, long size);

  int setxattr(long path, long name, long value, long size, int flags);

  int lsetxattr(long path, long name, long value, long size, int flags);

  int fsetxattr(int fd, long name, long value, long size, int flags);

  int removexattr(long path, long name);

  int lremovexattr(long path, long name);

  int mount(long source, long target, long type, long flags, long data);

  int umount2(long target, int flags);

  int name_to_handle_at(int dirfd, long path, long handle, long mountId, int flags);

  int open_by_handle_at(int mountFd, long handle, int flags);

  int flock(int fd, int operation);

  int getrlimit(int resource, long address);

  int setrlimit(int resource, long address);

  int poll(long fds, long count, int timeout);

  int capget(long header, long data);

  int socketpair(int domain, int type, int protocol, long address);

  int pipe2(long address, int flags);

  long recvmsg(int fd, long address, int flags);

  int waitpid(int pid, long status, int options);

  int posix_spawn_file_actions_init(long actions);

  int posix_spawn_file_actions_adddup2(long actions, int from, int to);

  int posix_spawn_file_actions_destroy(long actions);

  int posix_spawnp(
      long pid, long file, long actions, long attributes, long argv, long envp, long unused);

  int kill(int pid, int signal);

  @Variadic(fixedCount = 2)
  int fcntl(int fd, int command, long argument);

  @IgnoreError
  int umask(int mask);

  @IgnoreError
  int geteuid();

  @IgnoreError
  int getegid();

  @IgnoreError
  int getpid();

  @IgnoreError
  int getpagesize();

  @IgnoreError
  int get_nprocs_conf();

  @IgnoreError
  int sched_setaffinity(int pid, long size, long mask);

  @IgnoreError
  int sched_yield();

  int chdir(long path);

  int __xpg_strerror_r(int errno, long address, long size);
}
