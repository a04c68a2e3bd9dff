/* Reads a record: encodes its structure as defined by structure.py, such that equal bytes mean equal structures; notes
   the texts of which likeness.py makes its key; and pairs its tool calls with their results, as toolcalls/screen.py
   does. */

#ifndef JSONL_LINT_RECORD_H
#define JSONL_LINT_RECORD_H

#include "conversation.h"

enum { MOST_SIGNED = 4096, MOST_CALLS = 256, LONGEST_ENUMERATED = 32, MOST_PROFILED = MOST_SIGNED + MOST_PUT };
enum { HELD_LIST = 5, LISTS = 5, TEXTS = 5, KEPT_TEXTS = 16 };

enum { SURE_DIGITS = 15 }; /* decimals of at most so many digits differ if their floats do */

/* What a key means, which recogniser.py defines: kinds of values that it may have, and a use. */
enum { MESSAGE_LIST = 1, HOLDER = 2, ENUMERATED = 4, PART_LIST = 8, NO_TEXTS = 16, RECORD_START = 32 };
enum { OTHER, CONTENT, VALUE, PARTS, ROLE, CALLS, CALL_ID, FUNCTION_CALL, TEXT, TOOLS, MESSAGES, CONTENTS };

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

/* Takes a key and a string, which are valid JSON. Only `arguments` may have escapes, since other strings are compared;
   or be an object, with its brackets. */
static int take_pair(Cursor *c, Text *key, Text *value) {
    if (!take_text(c, key) || !take(c, ':')) return 0;
    skip_space(c);
    int are_arguments = is_word(key, "arguments", 9);
    if (are_arguments && c->at < c->end && *c->at == '{') {
        value->start = c->at;
        if (!skip_value(c, 0)) return 0;
        value->end = c->at;
        return 1;
    }
    if (c->at == c->end || *c->at != '"' || !take_text(c, value)) return 0;
    return are_arguments || !memchr(value->start, '\\', text_size(value));
}

static int take_function(Cursor *c, Call *call) {
    Text key, value;
    if (!take(c, '{')) return 0;
    do {
        if (!take_pair(c, &key, &value)) return 0;
        if (is_word(&key, "name", 4)) call->name = value;
        else if (is_word(&key, "arguments", 9)) call->arguments = value;
        else return 0;
    } while (take(c, ','));
    return take(c, '}') && call->name.start && call->arguments.start;
}

static int take_call(Cursor *c, Call *call) {
    Text key, value;
    int typed = 0;
    memset(call, 0, sizeof *call);
    if (!take(c, '{')) return 0;
    do {
        skip_space(c);
        if (take_word(c, "\"function\"", 10)) {
            if (!take(c, ':') || !take_function(c, call)) return 0;
            continue;
        }
        if (!take_pair(c, &key, &value)) return 0;
        if (is_word(&key, "id", 2)) call->id = value;
        else if (is_word(&key, "type", 4)) typed = is_word(&value, "function", 8);
        else return 0;
    } while (take(c, ','));
    return take(c, '}') && typed && call->name.start && call->id.start < call->id.end;
}

/* Whether the calls of a message, which are valid JSON, are all right and have new ids. They wait for their results. */
static int take_calls(Record *r, const Text *calls) {
    Cursor *c = &r->c;
    const uint8_t *after = c->at, *end = c->end;
    uint32_t flags = c->flags, slip_count = c->slip_count, ended = c->ended, key_count = c->key_count;
    Texts *heard = c->heard;
    int right;
    c->at = calls->start;
    c->end = calls->end;
    c->heard = NULL; /* its texts have been */
    right = take(c, '[');
    do {
        Call *call = r->calls + r->call_count;
        right = right && r->call_count < MOST_CALLS && take_call(c, call);
        for (uint32_t i = 0; right && i < r->call_count; i++) right = !same(&r->calls[i].id, &call->id);
        if (right) r->call_count++, r->waiting++;
    } while (right && take(c, ','));
    c->at = after;
    c->end = end;
    c->flags = flags;
    c->slip_count = slip_count;
    c->ended = ended;
    c->key_count = key_count;
    c->heard = heard;
    return right;
}

