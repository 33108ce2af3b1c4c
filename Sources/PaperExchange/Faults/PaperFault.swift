/// Something that goes wrong at the venue, on command or by a script, until its time is over or it happened often enough.
package struct PaperFault: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Answers come so much later.
        case latency(milliseconds: Int64)
        /// The request is carried out, its answer never sent.
        case timeoutAfterAccepting
        /// The request is carried out and answered as if the venue's back end had timed out (Binance -1007, 504 elsewhere).
        case backendTimeout
        /// The connection is cut before the request is looked at.
        case cutBefore
        /// The connection is cut after the request was carried out.
        case cutAfter
        /// 429 with this many seconds in Retry-After.
        case rateLimited(retryAfter: Int)
        /// 418: banned for so long.
        case banned(retryAfter: Int)
        /// Every request is answered with 503.
        case outage
        /// Orders are rejected by the venue for no reason of theirs.
        case rejectOrders
        /// Answers are no JSON.
        case garbage
        /// The venue's clock is off by this much.
        case clockSkew(milliseconds: Int64)
        /// Only this part of what rests is filled when the market comes by, and so much less is offered; 0.0 to 1.0.
        case partialFills(Double)
        /// Stream messages are lost, sent twice, or sent after the next one.
        case loseStreamMessages
        case duplicateStreamMessages
        case reorderStreamMessages
        /// All streams are cut at once.
        case disconnectStreams
        /// A change of the book is left out of the stream, its number used up.
        case bookGap

        /// Whether requests of this kind can feel it.
        func strikesRequests(of target: Target) -> Bool {
            switch self {
            case .latency, .timeoutAfterAccepting, .backendTimeout, .cutBefore, .cutAfter, .rateLimited, .banned, .outage,
                .garbage,
                .clockSkew, .partialFills:
                true
            case .rejectOrders: target == .placing
            case .loseStreamMessages, .duplicateStreamMessages, .reorderStreamMessages, .disconnectStreams, .bookGap: false
            }
        }
    }

    /// What kind of requests a fault is about.
    package enum Target: String, Hashable, Sendable, CaseIterable {
        case any, publicData, account, placing, canceling
    }

    package var kind: Kind
    package var target: Target
    /// How likely it is each time, 0.0 to 1.0.
    package var probability: Double
    /// It ends after this many times; nil: only by its time.
    package var count: Int?
    /// When it begins and ends, in milliseconds of the venue's time.
    package var from: Int64
    package var until: Int64

    package init(
        _ kind: Kind, target: Target = .any, probability: Double = 1, count: Int? = nil, from: Int64 = .min, until: Int64 = .max
    ) {
        self.kind = kind
        self.target = target
        self.probability = probability
        self.count = count
        self.from = from
        self.until = until
    }
}

/// What the faults make of one request.
package struct RequestFate: Hashable, Sendable {
    /// Milliseconds to wait before the answer goes out.
    package var delay: Int64 = 0
    /// Answered with this failure instead of being looked at.
    package var refusal: PaperFailure?
    package var isCutBefore = false
    package var isCutAfter = false
    package var isSilent = false
    package var isGarbage = false
    /// Carried out, and answered as a time-out of the back end.
    package var isBackendTimeout = false
}

/// A failure that each protocol writes in its own words.
package enum PaperFailure: Hashable, Sendable {
    case rateLimited(retryAfter: Int)
    case banned(retryAfter: Int)
    case outage
    case backendTimeout
    case orderRejected
}

/// What happens to one stream message.
package enum StreamFate: Hashable, Sendable { case sent, lost, twice, late }
