/* Computes the key that similar records share: a hash of the last bytes of what a record asks, as likeness.py does. */

#ifndef JSONL_LINT_LIKENESS_H
#define JSONL_LINT_LIKENESS_H

#include "record.h"

enum { TAIL = 192 };

/* The end of a text, filled backwards. `room` is what is left; one character more fits in front. */
typedef struct {
    size_t room;
    uint8_t bytes[4 + TAIL];
} Tail;

/* How to turn the characters of a range into small letters. The two small sigmas count as one letter. */
enum { SAME, BY_32, BY_80, TO_ODD, TO_EVEN };

static const struct { uint32_t first, last; uint8_t how; } letters[] = {
    {0x3001, 0x9fff, SAME},   {0x80, 0xbf, SAME},       {0x430, 0x45f, SAME},    {0x410, 0x42f, BY_32},
    {0xdf, 0xff, SAME},       {0xc0, 0xd6, BY_32},      {0xd7, 0xd7, SAME},      {0xd8, 0xde, BY_32},
    {0xac00, 0xd7ff, SAME},   {0x2010, 0x20ff, SAME},   {0x590, 0xfff, SAME},    {0x1f000, 0x1fbff, SAME},
    {0xff00, 0xff20, SAME},   {0xff21, 0xff3a, BY_32},  {0xff3b, 0xffef, SAME},  {0x2190, 0x24af, SAME},
    {0x2500, 0x2bff, SAME},   {0x100, 0x12f, TO_ODD},   {0x131, 0x131, SAME},   {0x132, 0x137, TO_ODD},  {0x139, 0x148, TO_EVEN},
    {0x14a, 0x177, TO_ODD},   {0x179, 0x17e, TO_EVEN},  {0x391, 0x3a1, BY_32},   {0x3a3, 0x3a9, BY_32},
    {0x3ac, 0x3c1, SAME},     {0x3c2, 0x3c2, TO_ODD},  {0x3c3, 0x3ce, SAME},     {0x400, 0x40f, BY_80},   {0x1e00, 0x1e95, TO_ODD},
    {0x1ea0, 0x1eff, TO_ODD}, {0x1000, 0x109f, SAME},   {0x1780, 0x17ff, SAME},  {0xa000, 0xa4cf, SAME},
    {0xe000, 0xfaff, SAME},   {0xfe00, 0xfeff, SAME},   {0x20000, 0x3ffff, SAME}};

/* The small letter of a character, 0 if that is not known here. */
static uint32_t small_letter(uint32_t character) {
    if (character < 0x80) return character >= 'A' && character <= 'Z' ? character + 32 : character;
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        if (character < letters[i].first || character > letters[i].last) continue;
        switch (letters[i].how) {
            case BY_32: return character + 32;
            case BY_80: return character + 80;
            case TO_ODD: return character | 1;
            case TO_EVEN: return (character + 1) & ~1u;
            default: return character;
        }
    }
    return 0;
}

/* White space, and the characters that escapes are spelled with: they do not count for a key. */
static const uint8_t left_out[256] = {[' '] = 1, ['\\'] = 1, ['"'] = 1, ['n'] = 1, ['t'] = 1, ['r'] = 1,
                                      ['N'] = 1, ['T'] = 1,  ['R'] = 1};

/* Puts a character in front of the tail; 0 if its small letter is not known here. */
static int put(Tail *tail, uint32_t character) {
    if (is_space(character)) return 1;
    character = small_letter(character);
    if (character < 0x80) {
        if (character && !left_out[character]) tail->bytes[4 + --tail->room] = (uint8_t)character;
        return character != 0;
    }
    uint8_t *end = tail->bytes + 4 + tail->room;
    size_t size = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = 1; i < size; i++, character >>= 6) end[-(ptrdiff_t)i] = 0x80 | (character & 0x3f);
    end[-(ptrdiff_t)size] = (uint8_t)(0xf00 >> size) | (uint8_t)character;
    tail->room -= size < tail->room ? size : tail->room;
    return 1;
}

/* Whether a backslash before `at` begins an escape, and is not escaped itself. */
static int begins_escape(const uint8_t *at, const uint8_t *start) {
    const uint8_t *run = at;
    while (run > start && run[-1] == '\\') run--;
    return (at - run) & 1;
}

/* Finds the code unit of the escape that ends at `at`; 0 if none does. */
static int unit_before(const uint8_t *at, const uint8_t *start, uint32_t *unit) {
    uint32_t flags;
    if (at - start < 6 || at[-5] != 'u' || at[-6] != '\\') return 0;
    return hex_digits(at - 4, unit, &flags) && begins_escape(at - 5, start);
}

/* Finds the character that ends at `at`; returns where it begins. The quote or letter of an escape like `\n` is taken
   for a character by itself, and so is its backslash: they do not count for a key. */
