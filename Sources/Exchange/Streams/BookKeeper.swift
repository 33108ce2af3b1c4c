/// Keeps one book in step with the venue's, by the venue's rule. Says `synced` only while every change was seen in order.
///
/// Pure: a shell feeds it the stream and the answers over REST, and carries out its directives. Memory is bounded.
package struct BookKeeper: Sendable {
    package enum Directive: Hashable, Sendable {
        /// Ask for the book over REST after this wait and hand the answer to `receive(snapshot:)`, or call `snapshotFailed`.
        case fetchSnapshot(after: Duration)
        /// Unsubscribe and subscribe after this wait: the snapshot comes in the stream.
        case resubscribe(after: Duration)
        /// The book is right from now on.
        case synced
        /// The book is not to be used until `synced`.
        case lost(BookFault)
    }

    package struct Settings: Hashable, Sendable {
        package var firstWait = Duration.milliseconds(500)
        package var longestWait = Duration.seconds(30)
        /// Changes kept while the snapshot is on its way; the oldest half goes beyond that.
        package var bufferLimit = 4096
        /// Levels on each side where the rule has no depth of its own.
        package var depth = 20_000
        /// Changes in step after which the wait begins small again.
        package var healthyUpdates = 100
        /// Changes that come while a snapshot is expected in the stream; after so many it is asked for again.
        package var updatesWithoutSnapshot = 20

        package init() {}
    }

    /// CRC or the like over the upper levels, best first.
    package typealias Checksum = @Sendable (_ bids: [BookLevel], _ asks: [BookLevel]) -> UInt32?

    private enum State {
        case idle
        /// A snapshot is on its way.
        case waiting
        /// In step; false until the first change after a snapshot has joined on.
        case synced(isLinked: Bool)
    }

    package private(set) var book: OrderBook
    /// The venue's number of the last change in the book; 0 where it has none.
    package private(set) var lastID: Int64 = 0
    /// How often the book was lost since the beginning.
    package private(set) var faults = 0

    private let rule: BookRule
    private let settings: Settings
    private let checksum: Checksum
    private var state = State.idle
    private var buffer: [BookUpdate] = []
    private var failures = 0
    private var inStep = 0
    private var beforeSnapshot = 0

    /// `depth` is the subscribed one; it cuts the book where the rule is `checksum`.
    package init(_ rule: BookRule, depth: Int, settings: Settings = Settings(), checksum: @escaping Checksum = { _, _ in nil }) {
        self.rule = rule
        self.settings = settings
        self.checksum = checksum
        book = OrderBook(depth: rule == .checksum ? depth : settings.depth)
    }

    package var isSynced: Bool { if case .synced = state { true } else { false } }
}

extension BookKeeper {
    /// The stream is subscribed to: its changes come from now on.
    package mutating func started() -> [Directive] {
        state = .waiting
        buffer = []
        return rule == .checksum ? [] : [.fetchSnapshot(after: wait)]
    }

    /// The stream broke; `started` follows when it is back.
    package mutating func stopped() -> [Directive] {
        let wasSynced = isSynced
        state = .idle
        buffer = []
        return wasSynced ? [.lost(.streamBroken)] : []
    }

    /// A message of the stream.
    package mutating func receive(_ update: BookUpdate) -> [Directive] {
        if rule == .checksum { return receiveChecked(update) }
        switch state {
        case .idle: return []
        case .waiting:
            keep(update)
            return []
        case .synced: return follow(update)
        }
    }

    /// The answer over REST.
    package mutating func receive(snapshot: BookUpdate) -> [Directive] {
        guard rule != .checksum, case .waiting = state else { return [] }
        if let first = buffer.first, isTooOld(snapshot, for: first) { return retry() }
        book.load(bids: snapshot.bids, asks: snapshot.asks)
        lastID = snapshot.lastID
        guard !book.isCrossed else { return retry() }
        state = .synced(isLinked: false)
        let kept = buffer
        buffer = []
        for (place, update) in kept.enumerated() {
            let directives = follow(update)
            guard directives.isEmpty else {
                for later in kept.dropFirst(place + 1) { keep(later) }
                // Nobody was told that it was in step.
                return directives.filter { if case .lost = $0 { false } else { true } }
            }
        }
        return [.synced]
    }

    /// REST did not answer.
    package mutating func snapshotFailed() -> [Directive] {
        guard case .waiting = state else { return [] }
        return retry()
    }

