package plyfs.contract;

import java.util.List;
import java.util.Set;
import plyfs.layer.Layer;
import plyfs.layer.UpperLayer;

/** What the layer contracts need of an implementation; one empty layer a test. */
interface LayerFixture {
  /** What an implementation need not be able to do. */
  enum Capability {
    /** Holes that take no space and are found by seek. */
    HOLES,
    /** copyRange between two of its files. */
    COPY_RANGE,
    /** Extended attributes of 64 KiB. */
    LARGE_XATTRS,
    /** Files of many GiB, sparse. */
    LARGE_FILES
  }

  /** The layer as an upper one. */
  UpperLayer upper();

  /** The same directory as a lower layer. */
  Layer lower();

  /** Names in the directory of prepared objects, without that of the shared whiteout. */
  List<String> workdir();

  Set<Capability> capabilities();

  /** Both ways to read the same content. */
  default List<Layer> views() {
    return List.of(upper(), lower());
  }
}
