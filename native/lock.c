/* An exclusive flock on a file, so that two agents on one directory, or two shims of one run, find each
   other from any namespace. The kernel frees it with the holder's last descriptor, kill -9 included.
   The file itself stays: unlinking it would let two holders lock two different files of one name. */
#include "shim.h"
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>

#define EXIT_HELD 3

static int open_lock(const char *path) {
    return open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600);
}

/* Returns the descriptor that holds the lock, or the negative errno; -EWOULDBLOCK means held. */
int lock_take(const char *path, const char *owner) {
    int fd = open_lock(path);
    if (fd < 0)
        return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB)) {
        int error = errno;
        close(fd);
        return -error;
    }
    /* The text is a courtesy to whoever asks; a full disk does not take the lock away. */
    if (ftruncate(fd, 0) == 0)
        write_all(fd, owner, strlen(owner));
    return fd;
}

/* The holder writes its name just after it got the lock, so a short while empty is normal. */
static void tell_holder(const char *path) {
    struct text line = {.length = 0};
    char name[1024];
    ssize_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    for (int tries = 0; fd >= 0 && n <= 0 && tries < 20; tries++) {
        struct timespec pause = {0, tries ? 5000000 : 0};
        nanosleep(&pause, NULL);
        n = pread(fd, name, sizeof name - 1, 0);
    }
    name[n > 0 ? n : 0] = 0;
    for (char *p = name; *p; p++)
        if (*p == '\n')
            *p = ' ';
    text_add(&line, "held ");
    text_add(&line, name);
    text_add(&line, "\n");
    write_all(1, line.data, line.length);
}

static void hold_until_eof(void) {
    char ignored[64];
    for (;;) {
        struct pollfd input = {0, POLLIN, 0};
        poll(&input, 1, -1); /* stdin may be non-blocking */
        ssize_t n = read(0, ignored, sizeof ignored);
        if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
            return;
    }
}

/* annalist-shim --lock FILE [--owner TEXT] */
int lock_main(int argc, char **argv) {
    bool named = argc == 5 && !strcmp(argv[3], "--owner");
    /* A ^C in the agent's terminal reaches this process too; only the end of the agent may free the lock. */
    static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGTSTP};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    syscall(SYS_close_range, 3, ~0U, 0);
    prctl(PR_SET_NAME, "annalist-lock");
    int fd = named || argc == 3 ? lock_take(argv[2], named ? argv[4] : "") : -EINVAL;
    if (fd == -EWOULDBLOCK) {
        tell_holder(argv[2]);
        return EXIT_HELD;
    }
    if (fd < 0) {
        struct text line = {.length = 0};
        text_add(&line, "failed ");
        text_add(&line, strerror(-fd));
        text_add(&line, "\n");
        write_all(1, line.data, line.length);
        return 1;
    }
    if (write_all(1, "locked\n", 7))
        hold_until_eof();
    return 0;
}
