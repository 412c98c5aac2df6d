/**
 * The FUSE protocol over /dev/fuse: requests, replies, sessions. This package knows nothing of
 * unions.
 */
@NullMarked
package plyfs.fuse;

import org.jspecify.annotations.NullMarked;
