import Fleet
import Halt
import Testing

@testable import PragmaCLI

/// What `pragma stop` ends with.
@Suite struct StopExitTests {
    private func answer(complete: Bool?, _ failure: FleetError? = nil) -> MonitorAnswer {
        var result = MonitorAnswer(monitor: "m")
        result.failure = failure
        result.progress = complete.map {
            HaltProgress(
                request: HaltRequestID(high: 1, low: 1), kind: .stop, monitor: MonitorID("m"),
                epoch: HaltEpoch(incarnation: 1, counter: 1), durable: true, latchFailure: "", complete: $0,
                formerLeasesMilliseconds: 0, members: [])
        }
        return result
    }

    @Test func `it is 0 only where every monitor has proved the stop`() {
        #expect(HaltReport.exitCode(of: [answer(complete: true), answer(complete: true)]) == nil)
        #expect(HaltReport.exitCode(of: [answer(complete: true), answer(complete: false)]) == .negative)
        #expect(HaltReport.exitCode(of: [answer(complete: true), answer(complete: nil)]) == .negative)
        let refused = answer(complete: true, FleetError(.refused, "no right"))
        #expect(HaltReport.exitCode(of: [refused, answer(complete: true)]) == .refused)
        let unreachable = answer(complete: nil, FleetError(.input, "no key"))
        #expect(HaltReport.exitCode(of: [unreachable, answer(complete: true)]) == .negative)
    }
}
