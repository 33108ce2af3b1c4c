import PaperExchange

extension PaperExchangeServer.Surroundings {
    /// Surroundings with the protocols that there are.
    package init(wallClock: @escaping @Sendable () -> Int64, pid: Int32) {
        self.init(wallClock: wallClock, pid: pid) { (venue, _) throws(PaperServerError) in Self.real(venue) }
    }

    private static func real(_ venue: PaperExchangeConfiguration.Venue) -> any PaperDialect {
        switch venue.dialect {
        case .binance: BinanceDialect(hashes: .real, seed: venue.seed)
        case .kraken: KrakenDialect(hashes: .real)
        }
    }
}
