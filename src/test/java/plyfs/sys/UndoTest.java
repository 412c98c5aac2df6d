package plyfs.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class UndoTest {
  private final List<String> steps = new ArrayList<>();

  private void operation(Exception failure, Undo.Step back) throws Exception {
    try {
      steps.add("made");
      throw failure;
    } catch (Throwable e) {
      Undo.after(e, back);
      throw e;
    }
  }

  @Test
  void failure_isThrown_afterTheStepBack() {
    IOException failure = new IOException("first");
    assertThatThrownBy(() -> operation(failure, () -> steps.add("taken back"))).isSameAs(failure);
    assertThat(steps).containsExactly("made", "taken back");
    assertThat(failure).hasNoSuppressedExceptions();
  }

  @Test
  void failureOfTheStepBack_isAddedToTheFirst() {
    IOException failure = new IOException("first");
    IllegalStateException second = new IllegalStateException("second");
    assertThatThrownBy(
            () ->
                operation(
                    failure,
                    () -> {
                      throw second;
                    }))
        .isSameAs(failure)
        .hasSuppressedException(second);
  }

  /** An exception cannot be added to itself. */
  @Test
  void stepBackThatFailsWithTheSameErrno_keepsTheFailure() {
    ErrnoException failure = ErrnoException.of(Errno.ENOSPC);
    assertThatThrownBy(
            () ->
                operation(
                    failure,
                    () -> {
                      throw ErrnoException.of(Errno.ENOSPC);
                    }))
        .isInstanceOf(ErrnoException.class)
        .hasMessageContaining("ENOSPC");
  }
}
