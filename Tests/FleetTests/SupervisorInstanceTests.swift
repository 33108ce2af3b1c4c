import Testing

@testable import Fleet

@Suite struct SupervisorInstanceTests {
    typealias Directive = SupervisorInstance.Directive

    /// A supervisor of three children that are all started and ready.
    private func running() -> SupervisorInstance {
        var supervisor = SupervisorInstance(children: ["coordinator", "monitor", "worker-1"])
        _ = supervisor.start(now: 0)
        for (pid, name) in [(1, "coordinator"), (2, "monitor"), (3, "worker-1")] {
            _ = supervisor.started(name, pid: Int32(pid), now: 0)
        }
        for name in ["coordinator", "monitor", "worker-1"] { _ = supervisor.ready(name) }
        return supervisor
    }

    @Test func `readiness is announced once, when every child is ready`() {
        var supervisor = SupervisorInstance(children: ["coordinator", "worker-1"])
        #expect(supervisor.start(now: 0) == [.spawn("coordinator", generation: 1), .spawn("worker-1", generation: 1)])
        _ = supervisor.started("coordinator", pid: 1, now: 0)
        _ = supervisor.started("worker-1", pid: 2, now: 0)
        #expect(supervisor.ready("worker-1") == [])
        #expect(supervisor.ready("coordinator") == [.announceReady])
        #expect(supervisor.ready("coordinator") == [])
    }

