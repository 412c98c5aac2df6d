package plyfs.container.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import plyfs.container.RunSettings;

/** What an image and the command line say together, and the bundle that comes of it. */
final class RunSettingsTest {
  private static final JsonObject IMAGE =
      JsonParser.parseString(
              "{\"Entrypoint\":[\"/init\"],\"Cmd\":[\"serve\"],\"Env\":[\"PATH=/bin\",\"A=1\"],"
                  + "\"User\":\"app\",\"WorkingDir\":\"/srv\",\"Volumes\":{\"/data\":{}}}")
          .getAsJsonObject();

  private static RunRequest request(
      @Nullable String entrypoint, List<String> command, String... environment) {
    return new RunRequest(
        command, entrypoint, List.of(environment), "", "", "", false, false, RunSettings.NONE);
  }

  @Test
  void imageSaysWhatIsRun_unlessTheCommandLineDoes() throws Exception {
    RunSettings plain = request(null, List.of()).with(IMAGE);
    assertThat(plain.command()).containsExactly("/init", "serve");
    assertThat(plain.environment()).containsExactly("PATH=/bin", "A=1");
    assertThat(plain.user()).isEqualTo("app");
    assertThat(plain.workingDirectory()).isEqualTo("/srv");
    assertThat(request(null, List.of("x")).with(IMAGE).command()).containsExactly("/init", "x");
    assertThat(request("/e", List.of()).with(IMAGE).command()).containsExactly("/e");
    assertThat(request("", List.of("x")).with(IMAGE).command()).containsExactly("x");
    assertThat(request(null, List.of(), "A=2", "B=3").with(IMAGE).environment())
        .containsExactly("PATH=/bin", "A=2", "B=3");
    assertThat(RunRequest.volumes(IMAGE)).containsExactly("/data");
    assertThatThrownBy(() -> request(null, List.of()).with(new JsonObject()))
        .hasMessage("no command specified, and the image has none");
  }

  @Test
  void users_areFoundInTheImage() throws Exception {
    String passwd = "root:x:0:0::/root:/bin/sh\napp:x:7:8::/home/app:/bin/sh\nbad\n";
    String group = "root:x:0:\napp:x:8:\nwheel:x:10:root,app\nusers:x:20:app\n";
    assertThat(ContainerUser.of("", passwd, group))
        .isEqualTo(new ContainerUser(0, 0, List.of(10), "/root"));
    assertThat(ContainerUser.of("app", passwd, group))
        .isEqualTo(new ContainerUser(7, 8, List.of(10, 20), "/home/app"));
    assertThat(ContainerUser.of("7:wheel", passwd, group))
        .isEqualTo(new ContainerUser(7, 10, List.of(), "/home/app"));
    assertThat(ContainerUser.of("99:98", "", ""))
        .isEqualTo(new ContainerUser(99, 98, List.of(), "/"));
    assertThatThrownBy(() -> ContainerUser.of("nobody", passwd, group))
        .isInstanceOf(IOException.class)
        .hasMessage("unable to find user nobody: no matching entries in passwd file");
    assertThatThrownBy(() -> ContainerUser.of("app:none", passwd, group))
        .hasMessage("unable to find group none: no matching entries in group file");
  }

  private static JsonObject bundle(RunSettings run) {
    ContainerUser user = new ContainerUser(7, 8, List.of(10), "/home/app");
    String text = OciBundle.config(run, "/root/of/it", user, Map.of("/etc/hosts", "/c/hosts"));
    return JsonParser.parseString(text).getAsJsonObject();
  }

  private static List<String> types(JsonObject bundle) {
    JsonArray namespaces = bundle.getAsJsonObject("linux").getAsJsonArray("namespaces");
    return namespaces.asList().stream()
        .map(JsonElement::getAsJsonObject)
        .map(each -> each.get("type").getAsString())
        .toList();
  }

  @Test
  void bundle_isWhatDockerGivesAContainer() throws Exception {
    RunSettings run = request(null, List.of(), "Z=1").with(IMAGE).completed("box", "/home/app");
    JsonObject bundle = bundle(run);
    assertThat(bundle.get("ociVersion").getAsString()).isEqualTo("1.0.2");
    assertThat(bundle.get("hostname").getAsString()).isEqualTo("box");
    assertThat(bundle.get("root"))
        .isEqualTo(JsonParser.parseString("{\"path\":\"/root/of/it\",\"readonly\":false}"));
    JsonObject process = bundle.getAsJsonObject("process");
    assertThat(process.get("args")).isEqualTo(JsonParser.parseString("[\"/init\",\"serve\"]"));
    assertThat(process.get("env"))
        .isEqualTo(
            JsonParser.parseString(
                "[\"PATH=/bin\",\"A=1\",\"Z=1\",\"HOSTNAME=box\",\"HOME=/home/app\"]"));
    assertThat(process.get("user"))
        .isEqualTo(JsonParser.parseString("{\"uid\":7,\"gid\":8,\"additionalGids\":[10]}"));
    assertThat(process.get("cwd").getAsString()).isEqualTo("/srv");
    assertThat(process.getAsJsonObject("capabilities").getAsJsonArray("bounding")).hasSize(14);
    assertThat(types(bundle)).containsExactly("mount", "uts", "ipc", "pid", "cgroup", "network");
    JsonArray mounts = bundle.getAsJsonArray("mounts");
    assertThat(mounts.get(mounts.size() - 1))
        .isEqualTo(
            JsonParser.parseString(
                "{\"destination\":\"/etc/hosts\",\"type\":\"bind\",\"source\":\"/c/hosts\","
                    + "\"options\":[\"rbind\",\"rprivate\"]}"));
  }

  @Test
  void networkOfTheHost_andAReadOnlyRoot_areInTheBundle() throws Exception {
    RunSettings run =
        new RunRequest(List.of("x"), "", List.of(), "/w", "0", "", true, true, RunSettings.HOST)
            .with(new JsonObject())
            .completed("box", "/root");
    JsonObject bundle = bundle(run);
    assertThat(types(bundle)).doesNotContain("network");
    assertThat(bundle.getAsJsonObject("root").get("readonly").getAsBoolean()).isTrue();
    assertThat(bundle.getAsJsonObject("process").get("terminal").getAsBoolean()).isTrue();
    assertThat(run.environment()).contains("TERM=xterm", "PATH=" + RunRequest.PATH);
    assertThat(run.workingDirectory()).isEqualTo("/w");
  }
}
