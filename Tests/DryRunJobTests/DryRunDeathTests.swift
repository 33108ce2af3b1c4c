import Backtesting
import DryRun
import DryRunJob
import Exchange
import Market
import Money
import Orders
import Strategies
import SyntheticMarket
import Testing
import Trading
import TradingJournal
import TradingLoop

/// A dry-run that is killed and goes on from its journal, against one that never was.
@Suite struct DryRunDeathTests {
    /// Settings that reach every kind of state which has to come through a death.
    enum Style: String, CaseIterable {
        /// Limit orders that wait at the own side, ROI, time-outs.
        case patient
        /// Market orders, a trailing stop that the loop watches, exit signals, stakes of the whole wallet.
        case hasty
        /// A trailing stop that rests at the venue and moves.
        case guarded

        func rig(_ seed: UInt64, days: Int) throws -> DryRunRig {
            switch self {
            case .patient:
                try DryRunRig(seed: seed, days: days) { settings in
                    settings.rules.unfilledTimeout.entry = 240_000
                    settings.rules.unfilledTimeout.exit = 60_000
                    settings.exitTimeoutCount = 3
                    settings.orderTypes.emergencyExit = .market
                    settings.exitPricing.side = .ask
                }
            case .hasty:
                try DryRunRig(seed: seed, days: days, strategy: MacdTrend.self) { settings in
                    settings.rules.entryOrderType = .market
                    settings.rules.exitOrderType = .market
                    settings.entryPricing.side = .other
                    settings.exitPricing.side = .other
                    settings.rules.stakeAmount = .unlimited
                    settings.rules.trailingStopPositiveOffset = 0.005
                    settings.rules.trailingStopPositive = 0.003
                }
            case .guarded:
                try DryRunRig(seed: seed, days: days) { settings in
                    settings.orderTypes.stoplossOnExchange = true
                    settings.orderTypes.stoplossOnExchangeInterval = 1000
                    settings.rules.trailingStop = true
                    settings.rules.stoploss = -0.01
                    settings.rules.minimalROI = [0: 0.05]
                    settings.rules.maxOpenTrades = 3
                }
            }
        }
    }

    /// What one process, or a chain of them, left behind.
    struct Run {
        var books = TradingBooks(keepsCandles: true)
        /// Of each input, without what `comparable` leaves out.
        var records: [[JournalRecord]] = []
        var decisions: [Decision] = []
        var instance: DryRunInstance
        var deaths = 0
    }

    /// `dies`: after which inputs, by their number, the process ends and another takes its place.
    private func run(_ rig: DryRunRig, dies: (Int) -> Bool = { _ in false }) throws -> Run {
        var market = DryRunMarketNow(rig)
        var run = Run(instance: try rig.make())
        for record in try run.instance.start(TradingBooks(), now: rig.begin).records { try run.books.take(record) }
        for (place, step) in rig.steps.enumerated() {
            let output = DryRunRig.feed(step, to: &run.instance)
            market.take(step)
            for record in output.records { try run.books.take(record.encoded) }
            run.records.append(try output.records.compactMap(Self.comparable))
            run.decisions += output.decisions
            guard dies(place) else { continue }
            run.deaths += 1
            var heir = try market.process(at: step.time)
            let start = try heir.start(run.books, now: step.time)
            #expect(start.records.isEmpty, "there is nothing to be done at a start: all was done before")
            #expect(heir.venue.snapshot() == run.instance.venue.snapshot())
            #expect(heir.loop.openTrades.map(\.held) == run.instance.loop.openTrades.map(\.held))
            run.instance = heir
        }
        return run
    }

    /// Two things differ after a death, and no others. Decisions are told once a candle, and a new process does not know which were told. The
    /// extremes of the price during a trade, on which nothing is decided, are written down with the next change of the trade.
    private static func comparable(_ record: JournalRecord) throws -> JournalRecord? {
        guard case .note(let kind, let bytes) = record, let note = try JournalNote(kind: kind, bytes) else { return record }
        switch note {
        case .decision: return nil
        case .loop(let state) where state.kind == .trade:
            let members = try JSONValue(parsing: state.bytes).members ?? []
            let rest = members.filter { !["highest", "lowest", "has_extremes"].contains($0.name) }
            return JournalNote.loop(TradingRecord(kind: .trade, key: state.key, bytes: JSONValue.object(rest).bytes)).record
        default: return record
        }
    }

    private func compare(_ run: Run, with whole: Run, _ what: String) {
        for (place, (ours, theirs)) in zip(run.records, whole.records).enumerated() where ours != theirs {
            let differing = zip(ours, theirs).first { $0 != $1 }.map { ($0, $1) }
            Issue.record(
                """
                \(what): after input \(place)
                \(differing.map { Self.text($0.0) } ?? "\(ours.count) records"), and without a death
                \(differing.map { Self.text($0.1) } ?? "\(theirs.count) records")
                """)
            break
        }
        // Compared outside of the expectation, which would print pages.
        let isSame = [
            run.books.trades == whole.books.trades, run.books.orders == whole.books.orders,
            run.books.dryRunVenue == whole.books.dryRunVenue, run.instance.venue.wallet == whole.instance.venue.wallet,
        ]
        #expect(isSame == [true, true, true, true], "\(what): trades, orders, venue, wallet")
        var rest = whole.decisions[...]
        for decision in run.decisions where decision == rest.first { rest.removeFirst() }
        #expect(rest.isEmpty, "\(what): every decision was told, in the same order")
    }

