import Coordination
import Halt
import SwiftProtobuf

/// A closed list of words that travels as the number which the `.proto` file gives it; 0 is never a word.
protocol WireCoded: CaseIterable {
    var wireNumber: Int { get }
}

extension WireCoded {
    func wire<Wire: SwiftProtobuf.Enum>() -> Wire where Wire.RawValue == Int { Wire(rawValue: wireNumber) ?? Wire() }

    init<Wire: SwiftProtobuf.Enum>(wire: Wire, _ what: String) throws(ProtocolError) where Wire.RawValue == Int {
        try self.init(number: wire.rawValue, what)
    }

    init(number: Int, _ what: String) throws(ProtocolError) {
        guard let value = Self.allCases.first(where: { $0.wireNumber == number }) else {
            throw .invalid(what: what, value: "\(number)")
        }
        self = value
    }
}

extension JobKind: WireCoded {
    var wireNumber: Int {
        switch self {
        case .backtest: 1
        case .dryRun: 2
        case .live: 3
        }
    }
}

extension JobState: WireCoded {
    var wireNumber: Int {
        switch self {
        case .submitted: 1
        case .queued: 2
        case .dispatched: 3
        case .running: 4
        case .canceling: 5
        case .lost: 6
        case .succeeded: 7
        case .failed: 8
        case .canceled: 9
        case .expired: 10
        }
    }
}

extension FailureCode: WireCoded {
    var wireNumber: Int {
        switch self {
        case .badConfiguration: 1
        case .unknownStrategy: 2
        case .addressMismatch: 3
        case .strategyError: 4
        case .outOfMemory: 5
        case .dataMissing: 6
        case .workerDied: 7
        case .workerLost: 8
        case .internalError: 9
        }
    }
}

extension StateReason.Code: WireCoded {
    var wireNumber: Int {
        switch self {
        case .accepted: 1
        case .dispatched: 2
        case .started: 3
        case .completed: 4
        case .retried: 5
        case .canceledByClient: 6
        case .cancelConfirmed: 7
        case .held: 8
        case .drained: 9
        case .refused: 10
        case .attemptFailed: 11
        case .attemptsUsedUp: 12
        case .unitFailed: 13
        case .tooManyFailedUnits: 14
        case .workerLost: 15
        case .workerDied: 16
        case .leaseExpired: 17
        case .holderReturned: 18
        case .declaredDead: 19
        case .expired: 20
        }
    }
}

extension Coordination.Refusal.Code: WireCoded {
    var wireNumber: Int {
        switch self {
        case .invalidRequest: 1
        case .unknownJob: 2
        case .unknownWorker: 3
        case .wrongState: 4
        case .liveNotRetried: 5
        case .tooManyJobs: 6
        case .draining: 7
        }
    }
}

extension HeldUnit.Phase: WireCoded {
    var wireNumber: Int {
        switch self {
        case .waiting: 1
        case .running: 2
        case .finished: 3
        }
    }
}

extension AssignmentRefusal: WireCoded {
    /// After held (1) and draining (2).
    var wireNumber: Int {
        switch self {
        case .noCapacity: 3
        case .wrongClass: 4
        case .oldToken: 5
        case .leaseOver: 6
        case .wrongExecutable: 7
        }
    }
}

extension JobEvent.WorkerChange: WireCoded {
    var wireNumber: Int {
        switch self {
        case .joined: 1
        case .returned: 2
        case .lost: 3
        case .died: 4
        case .left: 5
        case .superseded: 6
        case .executableMismatch: 7
        }
    }
}

extension HealthRecord.Role: WireCoded {
    var wireNumber: Int {
        switch self {
        case .coordinator: 1
        case .worker: 2
        case .monitor: 3
        }
    }
}
