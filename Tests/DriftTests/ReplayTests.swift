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
import TradingJournal
import TradingLoop

@testable import Drift

/// Dry-runs over synthetic candles against their own shadows.
@Suite struct ReplayTests {
    /// With market orders on a book at the open of the next candle, and exits by signal alone, a dry-run fills as the backtest does.
    private static func signalsOnly(_ scene: inout Scene) {
        scene.settings.minimalROI = [:]
        scene.settings.stoploss = -0.9
        scene.settings.trailingStop = false
        scene.settings.trailingStopPositive = nil
        scene.settings.trailingStopPositiveOffset = 0
        scene.settings.trailingOnlyOffsetIsReached = false
        scene.settings.exitProfitOnly = false
        scene.settings.entryOrderType = .market
        scene.settings.exitOrderType = .market
    }

    private static func listing(_ instrument: Instrument) throws -> TradedInstrument {
        var listing = TradedInstrument(
            pair: instrument.pair, symbol: instrument.pair.base, streamSymbol: instrument.pair.base,
            priceTick: try #require(Price((instrument.pricePrecision ?? 0).description)),
            quantityStep: try #require(Quantity((instrument.amountPrecision ?? 0).description)))
        listing.minimumNotional = instrument.costLimits.minimum.flatMap { Amount($0.description) }
        listing.minimumQuantity = instrument.amountLimits.minimum.flatMap { Quantity($0.description) }
        return listing
    }

    /// Runs a dry-run over the scene and returns what its records add up to.
    private func run(_ scene: Scene, spread: Double = 0, closed: Range<Int> = 0..<0) throws -> TradingBooks {
        var books = TradingBooks(keepsCandles: true)
        for record in try records(scene, spread: spread, closed: closed) { try books.take(record.encoded) }
        return books
    }

    /// Runs a dry-run over the scene and returns its records.
    ///
    /// - Parameters:
    ///   - spread: how much worse than the open both sides of the book are.
    ///   - closed: rows at whose candles the order gate lets nothing in.
    private func records(_ scene: Scene, spread: Double, closed: Range<Int>) throws -> [JournalRecord] {
        var settings = TradingSettings(rules: scene.settings)
        settings.entryPricing.side = .other
        settings.exitPricing.side = .other
        settings.candleLimit = 100_000
        var rules = DryRunRules()
        rules.fee = scene.settings.fee.flatMap { Amount($0.description) }
        var instance = try DryRunInstance(
            settings: settings, strategy: scene.strategy, whitelist: scene.pairs,
            instruments: try scene.pairs.map { try Self.listing(scene.market.instrument($0)) },
            wallet: DryRunWallet(["USDT": Amount("10000") ?? .zero]), rules: rules, gate: .active)
        let (first, last) = (Scene.historyRows, scene.rows - 1)
        var records = scene.marketNotes(last: first).map(\.record)
        func take(_ output: DryRunInstance.Output) { records += output.records }
        for pair in scene.pairs {
            if let list = scene.candles[pair] { _ = instance.history(pair, list.slice(0..<first), now: list.time(at: first)) }
        }
        let begin = try #require(scene.candles[scene.pairs[0]]).time(at: first)
        take(try instance.start(TradingBooks(), now: begin))
        for row in first..<last {
            let now = begin.advanced(byMilliseconds: Int64(row - first + 1) * 300_000)
            if row == closed.lowerBound, !closed.isEmpty { take(instance.gate(.reducing, now: now)) }
            if row == closed.upperBound, !closed.isEmpty { take(instance.gate(.active, now: now)) }
            for pair in scene.pairs {
                guard let list = scene.candles[pair] else { continue }
                let tick = scene.market.instrument(pair).pricePrecision ?? 0.01
                let (bid, ask) = (price(list.open[row + 1] * (1 - spread), tick), price(list.open[row + 1] * (1 + spread), tick))
                let depth = Quantity(units: 1_000_000_000, decimals: 0)
                take(instance.book(pair, bids: [BookLevel(bid, depth)], asks: [BookLevel(ask, depth)], now: now))
            }
            for pair in row % 2 == 0 ? scene.pairs : scene.pairs.reversed() {
                if let list = scene.candles[pair] { take(instance.candle(pair, list.candle(at: row), now: now)) }
            }
        }
        return records
    }

    private func price(_ value: Double, _ tick: Double) -> Price {
        Price(((value / tick).rounded() * tick).description) ?? Price(units: Int64((value * 1e6).rounded()), decimals: 6)
    }

    @Test(arguments: ["MacdTrend", "RsiReversion"], [3, 11] as [UInt64])
    func `a dry-run whose orders fill as the backtest's has no drift`(_ name: String, _ seed: UInt64) throws {
        var scene = try Scene(seed: seed, strategy: name)
        Self.signalsOnly(&scene)
        let books = try run(scene)
        let shadow = try scene.shadow(books)
        let report = DriftComparison.report(books, shadow)
        #expect(report.isSame, "seed \(seed): \(report.differences.prefix(3))")
        #expect(report.trades.matched > 10 && report.trades.same == report.trades.matched)
        #expect(report.notices.isEmpty, "\(report.notices)")
        #expect(report.profitDifference.magnitude < 1e-5, "\(report.sums)")
        report.check(seed)
        print("\(name), seed \(seed): \(report.trades.matched) trades without drift, profit \(report.jobProfit)")
    }

    @Test(arguments: ["MacdTrend", "RsiReversion"])
    func `wherever the records end, what is open there counts with the last close on both sides`(_ name: String) throws {
        var scene = try Scene(seed: 11, strategy: name)
        Self.signalsOnly(&scene)
        let records = try records(scene, spread: 0, closed: 0..<0)
        let begin = try #require(scene.candles[scene.pairs[0]]).time(at: Scene.historyRows)
        var open = 0
        for rows in stride(from: 60, to: scene.rows - Scene.historyRows, by: 61) {
            let end = begin.advanced(byMilliseconds: Int64(rows) * 300_000)
            var books = TradingBooks(keepsCandles: true)
            for record in records {
                if case .note(let kind, let bytes) = record, case .candle(_, let candle)? = try JournalNote(kind: kind, bytes),
                    candle.time >= end
                {
                    continue
                }
                try books.take(record)
            }
            let report = DriftComparison.report(books, try scene.shadow(books))
            #expect(report.isSame && report.to == end, "\(rows) rows: \(report.differences)")
            #expect(report.profitDifference.magnitude < 1e-5, "\(rows) rows: \(report.sums)")
            let later = books.trades.values.count { $0.openTime >= end }
            #expect(report.notices.contains { $0.hasPrefix("\(later) of the job's trades began after") } == (later > 0))
            open += try scene.shadow(books).trades.count { $0.isOpen }
            report.check(UInt64(rows))
        }
        #expect(open > 0)
        print("\(name): \(open) open trades valued")
    }

    @Test func `a spread shows as slippage of every fill, and nothing else`() throws {
        var scene = try Scene(seed: 3, strategy: "RsiReversion")
        Self.signalsOnly(&scene)
        let books = try run(scene, spread: 0.002)
        let report = DriftComparison.report(books, try scene.shadow(books))
        #expect(Set(report.causes) == [.entryPrice, .exitPrice])
        #expect(report.causes.count { $0 == .entryPrice } == report.trades.matched)
        #expect(report.sums.allSatisfy { $0.cause == .rounding || $0.profit < 0 } && report.profitDifference < 0)
        report.check(3)
    }

    @Test func `entries that the gate kept out are only in the backtest, and the gate is the reason`() throws {
        var scene = try Scene(seed: 11, strategy: "RsiReversion")
        Self.signalsOnly(&scene)
        let books = try run(scene, closed: 300..<600)
        let report = DriftComparison.report(books, try scene.shadow(books))
        let missing = report.differences.filter { $0.cause == .onlyInBacktest }
        #expect(missing.contains { $0.reason.hasPrefix("the job: gate_closed") }, "\(report.differences)")
        report.check(11)
    }

    @Test func `a fee that differs is named`() throws {
        var scene = try Scene(seed: 3, strategy: "RsiReversion")
        Self.signalsOnly(&scene)
        let books = try run(scene)
        scene.settings.fee = 0.002
        let report = DriftComparison.report(books, try scene.shadow(books))
        #expect(Set(report.causes) == [.fees] && report.differences.count == report.trades.matched)
        #expect(report.differences.first?.job == "0.001 and 0.001" && report.differences.first?.backtest == "0.002 and 0.002")
        #expect((report.sums.first { $0.cause == .fees }?.profit ?? 0) > 0)
        report.check(3)
    }

    // MARK: - Records that are not whole

    @Test func `without candles, or without what the job began with, there is an error that says so`() throws {
        let scene = try Scene(seed: 1)
        #expect(throws: DriftError.noCandles) { try scene.shadow(TradingBooks(keepsCandles: true)) }
        let beginning = try scene.books(scene.marketNotes(last: Scene.historyRows))
        #expect(throws: DriftError.noCandles) { try scene.shadow(beginning) }
        let old = try scene.books(
            scene.marketNotes(last: 200).filter {
                if case .candle = $0 { true } else { false }
            })
        #expect(throws: DriftError.noBeginning(scene.pairs[0])) { try scene.shadow(old) }
    }

    @Test func `missing candles, pairs without any and a short history are told`() throws {
        let scene = try Scene(seed: 1)
        let gaps = try scene.shadow(try scene.books(scene.marketNotes(last: 400, leavingOut: [200, 201, 300])))
        #expect(gaps.notices.count == scene.pairs.count && gaps.notices.allSatisfy { $0.hasPrefix("3 candles of ") })
        let notes = scene.marketNotes(last: 300)
        let lonely = try scene.shadow(
            try scene.books(
                notes.filter { if case .candle(let pair, _) = $0 { pair == scene.pairs[0] } else { true } }))
        #expect(lonely.notices.count == scene.pairs.count - 1 && lonely.spans.count == 1)
        let short = try scene.shadow(
            try scene.books(notes.filter { if case .history = $0 { false } else { true } }))
        #expect(short.notices.count == scene.pairs.count && short.notices[0].hasPrefix("only 0 candles of BTC/USDT"))
        #expect(short.candleCount == 200 * scene.pairs.count)
    }

    @Test func `candles that are recorded twice or out of order count once`() throws {
        let scene = try Scene(seed: 5)
        let notes = scene.marketNotes(last: 500)
        let plain = try scene.shadow(try scene.books(notes))
        let odd = try scene.shadow(try scene.books(notes + notes.suffix(40).reversed()))
        #expect(odd.trades == plain.trades && odd.notices.isEmpty && odd.candleCount == plain.candleCount)
    }
}
