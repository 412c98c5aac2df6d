package plyfs.cli.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import plyfs.cli.format.Node.Call;
import plyfs.cli.format.Node.Chain;
import plyfs.cli.format.Node.Command;
import plyfs.cli.format.Node.Dot;
import plyfs.cli.format.Node.Literal;
import plyfs.cli.format.Node.Nested;
import plyfs.cli.format.Node.Pipeline;
import plyfs.cli.format.Node.Term;
import plyfs.cli.format.Node.Variable;
import plyfs.cli.format.Token.Kind;

/** Reads the tokens of a template into a tree. */
final class Parser {
  private static final Set<String> UNKNOWN_ACTIONS = Set.of("define", "template", "block");

  private final List<Token> tokens;
  private final List<String> variables = new ArrayList<>(List.of(""));
  private int next;
  private int ranges;

  private Parser(List<Token> tokens) {
    this.tokens = tokens;
  }

  static List<Node> parse(String template) throws TemplateException {
    Parser parser = new Parser(Lexer.tokens(template));
    List<Node> nodes = parser.list();
    Token end = parser.peek();
    if (!end.is(Kind.END)) {
      Token word = parser.tokens.get(parser.next + 1);
      throw new TemplateException(
          end.at(), "'{{" + word.text() + "}}' belongs to no 'if', 'with' or 'range'");
    }
    return nodes;
  }

  private Token peek() {
    return tokens.get(next);
  }

  private Token take() {
    return tokens.get(next++);
  }

  private Token take(Kind kind, String wanted) throws TemplateException {
    Token token = take();
    if (!token.is(kind)) {
      throw new TemplateException(token.at(), "expected " + wanted + ", found " + token.shown());
    }
    return token;
  }

  /** All up to the end, or to {@code {{end}}} or {@code {{else}}}, which stay. */
  private List<Node> list() throws TemplateException {
    List<Node> nodes = new ArrayList<>();
    while (!peek().is(Kind.END)) {
      if (peek().is(Kind.TEXT)) {
        nodes.add(new Node.Text(take().text()));
        continue;
      }
      Token word = tokens.get(next + 1);
      if (word.isWord("end") || word.isWord("else")) {
        break;
      }
      nodes.add(action());
    }
    return nodes;
  }

  private Node action() throws TemplateException {
    take(Kind.OPEN, "'{{'");
    Token word = peek();
    if (word.isWord("if") || word.isWord("with") || word.isWord("range")) {
      next++;
      return control(word);
    }
    if (word.isWord("break") || word.isWord("continue")) {
      next++;
      take(Kind.CLOSE, "'}}'");
      if (ranges == 0) {
        throw new TemplateException(word.at(), "'{{" + word.text() + "}}' is in no 'range'");
      }
      return new Node.Jump(word.text().equals("break"));
    }
    if (word.is(Kind.WORD) && UNKNOWN_ACTIONS.contains(word.text())) {
      throw new TemplateException(
          word.at(), "'" + word.text() + "' is not supported: write its text in its place");
    }
    Pipeline pipeline = pipeline("a value", 1);
    take(Kind.CLOSE, "'}}'");
    return new Node.Output(pipeline);
  }

  private Node control(Token word) throws TemplateException {
    int outside = variables.size();
    boolean isRange = word.text().equals("range");
    Pipeline pipeline = pipeline("a value for '" + word.text() + "'", isRange ? 2 : 1);
    take(Kind.CLOSE, "'}}'");
    ranges += isRange ? 1 : 0;
    List<Node> body = list();
    ranges -= isRange ? 1 : 0;
    List<Node> otherwise = otherwise(word);
    variables.subList(outside, variables.size()).clear();
    return switch (word.text()) {
      case "if" -> new Node.If(pipeline, body, otherwise);
      case "with" -> new Node.With(pipeline, body, otherwise);
      default -> new Node.Range(pipeline, body, otherwise);
    };
  }

  private List<Node> otherwise(Token of) throws TemplateException {
    if (peek().is(Kind.END)) {
      throw new TemplateException(of.at(), "'" + of.text() + "' has no '{{end}}'");
    }
    take(Kind.OPEN, "'{{'");
    if (take().isWord("end")) {
      take(Kind.CLOSE, "'}}'");
      return List.of();
    }
    Token word = peek();
    if (word.isWord("if") || word.isWord("with")) {
      next++;
      return List.of(control(word));
    }
    take(Kind.CLOSE, "'}}'");
    List<Node> nodes = list();
    if (peek().is(Kind.END)) {
      throw new TemplateException(of.at(), "'" + of.text() + "' has no '{{end}}'");
    }
    take(Kind.OPEN, "'{{'");
    Token end = take();
    if (!end.isWord("end")) {
      throw new TemplateException(end.at(), "expected '{{end}}', found a second '{{else}}'");
    }
    take(Kind.CLOSE, "'}}'");
    return nodes;
  }

