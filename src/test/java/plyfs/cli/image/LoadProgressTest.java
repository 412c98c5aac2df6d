package plyfs.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LoadProgressTest {
  private static final String LAYER = "layer sha256:0123456789abcdef0123456789abcdef";

  @Test
  void line_hasBytesRateAndTimeLeft() {
    assertThat(LoadProgress.line(LAYER, 20_000_000, 100_000_000, 2_000_000_000L))
        .isEqualTo("layer sha256:0123456789ab: 20.0MB of 100MB, 10.0MB/s, 8 s left");
  }

  @Test
  void atTheStart_thereIsNoRateYet() {
    assertThat(LoadProgress.line(LAYER, 0, 1500, 0))
        .isEqualTo("layer sha256:0123456789ab: 0B of 1.50kB");
  }
}
