/* The requests of the kernel, each by the function that serves it. */
#ifndef REQUESTS_H
#define REQUESTS_H

#include <linux/fuse.h>
#include <sys/stat.h>

#include "mirror.h"

enum {
  NO_ANSWER = INT_MIN, /* none is wanted */
  LARGEST_DATA = 1 << 20,
  LONG_SECONDS = 1 << 20, /* for which the kernel may believe names and attributes */
  COPY_FILE_RANGE_64 = 53 /* since 7.45: newer than many headers */
};

struct request {
  const struct fuse_in_header *header;
  struct node *node;
  const void *body;
};

/* Returns the bytes of the answer's content, or minus an errno, or NO_ANSWER. */
typedef ssize_t handler(const struct request *request, void *content);

void put_attributes(const struct stat *found, struct fuse_attr *attr);

/* names.c */
handler lookup, forget, forget_many, make_node, make_directory, make_symlink, make_link,
    remove_file, remove_directory, move, move_with_flags, read_directory, read_directory_plus;

/* attributes.c */
handler get_attributes, set_attributes, read_link, tell_space, get_xattr, list_xattrs, set_xattr,
    remove_xattr;
extern int has_long_setxattr; /* whether SETXATTR comes with all of its struct */

/* data.c */
handler read_file, write_file, sync_file, sync_directory, allocate, seek, copy_range,
    copy_range_64;
/* As the kernel does for who may not keep set-user-ID. */
void clear_setuid(int fd);

#endif
