/** Assembly: the switch from opcodes to the engine, mount options, the life of a mount. */
@NullMarked
package plyfs.daemon;

import org.jspecify.annotations.NullMarked;
