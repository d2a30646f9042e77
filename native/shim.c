/* annalist-shim: one per supervised child. It outlives the agent, owns the child's output, reaps the whole
   tree, and leaves in a directory what the agent must know later:

     identity   who the child is, once exec succeeded
     failure    why there is no child (instead of the others)
     status     how the child ended, with the raw wait status
     empty      that no descendant is left and the log is complete; the shim is gone right after

   docs/decisions/0004-the-shim.md tells the contract and the reasons. */
#include "shim.h"
#include <poll.h>
#include <signal.h>
#include <stdnoreturn.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define VERSION "annalist-shim 1\n"
#define NOTIFY_FD 3
#define RETRY_US 1000000
#define RETRY_FOR_US (3600 * 1000000ULL)
#define MAX_ROTATED 1000

static const char *const records[] = {"identity", "failure", "status", "empty"};

struct options {
    const char *dir, *log, *hold;
    int notify;
    uint64_t rotate_bytes, rotate_count;
    struct child child;
};

/* The one run this process is for. */
static struct {
    int dir, notify, signals, output;
    bool prepared;
    pid_t pid;
    struct log log;
    bool ended, tree_empty;
    struct text status;
    bool status_due;
    uint64_t retry_at, give_up_at;
    uint64_t stragglers;
} run = {.dir = -1, .notify = -1, .signals = -1, .output = -1};

/* The agent may be gone or not reading: whatever does not fit is dropped, the files say the same. */
static void notify(const struct text *line) {
    if (run.notify >= 0 && write(run.notify, line->data, line->length) < 0 && errno != EAGAIN) {
        close(run.notify);
        run.notify = -1;
    }
}

static noreturn void fail(const char *step, int error, const char *path) {
    struct text line = {.length = 0};
    json_string(&line, "step", step);
    json_number(&line, "errno", (uint64_t)error);
    json_string(&line, "error", strerror(error));
    json_string(&line, "path", path);
    json_end(&line);
    if (run.dir >= 0) {
        for (size_t i = 0; run.prepared && i < sizeof records / sizeof *records; i++)
            record_discard(run.dir, records[i]);
        record_write(run.dir, "failure", &line, false);
    }
    notify(&line);
    write_all(2, line.data, line.length);
    _exit(127);
}

/* ---- arguments ---- */

static bool is(const char *a, const char *b) {
    return strcmp(a, b) == 0;
}

static bool small_number(const char *value, int base, uint64_t max, int *out) {
    uint64_t number;
    if (!parse_number(value, base, &number) || number > max)
        return false;
    *out = (int)number;
    return true;
}

static bool set_option(struct options *o, const char *name, const char *value, int *uid, int *gid) {
    struct child *child = &o->child;
    if (is(name, "--dir")) o->dir = value;
    else if (is(name, "--log")) o->log = value;
    else if (is(name, "--cwd")) child->cwd = value;
    else if (is(name, "--hold")) o->hold = value;
    else if (is(name, "--cgroup") && child->cgroup_count < MAX_CGROUPS) child->cgroups[child->cgroup_count++] = value;
    else if (is(name, "--limit") && child->limit_count < MAX_LIMITS)
        return parse_limit(value, &child->limits[child->limit_count++]) == 0;
    else if (is(name, "--umask")) return small_number(value, 8, 0777, &child->umask);
    else if (is(name, "--uid")) return small_number(value, 10, INT32_MAX, uid);
    else if (is(name, "--gid")) return small_number(value, 10, INT32_MAX, gid);
    else if (is(name, "--notify")) return small_number(value, 10, INT32_MAX, &o->notify);
    else if (is(name, "--rotate-bytes")) return parse_number(value, 10, &o->rotate_bytes) && o->rotate_bytes <= INT64_MAX / 2;
    else if (is(name, "--rotate-count"))
        return parse_number(value, 10, &o->rotate_count) && o->rotate_count <= MAX_ROTATED;
    else return false;
    return true;
}

