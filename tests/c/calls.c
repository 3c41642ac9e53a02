/* Calls that are handed in and asked after, and handles under many threads. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "check.h"
#include "json.h"

enum { MANY = 64, THREADS = 8, CARDS = 1100 };

static const char *claim_request(const char *key) {
    return text("{\"meta\":\"%s\",\"take\":{\"batch\":\"b\"},\"holder\":{\"kind\":\"customer\",\"value\":\"%s\"}}", key, key);
}

static cardmint_call *submit(const cardmint_tenant *shop, const char *operation, const char *request) {
    cardmint_call *call = NULL;
    cardmint_text *error = NULL;
    cardmint_status status =
        cardmint_tenant_submit(shop, operation, strlen(operation), request, strlen(request), &call, &error);
    CHECK(status == CARDMINT_STATUS_OK, "%s", answer(status, NULL, error).text);
    return call;
}

static struct answer wait_for(cardmint_call *call) {
    cardmint_text *reply = NULL, *error = NULL;
    cardmint_status status = cardmint_call_wait(call, &reply, &error);
    return answer(status, reply, error);
}

/* Asks after a call until it is answered. */
static struct answer poll_until(cardmint_call *call) {
    const struct timespec pause = {.tv_nsec = 200000};
    for (int rounds = 0; rounds < 100000; rounds++) {
        cardmint_text *reply = NULL, *error = NULL;
        cardmint_status status = cardmint_call_poll(call, &reply, &error);
        if (status != CARDMINT_STATUS_PENDING) return answer(status, reply, error);
        SURELY(reply == NULL && error == NULL, "pending says something");
        nanosleep(&pause, NULL);
    }
    CHECK(false, "a call is pending for ever");
    return (struct answer){CARDMINT_STATUS_PENDING, ""};
}

static void many_at_once(const cardmint_tenant *shop) {
    cardmint_call *outstanding[MANY];
    for (int i = 0; i < MANY; i++) outstanding[i] = submit(shop, "claim", claim_request(text("m%d", i)));
    const char *codes[MANY];
    for (int i = 0; i < MANY; i++) {
        struct answer said = poll_until(outstanding[i]);
        CHECK(said.status == CARDMINT_STATUS_OK, "%s", said.text);
        codes[i] = json_text(said.text, "code");
        for (int j = 0; j < i; j++) {
            if (strcmp(codes[i], codes[j]) == 0) CHECK(false, "one card for two holders");
        }
        CHECK(strcmp(poll_until(outstanding[i]).text, said.text) == 0, "asked again, it says something else");
        CHECK(strcmp(wait_for(outstanding[i]).text, said.text) == 0, "waited for, it says something else");
        CHECK(cardmint_call_cancel(outstanding[i], NULL) == CARDMINT_STATUS_OK, "not cancelled");
        CHECK(poll_until(outstanding[i]).status == CARDMINT_STATUS_OK, "a reply was taken back");
        cardmint_call_free(outstanding[i]);
    }
}

/* Every other one is withdrawn. Whatever came of it: the same key again is one card, not two. */
static void withdrawn(const cardmint_tenant *shop) {
    cardmint_call *outstanding[MANY];
    for (int i = 0; i < MANY; i++) outstanding[i] = submit(shop, "claim", claim_request(text("w%d", i)));
    int closed = 0;
    for (int i = 1; i < MANY; i += 2) {
        CHECK(cardmint_call_cancel(outstanding[i], NULL) == CARDMINT_STATUS_OK, "not cancelled");
        struct answer said = i % 4 == 1 ? poll_until(outstanding[i]) : wait_for(outstanding[i]);
        /* On a busy machine the reply may be there before `submit` returns. */
        CHECK(said.status == CARDMINT_STATUS_CLOSED || said.status == CARDMINT_STATUS_OK, "%s", said.text);
        closed += said.status == CARDMINT_STATUS_CLOSED;
    }
    for (int i = 0; i < MANY; i += 2) CHECK(wait_for(outstanding[i]).status == CARDMINT_STATUS_OK, "w%d", i);
    for (int i = 0; i < MANY; i++) {
        cardmint_call_free(outstanding[i]);
        const char *first = done(cardmint_claim, shop, claim_request(text("w%d", i)));
        CHECK(strcmp(first, done(cardmint_claim, shop, claim_request(text("w%d", i)))) == 0, "w%d: two cards", i);
    }
    CHECK(closed > 0, "not one of %d was withdrawn", MANY / 2);
}

