/* Small files that appear whole or not at all: written aside, synced, renamed, the directory synced. */
#include "shim.h"
#include <stdio.h>
#include <time.h>

#define RESERVED_BYTES 512

static const char *aside(const char *name) {
    static char buffer[32];
    stpcpy(stpcpy(buffer, name), ".tmp");
    return buffer;
}

bool write_all(int fd, const char *data, size_t length) {
    while (length) {
        ssize_t n = write(fd, data, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        data += n;
        length -= (size_t)n;
    }
    return true;
}

/* Takes the blocks a record will need while there is room, so that a disk filled by the child does not
   lose what must be known of the child. Returns 0 or the errno. */
int record_reserve(int dir, const char *name) {
    char blank[RESERVED_BYTES];
    int error = 0;
    int fd = openat(dir, aside(name), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return errno;
    memset(blank, ' ', sizeof blank);
    if (!write_all(fd, blank, sizeof blank))
        error = errno;
    close(fd);
    return error;
}

/* `lasting` is for what must be there after a power cut. Who the child is, why there is none, and that nobody
   is left need not be: a power cut ends the whole tree. Returns 0 or the errno. */
int record_write(int dir, const char *name, const struct text *text, bool lasting) {
    int error = 0;
    /* No O_TRUNC: it would give the reserved blocks back. */
    int fd = openat(dir, aside(name), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return errno;
    if (!write_all(fd, text->data, text->length) || ftruncate(fd, (off_t)text->length) || (lasting && fsync(fd)))
        error = errno;
    close(fd);
    if (!error && renameat(dir, aside(name), dir, name))
        error = errno;
    if (!error && lasting)
        fsync(dir);
    return error;
}

void record_discard(int dir, const char *name) {
    unlinkat(dir, name, 0);
    unlinkat(dir, aside(name), 0);
}

uint64_t now_us(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}
