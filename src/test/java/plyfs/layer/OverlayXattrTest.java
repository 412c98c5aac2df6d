package plyfs.layer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class OverlayXattrTest {
  private static final OverlayXattr ROOT = OverlayXattr.TRUSTED;

  private static byte[] bytes(String text) {
    return text.getBytes(US_ASCII);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, US_ASCII);
  }

  @Test
  void marksAreNamedAsTheKernelNamesThem_inBothNamespaces() {
    assertThat(text(ROOT.opaque())).isEqualTo("trusted.overlay.opaque");
    assertThat(text(ROOT.redirect())).isEqualTo("trusted.overlay.redirect");
    assertThat(text(ROOT.origin())).isEqualTo("trusted.overlay.origin");
    assertThat(text(OverlayXattr.USER.impure())).isEqualTo("user.overlay.impure");
    assertThat(text(OverlayXattr.USER.whiteout())).isEqualTo("user.overlay.whiteout");
    assertThat(text(OverlayXattr.USER.metacopy())).isEqualTo("user.overlay.metacopy");
  }

  @Test
  void onlyTheChosenNamespaceIsPrivate() {
    assertThat(ROOT.isPrivate(bytes("trusted.overlay.opaque"))).isTrue();
    assertThat(ROOT.isPrivate(bytes("trusted.overlay.unheard-of"))).isTrue();
    assertThat(ROOT.isPrivate(bytes("user.overlay.opaque"))).isFalse();
    assertThat(OverlayXattr.USER.isPrivate(bytes("user.overlay.opaque"))).isTrue();
    assertThat(OverlayXattr.USER.isPrivate(bytes("trusted.overlay.opaque"))).isFalse();
    assertThat(ROOT.isPrivate(bytes("trusted.overlayopaque"))).isFalse();
    assertThat(ROOT.isPrivate(bytes("trusted.overlay"))).isFalse();
  }

  @Test
  void namesGivenByUsers_areStoredOneLevelDeeper_andComeBack() {
    for (String shown : new String[] {"trusted.overlay.opaque", "trusted.overlay.overlay.opaque"}) {
      byte[] onDisk = ROOT.toDisk(bytes(shown));
      assertThat(text(onDisk))
          .isEqualTo("trusted.overlay.overlay." + shown.substring("trusted.overlay.".length()));
      assertThat(ROOT.isPrivate(onDisk)).isFalse();
      assertThat(ROOT.isEscaped(onDisk)).isTrue();
      assertThat(text(ROOT.toShown(onDisk))).isEqualTo(shown);
    }
  }

  @Test
  void otherNames_passUnchanged() {
    for (String name : new String[] {"user.overlay.opaque", "security.capability", "user.a"}) {
      assertThat(text(ROOT.toDisk(bytes(name)))).isEqualTo(name);
      assertThat(text(ROOT.toShown(bytes(name)))).isEqualTo(name);
      assertThat(ROOT.isEscaped(bytes(name))).isFalse();
    }
  }

  @Test
  void opaqueMeansExactlyY_andXAnnouncesWhiteouts() {
    assertThat(OverlayXattr.isYes(bytes("y"))).isTrue();
    for (String other : new String[] {"", "n", "Y", "yy", "1", "x"}) {
      assertThat(OverlayXattr.isYes(bytes(other))).as(other).isFalse();
    }
    assertThat(OverlayXattr.announcesXattrWhiteouts(bytes("x"))).isTrue();
    assertThat(OverlayXattr.announcesXattrWhiteouts(bytes("y"))).isFalse();
  }
}
