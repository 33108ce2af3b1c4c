import Coordination

/// A closed list of words that is stored as a number. The numbers are part of the layout: they never change and are never
/// used again for another word.
protocol StoredCode: CaseIterable {
    var storedCode: Int64 { get }
}

extension StoredCode {
    init(storedCode: Int64, column: String) throws(SQLFault) {
        guard let value = Self.allCases.first(where: { $0.storedCode == storedCode }) else {
            throw SQLFault(unknown: storedCode, in: column)
        }
        self = value
    }
}

extension JobState: StoredCode {
    /// Open states are below `succeeded`, unsuccessful ends above it: the indexes of the layout rely on it.
    var storedCode: Int64 {
        switch self {
        case .submitted: 0
        case .queued: 1
        case .dispatched: 2
        case .running: 3
        case .canceling: 4
        case .lost: 5
        case .succeeded: 6
        case .failed: 7
        case .canceled: 8
        case .expired: 9
        }
    }
}

extension JobKind: StoredCode {
    var storedCode: Int64 {
        switch self {
        case .backtest: 0
        case .dryRun: 1
        case .live: 2
        }
    }
}

extension FailureCode: StoredCode {
    var storedCode: Int64 {
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

extension StateReason.Code: StoredCode {
    var storedCode: Int64 {
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

/// The state of a unit's row.
enum StoredUnitState {
    static let pending: Int64 = 0
    static let out: Int64 = 1
    static let completed: Int64 = 2
    static let failed: Int64 = 3
}

/// What became of a closed attempt or a refused report.
enum StoredEnding {
    static let succeeded: Int64 = 0
    static let failed: Int64 = 1
    static let canceled: Int64 = 2
    static let requeued: Int64 = 3
}
