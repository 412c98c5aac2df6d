package plyfs.options;

import plyfs.sys.Capabilities;

/** The privilege of the process for mounts; some defaults depend on it. */
public enum Privilege {
  /**
   * Root of the machine: CAP_SYS_ADMIN in the initial user namespace. The marks are trusted.*
   * attributes.
   */
  ROOT,
  /** Root of another user namespace: may call mount(2), but the marks are user.* attributes. */
  NAMESPACE_ROOT,
  /** Any other user: mounts through fusermount3. */
  USER;

  /** The privilege of this process. */
  public static Privilege current() {
    if (!Capabilities.mayMount()) {
      return USER;
    }
    return Capabilities.isInFirstUserNamespace() ? ROOT : NAMESPACE_ROOT;
  }

  /** The reason for marks in the {@code user.} namespace, as part of a sentence. */
  String reasonForUserMarks() {
    return this == ROOT ? "'userxattr'" : "an unprivileged mount";
  }

  /** Whether Plyfs calls mount(2) directly. */
  public boolean callsMount() {
    return this != USER;
  }
}
