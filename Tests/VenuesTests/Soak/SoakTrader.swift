import Connectors
import Exchange
import Market
import Money
import SyntheticMarket

/// Places, cancels and asks by chance, and says of each call what became of it.
struct SoakTrader: Sendable {
    let session: SoakSession
    /// One of several, which make ids of their own.
    let number: Int
    var random: SplitMix64
    var tally = SoakTally()
    private var ids = 0
    /// The price of each pair that was seen last.
    private var mids: [Pair: Price] = [:]

    init(_ session: SoakSession, number: Int, round: Int, seed: UInt64) {
        self.session = session
        self.number = round * 100 + number
        random = SplitMix64(seed: SplitMix64.mixed(seed &+ UInt64(number)))
    }

    private var trading: TradingClient { session.trading }

    /// So many operations, and faults between them.
    mutating func run(_ operations: Int) async throws {
        for _ in 0..<operations {
            if Double.random(in: 0..<1, using: &random) < 0.15 {
                let fault = SoakFaults.random(&random)
                try await session.rig.fault(fault)
            } else if Double.random(in: 0..<1, using: &random) < 0.03 {
                try await session.rig.clearFaults()
            }
            try await operate()
        }
    }

    private mutating func operate() async throws {
        guard let instrument = session.instruments.randomElement(using: &random) else { return }
        tally.operations += 1
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<55: try await place(instrument)
        case 55..<60: try await placeOCO(instrument)
        case 60..<75: try await cancel()
        case 75..<78: await ask("cancelAll") { trader throws(VenueError) in _ = try await trader.cancelAll(instrument) }
        case 78..<86: try await query()
        case 86..<89: await ask("openOrders") { trader throws(VenueError) in _ = try await trader.trading.openOrders(instrument) }
        case 89..<91: await ask("balances") { trader throws(VenueError) in _ = try await trader.trading.balances() }
        case 91..<93: await ask("fills") { trader throws(VenueError) in _ = try await trader.trading.fills(instrument) }
        case 93..<95:
            await ask("book") { trader throws(VenueError) in
                _ = try await trader.session.market.book(instrument, depth: 10)
            }
        case 95..<97: try await validate(instrument)
        default: await ask("time") { trader throws(VenueError) in _ = try await trader.session.market.serverTime() }
        }
    }

    // MARK: - Orders

    private mutating func freshID() -> ClientOrderID {
        ids += 1
        let text = String(number * 10_000 + ids)
        return ClientOrderID("50a4" + String(repeating: "0", count: 28 - text.utf8.count) + text)
    }

    private mutating func place(_ instrument: TradedInstrument) async throws {
        let id = freshID()
        var intents = SoakIntents(instrument, mid: try mid(instrument), random: random)
        var intent = intents.order(id)
        random = intents.random
        if Int.random(in: 0..<10, using: &random) == 0 {
            intent.deadline = trading.gate.venueNow().advanced(byMilliseconds: Int64.random(in: 1...90_000, using: &random))
        }
        session.change { $0.begin(id, instrument.pair) }
        do throws(VenueError) {
            let report = try await trading.place(intent, instrument)
            took([report])
        } catch {
            await judge(error, "place", [id], instrument)
        }
    }

    /// Where the venue has no such orders the refusal is of our own making.
    private mutating func placeOCO(_ instrument: TradedInstrument) async throws {
        let (list, limit, stop) = (freshID(), freshID(), freshID())
        var intents = SoakIntents(instrument, mid: try mid(instrument), random: random)
        let intent = intents.oco(list, limit, stop)
        random = intents.random
        session.change {
            $0.begin(limit, instrument.pair)
            $0.begin(stop, instrument.pair)
        }
        do throws(VenueError) {
            let reports = try await trading.place(intent, instrument)
            took(reports)
        } catch {
            await judge(error, "oco", [limit, stop], instrument)
        }
    }

    private mutating func took(_ reports: [OrderReport]) {
        tally.placed += reports.count
        session.change { ledger in
            for report in reports {
                if let id = report.clientOrderID { ledger.settle(id, .placed) }
                ledger.take(report, isStream: false)
            }
        }
    }

    /// The one place where it is decided what an error means for orders.
    private mutating func judge(
        _ error: VenueError, _ call: String, _ ids: [ClientOrderID], _ instrument: TradedInstrument
    ) async {
        tally.failed(error, call)
        if error.handling == .outcomeUnknown {
            for id in ids { await lookUp(id, instrument) }
        } else {
            tally.refused += ids.count
            session.change { for id in ids { $0.settle(id, .notPlaced) } }
            await mend(error)
        }
    }

    mutating func lookUp(_ id: ClientOrderID, _ instrument: TradedInstrument) async {
        tally.lookedUp += 1
        // The longest that a venue may take it: the receive window of five seconds.
        let end = trading.gate.venueNow().advanced(byMilliseconds: 5000)
        let result = await trading.lookUp(id, instrument, until: end)
        session.change { ledger in
            switch result {
            case .found(let report):
                ledger.settle(id, .placed)
                ledger.take(report, isStream: false)
            case .notPlaced: ledger.settle(id, .notPlaced)
            case .stillUnknown: ledger.settle(id, .unknown)
            }
        }
        switch result {
        case .found: tally.found += 1
        case .notPlaced: tally.notPlaced += 1
        case .stillUnknown: tally.stillUnknown += 1
        }
    }

    /// Our clock went wrong with the venue's.
    private mutating func mend(_ error: VenueError) async {
        guard error.kind == .invalidNonce else { return }
        await ask("synchronizeClock") { trader throws(VenueError) in _ = try await trader.session.market.synchronizeClock() }
    }

    private mutating func cancel() async throws {
        let placed = session.read { ledger in
            ledger.open([.placed]).map {
                ($0, ledger.orders[$0]?.venueID, ledger.orders[$0].flatMap { ledger.instrument($0.pair) })
            }
        }
        guard let (id, venueID, instrument) = placed.randomElement(using: &random), let instrument else { return }
        let isByClient = Bool.random(using: &random)
        let reference = venueID.flatMap { isByClient ? nil : .venue($0) } ?? OrderReference.client(id)
        await ask("cancel") { trader throws(VenueError) in
            guard let report = try await trader.trading.cancel(reference, instrument) else { return }
            trader.session.change { $0.take(report, isStream: false) }
        }
    }

    private func cancelAll(_ instrument: TradedInstrument) async throws(VenueError) -> Int? {
        try await trading.cancelAll(trading.venue.cancelAll(instrument) == nil ? nil : instrument)
    }

    private mutating func query() async throws {
        let known = session.read { ledger in
            ledger.orders.filter { $0.value.outcome == .placed }.sorted { $0.key.text < $1.key.text }
                .map { ($0.key, ledger.instrument($0.value.pair)) }
        }
        guard let (id, instrument) = known.randomElement(using: &random), let instrument else { return }
        await ask("order") { trader throws(VenueError) in
            let report = try await trader.trading.order(.client(id), instrument)
            trader.session.change { $0.take(report, isStream: false) }
        }
    }

    /// An order that is checked and not placed: one at the venue would be found out as one that nobody placed.
    private mutating func validate(_ instrument: TradedInstrument) async throws {
        var intents = SoakIntents(instrument, mid: try mid(instrument), random: random)
        let intent = intents.order(freshID())
        random = intents.random
        await ask("validate") { trader throws(VenueError) in try await trader.trading.validate(intent, instrument) }
    }

    /// A call that leaves no order behind: its error is counted.
    private mutating func ask(_ call: String, _ body: (SoakTrader) async throws(VenueError) -> Void) async {
        do throws(VenueError) {
            try await body(self)
        } catch {
            tally.failed(error, call)
            if call != "synchronizeClock" { await mend(error) }
        }
    }

    /// The price that orders are set around. A market order may have taken a whole side: until the market's next step the other one counts, or
    /// the price that was seen last.
    private mutating func mid(_ instrument: TradedInstrument) throws -> Price {
        let own = session.stream.book(instrument, depth: SoakSession.bookDepth)?.bestBid?.price
        let book = try session.venue().books[instrument.pair]
        guard let price = own ?? book?.bids.first?.price ?? book?.asks.first?.price ?? mids[instrument.pair] else {
            throw SoakFailure(description: "nobody bids for \(instrument.pair), and nobody asks")
        }
        mids[instrument.pair] = price
        return price
    }
}