    /// Something about this book arrived that could not be read.
    package mutating func unreadable() -> [Directive] {
        guard isSynced else { return [] }
        return lose(.unreadable)
    }
}

// MARK: - Numbered changes

extension BookKeeper {
    private mutating func keep(_ update: BookUpdate) {
        if buffer.count >= settings.bufferLimit { buffer.removeFirst(max(1, settings.bufferLimit / 2)) }
        buffer.append(update)
    }

    /// Whether changes between the snapshot and the first one that we have are missing.
    private func isTooOld(_ snapshot: BookUpdate, for first: BookUpdate) -> Bool {
        guard first.lastID > snapshot.lastID else { return false }
        return !joins(first, to: snapshot.lastID)
    }

    /// Whether nothing lies between a snapshot and this change.
    private func joins(_ update: BookUpdate, to id: Int64) -> Bool {
        let (next, overflow) = id.addingReportingOverflow(1)
        guard !overflow else { return false }
        return rule == .previousIDs
            ? update.previousID == id || (update.firstID <= id && id <= update.lastID)
            : update.firstID <= next && next <= update.lastID
    }

    private mutating func follow(_ update: BookUpdate) -> [Directive] {
        guard case .synced(let isLinked) = state else { return [] }
        // Seen before: in the snapshot, or a message that came twice.
        guard update.lastID > lastID else { return [] }
        let fits = rule == .previousIDs && isLinked ? update.previousID == lastID : joins(update, to: lastID)
        guard fits else {
            let missing = lastID
            let directives = lose(.gap(after: missing, before: update.firstID))
            keep(update)
            return directives
        }
        book.apply(bids: update.bids, asks: update.asks)
        lastID = update.lastID
        guard !book.isCrossed else { return lose(.crossed) }
        state = .synced(isLinked: true)
        countHealthy()
        return []
    }
}

// MARK: - Checksums

extension BookKeeper {
    private mutating func receiveChecked(_ update: BookUpdate) -> [Directive] {
        switch (state, update.isSnapshot) {
        case (.idle, _): return []
        case (.waiting, false):
            beforeSnapshot += 1
            return beforeSnapshot >= settings.updatesWithoutSnapshot ? retry() : []
        case (.waiting, true), (.synced, true):
            let wasSynced = isSynced
            book.load(bids: update.bids, asks: update.asks)
            state = .synced(isLinked: true)
            let directives = check(update)
            return directives.isEmpty && !wasSynced ? [.synced] : directives
        case (.synced, false):
            book.apply(bids: update.bids, asks: update.asks)
            return check(update)
        }
    }

    private mutating func check(_ update: BookUpdate) -> [Directive] {
        lastID = update.lastID
        guard !book.isCrossed else { return lose(.crossed) }
        if let expected = update.checksum, let found = checksum(Array(book.bids.prefix(10)), Array(book.asks.prefix(10))),
            found != expected
        {
            return lose(.checksum(expected: expected, found: found))
        }
        countHealthy()
        return []
    }
}

// MARK: - Beginning again

extension BookKeeper {
    private mutating func lose(_ fault: BookFault) -> [Directive] {
        faults += 1
        state = .waiting
        buffer = []
        inStep = 0
        return [.lost(fault)] + retry()
    }

    private mutating func retry() -> [Directive] {
        state = .waiting
        beforeSnapshot = 0
        failures = min(failures + 1, 32)
        return [rule == .checksum ? .resubscribe(after: wait) : .fetchSnapshot(after: wait)]
    }

    private var wait: Duration {
        failures == 0 ? .zero : min(settings.longestWait, settings.firstWait * (1 << (failures - 1)))
    }

    private mutating func countHealthy() {
        inStep += 1
        if inStep >= settings.healthyUpdates { failures = 0 }
    }
}

/// Why a book was lost.
package enum BookFault: Hashable, Sendable, CustomStringConvertible {
    case streamBroken, crossed, unreadable
    case gap(after: Int64, before: Int64)
    case checksum(expected: UInt32, found: UInt32)

    package var description: String {
        switch self {
        case .streamBroken: "the stream broke"
        case .crossed: "the best bid is not below the best ask"
        case .unreadable: "a message could not be read"
        case .gap(let after, let before): "changes between \(after) and \(before) are missing"
        case .checksum(let expected, let found): "the venue's checksum is \(expected), the book's \(found)"
        }
    }
}
