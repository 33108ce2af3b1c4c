import Testing

@testable import Halt

/// When a stop may be called proved.
@Suite struct StopProofTests {
    @Test func `a monitor that has just started calls no stop proved before its members had the time to say hello`() {
        var bench = MonitorBench(settled: false)
        bench.write()
        let id = bench.stop()
        bench.write()
        bench.advance(60)
        #expect(bench.progress(id)?.durable == true && !bench.isComplete(id))
        bench.advance(2_900)
        #expect(!bench.isComplete(id))
        bench.advance(100)
        #expect(bench.isComplete(id))
    }

    @Test func `silence proves nothing of a member without a lease`() {
        var bench = MonitorBench()
        bench.hello()
        let id = bench.stop()
        bench.write()
        bench.advance(60)
        #expect(!bench.isComplete(id))
        for _ in 0..<100 { bench.advance(1_000) }
        #expect(!bench.isComplete(id))
        #expect(bench.progress(id)?.members.map(\.lost) == [true])
        bench.acknowledge()
        bench.advance(60)
        #expect(bench.isComplete(id))
    }

    @Test(arguments: [HaltAction.halt, .cancel, .flatten])
    func `the end of a live member's lease proves a halt and nothing more`(action: HaltAction) {
        var bench = MonitorBench()
        bench.hello("w", .live)
        bench.askForLease()
        let id = bench.stop(action)
        bench.write()
        bench.advance(990)
        #expect(!bench.isComplete(id))
        bench.advance(60)
        #expect(bench.isComplete(id) == (action == .halt))
        bench.advance(10_000)
        #expect(bench.isComplete(id) == (action == .halt))
    }

    @Test func `an acknowledgement of a new session does not end the lease of the one before`() {
        var bench = MonitorBench()
        bench.hello("w", .live)
        bench.askForLease()
        let id = bench.stop()
        bench.write()
        bench.hello("w", .live, session: 2)
        bench.acknowledge(session: 2)
        bench.advance(60)
        #expect(!bench.isComplete(id))
        bench.advance(1_000)
        #expect(bench.isComplete(id))
    }

    @Test func `the last word of a member that ends stands for its acknowledgement, a busy one's does not`() {
        for jobs: UInt32 in [0, 1] {
            var bench = MonitorBench()
            bench.hello()
            bench.health(ending: true, jobs: jobs)
            let id = bench.stop()
            bench.write()
            bench.advance(5_000)
            #expect(bench.isComplete(id) == (jobs == 0))
        }
        var bench = MonitorBench()
        bench.hello()
        bench.health(ending: false)
        let id = bench.stop()
        bench.write()
        bench.advance(5_000)
        #expect(!bench.isComplete(id))
    }

    @Test func `a re-arm before a stop is proved refuses it, and its acknowledgements do not count`() {
        var bench = MonitorBench()
        bench.hello()
        let id = bench.stop()
        bench.write()
        bench.rearm()
        bench.write()
        bench.write()
        #expect(!bench.isStopped)
        #expect(bench.refusal(id) == .overtaken)
        bench.acknowledge()
        bench.advance(1_000)
        #expect(!bench.isComplete(id))
    }

    @Test func `a stop that was proved is not called so again after a re-arm`() {
        var bench = MonitorBench()
        bench.hello()
        let id = bench.stop()
        bench.write()
        bench.acknowledge()
        bench.advance(60)
        #expect(bench.isComplete(id))
        bench.rearm()
        bench.write()
        bench.write()
        #expect(bench.refusal(id) == nil)
        bench.replies = []
        bench.take(bench.monitor.receive(.progress(id), at: bench.now, wallMilliseconds: 0))
        #expect(bench.progress(id) == nil && bench.refusal(id) == .overtaken)
    }

    @Test func `a re-arm of other entries leaves a stop to be proved`() throws {
        var bench = MonitorBench()
        bench.hello()
        bench.stop(scope: .job("j"))
        bench.write()
        let other = try #require(bench.monitor.state.entries.first?.id)
        let id = bench.stop()
        bench.write()
        bench.rearm(.entries([other]))
        bench.write()
        bench.write()
        #expect(bench.monitor.state.entries.map(\.scope) == [.fleet] && bench.refusal(id) == nil)
        bench.acknowledge()
        bench.advance(60)
        #expect(bench.isComplete(id))
    }

    @Test func `another class does not take the place of a member that may still live`() {
        var bench = MonitorBench()
        bench.hello("farm-live", .live)
        bench.hello("farm-live", .backtest, session: 2)
        #expect(bench.monitor.memberClass(of: MemberName("farm-live")) == .live)
        #expect(bench.records.contains(.classRefused(MemberName("farm-live"), known: .live, said: .backtest)))
        let id = bench.stop(.cancel)
        bench.write()
        bench.acknowledge(.durable, "farm-live", session: 2)
        bench.advance(5_000)
        #expect(!bench.isComplete(id))
        bench.health("farm-live", ending: true)
        bench.hello("farm-live", .backtest, session: 2)
        #expect(bench.monitor.memberClass(of: MemberName("farm-live")) == .backtest)
    }
}
