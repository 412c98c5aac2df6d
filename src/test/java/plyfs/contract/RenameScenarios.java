package plyfs.contract;

/** Later. */
final class RenameScenarios {}
