package plyfs.sys;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.HeapInvocationBuffer;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
import java.util.Arrays;

/**
 * The functions of the C library, each under its own name, with {@code int} and {@code long}
 * arguments only. Addresses are {@code long}. The calls allocate nothing unless their comment says
 * so. After a result of -1 {@link com.kenai.jffi.LastError} has the error number.
 *
 * <p>The functions are called through jffi, the lower half of jnr-ffi. It calls any function with
 * up to six integers through one native method, so no code has to be generated when a mount starts.
 * Each argument is passed in a 64-bit register; a function that takes an {@code int} reads its
 * lower half. The upper half of an {@code int} result is undefined.
 */
@SuppressWarnings("MemberName")
final class LibC {
  private static final Invoker INVOKER = Invoker.getInstance();

  private static final CallContext ARGUMENTS_0 = context(0);
  private static final CallContext ARGUMENTS_1 = context(1);
  private static final CallContext ARGUMENTS_2 = context(2);
  private static final CallContext ARGUMENTS_3 = context(3);
  private static final CallContext ARGUMENTS_4 = context(4);
  private static final CallContext ARGUMENTS_5 = context(5);
  private static final CallContext ARGUMENTS_6 = context(6);
  private static final CallContext ARGUMENTS_7 = context(7);

  private static final long OPENAT = address("openat");
  private static final long SYSCALL = address("syscall");
  private static final long CLOSE = address("close");
  private static final long READ = address("read");
  private static final long WRITE = address("write");
  private static final long PREAD = address("pread");
  private static final long PWRITE = address("pwrite");
  private static final long STATX = address("statx");
  private static final long READLINKAT = address("readlinkat");
  private static final long MKDIRAT = address("mkdirat");
  private static final long MKNODAT = address("mknodat");
  private static final long SYMLINKAT = address("symlinkat");
  private static final long LINKAT = address("linkat");
  private static final long UNLINKAT = address("unlinkat");
  private static final long RENAMEAT2 = address("renameat2");
  private static final long FCHMODAT = address("fchmodat");
  private static final long FCHMOD = address("fchmod");
  private static final long FCHOWNAT = address("fchownat");
  private static final long UTIMENSAT = address("utimensat");
  private static final long FTRUNCATE = address("ftruncate");
  private static final long FALLOCATE = address("fallocate");
  private static final long LSEEK = address("lseek");
  private static final long COPY_FILE_RANGE = address("copy_file_range");
  private static final long MMAP = address("mmap");
  private static final long MUNMAP = address("munmap");
  private static final long MADVISE = address("madvise");
  private static final long FSYNC = address("fsync");
  private static final long FDATASYNC = address("fdatasync");
  private static final long SYNCFS = address("syncfs");
  private static final long SYNC_FILE_RANGE = address("sync_file_range");
  private static final long IOCTL = address("ioctl");
  private static final long CAPSET = address("capset");
  private static final long GETDENTS64 = address("getdents64");
  private static final long FSTATFS = address("fstatfs");
  private static final long GETXATTR = address("getxattr");
  private static final long LGETXATTR = address("lgetxattr");
  private static final long FGETXATTR = address("fgetxattr");
  private static final long LISTXATTR = address("listxattr");
  private static final long LLISTXATTR = address("llistxattr");
  private static final long SETXATTR = address("setxattr");
  private static final long LSETXATTR = address("lsetxattr");
  private static final long FSETXATTR = address("fsetxattr");
  private static final long REMOVEXATTR = address("removexattr");
  private static final long LREMOVEXATTR = address("lremovexattr");
  private static final long MOUNT = address("mount");
  private static final long UMOUNT2 = address("umount2");
  private static final long NAME_TO_HANDLE_AT = address("name_to_handle_at");
  private static final long OPEN_BY_HANDLE_AT = address("open_by_handle_at");
  private static final long FLOCK = address("flock");
  private static final long GETRLIMIT = address("getrlimit");
  private static final long SETRLIMIT = address("setrlimit");
  private static final long POLL = address("poll");
  private static final long CAPGET = address("capget");
  private static final long SOCKETPAIR = address("socketpair");
  private static final long PIPE2 = address("pipe2");
  private static final long RECVMSG = address("recvmsg");
  private static final long WAITPID = address("waitpid");
  private static final long POSIX_SPAWN_FILE_ACTIONS_INIT =
      address("posix_spawn_file_actions_init");
  private static final long POSIX_SPAWN_FILE_ACTIONS_ADDDUP2 =
      address("posix_spawn_file_actions_adddup2");
  private static final long POSIX_SPAWN_FILE_ACTIONS_DESTROY =
      address("posix_spawn_file_actions_destroy");
  private static final long POSIX_SPAWNP = address("posix_spawnp");
  private static final long KILL = address("kill");
  private static final long SIGNAL = address("signal");
  private static final long DUP2 = address("dup2");
  private static final long OPENLOG = address("openlog");
  private static final long SYSLOG = address("syslog");
  private static final long FCNTL = address("fcntl");
  private static final long UMASK = address("umask");
  private static final long GETEUID = address("geteuid");
  private static final long GETEGID = address("getegid");
  private static final long GETPID = address("getpid");
  private static final long GETPAGESIZE = address("getpagesize");
  private static final long GET_NPROCS_CONF = address("get_nprocs_conf");
  private static final long SCHED_SETAFFINITY = address("sched_setaffinity");
  private static final long CHDIR = address("chdir");
  private static final long SCHED_YIELD = address("sched_yield");
  private static final long SETSID = address("setsid");
  private static final long XPG_STRERROR_R = address("__xpg_strerror_r");

