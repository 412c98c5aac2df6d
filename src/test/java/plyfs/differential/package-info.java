/** Random operations, done to kernel overlayfs and to Plyfs at once. */
@NullMarked
package plyfs.differential;

import org.jspecify.annotations.NullMarked;