    @Test func `a dead child is reported and started again after a growing wait`() {
        var supervisor = running()
        var waits: [Int64] = []
        var now: Int64 = 0
        for generation in 2...5 {
            let pid = supervisor.living.first { $0.name == "worker-1" }?.pid ?? 0
            #expect(
                supervisor.exited("worker-1", pid: pid, .signal(9), now: now) == [.reportDeath("worker-1", pid: pid, .signal(9))])
            let deadline = supervisor.nextDeadline ?? -1
            waits.append(deadline - now)
            #expect(supervisor.tick(now: deadline - 1) == [])
            #expect(supervisor.tick(now: deadline) == [.spawn("worker-1", generation: generation)])
            now = deadline
            _ = supervisor.started("worker-1", pid: Int32(generation + 10), now: now)
        }
        #expect(waits == [50_000_000, 100_000_000, 200_000_000, 400_000_000])
    }

    @Test func `a child that cannot be started any more is tried again after a growing wait`() {
        var supervisor = running()
        let hour: Int64 = 3_600_000_000_000
        var now = hour
        _ = supervisor.exited("worker-1", pid: 3, .signal(9), now: now)
        var waits: [Int64] = []
        for _ in 0..<9 {
            let deadline = supervisor.nextDeadline ?? -1
            waits.append(deadline - now)
            now = deadline
            #expect(supervisor.tick(now: now).count == 1)
            #expect(supervisor.exited("worker-1", pid: 0, .code(127), now: now) == [])
        }
        #expect(waits == [50, 100, 200, 400, 800, 1600, 3200, 6400, 10_000].map { $0 * 1_000_000 })
    }

    @Test func `a child that worked for long is started again after the shortest wait`() {
        var supervisor = running()
        for _ in 0..<3 {
            let pid = supervisor.living.first { $0.name == "worker-1" }?.pid ?? 0
            _ = supervisor.exited("worker-1", pid: pid, .code(1), now: 1)
            _ = supervisor.tick(now: .max)
            _ = supervisor.started("worker-1", pid: pid + 1, now: 1)
        }
        let pid = supervisor.living.first { $0.name == "worker-1" }?.pid ?? 0
        _ = supervisor.exited("worker-1", pid: pid, .code(1), now: 60_000_000_000)
        #expect(supervisor.nextDeadline == 60_050_000_000)
    }

    @Test func `a child that never gets ready ends the fleet with its name`() {
        var supervisor = SupervisorInstance(children: ["coordinator", "worker-1"])
        _ = supervisor.start(now: 0)
        _ = supervisor.started("coordinator", pid: 1, now: 0)
        var directives: [Directive] = []
        for pid in 2...4 {
            _ = supervisor.started("worker-1", pid: Int32(pid), now: 0)
            directives = supervisor.exited("worker-1", pid: Int32(pid), .code(2), now: 0)
            _ = supervisor.tick(now: .max)
        }
        #expect(directives == [.reportDeath("worker-1", pid: 4, .code(2)), .signal("coordinator", pid: 1, number: 15)])
        let last = supervisor.exited("coordinator", pid: 1, .code(0), now: 1)
        guard case .finish(6, let reason?) = last.last else {
            Issue.record("the fleet should end with a failure: \(last)")
            return
        }
        #expect(reason.contains("worker-1") && reason.contains("exit code 2"))
    }

    @Test func `a stop reaches the workers first, the coordinator when they are gone, and finishes when all are`() {
        var supervisor = running()
        #expect(supervisor.stop(now: 5) == [.signal("worker-1", pid: 3, number: 15)])
        #expect(
            supervisor.exited("worker-1", pid: 3, .code(0), now: 6) == [
                .reportDeath("worker-1", pid: 3, .code(0)), .signal("monitor", pid: 2, number: 15),
                .signal("coordinator", pid: 1, number: 15),
            ])
        _ = supervisor.exited("coordinator", pid: 1, .code(0), now: 6)
        #expect(
            supervisor.exited("monitor", pid: 2, .code(0), now: 7)
                == [.reportDeath("monitor", pid: 2, .code(0)), .finish(exitCode: 0, reason: nil)])
    }

    @Test func `children that do not stop in time, or a second request, are killed`() {
        var patient = running()
        _ = patient.stop(now: 0)
        #expect(patient.tick(now: 14_999_999_999) == [])
        #expect(patient.tick(now: 15_000_000_000).count == 3)
        var hasty = running()
        _ = hasty.stop(now: 0)
        #expect(hasty.stop(now: 1).first == .signal("worker-1", pid: 3, number: 9))
    }

    @Test func `nothing is started again while the fleet stops`() {
        var supervisor = running()
        _ = supervisor.stop(now: 0)
        _ = supervisor.exited("worker-1", pid: 3, .signal(9), now: 1)
        #expect(supervisor.tick(now: 5_000_000_000) == [])
    }

    @Test func `the death of an earlier life of a child is not taken for the present one's`() {
        var supervisor = running()
        #expect(supervisor.exited("worker-1", pid: 99, .signal(9), now: 1) == [])
        #expect(supervisor.living.count == 3)
    }

    @Test(arguments: ChildEnvironment.Role.allCases)
    func `credentials and the switches of live trading reach live workers only`(role: ChildEnvironment.Role) {
        let environment = [
            "PATH": "/bin", "PRAGMA_ALLOW_LIVE": "true", "PRAGMA_LIVE_CONFIRMATION": "x", "PRAGMA_CREDENTIAL_MAIN_KEY": "k",
            "AWS_SECRET_ACCESS_KEY": "s", "BINANCE_API_KEY": "k", "PRAGMA__LOG__LEVEL": "debug", "PRAGMA__CAPACITY": "2",
            "PRAGMA__LEASES__WORKER": "5s", "PRAGMA__BEACON__INTERVAL": "1s",
            "PRAGMA__ALERTS__WEBHOOK": "https://h.example/x",
        ]
        let names = Set(ChildEnvironment.filtered(environment, for: role).keys)
        let everybody: Set<String> = ["PATH", "PRAGMA__LOG__LEVEL"]
        let live: Set<String> = ["PRAGMA_ALLOW_LIVE", "PRAGMA_LIVE_CONFIRMATION", "PRAGMA_CREDENTIAL_MAIN_KEY"]
        let own: Set<String> =
            switch role {
            case .coordinator: ["PRAGMA__LEASES__WORKER", "PRAGMA__ALERTS__WEBHOOK"]
            case .monitor: ["PRAGMA__BEACON__INTERVAL"]
            case .backtest, .dryRun: ["PRAGMA__CAPACITY", "PRAGMA__ALERTS__WEBHOOK"]
            case .live: live.union(["PRAGMA__CAPACITY", "PRAGMA__ALERTS__WEBHOOK"])
            }
        #expect(names == everybody.union(own))
    }
}
