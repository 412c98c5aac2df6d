/**
 * What is known of the objects of a union: nodes, their names, their open files, and what lookups
 * found.
 */
@NullMarked
package plyfs.union.node;

import org.jspecify.annotations.NullMarked;
