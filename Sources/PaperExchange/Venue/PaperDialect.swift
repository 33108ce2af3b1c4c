package import Exchange

/// One WebSocket of a venue, numbered as they were opened.
package struct SessionID: Hashable, Sendable {
    package let rawValue: UInt64
    package init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// A message on its way to a client of a stream.
package struct StreamMessage: Sendable {
    package var session: SessionID
    package var text: [UInt8]
    /// Market or account data, to which the faults of streams apply; answers to requests are none.
    package var isData: Bool
    /// The connection is closed after it, with this code.
    package var closeCode: UInt16?

    package init(_ session: SessionID, _ value: JSONValue, isData: Bool, closeCode: UInt16? = nil) {
        self.session = session
        text = value.bytes
        self.isData = isData
        self.closeCode = closeCode
    }
}

/// A venue's protocol over a `PaperVenue`: what Binance or Kraken would answer and stream. Pure; knows its sessions by number.
///
/// The venue's time was advanced before each call; events that a call makes are published by the core after it.
package protocol PaperDialect: Sendable {
    /// What kind of request this is, for faults.
    func target(of request: WebRequest) -> PaperFault.Target
    mutating func respond(to request: WebRequest, peer: String, venue: inout PaperVenue) -> WebResponse
    func failure(_ failure: PaperFailure, venue: PaperVenue) -> WebResponse
    /// Opens a stream; nil: there is none at this path. The messages greet the client.
    mutating func open(_ session: SessionID, _ request: WebRequest, peer: String, venue: inout PaperVenue) -> [StreamMessage]?
    mutating func receive(_ message: [UInt8], from session: SessionID, venue: inout PaperVenue) -> [StreamMessage]
    mutating func close(_ session: SessionID)
    mutating func publish(_ events: [PaperEvent], venue: inout PaperVenue) -> [StreamMessage]
    /// Called about every 100 ms: heartbeats, candles, what is due by time.
    mutating func tick(venue: inout PaperVenue) -> [StreamMessage]
}
