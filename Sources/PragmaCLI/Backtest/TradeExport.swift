internal import Configuration
internal import Fleet

/// Writes the trades of a report to a file.
enum TradeExport {
    /// Writes the trades as a JSON list with freqtrade's field names in full precision; the file is there as a whole or not at all.
    static func write(_ report: ConfigValue, to path: String) throws(FleetError) -> Int {
        guard let trades = report["trades"]?.array else {
            throw FleetError(.negative, "the report holds no trades to export")
        }
        try Files.write(Array(ConfigValue(.array(trades)).prettyJSON.utf8), to: path, mode: 0o644)
        return trades.count
    }
}
