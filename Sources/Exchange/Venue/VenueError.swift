/// What a venue answered instead of what was asked, or why no answer came, classified by what to do about it.
package struct VenueError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong, in the words of the field. ccxt's classes map onto these.
    package enum Kind: String, Sendable, CaseIterable {
        case insufficientFunds, invalidOrder, orderNotFound, duplicateClientOrderID, wouldTakeLiquidity, wouldTriggerImmediately
        case badSymbol, badRequest, marketClosed, notSupported
        case authentication, permissionDenied, accountSuspended, invalidNonce
        case rateLimited, banned, onMaintenance, unavailable
        case requestTimeout, network
        /// A batch or a cancel-replace of which one half succeeded.
        case partlyDone
        /// Refused for a reason that has no class of its own.
        case rejected
        /// The answer is not what this venue sends.
        case malformedAnswer
    }

    /// What the caller may do.
    package enum Handling: Hashable, Sendable {
        /// Nothing happened; the same may be tried again, after this long where the venue says so.
        case retryable(after: Duration?)
        /// Nothing happened, and the same request fails again.
        case permanent
        /// The venue may have acted. Look it up by its client id; never send it again.
        case outcomeUnknown
        /// Nothing more may be sent with this key, clock or venue until somebody mends it.
        case fatal
    }

    package var kind: Kind
    package var handling: Handling
    /// The venue's own code: "-2010", "EOrder:Insufficient funds", "HTTP 503"; ours where no answer came.
    package var code: String
    /// The venue's text, cut to 500 characters, without secrets.
    package var message: String

    package init(_ kind: Kind, _ handling: Handling, code: String, message: String) {
        self.kind = kind
        self.handling = handling
        self.code = String(code.prefix(100))
        self.message = String(message.prefix(500))
    }

    package var description: String {
        message.isEmpty || message == code ? "\(kind.rawValue): \(code)" : "\(kind.rawValue): \(message) (\(code))"
    }
}

extension VenueError {
    /// An answer that could not be read. The venue did answer, so what was asked may have been done.
    package static func malformed(_ error: JSONError, changesState: Bool) -> VenueError {
        VenueError(
            .malformedAnswer, changesState ? .outcomeUnknown : .retryable(after: nil), code: "malformed",
            message: error.description)
    }

    /// What a failure below HTTP means for a request that changes something at the venue, or does not.
    package init(_ failure: WebFailure, changesState: Bool) {
        let unknown: Handling = changesState ? .outcomeUnknown : .retryable(after: nil)
        switch failure {
        case .notSent(let text): self.init(.network, .retryable(after: nil), code: "not-sent", message: text)
        case .outcomeUnknown(let text): self.init(.requestTimeout, unknown, code: "no-answer", message: text)
        case .tooLarge(let limit):
            self.init(.malformedAnswer, unknown, code: "too-large", message: "the answer is larger than \(limit) bytes")
        case .closed(let code, let reason): self.init(.network, unknown, code: "closed-\(code)", message: reason)
        }
    }
}
