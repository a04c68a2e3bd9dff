/* Reads the JSON of a line: strings, numbers, and values that are skipped. The functions that take something move the
   cursor over it and return 1, or return 0 if the line is not taken. What is taken is valid JSON and UTF-8, without
   repeated keys in an object and without numbers that a parser would change, apart from slips that are tolerated; what is
   valid but rare may not be taken. Nothing is read beyond the line, and nothing is allocated. */

#ifndef JSONL_LINT_JSON_H
#define JSONL_LINT_JSON_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define EXPORT __attribute__((visibility("default")))
#define SELDOM __attribute__((noinline, cold))

/* Flags of a text. */
enum {
    HIDES = 1,     /* it has an escape for a character that a rule may look for */
    WIDE = 2,      /* it has characters beyond ASCII */
    UNITS = 4,     /* it has escapes other than those of quotes, backslashes and white space */
    CAPITALS = 8,  /* it has an escape with capital digits, or for half a pair */
    CONTROLS = 16, /* it has control characters that are not escaped */
    NO_UTF8 = 32,  /* it has bytes that are not UTF-8 */
    QUOTED = 64    /* it is in single quotes, and has double ones, which JSON would escape */
};

/* Slips: a comma after the last item or member, or after the record; NaN or an infinite number; a key that its object has
   already; a string with control characters that are not escaped; one with half a pair of surrogates; bytes of the
   line that are not UTF-8. Only strings that are values may have the last three. Then a comment after the record; and
   what no other slip is tolerated beside: strings in single quotes, words of Python, that the line ends too soon, that
   it has several records, and that it is an array. */
enum {
    TRAILING_COMMA = 1, NON_FINITE = 2, REPEATED_KEY = 4, RAW_CONTROL = 8, HALF_PAIR = 16, INVALID_UTF8 = 32,
    COMMENT = 64, PYTHON_QUOTES = 128, PYTHON_WORD = 256, CUT_OFF = 512, SEVERAL = 1024, NO_OBJECT = 2048
};

enum { MOST_KEYS = 256, MOST_TEXTS = 64, MOST_SLIPS = 16, DEEPEST = 32 };

/* The significant digits that a 64-bit float keeps; the longest number that is taken, without its sign and its power;
   and the most digits of a power. So no number is too large for a float, and only zero is zero. */
enum { KEPT_DIGITS = 17, LONGEST_NUMBER = 40, LONGEST_POWER = 2 };

/* What is between two quotes; `visible`: not all of it is white space. */
typedef struct {
    const uint8_t *start, *end;
    uint8_t flags, visible;
} Text;

/* The texts that were read on the way; `lost`: there were too many. */
typedef struct {
    uint32_t count, lost;
    Text texts[MOST_TEXTS];
} Texts;

/* A slip that was tolerated. `start` and `end` are those of a comma, a word, a key with its quotes, or a comment; of a
   string with slips, from the first one to the closing quote; of other slips nothing. `before`: where a repeated key was
   before. */
typedef struct {
    uint32_t kind;
    const uint8_t *start, *end, *before;
} Slip;

typedef struct {
    const uint8_t *at, *end; /* the rest of the line, without its line end */
    const uint8_t *hidden;   /* a bit for each code unit that no escape may hide, and for control characters */
    uint32_t flags;          /* of all texts together */
    Texts *heard;            /* where texts are noted, NULL for nowhere */
    uint32_t key_count;
    Text keys[MOST_KEYS];    /* of all open objects, the innermost last */
    uint32_t tolerated, slip_count;
    uint32_t text_slips; /* how many there were before the string that is being read */
    Slip slips[MOST_SLIPS]; /* those that were tolerated, in order */
    uint32_t ended;         /* the line ended where more should follow */
} Cursor;

static void skip_space(Cursor *c) {
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t')) c->at++;
}

/* Notes that the line has ended where more should follow. */
static int ended(Cursor *c) {
    c->ended = 1;
    return 0;
}

static int take(Cursor *c, uint8_t wanted) {
    skip_space(c);
    if (c->at == c->end) return ended(c);
    if (*c->at != wanted) return 0;
    c->at++;
    return 1;
}

