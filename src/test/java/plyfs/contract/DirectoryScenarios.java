package plyfs.contract;

/** Later. */
final class DirectoryScenarios {}
