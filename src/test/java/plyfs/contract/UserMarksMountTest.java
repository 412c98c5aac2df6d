package plyfs.contract;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import plyfs.contract.KernelOverlayTest.KernelMounter;
import plyfs.contract.PlyfsMountTest.PlyfsMounter;

/**
 * The contract with marks of the user namespace, as mounts without privilege have them (SEMANTICS
 * 2.1, 3.16): what needs no redirect and does not look at the marks themselves.
 */
@Tag("mount")
final class UserMarksMountTest {
  /** Mounts with {@code userxattr}. */
  record UserMarksMounter(UnionMounter mounter) implements UnionMounter {
    @Override
    public String kind() {
      return mounter.kind() + " with userxattr";
    }

    @Override
    public Set<Promise> promises() {
      EnumSet<Promise> promises = EnumSet.noneOf(Promise.class);
      promises.addAll(mounter.promises());
      promises.remove(Promise.TRUSTED_MARKS);
      promises.remove(Promise.DIRECTORIES_MOVE);
      return promises;
    }

    @Override
    public boolean isRefused(String option) {
      return option.equals("metacopy=on") || option.equals("index=on");
    }

    @Override
    public void mount(Directories directories, List<String> options) throws IOException {
      List<String> words = new ArrayList<>(options);
      words.add("userxattr");
      if (options.stream().noneMatch(option -> option.startsWith("redirect_dir="))) {
        words.add("redirect_dir=nofollow");
      }
      mounter.mount(directories, words);
    }

    @Override
    public void unmount(String mountPoint) throws IOException {
      mounter.unmount(mountPoint);
    }
  }

  @TestFactory
  Stream<DynamicTest> contractOnPlyfs() throws IOException {
    PlyfsMountTest.assumeAvailable();
    WarmPlyfs plyfs = new WarmPlyfs();
    return FileSystemContract.on(new UserMarksMounter(plyfs)).onClose(plyfs::closeUnchecked);
  }

  @TestFactory
  Stream<DynamicTest> contractOnTheKernel() throws IOException {
    KernelOverlayTest.assumeAvailable();
    return FileSystemContract.on(new UserMarksMounter(new KernelMounter()));
  }

  @Test
  void upperOfPlyfs_isReadAlikeByTheKernel() throws Exception {
    KernelOverlayTest.assumeAvailable();
    PlyfsMountTest.assumeAvailable();
    UpperInterchangeTest.swapWithoutRedirects(
        new UserMarksMounter(new PlyfsMounter()), new UserMarksMounter(new KernelMounter()));
  }

  @Test
  void upperOfTheKernel_isReadAlikeByPlyfs() throws Exception {
    KernelOverlayTest.assumeAvailable();
    PlyfsMountTest.assumeAvailable();
    UpperInterchangeTest.swapWithoutRedirects(
        new UserMarksMounter(new KernelMounter()), new UserMarksMounter(new PlyfsMounter()));
  }
}
