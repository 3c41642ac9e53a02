/* Golden vectors, replayed with equal bytes: tests/vectors/wire.json, checkout.json and refunds.json, the same files for every language.
 *
 * `options` opens the engine, `cases` are asked one after another: `op`, `request` as text, and the text of the `reply` or of the
 * `failure`. `now`, where it stands, moves the clock before. Of a stream or a job the reply is that of its first step with one. */
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "json.h"

/* Whether an operation is begun rather than called. */
static bool is_cursor(const char *rows, const char *name) {
    for (const char *row = json_first(rows); row != NULL; row = json_next(row)) {
        if (strcmp(json_text(row, "name"), name) != 0) continue;
        const char *kind = json_text(row, "kind");
        return strcmp(kind, "stream") == 0 || strcmp(kind, "job") == 0;
    }
    return false;
}

static struct answer first_step(const cardmint_tenant *shop, const char *name, const char *request) {
    cardmint_cursor *cursor = NULL;
    cardmint_text *reply = NULL, *error = NULL;
    cardmint_status status =
        cardmint_tenant_begin(shop, name, strlen(name), request, strlen(request), &cursor, &error);
    if (status != CARDMINT_STATUS_OK) return answer(status, NULL, error);
    while ((status = cardmint_cursor_next(cursor, 100000, &reply, &error)) == CARDMINT_STATUS_PENDING) continue;
    cardmint_cursor_free(cursor);
    return answer(status, reply, error);
}

static void replay(const char *vectors) {
    cardmint_text *list = NULL, *error = NULL;
    cardmint_status status = cardmint_operations(&list, &error);
    const char *rows = answer(status, list, error).text;
    cardmint_engine *engine = engine_of(json_text(vectors, "options"));
    cardmint_tenant *shop = tenant_of(engine, "live");
    const char *cases = json_at(vectors, "cases");
    CHECK(cases != NULL && json_count(cases) > 0, "no cases");
    for (const char *one = cases == NULL ? NULL : json_first(cases); one != NULL; one = json_next(one)) {
        const char *name = json_text(one, "op"), *request = json_text(one, "request"), *now = json_text(one, "now");
        if (*now != 0) SURELY(cardmint_engine_set_now(engine, now, strlen(now), NULL) == CARDMINT_STATUS_OK, "%s", now);
        struct answer said = is_cursor(rows, name) ? first_step(shop, name, request) : ask_named(name, shop, request);
        const char *wanted = json_text(one, said.status >= 100 ? "failure" : "reply");
        CHECK(strcmp(said.text, wanted) == 0, "%s of %s\n  gives  %s\n  wanted %s", name, request, said.text, wanted);
    }
    cardmint_tenant_free(shop);
    cardmint_engine_free(engine);
}

static void replay_file(const char *root, const char *name) {
    char *vectors = file_text(text("%s/tests/vectors/%s", root, name));
    if (vectors == NULL) {
        printf("no tests/vectors/%s: nothing is replayed\n", name);
        return;
    }
    replay(vectors);
    free(vectors);
}

void vectors(const char *root) {
    replay_file(root, "wire.json");
    replay_file(root, "checkout.json");
    replay_file(root, "refunds.json");
}
