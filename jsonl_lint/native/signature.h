/* Encodes the structure of what is read, as defined by structure.py, such that equal bytes mean equal structures. This is
   the signature of a record, of which more is noted on the way. */

#ifndef JSONL_LINT_SIGNATURE_H
#define JSONL_LINT_SIGNATURE_H

#include "conversation.h"

enum { MOST_SIGNED = 4096, MOST_CALLS = 256, LONGEST_ENUMERATED = 32, MOST_PROFILED = MOST_SIGNED + MOST_PUT };

/* As in settings.py: the most characters of a text, and the most bits of a number, that are signed. A number with more
   digits has more bits; a character is spelled in at most so many bytes, two escapes. */
enum { LONGEST_SETTING = 64, MOST_BITS = 24, MOST_DIGITS = 8, LONGEST_CHARACTER = 12 };
enum { HELD_LIST = 5, LISTS = 5, TEXTS = 5, KEPT_TEXTS = 16 };

enum { SURE_DIGITS = 15 }; /* decimals of at most so many digits differ if their floats do */

/* What a key means, which recogniser.py defines: kinds of values that it may have, and a use. */
enum { MESSAGE_LIST = 1, HOLDER = 2, ENUMERATED = 4, PART_LIST = 8, NO_TEXTS = 16, RECORD_START = 32, SETTING = 64 };
enum { OTHER, CONTENT, VALUE, PARTS, ROLE, CALLS, CALL_ID, FUNCTION_CALL, TEXT, TOOLS, MESSAGES, CONTENTS, REQUEST_ID };

typedef struct {
    uint8_t size, kinds, use;
    uint8_t list, text; /* its rank, from 1, among the lists and texts that may hold what is asked */
    uint8_t output;     /* 1 for the better of two answers, 2 for the other */
    uint8_t spelling[26];
} Name;

/* What a list of messages asks: the texts of all messages but the last, or of the only one. The most recent ones are
   kept in a ring. `lost`: some text cannot be told here. */
typedef struct {
    uint32_t messages, there, lost, count;
    Text texts[KEPT_TEXTS];
} Question;

typedef struct {
    Text id, name, arguments;
    int answered;
} Call;

enum { NOTHING, STRING, FROM_PARTS, ELSE, UNKNOWN };
enum { NO_CALLS, RIGHT_CALLS, ODD_CALLS };

/* What is known of a message until its end. */
typedef struct {
    Text role, call_id, said[3];
    uint8_t says[3]; /* for content, value and parts */
    uint8_t calls, calls_function, has_call_id;
    uint32_t waited, keys;
} Message;

typedef struct {
    Cursor c;
    const Name *names;
    size_t name_count;
    uint32_t signed_bytes, overflows;
    uint8_t signature[MOST_SIGNED];
    Question questions[LISTS];
    Text texts[TEXTS], tools;
    Text outputs[2];               /* the last text of each of two answers, if it is known here */
    Texts last_texts, other_texts; /* of the last message, and of everything outside of `messages` */
    Texts earlier_texts;           /* those with which earlier records on the line may end */
    uint32_t odd;                  /* there are calls or results that may be wrong */
    uint32_t odd_end;              /* the last message is not an object */
    uint32_t odd_earlier;          /* so it is in an earlier record on the line */
    uint32_t is_request;           /* its id has been read */
    uint32_t call_count, waiting;
    Conversation conversation;                     /* `messages` or `contents`, also those of a request */
    uint32_t conversation_start, conversation_end; /* where it is in the signature */
    uint32_t cut;                  /* it lacks messages, since they are many; only the profile is right */
    Call calls[MOST_CALLS];
} Record;

/* Where an object is that is read member by member. */
enum { AT_ROOT, AT_HELD, AT_MESSAGE, AT_PART };

typedef struct {
    int level;
    const Name *holder; /* the key of an object that holds messages */
    Message *message;
    Text *part; /* for the text of a part */
} Place;

static int take_object(Record *r, const Place *place);

/* Appends a byte to the signature, which is the encoded structure. */
static void sign(Record *r, uint8_t byte) {
    if (r->signed_bytes == MOST_SIGNED) r->overflows = 1;
    else r->signature[r->signed_bytes++] = byte;
}

/* Appends a text to the signature. It contains no quote, so a quote ends it. */
static void sign_text(Record *r, const Text *text) {
    size_t size = text_size(text);
    if (size >= MOST_SIGNED - r->signed_bytes) {
        r->overflows = 1;
        return;
    }
    memcpy(r->signature + r->signed_bytes, text->start, size);
    r->signed_bytes += (uint32_t)size;
    sign(r, '"');
}

static const Name *name_of(const Record *r, const Text *key) {
    static const Name unknown;
    size_t size = text_size(key);
    for (const Name *name = r->names; name < r->names + r->name_count; name++) {
        if (name->size == size && memcmp(name->spelling, key->start, size) == 0) return name;
    }
    return &unknown;
}

static int only_zeros(const Text *digits) {
    for (const uint8_t *at = digits->start; at < digits->end; at++) {
        if (*at != '0') return 0;
    }
    return 1;
}

/* Whether a decimal has so many digits that its float may be a whole number although it is not. */
static int may_be_rounded(const Number *number) {
    const uint8_t *rest = number->rest.start;
    if (number->digits <= SURE_DIGITS) return 0;
    if (text_size(&number->whole) > SURE_DIGITS - 6 || !memcmp(rest, "999", 3)) return 1;
    return !only_zeros(&number->whole) && !memcmp(rest, "000", 3);
}

