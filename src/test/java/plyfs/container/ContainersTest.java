package plyfs.container;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.image.TestImage;
import plyfs.image.TestStore;
import plyfs.image.TestTar;
import plyfs.image.model.ProgressListener;

/** What a store knows of containers, and the sentences with which a change is refused. */
final class ContainersTest {
  private static final ProgressListener SILENT = ProgressListener.SILENT;

  @TempDir Path directory;
  private TestStore store;
  private Containers containers;

  @BeforeEach
  void load() throws IOException {
    store = new TestStore(directory);
    store.load(
        new TestImage()
            .layer(TestTar.ofFile("a", "1"))
            .layer(TestTar.ofFile("b", "2"))
            .tag("demo:1")
            .docker24());
    containers = new Containers(store.store);
  }

  static ContainerSettings settings(ContainerMount... mounts) {
    return new ContainerSettings(
        "/mnt/a b".getBytes(UTF_8),
        List.of(mounts),
        List.of("noatime".getBytes(UTF_8)),
        Map.of("tier", "web"),
        null);
  }

  private Container create(String name, ContainerMount... mounts) throws Exception {
    return containers.create(name, "demo:1", settings(mounts), SILENT);
  }

  @Test
  void newContainer_hasALayerAsDockersDriverMakesIt() throws Exception {
    Container container = create("web1");
    Path layer = store.store.root().resolve("overlay2").resolve(container.id());
    assertThat(layer.resolve("diff")).isDirectory();
    assertThat(layer.resolve("work")).isDirectory();
    String link = Files.readString(layer.resolve("link"));
    assertThat(link).hasSize(26);
    assertThat(layer.resolveSibling("l").resolve(link).toRealPath())
        .isEqualTo(layer.resolve("diff").toRealPath());
    String[] lower = Files.readString(layer.resolve("lower")).split(":", -1);
    List<Path> lowers = store.store.lowerDirectories(store.store.find("demo:1"));
    assertThat(lower).hasSize(2);
    for (int i = 0; i < lower.length; i++) {
      assertThat(layer.resolveSibling(lower[i]).toRealPath()).isEqualTo(lowers.get(i).toRealPath());
    }
    Path record = store.store.root().resolve("image/overlay2/layerdb/mounts/" + container.id());
    assertThat(record.resolve("mount-id")).hasContent(container.id());
    assertThat(record.resolve("parent"))
        .hasContent(store.store.find("demo:1").chainIds().get(1).toString());
  }

  @Test
  void whatWasAsked_isReadAgain() throws Exception {
    ContainerMount bind = ContainerMount.ofVolume("/host:/data/../x:ro", new byte[0]);
    ContainerMount tmpfs = ContainerMount.ofTmpfs("/t:size=1m,mode=700");
    Container made = create("web1", bind, tmpfs);
    Container read = containers.find("web1");
    assertThat(read.id()).isEqualTo(made.id());
    assertThat(read.settings().mountPoint()).isEqualTo("/mnt/a b".getBytes(UTF_8));
    assertThat(read.settings().labels()).containsExactly(Map.entry("tier", "web"));
    assertThat(read.settings().options()).containsExactly("noatime".getBytes(UTF_8));
    assertThat(read.settings().mounts()).hasSize(2);
    assertThat(read.settings().mounts().get(0).target()).isEqualTo("/x".getBytes(UTF_8));
    assertThat(read.settings().mounts().get(0).isReadOnly()).isTrue();
    assertThat(read.settings().mounts().get(1).options()).isEqualTo("size=1m,mode=700");
    assertThat(containers.state(read).status()).isEqualTo(ContainerState.Status.CREATED);
  }

  @Test
  void namesAndIds_areFoundAsDockerFindsThem() throws Exception {
    Container one = create("web1");
    final Container other = create("web2");
    assertThat(containers.find(one.id())).extracting(Container::name).isEqualTo("web1");
    assertThat(containers.find(one.shortId())).extracting(Container::name).isEqualTo("web1");
    assertThat(containers.find("/web2")).extracting(Container::id).isEqualTo(other.id());
    Container named = create(one.id().substring(0, 4));
    assertThat(containers.find(one.id().substring(0, 4)).id()).isEqualTo(named.id());
    assertThatThrownBy(() -> containers.find("nope")).hasMessage("No such container: nope");
    assertThatThrownBy(() -> containers.find("")).hasMessage("No such container: ");
  }

  @Test
  void aNameThatIsTaken_isRefused_andSoIsOneThatCannotBe() throws Exception {
    Container one = create("web1");
    assertThatThrownBy(() -> create("web1"))
        .hasMessage(
            "Conflict. The container name \"/web1\" is already in use by container \""
                + one.id()
                + "\". You have to remove (or rename) that container to be able to reuse that"
                + " name.");
    create("web2");
    assertThatThrownBy(() -> containers.rename("web2", "web1", SILENT))
        .isInstanceOf(NameTakenException.class);
    for (String name : List.of("a", "-a", "a/b", "ä1", "a b")) {
      assertThatThrownBy(() -> create(name))
          .hasMessageStartingWith("Invalid container name (" + name + ")");
    }
    containers.rename("web2", "web3", SILENT);
    assertThat(containers.list()).extracting(Container::name).containsExactly("web3", "web1");
  }

