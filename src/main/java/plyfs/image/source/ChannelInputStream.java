package plyfs.image.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A stretch of a file, read by position: several may read one channel at the same time. */
public final class ChannelInputStream extends InputStream {
  private final FileChannel channel;
  private final long end;
  private long position;

  ChannelInputStream(FileChannel channel, long position, long end) {
    this.channel = channel;
    this.position = position;
    this.end = end;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (position >= end) {
      return -1;
    }
    int wanted = (int) Math.min(length, end - position);
    int read = channel.read(ByteBuffer.wrap(into, offset, wanted), position);
    if (read > 0) {
      position += read;
    }
    return read;
  }
}
