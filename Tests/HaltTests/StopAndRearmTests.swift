import Testing

@testable import Halt

/// A stop and a re-arm that cross each other, and the `HALT` file of a re-arm.
@Suite struct StopAndRearmTests {
    @Test func `the same stop again overtakes a re-arm that is being written`() {
        var bench = MonitorBench()
        bench.stop()
        bench.write()
        let rearm = bench.rearm()
        bench.write()
        let again = bench.stop()
        bench.write()
        bench.write()
        #expect(bench.isStopped)
        #expect(bench.refusal(rearm) == .overtaken && bench.refusal(again) == nil)
        bench.advance(60)
        #expect(bench.isComplete(again))
    }

    @Test func `a HALT file made anew overtakes a re-arm and is not removed by it`() {
        var bench = MonitorBench()
        bench.file(1)
        bench.write()
        let rearm = bench.rearm()
        bench.write()
        bench.file(2)
        bench.write()
        #expect(bench.removals.isEmpty)
        bench.write()
        #expect(bench.isStopped && bench.removals.isEmpty && bench.refusal(rearm) == .overtaken)
    }

    @Test func `the same stop again takes a new epoch, so that a re-arm which names the one before is refused`() {
        var bench = MonitorBench()
        bench.stop()
        bench.write()
        let shown = bench.monitor.state
        bench.stop()
        #expect(bench.monitor.state.epoch > shown.epoch && bench.monitor.state.entries == shown.entries)
        let request = RearmRequest(
            request: HaltRequestID(high: 1, low: 1), monitor: MonitorID("m"), epoch: shown.epoch, selection: .all, reason: "r",
            operator: "o")
        bench.take(bench.monitor.receive(.rearm(request), at: bench.now, wallMilliseconds: 0))
        #expect(bench.refusal(request.request) == .wrongEpoch)
    }

    @Test func `a request that is sent again is the same stop and takes no new epoch`() {
        var bench = MonitorBench()
        bench.stop()
        let epoch = bench.monitor.state.epoch
        bench.requests -= 1
        bench.stop()
        #expect(bench.monitor.state.epoch == epoch)
    }

    /// A fleet that is re-armed after a `HALT` file, which the shell is about to remove.
    private func rearmedAfterFile() -> MonitorBench {
        var bench = MonitorBench()
        bench.file(1)
        bench.write()
        bench.rearm()
        bench.write()
        bench.write()
        #expect(bench.removals == [1] && !bench.isStopped)
        return bench
    }

    @Test func `a look at the HALT file from before its removal does not stop the fleet again`() {
        var bench = rearmedAfterFile()
        bench.file(1)
        #expect(!bench.isStopped)
        bench.take(bench.monitor.haltFileRemoved(identity: 1, failure: nil, at: bench.now, wallMilliseconds: 0))
        bench.file(nil)
        #expect(!bench.isStopped)
        // Once it is said to be gone, a file that is there stops, whatever it looks like.
        bench.file(1)
        #expect(bench.isStopped)
    }

    @Test func `another HALT file stops while the first one is being removed`() {
        var bench = rearmedAfterFile()
        bench.file(2)
        #expect(bench.isStopped)
        bench.take(bench.monitor.haltFileRemoved(identity: 1, failure: nil, at: bench.now, wallMilliseconds: 0))
        #expect(bench.isStopped)
    }

    @Test func `a HALT file that cannot be removed stops the fleet again and says why`() {
        var bench = rearmedAfterFile()
        bench.take(
            bench.monitor.haltFileRemoved(
                identity: 1, failure: "the file system is read-only", at: bench.now, wallMilliseconds: 0))
        #expect(bench.isStopped)
        #expect(bench.records.contains(.haltFileStays("the file system is read-only")))
        #expect(bench.monitor.state.entries.contains { $0.reason.contains("read-only") })
    }
}
