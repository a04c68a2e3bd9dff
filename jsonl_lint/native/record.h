/* Reads a line that is a record, with the slips that are tolerated. */

#ifndef JSONL_LINT_RECORD_H
#define JSONL_LINT_RECORD_H

#include "messages.h"

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
    if (level == AT_ROOT && name->use == REQUEST_ID) r->is_request = 1;
    int (*take_value)(Record *, Text *, uint8_t *) = take_class;
    if (level >= AT_MESSAGE && name->kinds & ENUMERATED) take_value = take_enumerated;
    if (level <= AT_HELD && name->kinds & SETTING && r->is_request) take_value = take_setting;
    if (!take_value(r, &value, &class)) return 0;
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
    r->odd = r->odd_end = r->call_count = r->waiting = r->is_request = 0;
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
