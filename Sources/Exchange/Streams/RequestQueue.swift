/// Messages of one connection that ask for something, in order and spaced, and the answers that are due.
struct RequestQueue: Sendable {
    private var waiting: [(id: Int64, text: String)] = []
    private var due: [(id: Int64, deadline: Duration)] = []
    private var nextSend = Duration.zero
    let spacing: Duration
    let deadline: Duration

    /// Whether everything was sent and answered.
    var isDone: Bool { waiting.isEmpty && due.isEmpty }

    init(spacing: Duration, deadline: Duration) {
        self.spacing = spacing
        self.deadline = deadline
    }

    mutating func add(_ texts: [String], firstID: Int64) {
        for (place, text) in texts.enumerated() { waiting.append((firstID + Int64(place), text)) }
    }

    /// The message that may be sent now.
    mutating func send(now: Duration) -> String? {
        guard now >= nextSend, let first = waiting.first else { return nil }
        waiting.removeFirst()
        due.append((first.id, now + deadline))
        nextSend = now + spacing
        return first.text
    }

    /// An answer; without an id it belongs to the oldest question. Further answers to one question change nothing.
    mutating func answered(_ id: Int64?) {
        if let id { due.removeAll { $0.id == id } } else if !due.isEmpty { due.removeFirst() }
    }

    func isOverdue(now: Duration) -> Bool { due.contains { now >= $0.deadline } }

    var nextDeadline: Duration? {
        [waiting.isEmpty ? nil : nextSend, due.map(\.deadline).min()].compactMap { $0 }.min()
    }
}
