/* Whatever a host may get wrong short of a dangling pointer is an answer, and the handle goes on working. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "json.h"

/* Where results must not be written. */
#define UNTOUCHED ((void *)(uintptr_t)0x1234)

static const char *const LOOK_UP = "{\"card\":{\"id\":\"16-4000-1\"}}";

/* A failure of this status, with its JSON; to be called with the place of an error that was NULL. */
static void refused(cardmint_status status, cardmint_status wanted, cardmint_text **error, const char *what) {
    struct answer said = answer(status, NULL, *error);
    *error = NULL;
    CHECK(said.status == wanted, "%s: status %d, wanted %d: %s", what, status, wanted, said.text);
    CHECK(json_number(said.text, "status") == wanted, "%s: %s", what, said.text);
    CHECK(strcmp(json_text(said.text, "code"), cardmint_status_code(wanted)) == 0, "%s: %s", what, said.text);
    CHECK(json_at(said.text, "message") != NULL && json_at(said.text, "facts") != NULL, "%s: %s", what, said.text);
}

#define NULLED(call) refused((call), CARDMINT_STATUS_NULL_ARGUMENT, &error, #call)
#define NOT_UTF8(call) refused((call), CARDMINT_STATUS_NOT_UTF8, &error, #call)

static void frees_of_null(void) {
    cardmint_engine_free(NULL);
    cardmint_tenant_free(NULL);
    cardmint_call_free(NULL);
    cardmint_cursor_free(NULL);
    cardmint_text_free(NULL);
    CHECK(cardmint_text_data(NULL) == NULL && cardmint_text_len(NULL) == 0, "a text out of NULL");
}

static void null_everywhere(const cardmint_engine *engine, const cardmint_tenant *shop) {
    cardmint_text *error = NULL;
    cardmint_engine *e = UNTOUCHED;
    cardmint_tenant *t = UNTOUCHED;
    cardmint_call *call = UNTOUCHED;
    cardmint_cursor *cursor = UNTOUCHED;
    cardmint_text *reply = UNTOUCHED;
    uint64_t n = 7;
    uint8_t slot = 7;
    NULLED(cardmint_engine_open(NULL, 0, &e, &error));
    NULLED(cardmint_engine_open("{}", 2, NULL, &error));
    NULLED(cardmint_engine_tenant(NULL, "a", 1, "live", 4, &t, &error));
    NULLED(cardmint_engine_tenant(engine, NULL, 1, "live", 4, &t, &error));
    NULLED(cardmint_engine_tenant(engine, "a", 1, NULL, 4, &t, &error));
    NULLED(cardmint_engine_tenant(engine, "a", 1, "live", 4, NULL, &error));
    NULLED(cardmint_engine_set_now(NULL, "x", 1, &error));
    NULLED(cardmint_engine_set_now(engine, NULL, 1, &error));
    NULLED(cardmint_engine_close(NULL, &error));
    NULLED(cardmint_tenant_call(NULL, "look_up", 7, "{}", 2, &reply, &error));
    NULLED(cardmint_tenant_call(shop, NULL, 7, "{}", 2, &reply, &error));
    NULLED(cardmint_tenant_call(shop, "look_up", 7, NULL, 2, &reply, &error));
    NULLED(cardmint_tenant_call(shop, "look_up", 7, "{}", 2, NULL, &error));
    NULLED(cardmint_tenant_submit(NULL, "look_up", 7, "{}", 2, &call, &error));
    NULLED(cardmint_tenant_submit(shop, NULL, 7, "{}", 2, &call, &error));
    NULLED(cardmint_tenant_submit(shop, "look_up", 7, NULL, 2, &call, &error));
    NULLED(cardmint_tenant_submit(shop, "look_up", 7, "{}", 2, NULL, &error));
    NULLED(cardmint_tenant_begin(NULL, "count_batch", 11, "{}", 2, &cursor, &error));
    NULLED(cardmint_tenant_begin(shop, NULL, 11, "{}", 2, &cursor, &error));
    NULLED(cardmint_tenant_begin(shop, "count_batch", 11, NULL, 2, &cursor, &error));
    NULLED(cardmint_tenant_begin(shop, "count_batch", 11, "{}", 2, NULL, &error));
    NULLED(cardmint_call_poll(NULL, &reply, &error));
    NULLED(cardmint_call_wait(NULL, &reply, &error));
    NULLED(cardmint_call_cancel(NULL, &error));
    NULLED(cardmint_cursor_next(NULL, 1, &reply, &error));
    NULLED(cardmint_cursor_progress(NULL, &n, &n, &error));
    NULLED(cardmint_create_keyring(NULL, 1, &error));
    NULLED(cardmint_rotate_keyring(NULL, 1, &slot, &error));
    NULLED(cardmint_rotate_keyring("x", 1, NULL, &error));
    NULLED(cardmint_retire_key(NULL, 1, 0, &error));
    NULLED(cardmint_forget_key(NULL, 1, 0, &error));
    NULLED(cardmint_operations(NULL, &error));
    CHECK(e == UNTOUCHED && t == UNTOUCHED && call == UNTOUCHED && cursor == UNTOUCHED && reply == UNTOUCHED && n == 7 &&
          slot == 7, "a failure wrote a result");
    CHECK(cardmint_engine_open(NULL, 0, NULL, NULL) == CARDMINT_STATUS_NULL_ARGUMENT, "nobody wants the failure");

    /* Places of calls and cursors that are there. */
    CHECK(cardmint_tenant_submit(shop, "look_up", 7, LOOK_UP, strlen(LOOK_UP), &call, NULL) == CARDMINT_STATUS_OK, "a read");
    NULLED(cardmint_call_poll(call, NULL, &error));
    NULLED(cardmint_call_wait(call, NULL, &error));
    refused(cardmint_call_wait(call, &reply, &error), CARDMINT_STATUS_UNKNOWN, &error, "the answer is still there");
    cardmint_call_free(call);
    CHECK(cardmint_tenant_begin(shop, "count_batch", 11, "{\"batch\":\"b\"}", 13, &cursor, NULL) == CARDMINT_STATUS_OK, "a job");
    NULLED(cardmint_cursor_next(cursor, 1, NULL, &error));
    NULLED(cardmint_cursor_progress(cursor, NULL, &n, &error));
    NULLED(cardmint_cursor_progress(cursor, &n, NULL, &error));
    cardmint_cursor_free(cursor);
}

