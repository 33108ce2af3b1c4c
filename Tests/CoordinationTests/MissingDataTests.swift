import Coordination
import SimulationSupport
import Testing

/// Candles that one worker does not have may be there on another.
@Suite struct MissingDataTests {
    private static let missing = UnitOutcome.failed(UnitFailure(code: .dataMissing, message: "no candles of BTC/USDT"))

    /// Two workers, the first of which has failed a unit for want of its candles.
    private func failed(combinations: UInt64 = 1) -> (CoordinatorRig, a: CoordinatorRig.Worker, b: CoordinatorRig.Worker) {
        var rig = CoordinatorRig()
        let a = rig.join("a", session: 1)
        rig.submit(job(1, combinations: combinations))
        let first = rig.assignments(to: a)[0]
        let b = rig.join("b", session: 2)
        rig.send(.finished(first.grant, Self.missing), from: a)
        return (rig, a, b)
    }

    /// Lets the time pass with both workers alive; returns who got unit 0 in the end, and after how many milliseconds.
    private func nextHolder(_ rig: inout CoordinatorRig, _ workers: [CoordinatorRig.Worker]) -> (name: String, wait: Int)? {
        let unit = UnitID(job: JobID(1), index: 0)
        for step in 1...200 {
            rig.pass(.milliseconds(100))
            let holders = workers.filter { rig.assignments(to: $0).contains { $0.grant.unit == unit } }
            if let holder = holders.first { return (holder.name, step * 100) }
            for worker in workers {
                rig.beat(worker)
                if rig.assignments(to: worker).contains(where: { $0.grant.unit == unit }) { return (worker.name, step * 100) }
            }
        }
        return nil
    }

    @Test func `the unit goes to another worker, though the first has room before`() {
        var (rig, a, b) = failed()
        // The one that failed it stands first in the queue.
        let next = nextHolder(&rig, [a, b])
        #expect(next?.name == "b" && next?.wait == 1_000)
        #expect(rig.store.violations == [])
    }

    @Test func `with no other worker it goes to the same`() {
        var rig = CoordinatorRig()
        let a = rig.join("a", session: 1)
        rig.submit(job(1))
        rig.send(.finished(rig.assignments(to: a)[0].grant, Self.missing), from: a)
        let next = nextHolder(&rig, [a])
        #expect(next?.name == "a" && next?.wait == 1_000)
    }

    @Test func `it waits for a busy worker for a while and no longer`() {
        var (rig, a, b) = failed()
        rig.submit(job(2))
        // Whoever is first gets the other job; make sure that it is the one that could help.
        if rig.assignments(to: a).count == 1 {
            rig.send(.returned(rig.assignments(to: a)[0].grant, .held), from: a)
            rig.beat(a)
        }
        let next = nextHolder(&rig, [a, b])
        #expect(next?.name == "a" && next?.wait == 6_000)
        #expect(rig.store.violations == [])
    }

    @Test func `meanwhile the worker that failed it gets other units of the sweep`() {
        var (rig, a, b) = failed(combinations: 50)
        // Unit 1 went to the second worker, unit 2 to the first, at once.
        #expect(rig.assignments(to: a).map(\.grant.unit.index) == [2])
        rig.pass(.seconds(1))
        rig.beat(a)
        rig.send(.finished(Grant(unit: UnitID(job: JobID(1), index: 2), token: rig.token(of: 2)), .succeeded), from: a)
        #expect(rig.assignments(to: a).map(\.grant.unit.index) == [3])
        rig.send(.finished(Grant(unit: UnitID(job: JobID(1), index: 1), token: rig.token(of: 1)), .succeeded), from: b)
        #expect(rig.assignments(to: b).map(\.grant.unit.index) == [0])
        #expect(rig.store.violations == [])
    }
}

extension CoordinatorRig {
    /// The token under which a unit of job 1 is out.
    fileprivate func token(of unit: UInt64) -> FencingToken {
        store.jobs[JobID(1)]?.out[unit]?.grant.token ?? FencingToken(incarnation: 0, counter: 0)
    }
}
