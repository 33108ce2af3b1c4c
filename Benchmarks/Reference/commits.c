/* What a commit costs by itself: a SQLite file as the journal of a live job has it (WAL, synchronous=FULL, held by one process), and transactions of so many
 * records of so many bytes each, with a pause between them as between candles.
 *
 *   commits FOLDER COUNT RECORDS BYTES PAUSE
 *
 * PAUSE is in microseconds. Prints {"p50": ..., "p99": ..., "worst": ...} in milliseconds. */

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static sqlite3 *database;

static void run(const char *sql) {
    char *error = NULL;
    if (sqlite3_exec(database, sql, NULL, NULL, &error)) { fprintf(stderr, "commits: %s: %s\n", sql, error); exit(1); }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec * 1e-6;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **values) {
    if (count != 6) { fprintf(stderr, "usage: commits FOLDER COUNT RECORDS BYTES PAUSE\n"); return 2; }
    long commits = atol(values[2]), records = atol(values[3]), bytes = atol(values[4]), pause = atol(values[5]);
    char path[4096];
    snprintf(path, sizeof path, "%s/commits-%d.sqlite", values[1], getpid());
    if (commits < 1 || bytes < 1 || sqlite3_open(path, &database)) { fprintf(stderr, "commits: %s cannot be opened\n", path); return 1; }
    run("PRAGMA locking_mode = EXCLUSIVE");
    run("PRAGMA journal_mode = WAL");
    run("PRAGMA synchronous = FULL");
    run("CREATE TABLE record(sequence INTEGER PRIMARY KEY, bytes BLOB NOT NULL)");
    sqlite3_stmt *insert;
    if (sqlite3_prepare_v2(database, "INSERT INTO record(bytes) VALUES (?)", -1, &insert, NULL)) return 1;
    char *text = malloc((size_t)bytes);
    double *times = malloc((size_t)commits * sizeof *times);
    if (!text || !times) return 1;
    for (long i = 0; i < commits; i++) {
        usleep((useconds_t)pause);
        memset(text, (int)(i & 0x7f), (size_t)bytes);
        double start = now();
        run("BEGIN IMMEDIATE");
        for (long j = 0; j < records; j++) {
            sqlite3_bind_blob(insert, 1, text, (int)bytes, SQLITE_STATIC);
            if (sqlite3_step(insert) != SQLITE_DONE) { fprintf(stderr, "commits: %s\n", sqlite3_errmsg(database)); return 1; }
            sqlite3_reset(insert);
        }
        run("COMMIT");
        times[i] = now() - start;
    }
    qsort(times, (size_t)commits, sizeof *times, compare);
    printf("{\"p50\": %.4f, \"p99\": %.4f, \"worst\": %.4f}\n", times[commits / 2], times[commits * 99 / 100], times[commits - 1]);
    sqlite3_finalize(insert);
    sqlite3_close(database);
    unlink(path);
    return 0;
}
