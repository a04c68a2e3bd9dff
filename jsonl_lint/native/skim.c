/* Recognises plain conversations in lines of JSONL, so that no parser has to see them.

   A line is recognised if it is one JSON object that holds nothing but `messages`, each of them nothing but a role that
   is known here and a text with something in it. So it is valid UTF-8 and JSON, and no key stands twice. What else has
   to be known of it is said by flags; whatever is not recognised goes the usual way, so this may always say no.

   Nothing here allocates, and nothing is read outside of `data`. See skim.py for the other side of it. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define EXPORT __attribute__((visibility("default")))

enum {
    HIDES = 1,    /* an escape stands for a character that a rule may look for */
    MAY_END = 2,  /* the last text may end in a way that a rule asks for */
    CRLF = 4,     /* the line ends with a carriage return before the line feed */
    WIDE = 8,     /* what is asked is beyond ASCII, so that its tail is not made here */
    UNITS = 16,   /* what is asked has escapes of code units or of controls, so that it has to be decoded */
    CAPITALS = 32 /* within this file: an escape has digits in capitals */
};

enum { TAIL = 192, LOOP_NEEDLE = 24, LOOP_WINDOW = 3600 };

/* All in bytes from the start of `data`. `codes` is where the codes of the roles stand, one a message; `before` and
   `last` are the last two texts before the last message, the first of them empty where there is one. */
typedef struct {
    uint32_t start, end, codes, messages;
    uint32_t before, before_end, last, last_end;
    uint32_t tail_bytes, flags;
} Line;

typedef struct {
    const uint8_t *start, *end;
    uint32_t flags;
} Text;

typedef struct {
    const uint8_t *at, *end; /* the rest of the line, without its line end */
    const uint8_t *hidden;   /* a bit for each code unit */
} Cursor;

static void skip_space(Cursor *c) {
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t')) c->at++;
}

static int take(Cursor *c, uint8_t wanted) {
    skip_space(c);
    if (c->at == c->end || *c->at != wanted) return 0;
    c->at++;
    return 1;
}

/* A string that is spelled so and not otherwise. */
static int take_word(Cursor *c, const char *word, size_t size) {
    if ((size_t)(c->end - c->at) <= size || memcmp(c->at, word, size) != 0 || c->at[size] != '"') return 0;
    c->at += size + 1;
    return 1;
}

/* White space as Python's `str.isspace` has it. */
static int is_space(uint32_t character) {
    if (character <= 0x20) return character == 0x20 || (character >= 9 && character <= 13) || character >= 0x1c;
    if (character < 0x1680) return character == 0x85 || character == 0xa0;
    return character == 0x1680 || (character >= 0x2000 && character <= 0x200a) || character == 0x2028 ||
           character == 0x2029 || character == 0x202f || character == 0x205f || character == 0x3000;
}

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

/* A code unit, or a pair of them, after its `\u`; 0 also for half a pair. */
static int take_unit(Cursor *c, uint32_t *character, uint32_t *flags) {
    uint32_t unit, second;
    if (c->end - c->at < 4 || !hex_digits(c->at, &unit, flags)) return 0;
    c->at += 4;
    *character = unit;
    if (unit < 0x80 || c->hidden[unit >> 3] >> (unit & 7) & 1) *flags |= HIDES;
    if (unit < 0xd800 || unit > 0xdfff) return 1;
    if (unit > 0xdbff || c->end - c->at < 6 || c->at[0] != '\\' || c->at[1] != 'u') return 0;
    if (!hex_digits(c->at + 2, &second, flags) || second < 0xdc00 || second > 0xdfff) return 0;
    c->at += 6;
    *character = 0x10000 + ((unit - 0xd800) << 10) + (second - 0xdc00);
    return 1;
}

static int take_escape(Cursor *c, uint32_t *character, uint32_t *flags) {
    if (c->at == c->end) return 0;
    switch (*c->at++) {
        case 'n': case 'r': case 't': *character = ' '; return 1;
        case '"': case '\\': *character = '"'; return 1;
        case '/': *character = '/'; *flags |= HIDES; return 1;
        case 'f': *character = ' '; *flags |= HIDES | UNITS; return 1;
        case 'b': *character = 8; *flags |= HIDES | UNITS; return 1;
        case 'u': *flags |= UNITS; return take_unit(c, character, flags);
        default: return 0;
    }
}

