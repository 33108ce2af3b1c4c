/* What loopback sockets alone allow, beside programs that also read, decide and sign.
 *
 *   wire ANSWER   each message (4 bytes of length, little endian, and so many bytes) is answered at once with ANSWER bytes
 *   wire ANSWER MICROSECONDS
 *                 before each answer it computes for so long, as a quiet machine goes: what is longer is the machine's doing
 *   wire 0        nothing is answered: bytes are read as the frames of a WebSocket, which are counted; how many is told when the connection ends
 *
 * Prints its port, takes one connection and ends with it; then prints {"frames": N, "cpu": SECONDS}. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { room = 1 << 18 };
static unsigned char in[room], out[room];
static size_t used;

/* The length of the first message in `in`; 0: it is not all there yet. */
static size_t message(void) {
    uint32_t length;
    if (used < 4) return 0;
    memcpy(&length, in, 4);
    return used >= 4 + (size_t)length ? 4 + (size_t)length : 0;
}

/* The same for a frame of a server, which is not masked, at `from`. */
static size_t frame(size_t from) {
    if (used - from < 4) return 0;
    size_t length = in[from + 1], head = 2;
    if (length == 126) { length = (size_t)in[from + 2] << 8 | in[from + 3]; head = 4; }
    return used - from >= head + length ? head + length : 0;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

/* A fixed amount of computing: so many rounds over the bytes of `out`. */
static uint64_t compute(long rounds) {
    static uint64_t state = 0x9e3779b97f4a7c15u;
    for (long round = 0; round < rounds; round++) {
        state = (state ^ out[state % room]) * 0xff51afd7ed558ccdu;
        state ^= state >> 33;
    }
    return state;
}

/* How many rounds take so many microseconds: by the fastest of many tries, which nothing disturbed. */
static long rounds(long microseconds) {
    enum { tries = 200, sample = 20000 };
    double fastest = 1e9;
    if (!microseconds) return 0;
    for (int try = 0; try < tries; try++) {
        double start = now();
        compute(sample);
        double took = now() - start;
        if (took < fastest) fastest = took;
    }
    return (long)(sample * (double)microseconds / fastest);
}

int main(int count, char **values) {
    long answer = count == 2 || count == 3 ? atol(values[1]) : -1, work = count == 3 ? atol(values[2]) : 0;
    if (answer < 0 || answer > room || work < 0 || work > 1000000) {
        fprintf(stderr, "usage: wire ANSWER [MICROSECONDS]\n");
        return 2;
    }
    long effort = rounds(work);
    uint64_t sink = 0;
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1) ||
        getsockname(listener, (struct sockaddr *)&address, &length)) { perror("wire"); return 1; }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    int client = accept(listener, NULL, NULL);
    if (client < 0) { perror("wire"); return 1; }
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    long frames = 0;
    for (ssize_t got; (got = recv(client, in + used, room - used, 0)) > 0;) {
        used += (size_t)got;
        size_t from = 0;
        if (answer) {
            for (size_t size; (size = message()); frames++) {
                sink ^= compute(effort);
                if (send(client, out, (size_t)answer, MSG_NOSIGNAL) != answer) return 1;
                used -= size;
                memmove(in, in + size, used);
            }
        } else {
            for (size_t size; (size = frame(from)); frames++) from += size;
            used -= from;
            memmove(in, in + from, used);
        }
    }
    if (sink == 1) fputs("\n", stderr); /* Nothing of it may be left out. */
    printf("{\"frames\": %ld, \"cpu\": %.6f}\n", frames, (double)clock() / CLOCKS_PER_SEC);
    return 0;
}
