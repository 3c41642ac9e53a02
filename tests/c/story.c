/* A shop's whole story on a SQLite file, with a clock that is moved by hand. */
#include <stdio.h>
#include <unistd.h>

#include "check.h"
#include "json.h"

static const char *order(const char *id, int amount_minor) {
    return text("{\"id\":\"%s\",\"currency\":\"CNY\",\"lines\":["
                "{\"id\":\"1\",\"product\":\"tea\",\"quantity\":2,\"amount_minor\":%d},"
                "{\"id\":\"2\",\"product\":\"cup\",\"quantity\":1,\"amount_minor\":2000}]}",
                id, amount_minor);
}

static const char *claim(const cardmint_tenant *shop, const char *who) {
    return done(cardmint_claim, shop,
                text("{\"meta\":\"claim-%s\",\"take\":{\"batch\":\"autumn\"},"
                     "\"holder\":{\"kind\":\"customer\",\"value\":\"%s\"}}", who, who));
}

static const char *redemption(const char *key, const char *code, const char *who, const char *of) {
    return text("{\"meta\":\"%s\",\"code\":\"%s\",\"holder\":{\"kind\":\"customer\",\"value\":\"%s\"},\"order\":%s}", key,
                code, who, of);
}

static void keyrings(const char *keys) {
    cardmint_text *error = NULL;
    CHECK(cardmint_create_keyring(keys, strlen(keys), &error) == CARDMINT_STATUS_OK, "no keyring");
    cardmint_status again = cardmint_create_keyring(keys, strlen(keys), &error);
    CHECK(again == CARDMINT_STATUS_KEYRING, "a keyring was written over");
    CHECK(strcmp(json_text(answer(again, NULL, error).text, "code"), "keyring") == 0, "another code");
    uint8_t first = 255, second = 255;
    error = NULL;
    CHECK(cardmint_rotate_keyring(keys, strlen(keys), &first, &error) == CARDMINT_STATUS_OK, "rotated");
    CHECK(cardmint_rotate_keyring(keys, strlen(keys), &second, &error) == CARDMINT_STATUS_OK, "rotated");
    CHECK(first != 255 && second == first + 1, "slots %d and %d", first, second);
    again = cardmint_retire_key(keys, strlen(keys), second, &error);
    CHECK(again == CARDMINT_STATUS_KEYRING, "the minting key was retired");
    answer(again, NULL, error);
    error = NULL;
    CHECK(cardmint_retire_key(keys, strlen(keys), first, &error) == CARDMINT_STATUS_OK, "retired");
    CHECK(cardmint_forget_key(keys, strlen(keys), first, &error) == CARDMINT_STATUS_OK, "forgotten");
    again = cardmint_forget_key(keys, strlen(keys), first, &error);
    CHECK(again == CARDMINT_STATUS_KEYRING, "forgotten twice");
    answer(again, NULL, error);
}

static void prepare(const cardmint_tenant *shop) {
    done(cardmint_save_settings, shop, "{\"meta\":\"s\",\"zone\":\"Asia/Shanghai\"}");
    const char *saved = done(cardmint_save_template, shop,
        "{\"meta\":\"t\",\"template\":{\"id\":\"20-off\",\"currency\":\"CNY\",\"redeem_from\":\"claimed\","
        "\"benefit\":{\"amount_off\":{\"minor\":2000}},\"conditions\":[{\"min_spend\":{\"minor\":10000}}]}}");
    CHECK(json_number(saved, "version") == 1, "%s", saved);
    const char *batch = done(cardmint_issue_batch, shop,
        "{\"meta\":\"b\",\"id\":\"autumn\",\"template\":\"20-off\",\"size\":5000,\"format\":{\"symbols\":16}}");
    CHECK(json_number(batch, "size") == 5000, "%s", batch);
}