static int is_continuation(uint8_t byte) { return (byte & 0xc0) == 0x80; }

/* A character beyond ASCII, if it is valid UTF-8. */
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

/* Over bytes that stand for themselves, to the first that does not. */
static const uint8_t *plain_end(const uint8_t *at, const uint8_t *end) {
#ifdef __SSE2__ /* sixteen at a time; as a signed byte, what is not ASCII is below a space as well */
    while (end - at >= 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)at);
        __m128i quotes = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                      _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
        int found = _mm_movemask_epi8(_mm_or_si128(quotes, _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '))));
        if (found) return at + __builtin_ctz((unsigned)found);
        at += 16;
    }
#endif
    while (at < end && *at >= ' ' && *at < 0x80 && *at != '"' && *at != '\\') at++;
    return at;
}

/* A text with something in it, from its first quote to its last. */
static int take_text(Cursor *c, Text *text) {
    int visible = 0;
    if (!take(c, '"')) return 0;
    text->start = c->at;
    text->flags = 0;
    for (;;) {
        uint32_t character;
        const uint8_t *from = c->at;
        c->at = plain_end(from, c->end);
        for (; !visible && from < c->at; from++) visible = *from > ' ';
        if (c->at == c->end || *c->at < ' ') return 0;
        if (*c->at == '"') break;
        if (*c->at == '\\') {
            c->at++;
            if (!take_escape(c, &character, &text->flags)) return 0;
        } else {
            text->flags |= WIDE;
            do {
                if (!take_wide(c, &character)) return 0;
            } while (c->at < c->end && *c->at >= 0x80 && visible);
        }
        visible = visible || !is_space(character);
    }
    text->end = c->at++;
    return visible;
}

/* The code of a role: its first letter, in capitals if it stands after the text. */
static int take_role(Cursor *c, uint8_t *code) {
    static const struct { const char *word; size_t size; } roles[] = {
        {"assistant", 9}, {"user", 4}, {"system", 6}, {"developer", 9}};
    if (!take(c, '"')) return 0;
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        if (take_word(c, roles[i].word, roles[i].size)) {
            *code = (uint8_t)roles[i].word[0];
            return 1;
        }
    }
    return 0;
}

static int take_message(Cursor *c, uint8_t *code, Text *text) {
    if (!take(c, '{') || !take(c, '"')) return 0;
    if (take_word(c, "role", 4)) {
        if (!take(c, ':') || !take_role(c, code) || !take(c, ',') || !take(c, '"')) return 0;
        if (!take_word(c, "content", 7) || !take(c, ':') || !take_text(c, text)) return 0;
    } else {
        if (!take_word(c, "content", 7) || !take(c, ':') || !take_text(c, text)) return 0;
        if (!take(c, ',') || !take(c, '"') || !take_word(c, "role", 4)) return 0;
        if (!take(c, ':') || !take_role(c, code)) return 0;
        *code -= 'a' - 'A';
    }
    return take(c, '}');
}

/* Whether a text ends with one of the endings, each of which has its length before it; or may end in a loop, which its
   last bytes then come again in. A loop cannot be told where a character may be spelled in several ways. */
static int may_end(const Text *text, const uint8_t *endings, size_t endings_size, int loops) {
    size_t size = (size_t)(text->end - text->start);
    for (const uint8_t *ending = endings; ending < endings + endings_size; ending += *ending + 1) {
        if (*ending <= size && memcmp(text->end - *ending, ending + 1, *ending) == 0) return 1;
    }
    if (text->flags & UNITS && text->flags & (WIDE | CAPITALS)) return 1;
    if (!loops || size <= LOOP_NEEDLE) return 0;
    const uint8_t *needle = text->end - LOOP_NEEDLE;
    size_t back = size - LOOP_NEEDLE < LOOP_WINDOW ? size - LOOP_NEEDLE : LOOP_WINDOW;
    uint64_t wanted, found;
    memcpy(&wanted, needle, 8);
    for (size_t distance = 1; distance <= back; distance++) {
        memcpy(&found, needle - distance, 8);
        if (found == wanted && memcmp(needle - distance, needle, LOOP_NEEDLE) == 0) return 1;
    }
    return 0;
}