static struct failure parse(int argc, char **argv, struct options *o) {
    int uid = -1, gid = -1;
    for (int i = 1; i < argc && !is(argv[i], "--"); i += 2) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (!value || !set_option(o, argv[i], value, &uid, &gid))
            return is(argv[i], "--limit") && value ? (struct failure){"limit", EINVAL, value}
                                                   : (struct failure){"usage", EINVAL, argv[i]};
        if (i + 2 < argc && is(argv[i + 2], "--"))
            o->child.program = argv + i + 3;
    }
    if (!o->dir || !o->child.program || !o->child.program[0])
        return (struct failure){"usage", EINVAL, o->dir ? "--" : "--dir"};
    if ((uid < 0) != (gid < 0))
        return (struct failure){"usage", EINVAL, uid < 0 ? "--gid" : "--uid"};
    o->child.owner = (struct owner){uid >= 0, (uid_t)uid, (gid_t)gid};
    return (struct failure){NULL, 0, NULL};
}

/* ---- boot ---- */

/* Nothing inherited stays open but the notify descriptor, moved to a known place. */
static void seal_descriptors(int notify_fd) {
    unsigned first = NOTIFY_FD;
    if (notify_fd >= 0 && (notify_fd == NOTIFY_FD || dup2(notify_fd, NOTIFY_FD) == NOTIFY_FD) &&
        fcntl(NOTIFY_FD, F_SETFD, FD_CLOEXEC) == 0) {
        fcntl(NOTIFY_FD, F_SETFL, fcntl(NOTIFY_FD, F_GETFL) | O_NONBLOCK);
        run.notify = NOTIFY_FD;
        first++;
    }
    if (syscall(SYS_close_range, first, ~0U, 0) == 0)
        return;
    struct rlimit files; /* before Linux 5.9 */
    getrlimit(RLIMIT_NOFILE, &files);
    for (unsigned fd = first; fd < files.rlim_cur; fd++)
        close((int)fd);
}

/* stderr stays until the boot is over, for whoever runs the shim by hand, but is never left closed: the
   next file opened would become it. */
static void detach_stdio(void) {
    int null;
    do
        null = open("/dev/null", O_RDWR);
    while (null >= 0 && null <= 2);
    if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
        fail("stdio", errno, "/dev/null");
    close(null);
}

/* A session of its own, deaf to what ends agents, and the reaper of every descendant. */
static void settle(void) {
    static const int ignored[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGPIPE,   SIGUSR1, SIGUSR2, SIGALRM,
                                  SIGTSTP, SIGTTIN, SIGTTOU, SIGXCPU, SIGVTALRM, SIGPROF, SIGXFSZ, SIGIO};
    sigset_t set;
    setsid(); /* refused when it leads a session already, which is as good */
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    signal(SIGCHLD, SIG_DFL); /* an inherited SIG_IGN would reap the children behind our back */
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_SETMASK, &set, NULL);
    run.signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (run.signals < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
        fail("session", errno, "");
    prctl(PR_SET_NAME, "annalist-shim");
}

static void open_directory(const struct options *o) {
    run.dir = open(o->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (run.dir < 0)
        fail("dir", errno, o->dir);
}

/* The lock comes first: a second shim on one directory must not touch the first one's records. */
static void prepare_directory(const struct options *o) {
    if (o->hold) {
        struct text owner = {.length = 0};
        text_add(&owner, "shim ");
        text_number(&owner, (uint64_t)getpid());
        owner.data[owner.length] = 0;
        int fd = lock_take(o->hold, owner.data);
        if (fd < 0) {
            run.dir = -1; /* it is another's */
            fail("hold", -fd, o->hold);
        }
    }
    for (size_t i = 0; i < sizeof records / sizeof *records; i++)
        record_discard(run.dir, records[i]);
    run.prepared = true;
    /* A child that could not be found again is not started. */
    int error = record_reserve(run.dir, "identity");
    if (!error)
        error = record_reserve(run.dir, "status");
    if (!error)
        error = record_reserve(run.dir, "empty");
    if (error)
        fail("dir", error, o->dir);
}

/* Without a log the child writes to /dev/null and there is nothing to read. */
static int open_output(const struct options *o) {
    int pipe_fds[2];
    if (!o->log)
        return 1;
    run.log.owner = o->child.owner;
    run.log.rotate_bytes = o->rotate_bytes;
    run.log.rotate_count = (unsigned)o->rotate_count;
    int error = log_open(&run.log, o->log);
    if (error)
        fail("log", error, o->log);
    if (pipe2(pipe_fds, O_CLOEXEC))
        fail("stdio", errno, "");
    run.output = pipe_fds[0];
    fcntl(run.output, F_SETFL, O_NONBLOCK);
    return pipe_fds[1];
}

/* The report pipe closes by itself when exec succeeds; otherwise it carries why it did not. */
static void start_child(struct options *o) {
    int report[2];
    struct failure failure;
    o->child.output = open_output(o);
    if (pipe2(report, O_CLOEXEC))
        fail("stdio", errno, "");
    o->child.report = report[1];
    run.pid = fork();
    if (run.pid < 0)
        fail("fork", errno, "");
    if (run.pid == 0)
        child_become(&o->child);
    close(report[1]);
    if (run.output >= 0)
        close(o->child.output);
    ssize_t n;
    while ((n = read(report[0], &failure, sizeof failure)) < 0 && errno == EINTR)
        ;
    close(report[0]);
    if (n == (ssize_t)sizeof failure) {
        waitpid(run.pid, NULL, 0);
        fail(failure.step, failure.error, failure.path);
    }
}

static size_t read_file(const char *path, char *buffer, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, buffer, size - 1);
    close(fd);
    buffer[n > 0 ? n : 0] = 0;
    return n > 0 ? (size_t)n : 0;
}

