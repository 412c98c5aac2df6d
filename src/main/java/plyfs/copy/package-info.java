/** Trees that leave unions and directories, as tars or into other directories. */
@NullMarked
package plyfs.copy;

import org.jspecify.annotations.NullMarked;
