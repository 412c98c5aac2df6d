/* Which names the kernel knows, and the descriptors of what they name. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mirror.h"

enum { CHAINS = 1 << 17, MOST_READ = 64, NOWHERE = -1 };

/* What the descriptor of a file is for. */
enum purpose { READING, WRITING, PURPOSES };

struct file {
  int descriptor;
  unsigned users; /* at this moment */
  int place;      /* on its clock, or NOWHERE if it is kept in any case */
  unsigned char was_used;
};

struct node {
  struct node *parent, *next; /* next in its chain of the table, or of those to be freed */
  char *name;
  uint64_t lookups; /* that the kernel has not forgotten */
  unsigned users;   /* nodes below it, and spots */
  int path;         /* descriptor of a directory, or of what has lost its name; or -1 */
  struct file files[PURPOSES];
  unsigned char is_directory, is_removed;
  struct listing *listing;
};

static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER; /* for all below, and fields of nodes */
static struct node *chains[CHAINS];
static struct node root = {
    .users = 1, .path = -1, .files = {{.descriptor = -1}, {.descriptor = -1}}, .is_directory = 1};

/* The nodes that have an open file, and how one is found whose file is closed for another. */
static struct clock {
  struct node **nodes;
  unsigned most, hand;
} clocks[PURPOSES];

void nodes_start(int source, unsigned most_written) {
  root.path = source;
  for (int i = 0; i < PURPOSES; i++) {
    clocks[i].most = i == READING ? MOST_READ : most_written;
    clocks[i].nodes = calloc(clocks[i].most, sizeof *clocks[i].nodes);
    if (clocks[i].nodes == NULL) abort();
  }
}

struct node *node_of(uint64_t id) {
  return id == FUSE_ROOT_ID ? &root : (struct node *)(uintptr_t)id;
}

uint64_t id_of(const struct node *node) { return (uint64_t)(uintptr_t)node; }

static struct node **chain_of(const struct node *parent, const char *name) {
  uint64_t hash = 14695981039346656037u ^ (uintptr_t)parent; /* FNV-1a */
  for (; *name != '\0'; name++) hash = (hash ^ (unsigned char)*name) * 1099511628211u;
  return &chains[(hash ^ hash >> 32) % CHAINS];
}

/* Where the pointer to a node is, or to where it would be. */
static struct node **place_of(const struct node *parent, const char *name) {
  struct node **place = chain_of(parent, name);
  while (*place != NULL && ((*place)->parent != parent || strcmp((*place)->name, name) != 0))
    place = &(*place)->next;
  return place;
}

static void take_out(struct node *node) {
  if (node->is_removed) return;
  struct node **place = place_of(node->parent, node->name);
  *place = node->next;
}

/* The file of a node is closed with it, not before. */
static void keep(struct node *node, enum purpose purpose) {
  struct file *file = &node->files[purpose];
  if (file->descriptor >= 0 && file->place != NOWHERE) clocks[purpose].nodes[file->place] = NULL;
  file->place = NOWHERE;
}

/* A node that nobody uses goes, and then perhaps its parent; adds them to those to be freed. */
static void let_go(struct node *node, struct node **unused) {
  while (node->lookups == 0 && node->users == 0) {
    take_out(node);
    for (int i = 0; i < PURPOSES; i++) keep(node, i);
    node->next = *unused;
    *unused = node;
    node = node->parent;
    node->users--;
  }
}

static void closed(int descriptor) {
  if (descriptor >= 0) close(descriptor);
}

static void freed(struct node *unused) {
  while (unused != NULL) {
    struct node *node = unused;
    unused = node->next;
    closed(node->path);
    for (int i = 0; i < PURPOSES; i++) closed(node->files[i].descriptor);
    if (node->listing != NULL) listing_left(node->listing);
    free(node->name);
    free(node);
  }
}

struct node *node_entered(struct node *parent, const char *name, int is_directory) {
  pthread_mutex_lock(&table);
  struct node **place = place_of(parent, name), *node = *place;
  if (node == NULL) {
    node = calloc(1, sizeof *node);
    if (node == NULL || (node->name = strdup(name)) == NULL) abort();
    node->parent = parent;
    node->path = node->files[READING].descriptor = node->files[WRITING].descriptor = -1;
    node->is_directory = (unsigned char)is_directory;
    parent->users++;
    *place = node;
  }
  node->lookups++;
  pthread_mutex_unlock(&table);
  return node;
}

