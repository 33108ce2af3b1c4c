import ArgumentParser
import Coordination
import Fleet
import FleetProtocol
import Foundation
import Testing

@testable import PragmaCLI

@Suite("Report of a probe")
struct ProbeReportTests {
    private func result(_ unit: UInt64, _ token: UInt64, _ worker: String, _ start: Int64, _ end: Int64) -> ProbeResult {
        ProbeResult(
            unit: unit, attempt: 1, token: "1.\(token)", worker: worker, processID: worker == "a" ? 10 : 11,
            startedAtMilliseconds: start, endedAtMilliseconds: end)
    }

    private func attempt(
        _ unit: UInt64, _ token: UInt64, _ worker: String, _ dispatched: Int64, _ ended: Int64?, _ ending: String = "succeeded"
    ) -> JobAnswer.AttemptLine {
        JobAnswer.AttemptLine(
            unit: unit, token: FencingToken(incarnation: 1, counter: token), attempt: 1, worker: WorkerID(worker),
            dispatchedAtMilliseconds: dispatched, endedAtMilliseconds: ended, ending: ending, message: "")
    }

    private func answer(_ attempts: [JobAnswer.AttemptLine], late: UInt64 = 0) -> JobAnswer {
        let address = JobAddress(Digest256(words: (1, 2, 3, 4)))
        let line = JobLine(
            id: JobID(7), address: address, kind: .backtest, group: "probe", priority: 0, state: .succeeded, combinationCount: 3,
            unitCount: 3, completedUnits: 3, failedUnits: 0, unitsOut: 0, submittedAtMilliseconds: 1000,
            changedAtMilliseconds: 2000)
        return JobAnswer(line: line, log: [], attempts: attempts, payload: [], lateReports: late)
    }

    private func line(_ event: ProbeLine.Event, _ unit: UInt64, _ token: UInt64, _ worker: String) -> ProbeLine {
        ProbeLine(
            event, unit: unit, attempt: 1, token: "1.\(token)", worker: worker, processID: worker == "a" ? 10 : 11,
            milliseconds: 1)
    }

    @Test func `the round trip leaves out what a task waited for the one before it`() throws {
        // The second task of worker a waited there for the first one; 2 ms after its end it began, 3 ms later its end was recorded.
        let report = ProbeReport(
            tasks: 3, results: [result(0, 1, "a", 1010, 1510), result(1, 2, "a", 1512, 2012), result(2, 3, "b", 1020, 1520)],
            answer: answer([attempt(0, 1, "a", 1005, 1511), attempt(1, 2, "a", 1005, 2015), attempt(2, 3, "b", 1005, 1523)]),
            lines: nil)
        #expect(report.lost.isEmpty && report.timed == 3)
        let roundTrip = try #require(report.roundTrip)
        #expect(roundTrip.minimum == 5 && roundTrip.median == 6 && roundTrip.maximum == 18)
        #expect(report.queueing?.minimum == 10 && report.queueing?.maximum == 512)
        #expect(report.workers.map(\.name) == ["a", "b"] && report.workers.map(\.tasks) == [2, 1])
        #expect(report.repetitions == nil)
        #expect(report.text.contains("not known here"))
    }

    @Test func `lost tasks and tasks that were started again are named`() throws {
        let lines = [
            line(.start, 0, 1, "a"), line(.start, 1, 2, "b"), line(.end, 1, 2, "b"), line(.start, 0, 3, "b"),
            line(.end, 0, 3, "b"),
            line(.start, 2, 4, "b"), line(.stop, 2, 4, "b"),
        ]
        let report = ProbeReport(
            tasks: 3, results: [result(0, 3, "b", 1010, 1510), result(1, 2, "b", 1010, 1510)],
            answer: answer(
                [attempt(0, 1, "a", 1005, 1100, "requeued"), attempt(1, 2, "b", 1005, 1511), attempt(0, 3, "b", 1101, 1511)],
                late: 1), lines: lines)
        #expect(report.lost == [2])
        let repetition = try #require(report.repetitions?.first)
        #expect(report.repetitions?.count == 1 && repetition.unit == 0)
        #expect(repetition.runs.map(\.isRecorded) == [false, true])
        #expect(repetition.runs.map(\.end?.event) == [nil, .end])
        #expect(report.text.contains("lost: 2") && report.text.contains("a 1.1 cut off; b 1.3 recorded"))
        #expect(report.text.contains("1 late results were refused"))
        let json = ProbeJSON(report, job: 7, state: "failed", seconds: 1, lines: "/x")
        let text = String(decoding: try JSONEncoder().encode(json), as: UTF8.self)
        for key in ["\"lost\":[2]", "\"recorded\":2", "\"ending\":\"none\"", "\"late_reports\":1", "\"repeated\":[{"] {
            #expect(text.contains(key), "\(key) is not in \(text)")
        }
    }

    @Test func `figures are those of the sorted values`() throws {
        let figures = try #require(ProbeReport.Figures(Array((1...200).reversed())))
        #expect(figures.minimum == 1 && figures.median == 100 && figures.percentile99 == 198 && figures.maximum == 200)
        let one = try #require(ProbeReport.Figures([7]))
        #expect(one.minimum == 7 && one.median == 7 && one.percentile99 == 7 && one.maximum == 7)
        #expect(ProbeReport.Figures([]) == nil)
    }

    @Test func `durations and numbers out of range are usage errors`() throws {
        let command = try #require(try Pragma.parseAsRoot(["probe", "--tasks", "3", "--duration", "2s"]) as? ProbeCommand)
        #expect(command.tasks == 3 && command.duration.duration == .seconds(2))
        let wrong = [["--tasks", "0"], ["--tasks", "10001"], ["--duration", "11m"], ["--duration", "5"], ["--timeout", "0"]]
        for arguments in wrong {
            #expect(throws: (any Error).self) { try Pragma.parseAsRoot(["probe"] + arguments) }
        }
        #expect(ProbeCommand.helpMessage(columns: 100).contains("Example: pragma probe"))
    }
}
