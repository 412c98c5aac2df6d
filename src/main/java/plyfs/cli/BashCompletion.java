package plyfs.cli;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import plyfs.options.MountOption;
import plyfs.options.MountOptionTable;

/**
 * Completion for bash, as a script for the package bash-completion: commands, their options, mount
 * options with their values, images, mount points, and files for all else.
 */
final class BashCompletion {
  private static final Pattern CHOICE = Pattern.compile("[a-z0-9-]+(\\|[a-z0-9-]+)+");

  private final CommandLine all;

  BashCompletion(CommandLine all) {
    this.all = all;
  }

  /** Words for {@code -o}: a flag, {@code word=value} for each value, or {@code word=}. */
  static List<String> mountOptionWords() {
    List<String> words = new ArrayList<>();
    for (MountOption<?> row : MountOptionTable.rows()) {
      if (row.group().hasEffect()) {
        addWords(words, row.word(), row.syntax());
      }
    }
    return words;
  }

  private static void addWords(List<String> words, String word, String syntax) {
    int equals = syntax.indexOf('=');
    String value = syntax.substring(equals + 1);
    if (equals < 0 || syntax.charAt(equals - 1) == '[') {
      words.add(word);
    } else if (CHOICE.matcher(value).matches()) {
      for (String choice : value.split("\\|", -1)) {
        words.add(word + "=" + choice);
      }
    } else {
      words.add(word + "=");
    }
  }

  @Override
  public String toString() {
    StringBuilder cases = new StringBuilder();
    for (String name : CommandList.names()) {
      CommandLine command = WithHelp.commandOf(all, name);
      cases.append("    ").append(name).append(")\n");
      cases.append("      options='").append(String.join(" ", optionsOf(command))).append("'\n");
      if (!command.getSubcommands().isEmpty()) {
        String below = String.join(" ", command.getSubcommands().keySet());
        cases.append("      candidates='").append(below).append("'\n");
      }
      cases.append("      kind='").append(kindOf(command)).append("'\n      ;;\n");
    }
    List<String> names = new ArrayList<>(CommandList.names());
    Collections.addAll(names, "help", "--help", "--version");
    return SCRIPT
        .replace("@COMMANDS@", String.join(" ", names))
        .replace("@MOUNT_OPTIONS@", String.join(" ", mountOptionWords()))
        .replace("@CASES@", cases);
  }

  private static List<String> optionsOf(CommandLine command) {
    List<String> options = new ArrayList<>();
    for (OptionSpec option : command.getCommandSpec().options()) {
      if (!option.hidden()) {
        Collections.addAll(options, option.names());
      }
    }
    return options;
  }

  /** What the arguments of a command are: images, mount points, both, or files. */
  private static String kindOf(CommandLine command) {
    StringBuilder kind = new StringBuilder();
    for (PositionalParamSpec parameter : command.getCommandSpec().positionalParameters()) {
      String label = parameter.paramLabel();
      kind.append(label.contains("IMAGE") || label.equals("SOURCE") ? "image " : "");
      kind.append(label.contains("MOUNTPOINT") ? "mount " : "");
    }
    return kind.toString().strip();
  }

  private static final String SCRIPT =
      """
      # bash completion for plyfs. Made from the commands and the table of mount options.

      _plyfs_mount_options() {
        local last=${cur##*,} before=''
        [[ $cur != *,* ]] || before=${cur%,*},
        COMPREPLY=($(compgen -P "$before" -W '@MOUNT_OPTIONS@' -- "$last"))
        compopt -o nospace
      }

      _plyfs() {
        local cur prev words cword options='' kind='' candidates=''
        COMPREPLY=()
        _get_comp_words_by_ref -n =: cur prev words cword || return
        if [ "$cword" = 1 ]; then
          COMPREPLY=($(compgen -W '@COMMANDS@' -- "$cur"))
          return
        fi
        case ${words[1]} in
      @CASES@    help)
            COMPREPLY=($(compgen -W '@COMMANDS@' -- "$cur"))
            return
            ;;
        esac
        case $prev in
          -o | --options)
            if [ "${words[1]}" = mount ]; then
              _plyfs_mount_options
              __ltrim_colon_completions "$cur"
              return
            fi
            ;;
        esac
        if [[ $cur == -* ]]; then
          COMPREPLY=($(compgen -W "$options" -- "$cur"))
          return
        fi
        if [[ $kind == *image* ]]; then
          candidates+=" $(plyfs images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null)"
        fi
        if [[ $kind == *mount* ]]; then
          candidates+=" $(awk '/ - fuse\\.plyfs /{ print $5 }' /proc/self/mountinfo)"
        fi
        COMPREPLY=($(compgen -W "$candidates" -- "$cur"))
        __ltrim_colon_completions "$cur"
        compopt -o default
      } && complete -F _plyfs plyfs
      """;
}
