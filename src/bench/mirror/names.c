/* Requests about names: each is on a name in the directory that a descriptor is open for. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "mirror.h"
#include "requests.h"

/* Of a request to make something: the system call is made as its user. */
struct user {
  uid_t uid;
  gid_t gid;
};

static struct user begin_as(const struct fuse_in_header *header) {
  struct user user = {.uid = header->uid, .gid = header->gid};
  if (user.gid != 0) syscall(SYS_setfsgid, user.gid);
  if (user.uid != 0) syscall(SYS_setfsuid, user.uid);
  return user;
}

static void end_as(struct user user) {
  int why = errno;
  if (user.uid != 0) syscall(SYS_setfsuid, 0);
  if (user.gid != 0) syscall(SYS_setfsgid, 0);
  errno = why;
}

static struct node *put_entry(struct node *parent, const char *name, const struct stat *found,
                              struct fuse_entry_out *entry) {
  struct node *node = node_entered(parent, name, S_ISDIR(found->st_mode));
  *entry = (struct fuse_entry_out){
      .nodeid = id_of(node), .entry_valid = LONG_SECONDS, .attr_valid = LONG_SECONDS};
  put_attributes(found, &entry->attr);
  return node;
}

static ssize_t entered(struct node *parent, int directory, const char *name, void *content) {
  struct stat found;
  if (fstatat(directory, name, &found, AT_SYMLINK_NOFOLLOW) != 0) return -errno;
  put_entry(parent, name, &found, content);
  return sizeof(struct fuse_entry_out);
}

ssize_t lookup(const struct request *request, void *content) {
  int directory = directory_of(request->node);
  if (directory < 0) return -errno;
  ssize_t result = entered(request->node, directory, request->body, content);
  if (result != -ENOENT) return result;
  struct fuse_entry_out *absent = content;
  *absent = (struct fuse_entry_out){.entry_valid = LONG_SECONDS};
  return sizeof *absent;
}

ssize_t forget(const struct request *request, void *content) {
  (void)content;
  const struct fuse_forget_in *in = request->body;
  node_forgotten(request->node, in->nlookup);
  return NO_ANSWER;
}

ssize_t forget_many(const struct request *request, void *content) {
  (void)content;
  const struct fuse_batch_forget_in *in = request->body;
  const struct fuse_forget_one *each = (const struct fuse_forget_one *)(in + 1);
  for (uint32_t i = 0; i < in->count; i++) node_forgotten(node_of(each[i].nodeid), each[i].nlookup);
  return NO_ANSWER;
}

/* A file is made open: who makes one writes to it. */
static ssize_t make_file(struct node *parent, int directory, const char *name, mode_t mode,
                         const struct fuse_in_header *header, void *content) {
  struct user user = begin_as(header);
  int fd = openat(directory, name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, mode);
  end_as(user);
  struct stat found;
  if (fd < 0 || fstat(fd, &found) != 0) return -errno;
  file_made(put_entry(parent, name, &found, content), fd);
  return sizeof(struct fuse_entry_out);
}

ssize_t make_node(const struct request *request, void *content) {
  const struct fuse_mknod_in *in = request->body;
  const char *name = (const char *)(in + 1);
  int directory = directory_of(request->node);
  if (directory < 0) return -errno;
  mode_t mode = in->mode & ~in->umask;
  if (S_ISREG(mode))
    return make_file(request->node, directory, name, mode & 07777, request->header, content);
  dev_t device = makedev(in->rdev >> 8 & 0xfff, (in->rdev & 0xff) | (in->rdev >> 12 & 0xfff00));
  struct user user = begin_as(request->header);
  int result = mknodat(directory, name, mode, device);
  end_as(user);
  return result != 0 ? -errno : entered(request->node, directory, name, content);
}

ssize_t make_directory(const struct request *request, void *content) {
  const struct fuse_mkdir_in *in = request->body;
  const char *name = (const char *)(in + 1);
  int directory = directory_of(request->node);
  if (directory < 0) return -errno;
  struct user user = begin_as(request->header);
  int result = mkdirat(directory, name, in->mode & ~in->umask);
  end_as(user);
  return result != 0 ? -errno : entered(request->node, directory, name, content);
}

