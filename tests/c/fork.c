/* Real forks, while other threads of the parent are inside calls on a SQLite file. The parent is unharmed; in the child all that
   the parent opened answers `forked`, freeing it harms nothing, and the same file can be opened anew. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "json.h"

enum { THREADS = 4, CARDS = 1000000 };

static const char *claim_request(const char *key) {
    return text("{\"meta\":\"%s\",\"take\":{\"batch\":\"b\"},\"holder\":{\"kind\":\"customer\",\"value\":\"%s\"}}", key, key);
}

struct worker {
    cardmint_tenant *shop;
    const char *folder;
    int number;
    int claimed;
};

static atomic_bool over;

/* Claims and reads without a pause. */
static void *claims(void *context) {
    struct worker *worker = context;
    while (!atomic_load(&over)) {
        const char *key = text("t%d-%d", worker->number, worker->claimed);
        const char *said = done(cardmint_claim, worker->shop, claim_request(key));
        const char *found = done(cardmint_look_up, worker->shop, text("{\"card\":{\"code\":\"%s\"}}", json_text(said, "code")));
        SURELY(strstr(found, "claimed") != NULL, "%s", found);
        worker->claimed++;
        forget();
    }
    return NULL;
}

/* Opens and closes the same file without a pause. */
static void *opens(void *context) {
    struct worker *worker = context;
    while (!atomic_load(&over)) {
        cardmint_engine *engine = engine_of(text("{\"path\":\"%s/shop.db\"}", worker->folder));
        cardmint_tenant *shop = tenant_of(engine, "live");
        done(cardmint_list_batches, shop, "{}");
        cardmint_tenant_free(shop);
        cardmint_engine_free(engine);
        forget();
    }
    return NULL;
}

struct opened {
    cardmint_engine *engine;
    cardmint_tenant *shop;
    cardmint_call *call;
    cardmint_cursor *cursor;
};

static struct opened *all;

static struct answer poll_call(void) {
    cardmint_text *reply = NULL, *error = NULL;
    cardmint_status status = cardmint_call_poll(all->call, &reply, &error);
    return answer(status, reply, error);
}

static struct answer wait_call(void) {
    cardmint_text *reply = NULL, *error = NULL;
    cardmint_status status = cardmint_call_wait(all->call, &reply, &error);
    return answer(status, reply, error);
}

static struct answer cancel_call(void) {
    cardmint_text *error = NULL;
    cardmint_status status = cardmint_call_cancel(all->call, &error);
    return answer(status, NULL, error);
}

static struct answer next_item(void) {
    cardmint_text *reply = NULL, *error = NULL;
    cardmint_status status = cardmint_cursor_next(all->cursor, 10, &reply, &error);
    return answer(status, reply, error);
}

static struct answer close_engine(void) {
    cardmint_text *error = NULL;
    cardmint_status status = cardmint_engine_close(all->engine, &error);
    return answer(status, NULL, error);
}

static struct answer another_tenant(void) {
    cardmint_text *error = NULL;
    cardmint_tenant *tenant = NULL;
    cardmint_status status = cardmint_engine_tenant(all->engine, "other", 5, "live", 4, &tenant, &error);
    return answer(status, NULL, error);
}

static struct answer claim_one(void) { return ask(cardmint_claim, all->shop, claim_request("forked")); }
static struct answer look(void) { return ask(cardmint_list_batches, all->shop, "{}"); }
static struct answer figures(void) { return ask(cardmint_engine_figures, all->shop, "{}"); }

/* What a child does; the number of what went wrong is its exit code. */
static int child(int number) {
    struct answer (*calls[])(void) = {poll_call,    wait_call,      cancel_call, next_item, close_engine,
                                      another_tenant, claim_one, look,        figures};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        struct answer said = calls[i]();
        if (said.status != CARDMINT_STATUS_FORKED || strcmp(json_text(said.text, "code"), "forked") != 0) return 10 + (int)i;
    }
    cardmint_engine *mine = NULL;
    cardmint_text *error = NULL;
    if (cardmint_engine_reopen(all->engine, &mine, &error) != CARDMINT_STATUS_OK) {
        printf("child %d: %s\n", number, cardmint_text_data(error));
        return 30;
    }
    cardmint_call_free(all->call);
    cardmint_cursor_free(all->cursor);
    cardmint_tenant_free(all->shop);
    cardmint_engine_free(all->engine);
    cardmint_tenant *shop = tenant_of(mine, "live");
    struct answer said = ask(cardmint_claim, shop, claim_request(text("child-%d", number)));
    if (said.status != CARDMINT_STATUS_OK) {
        printf("child %d: %s\n", number, said.text);
        return 31;
    }
    if (number % 2 == 0) {
        cardmint_tenant_free(shop);
        cardmint_engine_free(mine);
    }
    forget();
    return 0;
}

