/* One program with two copies of SQLite: the system's, and the one inside the static library, which nobody else sees. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "json.h"

static int number(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement = NULL;
    int found = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
        found = sqlite3_column_int(statement, 0);
    }
    sqlite3_finalize(statement);
    return found;
}

int main(int count, char **args) {
    if (count != 3) return 2;
    const char *folder = args[1], *keys = text("%s/keys.json", folder);
    CHECK(strcmp(sqlite3_libversion(), SQLITE_VERSION) == 0, "the program got another SQLite than its header's: %s and %s",
          sqlite3_libversion(), SQLITE_VERSION);
    sqlite3 *db = NULL;
    CHECK(sqlite3_open(text("%s/own.db", folder), &db) == SQLITE_OK, "the system's SQLite does not open");
    CHECK(sqlite3_exec(db, "CREATE TABLE sold (id INTEGER PRIMARY KEY, code TEXT)", NULL, NULL, NULL) == SQLITE_OK, "%s",
          sqlite3_errmsg(db));
    CHECK(cardmint_create_keyring(keys, strlen(keys), NULL) == CARDMINT_STATUS_OK, "no keyring");
    cardmint_engine *engine = engine_of(text("{\"path\":\"%s/shop.db\",\"keyring\":{\"file\":\"%s\"}}", folder, keys));
    cardmint_tenant *shop = tenant_of(engine, "live");
    done(cardmint_save_template, shop, "{\"meta\":\"t\",\"template\":{\"id\":\"t\",\"currency\":\"CNY\",\"redeem_from\":\"claimed\","
                                       "\"benefit\":{\"amount_off\":{\"minor\":100}}}}");
    done(cardmint_issue_batch, shop,
         "{\"meta\":\"b\",\"id\":\"b\",\"template\":\"t\",\"size\":100,\"format\":{\"symbols\":16}}");
    for (int i = 0; i < 20; i++) {
        const char *claimed = done(cardmint_claim, shop, text("{\"meta\":\"c%d\",\"take\":{\"batch\":\"b\"},"
                                                              "\"holder\":{\"kind\":\"customer\",\"value\":\"%d\"}}", i, i));
        const char *sql = text("INSERT INTO sold (code) VALUES ('%s')", json_text(claimed, "code"));
        CHECK(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
    }
    CHECK(number(db, "SELECT count(DISTINCT code) FROM sold") == 20, "rows are lost");
    cardmint_tenant_free(shop);
    cardmint_engine_free(engine);
    CHECK(number(db, "SELECT count(*) FROM sold WHERE length(code) >= 16") == 20, "rows are lost with the engine");
    sqlite3_close(db);
    forget();
    return check_end();
}
