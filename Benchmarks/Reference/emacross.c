/* What the processor allows: an EMA 12/26 cross over candles in one fused pass, long only, all in, entry at the next open, fee 0.1 %.
 *
 *   emacross FILE ROUNDS
 *
 * FILE holds, for each pair, a count (64 bits) and that many opens and closes (doubles). Prints one line of JSON: rows a CPU second. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct { uint64_t count; double *opens, *closes; } pair;

static double cross(const pair *p, long *trades) {
    double fast = p->closes[0], slow = p->closes[0], wallet = 1, amount = 0;
    const double kf = 2.0 / 13, ks = 2.0 / 27, keep = 1 - 0.001;
    int above = 0;
    for (uint64_t i = 1; i + 1 < p->count; i++) {
        double close = p->closes[i];
        fast += kf * (close - fast);
        slow += ks * (close - slow);
        int is = fast > slow;
        if (is != above) {
            double open = p->opens[i + 1];
            if (is) amount = wallet / open * keep, wallet = 0;
            else wallet = amount * open * keep, amount = 0, ++*trades;
            above = is;
        }
    }
    return wallet + amount * p->closes[p->count - 1];
}

int main(int count, char **values) {
    FILE *file = count == 3 ? fopen(values[1], "rb") : NULL;
    if (!file) { fprintf(stderr, "usage: %s FILE ROUNDS\n", count ? values[0] : "emacross"); return 2; }
    pair pairs[256];
    int n = 0;
    uint64_t rows = 0;
    while (n < 256 && fread(&pairs[n].count, 8, 1, file) == 1) {
        pair *p = &pairs[n++];
        p->opens = malloc(p->count * 8);
        p->closes = malloc(p->count * 8);
        if (fread(p->opens, 8, p->count, file) != p->count || fread(p->closes, 8, p->count, file) != p->count) return 1;
        rows += p->count;
    }
    long rounds = atol(values[2]), trades = 0;
    double sum = 0;
    clock_t start = clock();
    for (long r = 0; r < rounds; r++)
        for (int i = 0; i < n; i++) sum += cross(&pairs[i], &trades);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    printf("{\"rows\": %llu, \"rows_per_cpu_second\": %.0f, \"trades\": %ld, \"check\": %.9g}\n", (unsigned long long)rows,
           (double)rows * (double)rounds / seconds, trades / (rounds ? rounds : 1), sum);
    return 0;
}