  @Test
  void aContainerThatIsHeld_isRunning_andStays() throws Exception {
    Container one = create("web1");
    try (ContainerHold hold = containers.hold(one)) {
      hold.started();
      assertThat(containers.state(one).status()).isEqualTo(ContainerState.Status.RUNNING);
      assertThatThrownBy(() -> containers.hold(one))
          .hasMessage("container web1 is running: 'plyfs stop web1' stops it");
      assertThatThrownBy(() -> containers.remove("web1", false, SILENT))
          .hasMessageContaining("container is running: stop the container before removing");
    }
    assertThat(containers.state(one).status()).isEqualTo(ContainerState.Status.DEAD);
    try (ContainerHold hold = containers.hold(one)) {
      hold.started();
      hold.ended(3);
    }
    assertThat(containers.state(one).status()).isEqualTo(ContainerState.Status.EXITED);
    assertThat(containers.state(one).exitCode()).isEqualTo(3);
    containers.remove("web1", false, SILENT);
    assertThat(containers.list()).isEmpty();
    assertThatThrownBy(() -> containers.hold(one)).isInstanceOf(IOException.class);
  }

  @Test
  void removal_leavesNothing_andTakesAnonymousVolumesWhenAsked() throws Exception {
    ContainerMount anonymous = ContainerMount.ofVolume("/data", new byte[0]);
    ContainerMount named = ContainerMount.ofVolume("vol1:/n", new byte[0]);
    create("web1", anonymous, named);
    create("web2", anonymous);
    Volumes volumes = new Volumes(store.store);
    assertThat(volumes.list(notice -> {})).hasSize(3);
    assertThatThrownBy(() -> volumes.remove("vol1", SILENT))
        .hasMessage("remove vol1: volume is in use - [web1]");
    containers.remove("web1", true, SILENT);
    assertThat(volumes.list(notice -> {})).hasSize(2);
    containers.remove("web2", false, SILENT);
    assertThat(volumes.list(notice -> {})).hasSize(2);
    assertThat(volumes.removeAll(Volume::isAnonymous, SILENT)).hasSize(1);
    volumes.remove("vol1", SILENT);
    assertThatThrownBy(() -> volumes.remove("vol1", SILENT)).hasMessage("get vol1: no such volume");
    Path root = store.store.root();
    for (String empty : List.of("containers", "volumes", "image/overlay2/layerdb/mounts", "tmp")) {
      assertThat(root.resolve(empty)).isEmptyDirectory();
    }
    try (var layers = Files.list(root.resolve("overlay2"))) {
      assertThat(layers).hasSize(3);
    }
  }

  @Test
  void aDamagedContainer_isTold_andHidesNoOther() throws Exception {
    Container one = create("web1");
    create("web2");
    Path file = containers.directory(one).resolve("config.json");
    Files.writeString(file, "{");
    List<String> notices = new ArrayList<>();
    assertThat(containers.list(notices::add)).extracting(Container::name).containsExactly("web2");
    assertThat(notices).hasSize(1).first().asString().contains(file + " is not valid JSON");
    assertThatThrownBy(() -> containers.of(one.image())).hasMessageContaining("not valid JSON");
    assertThatThrownBy(() -> containers.find("web1"))
        .hasMessageStartingWith("No such container: web1; container " + one.id());
  }

  @Test
  void volumesAndTmpfs_thatCannotBe_areRefusedByASentence() {
    assertRefused("relative", "'relative': the path in the container, 'relative', is not absolute");
    assertRefused("/a:/b:z", "volume '/a:/b:z': option 'z' is not known: use ro, rw or nocopy");
    assertRefused("/a:/", "'/a:/': the path in the container cannot be '/'");
    assertRefused("/a:/x/..", "'/a:/x/..': the path in the container cannot be '/'");
    assertRefused("a::ro", "'a::ro' is not a volume: expected [HOST-PATH:|NAME:]PATH[:ro]");
    assertRefused(
        "v:/b", "volume name is too short, names should be at least two alphanumeric characters");
    assertThatThrownBy(() -> ContainerMount.ofTmpfs("/t:huge=always"))
        .hasMessageStartingWith("tmpfs '/t:huge=always': option 'huge=always' is not known");
    assertThatThrownBy(
            () ->
                ContainerMount.inOrder(
                    List.of(ContainerMount.ofTmpfs("/t"), ContainerMount.ofTmpfs("//t/."))))
        .hasMessage("Duplicate mount point: /t");
  }

  private static void assertRefused(String volume, String sentence) {
    assertThatThrownBy(() -> ContainerMount.ofVolume(volume, new byte[0])).hasMessage(sentence);
  }
}