static const uint8_t *character_before(const uint8_t *at, const uint8_t *start, uint32_t *character) {
    uint32_t first;
    if (at[-1] >= 0x80) {
        Cursor c = {0};
        c.end = at;
        while (is_continuation(*--at)) {}
        c.at = at;
        take_wide(&c, character);
        return at;
    }
    if (unit_before(at, start, character)) {
        at -= 6;
        if (*character < 0xdc00 || *character > 0xdfff || !unit_before(at, start, &first)) return at;
        *character = of_pair(first, *character);
        return at - 6;
    }
    *character = *--at;
    if ((*character == 'b' || *character == 'f') && at > start && at[-1] == '\\' && begins_escape(at, start)) {
        *character = *character == 'b' ? 8 : ' ';
    }
    return at;
}

/* Puts a text in front of the tail; 0 as for `put`. A plain text is copied byte by byte, without unpredictable
   branches. */
static int put_text(Tail *tail, const Text *text) {
    const uint8_t *at = text->end;
    if (text->flags & (UNITS | WIDE)) {
        while (tail->room && at > text->start) {
            uint32_t character;
            at = character_before(at, text->start, &character);
            if (!put(tail, character)) return 0;
        }
        return 1;
    }
    while (tail->room && at > text->start) {
        uint8_t byte = *--at;
        tail->bytes[4 + tail->room - 1] = byte | (uint8_t)((byte >= 'A' && byte <= 'Z') << 5);
        tail->room -= !left_out[byte];
    }
    return 1;
}

static uint64_t rotated(uint64_t value, int bits) { return value << bits | value >> (64 - bits); }

static uint64_t read_64(const uint8_t *at) {
    uint64_t value = 0;
    for (int i = 7; i >= 0; i--) value = value << 8 | at[i];
    return value;
}

#define PRIME_1 0x9e3779b185ebca87u
#define PRIME_2 0xc2b2ae3d27d4eb4fu
#define PRIME_3 0x165667b19e3779f9u
#define PRIME_4 0x85ebca77c2b2ae63u
#define PRIME_5 0x27d4eb2f165667c5u

static uint64_t mixed(uint64_t sum, uint64_t input) { return rotated(sum + input * PRIME_2, 31) * PRIME_1; }

/* XXH64 without a seed: see the specification of xxHash. */
static uint64_t hash_64(const uint8_t *at, size_t size) {
    const uint8_t *end = at + size;
    uint64_t hash = PRIME_5;
    if (size >= 32) {
        uint64_t lanes[4] = {PRIME_1 + PRIME_2, PRIME_2, 0, 0 - PRIME_1};
        for (; end - at >= 32; at += 32) {
            for (int i = 0; i < 4; i++) lanes[i] = mixed(lanes[i], read_64(at + 8 * i));
        }
        hash = rotated(lanes[0], 1) + rotated(lanes[1], 7) + rotated(lanes[2], 12) + rotated(lanes[3], 18);
        for (int i = 0; i < 4; i++) hash = (hash ^ mixed(0, lanes[i])) * PRIME_1 + PRIME_4;
    }
    hash += size;
    for (; end - at >= 8; at += 8) hash = rotated(hash ^ mixed(0, read_64(at)), 27) * PRIME_1 + PRIME_4;
    if (end - at >= 4) {
        uint64_t word = at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 | (uint64_t)at[3] << 24;
        hash = rotated(hash ^ word * PRIME_1, 23) * PRIME_2 + PRIME_3;
        at += 4;
    }
    for (; at < end; at++) hash = rotated(hash ^ *at * PRIME_5, 11) * PRIME_1;
    hash = (hash ^ hash >> 33) * PRIME_2;
    hash = (hash ^ hash >> 29) * PRIME_3;
    return hash ^ hash >> 32;
}

/* Whether two answers certainly differ in more than case and white space, because their ends do. */
static int differ(const Text *one, const Text *other) {
    Tail ends[2];
    ends[0].room = ends[1].room = TAIL;
    if (!one->start || !other->start || !put_text(ends, one) || !put_text(ends + 1, other)) return 0;
    size_t room = ends[0].room;
    return room != ends[1].room || memcmp(ends[0].bytes + 4 + room, ends[1].bytes + 4 + room, TAIL - room) != 0;
}

/* The record's key, 0 if it takes the parsed record to compute it. */
static uint64_t key_of(const Record *r) {
    Tail tail;
    const Question *question = NULL;
    int texts = 0, known = 1;
    tail.room = TAIL;
    for (int i = 0; i < LISTS - 1 && !question; i++) {
        if (r->questions[i].there) question = r->questions + i;
    }
    for (int i = TEXTS; i-- && !question;) {
        if (!r->texts[i].start) continue;
        texts = 1;
        known = known && put_text(&tail, r->texts + i);
    }
    if (!question && !texts) question = r->questions + HELD_LIST - 1;
    if (question) {
        known = question->there && !question->lost;
        for (uint32_t i = question->count; known && tail.room && i--;) {
            known = question->count - i <= KEPT_TEXTS && put_text(&tail, question->texts + i % KEPT_TEXTS);
        }
    }
    uint64_t key = known ? hash_64(tail.bytes + 4 + tail.room, TAIL - tail.room) : 0;
    return known && !key ? 1 : key;
}

#endif
