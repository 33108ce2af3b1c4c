package import Exchange
import Synchronization

/// Asks a venue for its time anew after it refused a request for its time or nonce. One for all requests of a client.
package actor ClockRepair {
    /// Asks for the venue's time, and answers its clock's offset from ours and how far that may be off.
    package typealias Synchronize = @Sendable () async throws(VenueError) -> (offset: Duration, uncertainty: Duration)
    package typealias Report = @Sendable (ClockNotice) -> Void

    private let venue: VenueID
    private let gate: BudgetGate
    private let synchronize: Synchronize?
    private let report: Report
    private let turnstile = Turnstile()
    /// How often the clock was mended.
    private nonisolated let rounds = Atomic(0)

    init(_ venue: VenueID, gate: BudgetGate, synchronize: Synchronize?, report: @escaping Report) {
        self.venue = venue
        self.gate = gate
        self.synchronize = synchronize
        self.report = report
    }

    /// To be read before a request is signed.
    nonisolated var mark: Int { rounds.load(ordering: .acquiring) }

    /// Whether the venue's time is known anew since `mark`. Asks for it, unless another request had that done meanwhile.
    func mend(after refusal: VenueError, since mark: Int) async -> Bool {
        guard let synchronize else { return false }
        await turnstile.enter()
        if self.mark == mark {
            // What was known of the clock led here; it goes with the first new answer.
            gate.doubtClock()
            do throws(VenueError) {
                let (offset, uncertainty) = try await synchronize()
                rounds.add(1, ordering: .releasing)
                report(ClockNotice(venue: venue, refusal: refusal, result: .success(.init(offset, uncertainty))))
            } catch {
                report(ClockNotice(venue: venue, refusal: refusal, result: .failure(error)))
            }
        }
        await turnstile.leave()
        return self.mark > mark
    }
}

/// What an operator is told about a clock that a venue did not accept.
package struct ClockNotice: Sendable, CustomStringConvertible {
    package struct Offset: Hashable, Sendable {
        /// The venue's clock less our wall clock.
        package var offset: Duration
        /// How far that may be off, either way.
        package var uncertainty: Duration

        init(_ offset: Duration, _ uncertainty: Duration) {
            self.offset = offset
            self.uncertainty = uncertainty
        }
    }

    package var venue: VenueID
    /// What the venue said.
    package var refusal: VenueError
    package var result: Result<Offset, VenueError>

    package var description: String {
        let first = "\(venue) refused the time or nonce of a request (\(refusal.code)), and was asked for its time"
        switch result {
        case .success(let found):
            return first + ": its clock is \(found.offset.wholeMilliseconds) ms ahead of this machine's,"
                + " give or take \(found.uncertainty.wholeMilliseconds) ms"
        case .failure(let error): return first + ", which failed: \(error)"
        }
    }
}

extension VenueError {
    /// Whether the venue refused a request for its time or nonce: it did nothing, and the same request with a new time may be sent.
    var isClockRefusal: Bool { kind == .invalidNonce && handling != .outcomeUnknown && !NonceKeeper.codes.contains(code) }

    /// The refusal of a request that was made with the venue's own time.
    var afterSynchronizing: VenueError {
        VenueError(
            .invalidNonce, .fatal, code: code,
            message: "refused again after the venue was asked for its time; another program may use the same key: \(message)")
    }
}
