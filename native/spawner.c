/* annalist-shim --spawner: starts shims for an agent, so that the agent does not fork its own large memory for each.
   It owns nothing: a shim has its own session and its files, and neither notices when the spawner or the agent ends.

   Requests come through fd 0, numbers little-endian as on both machines:
     length of what follows, id, argument count, environment count (32 bits each), then that many strings, NUL-ended
     no arguments: the shim of that id is killed
   Answers go to fd 1, a line each:
     started ID PID | refused ID ERRNO | news ID (it wrote a record) | ended ID */
#include "shim.h"
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#define MAX_SHIMS 16384
#define MAX_STRINGS 65536
#define REQUEST_BYTES (4 * 1024 * 1024)
#define NOTIFY_FD 3

struct request {
    uint32_t id, arguments, environment;
};

static struct started {
    uint32_t id;
    pid_t pid;
} shims[MAX_SHIMS];
/* The requests, the ends of shims, and then one pipe a shim, in the order of `shims`. */
static struct pollfd fds[2 + MAX_SHIMS];
static struct pollfd *const pipes = fds + 2;
static unsigned count;
static int null_fd;

static char body[REQUEST_BYTES];
static char *strings[MAX_STRINGS + 2];

static void answer(const char *what, uint32_t id, const uint64_t *number) {
    struct text line = {.length = 0};
    text_add(&line, what);
    text_number(&line, id);
    if (number) {
        text_add(&line, " ");
        text_number(&line, *number);
    }
    text_add(&line, "\n");
    for (size_t sent = 0; sent < line.length;) {
        struct pollfd output = {1, POLLOUT, 0};
        ssize_t n = write(1, line.data + sent, line.length - sent);
        if (n > 0) sent += (size_t)n;
        else if (errno == EAGAIN) poll(&output, 1, -1);
        else if (errno != EINTR) _exit(0); /* the agent is gone */
    }
}

static void read_whole(void *buffer, size_t length) {
    for (char *to = buffer; length;) {
        struct pollfd input = {0, POLLIN, 0};
        ssize_t n = read(0, to, length);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            _exit(0);
        if (n < 0) {
            poll(&input, 1, -1);
            continue;
        }
        to += n;
        length -= (size_t)n;
    }
}

/* Arguments, a null, the environment, a null. False when the bytes are not that many strings. */
static bool split(const struct request *request, size_t length) {
    uint32_t found = 0, wanted = request->arguments + request->environment;
    char **next = strings;
    for (char *at = body; at < body + length; at += strlen(at) + 1) {
        if (found++ == wanted)
            return false;
        if (found == request->arguments + 1)
            *next++ = NULL;
        *next++ = at;
    }
    if (request->environment == 0)
        *next++ = NULL;
    *next = NULL;
    return found == wanted && body[length - 1] == 0;
}

/* Returns 0 or the errno, that of exec included. */
static int start(const struct request *request, pid_t *pid, int *news) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int pipe_fds[2];
    if (count == MAX_SHIMS)
        return EAGAIN;
    if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK))
        return errno;
    posix_spawn_file_actions_init(&actions);
    for (int fd = 0; fd < NOTIFY_FD; fd++)
        posix_spawn_file_actions_adddup2(&actions, null_fd, fd);
    posix_spawn_file_actions_adddup2(&actions, pipe_fds[1], NOTIFY_FD);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    int error = posix_spawn(pid, "/proc/self/exe", &actions, &attributes, strings, strings + request->arguments + 1);
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_fds[1]);
    if (error)
        close(pipe_fds[0]);
    *news = pipe_fds[0];
    return error;
}

static void stop(uint32_t id) {
    for (unsigned i = 0; i < count; i++)
        if (shims[i].id == id)
            kill(shims[i].pid, SIGKILL);
}

/* What an agent asked for right before its end is not started: the next one may have concluded by then that it never was. */
static bool is_asked_in_vain(void) {
    struct pollfd input = {0, POLLRDHUP, 0};
    return poll(&input, 1, 0) > 0 && input.revents & (POLLRDHUP | POLLHUP | POLLERR);
}

static void on_request(void) {
    struct request request;
    uint32_t length;
    pid_t pid = -1;
    int news = -1;
    read_whole(&length, sizeof length);
    if (length < sizeof request || length - sizeof request > sizeof body)
        _exit(1);
    length -= (uint32_t)sizeof request;
    read_whole(&request, sizeof request);
    read_whole(body, length);
    if (request.arguments == 0) {
        stop(request.id);
        return;
    }
    if (is_asked_in_vain())
        _exit(0);
    bool fits = request.arguments <= MAX_STRINGS && request.environment <= MAX_STRINGS - request.arguments;
    int error = !fits ? E2BIG : !split(&request, length) ? EINVAL : start(&request, &pid, &news);
    explicit_bzero(body, length);
    if (error) {
        uint64_t number = (uint64_t)error;
        answer("refused ", request.id, &number);
        return;
    }
    shims[count] = (struct started){request.id, pid};
    pipes[count++] = (struct pollfd){news, POLLIN, 0};
    uint64_t number = (uint64_t)pid;
    answer("started ", request.id, &number);
}

/* Only that something was written matters: the records say what. */
static void on_news(unsigned index) {
    char ignored[4096];
    ssize_t n = read(pipes[index].fd, ignored, sizeof ignored);
    if (n > 0) {
        answer("news ", shims[index].id, NULL);
    } else if (n == 0) {
        close(pipes[index].fd);
        pipes[index].fd = -1;
    }
}

static void forget(unsigned index) {
    if (pipes[index].fd >= 0)
        close(pipes[index].fd);
    count--;
    shims[index] = shims[count];
    pipes[index] = pipes[count];
}

static void on_end(void) {
    struct signalfd_siginfo info[8];
    pid_t pid;
    while (read(fds[1].fd, info, sizeof info) > 0)
        ;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
        for (unsigned i = 0; i < count; i++)
            if (shims[i].pid == pid) {
                answer("ended ", shims[i].id, NULL);
                forget(i);
                break;
            }
}

int spawner_main(void) {
    /* A ^C in the agent's terminal is the agent's to judge; its end is seen by the end of the requests. */
    static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGTSTP};
    sigset_t set;
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_SETMASK, &set, NULL);
    prctl(PR_SET_NAME, "annalist-spawner");
    null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    fds[0] = (struct pollfd){0, POLLIN, 0};
    fds[1] = (struct pollfd){signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC), POLLIN, 0};
    if (null_fd < 0 || fds[1].fd < 0)
        return 1;
    for (;;) {
        if (poll(fds, 2 + count, -1) < 0)
            continue;
        for (unsigned i = 0; i < count; i++)
            if (pipes[i].revents)
                on_news(i);
        if (fds[1].revents)
            on_end();
        if (fds[0].revents)
            on_request();
    }
}