/* Enough cards that counting them takes several steps. */
static void counted(const cardmint_tenant *shop) {
    cardmint_call *outstanding[CARDS];
    for (int i = 0; i < CARDS; i++) outstanding[i] = submit(shop, "claim", claim_request(text("n%d", i)));
    int claimed = 0;
    for (int i = 0; i < CARDS; i++) {
        claimed += wait_for(outstanding[i]).status == CARDMINT_STATUS_OK;
        cardmint_call_free(outstanding[i]);
    }
    CHECK(claimed == CARDS, "%d of %d", claimed, CARDS);

    cardmint_cursor *cursor = NULL;
    cardmint_text *reply = NULL, *error = NULL;
    CHECK(cardmint_count_batch(shop, "{\"batch\":\"b\"}", 13, &cursor, &error) == CARDMINT_STATUS_OK, "not begun");
    int steps = 0;
    uint64_t before = 0, now = 0, total = 0;
    cardmint_status status;
    while ((status = cardmint_cursor_next(cursor, 1, &reply, &error)) == CARDMINT_STATUS_PENDING) {
        CHECK(reply == NULL && error == NULL, "pending says something");
        cardmint_cursor_progress(cursor, &now, &total, NULL);
        CHECK(now > before && now < total && total == 10000, "%d of %d", (int)now, (int)total);
        before = now;
        steps++;
    }
    struct answer figures = answer(status, reply, error);
    CHECK(status == CARDMINT_STATUS_OK && steps > 0, "%d steps, then %s", steps, figures.text);
    CHECK(json_number(figures.text, "claimed") >= CARDS, "%s", figures.text);
    cardmint_cursor_progress(cursor, &now, &total, NULL);
    CHECK(now == total, "%d of %d", (int)now, (int)total);
    CHECK(cardmint_cursor_next(cursor, 1, &reply, NULL) == CARDMINT_STATUS_END, "no end");
    cardmint_cursor_free(cursor);
    /* Given up on the way. */
    reply = NULL;
    CHECK(cardmint_tenant_begin(shop, "count_batch", 11, "{\"batch\":\"b\"}", 13, &cursor, NULL) == CARDMINT_STATUS_OK,
          "not begun by name");
    CHECK(cardmint_cursor_next(cursor, 1, &reply, NULL) == CARDMINT_STATUS_PENDING && reply == NULL, "not on its way");
    cardmint_cursor_free(cursor);
}

static void odd_ones(const cardmint_tenant *shop) {
    cardmint_call *call = submit(shop, "batch", "{\"id\":\"b\"}");
    CHECK(poll_until(call).status == CARDMINT_STATUS_OK, "a read is handed in, too");
    cardmint_call_free(call);

    call = submit(shop, "claim", "{\"meta\":\"n\",\"take\":{\"batch\":\"none\"},"
                                 "\"holder\":{\"kind\":\"customer\",\"value\":\"n\"}}");
    struct answer no = poll_until(call);
    CHECK(no.status == CARDMINT_STATUS_UNKNOWN, "%s", no.text);
    CHECK(strcmp(wait_for(call).text, no.text) == 0, "a denial says something else when asked again");
    cardmint_call_free(call);

    call = NULL;
    cardmint_text *error = NULL;
    cardmint_status status = cardmint_tenant_submit(shop, "claim", 5, "{}", 2, &call, &error);
    CHECK(status == CARDMINT_STATUS_INVALID && call == NULL, "%s", answer(status, NULL, error).text);
    status = cardmint_tenant_submit(shop, "count_batch", 11, "{\"batch\":\"b\"}", 13, &call, NULL);
    CHECK(status == CARDMINT_STATUS_UNKNOWN_OPERATION && call == NULL, "a job was handed in");
}

struct shared {
    const cardmint_tenant *shop;
    const char *code;
    cardmint_cursor *cursor;
    cardmint_call *call;
    atomic_int number, redeemed, denied, items, told;
};

static void *race(void *data) {
    struct shared *all = data;
    int me = atomic_fetch_add(&all->number, 1);
    for (int i = 0; i < 4; i++) {
        struct answer said = ask(cardmint_redeem, all->shop,
            text("{\"meta\":\"r%d-%d\",\"code\":\"%s\",\"holder\":{\"kind\":\"customer\",\"value\":\"racer\"},\"order\":{"
                 "\"id\":\"r%d-%d\",\"currency\":\"CNY\",\"lines\":[{\"id\":\"1\",\"product\":\"p\",\"quantity\":1,"
                 "\"amount_minor\":900}]}}", me, i, all->code, me, i));
        if (said.status == CARDMINT_STATUS_OK) atomic_fetch_add(&all->redeemed, 1);
        else if (SURELY(said.status == CARDMINT_STATUS_LIMIT_REACHED, "%s", said.text)) atomic_fetch_add(&all->denied, 1);
    }
    cardmint_text *page = NULL;
    while (cardmint_cursor_next(all->cursor, 7, &page, NULL) == CARDMINT_STATUS_OK) {
        struct answer said = answer(CARDMINT_STATUS_OK, page, NULL);
        atomic_fetch_add(&all->items, (int)json_count(said.text));
        uint64_t so_far, total;
        cardmint_cursor_progress(all->cursor, &so_far, &total, NULL);
    }
    if (me % 2 == 0) poll_until(all->call);
    if (wait_for(all->call).status == CARDMINT_STATUS_OK) atomic_fetch_add(&all->told, 1);
    forget();
    return NULL;
}

