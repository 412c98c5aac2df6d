/* The names in a directory. A position is a number, so a listing that was read twice with changes
 * between skips or repeats some at worst. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "mirror.h"

enum { CHUNK = 32 << 10 };

struct listing {
  unsigned users;
  size_t count, used; /* entries; bytes of them */
  size_t *starts;
  char *entries; /* struct dirent64, as the kernel lays them out */
};

static void number(struct listing *listing) {
  size_t room = 0;
  for (size_t at = 0; at < listing->used;) {
    if (listing->count == room) {
      room = room == 0 ? 64 : 2 * room;
      size_t *larger = realloc(listing->starts, room * sizeof *larger);
      if (larger == NULL) abort();
      listing->starts = larger;
    }
    listing->starts[listing->count++] = at;
    at += ((struct dirent64 *)(listing->entries + at))->d_reclen;
  }
}

static int is_filled(struct listing *listing, int descriptor) {
  for (size_t room = CHUNK;; room += listing->used) {
    char *larger = realloc(listing->entries, room);
    if (larger == NULL) abort();
    listing->entries = larger;
    while (room - listing->used >= CHUNK / 2) {
      ssize_t more = getdents64(descriptor, larger + listing->used, room - listing->used);
      if (more < 0) return 0;
      if (more == 0) {
        number(listing);
        return 1;
      }
      listing->used += (size_t)more;
    }
  }
}

/* Reads a directory; its descriptor, which serves for names in it too, is then the caller's. */
struct listing *listing_read(int directory, const char *name, int *descriptor) {
  int fd = openat(directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return NULL;
  struct listing *listing = calloc(1, sizeof *listing);
  if (listing == NULL) abort();
  listing->users = 1;
  *descriptor = fd;
  if (is_filled(listing, fd)) return listing;
  int why = errno;
  close(fd);
  listing_left(listing);
  errno = why;
  return NULL;
}

int listing_entry(const struct listing *listing, uint64_t i, struct listed *entry) {
  if (i >= listing->count) return 0;
  const struct dirent64 *found =
      (const struct dirent64 *)(listing->entries + listing->starts[i]);
  *entry = (struct listed){.ino = found->d_ino, .type = found->d_type, .name = found->d_name};
  return 1;
}

void listing_used(struct listing *listing) {
  __atomic_add_fetch(&listing->users, 1, __ATOMIC_RELAXED);
}

void listing_left(struct listing *listing) {
  if (__atomic_sub_fetch(&listing->users, 1, __ATOMIC_ACQ_REL) > 0) return;
  free(listing->starts);
  free(listing->entries);
  free(listing);
}
