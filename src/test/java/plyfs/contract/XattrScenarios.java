package plyfs.contract;

/** Later. */
final class XattrScenarios {}
