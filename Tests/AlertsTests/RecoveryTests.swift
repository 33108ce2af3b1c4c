import Testing

@testable import Alerts

@Suite struct RecoveryTests {
    private let table = RecoveryTable()

    @Test func `the table does what the seed promised`() {
        #expect(table.step(.configuration, earlier: 0).action == .reloadAndRebuild(after: 1000))
        #expect(table.step(.configuration, earlier: 2).action == .reloadAndRebuild(after: 4000))
        #expect(table.step(.configuration, earlier: 3).action == .stop)
        #expect(table.step(.safety, earlier: 0).action == .stop && table.step(.safety, earlier: 0).severity == .critical)
        #expect(table.step(.execution, earlier: 0).action == .restart(after: 1000))
        #expect(table.step(.execution, earlier: 100).action == .stop)
        #expect(
            table.step(.unknown, earlier: 0).action == .emergencyStop && table.step(.unknown, earlier: 0).severity == .critical)
    }

    @Test(arguments: FailureClass.allCases) func `every failure is told, says what is done, and comes to an end`(
        _ failure: FailureClass
    ) {
        for earlier in [0, 1, 2, 3, 50, 99, 100, 1000, .max] {
            let step = table.step(failure, earlier: earlier)
            #expect(step.severity >= .warning && !step.text.isEmpty)
        }
        switch table.step(failure, earlier: .max).action {
        case .stop, .emergencyStop: break
        case .restart, .reloadAndRebuild: Issue.record("\(failure) is tried for ever")
        }
    }

    @Test func `pauses grow, never shrink and never overflow`() {
        var last: Int64 = 0
        for earlier in 0..<200 {
            let pause = table.pause(earlier)
            #expect(pause >= last && pause <= table.longestPause)
            last = pause
        }
        #expect(last == table.longestPause)
        var odd = RecoveryTable()
        odd.firstPause = .max
        #expect(odd.pause(63) == odd.longestPause)
        odd.firstPause = -5
        #expect(odd.pause(3) == 0)
    }
}
