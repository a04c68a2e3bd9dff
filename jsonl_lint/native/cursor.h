/* A place in a line, and what is noted on the way: texts, keys, slips. The functions that take something move the
   cursor over it and return 1, or return 0 if the line is not taken. What is taken is valid JSON and UTF-8, without
   repeated keys in an object and without numbers that a parser would change, apart from slips that are tolerated; what is
   valid but rare may not be taken. Nothing is read beyond the line, and nothing is allocated. */

#ifndef JSONL_LINT_CURSOR_H
#define JSONL_LINT_CURSOR_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

#endif
