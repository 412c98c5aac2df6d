package plyfs.union.mark;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.layer.Layer;
import plyfs.layer.LayerRef;
import plyfs.layer.OverlayXattr;
import plyfs.sys.ErrnoException;
import plyfs.sys.Stat;

/**
 * The mark on a copied-up object that tells what it was copied from, so that its inode number
 * stays.
 *
 * <p>Its value: {@code [u8 version 0][u8 magic 0xfb][u8 length of the whole][u8 flags][u8 handle
 * type][u8 uuid[16]][handle]}. Flag 1 says big-endian. An empty value means copied up from
 * somewhere unknown.
 *
 * @implNote Linux fs/overlayfs/overlayfs.h, struct ovl_fb; copy_up.c, ovl_encode_real_fh; namei.c,
 *     ovl_decode_real_fh
 */
public final class Origin {
  private static final int HEADER_BYTES = 21;
  private static final int UUID_AT = 5;
  private static final byte MAGIC = (byte) 0xfb;
  private static final byte CPU_ENDIAN =
      ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? (byte) 1 : 0;
  private static final byte ANY_ENDIAN = 2;
  private static final byte OF_UPPER = 4;
  private static final byte[] UNKNOWN = {};

  /** Stands for a file system that has none. */
  private static final byte[] NULL_UUID = new byte[16];

  private final List<Layer> lowers;

  /** By layer, topmost first; empty where unknown. */
  private final List<byte[]> uuids = new ArrayList<>();

  private final OverlayXattr marks;
  private final boolean byName;

  /**
   * Origins in lower layers.
   *
   * @param indexed whether the layers are those of an index. It depends on the same lower layers
   *     anyhow; otherwise a file system without a UUID may be another one at the next mount, and
   *     origins in it would lead astray
   * @implNote Linux fs/overlayfs/super.c, ovl_lower_uuid_ok
   */
  public Origin(List<Layer> lowers, OverlayXattr marks, boolean indexed) throws ErrnoException {
    this.lowers = lowers;
    this.marks = marks;
    for (Layer lower : lowers) {
      byte[] uuid = lower.fileSystemUuid();
      uuids.add(uuid == null ? UNKNOWN : uuid.length == 0 && indexed ? NULL_UUID : uuid);
    }
    this.byName = cannotOpenHandles();
  }

  /** The mark's value for what is copied from {@code lower}. */
  public byte[] encode(LayerRef lower) throws ErrnoException {
    byte[] uuid = uuids.get(positionOf(lower.layer()));
    return uuid.length == 0 ? UNKNOWN : encode(uuid, lower.layer().handle(lower), CPU_ENDIAN);
  }

  /** The layers may be the lower ones of a larger stack: they keep their indexes. */
  private int positionOf(Layer lower) {
    return lower.index() - lowers.get(0).index();
  }

  /** As {@link #encode(LayerRef)}, for the root of the upper layer: the mark of an index. */
  public byte[] encodeUpper(Layer upper) throws ErrnoException {
    byte[] uuid = upper.fileSystemUuid();
    if (uuid == null) {
      return UNKNOWN;
    }
    byte flags = (byte) (CPU_ENDIAN | OF_UPPER);
    return encode(uuid.length == 0 ? NULL_UUID : uuid, upper.handle(upper.root()), flags);
  }

  private static byte[] encode(byte[] uuid, byte @Nullable [] handle, byte flags) {
    if (handle == null) {
      return UNKNOWN;
    }
    int fidBytes = handle.length - 8;
    byte[] value = new byte[HEADER_BYTES + fidBytes];
    value[1] = MAGIC;
    value[2] = (byte) value.length;
    value[3] = flags;
    value[4] = (byte) ByteBuffer.wrap(handle).order(ByteOrder.nativeOrder()).getInt(4);
    System.arraycopy(uuid, 0, value, UUID_AT, uuid.length);
    System.arraycopy(handle, 8, value, HEADER_BYTES, fidBytes);
    return value;
  }

  /**
   * Whether handles cannot be opened here, which needs CAP_DAC_READ_SEARCH: an origin is then known
   * only by comparison with the lower object of the same name.
   */
  public boolean isByName() {
    return byName;
  }

  private boolean cannotOpenHandles() throws ErrnoException {
    Stat stat = new Stat();
    for (Layer lower : lowers) {
      byte[] handle = lower.handle(lower.root());
      if (handle != null) {
        return !lower.statByHandle(handle, stat);
      }
    }
    return false;
  }

  /** The mark of an upper object that says what it was copied from; null if it does not. */
  public byte @Nullable [] markOf(LayerRef upper) throws ErrnoException {
    byte[] value = upper.layer().xattr(upper, marks.origin());
    return value != null && isWellFormed(value) ? value : null;
  }

  /** Whether a value is the mark of what was copied from a lower object. */
  public boolean isMarkOf(byte[] value, LayerRef lower) throws ErrnoException {
    return Arrays.equals(value, encode(lower));
  }

  /**
   * Finds what a value of the mark stands for.
   *
   * @param out its attributes
   * @return a layer on the same file system; null if there is no such object any more
   */
  public @Nullable Layer find(byte[] value, Stat out) throws ErrnoException {
    if (!isWellFormed(value)) {
      return null;
    }
    byte[] handle = handleOf(value);
    byte[] uuid = Arrays.copyOfRange(value, UUID_AT, HEADER_BYTES);
    for (int i = 0; i < uuids.size(); i++) {
      if (Arrays.equals(uuids.get(i), uuid) && lowers.get(i).statByHandle(handle, out)) {
        return lowers.get(i);
      }
    }
    return null;
  }

  /**
   * Whether marks of objects of a layer lead back there: its file system gives handles, and no
   * other one among the layers has the same UUID.
   */
  public boolean isReliable(Layer lower) throws ErrnoException {
    byte[] mark = encode(lower.root());
    if (mark.length == 0) {
      return false;
    }
    Stat root = new Stat();
    Stat other = new Stat();
    byte[] uuid = uuids.get(positionOf(lower));
    lower.stat(lower.root(), root);
    for (int i = 0; i < uuids.size(); i++) {
      boolean same = i == positionOf(lower) || lowers.get(i).device() != lower.device();
      if (same
          && Arrays.equals(uuids.get(i), uuid)
          && !(lowers.get(i).statByHandle(handleOf(mark), other)
              && other.dev() == root.dev()
              && other.ino() == root.ino())) {
        return false; // of one btrfs, several devices lead to the same object
      }
    }
    return true;
  }

  /** Whether a value is the mark of a lower object, and of a machine like this one. */
  public static boolean isWellFormed(byte[] value) {
    return value.length > HEADER_BYTES
        && value[0] == 0
        && value[1] == MAGIC
        && (value[2] & 0xff) == value.length
        && (value[3] & OF_UPPER) == 0
        && ((value[3] & 1) == CPU_ENDIAN || (value[3] & ANY_ENDIAN) != 0);
  }

  private static byte[] handleOf(byte[] value) {
    int fidBytes = value.length - HEADER_BYTES;
    ByteBuffer handle = ByteBuffer.allocate(8 + fidBytes).order(ByteOrder.nativeOrder());
    handle.putInt(fidBytes).putInt(value[4] & 0xff).put(value, HEADER_BYTES, fidBytes);
    return handle.array();
  }
}
