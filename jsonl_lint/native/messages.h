/* Reads lists of messages, and notes the texts of which likeness.py makes the key of a record. */

#ifndef JSONL_LINT_MESSAGES_H
#define JSONL_LINT_MESSAGES_H

#include "calls.h"

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

#endif
