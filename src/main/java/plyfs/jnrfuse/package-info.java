/**
 * The transport through libfuse 2.9 and the library jnr-fuse, which maps paths to node ids and
 * calls the same operations of the engine.
 */
@NullMarked
package plyfs.jnrfuse;

import org.jspecify.annotations.NullMarked;