/* Claim, quote, redeem, the same again, a no with facts, a refund. */
static void sell(const cardmint_engine *engine, const cardmint_tenant *shop, const char **code, const char **receipt) {
    const char *claimed = claim(shop, "ann");
    *code = json_text(claimed, "code");
    CHECK(strlen(*code) >= 16, "%s", claimed);
    CHECK(strcmp(json_text(claimed, "card.state"), "claimed") == 0, "%s", claimed);
    CHECK(strcmp(json_text(claimed, "card.claimed_at"), "2026-03-01T00:00:00Z") == 0, "%s", claimed);

    const char *quoted = done(cardmint_quote, shop,
        text("{\"card\":{\"code\":\"%s\"},\"holder\":{\"kind\":\"customer\",\"value\":\"ann\"},\"order\":%s}", *code,
             order("A-1", 12000)));
    CHECK(strstr(quoted, "\"payable_minor\":12000") != NULL, "%s", quoted);

    const char *now = "2026-03-01T09:30:00Z";
    CHECK(cardmint_engine_set_now(engine, now, strlen(now), NULL) == CARDMINT_STATUS_OK, "the clock stands");
    const char *request = redemption("A-1", *code, "ann", order("A-1", 12000));
    *receipt = done(cardmint_redeem, shop, request);
    CHECK(json_number(*receipt, "pricing.payable_minor") == 12000, "%s", *receipt);
    CHECK(strcmp(json_text(*receipt, "at"), now) == 0, "%s", *receipt);
    CHECK(strcmp(done(cardmint_redeem, shop, request), *receipt) == 0, "the same key gave other bytes");
    CHECK(strcmp(ask_named("redeem", shop, request).text, *receipt) == 0, "the call by name gave other bytes");
    struct answer other = ask(cardmint_redeem, shop, redemption("A-1", *code, "ann", order("A-2", 15000)));
    CHECK(other.status == CARDMINT_STATUS_KEY_REUSED, "%s", other.text);

    const char *second = json_text(claim(shop, "bob"), "code");
    struct answer no = ask(cardmint_redeem, shop, redemption("B-1", second, "bob", order("B-1", 5000)));
    CHECK(no.status == CARDMINT_STATUS_CONDITION_FAILED, "%s", no.text);
    CHECK(strcmp(json_text(no.text, "kind"), "denied") == 0, "%s", no.text);
    CHECK(json_number(no.text, "status") == CARDMINT_STATUS_CONDITION_FAILED, "%s", no.text);
    CHECK(strcmp(json_text(no.text, "may_retry"), "false") == 0, "%s", no.text);
    CHECK(strstr(json_text(no.text, "facts"), "3000") != NULL, "what it is short of: %s", no.text);
    CHECK(strcmp(cardmint_status_code(no.status), json_text(no.text, "code")) == 0, "%s", no.text);
    struct answer thief = ask(cardmint_redeem, shop, redemption("C-1", second, "carl", order("C-1", 12000)));
    CHECK(thief.status == CARDMINT_STATUS_NOT_OWNER, "%s", thief.text);

    done(cardmint_redeem, shop, redemption("B-2", second, "bob", order("B-2", 12000)));
    done(cardmint_refund, shop, "{\"meta\":\"R-1\",\"redemption\":\"B-2\"}");
    struct answer twice = ask(cardmint_refund, shop, "{\"meta\":\"R-2\",\"redemption\":\"B-2\"}");
    CHECK(twice.status == CARDMINT_STATUS_ALREADY_REFUNDED, "%s", twice.text);
}

/* All codes of the batch, a page at a time, each of which opens. */
static void export_codes(const cardmint_tenant *shop) {
    const char *request = "{\"meta\":{\"key\":\"x\",\"reason\":\"print\"},\"batch\":\"autumn\",\"count\":1000}";
    cardmint_cursor *cursor = NULL;
    cardmint_text *page = NULL, *error = NULL;
    CHECK(cardmint_export_codes(shop, request, strlen(request), &cursor, &error) == CARDMINT_STATUS_OK, "not begun");
    uint64_t done_so_far = 99, total = 0;
    CHECK(cardmint_cursor_progress(cursor, &done_so_far, &total, NULL) == CARDMINT_STATUS_OK, "no progress");
    CHECK(done_so_far == 0 && total == 1000, "%d of %d", (int)done_so_far, (int)total);
    long long serials = 0;
    const size_t sizes[] = {300, 300, 300, 100};
    for (size_t i = 0; i < 4; i++) {
        cardmint_status status = cardmint_cursor_next(cursor, 300, &page, &error);
        const char *codes = answer(status, page, error).text;
        page = NULL;
        CHECK(status == CARDMINT_STATUS_OK && json_count(codes) == sizes[i], "%d, %zu", status, json_count(codes));
        CHECK(strlen(json_text(codes, "0.code")) >= 16, "no code");
        for (const char *item = json_first(codes); item != NULL; item = json_next(item)) {
            if (json_number(item, "serial") == serials) serials++;
        }
        if (i > 0) continue;
        const char *opened = done(cardmint_open_many, shop,
            text("{\"codes\":[\"%s\",\"nonsense\",\"%s\"]}", json_text(codes, "0.code"), json_text(codes, "299.code")));
        CHECK(json_count(opened) == 3 && strcmp(json_text(opened, "1"), "null") == 0, "%s", opened);
        CHECK(strcmp(json_text(opened, "0"), json_text(opened, "2")) != 0, "%s", opened);
    }
    CHECK(serials == 1000, "%lld serials in order", serials);
    CHECK(cardmint_cursor_next(cursor, 300, &page, &error) == CARDMINT_STATUS_END, "no end");
    CHECK(cardmint_cursor_next(cursor, 300, &page, &error) == CARDMINT_STATUS_END, "the end is not the end");
    CHECK(page == NULL && error == NULL, "the end says something");
    cardmint_cursor_progress(cursor, &done_so_far, &total, NULL);
    CHECK(done_so_far == 1000 && total == 1000, "%d of %d", (int)done_so_far, (int)total);
    cardmint_cursor_free(cursor);

    struct answer without = ask_named("export_codes", shop, request);
    CHECK(without.status == CARDMINT_STATUS_UNKNOWN_OPERATION, "a stream was called: %s", without.text);
    CHECK(cardmint_export_codes(shop, "{\"meta\":\"y\",\"batch\":\"autumn\"}", 29, &cursor, NULL) >= 100, "no reason");
}

