/** The union engine: operations by node id over a stack of layers. Knows no FUSE and no threads. */
@NullMarked
package plyfs.union;

import org.jspecify.annotations.NullMarked;
