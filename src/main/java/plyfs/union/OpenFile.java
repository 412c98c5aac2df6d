package plyfs.union;

/**
 * One open of a regular file.
 *
 * @param writable whether it was opened for writing
 */
record OpenFile(Node node, boolean writable) {}
