/** What explains a union: how a lookup went, and what a change would do. */
@NullMarked
package plyfs.union.inspect;

import org.jspecify.annotations.NullMarked;
