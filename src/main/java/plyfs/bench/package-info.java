/** Measures the cost of copy-up in Plyfs and other unions, and compares measurements. */
@NullMarked
package plyfs.bench;

import org.jspecify.annotations.NullMarked;
