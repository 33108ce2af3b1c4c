import Exchange

/// How much of what happened.
struct SoakTally: Sendable {
    var operations = 0
    /// Orders that the venue said it took.
    var placed = 0
    /// Orders of which an error said that they are not there.
    var refused = 0
    var lookedUp = 0
    var found = 0
    var notPlaced = 0
    /// Nobody answered; asked again when the faults were over.
    var stillUnknown = 0
    var fills = 0
    var reconnects = 0
    /// By the class of the error.
    var failures: [String: Int] = [:]
    /// By the kind of the fault.
    var faults: [String: Int] = [:]

    mutating func failed(_ error: VenueError, _ call: String) {
        let handling =
            switch error.handling {
            case .retryable: "retryable"
            case .permanent: "permanent"
            case .outcomeUnknown: "unknown"
            case .fatal: "fatal"
            }
        failures["\(call) \(error.kind.rawValue) \(handling)", default: 0] += 1
    }

    mutating func add(_ other: SoakTally) {
        operations += other.operations
        placed += other.placed
        refused += other.refused
        lookedUp += other.lookedUp
        found += other.found
        notPlaced += other.notPlaced
        stillUnknown += other.stillUnknown
        fills += other.fills
        reconnects += other.reconnects
        failures.merge(other.failures, uniquingKeysWith: +)
        faults.merge(other.faults, uniquingKeysWith: +)
    }

    var text: String {
        let list = { (counts: [String: Int]) in
            counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        }
        return """
            \(operations) operations, \(placed) orders taken, \(refused) refused, \(lookedUp) looked up (\(found) there, \
            \(notPlaced) not, \(stillUnknown) asked again later), \(fills) fills, \(reconnects) reconnects
              faults that struck: \(list(faults))
              errors: \(list(failures))
            """
    }
}
