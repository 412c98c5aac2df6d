/* Requests about the data of files, whose descriptors are kept from one to the next. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include "mirror.h"
#include "requests.h"

enum { LONGEST_COPY = 0x7ff00000 }; /* that 32 bits can tell; a multiple of every page */

void clear_setuid(int fd) {
  struct stat found;
  if (fstat(fd, &found) != 0) return;
  mode_t mode = found.st_mode & ~(mode_t)S_ISUID;
  if (mode & S_IXGRP) mode &= ~(mode_t)S_ISGID;
  if (mode != found.st_mode) fchmod(fd, mode & 07777);
}

ssize_t read_file(const struct request *request, void *content) {
  const struct fuse_read_in *in = request->body;
  int fd = file_to_read(request->node);
  if (fd < 0) return -errno;
  ssize_t length = pread(fd, content, in->size, (off_t)in->offset);
  if (length < 0) length = -errno;
  file_left(request->node, fd);
  return length;
}

ssize_t write_file(const struct request *request, void *content) {
  const struct fuse_write_in *in = request->body;
  int fd = file_to_write(request->node, 0);
  if (fd < 0) return -errno;
  ssize_t length = pwrite(fd, in + 1, in->size, (off_t)in->offset);
  if (length < 0) length = -errno;
  if (in->write_flags & FUSE_WRITE_KILL_SUIDGID) clear_setuid(fd);
  if (in->flags & O_DSYNC && fdatasync(fd) != 0) length = -errno;
  file_left(request->node, fd);
  if (length < 0) return length;
  struct fuse_write_out *out = content;
  *out = (struct fuse_write_out){.size = (uint32_t)length};
  return sizeof *out;
}

ssize_t sync_file(const struct request *request, void *content) {
  (void)content;
  const struct fuse_fsync_in *in = request->body;
  int is_data_only = (in->fsync_flags & FUSE_FSYNC_FDATASYNC) != 0;
  int fd = file_to_read(request->node);
  if (fd < 0) return -errno;
  int result = (is_data_only ? fdatasync(fd) : fsync(fd)) != 0 ? -errno : 0;
  file_left(request->node, fd);
  return result;
}

ssize_t sync_directory(const struct request *request, void *content) {
  (void)content;
  int directory = directory_of(request->node);
  int fd = directory < 0 ? -1 : openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return -errno;
  int result = fsync(fd) != 0 ? -errno : 0;
  close(fd);
  return result;
}

ssize_t allocate(const struct request *request, void *content) {
  (void)content;
  const struct fuse_fallocate_in *in = request->body;
  int fd = file_to_write(request->node, 0);
  if (fd < 0) return -errno;
  int result = fallocate(fd, (int)in->mode, (off_t)in->offset, (off_t)in->length) != 0 ? -errno : 0;
  file_left(request->node, fd);
  return result;
}

ssize_t seek(const struct request *request, void *content) {
  const struct fuse_lseek_in *in = request->body;
  int fd = file_to_read(request->node);
  if (fd < 0) return -errno;
  off_t found = lseek(fd, (off_t)in->offset, (int)in->whence); /* nobody else uses its position */
  int why = errno;
  file_left(request->node, fd);
  if (found < 0) return -why;
  struct fuse_lseek_out *out = content;
  *out = (struct fuse_lseek_out){.offset = (uint64_t)found};
  return sizeof *out;
}

/* Bytes that were copied, of at most so many. */
static ssize_t copied(const struct request *request, uint64_t most) {
  const struct fuse_copy_file_range_in *in = request->body;
  struct node *out = node_of(in->nodeid_out);
  int from = file_to_read(request->node);
  if (from < 0) return -errno;
  int to = file_to_write(out, 0);
  loff_t begin = (loff_t)in->off_in, end = (loff_t)in->off_out;
  size_t length = in->len < most ? in->len : most;
  ssize_t result = to < 0 ? -1 : copy_file_range(from, &begin, to, &end, length, 0);
  if (result < 0) result = errno == EXDEV ? -EOPNOTSUPP : -errno; /* read and written instead */
  file_left(request->node, from);
  if (to >= 0) file_left(out, to);
  return result;
}

ssize_t copy_range(const struct request *request, void *content) {
  ssize_t length = copied(request, LONGEST_COPY);
  if (length < 0) return length;
  struct fuse_write_out *out = content;
  *out = (struct fuse_write_out){.size = (uint32_t)length};
  return sizeof *out;
}

ssize_t copy_range_64(const struct request *request, void *content) {
  ssize_t length = copied(request, SSIZE_MAX);
  if (length < 0) return length;
  *(uint64_t *)content = (uint64_t)length; /* struct fuse_copy_file_range_out */
  return sizeof(uint64_t);
}
