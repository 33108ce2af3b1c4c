package import Market

extension FeatherTable {
    /// The columns date, open, high, low, close and volume as candles, in the order of the file.
    ///
    /// Nothing is corrected: order, gaps and prices are `CandleCheck`'s matter. `nulls` says what happens to empty prices and
    /// volumes; an empty date is always an error.
    package func candles(nulls: FeatherNulls = .refused) throws(MarketDataError) -> Candles {
        Candles(
            times: try milliseconds("date"), open: try doubles("open", nulls: nulls), high: try doubles("high", nulls: nulls),
            low: try doubles("low", nulls: nulls), close: try doubles("close", nulls: nulls),
            volume: try doubles("volume", nulls: nulls))
    }

    /// Reads the candles of the file at `path`.
    package static func candles(path: String, nulls: FeatherNulls = .refused) throws(MarketDataError) -> Candles {
        try FeatherTable(path: path).candles(nulls: nulls)
    }
}