/* A letter for each class of numbers in structure.py; 0 if the class is not obvious, as for a negative zero. A number
   with a power has an obvious class only if it is below one: `1.5e-05`. */
static uint8_t class_of_number(const Number *number) {
    const Text *whole = &number->whole, *rest = &number->rest;
    int none = only_zeros(whole), round = only_zeros(rest), fraction = rest->start < rest->end;
    if (number->has_power) return none || text_size(whole) > 1 || number->power > -2 ? 0 : number->negative ? 'b' : 'r';
    if (none && round) return number->negative ? 0 : fraction ? 'z' : '0';
    if (number->negative) return fraction ? 'b' : '-';
    if (fraction && may_be_rounded(number)) return 0;
    if (none) return 'r';
    int one = text_size(whole) == 1 && *whole->start == '1';
    if (!fraction) return one ? '1' : '2';
    return !round ? 'a' : one ? 'o' : 'w';
}

/* Takes the opening bracket of an array or object that is not empty. */
static int opens(Cursor *c, uint8_t bracket) {
    const uint8_t *start = c->at;
    if (take(c, bracket)) {
        skip_space(c);
        if (c->at < c->end && *c->at != bracket + 2) return 1; /* `]` and `}` are two after their partners in ASCII */
    }
    c->at = start;
    return 0;
}

static int begins_number(const Cursor *c) {
    const uint8_t *at = c->at + (*c->at == '-');
    return at < c->end && *at >= '0' && *at <= '9';
}

/* Takes a value of which only its class counts, which is signed. `value` is a string without its quotes, or the place
   of an array or object. */
static int take_class(Record *r, Text *value, uint8_t *class) {
    Cursor *c = &r->c;
    Number number;
    skip_space(c);
    if (c->at == c->end) return ended(c);
    memset(value, 0, sizeof *value);
    const uint8_t *start = c->at;
    *class = *start;
    if (*start == '"' || *start == '\'') {
        if (!take_heard(c, value)) return 0;
        *class = value->visible ? 'T' : value->start < value->end ? 'B' : 'E';
    } else if (begins_number(c)) {
        if (!take_number(c, &number)) return 0;
        *class = class_of_number(&number);
    } else {
        if (*start == '[' || *start == '{') {
            *class = opens(c, *start) ? (*start == '[' ? 'L' : 'O') : *start;
            c->at = start;
        }
        if (*start == '-') *class = 'J'; /* minus infinity */
        if (*start == 'T' || *start == 'F' || (*start == 'N' && start[1] == 'o')) *class |= 0x20; /* as in JSON */
        if (!skip_value(c, 0)) return 0;
        value->start = start;
        value->end = c->at;
    }
    sign(r, *class == '[' || *class == '{' ? *class + 2 : *class); /* closed at once, since others follow that go on */
    return *class != 0;
}

/* Takes a string, and signs it as it is if it is short. */
static int take_enumerated(Record *r, Text *text, uint8_t *class) {
    skip_space(&r->c);
    if (r->c.at == r->c.end || (*r->c.at != '"' && *r->c.at != '\'')) return take_class(r, text, class);
    if (!take_heard(&r->c, text) || text->flags || memchr(text->start, '\\', text_size(text))) return 0;
    *class = text->visible ? 'T' : text->start < text->end ? 'B' : 'E';
    if (text_size(text) > LONGEST_ENUMERATED) {
        sign(r, *class);
    } else {
        sign(r, '=');
        sign_text(r, text);
    }
    return 1;
}

/* Takes a setting of a request: signs a text as it is if it is short, and of a whole number how many bits it has. */
static int take_setting(Record *r, Text *value, uint8_t *class) {
    Cursor *c = &r->c;
    skip_space(c);
    if (c->at == c->end) return ended(c);
    const uint8_t *start = c->at;
    if (*start != '"' && *start != '\'') {
        uint32_t number = 0, bits = 0;
        if (!take_class(r, value, class)) return 0;
        if (*class != '2' || c->at - start > MOST_DIGITS || r->overflows) return 1;
        for (; start < c->at; start++) number = number * 10 + *start - '0';
        for (; number; number >>= 1) bits++;
        if (bits > MOST_BITS) return 1;
        r->signature[r->signed_bytes - 1] = '#';
        sign(r, (uint8_t)('A' + bits));
        return 1;
    }
    if (!take_heard(c, value)) return 0;
    int plain = !value->flags && !memchr(value->start, '\\', text_size(value));
    if (!plain && text_size(value) <= LONGEST_SETTING * LONGEST_CHARACTER) return 0;
    *class = value->visible ? 'T' : value->start < value->end ? 'B' : 'E';
    sign(r, plain && text_size(value) <= LONGEST_SETTING ? '=' : *class);
    if (plain && text_size(value) <= LONGEST_SETTING) sign_text(r, value);
    return 1;
}

/* Takes the parts of a content after its bracket. `said` is the text of the last part that is not blank. */
static int take_parts(Record *r, Text *said) {
    Text text;
    uint8_t class;
    Place place = {AT_PART, NULL, NULL, said};
    sign(r, '[');
    do {
        if (opens(&r->c, '{')) {
            if (!take_object(r, &place)) return 0;
        } else {
            sign(r, '!');
            if (!take_class(r, &text, &class)) return 0;
        }
    } while (goes_on(&r->c, ']'));
    sign(r, ']');
    return take(&r->c, ']');
}

#endif