/* A letter for a common role that only speakers have, 0 for any other or none. */
static uint8_t speaker(const Text *role) {
    static const struct { const char *word; size_t size; } roles[] = {
        {"user", 4}, {"assistant", 9}, {"system", 6}, {"developer", 9}};
    for (size_t i = 0; role->start && i < sizeof roles / sizeof *roles; i++) {
        if (is_word(role, roles[i].word, roles[i].size)) return (uint8_t)roles[i].word[0];
    }
    return 0;
}

/* Whether a message without a common role may call a tool, or be a tool's result. All names of such a role begin with
   one of these letters, or with white space. */
static int may_use_tools(const Message *message) {
    if (message->calls != NO_CALLS || message->has_call_id) return 1;
    if (!message->role.start) return 0;
    int letter = *message->role.start | 0x20;
    return letter < 'a' || letter > 'z' || strchr("fiot", letter) != NULL;
}

/* Pairs a message with the calls before it: each result must answer a waiting call, and no other message may come
   between them. */
static void pair_calls(Record *r, const Message *message) {
    int is_result = message->role.start && is_word(&message->role, "tool", 4);
    int between = message->waited || message->calls_function;
    if (!speaker(&message->role)) between |= may_use_tools(message);
    if (message->calls == ODD_CALLS || (!is_result && between)) r->odd = 1;
    if (!is_result) return;
    for (uint32_t i = 0; i < r->call_count && message->calls == NO_CALLS && message->call_id.start; i++) {
        if (!r->calls[i].answered && same(&r->calls[i].id, &message->call_id)) {
            r->calls[i].answered = 1;
            r->waiting--;
            return;
        }
    }
    r->odd = 1;
}

/* Notes what a member of a message says about it. */
static void note_of_message(Record *r, Message *message, const Name *name, const Text *value, uint8_t class) {
    int falsy = strchr("En[{f0z", class) != NULL; /* `[` and `{`: empty ones */
    switch (name->use) {
        case CONTENT: case VALUE: case PARTS:
            message->says[name->use - CONTENT] = falsy                          ? NOTHING
                                                 : class == 'T' || class == 'B' ? STRING
                                                 : class == 'L'                 ? UNKNOWN
                                                                                : ELSE;
            message->said[name->use - CONTENT] = *value;
            break;
        case ROLE: if (class == 'T') message->role = *value; break;
        case FUNCTION_CALL: message->calls_function = 1; break;
        case CALL_ID:
            message->has_call_id = 1;
            if (class == 'T' && !memchr(value->start, '\\', text_size(value))) message->call_id = *value;
            break;
        case CALLS: message->calls = class == 'n' ? NO_CALLS : class == 'L' && take_calls(r, value) ? RIGHT_CALLS : ODD_CALLS;
        default: break;
    }
}

/* The text of a message: its content, or else its value, or else its parts. */
static Text text_of(const Message *message, Question *question) {
    Text none = {0};
    for (int i = 0; i < 3; i++) {
        if (message->says[i] == NOTHING) continue;
        if (message->says[i] == UNKNOWN) question->lost = 1;
        return message->says[i] == ELSE ? none : message->said[i];
    }
    return none;
}

static void begin_question(Question *question) { question->messages = question->there = question->lost = question->count = 0; }

/* Adds a text to what is asked, unless it is blank. */
static void note_question(Question *question, const Text *text) {
    if (text->visible) question->texts[question->count++ % KEPT_TEXTS] = *text;
}

/* Replaces the signature of a message, from `start` on, by the letter of its role, if it has just a role and a text. */
static void shorten(Record *r, const Message *message, uint32_t start) {
    if (message->keys != 2 || message->says[0] != STRING || !message->said[0].visible) return;
    uint8_t letter = speaker(&message->role);
    if (!letter) return;
    r->signed_bytes = start;
    sign(r, letter);
}

/* Adds a message, of which the signature begins at `start`, to the conversation. In a long one, that signature is dropped
   on the way. */
