import Testing

@testable import Halt

/// What the death of a member's process proves of a stop, and what it does not.
@Suite struct MemberDeathTests {
    /// A stop that waits for member `w`, whose run is 5.
    private func waiting(_ memberClass: MemberClass = .backtest, _ action: HaltAction = .halt) -> (MonitorBench, HaltRequestID) {
        var bench = MonitorBench()
        bench.hello("w", memberClass, run: 5)
        if memberClass == .live { bench.askForLease() }
        let id = bench.stop(action)
        bench.write()
        bench.advance(60)
        return (bench, id)
    }

    @Test(arguments: [true, false]) func `a stop does not wait for a member that is dead`(witnessed: Bool) {
        var (bench, id) = waiting()
        #expect(!bench.isComplete(id))
        let told = bench.death(of: 5, witnessed: witnessed)
        #expect(bench.replies.contains(.done(told)))
        bench.advance(60)
        #expect(bench.isComplete(id))
        #expect(bench.progress(id)?.members.isEmpty == true)
        let record = MonitorEvent.memberDied(
            MemberName("w"), MemberSession(1), by: "up", reason: "killed", witnessed: witnessed)
        #expect(bench.records.filter { $0 == record }.count == 1)
        // Told again it is confirmed again and recorded once.
        bench.death(of: 5, witnessed: witnessed)
        #expect(bench.records.filter { $0 == record }.count == 1)
    }

    @Test func `the death of another run proves nothing`() {
        var (bench, id) = waiting()
        bench.death(of: 6)
        bench.advance(60)
        #expect(!bench.isComplete(id))
    }

    @Test func `a later session of the name counts on, whenever the death of the earlier one is told`() {
        var (bench, id) = waiting()
        bench.hello("w", session: 2, run: 6)
        bench.death(of: 5)
        bench.advance(5_000)
        #expect(!bench.isComplete(id))
        bench.acknowledge(session: 2)
        bench.advance(60)
        #expect(bench.isComplete(id))
    }

    @Test func `a successor that says hello after the death counts`() {
        var (bench, id) = waiting()
        bench.death(of: 5)
        bench.hello("w", session: 2, run: 6)
        bench.advance(5_000)
        #expect(bench.progress(id)?.members.map(\.session) == [MemberSession(2)])
        bench.stop(reason: "another")
        bench.write()
        bench.advance(60)
        #expect(bench.monitor.members[MemberName("w")]?.isGone == false)
    }

    @Test func `what was on its way when its sender died makes it alive no more`() {
        var (bench, id) = waiting()
        bench.death(of: 5)
        bench.health(ending: false)
        bench.hello("w", run: 5)
        bench.advance(60)
        #expect(bench.isComplete(id))
        #expect(!bench.records.contains(.memberHeardAgain(MemberName("w"), MemberSession(1))))
    }

    @Test func `a hello that comes after the proof of its sender's death makes no member`() {
        var bench = MonitorBench()
        bench.death(of: 5)
        bench.hello("w", run: 5)
        #expect(bench.monitor.members.isEmpty)
        let id = bench.stop()
        bench.write()
        bench.advance(60)
        #expect(bench.isComplete(id))
    }

    @Test(arguments: [true, false]) func `who is heard although it was said to be dead counts again`(witnessed: Bool) {
        var (bench, _) = waiting()
        bench.death(of: 5, witnessed: witnessed)
        if witnessed { bench.advance(3_000) }
        bench.health(ending: false)
        #expect(bench.records.contains(.memberHeardAgain(MemberName("w"), MemberSession(1))))
        let id = bench.stop(reason: "another")
        bench.write()
        bench.advance(60)
        #expect(!bench.isComplete(id))
    }

    @Test func `a person's word does not end a lease, a supervisor's does`() {
        for witnessed in [false, true] {
            var (bench, id) = waiting(.live)
            bench.death(of: 5, witnessed: witnessed)
            bench.advance(60)
            #expect(bench.isComplete(id) == witnessed)
            bench.advance(1_000)
            #expect(bench.isComplete(id))
        }
    }

    @Test(arguments: [HaltAction.cancel, .flatten])
    func `a dead live member has canceled nothing`(action: HaltAction) {
        var (bench, id) = waiting(.live, action)
        bench.death(of: 5)
        bench.advance(5_000)
        #expect(!bench.isComplete(id))
    }

    @Test func `the memory of deaths is bounded`() {
        var deaths = RecentDeaths()
        let end = BootInstant(nanoseconds: 10)
        for run in 0..<10_000 { deaths.note(MemberRun(high: 0, low: UInt64(run)), until: end) }
        let now = BootInstant(nanoseconds: 9)
        let known = (0..<10_000).filter { deaths.isLate(MemberRun(high: 0, low: UInt64($0)), now) }
        #expect(known == Array(5_904..<10_000))
        #expect(!deaths.isLate(MemberRun(high: 0, low: 9_999), end))
    }
}
