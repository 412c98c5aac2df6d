/* Does one kind of file operation many times and prints the nanoseconds that one of them took, and
 * how many there were.
 * usage: workloads DIRECTORY OPERATION COUNT [PATH [THREADS]]
 * Each operation's comment says what it does and what PATH, relative to DIRECTORY, is. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, MEBIBYTE = 1 << 20, MOST_THREADS = 64, WALK_DESCRIPTORS = 200 };

static const char *directory;
static const char *path; /* as given, relative */
static char target[PAGE]; /* directory/path */
static long count;
static long done; /* operations that were done, where their number is not COUNT */
static char block[MEBIBYTE];

static void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static int opened(const char *file, int flags) {
  int fd = open(file, flags | O_CLOEXEC, 0644);
  if (fd < 0) fail(file);
  return fd;
}

static void closed(int fd, const char *file) {
  if (close(fd) != 0) fail(file);
}

/* The file number i of a thread among those that create, rename and unlink work on. */
static void numbered(char *name, const char *kind, long thread, long i) {
  snprintf(name, PAGE, "%s/made/%s-%ld-%ld", directory, kind, thread, i);
}

/* stat(2) of PATH. */
static void do_stat(long thread) {
  (void)thread;
  struct stat found;
  for (long i = 0; i < count; i++)
    if (stat(target, &found) != 0) fail(target);
}

/* stat(2) of names in PATH that do not exist, each another. */
static void do_miss(long thread) {
  char name[PAGE + 64];
  struct stat found;
  for (long i = 0; i < count; i++) {
    snprintf(name, sizeof name, "%s/absent-%ld-%ld", target, thread, i);
    if (stat(name, &found) == 0 || errno != ENOENT) fail(name);
  }
}

/* Opens PATH, reads its first 4 KiB, closes it. */
static void do_open(long thread) {
  (void)thread;
  char data[PAGE];
  for (long i = 0; i < count; i++) {
    int fd = opened(target, O_RDONLY);
    if (read(fd, data, sizeof data) < 0) fail(target);
    closed(fd, target);
  }
}

/* Makes a file with a line in it. */
static void do_create(long thread) {
  static const char line[] = "a line of a file\n";
  char name[PAGE];
  for (long i = 0; i < count; i++) {
    numbered(name, "file", thread, i);
    int fd = opened(name, O_CREAT | O_EXCL | O_WRONLY);
    if (write(fd, line, sizeof line - 1) != sizeof line - 1) fail(name);
    closed(fd, name);
  }
}

/* Gives a file of "create" another name in its directory, and its old one again: one operation. */
static void do_rename(long thread) {
  char name[PAGE], other[PAGE];
  for (long i = 0; i < count; i++) {
    numbered(name, "file", thread, i);
    numbered(other, "moved", thread, i);
    if (rename(name, other) != 0 || rename(other, name) != 0) fail(name);
  }
}

/* Removes a file of "create". */
static void do_unlink(long thread) {
  char name[PAGE];
  for (long i = 0; i < count; i++) {
    numbered(name, "file", thread, i);
    if (unlink(name) != 0) fail(name);
  }
}

static int visit(const char *name, const struct stat *status, int kind, struct FTW *place) {
  (void)status;
  (void)place;
  if (kind == FTW_DNR || kind == FTW_NS) fail(name);
  done++;
  return 0;
}

/* Lists every directory below DIRECTORY and asks for the attributes of everything in it, COUNT
 * times; an object is an operation. */
static void do_walk(long thread) {
  (void)thread;
  for (long i = 0; i < count; i++)
    if (nftw(directory, visit, WALK_DESCRIPTORS, FTW_PHYS) != 0) fail(directory);
}

/* Writes the first byte of PATH0, PATH1, ...: each file is opened for it and closed. */
static void do_change(long thread) {
  (void)thread;
  char name[PAGE + 32];
  for (long i = 0; i < count; i++) {
    snprintf(name, sizeof name, "%s%ld", target, i);
    int fd = opened(name, O_RDWR);
    if (pwrite(fd, "!", 1, 0) != 1) fail(name);
    closed(fd, name);
  }
}

/* chmod(2) of PATH0, PATH1, ... */
static void do_chmod(long thread) {
  (void)thread;
  char name[PAGE + 32];
  for (long i = 0; i < count; i++) {
    snprintf(name, sizeof name, "%s%ld", target, i);
    if (chmod(name, 0640) != 0) fail(name);
  }
}

