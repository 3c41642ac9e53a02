/* Another copy of SQLite in somebody else's process: preloaded, it opens, reads and closes one file again and again. */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static int (*sql_open)(const char *, void **);
static int (*sql_exec)(void *, const char *, void *, void *, void *);
static int (*sql_close)(void *);

static void *loop(void *path) {
    int count = open(getenv("CARDMINT_TRAP_COUNT"), O_WRONLY | O_CREAT | O_APPEND, 0600);
    for (;;) {
        void *db = 0;
        if (access(path, R_OK) == 0) {
            if (sql_open(path, &db) == 0 && sql_exec(db, "SELECT count(*) FROM redemption", 0, 0, 0) == 0
                && write(count, ".", 1) != 1)
                abort();
            sql_close(db);
        }
        usleep(2000);
    }
    return 0;
}

__attribute__((constructor)) static void begin(void) {
    char *path = getenv("CARDMINT_TRAP_PATH");
    /* DEEPBIND: its own symbols, whatever else the process has of that name. */
    void *lib = path ? dlopen("libsqlite3.so.0", RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND) : 0;
    pthread_t thread;
    if (!lib)
        return;
    *(void **)&sql_open = dlsym(lib, "sqlite3_open");
    *(void **)&sql_exec = dlsym(lib, "sqlite3_exec");
    *(void **)&sql_close = dlsym(lib, "sqlite3_close");
    pthread_create(&thread, 0, loop, path);
}
