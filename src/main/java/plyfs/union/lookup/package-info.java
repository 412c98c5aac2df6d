/** Which layers a name leads to. */
@NullMarked
package plyfs.union.lookup;

import org.jspecify.annotations.NullMarked;
