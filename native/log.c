/* The child's output on disk: FILE, FILE.1 … FILE.N, newest first, cut at line ends where one is near.
   Nothing here may stop the child: what cannot be written is counted, and told in the log later. */
#include "shim.h"
#include <grp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* How far past its size a file may grow while waiting for the end of a line. */
#define LINE_SLACK (64 * 1024)

/* A log belongs to the target user: it is opened with that user's rights, so that a link planted in a
   directory of theirs reaches nothing that they could not reach themselves. */
static void act_as(const struct log *log, bool target) {
    if (!log->owner.set)
        return;
    syscall(SYS_setfsgid, target ? log->owner.gid : getegid());
    syscall(SYS_setfsuid, target ? log->owner.uid : geteuid());
}

/* Non-blocking, so that a FIFO which nobody reads drops bytes and stops neither shim nor child. */
static int open_for_append(const struct log *log, const char *name, int more) {
    return openat(log->dir, name,
                  O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | more, 0640);
}

/* Whether a file that is continued ends in a whole line. */
static bool ends_in_newline(int fd, uint64_t size) {
    char last = '\n';
    return size == 0 || pread(fd, &last, 1, (off_t)size - 1) != 1 || last == '\n';
}

static int open_files(struct log *log, const char *directory) {
    struct stat st;
    log->dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (log->dir < 0)
        return errno;
    log->fd = open_for_append(log, log->name, 0);
    if (log->fd < 0 || fstat(log->fd, &st))
        return errno;
    if (!S_ISREG(st.st_mode)) {
        log->rotate_bytes = 0; /* a device or a FIFO is never renamed */
        st.st_size = 0;
    }
    log->size = (uint64_t)st.st_size;
    log->at_line_start = ends_in_newline(log->fd, log->size);
    return 0;
}

/* Returns 0 or the errno. The directory is held open: the log follows it if it is renamed. */
int log_open(struct log *log, const char *path) {
    char directory[4096];
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    size_t length = slash ? (size_t)(slash + 1 - path) : 0;
    int error;
    if (!*name)
        return EISDIR;
    /* 16 bytes of the longest name are kept for the suffix of a rotated file. */
    if (strlen(name) > sizeof log->name - 17 || length >= sizeof directory)
        return ENAMETOOLONG;
    strcpy(log->name, name);
    memcpy(directory, path, length);
    directory[length] = 0;
    if (log->owner.set)
        setgroups(1, &log->owner.gid); /* the agent's groups are not the user's */
    act_as(log, true);
    error = open_files(log, length ? directory : ".");
    act_as(log, false);
    return error;
}

static bool rename_within(struct log *log, unsigned from, unsigned to) {
    struct text names[2] = {{.length = 0}, {.length = 0}};
    unsigned numbers[2] = {from, to};
    for (int i = 0; i < 2; i++) {
        text_add(&names[i], log->name);
        if (numbers[i]) {
            text_add(&names[i], ".");
            text_number(&names[i], numbers[i]);
        }
        names[i].data[names[i].length] = 0;
    }
    return renameat(log->dir, names[0].data, log->dir, names[1].data) == 0 || errno == ENOENT;
}

/* Opens the next file before it renames anything and goes on with the old one when a step fails: an
   overlong file is better than a lost one. */
static bool shift_files(struct log *log) {
    char next[sizeof log->name + 8];
    stpcpy(stpcpy(next, log->name), ".next");
    int fd = open_for_append(log, next, O_TRUNC);
    if (fd < 0)
        return false;
    bool moved = true;
    for (unsigned i = log->rotate_count; moved && i > 0; i--)
        moved = rename_within(log, i - 1, i);
    if (!moved || renameat(log->dir, next, log->dir, log->name)) {
        unlinkat(log->dir, next, 0);
        close(fd);
        return false;
    }
    close(log->fd);
    log->fd = fd;
    log->size = 0;
    log->at_line_start = true;
    return true;
}

static bool rotate(struct log *log) {
    act_as(log, true);
    bool done = shift_files(log);
    act_as(log, false);
    return done;
}

/* Says in the log that output is missing, on a line of its own, once there is room for that line. */
static bool report_dropped(struct log *log) {
    struct text line = {.length = 0};
    text_add(&line, log->at_line_start ? "annalist-shim: " : "\nannalist-shim: ");
    text_number(&line, log->unreported);
    text_add(&line, " bytes of output were dropped here: ");
    text_add(&line, strerror(log->drop_error));
    text_add(&line, "\n");
    ssize_t n = write(log->fd, line.data, line.length);
    if (n != (ssize_t)line.length) {
        if (n > 0 && ftruncate(log->fd, (off_t)log->size))
            log->size += (uint64_t)n;
        return false;
    }
    log->size += (uint64_t)n;
    log->at_line_start = true;
    log->unreported = 0;
    return true;
}

static void drop(struct log *log, size_t length) {
    log->dropped += length;
    log->unreported += length;
}

static void append(struct log *log, const char *data, size_t length) {
    if (log->unreported && !report_dropped(log)) {
        drop(log, length);
        return;
    }
    while (length) {
        ssize_t n = write(log->fd, data, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            log->drop_error = n ? errno : ENOSPC;
            drop(log, length);
            return;
        }
        log->size += (uint64_t)n;
        log->at_line_start = data[n - 1] == '\n';
        data += n;
        length -= (size_t)n;
    }
}

/* How much of the data still goes into the present file; *full tells that the file ends after it. */
static size_t share_of(const struct log *log, const char *data, size_t length, bool *full) {
    size_t room = log->size < log->rotate_bytes ? (size_t)(log->rotate_bytes - log->size) : 0;
    *full = length > room;
    if (!*full)
        return length;
    const char *end = memrchr(data, '\n', room);
    if (end)
        return (size_t)(end + 1 - data);
    if (log->at_line_start && log->size)
        return 0;
    /* One long line crosses the limit: wait for its end, but not for ever. */
    uint64_t hard = log->rotate_bytes + LINE_SLACK;
    size_t bound = log->size < hard ? (size_t)(hard - log->size) : 0;
    end = memchr(data + room, '\n', (length < bound ? length : bound) - room);
    if (end)
        return (size_t)(end + 1 - data);
    *full = length >= bound;
    return *full ? bound : length;
}

void log_write(struct log *log, const char *data, size_t length) {
    while (length && log->rotate_bytes) {
        bool full;
        size_t share = share_of(log, data, length, &full);
        append(log, data, share);
        data += share;
        length -= share;
        /* Only when more is to come, so that the newest file is never left empty; and not while bytes are
           being dropped, when rotating would only push the older files out. */
        if (full && length && (log->unreported || !rotate(log)))
            break;
    }
    append(log, data, length);
}

void log_close(struct log *log) {
    if (log->unreported)
        report_dropped(log);
    close(log->fd);
}