/* Whether a slip is tolerated; then it is noted. */
static int slip(Cursor *c, uint32_t kind, const uint8_t *start, const uint8_t *end) {
    if (!(c->tolerated & kind) || c->slip_count == MOST_SLIPS) return 0;
    c->slips[c->slip_count++] = (Slip){kind, start, end, NULL};
    return 1;
}

/* The same for a slip that is noted once, however often it has happened since the slip `from`. */
static int slip_once(Cursor *c, uint32_t from, uint32_t kind, const uint8_t *start) {
    for (uint32_t i = from; i < c->slip_count; i++) {
        if (c->slips[i].kind == kind) return 1;
    }
    return slip(c, kind, start, start);
}

/* Takes a comma; returns whether something has to follow, which is not so if a slip is tolerated. */
static int goes_on(Cursor *c, uint8_t closer) {
    if (!take(c, ',')) return 0;
    if (!c->tolerated) return 1;
    const uint8_t *comma = c->at - 1;
    skip_space(c);
    return c->at == c->end || *c->at != closer || !slip(c, TRAILING_COMMA, comma, comma + 1);
}

static int take_word(Cursor *c, const char *word, size_t size) {
    if ((size_t)(c->end - c->at) < size || memcmp(c->at, word, size) != 0) return 0;
    c->at += size;
    return 1;
}

static size_t text_size(const Text *text) { return (size_t)(text->end - text->start); }

static int same(const Text *one, const Text *other) {
    return text_size(one) == text_size(other) && memcmp(one->start, other->start, text_size(one)) == 0;
}

static int is_word(const Text *text, const char *word, size_t size) {
    return text_size(text) == size && memcmp(text->start, word, size) == 0;
}

/* Whether Python's `str.isspace` is true for the character. */
static int is_space(uint32_t character) {
    if (character <= 0x20) return character == 0x20 || (character >= 9 && character <= 13) || character >= 0x1c;
    if (character < 0x1680) return character == 0x85 || character == 0xa0;
    return character == 0x1680 || (character >= 0x2000 && character <= 0x200a) || character == 0x2028 ||
           character == 0x2029 || character == 0x202f || character == 0x205f || character == 0x3000;
}

/* Reads four digits, and notes capitals in the flags. */
static int hex_digits(const uint8_t *at, uint32_t *unit, uint32_t *flags) {
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        uint8_t digit = at[i];
        if (digit >= '0' && digit <= '9') digit -= '0';
        else if (digit >= 'a' && digit <= 'f') digit -= 'a' - 10;
        else if (digit >= 'A' && digit <= 'F') digit -= 'A' - 10, *flags |= CAPITALS;
        else return 0;
        *unit = *unit << 4 | digit;
    }
    return 1;
}

/* The character of a pair of surrogates. */
static uint32_t of_pair(uint32_t first, uint32_t second) {
    return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
}

/* Takes half a pair, which is read as U+FFFD, if that is tolerated. */
SELDOM static int take_half(Cursor *c, uint32_t *character, uint32_t *flags) {
    *character = 0xfffd;
    *flags |= CAPITALS;
    return slip_once(c, c->text_slips, HALF_PAIR, c->at - 6);
}

/* Takes a code unit after its `\u`, or a pair of them. */
static int take_unit(Cursor *c, uint32_t *character, uint32_t *flags) {
    uint32_t unit, second;
    if (c->end - c->at < 4 || !hex_digits(c->at, &unit, flags)) return 0;
    c->at += 4;
    *character = unit;
    if (unit < 0x80 || c->hidden[unit >> 3] >> (unit & 7) & 1) *flags |= HIDES;
    if (unit < 0xd800 || unit > 0xdfff) return 1;
    if (unit > 0xdbff || c->end - c->at < 6 || c->at[0] != '\\' || c->at[1] != 'u' ||
        !hex_digits(c->at + 2, &second, flags) || second < 0xdc00 || second > 0xdfff) {
        return take_half(c, character, flags);
    }
    c->at += 6;
    *character = of_pair(unit, second);
    return 1;
}

