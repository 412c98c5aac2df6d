package plyfs.container.run;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who runs a program in a container.
 *
 * @param groups the other groups
 * @param home directory
 */
public record ContainerUser(int uid, int gid, List<Integer> groups, String home) {
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}");
  private static final int NAME = 0;
  private static final int UID = 2;
  private static final int GID = 3;
  private static final int MEMBERS = 3;
  private static final int HOME = 5;

  /**
   * The user that a text means: {@code USER[:GROUP]}, each a name or a number.
   *
   * @param text empty for root
   * @param passwd text of the image's /etc/passwd; empty where there is none
   * @param group of its /etc/group
   * @throws IOException a name is in none of the two
   */
  public static ContainerUser of(String text, String passwd, String group) throws IOException {
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    String wanted = colon < 0 ? "" : text.substring(colon + 1);
    List<String> user = entry(passwd, name.isEmpty() ? "0" : name, HOME);
    if (user == null && !name.isEmpty() && !isNumber(name)) {
      throw new IOException("unable to find user " + name + ": no matching entries in passwd file");
    }
    int uid = user == null ? number(name) : number(user.get(UID));
    int gid = user == null ? 0 : number(user.get(GID));
    List<Integer> others = new ArrayList<>();
    if (!wanted.isEmpty()) {
      List<String> of = entry(group, wanted, MEMBERS - 1);
      if (of == null && !isNumber(wanted)) {
        throw new IOException(
            "unable to find group " + wanted + ": no matching entries in group file");
      }
      gid = of == null ? number(wanted) : number(of.get(UID));
    } else if (user != null) {
      addGroups(others, group, user.get(NAME), gid);
    }
    String home = user == null || user.get(HOME).isEmpty() ? "/" : user.get(HOME);
    return new ContainerUser(uid, gid, List.copyOf(others), home);
  }

  private static void addGroups(List<Integer> others, String group, String user, int gid)
      throws IOException {
    for (String line : Splitter.on('\n').split(group)) {
      List<String> fields = Splitter.on(':').splitToList(line);
      boolean isMember =
          fields.size() > MEMBERS
              && Splitter.on(',').splitToList(fields.get(MEMBERS).strip()).contains(user);
      if (isMember && number(fields.get(UID)) != gid) {
        others.add(number(fields.get(UID)));
      }
    }
  }

  /** The line with a name or a number; it has a field of the given number, too. */
  private static @Nullable List<String> entry(String file, String wanted, int last) {
    List<String> byNumber = null;
    for (String line : Splitter.on('\n').split(file)) {
      List<String> fields = Splitter.on(':').splitToList(line);
      if (fields.size() <= last) {
        continue;
      }
      if (fields.get(NAME).equals(wanted)) {
        return fields;
      }
      if (byNumber == null && isNumber(wanted) && fields.get(UID).equals(wanted)) {
        byNumber = fields;
      }
    }
    return byNumber;
  }

  private static boolean isNumber(String text) {
    return NUMBER.matcher(text).matches();
  }

  private static int number(String text) throws IOException {
    if (text.isEmpty()) {
      return 0;
    }
    long number = isNumber(text) ? Long.parseLong(text) : -1;
    if (number < 0 || number > Integer.MAX_VALUE) {
      throw new IOException("'" + text + "' is not the number of a user or group");
    }
    return (int) number;
  }
}
