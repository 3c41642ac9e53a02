/*
 * Preloaded into a process of ours: writes down everything that the process does to the files of one folder, in the order in which
 * it happens and with its bytes, and does it. proof/src/live/power rebuilds from that what a loss of power could have left.
 *
 *   CARDMINT_POWER_FOLDER  the folder, absolute and resolved; files directly in it are followed
 *   CARDMINT_POWER_LOG     the log, elsewhere; made anew
 *   CARDMINT_POWER_LIES    where set, what the process asks to be flushed is never said to be: a disk that lies
 *
 * What is written to standard output is logged as an acknowledgement, in its place, and goes nowhere else.
 *
 * Files are told apart by inode, so that copies of descriptors need no following. One lock is held over each step and its line of the log: the
 * log's order is the order of the steps. A flush is two lines, its beginning and its end, with the lock free between them: what others
 * write meanwhile is not promised to be flushed. System calls are made directly, so that nothing here can meet itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#if !defined(__linux__) || !defined(__LP64__)
#error "64-bit Linux only"
#endif

enum { OPENED = 1, WRITTEN, SIZED, SYNC_BEGUN, SYNC_ENDED, UNLINKED, RENAMED, ACKNOWLEDGED, NOT_MODELLED };

struct line {
    uint32_t magic, kind;
    uint64_t inode, a, b, length;
};

enum { MAGIC = 0x43445057, CREATED = 1, TRUNCATED = 2, ALLOCATED = 1, FOLDER = 1, FILES_MAX = 256 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;
static int lies;
static char folder[4096];
static size_t folder_length;
static ino_t folder_inode;
static dev_t device;
static ino_t files[FILES_MAX];
static int index_files[FILES_MAX];
static int files_count;
static uint64_t syncs;

static void die(const char *why)
{
    dprintf(2, "power.c: %s: %s\n", why, strerror(errno));
    _exit(97);
}

__attribute__((constructor)) static void begin(void)
{
    const char *in = getenv("CARDMINT_POWER_FOLDER");
    const char *log = getenv("CARDMINT_POWER_LOG");
    if (!in || !log)
        return;
    struct stat found;
    if (strlen(in) + 1 >= sizeof folder || stat(in, &found) != 0)
        die("CARDMINT_POWER_FOLDER");
    strcpy(folder, in);
    folder_length = strlen(folder);
    folder_inode = found.st_ino;
    device = found.st_dev;
    lies = getenv("CARDMINT_POWER_LIES") != NULL;
    long fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        die("CARDMINT_POWER_LOG");
    log_fd = (int)fd;
}

static void note(int kind, uint64_t inode, uint64_t a, uint64_t b, const struct iovec *parts, int count, size_t length)
{
    struct line line = {MAGIC, (uint32_t)kind, inode, a, b, length};
    struct iovec out[18] = {{&line, sizeof line}};
    int n = 1;
    size_t left = length;
    for (int i = 0; i < count && left > 0; i++) {
        if (n == 18) {
            errno = E2BIG;
            die("too many parts");
        }
        out[n] = parts[i];
        if (out[n].iov_len > left)
            out[n].iov_len = left;
        left -= out[n++].iov_len;
    }
    if (left != 0 || syscall(SYS_writev, log_fd, out, n) != (long)(sizeof line + length))
        die("the log cannot be written");
}

static void note_text(int kind, uint64_t inode, uint64_t a, const char *text)
{
    struct iovec part = {(void *)(uintptr_t)text, strlen(text)};
    note(kind, inode, a, 0, &part, 1, part.iov_len);
}

/* The name of a file directly in the folder, or NULL. */
static const char *name_of(int at, const char *path)
{
    if (log_fd < 0 || !path || strncmp(path, folder, folder_length) != 0 || path[folder_length] != '/')
        return NULL;
    (void)at; /* Paths that are not absolute are not below it; what slips through shows where the log is compared with the files. */
    const char *name = path + folder_length + 1;
    return *name && !strchr(name, '/') ? name : NULL;
}

static int place_of(ino_t inode)
{
    for (int i = 0; i < files_count; i++)
        if (files[i] == inode)
            return i;
    return -1;
}

static void follow(ino_t inode, const char *name)
{
    int place = place_of(inode);
    if (place < 0) {
        if (files_count == FILES_MAX)
            die("too many files");
        place = files_count++;
    }
    size_t length = strlen(name);
    files[place] = inode;
    /* The index of the log is shared memory, and made anew by whoever opens the database first. */
    index_files[place] = length >= 4 && strcmp(name + length - 4, "-shm") == 0;
}

/* Whether a descriptor is one of a followed file; of the folder itself where `is_folder` is asked for. */
static int followed(int fd, ino_t *inode, int *is_folder)
{
    struct stat found;
    if (log_fd < 0 || fd < 0 || syscall(SYS_fstat, fd, &found) != 0 || found.st_dev != device)
        return 0;
    *inode = found.st_ino;
    if (is_folder && found.st_ino == folder_inode)
        return *is_folder = 1;
    return place_of(found.st_ino) >= 0;
}

