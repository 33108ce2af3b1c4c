package import Exchange
package import Market

extension TradingClient {
    /// All fills after this trade, or from this time on, page after page, each once, oldest first. With neither: the newest page.
    ///
    /// Venues page in two ways: onward from a trade (Binance), or from the newest one backward (Kraken). What is filled while the pages
    /// are read is read by the next round. Throws where there are more pages than `pageLimit`: a list with a hole is no list.
    package func allFills(
        _ instrument: TradedInstrument?, after tradeID: String?, from: Timestamp?
    ) async throws(VenueError) -> [Fill] {
        guard tradeID != nil || from != nil else {
            return try await call(venue.fillPage(instrument, after: nil, from: nil, offset: 0)).fills
        }
        var reading = FillReading(pagesLeft: sender.settings.pageLimit)
        var last = tradeID
        while true {
            let fresh = try await round(instrument, after: last, from: last == nil ? from : nil, &reading)
            guard let newest = fresh.last?.tradeID else { return reading.fills }
            reading.fills += fresh
            last = newest
        }
    }

    /// One round of pages; those that were not known yet, oldest first.
    private func round(
        _ instrument: TradedInstrument?, after tradeID: String?, from: Timestamp?, _ reading: inout FillReading
    ) async throws(VenueError) -> [Fill] {
        var fresh: [Fill] = []
        var offset: Int? = 0
        while let start = offset {
            guard reading.pagesLeft > 0 else { throw tooManyFills() }
            reading.pagesLeft -= 1
            let page = try await call(venue.fillPage(instrument, after: tradeID, from: from, offset: start))
            // Each page is older than the one before; one that moved because of new fills repeats some.
            fresh = page.fills.filter { reading.seen.insert([$0.symbol, $0.tradeID]).inserted } + fresh
            offset = page.nextOffset.flatMap { $0 > start ? $0 : nil }
        }
        return fresh
    }

    private func tooManyFills() -> VenueError {
        VenueError(
            .partlyDone, .permanent, code: "fill-pages",
            message:
                "\(address.id) has more fills than \(sender.settings.pageLimit) pages hold: ask from a later trade or time on")
    }
}

private struct FillReading {
    var pagesLeft: Int
    var fills: [Fill] = []
    /// Symbol and trade id.
    var seen: Set<[String]> = []
}
