package plyfs.contract;

/** Later. */
final class PermissionScenarios {}
