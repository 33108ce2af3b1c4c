/* What the machine allows: a job queue over libzmq and SQLite with nothing that could be left out.
 *
 *   orchestrator durable  JOBS FOLDER   three state writes a job, one commit per poll round, nothing sent before its commit
 *   orchestrator volatile JOBS FOLDER   the same without a store
 *   orchestrator latency  JOBS FOLDER   volatile, one job at a time
 *
 * One ROUTER, two workers with 32 credits each and a client with 1,000 jobs in flight, each a process; ipc. Prints one line of
 * JSON: jobs a second, CPU seconds of the ROUTER's process, p50 and p99 of the client's round trips in milliseconds. */

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

enum { WORKERS = 2, CREDIT = 32, ROUND = 2000, PAYLOAD = 200 };

/* Every message but the client's submission is these few bytes. */
typedef struct {
    char kind; /* R ready, S submit, A accepted, J job, D done, Q quit */
    uint32_t job;
} __attribute__((packed)) header;

static char endpoint[512], database[512];

static void check(int good, const char *what) {
    if (good) return;
    fprintf(stderr, "%s: %s\n", what, zmq_strerror(zmq_errno()));
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static void *dealer(void *context, const char *name) {
    void *s = zmq_socket(context, ZMQ_DEALER);
    int none = 0, many = 100000;
    zmq_setsockopt(s, ZMQ_ROUTING_ID, name, strlen(name));
    zmq_setsockopt(s, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt(s, ZMQ_SNDHWM, &many, sizeof many);
    zmq_setsockopt(s, ZMQ_RCVHWM, &many, sizeof many);
    check(zmq_connect(s, endpoint) == 0, "connect");
    return s;
}

static void worker(int index) {
    char name[3] = {'w', (char)('0' + index), 0}, buffer[PAYLOAD + sizeof(header)];
    void *s = dealer(zmq_ctx_new(), name);
    header ready = {'R', 0};
    zmq_send(s, &ready, sizeof ready, 0);
    for (;;) {
        int n = zmq_recv(s, buffer, sizeof buffer, 0);
        if (n < (int)sizeof(header)) continue;
        header *h = (header *)buffer;
        if (h->kind == 'Q') _exit(0);
        header done = {'D', h->job};
        zmq_send(s, &done, sizeof done, 0);
    }
}

/* The store: one row a job, whose state is written three times. */
static sqlite3 *db;
static sqlite3_stmt *begin, *commit, *insert, *update;

static void open_store(void) {
    check(sqlite3_open(database, &db) == SQLITE_OK, "open the database");
    sqlite3_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                     "CREATE TABLE job(id INTEGER PRIMARY KEY, state INTEGER NOT NULL, payload BLOB NOT NULL)", 0, 0, 0);
    check(sqlite3_prepare_v2(db, "BEGIN IMMEDIATE", -1, &begin, 0) == SQLITE_OK, "prepare");
    check(sqlite3_prepare_v2(db, "COMMIT", -1, &commit, 0) == SQLITE_OK, "prepare");
    check(sqlite3_prepare_v2(db, "INSERT INTO job VALUES(?1, 0, ?2)", -1, &insert, 0) == SQLITE_OK, "prepare");
    check(sqlite3_prepare_v2(db, "UPDATE job SET state = ?2 WHERE id = ?1", -1, &update, 0) == SQLITE_OK, "prepare");
}

static void step(sqlite3_stmt *s) {
    if (sqlite3_step(s) != SQLITE_DONE) { fprintf(stderr, "sqlite: %s\n", sqlite3_errmsg(db)); exit(1); }
    sqlite3_reset(s);
}

static void set_state(uint32_t job, int state) {
    sqlite3_bind_int64(update, 1, job);
    sqlite3_bind_int(update, 2, state);
    step(update);
}

typedef struct { int peer; header h; } out;

static void orchestrate(int durable, int jobs, int report) {
    void *context = zmq_ctx_new(), *s = zmq_socket(context, ZMQ_ROUTER);
    int one = 1, none = 0, many = 100000;
    zmq_setsockopt(s, ZMQ_ROUTER_MANDATORY, &one, sizeof one);
    zmq_setsockopt(s, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt(s, ZMQ_SNDHWM, &many, sizeof many);
    zmq_setsockopt(s, ZMQ_RCVHWM, &many, sizeof many);
    check(zmq_bind(s, endpoint) == 0, "bind");
    if (durable) open_store();
    static const char *names[WORKERS + 1] = {"w0", "w1", "cl"};
    char (*payloads)[PAYLOAD] = malloc((size_t)(jobs + 1) * PAYLOAD);
    uint32_t *queue = malloc(sizeof(uint32_t) * (size_t)(jobs + 1));
    int head = 0, tail = 0, credit[WORKERS] = {0}, finished = 0, changed;
    out *outbox = malloc(sizeof(out) * (ROUND * 3 + WORKERS * CREDIT));
    struct rusage start;
    getrusage(RUSAGE_SELF, &start);
    while (finished < jobs) {
        zmq_pollitem_t item = {s, 0, ZMQ_POLLIN, 0};
        zmq_poll(&item, 1, -1);
        int outs = 0;
        changed = 0;
        for (int round = 0; round < ROUND; round++) {
            char id[8], body[PAYLOAD + sizeof(header)];
            if (zmq_recv(s, id, sizeof id, ZMQ_DONTWAIT) < 0) break;
            int n = zmq_recv(s, body, sizeof body, 0);
            if (n < (int)sizeof(header)) continue;
            header h;
            memcpy(&h, body, sizeof h);
            if (durable && !changed && h.kind != 'R') { step(begin); changed = 1; }
            if (h.kind == 'R') credit[id[1] - '0'] = CREDIT;
            if (h.kind == 'S') {
                memcpy(payloads[h.job], body + sizeof h, PAYLOAD);
                if (durable) {
                    sqlite3_bind_int64(insert, 1, h.job);
                    sqlite3_bind_blob(insert, 2, body + sizeof h, PAYLOAD, SQLITE_STATIC);
                    step(insert);
                }
                queue[tail++] = h.job;
                outs += (outbox[outs] = (out){WORKERS, {'A', h.job}}, 1);
            }
            if (h.kind == 'D') {
                if (durable) set_state(h.job, 2);
                credit[id[1] - '0']++;
                finished++;
                outs += (outbox[outs] = (out){WORKERS, {'D', h.job}}, 1);
            }
        }
        while (head < tail) {
            int to = credit[0] >= credit[1] ? 0 : 1;
            if (!credit[to]) break;
            credit[to]--;
            if (durable) set_state(queue[head], 1);
            outs += (outbox[outs] = (out){to, {'J', queue[head++]}}, 1);
        }
        if (changed) step(commit);
        for (int i = 0; i < outs; i++) {
            char body[PAYLOAD + sizeof(header)];
            int size = sizeof(header);
            memcpy(body, &outbox[i].h, sizeof(header));
            if (outbox[i].h.kind == 'J') memcpy(body + size, payloads[outbox[i].h.job], PAYLOAD), size += PAYLOAD;
            zmq_send(s, names[outbox[i].peer], 2, ZMQ_SNDMORE | ZMQ_DONTWAIT);
            zmq_send(s, body, (size_t)size, ZMQ_DONTWAIT);
        }
    }
    struct rusage end;
    getrusage(RUSAGE_SELF, &end);
    double cpu = (end.ru_utime.tv_sec - start.ru_utime.tv_sec) + (end.ru_stime.tv_sec - start.ru_stime.tv_sec) +
                 ((end.ru_utime.tv_usec - start.ru_utime.tv_usec) + (end.ru_stime.tv_usec - start.ru_stime.tv_usec)) * 1e-6;
    check(write(report, &cpu, sizeof cpu) == sizeof cpu, "report");
    header quit = {'Q', 0};
    for (int i = 0; i < WORKERS; i++) zmq_send(s, names[i], 2, ZMQ_SNDMORE), zmq_send(s, &quit, sizeof quit, 0);
    usleep(200000);
    _exit(0);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **values) {
    if (count != 4) { fprintf(stderr, "usage: %s durable|volatile|latency JOBS FOLDER\n", values[0]); return 2; }
    int durable = !strcmp(values[1], "durable"), single = !strcmp(values[1], "latency"), jobs = atoi(values[2]);
    if (jobs < 1 || jobs > 10000000) { fprintf(stderr, "JOBS must be 1 to 10,000,000\n"); return 2; }
    snprintf(endpoint, sizeof endpoint, "ipc://%s/c.sock", values[3]);
    snprintf(database, sizeof database, "%s/c.sqlite", values[3]);
    int report[2], window = single ? 1 : 1000;
    check(pipe(report) == 0, "pipe");
    pid_t children[WORKERS + 1];
    for (int i = 0; i <= WORKERS; i++) {
        children[i] = fork();
        if (children[i] == 0 && i == WORKERS) orchestrate(durable, jobs, report[1]);
        if (children[i] == 0) worker(i);
    }
    void *s = dealer(zmq_ctx_new(), "cl");
    usleep(500000); /* All are connected. */
    char body[PAYLOAD + sizeof(header)];
    memset(body, 'x', sizeof body);
    double *sent = malloc(sizeof(double) * (size_t)(jobs + 1)), *trips = malloc(sizeof(double) * (size_t)(jobs + 1));
    int submitted = 0, finished = 0;
    double start = now();
    while (finished < jobs) {
        while (submitted < jobs && submitted - finished < window) {
            header h = {'S', (uint32_t)submitted};
            memcpy(body, &h, sizeof h);
            sent[submitted++] = now();
            zmq_send(s, body, sizeof body, 0);
        }
        header h;
        if (zmq_recv(s, &h, sizeof h, 0) == sizeof h && h.kind == 'D') trips[finished++] = now() - sent[h.job];
    }
    double seconds = now() - start, cpu = 0;
    check(read(report[0], &cpu, sizeof cpu) == sizeof cpu, "report");
    qsort(trips, (size_t)jobs, sizeof(double), ascending);
    printf("{\"jobs\": %d, \"jobs_per_second\": %.1f, \"cpu_seconds\": %.4f, \"p50_ms\": %.4f, \"p99_ms\": %.4f}\n", jobs,
           jobs / seconds, cpu, trips[jobs / 2] * 1e3, trips[(size_t)jobs * 99 / 100] * 1e3);
    fflush(stdout);
    for (int i = 0; i <= WORKERS; i++) waitpid(children[i], 0, 0);
    _exit(0);
}
