package lateen.capture.read;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A strict reader of JSON (RFC 8259) for what the kernel's programs print: bounded in length and depth, no duplicate keys,
 * numbers kept as text. Confined to one thread.
 */
final class Json {
    /** Most characters that are read. */
    static final int MAX_TEXT = 8_000_000;

    private static final int MAX_DEPTH = 64;

    /** A value. */
    sealed interface Value {
        /** The member of this name; empty for anything but an object that has it. */
        default Optional<Value> get(String name) {
            return this instanceof Obj(var members) ? Optional.ofNullable(members.get(name)) : Optional.empty();
        }

        /** The text of a string, or of a number as it is written; empty for all else. */
        default Optional<String> text() {
            return switch (this) {
                case Str(String text) -> Optional.of(text);
                case Num(String digits) -> Optional.of(digits);
                case Obj _, Arr _, Bool _, Null _ -> Optional.empty();
            };
        }

        /** The text of a member; empty string without it. */
        default String text(String name) {
            return get(name).flatMap(Value::text).orElse("");
        }

        /** The elements; none for anything but an array. */
        default List<Value> elements() {
            return this instanceof Arr(var elements) ? elements : List.of();
        }

        /** The only member of an object that has one. */
        default Optional<Map.Entry<String, Value>> only() {
            return this instanceof Obj(var members) && members.size() == 1
                    ? Optional.of(members.entrySet().iterator().next())
                    : Optional.empty();
        }
    }

    record Obj(Map<String, Value> members) implements Value {}

    record Arr(List<Value> elements) implements Value {}

    record Str(String value) implements Value {}

    record Num(String digits) implements Value {}

    record Bool(boolean value) implements Value {}

    record Null() implements Value {}

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** Reads one value and nothing after it. */
    static Value parse(String text) throws RuleFormatException {
        if (text.length() > MAX_TEXT) {
            throw new RuleFormatException("JSON", text.length() + " characters (expected: at most " + MAX_TEXT + ")");
        }
        Json reader = new Json(text);
        Value value = reader.value(0);
        reader.blanks();
        if (reader.at < text.length()) {
            throw reader.wrong("the end");
        }
        return value;
    }

    private Value value(int depth) throws RuleFormatException {
        if (depth > MAX_DEPTH) {
            throw wrong("at most " + MAX_DEPTH + " levels");
        }
        blanks();
        char c = peek();
        return switch (c) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> new Str(string());
            case 't' -> word("true", new Bool(true));
            case 'f' -> word("false", new Bool(false));
            case 'n' -> word("null", new Null());
            default -> number();
        };
    }

    private Value object(int depth) throws RuleFormatException {
        at++;
        Map<String, Value> members = new LinkedHashMap<>();
        if (ends('}')) {
            return new Obj(members);
        }
        do {
            blanks();
            if (peek() != '"') {
                throw wrong("a name in quotes");
            }
            String name = string();
            blanks();
            expect(':');
            if (members.put(name, value(depth + 1)) != null) {
                throw wrong("each name once; \"" + name + "\" came twice");
            }
        } while (goesOn('}'));
        return new Obj(members);
    }

    private Value array(int depth) throws RuleFormatException {
        at++;
        List<Value> elements = new ArrayList<>();
        if (ends(']')) {
            return new Arr(elements);
        }
        do {
            elements.add(value(depth + 1));
        } while (goesOn(']'));
        return new Arr(elements);
    }

    private boolean ends(char bracket) {
        blanks();
        boolean end = peek() == bracket;
        if (end) {
            at++;
        }
        return end;
    }

    private boolean goesOn(char bracket) throws RuleFormatException {
        if (ends(bracket)) {
            return false;
        }
        expect(',');
        return true;
    }

    private String string() throws RuleFormatException {
        at++;
        StringBuilder value = new StringBuilder();
        while (true) {
            char c = peek();
            if (c < ' ') {
                throw wrong("a quote at the end of the text");
            }
            at++;
            if (c == '"') {
                return value.toString();
            }
            value.append(c == '\\' ? escaped() : c);
        }
    }

    private char escaped() throws RuleFormatException {
        char c = peek();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> throw wrong("an escape of RFC 8259");
        };
    }

    private char unicode() throws RuleFormatException {
        int code = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(peek(), 16);
            if (digit < 0) {
                throw wrong("four hexadecimal digits");
            }
            code = code * 16 + digit;
            at++;
        }
        return (char) code;
    }

    private Value word(String word, Value value) throws RuleFormatException {
        if (!text.startsWith(word, at)) {
            throw wrong("a value");
        }
        at += word.length();
        return value;
    }

    private Value number() throws RuleFormatException {
        int begin = at;
        if (peek() == '-') {
            at++;
        }
        int digits = at;
        digits();
        if (at - digits > 1 && text.charAt(digits) == '0') {
            throw wrong("a number without leading zero");
        }
        if (peek() == '.') {
            at++;
            digits();
        }
        if (peek() == 'e' || peek() == 'E') {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            digits();
        }
        return new Num(text.substring(begin, at));
    }

    private void digits() throws RuleFormatException {
        int begin = at;
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        if (at == begin) {
            throw wrong("a value");
        }
    }

    private void blanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private void expect(char c) throws RuleFormatException {
        if (peek() != c) {
            throw wrong("'" + c + "'");
        }
        at++;
    }

    /** The next character; a NUL, which stands nowhere in JSON, at the end. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private RuleFormatException wrong(String expected) {
        String found = at < text.length() ? text.substring(at, Math.min(text.length(), at + 20)) : "the end";
        return new RuleFormatException("JSON, character " + at, "\"" + found + "\" (expected: " + expected + ")");
    }
}
