import Foundation
import Synchronization

/// Stands between a worker and a venue on loopback and hands every byte on. It notes when it begins to write what closes a candle to the worker, and
/// when the last byte of a signed order has come from it: the worker is measured by what goes over its own sockets.
final class OrderRelay: Sendable {
    let port: UInt16
    private let listener: Int32
    private let venue: UInt16
    private let watched = Mutex(OrderWatch())
    private let isEnding = Atomic<Bool>(false)
    /// Asked for, and then carried out by the relay's thread.
    private let flood = Mutex<MarketFlood?>(nil)
    private let failure = Mutex<String?>(nil)
    private let done = DispatchSemaphore(value: 0)

    /// Hands on to the venue's port from now on.
    init(to venue: UInt16) throws {
        self.venue = venue
        (listener, port) = try LoopbackSocket.listen()
        let thread = Thread { [self] in
            do { try run() } catch { failure.withLock { $0 = "\(error)" } }
            done.signal()
        }
        thread.name = "relay"
        thread.start()
    }

    func end() {
        isEnding.store(true, ordering: .relaxed)
        done.wait()
        close(listener)
    }

    /// What was seen so far.
    func watch() throws -> OrderWatch {
        if let text = failure.withLock({ $0 }) { throw BenchError("the relay: \(text)") }
        return watched.withLock { $0 }
    }

    /// Counts anew.
    func forget() { watched.withLock { $0.forget() } }

    /// Writes all of it to the worker's market stream instead of what the venue sends; returns the seconds until the worker's kernel has taken it.
    func pour(_ messages: MarketFlood) throws -> Double {
        flood.withLock { $0 = messages }
        let end = Machine.now + 120
        while Machine.now < end {
            _ = try watch()
            if let poured = flood.withLock({ $0 }), poured.seconds > 0 { return poured.seconds }
            usleep(2000)
        }
        throw BenchError("the worker did not take \(messages.count) messages in 120 s")
    }

    // MARK: - Its thread

    /// A connection of the worker's and the one to the venue that belongs to it.
    private struct Link {
        var client: Int32
        var venue: Int32
        var isOver = false
        /// What the client sent, as far as an order may have begun in it.
        var request: [UInt8] = []
        /// The market's stream.
        var isMarket = false
        /// What the venue sends does not follow what was poured out.
        var isPoured = false
        /// What the venue sent of a frame that is not all there yet.
        var partial: [UInt8] = []
        /// Frames of the market's stream that wait for their time, in their order.
        var waiting: [(frame: ArraySlice<UInt8>, due: Double)] = []

        func close() {
            Glibc.close(client)
            Glibc.close(venue)
        }
    }

    private func run() throws {
        var links: [Link] = []
        defer { for link in links { link.close() } }
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while !isEnding.load(ordering: .relaxed) {
            try pourIfAsked(&links)
            var polls = links.flatMap { [$0.client, $0.venue] }.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            polls.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0))
            let isWaiting = links.contains { !$0.waiting.isEmpty }
            let count = poll(&polls, nfds_t(polls.count), isWaiting ? 1 : 20)
            for index in links.indices { sendDue(&links[index]) }
            guard count > 0 else { continue }
            for index in links.indices {
                if polls[2 * index].revents != 0 { takeFromClient(&links[index], &buffer) }
                if polls[2 * index + 1].revents != 0 { takeFromVenue(&links[index], &buffer) }
            }
            for link in links where link.isOver { link.close() }
            links.removeAll(where: \.isOver)
            if polls.last?.revents != 0 {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { continue }
                LoopbackSocket.atOnce(client)
                links.append(Link(client: client, venue: try LoopbackSocket.connect(to: venue)))
            }
        }
    }

    private func takeFromClient(_ link: inout Link, _ buffer: inout [UInt8]) {
        let count = recv(link.client, &buffer, buffer.count, 0)
        let now = Machine.now
        guard count > 0 else { return link.isOver = true }
        let bytes = buffer[..<count]
        if bytes.starts(with: "GET /ws HTTP".utf8) || bytes.starts(with: "GET /stream".utf8) { link.isMarket = true }
        if !link.request.isEmpty || bytes.starts(with: "POST /api/v3/order".utf8) {
            link.request += bytes
            if let text = Self.whole(link.request) {
                watched.withLock { $0.came(text, at: now) }
                link.request = []
            }
        }
        link.isOver = !LoopbackSocket.write(bytes, to: link.venue)
    }

    private func takeFromVenue(_ link: inout Link, _ buffer: inout [UInt8]) {
        let count = recv(link.venue, &buffer, buffer.count, 0)
        guard count > 0 else { return link.isOver = true }
        if link.isPoured { return }
        guard link.isMarket else {
            return link.isOver = !LoopbackSocket.write(buffer[..<count], to: link.client)
        }
        link.partial += buffer[..<count]
        while let length = OrderWatch.frame(link.partial) {
            let frame = link.partial[..<length]
            let isClose = watched.withLock { $0.hears(frame) }
            let last = link.waiting.last?.due ?? 0
            link.waiting.append((frame, isClose ? max(last, Machine.now) + Self.distance : last))
            if isClose { link.waiting.append(([], max(last, Machine.now) + 2 * Self.distance)) }
            link.partial.removeFirst(length)
        }
        sendDue(&link)
    }

    /// A frame that closes a candle goes by itself, as it does at a venue in real time: this long after the one before it and before the next, in seconds.
    private static let distance = 0.005

    private func sendDue(_ link: inout Link) {
        while let next = link.waiting.first, next.due <= Machine.now {
            if !next.frame.isEmpty {
                watched.withLock { $0.goes(next.frame) }
                if !LoopbackSocket.write(next.frame, to: link.client) { link.isOver = true }
            }
            link.waiting.removeFirst()
        }
    }

    /// The venue's stream is not heard from then on.
    private func pourIfAsked(_ links: inout [Link]) throws {
        guard var messages = flood.withLock({ $0 }), messages.seconds == 0 else { return }
        guard let index = links.firstIndex(where: \.isMarket) else { throw BenchError("the worker has no market stream") }
        // What was heard and not handed on yet goes first.
        guard links[index].waiting.isEmpty else { return }
        links[index].isPoured = true
        let stream = links[index]
        let parts = try watched.withLock { watch throws in try messages.parts(after: &watch.lastUpdates) }
        let start = Machine.now
        for part in parts {
            guard LoopbackSocket.write(part[...], to: stream.client) else {
                throw BenchError("the worker cut its market stream")
            }
        }
        while LoopbackSocket.unsent(stream.client) > 0 { usleep(200) }
        messages.seconds = Machine.now - start
        flood.withLock { [messages] in $0 = messages }
    }

    /// A request of HTTP/1.1; nil: not all of it is there yet.
    private static func whole(_ bytes: [UInt8]) -> String? {
        guard let end = bytes[...].offset(of: "\r\n\r\n") else { return nil }
        let head = String(decoding: bytes[..<end], as: UTF8.self)
        let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
        let length = line.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
        return bytes.count >= end + 4 + length ? String(decoding: bytes, as: UTF8.self) : nil
    }
}