void node_forgotten(struct node *node, uint64_t lookups) {
  if (node == &root) return;
  struct node *unused = NULL;
  pthread_mutex_lock(&table);
  node->lookups -= lookups;
  let_go(node, &unused);
  pthread_mutex_unlock(&table);
  freed(unused);
}

static void left(struct node *node) {
  struct node *unused = NULL;
  pthread_mutex_lock(&table);
  node->users--;
  let_go(node, &unused);
  pthread_mutex_unlock(&table);
  freed(unused);
}

void node_removed(struct node *parent, const char *name) {
  pthread_mutex_lock(&table);
  struct node *node = *place_of(parent, name);
  if (node != NULL) {
    take_out(node);
    node->is_removed = 1;
  }
  pthread_mutex_unlock(&table);
}

/* Puts a node, which is in no chain, under a name; memory of the name goes to the node. */
static void put(struct node *node, struct node *parent, char *name) {
  parent->users++;
  node->parent = parent;
  free(node->name);
  node->name = name;
  struct node **place = place_of(parent, name);
  node->next = *place;
  *place = node;
}

void node_moved(struct node *parent, const char *name, struct node *new_parent,
                const char *new_name, int is_exchange) {
  char *old_copy = strdup(name), *new_copy = strdup(new_name);
  if (old_copy == NULL || new_copy == NULL) abort();
  struct node *unused = NULL;
  pthread_mutex_lock(&table);
  struct node *node = *place_of(parent, name), *other = *place_of(new_parent, new_name);
  if (other != NULL) take_out(other);
  if (node != NULL && node != other) {
    take_out(node);
    put(node, new_parent, new_copy);
    new_copy = NULL;
  }
  if (other != NULL && is_exchange) {
    put(other, parent, old_copy);
    old_copy = NULL;
  } else if (other != NULL) {
    other->is_removed = 1; /* its parent stays that of its name */
  }
  /* Only now, since a parent must not go before the other one has what it is to have. */
  if (new_copy == NULL) {
    parent->users--;
    let_go(parent, &unused);
  }
  if (old_copy == NULL) {
    new_parent->users--;
    let_go(new_parent, &unused);
  }
  pthread_mutex_unlock(&table);
  freed(unused);
  free(old_copy);
  free(new_copy);
}

static int path_put(struct node *node, int fd);

int spot_of(struct node *node, struct spot *spot) {
  pthread_mutex_lock(&table);
  spot->parent = NULL;
  spot->flags = 0;
  if (node->path >= 0 && node->is_directory) {
    spot->directory = node->path;
    strcpy(spot->name, ".");
  } else if (node->path >= 0) {
    spot->directory = AT_FDCWD;
    snprintf(spot->name, sizeof spot->name, "/proc/self/fd/%d", node->path);
  } else {
    spot->parent = node->parent;
    spot->parent->users++;
    spot->flags = AT_SYMLINK_NOFOLLOW;
    strcpy(spot->name, node->name);
  }
  pthread_mutex_unlock(&table);
  if (spot->parent == NULL) return 0;
  spot->directory = directory_of(spot->parent);
  if (spot->directory >= 0) return 0;
  int why = errno;
  spot_left(spot);
  errno = why;
  return -1;
}

void spot_left(struct spot *spot) {
  if (spot->parent != NULL) left(spot->parent);
}

static int is_still_at(struct node *node, const struct spot *spot) {
  pthread_mutex_lock(&table);
  int is_still = spot->parent == NULL || (node->path < 0 && node->parent == spot->parent &&
                                          strcmp(node->name, spot->name) == 0);
  pthread_mutex_unlock(&table);
  return is_still;
}

static int opened(struct node *node, int flags) {
  for (;;) {
    struct spot spot;
    if (spot_of(node, &spot) != 0) return -1;
    int unfollowed = spot.flags != 0 ? O_NOFOLLOW : 0;
    int fd = openat(spot.directory, spot.name, flags | unfollowed | O_CLOEXEC);
    /* It may have got another name meanwhile: data is read ahead, which keeps no name from it. */
    int why = errno, is_final = fd >= 0 || why != ENOENT || is_still_at(node, &spot);
    spot_left(&spot);
    errno = why;
    if (is_final) return fd;
  }
}

int directory_of(struct node *node) {
  int known = __atomic_load_n(&node->path, __ATOMIC_ACQUIRE);
  return known >= 0 ? known : path_put(node, opened(node, O_PATH | O_DIRECTORY));
}

