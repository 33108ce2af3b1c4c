import Foundation

/// Candles of a minute that rise and fall by turns, so that a short average crosses a long one all the time. Every second pair is one candle behind.
enum AlternatingMarket {
    static let pairs = ["BTC/USDT", "ETH/USDT", "SOL/USDT", "XRP/USDT"]
    /// A day of history, and three hours that are played.
    private static let candles = 1620
    private static let start = 1_704_067_200_000

    /// Makes `candles` in the folder, as the paper exchange reads it.
    static func write(to folder: String, _ options: Options) throws {
        for (phase, (pair, price)) in zip(pairs, [50_000.0, 2500, 150, 50]).enumerated() {
            let name = folder + "/" + pair.replacing("/", with: "_") + "-1m.json"
            let rows = (0..<candles).map { row -> String in
                let prices = (row + phase) % 2 == 0 ? [1, 1.005, 0.99, 0.99] : [0.992, 1.01, 0.99, 1.01]
                return "[\(start + row * 60_000)," + prices.map { Text.decimals($0 * price, 2) }.joined(separator: ",") + ",10.0]"
            }
            try "[\(rows.joined(separator: ","))]".write(toFile: name, atomically: false, encoding: .utf8)
            _ = try Command.output(options.pragma, ["data", "import", name, "--to", "\(folder)/candles"])
        }
    }
}
