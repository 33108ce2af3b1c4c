internal import Coordination
internal import FleetProtocol

/// How large the result of a unit may be: what the coordinator reads and what this worker's endpoint sends.
///
/// A larger one could never be delivered, and its report would be repeated for ever: the unit fails instead.
struct ResultLimit: Sendable {
    /// The largest result in bytes.
    let bytes: Int

    /// What the message may have beside the result.
    private static let envelope = 64 << 10

    /// - Parameter maxMessage: the endpoint's limit on a frame.
    init(maxMessage: Int) {
        bytes = max(0, min(ProtocolLimits.resultBytes, maxMessage - Self.envelope))
    }

    /// The outcome and the result of a unit as they can be reported.
    func checked(_ outcome: UnitOutcome, _ result: [UInt8]) -> (outcome: UnitOutcome, result: [UInt8]) {
        guard outcome == .succeeded, result.count > bytes else { return (outcome, result) }
        // The same unit gives the same result again: no other attempt.
        let failure = UnitFailure(
            code: .strategyError,
            message: "the result has \(result.count) bytes and a message of this worker has room for \(bytes) "
                + "(transport.max_message, and never more than \(ProtocolLimits.resultBytes)): take a shorter time range, fewer "
                + "pairs or smaller slices")
        return (.failed(failure), [])
    }
}