/* Takes an escape after its backslash. The character matters only as far as it is white space or not. */
static int take_escape(Cursor *c, uint32_t *character, uint32_t *flags) {
    if (c->at == c->end) return 0;
    switch (*c->at++) {
        case 'n': case 'r': case 't': *character = ' '; return 1;
        case '"': case '\\': *character = '"'; return 1;
        case '/': *character = '/'; *flags |= HIDES | UNITS; return 1;
        case 'f': *character = ' '; *flags |= HIDES | UNITS; return 1;
        case 'b': *character = 8; *flags |= HIDES | UNITS; return 1;
        case 'u': *flags |= UNITS; return take_unit(c, character, flags);
        default: return 0;
    }
}

static int is_continuation(uint8_t byte) { return (byte & 0xc0) == 0x80; }

/* Takes a character beyond ASCII, if it is valid UTF-8. */
static int take_wide(Cursor *c, uint32_t *character) {
    const uint8_t *at = c->at;
    ptrdiff_t left = c->end - at;
    if (left < 2 || !is_continuation(at[1])) return 0;
    if (at[0] >= 0xc2 && at[0] < 0xe0) {
        *character = (at[0] & 0x1fu) << 6 | (at[1] & 0x3fu);
        c->at += 2;
        return 1;
    }
    if (at[0] < 0xe0 || left < 3 || !is_continuation(at[2])) return 0;
    *character = (at[0] & 0xfu) << 12 | (at[1] & 0x3fu) << 6 | (at[2] & 0x3fu);
    c->at += 3;
    if (at[0] < 0xf0) return *character >= 0x800 && (*character < 0xd800 || *character > 0xdfff);
    if (left < 4 || !is_continuation(at[3])) return 0;
    *character = (at[0] & 7u) << 18 | (at[1] & 0x3fu) << 12 | (at[2] & 0x3fu) << 6 | (at[3] & 0x3fu);
    c->at += 1;
    return at[0] <= 0xf4 && *character >= 0x10000 && *character <= 0x10ffff;
}

/* The first byte that is the quote, a backslash, a control character below a space, or not ASCII. */
static const uint8_t *plain_end(const uint8_t *at, const uint8_t *end, uint8_t quote) {
#ifdef __SSE2__ /* sixteen at a time; as signed bytes, those that are not ASCII are below a space, too */
    while (end - at >= 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)at);
        __m128i quotes = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)quote)),
                                      _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
        int found = _mm_movemask_epi8(_mm_or_si128(quotes, _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '))));
        if (found) return at + __builtin_ctz((unsigned)found);
        at += 16;
    }
#endif
    while (at < end && *at >= ' ' && *at < 0x80 && *at != quote && *at != '\\') at++;
    return at;
}

/* Takes the byte at `at`, which is not UTF-8 and is read as U+FFFD, if that is tolerated. */
SELDOM static int take_invalid(Cursor *c, const uint8_t *at, uint32_t *character, uint32_t *flags) {
    *character = 0xfffd;
    *flags |= NO_UTF8;
    c->at = at + 1;
    return slip_once(c, 0, INVALID_UTF8, at);
}

/* Takes a control character that is not escaped, if that is tolerated. */
SELDOM static int take_control(Cursor *c, uint32_t *character, uint32_t *flags) {
    *character = *c->at++;
    *flags |= CONTROLS;
    if (!*character || *character == '\r' || c->hidden[*character >> 3] >> (*character & 7) & 1) return 0;
    return slip_once(c, c->text_slips, RAW_CONTROL, c->at - 1);
}

/* Takes the quote with which a string begins, which may be a single one if that is tolerated. */
static int take_quote(Cursor *c, uint8_t *quote) {
    skip_space(c);
    if (c->at == c->end) return ended(c);
    *quote = *c->at;
    if (*quote != '"' && (*quote != '\'' || !slip_once(c, 0, PYTHON_QUOTES, c->at))) return 0;
    c->at++;
    return 1;
}

