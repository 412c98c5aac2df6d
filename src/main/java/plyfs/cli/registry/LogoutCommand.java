package plyfs.cli.registry;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import plyfs.cli.CommandFailure;
import plyfs.cli.Console;
import plyfs.cli.RegistryOptions;
import plyfs.image.registry.RegistryHost;

/** Forgets the name and password for a registry. */
@Command(
    name = "logout",
    header = "Forget the name and password for a registry.",
    description = "They are removed from all files that 'plyfs pull' would look into.")
final class LogoutCommand implements Callable<Integer> {
  @Mixin private RegistryOptions registry = new RegistryOptions();

  @Parameters(
      arity = "0..1",
      paramLabel = "SERVER",
      description = "The registry (default: docker.io).")
  private String server = "docker.io";

  @Override
  public Integer call() throws CommandFailure, IOException {
    RegistryHost host = RegistryHost.of(server);
    boolean had = registry.credentials().erase(host);
    Console.OUT.println(
        (had ? "Removing login credentials for " : "Not logged in to ") + host.credentialKey());
    return 0;
  }
}