/* Field 22 of /proc/PID/stat, counted from the last parenthesis: a command name may hold any byte.
   A child that has ended already is still there as a zombie, because nobody else reaps it. */
static uint64_t start_ticks(pid_t pid) {
    char buffer[1024];
    struct text path = {.length = 0};
    text_add(&path, "/proc/");
    text_number(&path, (uint64_t)pid);
    text_add(&path, "/stat");
    path.data[path.length] = 0;
    size_t n = read_file(path.data, buffer, sizeof buffer);
    const char *p = memrchr(buffer, ')', n);
    uint64_t ticks = 0;
    for (int field = 2; p && field < 22; field++) {
        p = strchr(p, ' ');
        p = p ? p + 1 : NULL;
    }
    for (; p && *p >= '0' && *p <= '9'; p++)
        ticks = ticks * 10 + (uint64_t)(*p - '0');
    return ticks;
}

static void publish_identity(uint64_t started_at_us) {
    char boot_id[64];
    struct text line = {.length = 0};
    read_file("/proc/sys/kernel/random/boot_id", boot_id, sizeof boot_id);
    boot_id[strcspn(boot_id, "\n")] = 0;
    json_number(&line, "pid", (uint64_t)run.pid);
    json_number(&line, "start_ticks", start_ticks(run.pid));
    json_string(&line, "boot_id", boot_id);
    json_number(&line, "shim_pid", (uint64_t)getpid());
    json_number(&line, "shim_start_ticks", start_ticks(getpid()));
    json_number(&line, "started_at_us", started_at_us);
    json_end(&line);
    record_write(run.dir, "identity", &line, false);
    notify(&line);
}

/* The environment was the child's: its secrets do not stay readable here, and a search for a marker in
   environments finds the tree and not its shim. */
static void forget_environment(void) {
    for (char **entry = environ; *entry; entry++)
        explicit_bzero(*entry, strlen(*entry));
}

/* ---- watch ---- */

/* One read a turn, so that a child that floods its output does not keep its end from being seen. */
static size_t pump(void) {
    static char buffer[32 * 1024];
    ssize_t n = read(run.output, buffer, sizeof buffer);
    if (n > 0) {
        log_write(&run.log, buffer, (size_t)n);
        return (size_t)n;
    }
    if (n == 0) {
        close(run.output);
        run.output = -1;
    }
    return 0;
}

/* A status that cannot be written now is tried again each second, for an hour, unless its directory is
   gone; meanwhile the shim stays, because its end would say that everything has been told. */
static void publish_status(void) {
    int error = record_write(run.dir, "status", &run.status, true);
    uint64_t now = now_us(CLOCK_MONOTONIC);
    run.retry_at = now + RETRY_US;
    if (!error || error == ENOENT || now >= run.give_up_at)
        run.status_due = false;
}