/* The last bytes of a text, in small letters, before the `room` bytes that are left; how many are left then. Of white
   space, and of what escapes are spelled with, nothing is kept: see likeness.py. */
static size_t fill_tail(const Text *text, uint8_t *tail, size_t room) {
    static const uint8_t left_out[256] = {[' '] = 1, ['\\'] = 1, ['"'] = 1, ['n'] = 1, ['t'] = 1, ['r'] = 1,
                                          ['N'] = 1, ['T'] = 1,  ['R'] = 1};
    for (const uint8_t *at = text->end; room && at > text->start;) {
        uint8_t byte = *--at;
        tail[room - 1] = byte | (uint8_t)((byte >= 'A' && byte <= 'Z') << 5);
        room -= !left_out[byte]; /* without a branch, which nobody could predict */
    }
    return room;
}

static uint32_t make_tail(const Text *before, const Text *last, uint8_t *tail, uint32_t *flags) {
    size_t room = TAIL;
    *flags |= (before->flags | last->flags) & (UNITS | WIDE);
    if (*flags & (UNITS | WIDE)) return 0;
    room = fill_tail(before, tail, fill_tail(last, tail, room));
    memmove(tail, tail + room, TAIL - room);
    return (uint32_t)(TAIL - room);
}

/* The lines that are recognised, in order. `lines` and `tails` have room for `capacity` lines, `codes` for one byte in
   28 of `data`. Returns how many there are. */
EXPORT size_t jsonl_lint_skim(
    const uint8_t *data, size_t size, size_t most_bytes, const uint8_t *hidden, const uint8_t *endings,
    size_t endings_size, int loops, size_t capacity, Line *lines, uint8_t *codes, uint8_t *tails) {
    const uint8_t *at = data, *stop;
    size_t count = 0;
    uint32_t coded = 0;
    if (size > UINT32_MAX) return 0;
    for (; count < capacity && (stop = memchr(at, '\n', (size_t)(data + size - at))); at = stop + 1) {
        Line line = {0};
        Cursor cursor = {at, stop, hidden};
        Text texts[3] = {{at, at, 0}, {at, at, 0}, {at, at, 0}}; /* of the last three messages */
        int taken;
        line.start = (uint32_t)(at - data);
        line.end = (uint32_t)(stop + 1 - data);
        line.codes = coded;
        if (line.end - line.start > most_bytes) continue;
        if (stop > at && stop[-1] == '\r') cursor.end--, line.flags |= CRLF;
        if (!take(&cursor, '{') || !take(&cursor, '"') || !take_word(&cursor, "messages", 8)) continue;
        if (!take(&cursor, ':') || !take(&cursor, '[')) continue;
        do {
            texts[0] = texts[1];
            texts[1] = texts[2];
            taken = take_message(&cursor, codes + coded + line.messages++, texts + 2);
            line.flags |= texts[2].flags & HIDES;
        } while (taken && take(&cursor, ','));
        if (!taken || !take(&cursor, ']') || !take(&cursor, '}') || cursor.at != cursor.end) continue;
        if (may_end(texts + 2, endings, endings_size, loops)) line.flags |= MAY_END;
        const Text *last = line.messages == 1 ? texts + 2 : texts + 1, *before = last - 1;
        line.before = (uint32_t)(before->start - data);
        line.before_end = (uint32_t)(before->end - data);
        line.last = (uint32_t)(last->start - data);
        line.last_end = (uint32_t)(last->end - data);
        line.tail_bytes = make_tail(before, last, tails + TAIL * count, &line.flags);
        coded += line.messages;
        lines[count++] = line;
    }
    return count;
}
