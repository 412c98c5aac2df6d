package plyfs.cli.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.cli.CommandFailure;
import plyfs.cli.Console;
import plyfs.cli.RegistryOptions;
import plyfs.image.registry.CredentialStore;
import plyfs.image.registry.Credentials;
import plyfs.image.registry.RegistryClient;
import plyfs.image.registry.RegistryHost;

/** Keeps the name and password for a registry. */
@Command(
    name = "login",
    header = "Keep the name and password for a registry.",
    description = {
      "They are tried before they are kept. They are kept in the file of Docker (see --authfile), for"
          + " this user alone, or with the credential helper that this file names."
    })
final class LoginCommand implements Callable<Integer> {
  private static final int MOST_BYTES = 1 << 16;

  @Option(
      names = {"-u", "--username"},
      paramLabel = "NAME",
      description = "Name of the user.")
  private String user = "";

  @Option(
      names = {"-p", "--password"},
      paramLabel = "PASSWORD",
      description = "Password; other users of this machine can see it meanwhile.")
  private String password = "";

  @Option(names = "--password-stdin", description = "Read the password from standard input.")
  private boolean fromInput;

  @Mixin private RegistryOptions registry = new RegistryOptions();

  @Parameters(
      arity = "0..1",
      paramLabel = "SERVER",
      description = "The registry (default: docker.io).")
  private String server = "docker.io";

  @Override
  public Integer call() throws CommandFailure, IOException {
    RegistryHost host = RegistryHost.of(server);
    CredentialStore store = registry.credentials();
    if (isWithoutWords()) {
      Credentials known = store.find(host, "");
      if (known != null) {
        Console.OUT.println("Authenticating with existing credentials...");
        return login(host, store, known);
      }
    }
    return login(host, store, asked());
  }

  private boolean isWithoutWords() {
    return user.isEmpty() && password.isEmpty() && !fromInput;
  }

  private int login(RegistryHost host, CredentialStore store, Credentials credentials)
      throws CommandFailure, IOException {
    String token = new RegistryClient(host, registry.access(), credentials).login();
    Credentials kept =
        token == null ? credentials : new Credentials(credentials.user(), token, true);
    if (store.store(host, kept)) {
      Console.OUT.flush();
      Console.status(
          "\nWARNING! Your credentials are stored unencrypted in '"
              + store.file()
              + "'.\nConfigure a credential helper to remove this warning. See\n"
              + "https://docs.docker.com/go/credential-store/\n\n");
    }
    Console.OUT.println("Login Succeeded");
    return 0;
  }

  // The launcher says whether there is a terminal, which System.console() does not any more.
  @SuppressWarnings("SystemConsoleNull")
  private Credentials asked() throws CommandFailure, IOException {
    if (!password.isEmpty()) {
      if (fromInput) {
        throw new CommandFailure(
            CommandFailure.USAGE, "--password and --password-stdin cannot be given together");
      }
      Console.status("WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n");
    }
    if (fromInput && user.isEmpty()) {
      throw new CommandFailure(
          CommandFailure.USAGE, "--password-stdin needs a name: give --username NAME");
    }
    String secret = fromInput ? inputText() : password;
    String name = user;
    if (name.isEmpty() || secret.isEmpty() && !fromInput) {
      java.io.@Nullable Console terminal =
          Boolean.getBoolean("plyfs.inputterminal") ? System.console() : null;
      if (terminal == null) {
        throw new CommandFailure(
            "standard input is not a terminal: give --username NAME and --password-stdin");
      }
      name = name.isEmpty() ? answer(terminal.readLine("Username: ")) : name;
      char[] typed = secret.isEmpty() ? terminal.readPassword("Password: ") : null;
      secret = typed == null ? secret : new String(typed);
    }
    if (name.isEmpty() || secret.isEmpty()) {
      throw new CommandFailure("a login needs both a name and a password");
    }
    return new Credentials(name, secret, false);
  }

  private static String answer(@Nullable String line) {
    return line == null ? "" : line.strip();
  }

  /** All of standard input but line ends at its end, as Docker takes it. */
  private static String inputText() throws IOException {
    // Without the buffer Java asks for the position in the file, which a pipe has not.
    try (var input = new BufferedInputStream(new FileInputStream(FileDescriptor.in))) {
      String text = new String(input.readNBytes(MOST_BYTES), UTF_8);
      return text.replaceAll("[\r\n]+$", "");
    }
  }
}