  private static CallContext context(int arguments) {
    Type[] types = new Type[arguments];
    Arrays.fill(types, Type.SINT64);
    return CallContext.getCallContext(Type.SINT64, types, CallingConvention.DEFAULT, true);
  }

  private static long address(String function) {
    long address = Library.getDefault().getSymbolAddress(function);
    if (address == 0) {
      throw new UnsatisfiedLinkError("the C library has no function " + function);
    }
    return address;
  }

  int openat(int dirfd, long path, int flags, int mode) {
    return (int) INVOKER.invokeN4(ARGUMENTS_4, OPENAT, dirfd, path, flags, mode);
  }

  long syscall(long number, long a1, long a2, long a3, long a4) {
    return INVOKER.invokeN5(ARGUMENTS_5, SYSCALL, number, a1, a2, a3, a4);
  }

  long syscall(long number, long a1, long a2, long a3) {
    return INVOKER.invokeN4(ARGUMENTS_4, SYSCALL, number, a1, a2, a3);
  }

  long syscall(long number, long a1, long a2, long a3, long a4, long a5) {
    return INVOKER.invokeN6(ARGUMENTS_6, SYSCALL, number, a1, a2, a3, a4, a5);
  }

  /**
   * jffi passes at most six arguments without allocating: seven cost about 300 bytes of garbage.
   */
  long syscall(long number, long a1, long a2, long a3, long a4, long a5, long a6) {
    HeapInvocationBuffer arguments = new HeapInvocationBuffer(ARGUMENTS_7);
    arguments.putLong(number);
    arguments.putLong(a1);
    arguments.putLong(a2);
    arguments.putLong(a3);
    arguments.putLong(a4);
    arguments.putLong(a5);
    arguments.putLong(a6);
    return INVOKER.invokeLong(ARGUMENTS_7, SYSCALL, arguments);
  }

  int close(int fd) {
    return (int) INVOKER.invokeN1(ARGUMENTS_1, CLOSE, fd);
  }

  long read(int fd, long address, long count) {
    return INVOKER.invokeN3(ARGUMENTS_3, READ, fd, address, count);
  }

  long write(int fd, long address, long count) {
    return INVOKER.invokeN3(ARGUMENTS_3, WRITE, fd, address, count);
  }

  long pread(int fd, long address, long count, long offset) {
    return INVOKER.invokeN4(ARGUMENTS_4, PREAD, fd, address, count, offset);
  }

  long pwrite(int fd, long address, long count, long offset) {
    return INVOKER.invokeN4(ARGUMENTS_4, PWRITE, fd, address, count, offset);
  }

