/* A FUSE server that knows no file, and a process that asks it for some: what a request costs where
 * the server does nothing, or works a given time. Prints the nanoseconds of one stat(2).
 * usage: null-server DIRECTORY PLACE MICROSECONDS COUNT
 * It mounts itself at DIRECTORY, works so many microseconds for each of COUNT names, and unmounts.
 * PLACE, of the threads of the server:
 *   same     one, on the processor of its caller
 *   other    one, on another processor
 *   alone    two, where the kernel puts them
 *   polling  one that never sleeps, where the kernel puts it
 *   none     there is no server: DIRECTORY itself is asked */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 64 << 10, LARGEST_WRITE = 4096, LONG_SECONDS = 1 << 20, UNTIMED_PART = 10 };

static const char *directory, *place;
static long work, count; /* work in microseconds */
static int fuse;
static cpu_set_t first, second; /* processors: one of the caller, one that is not; empty if none */

static void fail(const char *what) {
  fprintf(stderr, "null-server: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int is_placed(const char *name) { return strcmp(place, name) == 0; }

static double nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e9 + now.tv_nsec;
}

static void pin(const cpu_set_t *processor) {
  if (sched_setaffinity(0, sizeof *processor, processor) != 0) fail("sched_setaffinity");
}

/* The first two of the processors that this process may use. */
static void choose_processors(void) {
  cpu_set_t all;
  if (sched_getaffinity(0, sizeof all, &all) != 0) fail("sched_getaffinity");
  CPU_ZERO(&first);
  CPU_ZERO(&second);
  for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&second) == 0; i++)
    if (CPU_ISSET(i, &all)) CPU_SET(i, CPU_COUNT(&first) == 0 ? &first : &second);
  if (is_placed("other") && CPU_COUNT(&second) == 0) {
    fprintf(stderr, "null-server: there is only one processor for it\n");
    exit(1);
  }
}

/* The caller: asks for names that are not there, each another. */

static void ask(const char *kind, long names) {
  char name[4096 + 64];
  struct stat found;
  for (long i = 0; i < names; i++) {
    snprintf(name, sizeof name, "%s/%s-%ld", directory, kind, i);
    if (stat(name, &found) == 0) errno = EEXIST;
    if (errno != ENOENT) fail(name);
  }
}

static void call(void) {
  if (is_placed("same") || is_placed("other")) pin(&first);
  ask("early", count / UNTIMED_PART + 1);
  double begin = nanoseconds();
  ask("absent", count);
  printf("%.1f\n", (nanoseconds() - begin) / (double)count);
}

/* The server. */

static void answer(uint64_t unique, int error, const void *data, size_t length) {
  char message[sizeof(struct fuse_out_header) + 256];
  struct fuse_out_header header = {
      .len = (uint32_t)(sizeof header + length), .error = -error, .unique = unique};
  memcpy(message, &header, sizeof header);
  if (length > 0) memcpy(message + sizeof header, data, length);
  /* ENOENT: the caller was killed and nobody waits any more. */
  if (write(fuse, message, header.len) < 0 && errno != ENOENT && errno != ENODEV) fail("an answer");
}

static void answer_init(uint64_t unique, const struct fuse_init_in *in) {
  /* As Plyfs, with what headers have had for long. */
  uint32_t usual = FUSE_ASYNC_READ | FUSE_ATOMIC_O_TRUNC | FUSE_BIG_WRITES | FUSE_DONT_MASK |
                   FUSE_DO_READDIRPLUS | FUSE_READDIRPLUS_AUTO | FUSE_PARALLEL_DIROPS |
                   FUSE_POSIX_ACL | FUSE_ABORT_ERROR;
  struct fuse_init_out out = {
      .major = FUSE_KERNEL_VERSION,
      .minor = in->minor < FUSE_KERNEL_MINOR_VERSION ? in->minor : FUSE_KERNEL_MINOR_VERSION,
      .max_readahead = in->max_readahead,
      .flags = in->flags & usual,
      .max_background = 12,
      .congestion_threshold = 9,
      .max_write = LARGEST_WRITE,
      .time_gran = 1};
  answer(unique, 0, &out, sizeof out);
}

