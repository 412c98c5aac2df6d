/* Requests about attributes: by the descriptor that a file is written by, or else by its name. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "mirror.h"
#include "requests.h"

void put_attributes(const struct stat *found, struct fuse_attr *attr) {
  unsigned major_part = major(found->st_rdev), minor_part = minor(found->st_rdev);
  *attr = (struct fuse_attr){.ino = found->st_ino,
                             .size = (uint64_t)found->st_size,
                             .blocks = (uint64_t)found->st_blocks,
                             .atime = (uint64_t)found->st_atim.tv_sec,
                             .mtime = (uint64_t)found->st_mtim.tv_sec,
                             .ctime = (uint64_t)found->st_ctim.tv_sec,
                             .atimensec = (uint32_t)found->st_atim.tv_nsec,
                             .mtimensec = (uint32_t)found->st_mtim.tv_nsec,
                             .ctimensec = (uint32_t)found->st_ctim.tv_nsec,
                             .mode = found->st_mode,
                             .nlink = (uint32_t)found->st_nlink,
                             .uid = found->st_uid,
                             .gid = found->st_gid,
                             .rdev = (minor_part & 0xff) | major_part << 8 |
                                     (minor_part & ~0xffu) << 12,
                             .blksize = (uint32_t)found->st_blksize};
}

static ssize_t put_answer(const struct stat *found, void *content) {
  struct fuse_attr_out *out = content;
  *out = (struct fuse_attr_out){.attr_valid = LONG_SECONDS};
  put_attributes(found, &out->attr);
  return sizeof *out;
}

/* What a request is about: a file that is open for writing, which is quickest, or else a spot. */
struct object {
  struct node *node;
  int fd; /* or -1 */
  struct spot spot;
};

static int begin(struct object *object, struct node *node) {
  object->node = node;
  object->fd = file_open_to_write(node);
  return object->fd >= 0 ? 0 : spot_of(node, &object->spot);
}

/* The result, or minus the errno of the last system call. */
static ssize_t end(struct object *object, ssize_t result) {
  if (result < 0) result = -errno;
  if (object->fd >= 0)
    file_left(object->node, object->fd);
  else
    spot_left(&object->spot);
  return result;
}

static int stat_of(const struct object *object, struct stat *found) {
  const struct spot *spot = &object->spot;
  return object->fd >= 0 ? fstat(object->fd, found)
                         : fstatat(spot->directory, spot->name, found, spot->flags);
}

ssize_t get_attributes(const struct request *request, void *content) {
  struct stat found;
  struct object object;
  if (begin(&object, request->node) != 0) return -errno;
  ssize_t result = end(&object, stat_of(&object, &found));
  return result < 0 ? result : put_answer(&found, content);
}

/* A file that is to be empty and is opened for it alone is not copied up with its data. */
static int set_size(struct node *node, const struct fuse_setattr_in *in) {
  int fd = file_open_to_write(node), is_done = 0;
  if (fd < 0) {
    is_done = in->size == 0;
    fd = file_to_write(node, is_done ? O_TRUNC : 0);
    if (fd < 0) return -errno;
  }
  int result = !is_done && ftruncate(fd, (off_t)in->size) != 0 ? -errno : 0;
  if (in->valid & FATTR_KILL_SUIDGID) clear_setuid(fd);
  file_left(node, fd);
  return result;
}

static struct timespec time_of(uint32_t valid, uint32_t now, uint32_t given, uint64_t seconds,
                               uint32_t nanoseconds) {
  return valid & now     ? (struct timespec){.tv_nsec = UTIME_NOW}
         : valid & given ? (struct timespec){.tv_sec = (time_t)seconds, .tv_nsec = nanoseconds}
                         : (struct timespec){.tv_nsec = UTIME_OMIT};
}

static int set_owner(const struct fuse_setattr_in *in, const struct object *object) {
  uid_t uid = in->valid & FATTR_UID ? in->uid : (uid_t)-1;
  gid_t gid = in->valid & FATTR_GID ? in->gid : (gid_t)-1;
  const struct spot *spot = &object->spot;
  return object->fd >= 0 ? fchown(object->fd, uid, gid)
                         : fchownat(spot->directory, spot->name, uid, gid, spot->flags);
}

static int set_mode(const struct fuse_setattr_in *in, const struct object *object) {
  const struct spot *spot = &object->spot;
  return object->fd >= 0 ? fchmod(object->fd, in->mode & 07777)
                         : fchmodat(spot->directory, spot->name, in->mode & 07777, 0);
}

static int set_times(const struct fuse_setattr_in *in, const struct object *object) {
  struct timespec times[] = {
      time_of(in->valid, FATTR_ATIME_NOW, FATTR_ATIME, in->atime, in->atimensec),
      time_of(in->valid, FATTR_MTIME_NOW, FATTR_MTIME, in->mtime, in->mtimensec)};
  const struct spot *spot = &object->spot;
  return object->fd >= 0 ? futimens(object->fd, times)
                         : utimensat(spot->directory, spot->name, times, spot->flags);
}

