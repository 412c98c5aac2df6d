/** The FUSE wire protocol over /dev/fuse: requests, replies, sessions. Knows no unions. */
@NullMarked
package plyfs.fuse;

import org.jspecify.annotations.NullMarked;
