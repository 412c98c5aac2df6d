package plyfs.union;

import java.util.ArrayList;
import java.util.List;
import plyfs.union.api.InodeNumbering;

/**
 * Options under which inode numbers are looked at.
 *
 * @param devices 1 if all layers are on one file system, 2 if the lower ones are on another
 */
record NumbersCase(boolean index, InodeNumbering numbering, int devices) {
  static List<NumbersCase> all(boolean onHost) {
    List<NumbersCase> all = new ArrayList<>();
    for (boolean index : new boolean[] {false, true}) {
      for (InodeNumbering numbering : InodeNumbering.values()) {
        all.add(new NumbersCase(index, numbering, 1));
        if (!onHost && numbering != InodeNumbering.OFF) { // which promises less there
          all.add(new NumbersCase(index, numbering, 2));
        }
      }
    }
    return all;
  }
}