static void note_form(Record *r, const Message *message, uint32_t start) {
    if (r->overflows) return; /* it may begin where the room ends */
    add_form(&r->conversation, r->signature + start, r->signed_bytes - start, &message->role);
    if (r->conversation.unusual || r->conversation.messages <= FEW_MESSAGES || r->signed_bytes <= MOST_SIGNED / 2) return;
    r->signed_bytes = r->conversation_start + 1;
    r->cut = 1;
}

/* Writes the signature with the profile in place of the messages; returns its size, 0 if there is none. */
static uint32_t put_profile(const Record *r, uint8_t profile[MOST_PROFILED]) {
    if (r->conversation.unusual || r->conversation.messages <= FEW_MESSAGES || r->c.slip_count) return 0;
    uint8_t *to = put_bytes(profile, r->signature, r->conversation_start);
    to = put_conversation(&r->conversation, to);
    to = put_bytes(to, r->signature + r->conversation_end, r->signed_bytes - r->conversation_end);
    return (uint32_t)(to - profile);
}

/* Begins the record's conversation; one of several has no profile. */
static void begin_conversation(Record *r, int are_contents) {
    if (r->conversation.messages) r->conversation.unusual = 1;
    if (r->conversation.unusual) return;
    r->conversation.are_contents = (uint32_t)are_contents;
    r->conversation_start = r->signed_bytes;
}

/* Takes the items of a list of messages after its bracket. `main`: it is the record's `messages`; `spoken`: it is a
   conversation; `output`: it is one of two answers. */
static int take_messages(Record *r, Question *question, int main, int spoken, int output) {
    Cursor *c = &r->c;
    Message message;
    Text said = {0}, text;
    Texts *heard = c->heard;
    uint8_t class;
    Place place = {AT_MESSAGE, NULL, &message, NULL};
    if (main) c->heard = &r->last_texts;
    if (spoken) begin_conversation(r, spoken == CONTENTS);
    sign(r, '[');
    do {
        uint32_t start = r->signed_bytes;
        int is_object = opens(c, '{');
        if (question->messages++) note_question(question, &said);
        memset(&message, 0, sizeof message);
        message.waited = r->waiting;
        if (main) r->last_texts.count = r->last_texts.lost = 0;
        if (is_object) {
            if (!take_object(r, &place)) return 0;
            shorten(r, &message, start);
        } else {
            sign(r, '!');
            if (!take_class(r, &text, &class)) return 0;
        }
        said = text_of(&message, question);
        if (main) pair_calls(r, &message);
        if (main && !is_object) r->odd = 1;
        if (main) r->odd_end = !is_object;
        if (spoken) note_form(r, &message, start);
    } while (goes_on(c, ']'));
    if (question->messages == 1) note_question(question, &said);
    question->there = 1;
    if (output && !question->lost) r->outputs[output - 1] = said;
    if (main && r->waiting && message.role.start && is_word(&message.role, "tool", 4)) r->odd = 1;
    c->heard = heard;
    sign(r, ']');
    if (spoken) r->conversation_end = r->signed_bytes;
    return take(c, ']');
}

/* Takes the value of a member. */
static int take_member(Record *r, const Place *place, const Name *name) {
    Cursor *c = &r->c;
    Question no_question, *question = &no_question;
    Text value;
    uint8_t class;
    int level = place->level;
    begin_question(&no_question);
    if (level == AT_ROOT && name->list && name->list != HELD_LIST) question = r->questions + name->list - 1;
    if (level == AT_HELD && place->holder->list == HELD_LIST && name->use == MESSAGES) question = r->questions + HELD_LIST - 1;
    if (level <= AT_HELD && name->kinds & MESSAGE_LIST && opens(c, '[')) {
        int main = level == AT_ROOT && name->use == MESSAGES;
        int spoken = name->use == MESSAGES || name->use == CONTENTS ? name->use : 0;
        return take_messages(r, question, main, spoken, level == AT_ROOT ? name->output : 0);
    }
    if (level == AT_ROOT && name->kinds & HOLDER && opens(c, '{')) {
        Place held = {AT_HELD, name, NULL, NULL};
        return take_object(r, &held);
    }
    if (level == AT_MESSAGE && name->kinds & PART_LIST && opens(c, '[')) {
        int index = name->use - CONTENT;
        place->message->says[index] = FROM_PARTS;
        return take_parts(r, place->message->said + index);
    }
    if (level >= AT_MESSAGE && name->kinds & ENUMERATED ? !take_enumerated(r, &value, &class)
                                                        : !take_class(r, &value, &class)) return 0;
    if (level == AT_MESSAGE) note_of_message(r, place->message, name, &value, class);
    else if (level == AT_PART && name->use == TEXT && class == 'T') *place->part = value;
    else if (level == AT_ROOT && name->text && class == 'T') r->texts[name->text - 1] = value;
    else if (level == AT_ROOT && name->output && class == 'T') r->outputs[name->output - 1] = value;
    else if (level == AT_ROOT && name->use == TOOLS && class == 'L') r->tools = value;
    else if (level == AT_ROOT && name->use == TOOLS) r->odd = 1;
    if (class == '[') question->there = 1;
    return 1;
}