/* Engine and tenant may be used like that; call and cursor should not, and take no harm. */
static void threads(const cardmint_tenant *shop) {
    struct shared all = {.shop = shop};
    const char *claimed = done(cardmint_claim, shop, claim_request("racer"));
    all.code = json_text(claimed, "code");
    const char *request = "{\"meta\":{\"key\":\"x\",\"reason\":\"print\"},\"batch\":\"b\",\"count\":500}";
    CHECK(cardmint_export_codes(shop, request, strlen(request), &all.cursor, NULL) == CARDMINT_STATUS_OK, "not begun");
    all.call = submit(shop, "claim", claim_request("shared"));
    pthread_t running[THREADS];
    for (int i = 0; i < THREADS; i++) CHECK(pthread_create(&running[i], NULL, race, &all) == 0, "no thread");
    for (int i = 0; i < THREADS; i++) pthread_join(running[i], NULL);
    CHECK(all.redeemed == 1, "%d redemptions of one use", all.redeemed);
    CHECK(all.denied == THREADS * 4 - 1, "%d denials", all.denied);
    CHECK(all.items == 500, "%d codes of 500", all.items);
    CHECK(all.told == THREADS, "%d threads were told", all.told);
    cardmint_cursor_free(all.cursor);
    cardmint_call_free(all.call);
}

/* Everything is freed in the wrong order while calls are under way: each still ends, done or withdrawn. */
static void torn_down(cardmint_engine *engine, cardmint_tenant *shop, bool closed_before) {
    cardmint_call *outstanding[MANY];
    for (int i = 0; i < MANY; i++) outstanding[i] = submit(shop, "claim", claim_request(text("t%d-%d", closed_before, i)));
    cardmint_cursor *cursor = NULL;
    CHECK(cardmint_count_batch(shop, "{\"batch\":\"b\"}", 13, &cursor, NULL) == CARDMINT_STATUS_OK, "not begun");
    if (closed_before) CHECK(cardmint_engine_close(engine, NULL) == CARDMINT_STATUS_OK, "not closed");
    cardmint_engine_free(engine);
    cardmint_tenant_free(shop);
    cardmint_text *reply = NULL;
    CHECK(cardmint_cursor_next(cursor, 1, &reply, NULL) == CARDMINT_STATUS_PENDING, "the cursor does not go on");
    cardmint_cursor_free(cursor);
    for (int i = 0; i < MANY; i++) {
        struct answer said = i % 2 == 0 ? poll_until(outstanding[i]) : wait_for(outstanding[i]);
        CHECK(said.status == CARDMINT_STATUS_OK || said.status == CARDMINT_STATUS_CLOSED, "%s", said.text);
        cardmint_call_free(outstanding[i]);
    }
}

void calls(const char *folder) {
    /* A thousand calls at once wait for as long as they take: under valgrind, beside other work, that is more than the usual time. */
    const char *options = text("{\"path\":\"%s/calls.db\",\"keyring\":{\"file\":\"%s/keys.json\"},\"deadline_ms\":0}",
                               folder, folder);
    cardmint_engine *engine = engine_of(options);
    cardmint_tenant *shop = tenant_of(engine, "live");
    done(cardmint_save_template, shop, "{\"meta\":\"t\",\"template\":{\"id\":\"t\",\"currency\":\"CNY\",\"redeem_from\":\"claimed\","
                                       "\"benefit\":{\"amount_off\":{\"minor\":100}}}}");
    done(cardmint_issue_batch, shop, "{\"meta\":\"b\",\"id\":\"b\",\"template\":\"t\",\"size\":10000,\"format\":{\"symbols\":16}}");
    many_at_once(shop);
    withdrawn(shop);
    counted(shop);
    odd_ones(shop);
    threads(shop);
    torn_down(engine, shop, true);
    engine = engine_of(options);
    torn_down(engine, tenant_of(engine, "live"), false);
}