static int open_followed(int at, const char *path, int flags, mode_t mode)
{
    const char *name = name_of(at, path);
    if (!name)
        return (int)syscall(SYS_openat, at, path, flags, mode);
    pthread_mutex_lock(&lock);
    struct stat before, after;
    int was_there = fstatat(at, path, &before, AT_SYMLINK_NOFOLLOW) == 0;
    int fd = (int)syscall(SYS_openat, at, path, flags, mode);
    int kept = errno;
    if (fd >= 0 && syscall(SYS_fstat, fd, &after) == 0 && S_ISREG(after.st_mode)) {
        uint64_t how = (was_there ? 0 : CREATED) | ((flags & O_TRUNC) ? TRUNCATED : 0);
        follow(after.st_ino, name);
        note_text(OPENED, after.st_ino, how, name);
    }
    pthread_mutex_unlock(&lock);
    errno = kept;
    return fd;
}

static int wants_mode(int flags)
{
    return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
}

#define MODE(flags)                                                                                                    \
    mode_t mode = 0;                                                                                                   \
    if (wants_mode(flags)) {                                                                                           \
        va_list rest;                                                                                                  \
        va_start(rest, flags);                                                                                         \
        mode = va_arg(rest, mode_t);                                                                                   \
        va_end(rest);                                                                                                  \
    }

