/* Owns the injection of one fault: the n-th call of a kind (or of "any") that touches a path below a folder fails with an errno,
 * or kills the process (FAULTY_ERRNO=KILL).
 * Loaded with LD_PRELOAD; set by FAULTY_CALL, FAULTY_N, FAULTY_ERRNO, FAULTY_BELOW; leaves the file FAULTY_HIT when it struck. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_int calls;

static int below_path(const char *path) {
    const char *root = getenv("FAULTY_BELOW");
    return root && path && strncmp(path, root, strlen(root)) == 0;
}

static int below_fd(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    return below_path(path);
}

static int strikes(const char *call) {
    const char *wanted = getenv("FAULTY_CALL"), *n = getenv("FAULTY_N"), *number = getenv("FAULTY_ERRNO"), *hit = getenv("FAULTY_HIT");
    if (!wanted || !n || !number || (strcmp(wanted, call) && strcmp(wanted, "any"))) return 0;
    if (atomic_fetch_add(&calls, 1) + 1 != atoi(n)) return 0;
    if (hit) {
        int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
        int fd = real(hit, O_CREAT | O_WRONLY, 0600);
        if (fd >= 0) close(fd);
    }
    if (!strcmp(number, "KILL")) kill(getpid(), SIGKILL);
    errno = atoi(number);
    return 1;
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t size) {
    REAL(write);
    if (below_fd(fd) && strikes("write")) return -1;
    return real(fd, data, size);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    REAL(pwrite64);
    if (below_fd(fd) && strikes("write")) return -1;
    return real(fd, data, size, at);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(writev);
    if (below_fd(fd) && strikes("write")) return -1;
    return real(fd, parts, count);
}

int fsync(int fd) {
    REAL(fsync);
    if (below_fd(fd) && strikes("fsync")) return -1;
    return real(fd);
}

int rename(const char *from, const char *to) {
    REAL(rename);
    if (below_path(to) && strikes("rename")) return -1;
    return real(from, to);
}

int link(const char *from, const char *to) {
    REAL(link);
    if (below_path(to) && strikes("rename")) return -1;
    return real(from, to);
}

int linkat(int a, const char *from, int b, const char *to, int flags) {
    REAL(linkat);
    if (below_path(to) && strikes("rename")) return -1;
    return real(a, from, b, to, flags);
}

int renameat(int a, const char *from, int b, const char *to) {
    REAL(renameat);
    if (below_path(to) && strikes("rename")) return -1;
    return real(a, from, b, to);
}

/* What only takes away fails by no name of its own: it is struck as one of "any". */
int unlink(const char *path) {
    REAL(unlink);
    if (below_path(path) && strikes("remove")) return -1;
    return real(path);
}

int unlinkat(int at, const char *path, int flags) {
    REAL(unlinkat);
    if ((at >= 0 ? below_fd(at) : below_path(path)) && strikes("remove")) return -1;
    return real(at, path, flags);
}

int rmdir(const char *path) {
    REAL(rmdir);
    if (below_path(path) && strikes("remove")) return -1;
    return real(path);
}

int mkdir(const char *path, mode_t mode) {
    REAL(mkdir);
    if (below_path(path) && strikes("make")) return -1;
    return real(path, mode);
}

#define OPEN(name)                                                       \
    int name(const char *path, int flags, ...) {                         \
        REAL(name);                                                      \
        mode_t mode = 0;                                                 \
        if (flags & (O_CREAT | O_TMPFILE)) {                             \
            va_list rest;                                                \
            va_start(rest, flags);                                       \
            mode = va_arg(rest, mode_t);                                 \
            va_end(rest);                                                \
        }                                                                \
        if (below_path(path) && strikes("open")) return -1;              \
        return real(path, flags, mode);                                  \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                     \
    int name(int at, const char *path, int flags, ...) {                 \
        REAL(name);                                                      \
        mode_t mode = 0;                                                 \
        if (flags & (O_CREAT | O_TMPFILE)) {                             \
            va_list rest;                                                \
            va_start(rest, flags);                                       \
            mode = va_arg(rest, mode_t);                                 \
            va_end(rest);                                                \
        }                                                                \
        if (below_path(path) && strikes("open")) return -1;              \
        return real(at, path, flags, mode);                              \
    }
OPENAT(openat)
OPENAT(openat64)