/* Every operation's own function, found by its name. */
static void null_of_operations(const cardmint_tenant *shop) {
    cardmint_text *list = NULL;
    CHECK(cardmint_operations(&list, NULL) == CARDMINT_STATUS_OK, "no operations");
    const char *rows = answer(CARDMINT_STATUS_OK, list, NULL).text;
    for (const char *row = json_first(rows); row != NULL; row = json_next(row)) {
        const char *name = json_text(row, "name");
        union { void *found; operation call; } entry = {dlsym(RTLD_DEFAULT, text("cardmint_%s", name))};
        if (!CHECK(entry.found != NULL, "no cardmint_%s", name)) continue;
        cardmint_text *reply = UNTOUCHED, *error = NULL;
        refused(entry.call(NULL, "{}", 2, &reply, &error), CARDMINT_STATUS_NULL_ARGUMENT, &error, name);
        refused(entry.call(shop, NULL, 2, &reply, &error), CARDMINT_STATUS_NULL_ARGUMENT, &error, name);
        refused(entry.call(shop, "{}", 2, NULL, &error), CARDMINT_STATUS_NULL_ARGUMENT, &error, name);
        refused(entry.call(shop, "{", 1, &reply, &error), CARDMINT_STATUS_INVALID, &error, name);
        refused(entry.call(shop, "", 0, &reply, &error), CARDMINT_STATUS_INVALID, &error, name);
        refused(entry.call(shop, "{\"no_such_field\":1}", 19, &reply, &error), CARDMINT_STATUS_INVALID, &error, name);
        refused(entry.call(shop, "\"\xff\"", 3, &reply, &error), CARDMINT_STATUS_NOT_UTF8, &error, name);
        CHECK(reply == UNTOUCHED, "%s: a failure wrote a result", name);
    }
}

