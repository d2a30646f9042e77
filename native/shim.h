/* What the parts of the shim share; shim.c tells what the shim is. */
#ifndef ANNALIST_SHIM_H
#define ANNALIST_SHIM_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <unistd.h>

/* text.c: one bounded line, built without stdio so that the binary stays small. What does not fit is
   cut inside a quoted string, never in the middle of the JSON around it. */
struct text {
    size_t length;
    char data[2048];
};
void text_add(struct text *text, const char *string);
void text_number(struct text *text, uint64_t number);
void json_number(struct text *text, const char *key, uint64_t number);
void json_string(struct text *text, const char *key, const char *string);
void json_literal(struct text *text, const char *key, const char *literal);
void json_end(struct text *text);
bool parse_number(const char *string, int base, uint64_t *number);

/* record.c: small files that appear whole or not at all. */
int record_reserve(int dir, const char *name);
int record_write(int dir, const char *name, const struct text *text, bool lasting);
void record_discard(int dir, const char *name);
bool write_all(int fd, const char *data, size_t length);
uint64_t now_us(clockid_t clock);

/* log.c: the output file and its rotation. */
struct owner {
    bool set;
    uid_t uid;
    gid_t gid;
};
struct log {
    int dir, fd;
    char name[256];
    struct owner owner;
    uint64_t size, rotate_bytes;
    unsigned rotate_count;
    bool at_line_start;
    uint64_t dropped, unreported;
    int drop_error;
};
int log_open(struct log *log, const char *path);
void log_write(struct log *log, const char *data, size_t length);
void log_close(struct log *log);

/* child.c: from fork to exec. A failure names the step, the errno and what it was about. */
#define MAX_LIMITS 16
#define MAX_CGROUPS 16
struct failure {
    const char *step;
    int error;
    const char *path;
};
struct limit {
    const char *text;
    int resource;
    struct rlimit value;
};
struct child {
    char **program;
    const char *cwd;
    const char *cgroups[MAX_CGROUPS];
    unsigned cgroup_count;
    struct limit limits[MAX_LIMITS];
    unsigned limit_count;
    int umask;
    struct owner owner;
    int output, report;
};
int parse_limit(const char *text, struct limit *limit);
void child_become(const struct child *child) __attribute__((noreturn));

/* lock.c: one holder of a file, freed by the kernel when the holder dies. */
int lock_take(const char *path, const char *owner);
int lock_main(int argc, char **argv);

/* spawner.c: starts other shims on behalf of an agent. */
int spawner_main(void);

#endif
