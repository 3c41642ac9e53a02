/* Every check against the library, in one program. `checks FOLDER ROOT`: an empty folder of its own, and the repository. */
#include <stdio.h>

#include "check.h"

int main(int count, char **args) {
    if (count != 3) {
        fprintf(stderr, "usage: checks FOLDER ROOT\n");
        return 2;
    }
    /* What was said before a crash is seen. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    story(args[1]);
    forget();
    calls(args[1]);
    forget();
    abuse(args[1]);
    forget();
    surface(args[2]);
    forget();
    vectors(args[2]);
    forget();
    return check_end();
}
