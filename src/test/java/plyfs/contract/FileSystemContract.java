package plyfs.contract;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.opentest4j.TestAbortedException;

/**
 * What a mounted union does, scenario by scenario: SEMANTICS section 4. Runs on any {@link
 * UnionMounter}, kernel overlayfs among them, so that a wrong expectation shows there first.
 */
public final class FileSystemContract {
  private static final List<Class<?>> PARTS =
      List.of(
          LookupScenarios.class,
          IdentityScenarios.class,
          IndexScenarios.class,
          CopyUpScenarios.class,
          OpenFileScenarios.class,
          RenameScenarios.class,
          CreateScenarios.class,
          PermissionScenarios.class,
          OwnerScenarios.class,
          StatOverrideScenarios.class,
          InodeNumberScenarios.class,
          CallerScenarios.class,
          FlagScenarios.class,
          DescriptorScenarios.class,
          MappingScenarios.class,
          LockScenarios.class,
          SpecialFileScenarios.class,
          DataScenarios.class,
          FileWhiteoutScenarios.class,
          MetacopyScenarios.class,
          XattrScenarios.class,
          DirectoryScenarios.class,
          RaceScenarios.class,
          NameBugReports.class,
          DirectoryBugReports.class,
          FileBugReports.class,
          ProgramBugReports.class);

  private FileSystemContract() {}

  /**
   * One thing that must hold.
   *
   * @param needs what a union must promise for it
   */
  public record Scenario(Set<Promise> needs, Method method) {
    /** Runs it on a fresh union. */
    public void run(UnionMounter mounter) throws Throwable {
      for (Promise promise : needs) {
        Assumptions.assumeTrue(
            mounter.promises().contains(promise),
            () -> mounter.kind() + " does not promise " + promise);
      }
      try (MountedUnion union = new MountedUnion(mounter)) {
        method.invoke(null, union);
      } catch (InvocationTargetException e) {
        throw e.getTargetException();
      }
    }
  }

  /** All scenarios by their names, which end in their numbers. */
  public static Map<String, Scenario> scenarios() {
    Map<String, Scenario> all = new TreeMap<>();
    for (Class<?> part : PARTS) {
      for (Method method : part.getDeclaredMethods()) {
        Item item = method.getAnnotation(Item.class);
        if (item != null) {
          EnumSet<Promise> needs = EnumSet.noneOf(Promise.class);
          needs.addAll(List.of(item.needs()));
          for (Promise promise : Promise.values()) {
            if (promise.scenarios().contains(method.getName())) {
              needs.add(promise);
            }
          }
          all.put(method.getName() + " (" + item.value() + ")", new Scenario(needs, method));
        }
      }
    }
    return all;
  }

  /** One scenario of each topic, as tests on a kind of union that is slow to mount. */
  static Stream<DynamicTest> sampleOn(UnionMounter mounter) {
    Map<Class<?>, DynamicTest> sample = new LinkedHashMap<>();
    scenarios()
        .forEach(
            (name, scenario) ->
                sample.putIfAbsent(
                    scenario.method().getDeclaringClass(),
                    DynamicTest.dynamicTest(name, () -> runNamed(name, scenario, mounter))));
    return sample.values().stream();
  }

  /** The scenarios as tests on one kind of union. */
  static Stream<DynamicTest> on(UnionMounter mounter) {
    return on(mounter, Map.of());
  }

  /**
   * As {@link #on(UnionMounter)}.
   *
   * @param exceptions reasons why scenarios, by the first word of their names, must fail there; one
   *     that begins with {@code sometimes:} lets it pass, too
   */
  static Stream<DynamicTest> on(UnionMounter mounter, Map<String, String> exceptions) {
    return scenarios().entrySet().stream()
        .map(
            entry -> {
              String name = entry.getKey();
              String reason = exceptions.get(name.substring(0, name.indexOf(' ')));
              return DynamicTest.dynamicTest(
                  name,
                  reason == null
                      ? () -> runNamed(name, entry.getValue(), mounter)
                      : () -> runExpectingFailure(name, entry.getValue(), mounter, reason));
            });
  }

  private static void runExpectingFailure(
      String name, Scenario scenario, UnionMounter mounter, String reason) throws Throwable {
    try {
      scenario.run(mounter);
    } catch (TestAbortedException e) {
      throw e;
    } catch (Exception | AssertionError e) {
      return;
    }
    if (!reason.startsWith("sometimes:")) {
      throw new AssertionError(
          name + " passes on " + mounter.kind() + ": remove it from the list of exceptions");
    }
  }

  /** The console of a build shows a dynamic test by its number, so its failure says its name. */
  private static void runNamed(String name, Scenario scenario, UnionMounter mounter)
      throws Throwable {
    try {
      scenario.run(mounter);
    } catch (TestAbortedException e) {
      throw e;
    } catch (Exception | AssertionError e) {
      AssertionError named = new AssertionError(name + " on " + mounter.kind() + ": " + e);
      named.setStackTrace(e.getStackTrace());
      named.addSuppressed(e);
      throw named;
    }
  }
}
