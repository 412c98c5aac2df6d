/** The rules of the code base that a machine can check. */
@NullMarked
package plyfs.architecture;

import org.jspecify.annotations.NullMarked;