/* Takes the members of an object after its bracket. */
static int take_object(Record *r, const Place *place) {
    Cursor *c = &r->c;
    Texts *heard = c->heard;
    Text key;
    uint32_t first = c->key_count;
    sign(r, '{');
    do {
        if (!take_key(c, first, &key) || *key.start == '}') return 0; /* in a signature, that ends the object */
        sign_text(r, &key);
        const Name *name = name_of(r, &key);
        if (name->kinds & NO_TEXTS) c->heard = NULL;
        if (!take_member(r, place, name)) return 0;
        c->heard = heard;
    } while (goes_on(c, '}'));
    if (place->message) place->message->keys = c->key_count - first;
    c->key_count = first;
    sign(r, '}');
    return take(c, '}');
}

/* Signs the slips: all that counts about them. */
static int sign_slips(Record *r) {
    int alike;
    uint32_t all = 0;
    for (uint32_t i = 0; i < r->c.slip_count; i++) all |= r->c.slips[i].kind;
    if (all & (PYTHON_QUOTES | PYTHON_WORD) && all & ~(uint32_t)(PYTHON_QUOTES | PYTHON_WORD)) return 0;
    if (all & SEVERAL && all != SEVERAL) return 0;
    for (uint32_t i = 0; i < r->c.slip_count; i++) {
        sign(r, (uint8_t)r->c.slips[i].kind);
        sign(r, (uint8_t)(r->c.slips[i].kind >> 8));
        if (r->c.slips[i].kind != REPEATED_KEY) continue;
        if (!compare_values(&r->c, r->c.slips + i, &alike)) return 0;
        sign(r, alike ? '=' : '!');
    }
    return 1;
}

/* Whether a line begins with a key that no message has, so that it is no part of a record that began before it. */
static int begins_record(const Record *r, const uint8_t *at, const uint8_t *end) {
    Cursor c = {.at = at, .end = end};
    if (at == end || *at != '{' || !take(&c, '{') || !take(&c, '"')) return 0;
    for (const Name *name = r->names; name < r->names + r->name_count; name++) {
        if (!(name->kinds & RECORD_START) || c.end - c.at <= name->size || c.at[name->size] != '"') continue;
        if (!memcmp(c.at, name->spelling, name->size)) return 1;
    }
    return 0;
}

/* Takes a comment that ends the line. */
static int take_comment(Record *r, const uint8_t *start) {
    Cursor *c = &r->c;
    skip_space(c);
    if (c->at == c->end || (*c->at != '#' && (c->end - c->at < 2 || memcmp(c->at, "//", 2)))) return 0;
    for (const uint8_t *at = c->at; at < c->end; at++) {
        if (*at >= 0x7f || (*at < ' ' && *at != '\t')) return 0;
    }
    if (!begins_record(r, start, c->end) || !slip(c, COMMENT, c->at, c->end)) return 0;
    c->at = c->end;
    return 1;
}

/* Whether a line that is not taken just ends too soon. If it ends with a bracket, a quote may be missing instead; if the
   next line, which the caller looks at, begins no record, it may go on there. */