static void not_utf8(const cardmint_engine *engine, const cardmint_tenant *shop) {
    cardmint_text *error = NULL, *reply = UNTOUCHED;
    cardmint_engine *e = UNTOUCHED;
    cardmint_tenant *t = UNTOUCHED;
    uint8_t slot = 7;
    NOT_UTF8(cardmint_engine_open("\xc3(", 2, &e, &error));
    NOT_UTF8(cardmint_engine_tenant(engine, "\xff", 1, "live", 4, &t, &error));
    NOT_UTF8(cardmint_engine_tenant(engine, "a", 1, "\xff", 1, &t, &error));
    NOT_UTF8(cardmint_engine_set_now(engine, "\xe4\xb8", 2, &error));
    NOT_UTF8(cardmint_tenant_call(shop, "\xff", 1, "{}", 2, &reply, &error));
    NOT_UTF8(cardmint_tenant_call(shop, "look_up", 7, "{\"card\":\"\xed\xa0\x80\"}", 14, &reply, &error));
    NOT_UTF8(cardmint_create_keyring("\xff", 1, &error));
    NOT_UTF8(cardmint_rotate_keyring("\xff", 1, &slot, &error));
    NOT_UTF8(cardmint_retire_key("\xff", 1, 0, &error));
    NOT_UTF8(cardmint_forget_key("\xff", 1, 0, &error));
    CHECK(e == UNTOUCHED && t == UNTOUCHED && reply == UNTOUCHED && slot == 7, "a failure wrote a result");
}

static void too_large(const cardmint_tenant *shop) {
    const size_t size = 10u << 20;
    char *large = malloc(size);
    if (large == NULL) abort();
    memset(large, '7', size);
    memcpy(large, "{\"card\":{\"code\":\"", 17);
    memcpy(large + size - 3, "\"}}", 3);
    cardmint_text *error = NULL, *reply = UNTOUCHED;
    refused(cardmint_look_up(shop, large, size, &reply, &error), CARDMINT_STATUS_TOO_LARGE, &error, "10 MB");
    /* Nothing is read: the length alone is wrong. */
    refused(cardmint_look_up(shop, large, SIZE_MAX, &reply, &error), CARDMINT_STATUS_TOO_LARGE, &error, "SIZE_MAX");
    refused(cardmint_tenant_call(shop, large, size, "{}", 2, &reply, &error), CARDMINT_STATUS_UNKNOWN_OPERATION, &error, "name");
    memset(large, '[', size);
    const size_t most = 8u << 20;
    refused(cardmint_look_up(shop, large, most, &reply, &error), CARDMINT_STATUS_INVALID, &error, "deep");
    memset(large, 'n', size);
    cardmint_engine *e = UNTOUCHED;
    refused(cardmint_engine_open(large, size, &e, &error), CARDMINT_STATUS_TOO_LARGE, &error, "large options");
    CHECK(reply == UNTOUCHED && e == UNTOUCHED, "a failure wrote a result");
    free(large);
}

/* Refused, and the failure names the field. */
static void wrong_field(const cardmint_tenant *shop, operation op, const char *request, const char *field) {
    struct answer said = ask(op, shop, request);
    CHECK(said.status == CARDMINT_STATUS_INVALID, "%s\n  of %s", said.text, request);
    CHECK(strcmp(json_text(said.text, "kind"), "invalid") == 0, "%s", said.text);
    CHECK(strcmp(json_text(said.text, "facts.field"), field) == 0, "%s\n  of %s, wanted %s", said.text, request, field);
}

static void wrong_requests(const cardmint_tenant *shop) {
    wrong_field(shop, cardmint_look_up, "{}", "request");
    wrong_field(shop, cardmint_look_up, "[]", "request");
    wrong_field(shop, cardmint_look_up, "null", "request");
    wrong_field(shop, cardmint_look_up, "{\"card\":{\"code\":\"x\"},\"more\":1}", "more");
    struct answer twice = ask(cardmint_look_up, shop, "{\"card\":{\"code\":\"x\"},\"card\":{\"code\":\"y\"}}");
    CHECK(twice.status == CARDMINT_STATUS_INVALID, "%s", twice.text);
    CHECK(strcmp(json_text(twice.text, "facts.given"), "duplicate field `card`") == 0, "%s", twice.text);
    wrong_field(shop, cardmint_look_up, "{\"card\":{\"code\":\"x\"}} {}", "request");
    const char *const amounts[] = {"1.5", "1.0", "true", "\"1\"", "null", "1e3", "99999999999999999999999999", "-9223372036854775809"};
    for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
        wrong_field(shop, cardmint_redeem,
            text("{\"meta\":\"k\",\"code\":\"c\",\"order\":{\"id\":\"o\",\"currency\":\"CNY\",\"lines\":["
                 "{\"id\":\"1\",\"product\":\"p\",\"quantity\":1,\"amount_minor\":%s}]}}", amounts[i]),
            "order.lines[0].amount_minor");
    }
    struct answer said = ask_named("no_such_operation", shop, "{}");
    CHECK(said.status == CARDMINT_STATUS_UNKNOWN_OPERATION, "%s", said.text);
    said = ask_named("", shop, "{}");
    CHECK(said.status == CARDMINT_STATUS_UNKNOWN_OPERATION, "%s", said.text);
    said = ask_named("count_batch", shop, "{\"batch\":\"b\"}");
    CHECK(said.status == CARDMINT_STATUS_UNKNOWN_OPERATION, "%s", said.text);
    cardmint_cursor *cursor = UNTOUCHED;
    cardmint_text *error = NULL;
    refused(cardmint_tenant_begin(shop, "look_up", 7, LOOK_UP, strlen(LOOK_UP), &cursor, &error),
            CARDMINT_STATUS_UNKNOWN_OPERATION, &error, "a read is begun");
    refused(cardmint_count_batch(shop, "{\"batch\":\"none\"}", 16, &cursor, &error), CARDMINT_STATUS_UNKNOWN, &error, "no batch");
    CHECK(cursor == UNTOUCHED, "a failure wrote a result");
}

