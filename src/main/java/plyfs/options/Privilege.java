package plyfs.options;

import plyfs.sys.Capabilities;

/** What the process may do with mounts; some options have another default for each. */
public enum Privilege {
  /** Root of the machine: CAP_SYS_ADMIN in the first user namespace. Marks are trusted. */
  ROOT,
  /** Root of another user namespace: may call mount(2), but its marks are those of users. */
  NAMESPACE_ROOT,
  /** Anyone else: mounts by fusermount3. */
  USER;

  /** That of this process. */
  public static Privilege current() {
    if (!Capabilities.mayMount()) {
      return USER;
    }
    return Capabilities.isInFirstUserNamespace() ? ROOT : NAMESPACE_ROOT;
  }

  /** Why a mount like this one has marks of the user namespace, for a sentence. */
  String reasonForUserMarks() {
    return this == ROOT ? "'userxattr'" : "a mount without privilege";
  }

  /** Whether mount(2) is called directly. */
  public boolean callsMount() {
    return this != USER;
  }
}
