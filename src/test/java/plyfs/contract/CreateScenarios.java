package plyfs.contract;

/** Later. */
final class CreateScenarios {}
