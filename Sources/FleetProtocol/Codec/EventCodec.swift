import Coordination
import SwiftProtobuf

extension WireJobEvent {
    init(_ event: JobEvent) {
        self.init()
        incarnation = event.incarnation
        sequence = event.sequence
        wallMilliseconds = event.wallMilliseconds
        switch event.body {
        case .job(let job, let state, let reason):
            body = .state(
                .with {
                    $0.job = job.rawValue
                    $0.state = state.wire()
                    $0.reason = WireReason(reason)
                })
        case .progress(let job, let completed, let failed, let total):
            body = .progress(
                .with {
                    $0.job = job.rawValue
                    $0.completed = completed
                    $0.failed = failed
                    $0.total = total
                })
        case .unitProgress(let unit, let progress):
            body = .unit(
                .with {
                    $0.job = unit.job.rawValue
                    $0.unit = unit.index
                    $0.done = progress.done
                    $0.total = progress.total
                })
        case .worker(let worker, let change):
            body = .worker(
                .with {
                    $0.worker = Values.cutName(worker.name)
                    $0.change = change.wire()
                })
        case .hold(let held, let reason):
            body = .hold(
                .with {
                    $0.held = held
                    $0.reason = Values.cut(reason)
                })
        }
    }

    func read() throws(ProtocolError) -> JobEvent {
        JobEvent(incarnation: incarnation, sequence: sequence, wallMilliseconds: wallMilliseconds, body: try readBody())
    }

    private func readBody() throws(ProtocolError) -> JobEvent.Body {
        switch body {
        case .state(let wire):
            return .job(try Values.job(wire.job), try JobState(wire: wire.state, "a job's state"), try wire.reason.read())
        case .progress(let wire):
            return .progress(
                try Values.job(wire.job), completed: wire.completed, failed: wire.failed, total: wire.total)
        case .unit(let wire):
            return .unitProgress(
                UnitID(job: try Values.job(wire.job), index: wire.unit),
                Coordination.UnitProgress(done: wire.done, total: wire.total))
        case .worker(let wire):
            return .worker(
                WorkerID(try Values.name(wire.worker, "a worker's name")),
                try JobEvent.WorkerChange(wire: wire.change, "a worker's change"))
        case .hold(let wire): return .hold(wire.held, reason: try Values.text(wire.reason, "the reason of a hold"))
        case nil: throw .missing("what happened")
        }
    }
}
