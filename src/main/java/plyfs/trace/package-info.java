/** What happens in a running mount, told to whoever watches. Depends on nothing. */
@NullMarked
package plyfs.trace;

import org.jspecify.annotations.NullMarked;
