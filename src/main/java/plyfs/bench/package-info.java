/** Measures what copy-up costs, here and in other unions, and compares measurements. */
@NullMarked
package plyfs.bench;

import org.jspecify.annotations.NullMarked;