static void on_end(int status, const struct rusage *usage) {
    struct text *line = &run.status;
    run.ended = true;
    json_number(line, "wait_status", (uint64_t)status);
    if (WIFEXITED(status)) json_number(line, "code", (uint64_t)WEXITSTATUS(status));
    else json_literal(line, "code", "null");
    if (WIFSIGNALED(status)) json_number(line, "signal", (uint64_t)WTERMSIG(status));
    else json_literal(line, "signal", "null");
    json_literal(line, "core_dumped", WIFSIGNALED(status) && WCOREDUMP(status) ? "true" : "false");
    json_number(line, "ended_at_us", now_us(CLOCK_REALTIME));
    json_number(line, "user_us", (uint64_t)usage->ru_utime.tv_sec * 1000000 + (uint64_t)usage->ru_utime.tv_usec);
    json_number(line, "system_us", (uint64_t)usage->ru_stime.tv_sec * 1000000 + (uint64_t)usage->ru_stime.tv_usec);
    json_number(line, "max_resident_bytes", (uint64_t)usage->ru_maxrss * 1024);
    json_end(line);
    run.status_due = true;
    run.give_up_at = now_us(CLOCK_MONOTONIC) + RETRY_FOR_US;
    publish_status();
    notify(line);
}

static void reap(void) {
    struct signalfd_siginfo info[8];
    while (read(run.signals, info, sizeof info) > 0)
        ;
    for (;;) {
        int status;
        struct rusage usage;
        pid_t pid = wait4(-1, &status, WNOHANG, &usage);
        if (pid < 0 && errno == EINTR)
            continue;
        if (pid <= 0) {
            run.tree_empty = pid < 0;
            return;
        }
        if (run.ended) run.stragglers++;
        else if (pid == run.pid) on_end(status, &usage);
    }
}

static void watch(void) {
    while (!run.tree_empty || run.status_due) {
        struct pollfd fds[2] = {{run.signals, POLLIN, 0}, {run.output, POLLIN, 0}};
        if (poll(fds, 2, run.status_due ? RETRY_US / 1000 : -1) < 0)
            continue;
        if (fds[1].revents)
            pump();
        if (fds[0].revents)
            reap();
        if (run.status_due && now_us(CLOCK_MONOTONIC) >= run.retry_at)
            publish_status();
    }
}

/* With the tree empty, what the pipe holds is all there will be. The end of file is not awaited: a process
   outside the tree may have been handed the other end. */
static void finish(void) {
    int left = 0;
    if (run.output >= 0)
        ioctl(run.output, FIONREAD, &left);
    while (run.output >= 0 && left > 0) {
        size_t n = pump();
        if (n == 0)
            break;
        left -= (int)n;
    }
    if (run.log.fd > 0)
        log_close(&run.log);
    struct text line = {.length = 0};
    json_number(&line, "at_us", now_us(CLOCK_REALTIME));
    json_number(&line, "dropped_bytes", run.log.dropped);
    json_number(&line, "stragglers_reaped", run.stragglers);
    json_end(&line);
    for (int error; (error = record_write(run.dir, "empty", &line, false)) && error != ENOENT;) {
        if (now_us(CLOCK_MONOTONIC) >= run.give_up_at)
            break;
        poll(NULL, 0, RETRY_US / 1000);
    }
    notify(&line);
}

int main(int argc, char **argv) {
    struct options o = {.notify = -1, .rotate_count = 5, .child.umask = -1};
    if (argc == 2 && is(argv[1], "--version"))
        return write_all(1, VERSION, sizeof VERSION - 1) ? 0 : 1;
    if (argc >= 3 && is(argv[1], "--lock"))
        return lock_main(argc, argv);
    if (argc == 2 && is(argv[1], "--spawner"))
        return spawner_main();
    struct failure bad = parse(argc, argv, &o);
    seal_descriptors(o.notify);
    detach_stdio();
    if (o.dir)
        open_directory(&o);
    if (bad.step)
        fail(bad.step, bad.error, bad.path);
    settle();
    prepare_directory(&o);
    uint64_t started_at_us = now_us(CLOCK_REALTIME);
    start_child(&o);
    publish_identity(started_at_us);
    forget_environment();
    dup2(0, 2);
    chdir("/"); /* so as not to keep the agent's directory busy; if refused, it does */
    watch();
    finish();
    return 0;
}