  int statx(int dirfd, long path, int flags, int mask, long address) {
    return (int) INVOKER.invokeN5(ARGUMENTS_5, STATX, dirfd, path, flags, mask, address);
  }

  long readlinkat(int dirfd, long path, long address, long size) {
    return INVOKER.invokeN4(ARGUMENTS_4, READLINKAT, dirfd, path, address, size);
  }

  int mkdirat(int dirfd, long path, int mode) {
    return (int) INVOKER.invokeN3(ARGUMENTS_3, MKDIRAT, dirfd, path, mode);
  }

  int mknodat(int dirfd, long path, int mode, long dev) {
    return (int) INVOKER.invokeN4(ARGUMENTS_4, MKNODAT, dirfd, path, mode, dev);
  }

  int symlinkat(long target, int dirfd, long path) {
    return (int) INVOKER.invokeN3(ARGUMENTS_3, SYMLINKAT, target, dirfd, path);
  }

  int linkat(int oldDir, long oldPath, int newDir, long newPath, int flags) {
    return (int) INVOKER.invokeN5(ARGUMENTS_5, LINKAT, oldDir, oldPath, newDir, newPath, flags);
  }

  int unlinkat(int dirfd, long path, int flags) {
    return (int) INVOKER.invokeN3(ARGUMENTS_3, UNLINKAT, dirfd, path, flags);
  }

  int renameat2(int oldDir, long oldPath, int newDir, long newPath, int flags) {
    return (int) INVOKER.invokeN5(ARGUMENTS_5, RENAMEAT2, oldDir, oldPath, newDir, newPath, flags);
  }

  int fchmodat(int dirfd, long path, int mode, int flags) {
    return (int) INVOKER.invokeN4(ARGUMENTS_4, FCHMODAT, dirfd, path, mode, flags);
  }

  int fchmod(int fd, int mode) {
    return (int) INVOKER.invokeN2(ARGUMENTS_2, FCHMOD, fd, mode);
  }

  int fchownat(int dirfd, long path, int uid, int gid, int flags) {
    return (int) INVOKER.invokeN5(ARGUMENTS_5, FCHOWNAT, dirfd, path, uid, gid, flags);
  }

  int utimensat(int dirfd, long path, long times, int flags) {
    return (int) INVOKER.invokeN4(ARGUMENTS_4, UTIMENSAT, dirfd, path, times, flags);
  }

  int ftruncate(int fd, long length) {
    return (int) INVOKER.invokeN2(ARGUMENTS_2, FTRUNCATE, fd, length);
  }

  int fallocate(int fd, int mode, long offset, long length) {
    return (int) INVOKER.invokeN4(ARGUMENTS_4, FALLOCATE, fd, mode, offset, length);
  }

  long lseek(int fd, long offset, int whence) {
    return INVOKER.invokeN3(ARGUMENTS_3, LSEEK, fd, offset, whence);
  }

  long copy_file_range(int in, long inOffset, int out, long outOffset, long length, int flags) {
    return INVOKER.invokeN6(
        ARGUMENTS_6, COPY_FILE_RANGE, in, inOffset, out, outOffset, length, flags);
  }

  long mmap(long address, long length, int protection, int flags, int fd, long offset) {
    return INVOKER.invokeN6(ARGUMENTS_6, MMAP, address, length, protection, flags, fd, offset);
  }

  int munmap(long address, long length) {
    return (int) INVOKER.invokeN2(ARGUMENTS_2, MUNMAP, address, length);
  }

  int madvise(long address, long length, int advice) {
    return (int) INVOKER.invokeN3(ARGUMENTS_3, MADVISE, address, length, advice);
  }

  int fsync(int fd) {
    return (int) INVOKER.invokeN1(ARGUMENTS_1, FSYNC, fd);
  }

  int fdatasync(int fd) {
    return (int) INVOKER.invokeN1(ARGUMENTS_1, FDATASYNC, fd);
  }

  int syncfs(int fd) {
    return (int) INVOKER.invokeN1(ARGUMENTS_1, SYNCFS, fd);
  }

