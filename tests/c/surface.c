/* What the library shows is what the header says and what docs/api.json says. */
#include <ctype.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "json.h"

static void versions(void) {
    CHECK(strcmp(cardmint_version(), CARDMINT_VERSION) == 0, "library %s, header %s", cardmint_version(), CARDMINT_VERSION);
    const char *parts = text("%d.%d.%d", CARDMINT_VERSION_MAJOR, CARDMINT_VERSION_MINOR, CARDMINT_VERSION_PATCH);
    CHECK(strcmp(parts, CARDMINT_VERSION) == 0, "%s and %s", parts, CARDMINT_VERSION);
    CHECK(cardmint_abi_version() == (CARDMINT_ABI_MAJOR << 16 | CARDMINT_ABI_MINOR), "ABI %x", cardmint_abi_version());
}

static void operations(const char *api, const char *header) {
    cardmint_text *list = NULL, *error = NULL;
    cardmint_status status = cardmint_operations(&list, &error);
    const char *rows = answer(status, list, error).text;
    const char *documented = json_at(api, "operations");
    CHECK(json_count(documented) > 30, "%zu operations are documented", json_count(documented));
    CHECK(json_count(rows) == json_count(documented), "%zu operations, %zu documented", json_count(rows), json_count(documented));
    const char *row = json_first(rows), *doc = json_first(documented);
    for (; row != NULL && doc != NULL; row = json_next(row), doc = json_next(doc)) {
        const char *name = json_text(doc, "name"), *symbol = text("cardmint_%s", name);
        const char *const same[] = {"name", "kind", "keyless", "since"};
        for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
            CHECK(strcmp(json_text(row, same[i]), json_text(doc, same[i])) == 0, "%s: another %s", name, same[i]);
        }
        CHECK(dlsym(RTLD_DEFAULT, symbol) != NULL, "the library has no %s", symbol);
        CHECK(strstr(header, text("cardmint_status %s(", symbol)) != NULL, "the header has no %s", symbol);
    }
}

static void statuses(const char *api, const char *header) {
    const char *documented = json_at(api, "statuses");
    CHECK(json_count(documented) > 30, "%zu statuses are documented", json_count(documented));
    for (const char *one = json_first(documented); one != NULL; one = json_next(one)) {
        int number = (int)json_number(one, "number");
        const char *code = json_text(one, "code");
        CHECK(strcmp(cardmint_status_code(number), code) == 0, "%d is %s, documented as %s", number,
              cardmint_status_code(number), code);
        char *shouted = text("%s", code);
        for (char *c = shouted; *c != 0; c++) *c = (char)toupper((unsigned char)*c);
        CHECK(strstr(header, text("CARDMINT_STATUS_%s = %d,", shouted, number)) != NULL, "the header has no %s", shouted);
    }
    const int none[] = {-1, 3, 100, 199, 899, 999, 65536, 2147483647};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) CHECK(*cardmint_status_code(none[i]) == 0, "%d is one", none[i]);
}

/* Every function of the header is in the library. */
static void functions(const char *header) {
    int count = 0;
    for (const char *at = header; (at = strstr(at, "cardmint_")) != NULL;) {
        size_t size = strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789_");
        if (at[size] == '(') {
            CHECK(dlsym(RTLD_DEFAULT, text("%.*s", (int)size, at)) != NULL, "the library has no %.*s", (int)size, at);
            count++;
        }
        at += size;
    }
    CHECK(count > 60, "%d functions in the header", count);
}

void surface(const char *root) {
    char *api = file_text(text("%s/docs/api.json", root)), *header = file_text(text("%s/include/cardmint.h", root));
    versions();
    if (CHECK(api != NULL && header != NULL, "no docs/api.json or include/cardmint.h under %s", root)) {
        operations(api, header);
        statuses(api, header);
        functions(header);
    }
    free(api);
    free(header);
}
