/* Reads numbers, and skips any value. */

#ifndef JSONL_LINT_JSON_H
#define JSONL_LINT_JSON_H

#include "text.h"

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
