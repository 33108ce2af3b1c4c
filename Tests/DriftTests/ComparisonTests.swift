import Backtesting
import Market
import Testing
import TradingJournal
import TradingLoop

@testable import Drift

/// Differences that are planted into a backtest's own trades.
@Suite struct ComparisonTests {
    private let scene: Scene
    private let books: TradingBooks
    private let shadow: ShadowBacktest

    init() throws {
        scene = try Scene(seed: 7)
        books = try scene.books(scene.marketNotes(last: scene.rows))
        shadow = try scene.shadow(books)
        #expect(shadow.trades.count > 15 && shadow.notices.isEmpty)
    }

    private func report(_ job: [DriftTrade]) -> DriftReport {
        DriftComparison.report(of: job, shadow, DriftReasons(books, shadow))
    }

    @Test func `the same trades have no drift`() {
        let report = report(shadow.trades)
        #expect(report.isSame && report.sums.isEmpty && report.profitDifference == 0)
        #expect(
            report.trades
                == .init(
                    job: shadow.trades.count, backtest: shadow.trades.count, matched: shadow.trades.count,
                    same: shadow.trades.count))
    }

    private enum Plant: CaseIterable {
        case missing, added, laterEntry, laterExit, otherReason, entryPrice, exitPrice, stake, fee

        var causes: Set<DriftCause> {
            switch self {
            case .missing: [.onlyInBacktest]
            case .added: [.onlyInJob]
            case .laterEntry: [.entryCandle]
            case .laterExit: [.exitCandle]
            case .otherReason: [.exitReason]
            case .entryPrice: [.entryPrice]
            case .exitPrice: [.exitPrice]
            case .stake: [.stake]
            case .fee: [.fees]
            }
        }

        func apply(_ trade: inout DriftTrade) {
            let terms = DriftTerms(trade)
            switch self {
            case .missing, .added: return
            case .laterEntry:
                trade.openTime = trade.openTime.advanced(byMilliseconds: 300_000)
                trade.openRate *= 1.003
            case .laterExit:
                trade.closeTime = trade.closeTime?.advanced(byMilliseconds: 300_000)
                trade.closeRate *= 0.997
            case .otherReason: trade.exitReason = "force_exit"
            case .entryPrice: trade.openRate *= 1.0004
            case .exitPrice: trade.closeRate *= 0.9996
            case .stake: trade.amount *= 0.5
            case .fee: trade.entryFee *= 3
            }
            if self != .fee {
                if self == .laterEntry || self == .entryPrice { trade.amount *= terms.openRate / trade.openRate }
                trade.entryFee = trade.amount * trade.openRate * terms.entryFee
                trade.exitFee = trade.amount * trade.closeRate * terms.exitFee
            }
            trade.profit = trade.amount * (trade.closeRate - trade.openRate) - trade.entryFee - trade.exitFee
        }
    }

    @Test(arguments: 0..<60 as Range<UInt64>) func `each planted difference is found and named, and nothing else`(_ seed: UInt64)
    {
        var generator = Generator(state: seed)
        var job = shadow.trades
        var expected: [DriftCause: Int] = [:]
        // Trades with an exit, long enough that a candle more or less keeps their order.
        var places = job.indices.filter { index in
            job[index].closeTime.map { $0.milliseconds - job[index].openTime.milliseconds >= 1_200_000 } ?? false
        }
        var removed: Set<Int> = []
        for _ in 0..<(1 + generator.below(5)) where !places.isEmpty {
            let index = places.remove(at: generator.below(places.count))
            let plant = Plant.allCases[generator.below(Plant.allCases.count)]
            switch plant {
            case .missing: removed.insert(index)
            case .added:
                // Before everything, where no other trade is.
                var trade = job[index]
                trade.openTime = Timestamp(milliseconds: 0).advanced(byMilliseconds: Int64(index) * 3_600_000)
                trade.closeTime = trade.openTime.advanced(byMilliseconds: 600_000)
                trade.number = UInt64(1000 + index)
                job.append(trade)
            default: plant.apply(&job[index])
            }
            for cause in plant.causes { expected[cause, default: 0] += 1 }
        }
        job = job.enumerated().filter { !removed.contains($0.offset) }.map(\.element)
        let report = report(job)
        var found: [DriftCause: Int] = [:]
        for cause in report.causes { found[cause, default: 0] += 1 }
        #expect(found == expected, "seed \(seed)")
        report.check(seed)
        #expect(report.differences.allSatisfy { $0.reason.isEmpty == ($0.reason == "") && !$0.pair.description.isEmpty })
        #expect(
            report.trades.matched - report.trades.same
                == Set(report.differences.filter { $0.jobTrade != nil && $0.backtestTrade != nil }.map(\.jobTrade)).count)
    }

    @Test func `the profit of each difference is what it cost`() throws {
        var job = shadow.trades
        let index = try #require(job.indices.first { !job[$0].isOpen })
        let terms = DriftTerms(job[index])
        job[index].openRate *= 1.01
        job[index].amount /= 1.01
        job[index].exitFee /= 1.01
        job[index].profit = DriftTerms(job[index]).profit
        let report = report(job)
        #expect(report.causes == [.entryPrice])
        let lost = DriftTerms(job[index]).profit - terms.profit
        #expect(
            lost < 0 && (report.differences[0].profit + (report.sums.first { $0.cause == .entryPrice }?.profit ?? 0)).isFinite)
        #expect(((report.sums.first { $0.cause == .entryPrice }?.profit ?? 0) - lost).magnitude < 1e-9)
        #expect(report.differences[0].reason == "+100 basis points against the backtest's price")
    }

    @Test func `trades that share no candle belong together where they were held at the same time`() {
        let pair = scene.pairs[0]
        func trade(_ number: UInt64, _ from: Int64, _ to: Int64?) -> DriftTrade {
            DriftTrade(
                number: number, pair: pair, enterTag: "", openTime: Timestamp(milliseconds: from * 300_000),
                closeTime: to.map { Timestamp(milliseconds: $0 * 300_000) }, openRate: 1, closeRate: 1, amount: 1, entryFee: 0,
                exitFee: 0, exitReason: "", profit: 0)
        }
        let matches = DriftMatches(
            job: [trade(1, 0, 5), trade(2, 10, 20), trade(3, 30, 40), trade(4, 50, nil)],
            backtest: [trade(1, 0, 3), trade(2, 4, 6), trade(3, 12, 25), trade(4, 41, 49), trade(5, 52, nil)],
            timeframe: .fiveMinutes)
        #expect(matches.both.map { [$0.0.number, $0.1.number] } == [[1, 1], [2, 3], [4, 5]])
        #expect(matches.onlyInJob.map(\.number) == [3] && matches.onlyInBacktest.map(\.number) == [2, 4])
    }

    @Test func `numbers are short and times are told`() {
        #expect(DriftText.number(0.1 + 0.2) == "0.3" && DriftText.number(45_000) == "45000" && DriftText.number(.nan) == "-")
        #expect(DriftText.number(0.00001234) == "1.234e-05" && DriftText.number(0) == "0")
        #expect(DriftText.time(nil) == "open")
    }
}