    private static func text(_ record: JournalRecord) -> String {
        guard case .note(let kind, let bytes) = record else { return "\(record)" }
        return "note \(kind): " + String(decoding: bytes.prefix(2000), as: UTF8.self)
    }

    @Test(arguments: Style.allCases, [UInt64(5), 6])
    func `a process that dies after every single input leaves the same records`(_ style: Style, _ seed: UInt64) throws {
        let rig = try style.rig(seed, days: 2)
        let whole = try run(rig)
        let chain = try run(rig) { _ in true }
        compare(chain, with: whole, "\(style), seed \(seed)")
        let (trades, orders) = (whole.books.closedTrades, whole.books.orders.orders.values)
        #expect(trades.count >= 3 && chain.deaths == rig.steps.count, "\(style), seed \(seed)")
        print(
            "\(style), seed \(seed): \(chain.deaths) deaths, \(trades.count) trades, \(orders.count) orders, of which",
            "\(orders.count { $0.status == .canceled }) were canceled")
    }

    @Test(arguments: Style.allCases) func `deaths now and then leave the same records`(_ style: Style) throws {
        var (deaths, trades) = (0, 0)
        for seed in UInt64(100)..<104 {
            let rig = try style.rig(seed, days: 2)
            let whole = try run(rig)
            trades += whole.books.closedTrades.count
            for odds in [UInt64(3), 40, 700] {
                var random = SplitMix64(seed: seed &* 1000 + odds)
                let killed = try run(rig) { _ in random.next() % odds == 0 }
                compare(killed, with: whole, "\(style), seed \(seed), one death in \(odds) inputs")
                deaths += killed.deaths
            }
        }
        print("\(style): \(deaths) deaths, \(trades) trades")
        #expect(trades > 15)
    }

    /// What happens while nobody listens is lost: the prices of that time, and what would have come of them. So the trades may be others, and
    /// what must hold is the money.
    @Test(arguments: Style.allCases) func `inputs that die with their process cost no money and leave no order behind`(
        _ style: Style
    ) throws {
        var (deaths, trades) = (0, 0)
        for seed in UInt64(200)..<204 {
            let rig = try style.rig(seed, days: 2)
            var random = SplitMix64(seed: seed)
            var market = DryRunMarketNow(rig)
            var run = Run(instance: try rig.make())
            _ = try run.instance.start(TradingBooks(), now: rig.begin)
            for step in rig.steps {
                let output = DryRunRig.feed(step, to: &run.instance)
                market.take(step)
                guard random.next() % 15 == 0 else {
                    for record in output.records { try run.books.take(record.encoded) }
                    continue
                }
                // Nothing of this input was committed. What follows is what the worker's shell does at a start.
                deaths += 1
                run.instance = try market.process(at: step.time)
                var records = try run.instance.start(run.books, now: step.time).records
                records += run.instance.gate(.active, now: step.time).records
                for book in market.books(at: step.time) { records += DryRunRig.feed(book, to: &run.instance).records }
                records += run.instance.tick(now: step.time).records
                for record in records { try run.books.take(record.encoded) }
                try checkMoney(run, "\(style), seed \(seed), \(step.time)")
            }
            try checkMoney(run, "\(style), seed \(seed)")
            trades += run.books.closedTrades.count
        }
        print("\(style): \(deaths) deaths with an input, \(trades) trades")
        #expect(trades > 15 && deaths > 2000)
    }

    /// Loop, venue and journal name the same orders, and the wallet has what the fills say.
    private func checkMoney(_ run: Run, _ what: String) throws {
        let working = run.books.orders.orders.values.filter { !$0.status.isFinal }.map(\.ticket).sorted()
        #expect(run.instance.venue.workingTickets == working && run.instance.loop.workingTickets == working, "\(what)")
        #expect(run.instance.loop.openTrades.map(\.number) == run.books.openTrades.map(\.number), "\(what)")
        var totals = ["USDT": Amount("1000") ?? .zero]
        for trade in run.books.trades.values {
            totals["USDT"] = try #require(totals["USDT"]?.adding(trade.cashFlow))
            let held: Amount = try #require((totals[trade.pair.base] ?? .zero).adding(trade.held))
            totals[trade.pair.base] = held
        }
        for balance in run.instance.venue.wallet.balances {
            #expect(balance.free.adding(balance.locked) == totals[balance.asset] ?? .zero, "\(what): \(balance.asset)")
        }
    }
}
