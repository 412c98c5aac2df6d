package plyfs.contract;

/** Later. */
final class OpenFileScenarios {}
