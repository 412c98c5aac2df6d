/** System calls: the only package that loads native code (law L3), and the locks of the engine. */
@NullMarked
package plyfs.sys;

import org.jspecify.annotations.NullMarked;
