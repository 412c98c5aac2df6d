package plyfs.options;

import java.util.List;

/**
 * Directories separated by colons; an empty one precedes a data-only layer. The result contains the
 * empty parts, and no escapes.
 *
 * @implNote Linux fs/overlayfs/params.c, ovl_parse_param_lowerdir
 */
final class LayerListForm implements ValueForm<List<byte[]>> {
  @Override
  public List<byte[]> parse(GivenOption option) throws MountOptionException {
    return option.unescapedParts((byte) ':');
  }

  @Override
  public String syntax() {
    return "=A:B[::DATA...]";
  }

  @Override
  public String[] examples() {
    return new String[] {"=/a", "=/a:/b", "=/a::/b"};
  }
}