/* A job: its reply, then its end. calls.c has one of several steps. */
static void count_batch(const cardmint_tenant *shop) {
    cardmint_cursor *cursor = NULL;
    cardmint_text *reply = NULL, *error = NULL;
    CHECK(cardmint_count_batch(shop, "{\"batch\":\"autumn\"}", 18, &cursor, &error) == CARDMINT_STATUS_OK, "not begun");
    cardmint_status status = cardmint_cursor_next(cursor, 1, &reply, &error);
    struct answer figures = answer(status, reply, error);
    CHECK(status == CARDMINT_STATUS_OK, "%s", figures.text);
    CHECK(json_number(figures.text, "size") == 5000, "%s", figures.text);
    CHECK(json_number(figures.text, "spent") == 1 && json_number(figures.text, "claimed") == 1, "%s", figures.text);
    reply = NULL;
    CHECK(cardmint_cursor_next(cursor, 1, &reply, NULL) == CARDMINT_STATUS_END && reply == NULL, "no end");
    cardmint_cursor_free(cursor);
}

/* Beside the shop, without keys: it reads, and nothing else. */
static void keyless(const char *path, const cardmint_tenant *shop, const char *code) {
    cardmint_engine *engine = engine_of(text("{\"path\":\"%s\"}", path));
    cardmint_tenant *reader = tenant_of(engine, "live");
    CHECK(strcmp(done(cardmint_list_batches, reader, "{}"), done(cardmint_list_batches, shop, "{}")) == 0,
          "it reads something else");
    struct answer no = ask(cardmint_look_up, reader, text("{\"card\":{\"code\":\"%s\"}}", code));
    CHECK(no.status == CARDMINT_STATUS_NO_KEYS, "%s", no.text);
    CHECK(strstr(no.text, code) == NULL, "a failure repeats a code: %s", no.text);
    no = ask(cardmint_claim, reader, "{\"meta\":\"k\",\"take\":{\"batch\":\"autumn\"},"
                                     "\"holder\":{\"kind\":\"customer\",\"value\":\"zoe\"}}");
    CHECK(no.status == CARDMINT_STATUS_NO_KEYS, "%s", no.text);
    cardmint_tenant_free(reader);
    cardmint_engine_free(engine);
}

void story(const char *folder) {
    const char *keys = text("%s/keys.json", folder), *path = text("%s/shop.db", folder);
    const char *options = text("{\"path\":\"%s\",\"keyring\":{\"file\":\"%s\"},\"now\":\"2026-03-01T00:00:00Z\"}", path, keys);
    keyrings(keys);
    cardmint_engine *engine = engine_of(options);
    cardmint_tenant *shop = tenant_of(engine, "live"), *test = tenant_of(engine, "test");
    const char *code, *receipt;
    prepare(shop);
    sell(engine, shop, &code, &receipt);
    export_codes(shop);
    count_batch(shop);
    keyless(path, shop, code);
    struct answer no = ask(cardmint_look_up, test, text("{\"card\":{\"code\":\"%s\"}}", code));
    CHECK(no.status == CARDMINT_STATUS_NOT_FOUND_OR_INVALID, "another world knows the code: %s", no.text);
    cardmint_tenant_free(test);

    CHECK(cardmint_engine_close(engine, NULL) == CARDMINT_STATUS_OK, "not closed");
    no = ask(cardmint_refund, shop, "{\"meta\":\"late\",\"redemption\":\"A-1\"}");
    CHECK(no.status == CARDMINT_STATUS_CLOSED, "%s", no.text);
    cardmint_engine_free(engine);
    const char *seen = done(cardmint_redemption, shop, "{\"id\":\"A-1\"}");
    CHECK(*seen == '{', "the tenant reads on without the engine's handle: %s", seen);
    cardmint_tenant_free(shop);

    /* Another day. */
    engine = engine_of(options);
    shop = tenant_of(engine, "live");
    const char *again = done(cardmint_redeem, shop, redemption("A-1", code, "ann", order("A-1", 12000)));
    CHECK(strcmp(again, receipt) == 0, "after opening anew the same key gave other bytes: %s", again);
    cardmint_engine_free(engine);
    cardmint_tenant_free(shop);
}
