/** Trees that leave unions and directories, as tars or into other directories. */
@NullMarked
package plyfs.transfer;

import org.jspecify.annotations.NullMarked;