static void answer_root(uint64_t unique) {
  struct fuse_attr_out out = {
      .attr_valid = LONG_SECONDS,
      .attr = {.ino = FUSE_ROOT_ID, .mode = S_IFDIR | 0755, .nlink = 2, .blksize = 4096}};
  answer(unique, 0, &out, sizeof out);
}

static void spin(void) {
  if (work > 0)
    for (double until = nanoseconds() + (double)work * 1e3; nanoseconds() < until;) continue;
}

static void serve_one(const char *request) {
  const struct fuse_in_header *header = (const struct fuse_in_header *)request;
  switch (header->opcode) {
  case FUSE_INIT:
    answer_init(header->unique, (const struct fuse_init_in *)(header + 1));
    break;
  case FUSE_LOOKUP: /* an error is not remembered: each name is asked for */
    spin();
    answer(header->unique, ENOENT, NULL, 0);
    break;
  case FUSE_GETATTR:
    answer_root(header->unique);
    break;
  case FUSE_FORGET:
  case FUSE_BATCH_FORGET:
  case FUSE_INTERRUPT: /* these three want no answer */
    break;
  case FUSE_DESTROY:
    answer(header->unique, 0, NULL, 0);
    break;
  default:
    answer(header->unique, ENOSYS, NULL, 0);
  }
}

static void *serve(void *unused) {
  (void)unused;
  if (is_placed("same")) pin(&first);
  if (is_placed("other")) pin(&second);
  _Alignas(8) char request[BUFFER];
  for (;;) {
    if (read(fuse, request, sizeof request) >= 0) {
      serve_one(request);
    } else if (errno == ENODEV) {
      return NULL; /* unmounted */
    } else if (errno == EAGAIN) {
      sched_yield(); /* only where it polls */
    } else if (errno != EINTR && errno != ENOENT) {
      fail("/dev/fuse");
    }
  }
}

static void start_server(void) {
  int flags = is_placed("polling") ? O_NONBLOCK : 0;
  fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC | flags);
  if (fuse < 0) fail("/dev/fuse");
  char options[128];
  snprintf(options, sizeof options,
           "fd=%d,rootmode=40000,user_id=0,group_id=0,default_permissions,allow_other", fuse);
  if (mount("null-server", directory, "fuse", MS_NOSUID | MS_NODEV, options) != 0) fail("mount");
  pthread_t thread;
  for (int i = is_placed("alone") ? 2 : 1; i > 0; i--) {
    errno = pthread_create(&thread, NULL, serve, NULL);
    if (errno != 0) {
      umount2(directory, MNT_DETACH);
      fail("pthread_create");
    }
  }
}

/* A child that calls as soon as there is a server, and ends with its parent. */
static pid_t start_caller(int *go, const sigset_t *signals) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail("pipe");
  pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigprocmask(SIG_UNBLOCK, signals, NULL);
    close(ends[1]);
    char word;
    if (read(ends[0], &word, 1) != 1) exit(1); /* there will be no server */
    call();
    exit(0);
  }
  close(ends[0]);
  *go = ends[1];
  return child;
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: null-server DIRECTORY PLACE MICROSECONDS COUNT\n");
    return 2;
  }
  directory = argv[1];
  place = argv[2];
  work = strtol(argv[3], NULL, 10);
  count = strtol(argv[4], NULL, 10);
  if (work < 0 || count < 1 ||
      !(is_placed("same") || is_placed("other") || is_placed("alone") || is_placed("polling") ||
        is_placed("none"))) {
    fprintf(stderr, "null-server: cannot do %s names, %s us each, as '%s'\n", argv[4], argv[3],
            place);
    return 2;
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  sigaddset(&signals, SIGCHLD);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  choose_processors();
  int go = -1, received = 0, status = 1;
  pid_t child = start_caller(&go, &signals);
  int is_mounted = !is_placed("none");
  if (is_mounted) start_server();
  if (write(go, "!", 1) == 1) sigwait(&signals, &received);
  if (received != SIGCHLD) kill(child, SIGKILL);
  waitpid(child, &status, 0);
  if (is_mounted && umount2(directory, 0) != 0 && umount2(directory, MNT_DETACH) != 0)
    fail(directory);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
