package plyfs.contract;

import com.google.common.collect.ImmutableSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What not every union keeps; a scenario that needs one is skipped, and says so, elsewhere. */
public enum Promise {
  /** A mapping made before copy-up shows what is written afterwards (SEMANTICS 1.3a, 5.1). */
  OLD_MAPPINGS_SEE_WRITES,
  /** Copy-up of a sparse file costs its extents alone (1.3b). */
  EXACT_EXTENTS,
  /** Truncation copies no data that it throws away (1.3c). */
  TRUNCATE_COPIES_LITTLE,
  /** An unlinked lower file that is open can be changed and reports no links (1.3e, 5.2, 5.3). */
  UNLINKED_LOWER_CAN_CHANGE,
  /** An open directory that a rename has replaced reports no links, as POSIX has it. */
  REPLACED_DIRECTORY_HAS_NO_LINKS,
  /** A call that fails or changes nothing copies nothing up (1.3g). */
  NO_NEEDLESS_COPY_UP,
  /** A whiteout in a pure or opaque directory is not listed, and does not stop rmdir (1.3h). */
  WHITEOUTS_NEVER_LISTED,
  /** One lower layer and no upper one (1.3i, 5.49). */
  ONE_LOWER_ALONE,
  /** AUFS marks in layers are obeyed (2.19). */
  AUFS_MARKS,
  /** An upper in use is refused (1.3i). */
  UPPER_IN_USE_IS_REFUSED,
  /** fallocate that moves data is refused with EOPNOTSUPP (1.4, 4.58). */
  NO_MOVING_FALLOCATE,
  /** O_DIRECT with any offset, length and address (4.58). */
  UNALIGNED_DIRECT_IO,
  /** Options that map and squash owners (8.7, 8.8). */
  OWNERS_MAPPED,
  /** The option whiteout=file (2.20). */
  FILE_WHITEOUTS,
  /** The option xattr_permissions (2.25). */
  STAT_OVERRIDE,
  /** Idmapped mounts of a union (8.11). */
  IDMAPPED_MOUNTS,
  /** The option noacl (3.29). */
  NO_ACLS,
  /** Marks are {@code trusted.overlay.*}, with redirects of renamed directories (2.1, 2.14). */
  TRUSTED_MARKS(
      ImmutableSet.of(
          "contentOfASubdirectory_comesBackWithItsRecreatedParent",
          "copiedUpDirectory_isOpaqueBecauseTheLowerOneWas",
          "dataOnlyLayers_areReachedWithoutTheOption",
          "marksOfLowerDirectories_areListedInAReadOnlyMount")),
  /** A directory with a lower part can be renamed. */
  DIRECTORIES_MOVE(
      ImmutableSet.of(
          "fileMadeInAJustRenamedDirectory_vanishes",
          "moduleMovedAside_isACrossDeviceLink",
          "openDirectoryThatIsReplaced_hasLinksLeft",
          "redirectThatWouldBeTooLong_isExdev_andNothingMoves")),
  /**
   * The server is told of each open(2): it can refuse one, copies up then, and knows what is open
   * ({@code open=cache}; 7.22).
   */
  TOLD_OF_OPENS(
      ImmutableSet.of(
          "appendOnlyLower_takesAppends_andStaysSoInUpper",
          "attributesAfterAnOpenForWriting_areThoseOfTheUpperFile",
          "changeTime_isOldAfterChattrOrACopyUp",
          "openDescriptor_outlivesChattr")),
  /**
   * What is open when a file is copied up shows what is written afterwards, shares locks with those
   * who open it later, and can be opened for writing by its descriptor (all but {@code
   * passthrough=all}; 7.13).
   */
  OLD_DESCRIPTORS_FOLLOW(
      ImmutableSet.of(
          "appends_landInOrder_overCopyUp",
          "flock_conflictsOverCopyUp",
          "lockOnAnOldDescriptor_endsWithItsHolder",
          "lockedLowerFile_isLockedAgainAfterItsCopyUp",
          "locksOfProcesses_conflictOverCopyUp",
          "mappingsAndCalls_seeOneFile_overCopyUp",
          "oldMapping_seesWhatIsWrittenAfterCopyUp",
          "oldReadOnlyDescriptor_seesWhatIsWrittenAfterCopyUp",
          "openFileDescriptionLocks_conflictOverCopyUp",
          "tailOfALowerFile_showsNothingNew",
          "truncation_copiesNoMoreThanItKeeps",
          "unlinkedOpenFile_ofALower_canBeChanged",
          "unlinkedOpenFile_ofALower_staysUsable")),
  /**
   * A write has reached the server when it returns ({@code writeback=0}): its errors are those of
   * the call, and times are the server's.
   */
  WRITES_AT_ONCE(
      ImmutableSet.of(
          "appendOnlyFileOfTheUpper_takesAppends_andNothingElse",
          "chattrThroughMount_isAMark_enforcedAndShown",
          "chattr_changesTheTimeOfChange",
          "farOffsets",
          "immutableLower_isProtected")),
  /**
   * There are layers: what they hold can be looked at and changed, and options change what is seen
   * of them. Without them a scenario is asked up to its first look at a layer, and these, whose
   * answers are not those of one ordinary file system, not at all.
   */
  LAYERED(
      ImmutableSet.of(
          // Flags of chattr(1) in layers, which merging does not keep.
          "appendOnlyFileOfTheUpper_takesAppends_andNothingElse",
          "appendOnlyLower_takesAppends_andStaysSoInUpper",
          "immutableFileOfTheUpper_isTouched",
          "immutableLowerDirectory_keepsItsNames_butItsFilesChange",
          "immutableLower_isProtected",
          "openDescriptor_outlivesChattr",
          "otherFlags_areCopiedUp_andSetInUpper",
          "versionOfInode_isNotThere",
          // Links of a lower file part when one is written; a merged directory has one link.
          "attributesAfterAnOpenForWriting_areThoseOfTheUpperFile",
          "linkCountOfDirectories",
          "link_ofALowerFile_keepsItsInode",
          "writeThroughOneLowerLink_separatesIt",
          // Marks and what they forbid.
          "marksOfLowerDirectories_areListedInAReadOnlyMount",
          "mknodOfAWhiteout_isEperm_forEveryone",
          "renameFlags",
          "xattrWhiteout_inAnnouncedDirectory_hides_andTheDirectoryStillMerges",
          "xattrWhiteout_withoutTheDirectorysMark_isAbsentOnLookup",
          // Overlayfs takes setgid away with an ACL (ovl_set_or_remove_acl), ext4 leaves it.
          "setgid_goesWhenTheOwnerRemovesTheAcl_unlessOfTheGroup",
          // Layers that cp(1) cannot copy as they are.
          "deepTree_isChangedAtItsBottom",
          "mountInsideALayer_isNotEntered"));

  private static final ImmutableSet<String> TELL_OF_OPENS =
      ImmutableSet.of("open=cache", "open=passthrough", "transport=jnr-fuse");

  private final ImmutableSet<String> scenarios;

  Promise() {
    this(ImmutableSet.of());
  }

  Promise(ImmutableSet<String> scenarios) {
    this.scenarios = scenarios;
  }

  /** What Plyfs keeps when it is mounted with some options. */
  static Set<Promise> ofPlyfs(List<String> options) {
    EnumSet<Promise> all = EnumSet.allOf(Promise.class);
    if (options.stream().noneMatch(TELL_OF_OPENS::contains)) {
      all.remove(TOLD_OF_OPENS);
    }
    if (options.contains("open=passthrough")) {
      all.remove(UNALIGNED_DIRECT_IO); // the file system below decides
      all.remove(STAT_OVERRIDE); // refused
    }
    if (options.contains("passthrough=all")) {
      all.remove(OLD_DESCRIPTORS_FOLLOW);
    }
    if (options.contains("writeback=1")) {
      all.remove(WRITES_AT_ONCE);
    }
    return all;
  }

  /** Scenarios that need it, besides those that say so themselves. */
  ImmutableSet<String> scenarios() {
    return scenarios;
  }
}