  /**
   * A pipeline.
   *
   * @param mostVariables how many it may set
   */
  private Pipeline pipeline(String what, int mostVariables) throws TemplateException {
    int at = peek().at();
    List<String> set = new ArrayList<>();
    boolean isNew = variablesToSet(mostVariables, set);
    List<Command> commands = new ArrayList<>();
    while (true) {
      Token token = peek();
      if (token.is(Kind.CLOSE) || token.is(Kind.RIGHT)) {
        break;
      }
      commands.add(command(commands.isEmpty() ? what : "a function"));
      if (peek().is(Kind.PIPE)) {
        next++;
      }
    }
    if (commands.isEmpty()) {
      throw new TemplateException(at, "expected " + what + ", found " + peek().shown());
    }
    for (Command later : commands.subList(1, commands.size())) {
      if (later.first() instanceof Literal || later.first() instanceof Dot) {
        throw new TemplateException(later.at(), "'|' leads to something that takes no value");
      }
    }
    if (isNew) {
      variables.addAll(set);
    }
    return new Pipeline(at, List.copyOf(set), isNew, List.copyOf(commands));
  }

  /** Reads {@code $x :=}, {@code $x =} and {@code $i, $x :=}; whether they are new. */
  private boolean variablesToSet(int most, List<String> set) throws TemplateException {
    Token first = peek();
    Token after = tokens.get(Math.min(next + 1, tokens.size() - 1));
    boolean isPair = most == 2 && after.is(Kind.COMMA);
    if (!first.is(Kind.VARIABLE) || !(isPair || after.is(Kind.DECLARE) || after.is(Kind.ASSIGN))) {
      return false;
    }
    set.add(take().text());
    if (isPair) {
      next++;
      set.add(take(Kind.VARIABLE, "a variable").text());
    }
    Token sign = take();
    if (sign.is(Kind.DECLARE)) {
      return true;
    }
    if (!sign.is(Kind.ASSIGN)) {
      throw new TemplateException(sign.at(), "expected ':=', found " + sign.shown());
    }
    for (String name : set) {
      checkDeclared(first.at(), name);
    }
    return false;
  }

  private void checkDeclared(int at, String name) throws TemplateException {
    if (!variables.contains(name)) {
      throw new TemplateException(
          at, "the variable '$" + name + "' is not set: set it by '{{$" + name + " := ...}}'");
    }
  }

  private Command command(String what) throws TemplateException {
    int at = peek().at();
    List<Term> terms = new ArrayList<>();
    while (true) {
      Token token = peek();
      Term term = operand();
      if (term == null) {
        break;
      }
      if (!terms.isEmpty() && !token.isSpaced()) {
        throw new TemplateException(token.at(), "a blank is missing before " + token.shown());
      }
      terms.add(term);
    }
    if (terms.isEmpty()) {
      throw new TemplateException(at, "expected " + what + ", found " + peek().shown());
    }
    Token end = peek();
    if (!end.is(Kind.PIPE) && !end.is(Kind.CLOSE) && !end.is(Kind.RIGHT)) {
      throw new TemplateException(end.at(), end.shown() + " cannot stand here");
    }
    return new Command(at, terms.get(0), List.copyOf(terms.subList(1, terms.size())));
  }

  /** A term with its fields; null where there is none. */
  private @Nullable Term operand() throws TemplateException {
    Term term = term();
    if (term == null) {
      return null;
    }
    List<String> names = new ArrayList<>();
    if (term instanceof Chain chain) {
      names.addAll(chain.names());
    }
    boolean canHaveFields = !(term instanceof Literal || term instanceof Dot);
    while (canHaveFields && peek().is(Kind.FIELD) && !peek().isSpaced()) {
      names.add(take().text());
    }
    if (names.isEmpty()) {
      return term;
    }
    Term of = term instanceof Chain chain ? chain.of() : term;
    return new Chain(term.at(), of, List.copyOf(names));
  }

  private @Nullable Term term() throws TemplateException {
    Token token = peek();
    int at = token.at();
    switch (token.kind()) {
      case STRING -> {
        next++;
        return new Literal(at, token.text());
      }
      case CHARACTER -> {
        next++;
        return new Literal(at, (long) token.text().codePointAt(0));
      }
      case NUMBER -> {
        next++;
        return new Literal(at, Numbers.parse(token.text(), at));
      }
      case DOT -> {
        next++;
        return new Dot(at);
      }
      case FIELD -> {
        next++;
        return new Chain(at, new Dot(at), List.of(token.text()));
      }
      case VARIABLE -> {
        next++;
        checkDeclared(at, token.text());
        return new Variable(at, token.text());
      }
      case WORD -> {
        next++;
        return word(token);
      }
      case LEFT -> {
        next++;
        Pipeline inside = pipeline("a value", 0);
        if (!peek().is(Kind.RIGHT)) {
          throw new TemplateException(at, "'(' has no ')'");
        }
        next++;
        return new Nested(at, inside);
      }
      default -> {
        return null;
      }
    }
  }

  private static Term word(Token word) throws TemplateException {
    return switch (word.text()) {
      case "true" -> new Literal(word.at(), true);
      case "false" -> new Literal(word.at(), false);
      case "nil" -> new Literal(word.at(), null);
      default -> {
        if (!Functions.isKnown(word.text())) {
          throw new TemplateException(
              word.at(),
              "there is no function '"
                  + word.text()
                  + "': the functions are "
                  + String.join(", ", Functions.names()));
        }
        yield new Call(word.at(), word.text());
      }
    };
  }
}
