/**
 * Connects the parts: the dispatch from opcodes to the engine, mount options, and the life of a
 * mount.
 */
@NullMarked
package plyfs.daemon;

import org.jspecify.annotations.NullMarked;