/* A node without a path gets this one; returns the one that it has then. */
static int path_put(struct node *node, int fd) {
  if (fd < 0) return -1;
  pthread_mutex_lock(&table);
  int other = node->path;
  if (other < 0) __atomic_store_n(&node->path, fd, __ATOMIC_RELEASE);
  pthread_mutex_unlock(&table);
  if (other < 0) return fd;
  close(fd);
  return other;
}

int node_kept(struct node *parent, const char *name) {
  pthread_mutex_lock(&table);
  struct node *node = *place_of(parent, name);
  if (node != NULL && node->files[WRITING].descriptor >= 0) keep(node, WRITING);
  int is_needed = node != NULL && node->path < 0 && node->files[WRITING].descriptor < 0;
  if (is_needed) node->users++;
  pthread_mutex_unlock(&table);
  if (!is_needed) return 0;
  int fd = path_put(node, opened(node, O_PATH));
  int why = errno;
  left(node);
  errno = why;
  return fd < 0 ? -1 : 0;
}

/* The file of a node with one user more; -1 if it is not open. */
static int taken(struct node *node, enum purpose purpose) {
  struct file *file = &node->files[purpose];
  if (file->descriptor >= 0) {
    file->users++;
    file->was_used = 1;
  }
  return file->descriptor;
}

/* A descriptor becomes the file of a node that has none; another may be to be closed for it. */
static void give(struct node *node, enum purpose purpose, int fd, int *unused) {
  struct clock *clock = &clocks[purpose];
  for (;; clock->hand++) {
    int place = (int)(clock->hand % clock->most);
    struct node *other = clock->nodes[place];
    struct file *old = other == NULL ? NULL : &other->files[purpose];
    if (old != NULL && (old->users > 0 || old->was_used)) {
      old->was_used = 0;
      continue;
    }
    if (old != NULL) {
      *unused = old->descriptor;
      old->descriptor = -1;
    }
    clock->nodes[place] = node;
    node->files[purpose] = (struct file){.descriptor = fd, .place = place};
    return;
  }
}

/* As taken; if it is not open, this descriptor becomes the file. */
static int taken_or_given(struct node *node, enum purpose purpose, int fd) {
  if (fd < 0) return -1;
  int unused = -1;
  pthread_mutex_lock(&table);
  if (node->files[purpose].descriptor < 0)
    give(node, purpose, fd, &unused);
  else
    unused = fd;
  fd = taken(node, purpose);
  pthread_mutex_unlock(&table);
  closed(unused);
  return fd;
}

int file_open_to_write(struct node *node) {
  pthread_mutex_lock(&table);
  int fd = taken(node, WRITING);
  pthread_mutex_unlock(&table);
  return fd;
}

int file_to_write(struct node *node, int flags) {
  int fd = file_open_to_write(node);
  return fd >= 0 ? fd : taken_or_given(node, WRITING, opened(node, O_RDWR | flags));
}

int file_to_read(struct node *node) {
  pthread_mutex_lock(&table);
  int fd = taken(node, WRITING);
  if (fd < 0) fd = taken(node, READING);
  pthread_mutex_unlock(&table);
  return fd >= 0 ? fd : taken_or_given(node, READING, opened(node, O_RDONLY));
}

void file_made(struct node *node, int descriptor) {
  file_left(node, taken_or_given(node, WRITING, descriptor));
}

void file_left(struct node *node, int descriptor) {
  pthread_mutex_lock(&table);
  int is_written = node->files[WRITING].descriptor == descriptor;
  node->files[is_written ? WRITING : READING].users--;
  pthread_mutex_unlock(&table);
}

struct listing *listing_of(struct node *node, int is_begin) {
  pthread_mutex_lock(&table);
  struct listing *listing = is_begin ? NULL : node->listing;
  if (listing != NULL) listing_used(listing);
  pthread_mutex_unlock(&table);
  if (listing != NULL) return listing;
  struct spot spot;
  if (spot_of(node, &spot) != 0) return NULL;
  int fd = -1;
  listing = listing_read(spot.directory, spot.name, &fd);
  spot_left(&spot);
  if (listing == NULL) return NULL;
  path_put(node, fd);
  listing_used(listing);
  pthread_mutex_lock(&table);
  struct listing *old = node->listing;
  node->listing = listing;
  pthread_mutex_unlock(&table);
  if (old != NULL) listing_left(old);
  return listing;
}
