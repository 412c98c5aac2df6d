package plyfs.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.core.domain.JavaModifier.NATIVE;
import static com.tngtech.archunit.core.domain.JavaModifier.STATIC;
import static com.tngtech.archunit.core.domain.JavaModifier.SYNCHRONIZED;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.Architectures;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who may see whom, and what nobody may do. Each rule stands for itself and says why. */
@AnalyzeClasses(packages = "plyfs", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  @ArchTest
  static final ArchRule arrowsPointOneWay =
      Architectures.layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .withOptionalLayers(true)
          .layer("cli")
          .definedBy("plyfs.cli..")
          .layer("copy")
          .definedBy("plyfs.copy..")
          .layer("explore")
          .definedBy("plyfs.explore..")
          .layer("bench")
          .definedBy("plyfs.bench..")
          .layer("jnrfuse")
          .definedBy("plyfs.jnrfuse..")
          .layer("daemon")
          .definedBy("plyfs.daemon..")
          .layer("options")
          .definedBy("plyfs.options..")
          .layer("container")
          .definedBy("plyfs.container..")
          .layer("image")
          .definedBy("plyfs.image..")
          .layer("fuse")
          .definedBy("plyfs.fuse..")
          .layer("union")
          .definedBy("plyfs.union..")
          .layer("layer")
          .definedBy("plyfs.layer..")
          .layer("trace")
          .definedBy("plyfs.trace..")
          .layer("sys")
          .definedBy("plyfs.sys..")
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("copy")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("explore")
          .mayOnlyBeAccessedByLayers("cli", "copy")
          .whereLayer("bench")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("jnrfuse")
          .mayOnlyBeAccessedByLayers("cli", "bench")
          .whereLayer("daemon")
          .mayOnlyBeAccessedByLayers("cli", "bench", "jnrfuse")
          .whereLayer("options")
          .mayOnlyBeAccessedByLayers("cli", "bench", "jnrfuse", "daemon")
          .whereLayer("container")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("image")
          .mayOnlyBeAccessedByLayers("cli", "container", "copy")
          .whereLayer("fuse")
          .mayOnlyBeAccessedByLayers("daemon")
          .whereLayer("union")
          .mayOnlyBeAccessedByLayers("options", "daemon", "jnrfuse", "explore", "copy", "bench")
          .whereLayer("layer")
          .mayOnlyBeAccessedByLayers(
              "union", "options", "daemon", "jnrfuse", "image", "explore", "copy", "bench", "cli")
          .whereLayer("trace")
          .mayOnlyBeAccessedByLayers("union", "layer", "daemon", "explore", "bench", "cli")
          .because("the wire is tested without unions, the engine without a kernel");

  @ArchTest
  static final ArchRule noCycles = slices().matching("plyfs.(*)..").should().beFreeOfCycles();

  /** The rooms of the engine, the lowest first. */
  private static final List<String> ROOMS =
      List.of(
          "api",
          "mark",
          "node",
          "index",
          "lookup",
          "number",
          "tree",
          "copyup",
          "attribute",
          "listing",
          "name",
          "file",
          "inspect");

  /** The rooms of the image side, the lowest first. */
  private static final List<String> IMAGE_ROOMS =
      List.of(
          "model",
          "registry",
          "disk",
          "tar",
          "tree",
          "source",
          "store",
          "foreign",
          "load",
          "save",
          "transfer");

  @ArchTest
  static void roomsOfTheEngine_useLowerOnes(JavaClasses classes) {
    checkOrder(classes, "plyfs.union", ROOMS);
  }

  @ArchTest
  static void roomsOfTheImageSide_useLowerOnes(JavaClasses classes) {
    checkOrder(classes, "plyfs.image", IMAGE_ROOMS);
  }

  private static void checkOrder(JavaClasses classes, String house, List<String> rooms) {
    for (int i = 0; i < rooms.size(); i++) {
      List<String> above = new ArrayList<>(List.of(house));
      rooms.subList(i + 1, rooms.size()).forEach(room -> above.add(house + "." + room));
      noClasses()
          .that()
          .resideInAPackage(house + "." + rooms.get(i))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(above.toArray(new String[0]))
          .because("who reads a room needs to know those below it only")
          .check(classes);
    }
  }

  @ArchTest
  static void everyClassOfTheEngine_isInARoom(JavaClasses classes) {
    checkHouse(classes, "plyfs.union", Stream.concat(Stream.of(""), ROOMS.stream()));
  }

  @ArchTest
  static void everyClassOfTheImageSide_isInARoom(JavaClasses classes) {
    checkHouse(classes, "plyfs.image", IMAGE_ROOMS.stream());
  }

  private static void checkHouse(JavaClasses classes, String house, Stream<String> rooms) {
    classes()
        .that()
        .resideInAPackage(house + "..")
        .and()
        .doNotHaveSimpleName("package-info")
        .should()
        .resideInAnyPackage(
            rooms.map(room -> room.isEmpty() ? house : house + "." + room).toArray(String[]::new))
        .check(classes);
  }

  @ArchTest
  static final ArchRule roomsOfTheEngineAreItsOwn =
      noClasses()
          .that()
          .resideOutsideOfPackage("plyfs.union..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("plyfs.union..")
                  .and(
                      not(
                          resideInAnyPackage(
                              "plyfs.union", "plyfs.union.api", "plyfs.union.inspect"))))
          .because("UnionFs alone is on top: all others ask it");

  @ArchTest
  static final ArchRule traceUsesNothingOfOurs =
      noClasses()
          .that()
          .resideInAPackage("plyfs.trace..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("plyfs..").and(not(resideInAPackage("plyfs.trace.."))))
          .allowEmptyShould(true)
          .because("the reader of a trace loads nothing else");

  @ArchTest
  static final ArchRule sysUsesNothingOfOurs =
      noClasses()
          .that()
          .resideInAPackage("plyfs.sys..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("plyfs..").and(not(resideInAPackage("plyfs.sys.."))));

  @ArchTest
  static final ArchRule wireAndEngineMeetInTheHandlerOnly =
      noClasses()
          .that(dependOn("plyfs.fuse"))
          .and()
          .resideOutsideOfPackage("plyfs.fuse..")
          .and()
          .haveNameNotMatching(
              "plyfs\\.daemon\\.(UnionHandler|[A-Za-z]+Requests|Answers|KernelCaches|WorkerMemory|NativeTransport|OverlayMount)(\\$.*)?")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("plyfs.union..")
          .allowEmptyShould(true)
          .because(
              "NativeTransport puts the two together; UnionHandler translates, with a class for each "
                  + "kind of request and one for answers");

  @ArchTest
  static final ArchRule nativeCodeOnlyInSys =
      noClasses()
          .that()
          .resideOutsideOfPackages("plyfs.sys..", "plyfs.jnrfuse..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("jnr.ffi..", "com.kenai.jffi..", "jnr.posix..", "jnr.constants..")
          .because("law L3");

  @ArchTest
  static final ArchRule jnrFuseOnlyInItsAdapter =
      noClasses()
          .that()
          .resideOutsideOfPackage("plyfs.jnrfuse..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ru.serce.jnrfuse..");

  @ArchTest
  static final ArchRule noNativeMethodsOfOurOwn = methods().should().notHaveModifier(NATIVE);

  @ArchTest
  static final ArchRule noPathStrings =
      noClasses()
          .that()
          .resideInAnyPackage("plyfs.union..", "plyfs.fuse..", "plyfs.layer..")
          .should()
          .dependOnClassesThat(
              type(Path.class).or(type(File.class)).or(type(Files.class)).or(type(Paths.class)))
          .because("law L2: names are bytes");

  @ArchTest
  static final ArchRule compressOnlyInImage =
      noClasses()
          .that()
          .resideOutsideOfPackage("plyfs.image..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.commons.compress..", "com.github.luben..");

  @ArchTest
  static final ArchRule picocliOnlyInCli =
      noClasses()
          .that()
          .resideOutsideOfPackage("plyfs.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("picocli..");

  @ArchTest
  static final ArchRule standardStreamsOnlyInCli =
      noClasses()
          .that()
          .resideOutsideOfPackage("plyfs.cli..")
          .should(ACCESS_STANDARD_STREAMS)
          .because("a daemon has no terminal");

  @ArchTest
  static final ArchRule testLibrariesNowhere =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.google.common.jimfs..", "org.junit..", "org.assertj..");

  @ArchTest
  static final ArchRule guavaOffTheRequestPath =
      noClasses()
          .that()
          .resideInAnyPackage("plyfs.sys..", "plyfs.trace..", "plyfs.fuse..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.google.common..");

  @ArchTest
  static final ArchRule locksOnlyInSys =
      noClasses()
          .that()
          .resideOutsideOfPackage("plyfs.sys..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("java.util.concurrent.locks..")
          .because("RankedLock checks the order of locks, a bare one does not");

  @ArchTest
  static final ArchRule noSynchronizedMethods = methods().should().notHaveModifier(SYNCHRONIZED);

  @ArchTest
  static final ArchRule loggingThroughSystemLogger =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.util.logging..", "org.slf4j..", "org.apache.log4j..", "ch.qos..")
          .orShould()
          .callMethod(Throwable.class, "printStackTrace");

  @ArchTest
  static final ArchRule wireStructsAreDescriptors =
      classes()
          .that()
          .resideInAPackage("plyfs.fuse.abi..")
          .and()
          .doNotHaveSimpleName("package-info")
          .should()
          .haveModifier(FINAL)
          .andShould(haveStaticMembersOnly())
          .allowEmptyShould(true)
          .because("nothing is allocated per request");

  @ArchTest
  static final ArchRule namesSayWhatAClassIs =
      noClasses()
          .should()
          .haveNameMatching(".*(Util|Utils|Helper|Manager|Impl)")
          .orShould()
          .haveSimpleNameStartingWith("Abstract");

  /** A block leaves no trace that ArchUnit reads, so this reads the source. */
  @Test
  void noSynchronizedBlocks() throws IOException {
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
      List<Path> offenders =
          sources
              .filter(path -> path.toString().endsWith(".java"))
              .filter(path -> contentOf(path).contains("synchronized ("))
              .toList();
      assertThat(offenders).isEmpty();
    }
  }

  private static String contentOf(Path path) {
    try {
      return Files.readString(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static DescribedPredicate<JavaClass> dependOn(String packageName) {
    return describe(
        "depend on " + packageName,
        type ->
            type.getDirectDependenciesFromSelf().stream()
                .anyMatch(
                    dependency ->
                        dependency.getTargetClass().getPackageName().startsWith(packageName)));
  }

  private static ArchCondition<JavaClass> haveStaticMembersOnly() {
    return new ArchCondition<>("have static members only") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        Stream.concat(type.getFields().stream(), type.getMethods().stream())
            .filter(member -> !member.getModifiers().contains(STATIC))
            .forEach(
                member ->
                    events.add(SimpleConditionEvent.violated(member, member.getDescription())));
      }
    };
  }
}
