/* A FUSE server that shows a directory in another place and does nothing else: each request is
 * handed on by the one or two system calls that it takes. It makes the same use of FUSE as Plyfs
 * does by default, so that the kernel sends the same requests; what it takes beside the directory
 * itself is the least that a server takes which gives as much.
 * usage: mirror-server SOURCE MOUNTPOINT
 * It goes to the background when the mount is ready, and ends with it.
 *
 * Made to be measured, it is not right in all things. SOURCE must not be changed by anybody else.
 * The kernel believes attributes until it changes them itself: it does not learn that a copy-up has
 * changed a number of blocks, or that a file has got or lost another name. Each name is a file of
 * its own to the kernel, also if it is a hard link: what was written by one of them is read by
 * another only if that was not read before. Default ACLs do not take the place of the umask. There
 * are no ioctls and no O_TMPFILE. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "mirror.h"
#include "requests.h"

enum {
  PAGE = 4096,
  WORKERS = 2,
  MOST_FILES = 1 << 16,
  POLL_NANOSECONDS = 50000,
  MOST_IN_VAIN = 3
};

static int device;
static const char *mountpoint;

static void fail(const char *what) {
  fprintf(stderr, "mirror-server: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void fail_mounted(const char *what) {
  int why = errno;
  umount2(mountpoint, MNT_DETACH);
  errno = why;
  fail(what);
}

static ssize_t refuse_ioctl(const struct request *request, void *content) {
  (void)request;
  (void)content;
  return -ENOTTY;
}

/* The kernel never asks again for most of what has none here: OPEN, OPENDIR and FLUSH, which are
 * not needed; CREATE, for which MKNOD comes; and others that it does itself. */
static handler *const handlers[] = {
    [FUSE_LOOKUP] = lookup,
    [FUSE_FORGET] = forget,
    [FUSE_BATCH_FORGET] = forget_many,
    [FUSE_GETATTR] = get_attributes,
    [FUSE_SETATTR] = set_attributes,
    [FUSE_READLINK] = read_link,
    [FUSE_MKNOD] = make_node,
    [FUSE_MKDIR] = make_directory,
    [FUSE_SYMLINK] = make_symlink,
    [FUSE_LINK] = make_link,
    [FUSE_UNLINK] = remove_file,
    [FUSE_RMDIR] = remove_directory,
    [FUSE_RENAME] = move,
    [FUSE_RENAME2] = move_with_flags,
    [FUSE_READ] = read_file,
    [FUSE_WRITE] = write_file,
    [FUSE_FSYNC] = sync_file,
    [FUSE_FSYNCDIR] = sync_directory,
    [FUSE_FALLOCATE] = allocate,
    [FUSE_LSEEK] = seek,
    [FUSE_COPY_FILE_RANGE] = copy_range,
    [COPY_FILE_RANGE_64] = copy_range_64,
    [FUSE_READDIR] = read_directory,
    [FUSE_READDIRPLUS] = read_directory_plus,
    [FUSE_GETXATTR] = get_xattr,
    [FUSE_LISTXATTR] = list_xattrs,
    [FUSE_SETXATTR] = set_xattr,
    [FUSE_REMOVEXATTR] = remove_xattr,
    [FUSE_STATFS] = tell_space,
    [FUSE_IOCTL] = refuse_ioctl,
};

static ssize_t served(const struct fuse_in_header *header, void *content) {
  if (header->opcode == FUSE_INTERRUPT) return NO_ANSWER;
  if (header->opcode == FUSE_DESTROY) return 0;
  if (header->opcode >= sizeof handlers / sizeof *handlers || handlers[header->opcode] == NULL)
    return -ENOSYS;
  struct request request = {
      .header = header, .node = node_of(header->nodeid), .body = header + 1};
  ssize_t result = handlers[header->opcode](&request, content);
  return result == -ENOSYS ? -EOPNOTSUPP : result; /* this one may be asked for again */
}

/* Polling, as in Plyfs: one worker at a time looks for the next request for a short time before it
 * sleeps, while requests follow each other within that time. */

static int is_polling, is_worthwhile, in_vain;

static long nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000 + now.tv_nsec;
}

static int begin_polling(void) {
  return __atomic_load_n(&is_worthwhile, __ATOMIC_RELAXED) &&
         !__atomic_load_n(&is_polling, __ATOMIC_RELAXED) &&
         !__atomic_exchange_n(&is_polling, 1, __ATOMIC_ACQUIRE);
}