  int sync_file_range(int fd, long offset, long length, int flags) {
    return (int) INVOKER.invokeN4(ARGUMENTS_4, SYNC_FILE_RANGE, fd, offset, length, flags);
  }

  int ioctl(int fd, long request, long argument) {
    return (int) INVOKER.invokeN3(ARGUMENTS_3, IOCTL, fd, request, argument);
  }

  int capset(long header, long data) {
    return (int) INVOKER.invokeN2(ARGUMENTS_2, CAPSET, header, data);
  }

  long getdents64(int fd, long address, long size) {
    return INVOKER.invokeN3(ARGUMENTS_3, GETDENTS64, fd, address, size);
  }

  int fstatfs(int fd, long address) {
    return (int) INVOKER.invokeN2(ARGUMENTS_2, FSTATFS, fd, address);
  }

  long getxattr(long path, long name, long value, long size) {
    return INVOKER.invokeN4(ARGUMENTS_4, GETXATTR, path, name, value, size);
  }

  long lgetxattr(long path, long name, long value, long size) {
    return INVOKER.invokeN4(ARGUMENTS_4, LGETXATTR, path, name, value, size);
  }

  long fgetxattr(int fd, long name, long value, long size) {
    return INVOKER.invokeN4(ARGUMENTS_4, FGETXATTR, fd, name, value, size);
  }

  long listxattr(long path, long list, long size) {
    return INVOKER.invokeN3(ARGUMENTS_3, LISTXATTR, path, list, size);
  }

  long llistxattr(long path, long list, long size) {
    return INVOKER.invokeN3(ARGUMENTS_3, LLISTXATTR, path, list, size);
  }

  int setxattr(long path, long name, long value, long size, int flags) {
    return (int) INVOKER.invokeN5(ARGUMENTS_5, SETXATTR, path, name, value, size, flags);
  }

  int lsetxattr(long path, long name, long value, long size, int flags) {
    return (int) INVOKER.invokeN5(ARGUMENTS_5, LSETXATTR, path, name, value, size, flags);
  }

  int fsetxattr(int fd, long name, long value, long size, int flags) {
    return (int) INVOKER.invokeN5(ARGUMENTS_5, FSETXATTR, fd, name, value, size, flags);
  }

  int removexattr(long path, long name) {
    return (int) INVOKER.invokeN2(ARGUMENTS_2, REMOVEXATTR, path, name);
  }

  int lremovexattr(long path, long name) {
    return (int) INVOKER.invokeN2(ARGUMENTS_2, LREMOVEXATTR, path, name);
  }

  int mount(long source, long target, long type, long flags, long data) {
    return (int) INVOKER.invokeN5(ARGUMENTS_5, MOUNT, source, target, type, flags, data);
  }

  int umount2(long target, int flags) {
    return (int) INVOKER.invokeN2(ARGUMENTS_2, UMOUNT2, target, flags);
  }

  int name_to_handle_at(int dirfd, long path, long handle, long mountId, int flags) {
    return (int)
        INVOKER.invokeN5(ARGUMENTS_5, NAME_TO_HANDLE_AT, dirfd, path, handle, mountId, flags);
  }

  int open_by_handle_at(int mountFd, long handle, int flags) {
    return (int) INVOKER.invokeN3(ARGUMENTS_3, OPEN_BY_HANDLE_AT, mountFd, handle, flags);
  }

  int flock(int fd, int operation) {
    return (int) INVOKER.invokeN2(ARGUMENTS_2, FLOCK, fd, operation);
  }

  int getrlimit(int resource, long address) {
    return (int) INVOKER.invokeN2(ARGUMENTS_2, GETRLIMIT, resource, address);
  }

  int setrlimit(int resource, long address) {
    return (int) INVOKER.invokeN2(ARGUMENTS_2, SETRLIMIT, resource, address);
  }

  int poll(long fds, long count, int timeout) {
    return (int) INVOKER.invokeN3(ARGUMENTS_3, POLL, fds, count, timeout);
  }

  int capget(long header, long data) {
    return (int) INVOKER.invokeN2(ARGUMENTS_2, CAPGET, header, data);
  }