ssize_t set_attributes(const struct request *request, void *content) {
  const struct fuse_setattr_in *in = request->body;
  ssize_t result = in->valid & FATTR_SIZE ? set_size(request->node, in) : 0;
  if (result < 0) return result;
  struct object object;
  if (begin(&object, request->node) != 0) return -errno;
  struct stat found;
  if (in->valid & (FATTR_UID | FATTR_GID)) result = set_owner(in, &object);
  if (result == 0 && in->valid & FATTR_MODE) result = set_mode(in, &object);
  if (result == 0 && in->valid & (FATTR_ATIME | FATTR_MTIME)) result = set_times(in, &object);
  if (result == 0) result = stat_of(&object, &found);
  result = end(&object, result);
  return result < 0 ? result : put_answer(&found, content);
}

ssize_t read_link(const struct request *request, void *content) {
  struct spot spot;
  if (spot_of(request->node, &spot) != 0) return -errno;
  ssize_t length = readlinkat(spot.directory, spot.name, content, PATH_MAX);
  if (length < 0) length = -errno;
  spot_left(&spot);
  return length;
}

ssize_t tell_space(const struct request *request, void *content) {
  (void)request;
  struct statfs found;
  if (fstatfs(directory_of(node_of(FUSE_ROOT_ID)), &found) != 0) return -errno;
  struct fuse_statfs_out *out = content;
  *out = (struct fuse_statfs_out){.st = {.blocks = found.f_blocks,
                                         .bfree = found.f_bfree,
                                         .bavail = found.f_bavail,
                                         .files = found.f_files,
                                         .ffree = found.f_ffree,
                                         .bsize = (uint32_t)found.f_bsize,
                                         .namelen = (uint32_t)found.f_namelen,
                                         .frsize = (uint32_t)found.f_frsize}};
  return sizeof *out;
}

int has_long_setxattr;

/* What a system call has found out: bytes, or how many there are where room for none was given. */
static ssize_t sized(ssize_t length, uint32_t room, void *content) {
  if (length < 0 || room > 0) return length;
  struct fuse_getxattr_out *out = content;
  *out = (struct fuse_getxattr_out){.size = (uint32_t)length};
  return sizeof *out;
}

/* The path of a spot, for system calls that take no descriptor of a directory. */
static const char *path_of(const struct spot *spot, char path[PATH_MAX]) {
  if (spot->directory == AT_FDCWD) return spot->name;
  snprintf(path, PATH_MAX, "/proc/self/fd/%d/%s", spot->directory, spot->name);
  return path;
}

/* Linux 6.13 has calls for extended attributes by name and directory. */
struct xattr_arguments {
  _Alignas(8) uint64_t value;
  uint32_t size, flags;
};
enum { GETXATTRAT = 464, LISTXATTRAT = 465 };

static ssize_t value_of(const struct object *object, const char *name, void *value, uint32_t size) {
  if (object->fd >= 0) return fgetxattr(object->fd, name, value, size);
  const struct spot *spot = &object->spot;
  struct xattr_arguments arguments = {.value = (uintptr_t)value, .size = size};
  ssize_t length = syscall(GETXATTRAT, spot->directory, spot->name, spot->flags, name, &arguments,
                           sizeof arguments);
  if (length >= 0 || errno != ENOSYS) return length;
  char path[PATH_MAX];
  return (spot->flags ? lgetxattr : getxattr)(path_of(spot, path), name, value, size);
}

static ssize_t names_of(const struct object *object, char *names, uint32_t size) {
  if (object->fd >= 0) return flistxattr(object->fd, names, size);
  const struct spot *spot = &object->spot;
  ssize_t length =
      syscall(LISTXATTRAT, spot->directory, spot->name, spot->flags, names, (size_t)size);
  if (length >= 0 || errno != ENOSYS) return length;
  char path[PATH_MAX];
  return (spot->flags ? llistxattr : listxattr)(path_of(spot, path), names, size);
}

ssize_t get_xattr(const struct request *request, void *content) {
  const struct fuse_getxattr_in *in = request->body;
  const char *name = (const char *)(in + 1);
  struct object object;
  if (begin(&object, request->node) != 0) return -errno;
  return end(&object, sized(value_of(&object, name, content, in->size), in->size, content));
}

ssize_t list_xattrs(const struct request *request, void *content) {
  const struct fuse_getxattr_in *in = request->body;
  struct object object;
  if (begin(&object, request->node) != 0) return -errno;
  return end(&object, sized(names_of(&object, content, in->size), in->size, content));
}

ssize_t set_xattr(const struct request *request, void *content) {
  (void)content;
  const struct fuse_setxattr_in *in = request->body;
  const char *name =
      (const char *)in + (has_long_setxattr ? sizeof *in : FUSE_COMPAT_SETXATTR_IN_SIZE);
  const char *value = name + strlen(name) + 1;
  struct object object;
  if (begin(&object, request->node) != 0) return -errno;
  const struct spot *spot = &object.spot;
  char path[PATH_MAX];
  int flags = (int)in->flags,
      result = object.fd >= 0
                   ? fsetxattr(object.fd, name, value, in->size, flags)
                   : (spot->flags ? lsetxattr : setxattr)(path_of(spot, path), name, value,
                                                          in->size, flags);
  return end(&object, result);
}

ssize_t remove_xattr(const struct request *request, void *content) {
  (void)content;
  const char *name = request->body;
  struct object object;
  if (begin(&object, request->node) != 0) return -errno;
  const struct spot *spot = &object.spot;
  char path[PATH_MAX];
  int result = object.fd >= 0
                   ? fremovexattr(object.fd, name)
                   : (spot->flags ? lremovexattr : removexattr)(path_of(spot, path), name);
  return end(&object, result);
}