int open(const char *path, int flags, ...)
{
    MODE(flags)
    return open_followed(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    MODE(flags)
    return open_followed(AT_FDCWD, path, flags, mode);
}

int openat(int at, const char *path, int flags, ...)
{
    MODE(flags)
    return open_followed(at, path, flags, mode);
}

int openat64(int at, const char *path, int flags, ...)
{
    MODE(flags)
    return open_followed(at, path, flags, mode);
}

int creat(const char *path, mode_t mode)
{
    return open_followed(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int creat64(const char *path, mode_t mode)
{
    return open_followed(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

/* Writes, at an offset or, where it is -1, at the descriptor's own. */
static ssize_t write_followed(int fd, const struct iovec *parts, int count, off_t offset)
{
    ino_t inode = 0;
    pthread_mutex_lock(&lock);
    ssize_t done;
    if (log_fd >= 0 && fd == 1) {
        size_t length = 0;
        for (int i = 0; i < count; i++)
            length += parts[i].iov_len;
        note(ACKNOWLEDGED, 0, 0, 0, parts, count, length);
        done = (ssize_t)length;
    } else if (!followed(fd, &inode, NULL)) {
        pthread_mutex_unlock(&lock);
        return offset < 0 ? syscall(SYS_writev, fd, parts, count) : syscall(SYS_pwritev, fd, parts, count, offset, 0L);
    } else {
        off_t at = offset;
        if (offset < 0) {
            struct stat found;
            int appends = (fcntl(fd, F_GETFL) & O_APPEND) != 0;
            at = appends && syscall(SYS_fstat, fd, &found) == 0 ? found.st_size : lseek(fd, 0, SEEK_CUR);
            done = syscall(SYS_writev, fd, parts, count);
        } else {
            done = syscall(SYS_pwritev, fd, parts, count, offset, 0L);
        }
        int kept = errno;
        if (done > 0)
            note(WRITTEN, inode, (uint64_t)at, 0, parts, count, (size_t)done);
        errno = kept;
    }
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    struct iovec part = {(void *)(uintptr_t)bytes, length};
    return write_followed(fd, &part, 1, -1);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    return write_followed(fd, parts, count, -1);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
    struct iovec part = {(void *)(uintptr_t)bytes, length};
    return write_followed(fd, &part, 1, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset)
{
    struct iovec part = {(void *)(uintptr_t)bytes, length};
    return write_followed(fd, &part, 1, offset);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
    return write_followed(fd, parts, count, offset);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset)
{
    return write_followed(fd, parts, count, offset);
}

static int resize(int fd, off_t size)
{
    ino_t inode = 0;
    pthread_mutex_lock(&lock);
    int done = (int)syscall(SYS_ftruncate, fd, size);
    int kept = errno;
    if (done == 0 && followed(fd, &inode, NULL))
        note(SIZED, inode, (uint64_t)size, 0, NULL, 0, 0);
    errno = kept;
    pthread_mutex_unlock(&lock);
    return done;
}

int ftruncate(int fd, off_t size)
{
    return resize(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    return resize(fd, size);
}

static int allocate(int fd, int mode, off_t from, off_t bytes)
{
    ino_t inode = 0;
    pthread_mutex_lock(&lock);
    int done = (int)syscall(SYS_fallocate, fd, mode, from, bytes);
    int kept = errno;
    if (done == 0 && followed(fd, &inode, NULL)) {
        if (mode == 0)
            note(SIZED, inode, (uint64_t)(from + bytes), ALLOCATED, NULL, 0, 0);
        else
            note_text(NOT_MODELLED, inode, 0, "fallocate with a mode");
    }
    errno = kept;
    pthread_mutex_unlock(&lock);
    return done;
}

int fallocate(int fd, int mode, off_t from, off_t bytes)
{
    return allocate(fd, mode, from, bytes);
}

int fallocate64(int fd, int mode, off64_t from, off64_t bytes)
{
    return allocate(fd, mode, from, bytes);
}

int posix_fallocate(int fd, off_t from, off_t bytes)
{
    return allocate(fd, 0, from, bytes) == 0 ? 0 : errno;
}

int posix_fallocate64(int fd, off64_t from, off64_t bytes)
{
    return allocate(fd, 0, from, bytes) == 0 ? 0 : errno;
}

static int sync_followed(int fd, long call)
{
    ino_t inode = 0;
    int is_folder = 0;
    pthread_mutex_lock(&lock);
    int is_ours = followed(fd, &inode, &is_folder);
    uint64_t id = ++syncs;
    if (is_ours && !lies)
        note(SYNC_BEGUN, inode, id, is_folder ? FOLDER : 0, NULL, 0, 0);
    pthread_mutex_unlock(&lock);
    int done = (int)syscall(call, fd);
    int kept = errno;
    if (is_ours && !lies && done == 0) {
        pthread_mutex_lock(&lock);
        note(SYNC_ENDED, inode, id, is_folder ? FOLDER : 0, NULL, 0, 0);
        pthread_mutex_unlock(&lock);
    }
    errno = kept;
    return done;
}

int fsync(int fd)
{
    return sync_followed(fd, SYS_fsync);
}

int fdatasync(int fd)
{
    return sync_followed(fd, SYS_fdatasync);
}

/* It promises nothing after a loss of power, so that nothing is noted. */
int sync_file_range(int fd, off64_t from, off64_t bytes, unsigned int flags)
{
    return (int)syscall(SYS_sync_file_range, fd, from, bytes, flags);
}

static int unlink_followed(int at, const char *path, int flags)
{
    const char *name = name_of(at, path);
    pthread_mutex_lock(&lock);
    int done = (int)syscall(SYS_unlinkat, at, path, flags);
    int kept = errno;
    if (done == 0 && name)
        note_text(UNLINKED, 0, 0, name);
    errno = kept;
    pthread_mutex_unlock(&lock);
    return done;
}

int unlink(const char *path)
{
    return unlink_followed(AT_FDCWD, path, 0);
}

int unlinkat(int at, const char *path, int flags)
{
    return unlink_followed(at, path, flags);
}

int remove(const char *path)
{
    return unlink_followed(AT_FDCWD, path, 0);
}

static int rename_followed(int from_at, const char *from, int to_at, const char *to, unsigned int flags)
{
    const char *old = name_of(from_at, from), *new = name_of(to_at, to);
    pthread_mutex_lock(&lock);
    int done = (int)syscall(SYS_renameat2, from_at, from, to_at, to, flags);
    int kept = errno;
    if (done == 0 && old && new && flags == 0) {
        struct iovec parts[2] = {{(void *)(uintptr_t)old, strlen(old) + 1}, {(void *)(uintptr_t)new, strlen(new)}};
        note(RENAMED, 0, 0, 0, parts, 2, parts[0].iov_len + parts[1].iov_len);
    } else if (done == 0 && (old || new)) {
        note_text(NOT_MODELLED, 0, 0, "a rename into or out of the folder");
    }
    errno = kept;
    pthread_mutex_unlock(&lock);
    return done;
}

int rename(const char *from, const char *to)
{
    return rename_followed(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat(int from_at, const char *from, int to_at, const char *to)
{
    return rename_followed(from_at, from, to_at, to, 0);
}

int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned int flags)
{
    return rename_followed(from_at, from, to_at, to, flags);
}

static void *map(void *at, size_t length, int protection, int flags, int fd, off_t offset)
{
    ino_t inode = 0;
    if ((flags & MAP_SHARED) && (protection & PROT_WRITE)) {
        pthread_mutex_lock(&lock);
        if (followed(fd, &inode, NULL) && !index_files[place_of(inode)])
            note_text(NOT_MODELLED, inode, 0, "a file that is written through memory");
        pthread_mutex_unlock(&lock);
    }
    return (void *)syscall(SYS_mmap, at, length, protection, flags, fd, offset);
}

void *mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset)
{
    return map(at, length, protection, flags, fd, offset);
}

void *mmap64(void *at, size_t length, int protection, int flags, int fd, off64_t offset)
{
    return map(at, length, protection, flags, fd, offset);
}
