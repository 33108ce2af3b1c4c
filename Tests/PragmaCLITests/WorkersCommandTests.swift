import ArgumentParser
import Coordination
import Fleet
import FleetProtocol
import Testing

@testable import PragmaCLI

@Suite struct WorkersCommandTests {
    private func worker(silence: Int64) -> StatusAnswer.WorkerLine {
        StatusAnswer.WorkerLine(
            id: WorkerID("worker-7"), session: SessionID(1), workerClass: .backtest, capacity: 2, unitsHeld: 2, isConnected: true,
            isHalted: false, isDraining: false, isSilent: false, executableMatches: true, sinceLastHeardMilliseconds: silence,
            health: WorkerHealth())
    }

    @Test func `who declares a worker dead that was just heard is told that it lives`() {
        let text = DeathWarning(worker: worker(silence: 300), process: 4711).text
        #expect(text.contains("worker-7 holds 2 units"))
        #expect(text.contains("heard 300 ms ago: most likely it LIVES"))
        #expect(text.contains("(4711 on its machine)") && text.contains("never taken back"))
    }

    @Test func `a long silence is said, and that nobody knows the process`() {
        let text = DeathWarning(worker: worker(silence: 65_000), process: nil).text
        #expect(text.contains("last heard 65.0 s ago") && !text.contains("LIVES"))
        #expect(text.contains("If its process lives"))
    }

    @Test func `an unknown worker is named together with those that there are`() {
        #expect(WorkersCommand.unknown("w", ["b", "a"]).message == "there is no worker w; known are a, b")
        #expect(WorkersCommand.unknown("w", []).message == "there is no worker w; none is known to the coordinator")
    }

    @Test(arguments: [
        ["workers", "drain"], ["workers", "declare-dead", "w"], ["workers", "declare-dead", "w", "--reason", " "],
        ["workers", "declare-dead", "--reason", "x"],
    ])
    func `a name is needed, and a reason to declare somebody dead`(arguments: [String]) {
        #expect(throws: (any Error).self) { try Pragma.parseAsRoot(arguments) }
    }
}
