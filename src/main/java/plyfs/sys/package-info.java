/**
 * System calls, and the locks of the engine. This is the only package that loads native code (law
 * L3).
 */
@NullMarked
package plyfs.sys;

import org.jspecify.annotations.NullMarked;
