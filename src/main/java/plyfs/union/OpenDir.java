package plyfs.union;

import org.jspecify.annotations.Nullable;

/**
 * A directory that is open. Its listing is a snapshot, taken at the first read and again at each
 * read from the start, so positions stay good whatever is deleted meanwhile.
 */
final class OpenDir {
  final Node node;
  private volatile @Nullable Listing listing;

  OpenDir(Node node) {
    this.node = node;
  }

  @Nullable Listing listing() {
    return listing;
  }

  void setListing(Listing taken) {
    listing = taken;
  }
}
