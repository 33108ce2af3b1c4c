package import Exchange

/// Where a venue is. Made from a venue file of this machine only; no job ever holds one.
package struct VenueAddress: Hashable, Sendable {
    package var id: VenueID
    package var rest: WebOrigin
    package var marketStream: WebOrigin
    package var accountStream: WebOrigin

    package init(_ id: VenueID, rest: WebOrigin, marketStream: WebOrigin, accountStream: WebOrigin) {
        self.id = id
        self.rest = rest
        self.marketStream = marketStream
        self.accountStream = accountStream
    }
}

/// Keeps keys and venues of one kind together: paper keys (they begin with `paper`) go to paper venues only, and no other key goes there.
package enum VenueGuard {
    /// Why these credentials may not be used at this venue; nil where nothing speaks against it. Names no part of a key.
    package static func problem(of credentials: Credentials, at venue: VenueID) -> VenueError? {
        let isPaperKey = credentials.key.hasPrefix("paper")
        guard isPaperKey != venue.isPaper else { return nil }
        return VenueError(
            .authentication, .fatal, code: "venue-guard",
            message: isPaperKey
                ? "the key is one of a paper exchange, \(venue) is no paper venue: give a key of that venue, or name a venue paper-..."
                : "\(venue) is a paper venue and the key is not one of a paper exchange (they begin with \"paper\"): nothing was sent"
        )
    }
}