ssize_t make_symlink(const struct request *request, void *content) {
  const char *name = request->body;
  int directory = directory_of(request->node);
  if (directory < 0) return -errno;
  struct user user = begin_as(request->header);
  int result = symlinkat(name + strlen(name) + 1, directory, name);
  end_as(user);
  return result != 0 ? -errno : entered(request->node, directory, name, content);
}

/* The new name is a node of its own. */
ssize_t make_link(const struct request *request, void *content) {
  const struct fuse_link_in *in = request->body;
  const char *name = (const char *)(in + 1);
  int directory = directory_of(request->node);
  struct spot spot;
  if (directory < 0 || spot_of(node_of(in->oldnodeid), &spot) != 0) return -errno;
  int follow = spot.flags == 0 ? AT_SYMLINK_FOLLOW : 0;
  int result = linkat(spot.directory, spot.name, directory, name, follow) != 0 ? -errno : 0;
  spot_left(&spot);
  return result != 0 ? result : entered(request->node, directory, name, content);
}

static ssize_t removed(const struct request *request, int flags) {
  const char *name = request->body;
  int directory = directory_of(request->node);
  if (directory < 0 || node_kept(request->node, name) != 0) return -errno;
  if (unlinkat(directory, name, flags) != 0) return -errno;
  node_removed(request->node, name);
  return 0;
}

ssize_t remove_file(const struct request *request, void *content) {
  (void)content;
  return removed(request, 0);
}

ssize_t remove_directory(const struct request *request, void *content) {
  (void)content;
  return removed(request, AT_REMOVEDIR);
}

static ssize_t moved(struct node *parent, uint64_t other, const char *name, unsigned flags) {
  const char *new_name = name + strlen(name) + 1;
  struct node *new_parent = node_of(other);
  int directory = directory_of(parent), new_directory = directory_of(new_parent);
  if (directory < 0 || new_directory < 0) return -errno;
  int is_exchange = (flags & RENAME_EXCHANGE) != 0;
  if (!is_exchange && node_kept(new_parent, new_name) != 0) return -errno;
  if (renameat2(directory, name, new_directory, new_name, flags) != 0) return -errno;
  node_moved(parent, name, new_parent, new_name, is_exchange);
  return 0;
}

ssize_t move(const struct request *request, void *content) {
  (void)content;
  const struct fuse_rename_in *in = request->body;
  return moved(request->node, in->newdir, (const char *)(in + 1), 0);
}

ssize_t move_with_flags(const struct request *request, void *content) {
  (void)content;
  const struct fuse_rename2_in *in = request->body;
  return moved(request->node, in->newdir, (const char *)(in + 1), in->flags);
}

/* An entry without attributes is no lookup; "." and ".." have none. */
static void put_found(struct node *parent, int directory, const char *name,
                      struct fuse_entry_out *entry) {
  struct stat found;
  *entry = (struct fuse_entry_out){.nodeid = 0};
  if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) return;
  if (fstatat(directory, name, &found, AT_SYMLINK_NOFOLLOW) == 0)
    put_entry(parent, name, &found, entry);
}

/* As many entries as fit, from a position on. */
static ssize_t list(const struct request *request, char *content, int is_plus) {
  const struct fuse_read_in *in = request->body;
  struct listing *listing = listing_of(request->node, in->offset == 0);
  if (listing == NULL) return -errno;
  int directory = directory_of(request->node);
  size_t used = 0, room = in->size < LARGEST_DATA ? in->size : LARGEST_DATA;
  size_t before = is_plus ? sizeof(struct fuse_entry_out) : 0;
  struct listed listed;
  for (uint64_t i = in->offset; listing_entry(listing, i, &listed); i++) {
    size_t length = strlen(listed.name), bytes = FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + length);
    if (before + bytes > room - used) break;
    if (is_plus)
      put_found(request->node, directory, listed.name, (struct fuse_entry_out *)(content + used));
    struct fuse_dirent *dirent = (struct fuse_dirent *)(content + used + before);
    memset(dirent, 0, bytes);
    *dirent = (struct fuse_dirent){
        .ino = listed.ino, .off = i + 1, .namelen = (uint32_t)length, .type = listed.type};
    memcpy(dirent->name, listed.name, length);
    used += before + bytes;
  }
  listing_left(listing);
  return (ssize_t)used;
}

ssize_t read_directory(const struct request *request, void *content) {
  return list(request, content, 0);
}

ssize_t read_directory_plus(const struct request *request, void *content) {
  return list(request, content, 1);
}

