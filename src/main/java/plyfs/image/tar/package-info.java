/** The entries of a layer tar, byte for byte: headers, PAX records, sparse maps. */
@NullMarked
package plyfs.image.tar;

import org.jspecify.annotations.NullMarked;
