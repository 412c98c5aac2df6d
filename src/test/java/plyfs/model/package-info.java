/** Trees as sorted text, for comparison. */
@NullMarked
package plyfs.model;

import org.jspecify.annotations.NullMarked;
