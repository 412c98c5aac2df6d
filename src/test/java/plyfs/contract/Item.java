package plyfs.contract;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a static method of one {@link MountedUnion} as a scenario of the contract. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Item {
  /** Numbers of rules in docs/SEMANTICS.md. */
  String value();

  /** What a union must promise for the scenario to make sense. */
  Promise[] needs() default {};
}
