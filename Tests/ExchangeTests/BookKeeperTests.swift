import Exchange
import Money
import Testing

/// A venue's book and the numbered changes that it sent.
private struct BookVenue {
    let rule: BookRule
    let depth: Int
    var random: SplitMix64
    private(set) var book: OrderBook
    private(set) var id: Int64 = 1000
    /// The book after each message, by its number.
    private(set) var history: [Int64: OrderBook] = [:]

    init(_ rule: BookRule, depth: Int, seed: UInt64) {
        self.rule = rule
        self.depth = depth
        random = SplitMix64(seed: seed)
        book = OrderBook(depth: rule == .checksum ? depth : 20_000)
        book.load(bids: (1...20).map { Sample.level(1000 - $0, 5) }, asks: (1...20).map { Sample.level(1000 + $0, 5) })
        history[id] = book
    }

    mutating func change() -> BookUpdate {
        var bids: [BookLevel] = []
        var asks: [BookLevel] = []
        for _ in 0...random.below(3) {
            let quantity = Int64(random.below(3) == 0 ? 0 : 1 + random.below(900))
            let distance = Int64(1 + random.below(30))
            if random.chance(50) {
                bids.append(Sample.level(1000 - distance, quantity))
            } else {
                asks.append(Sample.level(1000 + distance, quantity))
            }
        }
        let previous = id
        let first = id + (rule == .previousIDs ? Int64(1 + random.below(5)) : 1)
        id = first + Int64(random.below(4))
        book.apply(bids: bids, asks: asks)
        history[id] = book
        return BookUpdate(
            symbol: "X", isSnapshot: false, firstID: first, lastID: id, previousID: rule == .previousIDs ? previous : nil,
            bids: bids,
            asks: asks,
            checksum: rule == .checksum ? Self.checksum(Array(book.bids.prefix(10)), Array(book.asks.prefix(10))) : nil)
    }

    func snapshot() -> BookUpdate {
        BookUpdate(
            symbol: "X", isSnapshot: true, firstID: id, lastID: id, bids: Array(book.bids), asks: Array(book.asks),
            checksum: rule == .checksum ? Self.checksum(Array(book.bids.prefix(10)), Array(book.asks.prefix(10))) : nil)
    }

    @Sendable static func checksum(_ bids: [BookLevel], _ asks: [BookLevel]) -> UInt32? {
        var hash: UInt32 = 2_166_136_261
        for level in asks + bids {
            for byte in (level.price.fullText + level.quantity.fullText).utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        }
        return hash
    }
}

struct BookKeeperTests {
    @Test func `levels are sorted, one for a price, and a quantity of zero removes one`() {
        var book = OrderBook(depth: 3)
        book.load(
            bids: [Sample.level(10, 1), Sample.level(12, 1), Sample.level(11, 1)],
            asks: [Sample.level(13, 1), Sample.level(15, 2)])
        #expect(book.bids.map(\.price.units) == [12, 11, 10])
        #expect(book.bestAsk == Sample.level(13, 1))
        book.apply(
            bids: [BookLevel(Price(units: 120, decimals: 2), .zero), Sample.level(9, 4), Sample.level(8, 1)],
            asks: [Sample.level(13, 0)])
        #expect(book.bids.map(\.price.units) == [11, 10, 9])
        #expect(book.bestAsk == Sample.level(15, 2))
        #expect(!book.isCrossed)
        book.apply(bids: [Sample.level(15, 1)], asks: [])
        #expect(book.isCrossed)
    }

