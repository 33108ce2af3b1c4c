import ArgumentParser
import Configuration
import Coordination
import Fleet
import FleetProtocol
import Market
import Money
import Orders
import Strategies
import Testing
import TradingJournal
import TradingLoop

@testable import PragmaCLI

@Suite struct DryRunCommandTests {
    private typealias Fixture = TradingFixture

    // MARK: - The command line

    @Test func `several files are merged into one job, and options win over them`() throws {
        let command = try #require(
            try Pragma.parseAsRoot([
                "dry-run", "-c", "a.json", "--config", "b.json", "--strategy", "S", "--set", "fast=5", "--pairs",
                "BTC/USDT,ETH/USDT",
                "--name", "n", "--priority=-5", "--detach", "--json",
            ]) as? DryRunCommand)
        let options = command.options
        #expect(options.config == ["a.json", "b.json"] && options.strategy == "S" && options.parameters == ["fast=5"])
        #expect(options.name == "n" && command.priority == -5 && options.detach && command.output.json)
    }

    @Test(arguments: [
        ["dry-run"], ["dry-run", "-c", "a", "--name", ""], ["dry-run", "-c", "a", "--name", " "],
        ["dry-run", "-c", "a", "--priority", "101"], ["dry-run", "-c", "a", "--timerange", "20240101-"],
        ["positions", "--job", "0"], ["orders", "--limit", "0"], ["trades", "--limit", "100001"], ["pnl", "more"],
        ["up", "--workers", "0"], ["up", "--workers", "-1"], ["up", "--dry-run-workers", "1025"],
        ["up", "--workers", "1025", "--dry-run-workers", "1"], ["worker", "--class", "dryrun"], ["up", "--live-workers", "65"],
    ])
    func `what makes no sense is a usage error`(arguments: [String]) {
        do {
            _ = try Pragma.parseAsRoot(arguments)
            Issue.record("\(arguments) was accepted")
        } catch {
            #expect(Pragma.exitCode(for: error) == .validationFailure)
        }
    }

    @Test func `a fleet may be of dry-run workers alone, and each is named after the key of its class`() throws {
        let command = try #require(
            try Pragma.parseAsRoot(["up", "--workers", "0", "--dry-run-workers", "2"]) as? UpCommand)
        #expect(command.workers == 0 && command.dryRunWorkers == 2)
        let plans = UpCommand.plans(backtest: 0, dryRun: 2, home: "/h")
        #expect(plans.map(\.name) == ["coordinator", "monitor", "dry-worker-1", "dry-worker-2"])
        #expect(plans.map(\.role) == [.coordinator, .monitor, .dryRun, .dryRun])
        #expect(
            plans.last?.arguments == ["worker", "--name", "dry-worker-2", "--class", "dry-run", "--home", "/h"])
        for plan in plans { _ = try Pragma.parseAsRoot(plan.arguments) }
        #expect(
            UpCommand.plans(backtest: 2, dryRun: 0, home: "/h").map(\.name) == ["coordinator", "monitor", "worker-1", "worker-2"])
        let live = UpCommand.plans(backtest: 0, dryRun: 0, live: 1, home: "/h")
        #expect(live.last?.name == "live-worker-1" && live.last?.role == .live)
        #expect(live.last?.arguments == ["worker", "--name", "live-worker-1", "--class", "live", "--home", "/h"])
        for plan in live { _ = try Pragma.parseAsRoot(plan.arguments) }
    }

    // MARK: - Why a job waits

    private func status(_ workers: [StatusAnswer.WorkerLine], hold: String = "") -> StatusAnswer {
        StatusAnswer(
            fleet: "f", version: "1", processID: 1, incarnation: 1, uptimeMilliseconds: 1, residentBytes: 1, cpuNanoseconds: 1,
            holdReason: hold, isDraining: false, jobCounts: [:], unitsOut: 0, workers: workers)
    }

    private func worker(
        _ workerClass: WorkerClass, held: Int = 0, isConnected: Bool = true, isHalted: Bool = false, matches: Bool = true
    ) -> StatusAnswer.WorkerLine {
        StatusAnswer.WorkerLine(
            id: WorkerID("w"), session: SessionID(1), workerClass: workerClass, capacity: 1, unitsHeld: held,
            isConnected: isConnected, isHalted: isHalted, isDraining: false, isSilent: false, executableMatches: matches,
            sinceLastHeardMilliseconds: 1, health: WorkerHealth())
    }

    @Test func `a job that cannot start says why, and what to start`() {
        #expect(DryRunWaiting.reason(status([worker(.dryRun)])) == nil)
        #expect(DryRunWaiting.reason(status([worker(.dryRun, held: 1), worker(.dryRun)])) == nil)
        for workers in [[], [worker(.backtest), worker(.live)], [worker(.dryRun, isConnected: false)]] {
            let text = DryRunWaiting.reason(status(workers)) ?? ""
            #expect(text.contains("no dry-run worker") && text.contains("pragma up --dry-run-workers 1"), "\(text)")
            #expect(text.contains("pragma worker --class dry-run --name dry-worker-1"))
        }
        let busy = DryRunWaiting.reason(status([worker(.dryRun, held: 1), worker(.dryRun, held: 1)])) ?? ""
        #expect(busy.contains("all 2 dry-run workers have a job each"), "\(busy)")
        #expect(DryRunWaiting.reason(status([worker(.dryRun, held: 1)]))?.contains("the one dry-run worker has a job") == true)
        #expect(DryRunWaiting.reason(status([worker(.dryRun)], hold: "HALT"))?.hasSuffix("HALT") == true)
        #expect(DryRunWaiting.reason(status([worker(.dryRun, isHalted: true)]))?.contains("are stopped") == true)
        #expect(DryRunWaiting.reason(status([worker(.dryRun, matches: false)]))?.contains("another build") == true)
    }

    @Test func `who stops following is told how to look and how to end the job`() {
        let text = SubmittedTradingJob.advice(JobID(12))
        for command in ["positions --job 12", "trades --job 12", "jobs show 12", "jobs cancel 12"] {
            #expect(text.contains("'pragma \(command)'"))
        }
    }

    // MARK: - What is told of a running job

    @Test func `a trade is told once when it opens and once when it closes`() {
        var narrator = DryRunNarrator(job: 5, stakeCurrency: "USDT")
        let reports = [
            Fixture.trade(3, .opening, cash: "0", held: "0"), Fixture.trade(3), Fixture.trade(3), Fixture.trade(3, .closing),
            Fixture.trade(3, .closed, cash: "9.5", held: "0", closed: 60),
            Fixture.trade(3, .closed, cash: "9.5", held: "0", closed: 60),
            Fixture.trade(4, .dropped, cash: "0", held: "0"),
        ]
        let events = reports.compactMap { narrator.take(Fixture.record($0)) }
        #expect(events.map(\.event) == ["opened", "closed", "dropped"])
        #expect(events.map(\.trade) == [3, 3, 4] && events.allSatisfy { $0.job == 5 })
        #expect(events[0].line == "2026-01-01 00:03:00  BTC/USDT  trade 3 opened: 2 BTC at 50.0000 (cross)")
        #expect(events[1].line == "2026-01-01 01:00:00  BTC/USDT  trade 3 closed at 60.0000 (roi): 9.5 USDT, 10.00 %")
        #expect(events[1].profit == "9.5" && events[0].profit == nil)
    }

    @Test func `a trade that opened and closed between two looks is told as closed`() {
        var narrator = DryRunNarrator(job: 5, stakeCurrency: "USDT")
        let event = narrator.take(Fixture.record(Fixture.trade(1, .closed, cash: "1", held: "0", closed: 2)))
        #expect(event?.event == "closed")
        #expect(narrator.take(Fixture.record(Fixture.trade(1))) == nil)
    }

    @Test func `decisions are told where something went wrong, and records that cannot be read with their number`() {
        var narrator = DryRunNarrator(job: 5, stakeCurrency: "USDT")
        #expect(narrator.take(Fixture.candle(close: 1)) == nil)
        #expect(narrator.take(Fixture.decision(.noFreeSlot, "3 of 3")) == nil)
        let event = narrator.take(Fixture.decision(.stakeTooSmall, "5 USDT, 10 are needed"))
        #expect(event?.event == "decision" && event?.kind == "stake_too_small" && event?.text == "5 USDT, 10 are needed")
        #expect(event?.pair == "BTC/USDT" && event?.trade == 3)
        for record in Fixture.orders { #expect(narrator.take(record) == nil) }
        let problem = narrator.take([1, 2, 3])
        #expect(problem?.event == "problem" && problem?.text.hasPrefix("record 9: ") == true, "\(String(describing: problem))")
        #expect(narrator.take(Fixture.record(Fixture.trade(1)))?.event == "opened")
    }

    @Test func `what a full house or an order on its way decides is told to nobody`() {
        let silent = Decision.Kind.allCases.filter { !DryRunNarrator.isTold($0) }
        #expect(
            Set(silent) == [.noFreeSlot, .pairLocked, .expiredSignal, .entryPlaced, .exitPlaced, .stopPlaced, .lateUpdate])
    }
}

/// A first order that is filled to its end, and a second one that is not.
enum JournalEnd {
    static let records: [[UInt8]] =
        TradingFixture.orders + [
            JournalRecord.outcome(OrderOutcome(ticket: OrderTicket(1), event: .canceled, time: TradingFixture.time(6))).encoded
        ]
}
