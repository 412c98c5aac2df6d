/** The index of a workdir, which keeps hard links of lower files together. */
@NullMarked
package plyfs.union.index;

import org.jspecify.annotations.NullMarked;
