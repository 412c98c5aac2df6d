/** The events of a running mount, for readers. This package depends on no other. */
@NullMarked
package plyfs.trace;

import org.jspecify.annotations.NullMarked;