static void end_polling(int has_found) {
  if (has_found) {
    in_vain = 0;
  } else if (++in_vain >= MOST_IN_VAIN) {
    __atomic_store_n(&is_worthwhile, 0, __ATOMIC_RELAXED);
    in_vain = 0;
  }
  __atomic_store_n(&is_polling, 0, __ATOMIC_RELEASE);
}

/* A thread with a descriptor of its own; WRITE's data and what is answered begin at a page. */
struct worker {
  pthread_t thread;
  int fuse, is_nonblocking;
  char *in, *out; /* requests with their headers, and answers with theirs */
};

enum {
  IN_BYTES = sizeof(struct fuse_in_header) + sizeof(struct fuse_write_in) + LARGEST_DATA + PAGE,
  OUT_BYTES = sizeof(struct fuse_out_header) + LARGEST_DATA
};

/* Memory that begins so many bytes before a page. */
static char *before_a_page(size_t before, size_t bytes) {
  char *memory =
      mmap(NULL, PAGE + bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail_mounted("memory");
  return memory + PAGE - before;
}

static void set_nonblocking(struct worker *worker, int wanted) {
  if (worker->is_nonblocking != wanted) fcntl(worker->fuse, F_SETFL, wanted ? O_NONBLOCK : 0);
  worker->is_nonblocking = wanted;
}

static ssize_t polled(struct worker *worker) {
  set_nonblocking(worker, 1);
  for (long until = nanoseconds() + POLL_NANOSECONDS;;) {
    ssize_t length = read(worker->fuse, worker->in, IN_BYTES);
    if (length >= 0 || errno != EAGAIN) return length;
    if (nanoseconds() > until) {
      errno = EAGAIN;
      return -1;
    }
    sched_yield();
  }
}

static ssize_t next_request(struct worker *worker) {
  if (begin_polling()) {
    ssize_t length = polled(worker);
    int has_found = length >= 0 || errno != EAGAIN;
    end_polling(has_found);
    if (has_found) return length;
  }
  set_nonblocking(worker, 0);
  long began = nanoseconds();
  ssize_t length = read(worker->fuse, worker->in, IN_BYTES);
  int why = errno;
  if (nanoseconds() - began < 2 * POLL_NANOSECONDS)
    __atomic_store_n(&is_worthwhile, 1, __ATOMIC_RELAXED);
  errno = why;
  return length;
}

static void answer(int fuse, uint64_t unique, ssize_t result, char *out) {
  struct fuse_out_header *header = (struct fuse_out_header *)out;
  size_t length = sizeof *header + (result > 0 ? (size_t)result : 0);
  *header = (struct fuse_out_header){
      .len = (uint32_t)length, .error = result < 0 ? (int32_t)result : 0, .unique = unique};
  /* ENOENT: who asked was killed and waits no more. */
  if (write(fuse, out, length) < 0 && errno != ENOENT && errno != ENODEV) fail_mounted("an answer");
}

static void *work(void *own) {
  struct worker *worker = own;
  for (;;) {
    if (next_request(worker) >= 0) {
      const struct fuse_in_header *header = (const struct fuse_in_header *)worker->in;
      ssize_t result = served(header, worker->out + sizeof(struct fuse_out_header));
      if (result != NO_ANSWER) answer(worker->fuse, header->unique, result, worker->out);
    } else if (errno == ENODEV || errno == ECONNABORTED) {
      return NULL; /* unmounted */
    } else if (errno != EINTR && errno != EAGAIN && errno != ENOENT) {
      fail_mounted("/dev/fuse");
    }
  }
}

static void begin(struct worker *worker) {
  worker->fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (worker->fuse < 0) fail_mounted("/dev/fuse");
  if (ioctl(worker->fuse, FUSE_DEV_IOC_CLONE, &device) != 0) fail_mounted("FUSE_DEV_IOC_CLONE");
  worker->in = before_a_page(
      sizeof(struct fuse_in_header) + sizeof(struct fuse_write_in), IN_BYTES);
  worker->out = before_a_page(sizeof(struct fuse_out_header), OUT_BYTES);
  errno = pthread_create(&worker->thread, NULL, work, worker);
  if (errno != 0) fail_mounted("pthread_create");
}

/* As Plyfs asks for: plyfs.fuse.InitOptions and plyfs.daemon.OpenPolicy.NONE. */
static void answer_init(void) {
  char in[FUSE_MIN_READ_BUFFER], out[sizeof(struct fuse_out_header) + sizeof(struct fuse_init_out)];
  if (read(device, in, sizeof in) < 0) fail_mounted("/dev/fuse");
  const struct fuse_in_header *header = (const struct fuse_in_header *)in;
  const struct fuse_init_in *asked = (const struct fuse_init_in *)(header + 1);
  const uint64_t no_export_support = 1ull << 38, allow_idmap = 1ull << 40; /* since 7.40, 7.41 */
  uint64_t offered = asked->flags | (uint64_t)asked->flags2 << 32;
  uint64_t flags = offered &
      (FUSE_ASYNC_READ | FUSE_BIG_WRITES | FUSE_DONT_MASK | FUSE_POSIX_ACL |
       FUSE_HANDLE_KILLPRIV_V2 | FUSE_SETXATTR_EXT | FUSE_PARALLEL_DIROPS | FUSE_DO_READDIRPLUS |
       FUSE_READDIRPLUS_AUTO | FUSE_EXPLICIT_INVAL_DATA | FUSE_CACHE_SYMLINKS | FUSE_ABORT_ERROR |
       FUSE_NO_OPEN_SUPPORT | FUSE_NO_OPENDIR_SUPPORT | FUSE_MAX_PAGES | FUSE_INIT_EXT |
       no_export_support | allow_idmap);
  has_long_setxattr = (flags & FUSE_SETXATTR_EXT) != 0;
  struct fuse_init_out init = {
      .major = FUSE_KERNEL_VERSION,
      .minor = asked->minor < 45 ? asked->minor : 45, /* the newest that Plyfs speaks */
      .max_readahead = asked->max_readahead,
      .flags = (uint32_t)flags,
      .flags2 = (uint32_t)(flags >> 32),
      .max_write = LARGEST_DATA,
      .max_pages = LARGEST_DATA / PAGE,
      .time_gran = 1};
  memcpy(out + sizeof(struct fuse_out_header), &init, sizeof init);
  answer(device, header->unique, sizeof init, out);
}

/* So many as may be open at all, but for a limit that nobody comes near to. */
static unsigned most_files(void) {
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) fail("RLIMIT_NOFILE");
  files.rlim_cur = files.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &files) != 0) fail("RLIMIT_NOFILE");
  return files.rlim_max < MOST_FILES ? (unsigned)files.rlim_max : MOST_FILES;
}

