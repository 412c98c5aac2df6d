/** A program in a container: what the image asks for, and the bundle for an OCI runtime. */
@NullMarked
package plyfs.container.run;

import org.jspecify.annotations.NullMarked;