static int claimed_of(cardmint_tenant *shop) {
    cardmint_cursor *cursor = NULL;
    const char *request = "{\"batch\":\"b\"}";
    cardmint_status status =
        cardmint_tenant_begin(shop, "count_batch", 11, request, strlen(request), &cursor, NULL);
    cardmint_text *reply = NULL;
    do {
        if (status == CARDMINT_STATUS_OK || status == CARDMINT_STATUS_PENDING) status = cardmint_cursor_next(cursor, 1, &reply, NULL);
    } while (status == CARDMINT_STATUS_PENDING);
    struct answer said = answer(status, reply, NULL);
    cardmint_cursor_free(cursor);
    const char *found = strstr(said.text, "\"claimed\":");
    return found == NULL ? -1 : atoi(found + strlen("\"claimed\":"));
}

int main(int count, char **args) {
    if (count != 3) return 2;
    const int forks = getenv("CARDMINT_QUICK") != NULL ? 20 : 100;
    const char *folder = args[1], *keys = text("%s/keys.json", folder);
    SURELY(cardmint_create_keyring(keys, strlen(keys), NULL) == CARDMINT_STATUS_OK, "no keyring");
    struct opened opened = {0};
    all = &opened;
    opened.engine = engine_of(text("{\"path\":\"%s/shop.db\",\"keyring\":{\"file\":\"%s\"}}", folder, keys));
    opened.shop = tenant_of(opened.engine, "live");
    done(cardmint_save_template, opened.shop, "{\"meta\":\"t\",\"template\":{\"id\":\"t\",\"currency\":\"CNY\",\"redeem_from\":\"claimed\","
                                              "\"benefit\":{\"amount_off\":{\"minor\":100}}}}");
    done(cardmint_issue_batch, opened.shop,
         text("{\"meta\":\"b\",\"id\":\"b\",\"template\":\"t\",\"size\":%d,\"format\":{\"symbols\":16}}", CARDS));
    const char *request = "{\"meta\":{\"key\":\"x\",\"reason\":\"print\"},\"batch\":\"b\"}";
    SURELY(cardmint_tenant_begin(opened.shop, "export_codes", 12, request, strlen(request), &opened.cursor, NULL) ==
               CARDMINT_STATUS_OK,
           "no export");
    request = claim_request("outstanding");
    SURELY(cardmint_tenant_submit(opened.shop, "claim", 5, request, strlen(request), &opened.call, NULL) == CARDMINT_STATUS_OK,
           "not submitted");

    pthread_t threads[THREADS + 1];
    struct worker workers[THREADS + 1];
    for (int i = 0; i <= THREADS; i++) {
        workers[i] = (struct worker){opened.shop, folder, i, 0};
        pthread_create(&threads[i], NULL, i < THREADS ? claims : opens, &workers[i]);
    }
    for (int i = 0; i < forks; i++) {
        /* At another moment of the others' work each time. */
        const struct timespec pause = {.tv_nsec = (i * 37 % 50) * 100000L};
        nanosleep(&pause, NULL);
        fflush(stdout);
        pid_t made = fork();
        if (made == 0) {
            alarm(30);
            int wrong = child(i);
            fflush(stdout);
            /* With the handlers of the C library, and without. */
            if (i % 3 == 0) _exit(wrong);
            exit(wrong);
        }
        int status = 0;
        waitpid(made, &status, 0);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "child %d ended with %d", i, status);
    }
    atomic_store(&over, true);
    int claimed = 0;
    for (int i = 0; i <= THREADS; i++) {
        pthread_join(threads[i], NULL);
        claimed += workers[i].claimed;
        if (i < THREADS) CHECK(workers[i].claimed > 0, "thread %d claimed nothing", i);
    }
    CHECK(wait_call().status == CARDMINT_STATUS_OK, "the call that was outstanding all the time");
    CHECK(claimed_of(opened.shop) == claimed + forks + 1, "%d, and not %d, %d and one", claimed_of(opened.shop), claimed, forks);
    cardmint_call_free(opened.call);
    cardmint_cursor_free(opened.cursor);
    cardmint_tenant_free(opened.shop);
    cardmint_engine_free(opened.engine);
    /* And the file is whole for whoever comes next. */
    cardmint_engine *next = engine_of(text("{\"path\":\"%s/shop.db\",\"keyring\":{\"file\":\"%s\"}}", folder, keys));
    cardmint_tenant *shop = tenant_of(next, "live");
    CHECK(claimed_of(shop) == claimed + forks + 1, "after opening again");
    cardmint_tenant_free(shop);
    cardmint_engine_free(next);
    forget();
    return check_end();
}
