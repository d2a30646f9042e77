/* From fork to exec: the child puts itself where it belongs and becomes the program. */
#include "shim.h"
#include <signal.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static const struct {
    const char *name;
    int resource;
} resources[] = {
    {"cpu", RLIMIT_CPU},         {"fsize", RLIMIT_FSIZE},           {"data", RLIMIT_DATA},
    {"stack", RLIMIT_STACK},     {"core", RLIMIT_CORE},             {"rss", RLIMIT_RSS},
    {"nproc", RLIMIT_NPROC},     {"nofile", RLIMIT_NOFILE},         {"memlock", RLIMIT_MEMLOCK},
    {"as", RLIMIT_AS},           {"locks", RLIMIT_LOCKS},           {"sigpending", RLIMIT_SIGPENDING},
    {"msgqueue", RLIMIT_MSGQUEUE}, {"nice", RLIMIT_NICE},           {"rtprio", RLIMIT_RTPRIO},
    {"rttime", RLIMIT_RTTIME},
};

static bool parse_amount(const char *text, size_t length, rlim_t *amount) {
    char digits[24];
    uint64_t number;
    if (length >= sizeof digits)
        return false;
    memcpy(digits, text, length);
    digits[length] = 0;
    if (!strcmp(digits, "unlimited")) {
        *amount = RLIM_INFINITY;
        return true;
    }
    if (!parse_number(digits, 10, &number))
        return false;
    *amount = number;
    return true;
}

/* NAME=SOFT[:HARD]; without HARD both are SOFT, so that the child cannot lift its own limit.
   Returns 0 or EINVAL. */
int parse_limit(const char *text, struct limit *limit) {
    const char *equals = strchr(text, '=');
    if (!equals)
        return EINVAL;
    const char *soft = equals + 1;
    size_t soft_length = strcspn(soft, ":");
    const char *hard = soft[soft_length] ? soft + soft_length + 1 : soft;
    limit->text = text;
    for (size_t i = 0; i < sizeof resources / sizeof *resources; i++) {
        size_t length = strlen(resources[i].name);
        if (length != (size_t)(equals - text) || memcmp(text, resources[i].name, length))
            continue;
        limit->resource = resources[i].resource;
        return parse_amount(soft, soft_length, &limit->value.rlim_cur) &&
                       parse_amount(hard, strlen(hard), &limit->value.rlim_max)
                   ? 0
                   : EINVAL;
    }
    return EINVAL;
}

/* The pointers in the report stay good in the parent: fork gave both the same addresses. */
static void fail_if(bool failed, const struct child *child, const char *step, const char *path) {
    struct failure failure = {step, errno, path};
    if (!failed)
        return;
    write_all(child->report, (const char *)&failure, sizeof failure);
    _exit(127);
}

/* Every signal back to its default, straight from the kernel: the libc hides the first real-time
   signals, and an ignored one would stay ignored across exec. All zeros is SIG_DFL on every Linux. */
static void reset_signals(void) {
    static const unsigned long defaults[8];
    sigset_t none;
    for (int signal = 1; signal <= 64; signal++)
        syscall(SYS_rt_sigaction, signal, defaults, NULL, 8);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool enter_cgroup(const char *directory) {
    struct text path = {.length = 0}, pid = {.length = 0};
    text_add(&path, directory);
    text_add(&path, "/cgroup.procs");
    if (path.length == sizeof path.data) {
        errno = ENAMETOOLONG;
        return false;
    }
    path.data[path.length] = 0;
    text_number(&pid, (uint64_t)getpid());
    int fd = open(path.data, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool written = write_all(fd, pid.data, pid.length);
    int error = errno;
    close(fd);
    errno = error;
    return written;
}

static bool change_user(const struct owner *owner) {
    return setgroups(1, &owner->gid) == 0 && setresgid(owner->gid, owner->gid, owner->gid) == 0 &&
           setresuid(owner->uid, owner->uid, owner->uid) == 0;
}

/* The order matters: cgroups and limits while the rights are still there, the directory and the program
   with the rights of the target user. The libc's execvp searches PATH but never falls back to a shell. */
void child_become(const struct child *child) {
    fail_if(setsid() < 0, child, "session", "");
    reset_signals();
    fail_if(dup2(child->output, 1) < 0 || dup2(child->output, 2) < 0, child, "stdio", "");
    for (unsigned i = 0; i < child->cgroup_count; i++)
        fail_if(!enter_cgroup(child->cgroups[i]), child, "cgroup", child->cgroups[i]);
    for (unsigned i = 0; i < child->limit_count; i++) {
        const struct limit *limit = &child->limits[i];
        fail_if(setrlimit(limit->resource, &limit->value) != 0, child, "limit", limit->text);
    }
    if (child->umask >= 0)
        umask((mode_t)child->umask);
    if (child->owner.set)
        fail_if(!change_user(&child->owner), child, "user", "");
    if (child->cwd)
        fail_if(chdir(child->cwd) != 0, child, "cwd", child->cwd);
    execvp(child->program[0], child->program);
    fail_if(true, child, "exec", child->program[0]);
    __builtin_unreachable();
}
