package import Coordination

/// Messages between workers and the coordinator, on the `jobs` socket. One frame is one message.
package enum JobsWire {
    /// A worker's message; with `finished(_, .succeeded)` the result's bytes.
    package struct FromWorker: Hashable, Sendable {
        package var message: WorkerToCoordinator
        package var result: [UInt8]?
        package init(message: WorkerToCoordinator, result: [UInt8]? = nil) {
            self.message = message
            self.result = result
        }
    }

    /// The coordinator's message; with `assign` the payload of every job in it, and with what brings or renews leases of live jobs their budgets.
    package struct FromCoordinator: Hashable, Sendable {
        package var message: CoordinatorToWorker
        package var payloads: [JobID: [UInt8]]
        package var budgets: BudgetSheet?
        package init(message: CoordinatorToWorker, payloads: [JobID: [UInt8]] = [:], budgets: BudgetSheet? = nil) {
            self.message = message
            self.payloads = payloads
            self.budgets = budgets
        }
    }

    /// The bytes of a worker's message. The result goes with `finished(_, .succeeded)` only.
    package static func bytes(_ message: WorkerToCoordinator, result: [UInt8]? = nil) -> [UInt8] {
        switch message {
        case .started(let grant): DirectEnvelope(field: 17, body: DirectStarted(grant: grant)).bytes
        case .finished(let grant, .succeeded):
            DirectEnvelope(field: 19, body: DirectSuccess(grant: grant, result: result ?? [])).bytes
        default: Opening.bytes(WorkerCodec.body(message, result: result))
        }
    }

    /// The bytes of a coordinator's message. The payloads go with `assign` only, the budgets with that, `welcome` and `heartbeatAck`.
    package static func bytes(
        _ message: CoordinatorToWorker, payloads: [JobID: [UInt8]] = [:], budgets: BudgetSheet? = nil
    ) -> [UInt8] {
        switch message {
        case .assign(let batch) where budgets == nil: DirectEnvelope(field: 34, body: DirectAssignments(batch, payloads)).bytes
        case .recorded(let reports): DirectEnvelope(field: 36, body: DirectRecorded(reports: reports)).bytes
        default: Opening.bytes(CoordinatorCodec.body(message, payloads: payloads, budgets: budgets))
        }
    }

    /// Reads a message of a worker from hostile bytes.
    package static func workerMessage(_ bytes: [UInt8]?) throws(ProtocolError) -> FromWorker {
        if let frequent = DirectReader.workerMessage(bytes) { return frequent }
        return try WorkerCodec.read(try Opening.open(bytes, limit: ProtocolLimits.frameBytes))
    }

    /// Reads a message of the coordinator from hostile bytes.
    package static func coordinatorMessage(_ bytes: [UInt8]?) throws(ProtocolError) -> FromCoordinator {
        if let frequent = DirectReader.coordinatorMessage(bytes) { return frequent }
        return try CoordinatorCodec.read(try Opening.open(bytes, limit: ProtocolLimits.frameBytes))
    }
}
