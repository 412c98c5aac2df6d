package plyfs.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import plyfs.contract.DiskTree;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;

/**
 * A directory in which many threads do what can be accounted for, whatever the order is: no record
 * that was written is lost, no name is there that nobody made, none is gone that nobody removed,
 * and nothing is in two places.
 */
final class SharedNames {
  static final String DIRECTORY = "shared";

  private static final int LOGS = 3;
  private static final int NAMES = 6;
  private static final int TOKENS = 12;
  private static final int SLOTS = 4;

  private final DiskTree at;
  private final AtomicInteger[][] records;
  private final AtomicIntegerArray made = new AtomicIntegerArray(NAMES);
  private final List<String> wrong = new ArrayList<>();

  SharedNames(DiskTree mount, int threads) {
    at = mount;
    records = new AtomicInteger[LOGS][threads];
    for (AtomicInteger[] log : records) {
      for (int i = 0; i < threads; i++) {
        log[i] = new AtomicInteger();
      }
    }
    for (int i = 0; i < NAMES; i += 2) {
      made.set(i, 1);
    }
  }

  /** Fills a lower layer with what the mount starts with. */
  static void prepare(DiskTree lower) throws ErrnoException {
    for (int i = 0; i < LOGS; i++) {
      lower.make(DIRECTORY + "/log" + i + "=start\n");
    }
    for (int i = 0; i < NAMES; i += 2) {
      lower.make(DIRECTORY + "/names/n" + i + "=lower");
    }
    for (int i = 0; i < SLOTS; i++) {
      lower.make(DIRECTORY + "/slots/s" + i + "/");
    }
    for (int i = 0; i < TOKENS; i++) {
      lower.make(DIRECTORY + "/slots/s" + i % SLOTS + "/t" + i + "=token " + i);
    }
  }

  /** Does one thing. */
  void act(int thread, Random random) throws ErrnoException {
    switch (random.nextInt(8)) {
      case 0, 1 -> writeRecord(thread, random.nextInt(LOGS));
      case 2, 3, 4 -> changeName(random);
      case 5 -> moveToken(random);
      case 6 -> exchangeSlots(random);
      default -> ownFile(thread, random);
    }
  }

  private synchronized void complain(String what) {
    wrong.add(what);
  }

  private void writeRecord(int thread, int log) throws ErrnoException {
    String record = thread + " " + records[log][thread].get() + "\n";
    try (Fd file = at.open(path("log" + log), Linux.O_WRONLY | Linux.O_APPEND)) {
      if (Bytes.write(file, Bytes.of(record)) != record.length()) {
        complain("a record was written in part");
      }
    }
    records[log][thread].incrementAndGet();
  }

  private static String path(String name) {
    return DIRECTORY + "/" + name;
  }

  private static String name(int number) {
    return path("names/n" + number);
  }

  /** A system call that another thread may have been quicker at. */
  private interface Call {
    void run() throws ErrnoException;
  }

  private static boolean succeeds(Call call) throws ErrnoException {
    try {
      call.run();
      return true;
    } catch (ErrnoException e) {
      switch (e.errno()) {
        case Errno.ENOENT, Errno.EEXIST, Errno.EISDIR, Errno.ENOTDIR, Errno.ENOTEMPTY -> {
          return false;
        }
        default -> throw e;
      }
    }
  }

  private void changeName(Random random) throws ErrnoException {
    int one = random.nextInt(NAMES);
    int other = (one + 1 + random.nextInt(NAMES - 1)) % NAMES;
    int create = Linux.O_CREAT | Linux.O_EXCL | Linux.O_WRONLY;
    switch (random.nextInt(9)) {
      case 0, 1 -> count(one, 1, succeeds(() -> at.open(name(one), create, 0666).close()));
      case 2 -> count(one, 1, succeeds(() -> at.mkdir(name(one))));
      case 3 -> count(one, 1, succeeds(() -> at.symlink("x", name(one))));
      case 4 -> count(one, 1, succeeds(() -> at.link(path("log0"), name(one))));
      case 5, 6 -> count(one, -1, succeeds(() -> at.unlink(name(one))));
      case 7 -> count(one, -1, succeeds(() -> at.rmdir(name(one))));
      default -> {
        boolean moved = succeeds(() -> at.rename(name(one), name(other), Linux.RENAME_NOREPLACE));
        count(one, -1, moved);
        count(other, 1, moved);
      }
    }
  }

