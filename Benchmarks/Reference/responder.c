/* What the machine allows a server of HTTP/1.1 on loopback: one thread with poll, which takes requests apart as far as it must to know where they
 * end (Content-Length) and answers each with the same bytes.
 *
 *   responder BYTES
 *
 * Prints its port and runs until it is killed. BYTES is the length of the body of an answer. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { connections = 64, room = 1 << 16 };
typedef struct { size_t used; char bytes[room + 1]; } input;
static struct pollfd sockets[1 + connections];
static input inputs[1 + connections];

/* The length of the first request in `in`; 0: it is not all there yet. */
static size_t whole(input *in) {
    in->bytes[in->used] = 0;
    char *end = strstr(in->bytes, "\r\n\r\n");
    if (!end) return 0;
    size_t length = (size_t)(end - in->bytes) + 4;
    for (char *line = in->bytes; line < end; line = strstr(line, "\r\n") + 2)
        if (!strncasecmp(line, "content-length:", 15)) length += strtoul(line + 15, NULL, 10);
    return length <= in->used ? length : 0;
}

/* Answers what is there; 0: the connection is over. */
static int serve(int socket, input *in, const char *answer, size_t size) {
    ssize_t got = recv(socket, in->bytes + in->used, room - in->used, 0);
    if (got <= 0) return 0;
    in->used += (size_t)got;
    for (size_t length; (length = whole(in));) {
        if (send(socket, answer, size, MSG_NOSIGNAL) != (ssize_t)size) return 0;
        in->used -= length;
        memmove(in->bytes, in->bytes + length, in->used);
    }
    return in->used < room;
}

int main(int count, char **values) {
    long body = count == 2 ? atol(values[1]) : 0;
    if (body < 1 || body > room / 2) { fprintf(stderr, "usage: responder BYTES\n"); return 2; }
    static char answer[room];
    int head = snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %ld\r\n\r\n", body);
    memset(answer + head, 'x', (size_t)body);
    size_t size = (size_t)head + (size_t)body;

    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 64) ||
        getsockname(listener, (struct sockaddr *)&address, &length)) { perror("responder"); return 1; }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    sockets[0] = (struct pollfd){listener, POLLIN, 0};
    nfds_t used = 1;
    for (;;) {
        if (poll(sockets, used, -1) < 0) return 1;
        for (nfds_t i = used; i-- > 1;)
            if (sockets[i].revents && !serve(sockets[i].fd, &inputs[i], answer, size)) {
                close(sockets[i].fd);
                sockets[i] = sockets[--used];
                inputs[i] = inputs[used];
            }
        if (!sockets[0].revents || used > connections) continue;
        int made = accept(listener, NULL, NULL);
        if (made < 0) continue;
        setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        inputs[used].used = 0;
        sockets[used++] = (struct pollfd){made, POLLIN, 0};
    }
}