/* Takes a string with its quotes. */
static int take_text(Cursor *c, Text *text) {
    uint32_t flags = 0, character;
    uint8_t quote;
    int visible = 0;
    if (!take_quote(c, &quote)) return 0;
    text->start = c->at;
    c->text_slips = c->slip_count;
    for (;;) {
        const uint8_t *from = c->at;
        c->at = plain_end(from, c->end, quote);
        for (; !visible && from < c->at; from++) visible = *from > ' ';
        if (c->at == c->end) return ended(c);
        if (*c->at == quote) break;
        if (*c->at == '\\') {
            c->at++;
            if (quote == '\'' && c->at < c->end && *c->at == quote) c->at++, character = quote;
            else if (!take_escape(c, &character, &flags)) return 0;
        } else if (*c->at < ' ') {
            if (!take_control(c, &character, &flags)) return 0;
        } else {
            flags |= WIDE;
            do {
                from = c->at;
                if (!take_wide(c, &character) && !take_invalid(c, from, &character, &flags)) return 0;
            } while (c->at < c->end && *c->at >= 0x80 && visible);
        }
        visible = visible || !is_space(character);
    }
    text->end = c->at++;
    for (uint32_t i = c->text_slips; i < c->slip_count; i++) c->slips[i].end = text->end;
    if (quote != '"' && memchr(text->start, '"', text_size(text))) flags |= QUOTED;
    text->flags = (uint8_t)flags;
    text->visible = (uint8_t)visible;
    c->flags |= flags;
    return 1;
}

/* Takes a string and notes it among the texts whose end a rule may ask for. */
static int take_heard(Cursor *c, Text *text) {
    if (!take_text(c, text)) return 0;
    if (c->heard) {
        if (c->heard->count == MOST_TEXTS) c->heard->lost = 1;
        else c->heard->texts[c->heard->count++] = *text;
    }
    return 1;
}

/* Takes a key without escapes and the colon after it, if it differs from the object's other keys, from `first` on, or
   may repeat one. */
static int take_key(Cursor *c, uint32_t first, Text *key) {
    if (!take_text(c, key) || key->flags & (CONTROLS | NO_UTF8 | QUOTED)) return 0;
    if (memchr(key->start, '\\', text_size(key))) return 0;
    for (uint32_t i = c->key_count; i-- > first;) {
        if (!same(key, c->keys + i)) continue;
        if (!slip(c, REPEATED_KEY, key->start - 1, key->end + 1)) return 0;
        c->slips[c->slip_count - 1].before = c->keys[i].start - 1;
        break;
    }
    if (c->key_count == MOST_KEYS) return 0;
    c->keys[c->key_count++] = *key;
    return take(c, ':');
}

/* A number. `whole` and `rest` are its digits before and after the point. */
typedef struct {
    Text whole, rest;
    size_t digits; /* significant ones */
    int negative, power, has_power;
} Number;

static void take_digits(Cursor *c, Text *digits) {
    digits->start = c->at;
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9') c->at++;
    digits->end = c->at;
}

/* Does the same as in jsonspan/strict.py. */
static size_t significant_digits(const uint8_t *at, const uint8_t *end) {
    while (at < end && (*at == '0' || *at == '.')) at++;
    while (at < end && (end[-1] == '0' || end[-1] == '.')) end--;
    return (size_t)(end - at) - (at < end && memchr(at, '.', (size_t)(end - at)) != NULL);
}

/* Takes the power of ten after a number, if there is one. */
static int take_power(Cursor *c, Number *number) {
    Text digits;
    number->power = 0;
    number->has_power = c->at < c->end && (*c->at == 'e' || *c->at == 'E');
    if (!number->has_power) return 1;
    c->at++;
    int below = c->at < c->end && *c->at == '-';
    if (c->at < c->end && (*c->at == '-' || *c->at == '+')) c->at++;
    take_digits(c, &digits);
    if (!text_size(&digits) || text_size(&digits) > LONGEST_POWER) return 0;
    for (const uint8_t *at = digits.start; at < digits.end; at++) number->power = 10 * number->power + (*at - '0');
    if (below) number->power = -number->power;
    return 1;
}

/* Takes a number that a parser keeps as it is. An integer must fit into 64 bits, which those of 19 digits that begin
   with a nine may not. */
