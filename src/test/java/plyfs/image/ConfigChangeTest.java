package plyfs.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import plyfs.image.model.BadImageException;
import plyfs.image.model.ConfigDraft;

/** The instructions of {@code commit --change} and {@code import --change}. */
final class ConfigChangeTest {
  private static final String BEFORE =
      "{\"Cmd\":[\"old\"],\"Env\":[\"PATH=/bin\",\"A=1\"],\"WorkingDir\":\"/w\"}";

  private static String changed(String before, String... instructions) throws BadImageException {
    String config = "{\"config\":" + before + "}";
    ConfigDraft draft = ConfigDraft.of("test", config.getBytes(UTF_8));
    draft.change(List.of(instructions));
    String after = new String(draft.bytes(), UTF_8);
    return JsonParser.parseString(after).getAsJsonObject().get("config").toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "CMD [\"a\", \"b c\"] ~ {\"Cmd\":[\"a\",\"b c\"]}",
        "cmd a 'b c' $X ~ {\"Cmd\":[\"/bin/sh\",\"-c\",\"a 'b c' $X\"]}",
        "CMD [a] ~ {\"Cmd\":[\"/bin/sh\",\"-c\",\"[a]\"]}",
        "CMD ~ {\"Cmd\":null}",
        "ENV K=V L=\"two words\" M=a\\ b ~ {\"Env\":[\"K=V\",\"L=two words\",\"M=a b\"]}",
        "ENV K all the  rest ~ {\"Env\":[\"K=all the  rest\"]}",
        "ENV K='$HOME' L=${Z:-d} M=${Z:+e}x ~ {\"Env\":[\"K=$HOME\",\"L=d\",\"M=x\"]}",
        "EXPOSE 80 53/UDP 8000-8002 ~ {\"ExposedPorts\":{\"80/tcp\":{},\"53/udp\":{},\"8000/tcp\":{},\"8001/tcp\":{},\"8002/tcp\":{}}}",
        "LABEL a=b \"c d\"=\"e f\" ~ {\"Labels\":{\"a\":\"b\",\"c d\":\"e f\"}}",
        "ONBUILD RUN make ~ {\"OnBuild\":[\"RUN make\"]}",
        "STOPSIGNAL SIGQUIT ~ {\"StopSignal\":\"SIGQUIT\"}",
        "USER 1000:1000 ~ {\"User\":\"1000:1000\"}",
        "VOLUME /a /b ~ {\"Volumes\":{\"/a\":{},\"/b\":{}}}",
        "VOLUME [\"/a b\"] ~ {\"Volumes\":{\"/a b\":{}}}",
        "WORKDIR x/../y ~ {\"WorkingDir\":\"/y\"}",
      })
  void instruction_changesTheConfigurationAsDocker(String instruction, String after)
      throws BadImageException {
    String config = changed("{}", instruction);
    assertThat(config).isEqualTo(after);
  }

  @Test
  void instructions_followEachOther() throws BadImageException {
    assertThat(changed(BEFORE, "ENV PATH=$PATH:/x A=2", "WORKDIR sub", "WORKDIR $A"))
        .isEqualTo(
            "{\"Cmd\":[\"old\"],\"Env\":[\"PATH=/bin:/x\",\"A=2\"],\"WorkingDir\":\"/w/sub/2\"}");
  }

  @Test
  void entrypoint_takesTheOldCommandAway_unlessACommandWasGivenBefore() throws BadImageException {
    assertThat(changed("{\"Cmd\":[\"old\"]}", "ENTRYPOINT [\"e\"]"))
        .isEqualTo("{\"Cmd\":null,\"Entrypoint\":[\"e\"]}");
    assertThat(changed("{}", "CMD [\"c\"]", "ENTRYPOINT e"))
        .isEqualTo("{\"Cmd\":[\"c\"],\"Entrypoint\":[\"/bin/sh\",\"-c\",\"e\"]}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "RUN x ~ only CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME and WORKDIR can be changed",
        "USER ~ it has no argument",
        "ENV A ~ 'A' has no value: use KEY=VALUE",
        "ENV A=1 B ~ 'B' is not KEY=VALUE",
        "ENV A=\"b ~ a quote \" is not closed",
        "ENV A=${b ~ '${' is not closed",
        "ENV A=${b?c} ~ only ${NAME}, ${NAME:-WORD} and ${NAME:+WORD} can be used",
        "EXPOSE 99999 ~ '99999' is not PORT[-PORT][/tcp|/udp|/sctp]",
        "ONBUILD FROM x ~ FROM is not allowed after ONBUILD",
      })
  void wrongInstruction_isRefusedInASentence(String instruction, String why) {
    assertThatThrownBy(() -> changed(BEFORE, instruction))
        .hasMessage("cannot follow the instruction '" + instruction + "': " + why);
  }
}
