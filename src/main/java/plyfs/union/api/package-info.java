/** What callers of a union meet: options, callers, views of nodes, and who is told of changes. */
@NullMarked
package plyfs.union.api;

import org.jspecify.annotations.NullMarked;
