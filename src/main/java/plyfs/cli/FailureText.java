package plyfs.cli;

import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Error messages for a person: the file and the reason, never the name of a Java class. */
public final class FailureText {
  private FailureText() {}

  /** A sentence; exceptions of the Java library name a file at most. */
  public static String of(Exception failure) {
    if (failure instanceof FileSystemException known) {
      return known.getFile() + ": " + reasonOf(known);
    }
    String message = failure.getMessage();
    return message == null || message.isEmpty() ? "input or output failed" : message;
  }

  private static String reasonOf(FileSystemException failure) {
    if (failure instanceof NoSuchFileException) {
      return "No such file or directory";
    }
    if (failure instanceof AccessDeniedException) {
      return "Permission denied";
    }
    if (failure instanceof NotDirectoryException) {
      return "Not a directory";
    }
    if (failure instanceof FileAlreadyExistsException) {
      return "File exists";
    }
    if (failure instanceof DirectoryNotEmptyException) {
      return "Directory not empty";
    }
    String reason = failure.getReason();
    return reason == null ? "input or output failed" : reason;
  }
}