  private void count(int name, int change, boolean succeeded) {
    if (succeeded) {
      made.addAndGet(name, change);
    }
  }

  private static void moveTokenBetween(DiskTree at, String token, int from, int to)
      throws ErrnoException {
    at.rename(
        path("slots/s" + from + "/" + token),
        path("slots/s" + to + "/" + token),
        Linux.RENAME_NOREPLACE);
  }

  private void moveToken(Random random) throws ErrnoException {
    String token = "t" + random.nextInt(TOKENS);
    int from = random.nextInt(SLOTS);
    succeeds(() -> moveTokenBetween(at, token, from, random.nextInt(SLOTS)));
  }

  private void exchangeSlots(Random random) throws ErrnoException {
    String one = path("slots/s" + random.nextInt(SLOTS));
    String other = path("slots/s" + random.nextInt(SLOTS));
    succeeds(() -> at.rename(one, other, Linux.RENAME_EXCHANGE));
  }

  /** A name of its own among those of others: what it does is seen at once. */
  private void ownFile(int thread, Random random) throws ErrnoException {
    String name = "own" + thread;
    String path = path("names/" + name);
    String content = "content of " + thread + " ".repeat(random.nextInt(3000));
    at.write(path, content);
    if (!at.read(path).equals(content)) {
      complain(path + " has not the content that was written");
    }
    if (!at.list(path("names")).contains(name)) {
      complain(path + " is not listed after it was made");
    }
    String moved = path("own" + thread);
    at.rename(path, moved);
    if (at.exists(path)) {
      complain(path + " is there after it was moved away");
    }
    if (at.list(path("names")).contains(name)) {
      complain(path + " is listed after it was moved away");
    }
    at.unlink(moved);
    if (at.exists(moved)) {
      complain(moved + " is there after it was removed");
    }
    if (at.list(DIRECTORY).contains(name)) {
      complain(moved + " is listed after it was removed");
    }
  }

  /** What does not hold now that all threads have ended; empty if all does. */
  List<String> check() throws ErrnoException {
    for (int log = 0; log < LOGS; log++) {
      checkRecords(log);
    }
    List<String> listed = at.list(path("names"));
    for (int i = 0; i < NAMES; i++) {
      int expected = made.get(i);
      boolean exists = at.exists(name(i));
      if (expected != (exists ? 1 : 0) || listed.contains("n" + i) != exists) {
        complain(
            name(i) + ": made less removed: " + expected + ", exists: " + exists + ", " + listed);
      }
    }
    List<String> tokens = new ArrayList<>();
    for (String slot : at.list(path("slots"))) {
      for (String token : at.list(path("slots/" + slot))) {
        String content = at.read(path("slots/" + slot + "/" + token));
        if (!content.equals("token " + token.substring(1))) {
          complain(token + " says " + content);
        }
        tokens.add(token);
      }
    }
    if (tokens.size() != TOKENS || tokens.stream().distinct().count() != TOKENS) {
      complain("tokens are lost, or there twice: " + tokens);
    }
    return List.copyOf(wrong);
  }

  private void checkRecords(int log) throws ErrnoException {
    int[] next = new int[records[log].length];
    String[] lines = at.read(path("log" + log)).split("\n", -1);
    if (!lines[0].equals("start")) {
      complain("log" + log + " begins with " + lines[0]);
    }
    for (int i = 1; i < lines.length - 1; i++) {
      String[] words = lines[i].split(" ", -1);
      if (words.length != 2 || !words[1].equals("" + next[Integer.parseInt(words[0])]++)) {
        complain("log" + log + ", line " + i + " is '" + lines[i] + "'");
        return;
      }
    }
    for (int thread = 0; thread < next.length; thread++) {
      if (next[thread] != records[log][thread].get()) {
        complain("log" + log + " has lost records of thread " + thread);
      }
    }
  }
}
