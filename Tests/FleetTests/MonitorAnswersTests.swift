import Halt
import Testing

@testable import Fleet

/// The answers of several monitors to one stop.
@Suite struct MonitorAnswersTests {
    private func progress(complete: Bool) -> OperatorReply {
        .progress(
            HaltProgress(
                request: HaltRequestID(high: 1, low: 1), kind: .stop, monitor: MonitorID("a"),
                epoch: HaltEpoch(incarnation: 1, counter: 1), durable: true, latchFailure: "", complete: complete,
                formerLeasesMilliseconds: 0, members: []))
    }

    private var refusal: OperatorReply {
        .refused(
            HaltRefusal(
                request: HaltRequestID(high: 1, low: 1), code: .malformed, monitor: MonitorID("a"),
                current: HaltEpoch(incarnation: 1, counter: 1), message: "no right"))
    }

    @Test func `a refusal of one monitor leaves the others to be asked`() {
        var answers = MonitorAnswers(["a", "b", "c"], unreachable: ["c": FleetError(.input, "no key")])
        #expect(answers.isOpen("a") && answers.isOpen("b") && !answers.isOpen("c"))
        answers.take(refusal, of: "a", isEnough: false)
        #expect(!answers.isSettled && answers.isOpen("b"))
        answers.take(progress(complete: false), of: "b", isEnough: false)
        #expect(!answers.isSettled)
        answers.take(progress(complete: true), of: "b", isEnough: true)
        #expect(answers.isSettled)
        #expect(answers.list.map(\.monitor) == ["a", "b", "c"])
        #expect(answers.list.map { $0.failure?.message } == ["no right", nil, "no key"])
        #expect(answers.list[1].progress?.complete == true)
    }

    @Test func `a closed door counts until the monitor answers after all`() {
        var answers = MonitorAnswers(["a"])
        answers.refuse("a", FleetError(.refused, "key"))
        #expect(answers.isSettled)
        answers.take(progress(complete: false), of: "a", isEnough: false)
        #expect(!answers.isSettled && answers.list[0].failure == nil)
    }

    @Test func `a stop that was complete and is refused later is not`() {
        var answers = MonitorAnswers(["a", "b"])
        answers.take(progress(complete: true), of: "a", isEnough: true)
        answers.take(refusal, of: "a", isEnough: false)
        #expect(answers.list[0].failure != nil)
    }
}