static void wrong_openings(const cardmint_engine *engine, const char *folder) {
    const char *keys = "\"keyring\":{\"json\":\"hushhushhush\"}";
    const char *const wrong[] = {
        "", "{}", "[]", "{\"path\":1}", "{\"path\":\"\"}", "{\"path\":\":memory:\"}", "{\"path\":\":memory:\",\"nope\":1}",
        "{\"path\":\":memory:\",\"path\":\"x\"}", "{\"path\":\"/no/such/folder/x.db\"}",
        text("{\"path\":\":memory:\",%s}", keys), text("{\"path\":\":memory:\",%s,\"nope\":1}", keys),
        text("{\"path\":\"%s/x.db\",\"keyring\":{\"file\":\"%s/none.json\"}}", folder, folder),
        text("{\"path\":\"%s/x.db\",\"keyring\":{\"file\":\"%s\"}}", folder, folder),
        text("{\"path\":\"%s/none.db\"}", folder),
    };
    cardmint_engine *e = UNTOUCHED;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cardmint_text *error = NULL;
        cardmint_status status = cardmint_engine_open(wrong[i], strlen(wrong[i]), &e, &error);
        struct answer said = answer(status, NULL, error);
        CHECK(status >= 100, "opened with %s", wrong[i]);
        CHECK(strstr(said.text, "hush") == NULL, "a failure tells keys: %s", said.text);
    }
    CHECK(e == UNTOUCHED, "a failure wrote a result");
    cardmint_tenant *t = UNTOUCHED;
    cardmint_text *error = NULL;
    refused(cardmint_engine_tenant(engine, "", 0, "live", 4, &t, &error), CARDMINT_STATUS_INVALID, &error, "no name");
    refused(cardmint_engine_tenant(engine, "a", 1, "dead", 4, &t, &error), CARDMINT_STATUS_INVALID, &error, "no world");
    refused(cardmint_engine_set_now(engine, "now", 3, &error), CARDMINT_STATUS_INVALID, &error, "no instant");
    CHECK(t == UNTOUCHED, "a failure wrote a result");
}

void abuse(const char *folder) {
    cardmint_engine *engine = engine_of(text("{\"path\":\":memory:\",\"keyring\":{\"file\":\"%s/keys.json\"}}", folder));
    cardmint_tenant *shop = tenant_of(engine, "live");
    done(cardmint_save_template, shop, "{\"meta\":\"t\",\"template\":{\"id\":\"t\",\"currency\":\"CNY\",\"redeem_from\":\"claimed\","
                                       "\"benefit\":{\"amount_off\":{\"minor\":100}}}}");
    done(cardmint_issue_batch, shop,
         "{\"meta\":\"b\",\"id\":\"b\",\"template\":\"t\",\"size\":10,\"format\":{\"symbols\":16}}");
    const char *before = done(cardmint_batch, shop, "{\"id\":\"b\"}");
    frees_of_null();
    null_everywhere(engine, shop);
    null_of_operations(shop);
    not_utf8(engine, shop);
    too_large(shop);
    wrong_requests(shop);
    wrong_openings(engine, folder);
    CHECK(strcmp(done(cardmint_batch, shop, "{\"id\":\"b\"}"), before) == 0, "the handle does not go on as before");
    const char *claimed = done(cardmint_claim, shop, "{\"meta\":\"c\",\"take\":{\"batch\":\"b\"},"
                                                     "\"holder\":{\"kind\":\"customer\",\"value\":\"ann\"}}");
    CHECK(strlen(json_text(claimed, "code")) >= 16, "%s", claimed);
    cardmint_tenant_free(shop);
    cardmint_engine_free(engine);
}
