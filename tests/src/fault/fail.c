/* Loaded before a node (LD_PRELOAD): makes one call that changes a file below a folder go wrong.
 *
 *   ALTHING_FAIL_DIR    the folder, with a slash at its end
 *   ALTHING_FAIL_AT     which call, counted from 1; 0 is none of them
 *   ALTHING_FAIL_HOW    eio, enospc: it fails; torn: half is written, then it fails;
 *                       crash: the process dies before it; torncrash: half is written, then the process dies
 *   ALTHING_FAIL_COUNT  a file of eight bytes that counts the calls
 *   ALTHING_FAIL_CLOCK  seconds by which the clock on the wall is wrong
 *   ALTHING_FAIL_CALENDAR  a file of eight bytes that holds such seconds and may change at any time
 *
 * Calls that read are left alone, and so are those that only remove a name: what they fail to remove is found later.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum how { EIO_ONCE, ENOSPC_ONCE, TORN, CRASH, TORN_CRASH };

static const char *dir;
static size_t dir_len;
static long at;
static enum how how;
static long long clock_offset;
static _Atomic long own_count;
static _Atomic long *count = &own_count;
static _Atomic long no_days;
static _Atomic long *days = &no_days;

static void *shared_long(const char *path) {
    int (*real_open)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    int fd = real_open(path, O_RDWR);
    if (fd < 0) return NULL;
    void *shared = mmap(NULL, sizeof(long), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return shared == MAP_FAILED ? NULL : shared;
}

__attribute__((constructor)) static void init(void) {
    const char *text = getenv("ALTHING_FAIL_CLOCK");
    clock_offset = text ? atoll(text) : 0;
    text = getenv("ALTHING_FAIL_AT");
    at = text ? atol(text) : 0;
    text = getenv("ALTHING_FAIL_HOW");
    if (text) {
        how = !strcmp(text, "enospc") ? ENOSPC_ONCE : !strcmp(text, "torn") ? TORN
            : !strcmp(text, "crash") ? CRASH : !strcmp(text, "torncrash") ? TORN_CRASH : EIO_ONCE;
    }
    text = getenv("ALTHING_FAIL_COUNT");
    void *shared = text ? shared_long(text) : NULL;
    if (shared) count = shared;
    text = getenv("ALTHING_FAIL_CALENDAR");
    shared = text ? shared_long(text) : NULL;
    if (shared) days = shared;
    /* Last: until it is set nothing is counted. */
    dir = getenv("ALTHING_FAIL_DIR");
    dir_len = dir ? strlen(dir) : 0;
}

static int below(const char *path) { return dir && path && !strncmp(path, dir, dir_len); }

static int fd_below(int fd) {
    if (!dir || fd <= 2) return 0;
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    return below(path);
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* Counts a call. Whether it is the one; a process that is to die before it does so here. */
static int hit(void) {
    int is = atomic_fetch_add(count, 1) + 1 == at;
    if (is && how == CRASH) die();
    return is;
}

static int failed(void) {
    if (how == TORN_CRASH) die();
    errno = how == ENOSPC_ONCE ? ENOSPC : EIO;
    return -1;
}

#define REAL(name) (__extension__({ static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name); real; }))

ssize_t write(int fd, const void *buf, size_t n) {
    if (fd_below(fd) && hit()) {
        if (how == TORN || how == TORN_CRASH) REAL(write)(fd, buf, n / 2);
        return failed();
    }
    return REAL(write)(fd, buf, n);
}

#define PWRITE(name)                                                                       \
    ssize_t name(int fd, const void *buf, size_t n, off_t offset) {                        \
        if (fd_below(fd) && hit()) {                                                       \
            if (how == TORN || how == TORN_CRASH) REAL(name)(fd, buf, n / 2, offset);      \
            return failed();                                                               \
        }                                                                                  \
        return REAL(name)(fd, buf, n, offset);                                             \
    }
PWRITE(pwrite)
PWRITE(pwrite64)

ssize_t writev(int fd, const struct iovec *iov, int n) {
    if (fd_below(fd) && hit()) {
        if ((how == TORN || how == TORN_CRASH) && n > 0) REAL(writev)(fd, iov, n / 2);
        return failed();
    }
    return REAL(writev)(fd, iov, n);
}

#define SYNC(name)                                  \
    int name(int fd) {                              \
        if (fd_below(fd) && hit()) return failed(); \
        return REAL(name)(fd);                      \
    }
SYNC(fsync)
SYNC(fdatasync)

#define TRUNCATE(name)                              \
    int name(int fd, off_t len) {                   \
        if (fd_below(fd) && hit()) return failed(); \
        return REAL(name)(fd, len);                 \
    }
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

int rename(const char *from, const char *to) {
    if (below(to) && hit()) return failed();
    return REAL(rename)(from, to);
}

int renameat(int a, const char *from, int b, const char *to) {
    if (below(to) && hit()) return failed();
    return REAL(renameat)(a, from, b, to);
}

#define CHANGES(flags) (((flags) & O_CREAT) || ((flags) & O_ACCMODE) != O_RDONLY)
#define OPEN(name)                                                       \
    int name(const char *path, int flags, ...) {                         \
        va_list args;                                                    \
        va_start(args, flags);                                           \
        mode_t mode = va_arg(args, int);                                 \
        va_end(args);                                                    \
        if (CHANGES(flags) && below(path) && hit()) return failed();     \
        return REAL(name)(path, flags, mode);                            \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                     \
    int name(int at_fd, const char *path, int flags, ...) {              \
        va_list args;                                                    \
        va_start(args, flags);                                           \
        mode_t mode = va_arg(args, int);                                 \
        va_end(args);                                                    \
        if (CHANGES(flags) && below(path) && hit()) return failed();     \
        return REAL(name)(at_fd, path, flags, mode);                     \
    }
OPENAT(openat)
OPENAT(openat64)

int clock_gettime(clockid_t which, struct timespec *out) {
    int done = REAL(clock_gettime)(which, out);
    if (done == 0 && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) out->tv_sec += clock_offset + atomic_load(days);
    return done;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone) {
    int done = REAL(gettimeofday)(out, zone);
    if (done == 0) out->tv_sec += clock_offset + atomic_load(days);
    return done;
}

time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
