import Market

/// The candles that Binance has. (Also `1s` on spot and `1M`, which have no place in our timeframes.)
enum BinanceTimeframes {
    static let all = ["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w"].compactMap {
        Timeframe($0)
    }

    /// The venue's own spelling: `60m` is `1h` there.
    static func name(_ timeframe: Timeframe) -> String { all.first { $0 == timeframe }?.description ?? timeframe.description }

    /// The timeframe of an interval in a message, from its bytes.
    static func timeframe(_ name: String) -> Timeframe? { all.first { $0.description == name } }
}
