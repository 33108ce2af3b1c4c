import Coordination
import Fleet
import FleetProtocol
import Market
import Money
import Orders
import Testing
import TradingJournal
import TradingLoop

@testable import PragmaCLI

/// Walking through the records of a fleet's jobs.
@Suite struct FleetBooksTests {
    private typealias Fixture = TradingFixture

    private func visit(
        _ fixture: TradingFixture, _ scope: FleetBooks.Scope = FleetBooks.Scope()
    ) throws -> (jobs: [Int64], records: [UInt64], problems: [JobProblem]) {
        var jobs: [Int64] = []
        var records: [UInt64] = []
        let problems = try fixture.books(scope).each { job, books in
            jobs.append(job.id.rawValue)
            records.append(books.recordCount)
        }
        return (jobs, records, problems)
    }

    @Test(arguments: [1, 2, 3, 100]) func `every record of every job is read, however large an answer is`(pageSize: Int) throws {
        let five = (1...5).map { Fixture.record(Fixture.trade($0)) }
        let fixture = TradingFixture(
            stored: [
                .init(job: Fixture.job(1), records: five), .init(job: Fixture.job(2)),
                .init(job: Fixture.job(3), records: Fixture.orders),
            ], pageSize: pageSize)
        let (jobs, records, problems) = try visit(fixture)
        #expect(jobs == [3, 2, 1] && records == [5, 0, 5] && problems.isEmpty)
    }

    @Test func `more jobs than one answer holds are all read`() throws {
        let fixture = TradingFixture(stored: (1...2003).map { .init(job: Fixture.job(Int64($0))) })
        #expect(try visit(fixture).jobs == Array((1...2003).reversed()))
    }

    @Test func `jobs are chosen by number, exchange and strategy`() throws {
        let fixture = TradingFixture(stored: [
            .init(job: Fixture.job(1)), .init(job: Fixture.job(2, exchange: "paper-kraken")),
            .init(job: Fixture.job(3, strategy: "RsiReversion")), .init(job: Fixture.job(4, kind: .live)),
        ])
        #expect(try visit(fixture, .init(exchange: "paper-kraken")).jobs == [2])
        #expect(try visit(fixture, .init(strategy: "EmaCross")).jobs == [4, 2, 1])
        #expect(try visit(fixture, .init(exchange: "paper-binance", strategy: "RsiReversion")).jobs == [3])
        #expect(try visit(fixture, .init(job: JobID(2))).jobs == [2])
        #expect(try visit(fixture, .init(job: JobID(2), strategy: "RsiReversion")).jobs.isEmpty)
        #expect(throws: FleetError.self) { try visit(fixture, .init(job: JobID(9))) }
    }

    @Test func `a damaged record is told with its job and number, and hides no other job`() throws {
        var damaged = Fixture.record(Fixture.trade(2))
        damaged[9] ^= 1
        let fixture = TradingFixture(stored: [
            .init(job: Fixture.job(1), records: [Fixture.record(Fixture.trade(1))]),
            .init(job: Fixture.job(2), records: [Fixture.record(Fixture.trade(1)), damaged, Fixture.record(Fixture.trade(3))]),
            .init(job: Fixture.job(3), payload: [1, 2, 3]),
            .init(job: Fixture.job(4), records: [Fixture.record(Fixture.trade(1))]),
        ])
        let (jobs, _, problems) = try visit(fixture)
        #expect(jobs == [4, 1])
        #expect(problems.map(\.job) == [3, 2])
        #expect(problems.first?.problem.hasPrefix("what was submitted cannot be read: ") == true, "\(problems)")
        #expect(problems.last?.problem.hasPrefix("record 2: ") == true, "\(problems)")
        #expect(problems.allSatisfy { $0.problem.hasSuffix("; it is left out") })
    }

    @Test func `a job that calls itself dry-run here and live there is shown as neither`() throws {
        let dry = Fixture.job(1)
        let fixture = TradingFixture(stored: [
            .init(job: dry, payload: Fixture.payload(dry, kind: "live")),
            .init(job: Fixture.job(2), payload: Fixture.payload(dry, mode: "live")),
            .init(job: Fixture.job(3), lineKind: .live), .init(job: Fixture.job(4)),
        ])
        let (jobs, _, problems) = try visit(fixture)
        #expect(jobs == [4] && problems.map(\.job) == [3, 2, 1])
        #expect(
            problems.last?.problem
                == "it is queued as dry-run, was submitted as 'live', and its mode is 'dry-run'; it is left out")
    }

    @Test func `a backtest that is asked for by its number is told to have no orders`() throws {
        let fixture = TradingFixture(stored: [.init(job: Fixture.job(1), lineKind: .backtest)])
        #expect(try visit(fixture).jobs.isEmpty)
        #expect(
            try visit(fixture, .init(job: JobID(1))).problems
                == [JobProblem(job: 1, problem: "it is a backtest and has no orders; it is left out")])
    }

    @Test func `of many values the newest are kept, oldest first`() {
        var newest = Newest<Int>(3, isOlder: <)
        #expect(newest.values.isEmpty)
        for value in [5, 1, 9, 2, 8, 3, 7, 4, 6] { newest.add(value) }
        #expect(newest.values == [7, 8, 9] && newest.total == 9)
    }
}
