/* What the parts of the program have in common that serve.c tells about: nodes and their
 * descriptors. */
#ifndef MIRROR_H
#define MIRROR_H

#include <limits.h>
#include <stdint.h>
#include <sys/types.h>

/* A name that the kernel has looked up. Its address is its node id; the root's is FUSE_ROOT_ID. */
struct node;

/* nodes.c: the table of nodes. Each function may be called by any thread; none of them makes a
 * system call while it holds the table, which is why a listing and what is closed wait for the end.
 * The kernel forgets no node that it has a request about. */

/* The root becomes the directory of a descriptor; so many files that were written stay open. */
void nodes_start(int source, unsigned most_written);
struct node *node_of(uint64_t id);
uint64_t id_of(const struct node *node);
/* The node of a name, made if it is not there, with one lookup more. */
struct node *node_entered(struct node *parent, const char *name, int is_directory);
void node_forgotten(struct node *node, uint64_t lookups);
/* Sees to it that the object of a name can be reached when it has none any more. */
int node_kept(struct node *parent, const char *name);
void node_removed(struct node *parent, const char *name);
void node_moved(struct node *parent, const char *name, struct node *new_parent,
                const char *new_name, int is_exchange);

/* Where an object is, for the system calls whose names end in "at". */
struct spot {
  int directory;
  int flags;           /* AT_SYMLINK_NOFOLLOW or 0 */
  struct node *parent; /* kept until the spot is left */
  char name[NAME_MAX + 1];
};
int spot_of(struct node *node, struct spot *spot); /* -1 and errno if it cannot be had */
void spot_left(struct spot *spot);

/* Descriptors; -1 and errno if one cannot be had. For names in a directory, as long as the kernel
 * knows it: */
int directory_of(struct node *node);
/* Until they are given back by file_left, after which they stay open for a while: */
int file_to_read(struct node *node);
int file_to_write(struct node *node, int flags); /* flags: of open(2), if it is not open yet */
int file_open_to_write(struct node *node);       /* -1 if it is not */
void file_left(struct node *node, int descriptor);
/* The node of a new file gets its descriptor to write to it. */
void file_made(struct node *node, int descriptor);

/* listing.c: the names in a directory, as they were read at once. */
struct listing;
struct listed {
  uint64_t ino;
  unsigned char type;
  const char *name;
};
struct listing *listing_read(int directory, const char *name, int *descriptor);
/* Entry number i; 0 if there are not so many. */
int listing_entry(const struct listing *listing, uint64_t i, struct listed *entry);
void listing_used(struct listing *listing); /* by one more */
void listing_left(struct listing *listing);
/* In nodes.c: the listing of a node, in use; read anew where somebody begins to read it. */
struct listing *listing_of(struct node *node, int is_begin);

#endif
