package plyfs.union.node;

import org.jspecify.annotations.Nullable;

/**
 * The nodes that have a lower object, by the inode number that programs see: 5 to 11 bytes a node.
 * Several nodes may have one number, as hard links do. Not for several threads at once; a number
 * changes only while its node is not in here.
 */
public final class NodesByNumber {
  private static final int FEWEST = 64;

  /** A node is at the place of its number, or at one after it with none free between. */
  private @Nullable Node[] places = new Node[FEWEST];

  private int count;

  /** Adds a node, if it has a lower object. */
  void add(Node node) {
    if (node.lowers.length == 0) {
      return;
    }
    if (4 * (count + 1) > 3 * places.length) {
      resize(2 * places.length);
    }
    put(node);
    count++;
  }

  private void put(Node node) {
    int place = home(node);
    while (places[place] != null) {
      place = next(place);
    }
    places[place] = node;
  }

  /** Takes a node out, if it is in. */
  void remove(Node node) {
    int place = home(node);
    while (places[place] != node) {
      if (places[place] == null) {
        return;
      }
      place = next(place);
    }
    count--;
    close(place);
  }

  /** Fills a place with what would not be found any more if it were free. */
  private void close(int gap) {
    int free = gap;
    int place = gap;
    while (true) {
      place = next(place);
      Node node = places[place];
      if (node == null) {
        break;
      }
      int mask = places.length - 1;
      if ((place - home(node) & mask) >= (place - free & mask)) {
        places[free] = node;
        free = place;
      }
    }
    places[free] = null;
  }

  /**
   * Whether a node that is not gone has a number.
   *
   * @param except one that does not count
   */
  boolean has(long number, @Nullable Node except) {
    for (int place = LongTable.hash(number) & places.length - 1;
        places[place] != null;
        place = next(place)) {
      Node node = places[place];
      if (node != null && node != except && node.ino == number && !node.isFreed()) {
        return true;
      }
    }
    return false;
  }

  /** Gives back the room of nodes that are gone. */
  void trim() {
    int size = FEWEST;
    while (4 * count > 3 * size) {
      size *= 2;
    }
    resize(size);
  }

  private void resize(int size) {
    @Nullable Node[] old = places;
    places = new Node[size];
    for (Node node : old) {
      if (node != null) {
        put(node);
      }
    }
  }

  private int home(Node node) {
    return LongTable.hash(node.ino) & places.length - 1;
  }

  private int next(int place) {
    return place + 1 & places.length - 1;
  }
}
