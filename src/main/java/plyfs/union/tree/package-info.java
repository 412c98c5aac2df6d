/** Which node a name stands for. */
@NullMarked
package plyfs.union.tree;

import org.jspecify.annotations.NullMarked;