/* Writes COUNT MiB to the new file PATH, by 1 MiB. */
static void do_seqwrite(long thread) {
  (void)thread;
  int fd = opened(target, O_CREAT | O_TRUNC | O_WRONLY);
  for (long i = 0; i < count; i++)
    if (write(fd, block, MEBIBYTE) != MEBIBYTE) fail(target);
  closed(fd, target);
}

/* Reads the first COUNT MiB of PATH, by 1 MiB. */
static void do_seqread(long thread) {
  (void)thread;
  int fd = opened(target, O_RDONLY);
  for (long i = 0; i < count; i++)
    if (read(fd, block, MEBIBYTE) != MEBIBYTE) fail(target);
  closed(fd, target);
}

/* A page of a file of so many pages; the same series in each run. */
static off_t any_page(uint64_t *state, long pages) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return (off_t)(*state % (uint64_t)pages) * PAGE;
}

static void at_random(int writing) {
  int fd = opened(target, writing ? O_RDWR : O_RDONLY);
  struct stat status;
  if (fstat(fd, &status) != 0 || status.st_size < PAGE) fail(target);
  uint64_t state = 88172645463325252u;
  for (long i = 0; i < count; i++) {
    off_t at = any_page(&state, status.st_size / PAGE);
    ssize_t length = writing ? pwrite(fd, block, PAGE, at) : pread(fd, block, PAGE, at);
    if (length != PAGE) fail(target);
  }
  closed(fd, target);
}

/* Reads 4 KiB at random places of PATH. */
static void do_randread(long thread) {
  (void)thread;
  at_random(0);
}

/* Writes 4 KiB at random places of PATH. */
static void do_randwrite(long thread) {
  (void)thread;
  at_random(1);
}

/* Appends 4 KiB to PATH and has them on the disk, as a database does with its log. */
static void do_fsync(long thread) {
  (void)thread;
  int fd = opened(target, O_CREAT | O_WRONLY | O_APPEND);
  for (long i = 0; i < count; i++)
    if (write(fd, block, PAGE) != PAGE || fdatasync(fd) != 0) fail(target);
  closed(fd, target);
}

static const struct operation {
  const char *name;
  void (*run)(long thread);
} operations[] = {
    {"stat", do_stat},         {"miss", do_miss},           {"open", do_open},
    {"create", do_create},     {"rename", do_rename},       {"unlink", do_unlink},
    {"walk", do_walk},         {"change", do_change},       {"chmod", do_chmod},
    {"seqwrite", do_seqwrite}, {"seqread", do_seqread},     {"randread", do_randread},
    {"randwrite", do_randwrite}, {"fsync", do_fsync},       {NULL, NULL},
};

static const struct operation *chosen;

static void *thread_main(void *number) {
  chosen->run((long)(intptr_t)number);
  return NULL;
}

static double nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e9 + now.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc < 4 || argc > 6) {
    fprintf(stderr, "usage: workloads DIRECTORY OPERATION COUNT [PATH [THREADS]]\n");
    return 2;
  }
  directory = argv[1];
  count = strtol(argv[3], NULL, 10);
  path = argc > 4 ? argv[4] : "";
  long threads = argc > 5 ? strtol(argv[5], NULL, 10) : 1;
  for (chosen = operations; chosen->name != NULL && strcmp(chosen->name, argv[2]) != 0;) chosen++;
  if (chosen->name == NULL || count < 1 || threads < 1 || threads > MOST_THREADS) {
    fprintf(stderr, "workloads: cannot do %s operations '%s' in %ld threads\n", argv[3], argv[2],
            threads);
    return 2;
  }
  snprintf(target, sizeof target, "%s/%s", directory, path);
  memset(block, 'x', sizeof block);
  if (chosen->run == do_create) {
    char made[PAGE];
    snprintf(made, sizeof made, "%s/made", directory);
    if (mkdir(made, 0755) != 0 && errno != EEXIST) fail(made);
  }
  done = 0;
  pthread_t running[MOST_THREADS];
  double begin = nanoseconds();
  for (long i = 0; i < threads; i++) {
    errno = pthread_create(&running[i], NULL, thread_main, (void *)(intptr_t)i);
    if (errno != 0) fail("pthread_create");
  }
  for (long i = 0; i < threads; i++) pthread_join(running[i], NULL);
  double took = nanoseconds() - begin;
  long operations = done > 0 ? done : count * threads;
  printf("%.1f %ld\n", took / (double)operations, operations);
  return 0;
}
