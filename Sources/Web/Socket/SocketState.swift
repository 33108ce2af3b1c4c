import Exchange

/// A first-in, first-out queue; taking the first is constant on average.
struct FIFO<Element> {
    private var items: [Element?] = []
    private var head = 0

    var count: Int { items.count - head }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ item: Element) { items.append(item) }

    mutating func popFirst() -> Element? {
        guard head < items.count else { return nil }
        defer {
            items[head] = nil
            head += 1
            if head == items.count {
                items.removeAll(keepingCapacity: head <= 1024)
                head = 0
            } else if head >= 1024, head * 2 >= items.count {
                items.removeFirst(head)
                head = 0
            }
        }
        return items[head]
    }

    mutating func removeAll() {
        items = []
        head = 0
    }
}

/// A frame on its way out.
enum OutgoingFrame {
    case message(WebSocketMessage)
    case ping([UInt8])
    case pong([UInt8])
    case close([UInt8])

    /// What it is counted as: its length and what it costs to keep.
    var cost: Int {
        switch self {
        case .message(.text(let bytes)), .message(.binary(let bytes)): bytes.count + 64
        case .ping(let bytes), .pong(let bytes), .close(let bytes): bytes.count + 64
        }
    }
}

/// Continuations and bookkeeping of one socket, guarded by its lock. Methods return what must be resumed or done outside of it.
struct SocketState {
    typealias Reader = CheckedContinuation<Result<WebSocketMessage, WebFailure>, Never>
    typealias Writer = CheckedContinuation<WebFailure?, Never>

    struct WaitingWriter {
        var ticket: UInt64
        var frame: OutgoingFrame
        var continuation: Writer
    }

    let limits: WebSocketLimits
    var lastHeard: ContinuousClock.Instant
    var inbox = FIFO<WebSocketMessage>()
    var inboxBytes = 0
    var reader: (ticket: UInt64, continuation: Reader)?
    /// The event loop wanted to read and was held back.
    var isReadHeld = false

    var outbox: [OutgoingFrame] = []
    var unwrittenBytes = 0
    var isFlushDue = false
    var writers: [WaitingWriter] = []
    /// A pong that found the outbox full; only the latest ping needs an answer.
    var latePong: [UInt8]?

    /// A close frame was handed over, by either side's wish; nothing else goes out after it.
    var isClosing = false
    /// Why there will be no more messages, after those in the inbox.
    var end: WebFailure?
    /// The connection is gone.
    var isGone = false
    var closers: [CheckedContinuation<Void, Never>] = []
    private var tickets: UInt64 = 0

    init(limits: WebSocketLimits, now: ContinuousClock.Instant) {
        self.limits = limits
        lastHeard = now
    }

    mutating func ticket() -> UInt64 {
        tickets += 1
        return tickets
    }

    var isInboxFull: Bool { inbox.count >= limits.inboxMessages || inboxBytes >= limits.inboxBytes }
    /// Reading goes on at half the bounds, so that it does not stop and go with every message.
    var isInboxLow: Bool { inbox.count <= limits.inboxMessages / 2 && inboxBytes <= limits.inboxBytes / 2 }

    /// The next message, or the end; nil: nothing yet.
    mutating func next() -> Result<WebSocketMessage, WebFailure>? {
        if let message = inbox.popFirst() {
            inboxBytes -= message.length
            return .success(message)
        }
        return end.map { .failure($0) }
    }

    /// Whether the held read should now be let go; asked after each message taken.
    mutating func releasesRead() -> Bool {
        guard isReadHeld, isInboxLow || isClosing else { return false }
        isReadHeld = false
        return true
    }

    /// Whether a frame can go now; there is always room for one where nothing is queued.
    func hasRoom(for frame: OutgoingFrame) -> Bool {
        unwrittenBytes == 0 || (writers.isEmpty && unwrittenBytes + frame.cost <= limits.outboxBytes)
    }

    /// Takes the frame; true: the event loop must be told.
    mutating func push(_ frame: OutgoingFrame) -> Bool {
        outbox.append(frame)
        unwrittenBytes += frame.cost
        defer { isFlushDue = true }
        return !isFlushDue
    }

    /// After `bytes` were written: lets waiting writers go on; returns them and whether the event loop must be told.
    mutating func wrote(_ bytes: Int) -> (resumed: [WaitingWriter], flush: Bool) {
        unwrittenBytes -= bytes
        var flush = false
        var count = 0
        while count < writers.count, unwrittenBytes == 0 || unwrittenBytes + writers[count].frame.cost <= limits.outboxBytes {
            flush = push(writers[count].frame) || flush
            count += 1
        }
        let resumed = Array(writers.prefix(count))
        writers.removeFirst(count)
        if let pong = latePong, !isClosing, unwrittenBytes < limits.outboxBytes {
            latePong = nil
            flush = push(.pong(pong)) || flush
        }
        return (resumed, flush)
    }

    /// Marks the end, the first cause wins; returns who waits for a message or for room.
    mutating func finish(_ failure: WebFailure) -> (reader: Reader?, writers: [WaitingWriter]) {
        if end == nil { end = failure }
        defer {
            reader = nil
            writers = []
            latePong = nil
        }
        return (reader?.continuation, writers)
    }
}

extension WebSocketMessage {
    var length: Int {
        switch self {
        case .text(let bytes), .binary(let bytes): bytes.count + 32
        }
    }
}
