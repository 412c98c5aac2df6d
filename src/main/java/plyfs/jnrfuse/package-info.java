/**
 * The transport through libfuse 2.9 and the library jnr-fuse: paths instead of node ids, translated
 * to the same operations of the engine.
 */
@NullMarked
package plyfs.jnrfuse;

import org.jspecify.annotations.NullMarked;