  int socketpair(int domain, int type, int protocol, long address) {
    return (int) INVOKER.invokeN4(ARGUMENTS_4, SOCKETPAIR, domain, type, protocol, address);
  }

  int pipe2(long address, int flags) {
    return (int) INVOKER.invokeN2(ARGUMENTS_2, PIPE2, address, flags);
  }

  long recvmsg(int fd, long address, int flags) {
    return INVOKER.invokeN3(ARGUMENTS_3, RECVMSG, fd, address, flags);
  }

  int waitpid(int pid, long status, int options) {
    return (int) INVOKER.invokeN3(ARGUMENTS_3, WAITPID, pid, status, options);
  }

  int posix_spawn_file_actions_init(long actions) {
    return (int) INVOKER.invokeN1(ARGUMENTS_1, POSIX_SPAWN_FILE_ACTIONS_INIT, actions);
  }

  int posix_spawn_file_actions_adddup2(long actions, int from, int to) {
    return (int) INVOKER.invokeN3(ARGUMENTS_3, POSIX_SPAWN_FILE_ACTIONS_ADDDUP2, actions, from, to);
  }

  int posix_spawn_file_actions_destroy(long actions) {
    return (int) INVOKER.invokeN1(ARGUMENTS_1, POSIX_SPAWN_FILE_ACTIONS_DESTROY, actions);
  }

  int posix_spawnp(long pid, long file, long actions, long attributes, long argv, long envp) {
    return (int)
        INVOKER.invokeN6(ARGUMENTS_6, POSIX_SPAWNP, pid, file, actions, attributes, argv, envp);
  }

  int kill(int pid, int signal) {
    return (int) INVOKER.invokeN2(ARGUMENTS_2, KILL, pid, signal);
  }

  long signal(int signal, long handler) {
    return INVOKER.invokeN2(ARGUMENTS_2, SIGNAL, signal, handler);
  }

  int dup2(int from, int to) {
    return (int) INVOKER.invokeN2(ARGUMENTS_2, DUP2, from, to);
  }

  void openlog(long name, int options, int facility) {
    INVOKER.invokeN3(ARGUMENTS_3, OPENLOG, name, options, facility);
  }

  /** syslog(3) with one argument to its format, which is an address. */
  void syslog(int priority, long format, long argument) {
    INVOKER.invokeN3(ARGUMENTS_3, SYSLOG, priority, format, argument);
  }

  int fcntl(int fd, int command, long argument) {
    return (int) INVOKER.invokeN3(ARGUMENTS_3, FCNTL, fd, command, argument);
  }

  int umask(int mask) {
    return (int) INVOKER.invokeN1(ARGUMENTS_1, UMASK, mask);
  }

  int geteuid() {
    return (int) INVOKER.invokeN0(ARGUMENTS_0, GETEUID);
  }

  int getegid() {
    return (int) INVOKER.invokeN0(ARGUMENTS_0, GETEGID);
  }

  int getpid() {
    return (int) INVOKER.invokeN0(ARGUMENTS_0, GETPID);
  }

  int getpagesize() {
    return (int) INVOKER.invokeN0(ARGUMENTS_0, GETPAGESIZE);
  }

  int get_nprocs_conf() {
    return (int) INVOKER.invokeN0(ARGUMENTS_0, GET_NPROCS_CONF);
  }

  int sched_setaffinity(int pid, long size, long mask) {
    return (int) INVOKER.invokeN3(ARGUMENTS_3, SCHED_SETAFFINITY, pid, size, mask);
  }

  int setsid() {
    return (int) INVOKER.invokeN0(ARGUMENTS_0, SETSID);
  }

  int sched_yield() {
    return (int) INVOKER.invokeN0(ARGUMENTS_0, SCHED_YIELD);
  }

  int chdir(long path) {
    return (int) INVOKER.invokeN1(ARGUMENTS_1, CHDIR, path);
  }

  int __xpg_strerror_r(int errno, long address, long size) {
    return (int) INVOKER.invokeN3(ARGUMENTS_3, XPG_STRERROR_R, errno, address, size);
  }
}