    @Test func `a gap is told, and the wait grows while it does not get better`() {
        var keeper = BookKeeper(.updateIDs, depth: 10)
        #expect(keeper.started() == [.fetchSnapshot(after: .zero)])
        let first = BookUpdate(symbol: "X", isSnapshot: false, firstID: 11, lastID: 12, bids: [Sample.level(1, 1)], asks: [])
        #expect(keeper.receive(first) == [])
        let old = BookUpdate(symbol: "X", isSnapshot: true, firstID: 5, lastID: 5, bids: [], asks: [])
        #expect(keeper.receive(snapshot: old) == [.fetchSnapshot(after: .milliseconds(500))])
        #expect(keeper.snapshotFailed() == [.fetchSnapshot(after: .seconds(1))])
        let good = BookUpdate(symbol: "X", isSnapshot: true, firstID: 10, lastID: 10, bids: [], asks: [Sample.level(5, 1)])
        #expect(keeper.receive(snapshot: good) == [.synced])
        #expect(keeper.lastID == 12)
        let far = BookUpdate(symbol: "X", isSnapshot: false, firstID: 14, lastID: 15, bids: [], asks: [])
        #expect(keeper.receive(far) == [.lost(.gap(after: 12, before: 14)), .fetchSnapshot(after: .seconds(2))])
        #expect(!keeper.isSynced)
    }

    @Test func `a wrong checksum and a crossed book are lost books`() {
        var keeper = BookKeeper(.checksum, depth: 10, checksum: { _, _ in 7 })
        #expect(keeper.started() == [])
        var snapshot = BookUpdate(
            symbol: "X", isSnapshot: true, bids: [Sample.level(1, 1)], asks: [Sample.level(3, 1)], checksum: 7)
        #expect(keeper.receive(snapshot) == [.synced])
        snapshot.isSnapshot = false
        snapshot.checksum = 8
        #expect(keeper.receive(snapshot) == [.lost(.checksum(expected: 8, found: 7)), .resubscribe(after: .milliseconds(500))])
        snapshot.isSnapshot = true
        snapshot.checksum = 7
        snapshot.bids = [Sample.level(3, 1)]
        #expect(keeper.receive(snapshot).first == .lost(.crossed))
    }

    @Test(arguments: [BookRule.updateIDs, .previousIDs, .checksum], [1, 2, 3, 4, 5])
    func `a book that is said to be in step is the venue's, whatever gets lost, doubled, late or out of order`(
        rule: BookRule, seed: UInt64
    ) {
        print("rule \(rule) seed \(seed)")
        var random = SplitMix64(seed: seed &* 77)
        var venue = BookVenue(rule, depth: 10, seed: seed)
        var settings = BookKeeper.Settings()
        settings.bufferLimit = 64
        var keeper = BookKeeper(rule, depth: 10, settings: settings, checksum: BookVenue.checksum)
        var wire: [BookUpdate] = []
        var snapshotDue: Int?
        var compared = 0
        var wrong: [Int64] = []
        var steps = 0

        func obey(_ directives: [BookKeeper.Directive]) {
            for directive in directives {
                switch directive {
                case .fetchSnapshot, .resubscribe: snapshotDue = steps + 1 + random.below(20)
                case .synced, .lost: break
                }
            }
        }

        obey(keeper.started())
        if rule == .checksum { snapshotDue = 3 }
        for _ in 0..<4000 {
            steps += 1
            wire.append(venue.change())
            let damage = steps % 400 < 40
            if damage, random.chance(20), !wire.isEmpty { wire.remove(at: random.below(wire.count)) }
            if damage, random.chance(20), let any = wire.randomElement(using: &random) { wire.append(any) }
            if damage, random.chance(20) { wire.shuffle(using: &random) }
            if random.chance(10) { continue }
            while !wire.isEmpty, random.chance(85) {
                obey(keeper.receive(wire.removeFirst()))
                if keeper.isSynced, keeper.lastID != 0 {
                    compared += 1
                    // Compared without `#expect`, which would print both books for every step.
                    if keeper.book != venue.history[keeper.lastID] { wrong.append(keeper.lastID) }
                }
            }
            guard let due = snapshotDue, steps >= due else { continue }
            snapshotDue = nil
            if rule == .checksum {
                wire.append(venue.snapshot())
            } else if random.chance(20) {
                obey(keeper.snapshotFailed())
            } else {
                obey(keeper.receive(snapshot: venue.snapshot()))
            }
        }
        #expect(wrong.isEmpty)
        #expect(compared > 1000)
        #expect(keeper.faults > 5)
    }
}
