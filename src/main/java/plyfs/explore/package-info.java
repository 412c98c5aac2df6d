/** Shows what is in layers and in a union, for people who want to know. */
@NullMarked
package plyfs.explore;

import org.jspecify.annotations.NullMarked;