static int take_number(Cursor *c, Number *number) {
    Text *whole = &number->whole, *rest = &number->rest;
    number->negative = c->at < c->end && *c->at == '-';
    c->at += number->negative;
    take_digits(c, whole);
    rest->start = rest->end = c->at;
    if (!text_size(whole) || (*whole->start == '0' && text_size(whole) > 1)) return 0;
    if (c->at < c->end && *c->at == '.') {
        c->at++;
        take_digits(c, rest);
        if (!text_size(rest)) return 0;
    }
    size_t size = (size_t)(c->at - whole->start);
    number->digits = size > KEPT_DIGITS ? significant_digits(whole->start, c->at) : size;
    if (!take_power(c, number)) return 0;
    if (size <= KEPT_DIGITS) return 1;
    if (text_size(rest) || number->has_power) return number->digits <= KEPT_DIGITS && size <= LONGEST_NUMBER;
    return size < 19 || (size == 19 && *whole->start < '9');
}

/* Takes a word for a number that JSON cannot spell, if that is tolerated. */
static int take_non_finite(Cursor *c) {
    const uint8_t *start = c->at;
    if (!take_word(c, "NaN", 3) && !take_word(c, "Infinity", 8) && !take_word(c, "-Infinity", 9)) return 0;
    if (c->at < c->end && *c->at != ',' && *c->at != ']' && *c->at != '}' && *c->at != ' ' && *c->at != '\t') return 0;
    return slip(c, NON_FINITE, start, c->at);
}

/* Takes True, False or None, if that is tolerated. */
static int take_python(Cursor *c) {
    if (!take_word(c, "True", 4) && !take_word(c, "False", 5) && !take_word(c, "None", 4)) return 0;
    return slip_once(c, 0, PYTHON_WORD, c->at);
}

/* Skips any value. */
static int skip_value(Cursor *c, int depth) {
    Text text;
    Number number;
    skip_space(c);
    if (c->at == c->end) return ended(c);
    if (depth == DEEPEST) return 0;
    switch (*c->at) {
        case '"': case '\'': return take_heard(c, &text);
        case 't': return take_word(c, "true", 4);
        case 'f': return take_word(c, "false", 5);
        case 'n': return take_word(c, "null", 4);
        case '[':
            c->at++;
            if (take(c, ']')) return 1;
            do {
                if (!skip_value(c, depth + 1)) return 0;
            } while (goes_on(c, ']'));
            return take(c, ']');
        case '{': {
            uint32_t first = c->key_count;
            c->at++;
            if (take(c, '}')) return 1;
            do {
                if (!take_key(c, first, &text) || !skip_value(c, depth + 1)) return 0;
            } while (goes_on(c, '}'));
            c->key_count = first;
            return take(c, '}');
        }
        default: {
            const uint8_t *start = c->at;
            if (take_number(c, &number)) return 1;
            c->at = start;
            return take_non_finite(c) || take_python(c);
        }
    }
}

/* Skips the value of a member once more, after its key. */
static int skip_again(Cursor *c, const uint8_t *key, Text *value) {
    Text again;
    c->at = key;
    if (!take_text(c, &again) || !take(c, ':')) return 0;
    skip_space(c);
    value->start = c->at;
    if (!skip_value(c, 0)) return 0;
    value->end = c->at;
    return 1;
}

static int is_text_without_escapes(const Text *value) {
    return *value->start == '"' && !memchr(value->start, '\\', (size_t)(value->end - value->start));
}

/* Compares the two values of a repeated key. Returns 0 if duplicate_key.py, which reads them, may see what their spelling
   does not show: that values which are spelled otherwise are equal, as all bytes are that are not UTF-8, or that one of
   them has a trailing comma. Then the line goes the usual way. */
static int compare_values(Cursor *c, const Slip *repeat, int *alike) {
    Text one, other;
    Texts *heard = c->heard;
    const uint8_t *at = c->at;
    uint32_t tolerated = c->tolerated, slip_count = c->slip_count;
    c->heard = NULL;
    c->tolerated &= ~(uint32_t)TRAILING_COMMA;
    int taken = skip_again(c, repeat->before, &one) && skip_again(c, repeat->start, &other);
    *alike = taken && same(&one, &other);
    c->at = at;
    c->heard = heard;
    c->tolerated = tolerated;
    c->slip_count = slip_count;
    int differ = is_text_without_escapes(&one) && is_text_without_escapes(&other) && !(c->flags & NO_UTF8);
    return taken && (*alike || differ);
}

#endif