static int is_cut_off(Record *r, const uint8_t *start) {
    Cursor *c = &r->c;
    const uint8_t *end = c->end;
    while (end > start && (end[-1] == ' ' || end[-1] == '\t')) end--;
    if (!c->ended || c->at != c->end || c->slip_count || end[-1] == '}' || end[-1] == ']') return 0;
    if (!begins_record(r, start, end) || !slip(c, CUT_OFF, end, end)) return 0;
    r->signed_bytes = r->overflows = r->cut = 0;
    return sign_slips(r);
}

/* Forgets all that is known of a record, except for its signature and the texts outside of its messages. */
static void begin(Record *r) {
    r->odd = r->odd_end = r->call_count = r->waiting = 0;
    Conversation *conversation = &r->conversation;
    conversation->messages = conversation->forms = conversation->unusual = 0;
    conversation->seen = conversation->repeated = 0;
    r->last_texts.count = r->last_texts.lost = 0;
    for (int i = 0; i < LISTS; i++) begin_question(r->questions + i);
    memset(r->texts, 0, sizeof r->texts);
    memset(&r->tools, 0, sizeof r->tools);
    memset(r->outputs, 0, sizeof r->outputs);
}

static int has_messages(const Record *r) { return r->questions[0].there && r->questions[0].messages; }

/* Keeps the texts with which a record may end, since it is not the last one on its line. */
static void note_earlier(Record *r) {
    const Texts *ends = has_messages(r) ? &r->last_texts : &r->other_texts;
    Texts *earlier = &r->earlier_texts;
    r->odd_earlier |= has_messages(r) && r->odd_end;
    earlier->lost |= ends->lost || earlier->count + ends->count > MOST_TEXTS;
    if (earlier->lost) return;
    memcpy(earlier->texts + earlier->count, ends->texts, ends->count * sizeof *ends->texts);
    earlier->count += ends->count;
}

/* Takes what follows the record on its line, if that is tolerated: a comment, a comma, or further records. */
static int take_rest(Record *r, const uint8_t *start, const Place *root) {
    Cursor *c = &r->c;
    if (take_comment(r, start)) return 1;
    while (c->tolerated & SEVERAL && opens(c, '{')) {
        if (!slip_once(c, 0, SEVERAL, c->at - 1)) return 0;
        note_earlier(r);
        begin(r);
        if (!take_object(r, root)) return 0;
    }
    if (!take(c, ',')) return 1;
    sign(r, ',');
    return slip(c, TRAILING_COMMA, c->at - 1, c->at);
}

/* Takes a line that is an array, if that is tolerated. */
static int take_array(Record *r) {
    Cursor *c = &r->c;
    const uint8_t *start = c->at;
    c->heard = NULL;
    if (!(c->tolerated & NO_OBJECT) || !skip_value(c, 0) || c->slip_count) return 0;
    skip_space(c);
    c->flags = 0; /* no rule asks for its texts */
    return c->at == c->end && slip(c, NO_OBJECT, start, c->end) && sign_slips(r);
}

/* Takes a line that is one record, with the slips that are tolerated. What `r` says about it is valid until the next
   line; with slips, only the signature, which ends with them, and the texts are right. */
static int take_record(Record *r, const uint8_t *start, const uint8_t *end, uint32_t tolerated) {
    Place root = {AT_ROOT, NULL, NULL, NULL};
    r->c.at = start;
    r->c.end = end;
    r->c.tolerated = tolerated;
    r->c.flags = r->c.key_count = r->c.slip_count = r->c.ended = 0;
    r->c.heard = &r->other_texts;
    r->signed_bytes = r->overflows = r->cut = r->odd_earlier = 0;
    r->other_texts.count = r->other_texts.lost = r->earlier_texts.count = r->earlier_texts.lost = 0;
    begin(r);
    if (start < end && *start == '[') return take_array(r);
    if (!opens(&r->c, '{') || !take_object(r, &root)) return is_cut_off(r, start);
    if (tolerated && !take_rest(r, start, &root)) return 0;
    skip_space(&r->c);
    if (r->cut && (r->conversation.unusual || r->c.slip_count)) return 0;
    return r->c.at == r->c.end && sign_slips(r) && !r->overflows;
}

#endif
