/** The same tests on every implementation: of a layer, and of a mounted union. */
@NullMarked
package plyfs.contract;

import org.jspecify.annotations.NullMarked;
