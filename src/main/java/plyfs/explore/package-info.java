/** Shows the content of layers and of a union for a person. */
@NullMarked
package plyfs.explore;

import org.jspecify.annotations.NullMarked;
