/* Reads strings, with their escapes, and the keys of objects. */

#ifndef JSONL_LINT_TEXT_H
#define JSONL_LINT_TEXT_H

#include "cursor.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

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

#endif