static void mount_at(const char *source, unsigned files) {
  int directory = open(source, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) fail(source);
  nodes_start(directory, files / 2);
  device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (device < 0) fail("/dev/fuse");
  char options[128];
  snprintf(options, sizeof options,
           "fd=%d,rootmode=40000,user_id=0,group_id=0,default_permissions,allow_other", device);
  if (mount("mirror", mountpoint, "fuse.mirror", 0, options) != 0) fail(mountpoint);
}

/* Room for the descriptors of many files, while there is one thread: later each larger table waits
 * until no other thread can use the one before. */
static void expect_files(unsigned files) {
  int last = fcntl(device, F_DUPFD_CLOEXEC, files - 1);
  if (last < 0) fail_mounted("a table of files");
  close(last);
}

/* The mount ends by itself, or by a signal; then the workers do. */
static void *end_by_signal(void *signals) {
  int received;
  sigwait(signals, &received);
  umount2(mountpoint, MNT_DETACH);
  return NULL;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: mirror-server SOURCE MOUNTPOINT\n");
    return 2;
  }
  mountpoint = realpath(argv[2], NULL);
  if (mountpoint == NULL) fail(argv[2]);
  unsigned files = most_files();
  mount_at(argv[1], files);
  answer_init();
  if (daemon(0, 0) != 0) fail_mounted("daemon");
  umask(0);
  expect_files(files);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  struct worker workers[WORKERS] = {0};
  for (int i = 0; i < WORKERS; i++) begin(&workers[i]);
  pthread_t waiting;
  errno = pthread_create(&waiting, NULL, end_by_signal, &signals);
  if (errno != 0) fail_mounted("pthread_create");
  for (int i = 0; i < WORKERS; i++) pthread_join(workers[i].thread, NULL);
  return 0;
}
