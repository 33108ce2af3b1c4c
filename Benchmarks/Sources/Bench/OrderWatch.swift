import Foundation

/// What a relay saw go by: frames that close candles, and the orders to buy that followed. For Binance's protocol.
struct OrderWatch: Sendable {
    /// From the frame that closed a candle to the order to buy, in seconds.
    private(set) var latencies: [Double] = []
    /// All frames that closed a candle, and their bytes.
    private(set) var closes = (count: 0, bytes: 0)
    /// All orders to buy, and their bytes.
    private(set) var orders = (count: 0, bytes: 0)
    /// When the candle of a symbol was closed that no order has followed yet.
    private var closed: [String: Double] = [:]
    /// When the newest candle of a symbol was closed, and the one before it.
    private var last: [String: Double] = [:]
    private var earlier: [String: Double] = [:]
    /// When a symbol was sold.
    private var sold: [String: Double] = [:]
    /// Orders that waited for the end of a lock and are not among the latencies.
    private(set) var locked = 0
    /// The number of the newest change of each symbol's book.
    var lastUpdates: [String: Int] = [:]

    /// Counts anew.
    mutating func forget() {
        (latencies, closes, orders, locked) = ([], (0, 0), (0, 0), 0)
    }

    /// The length of the first frame in what a server sent, or of its answer to the request for a WebSocket; nil: it is not all there yet.
    static func frame(_ bytes: [UInt8]) -> Int? {
        if bytes.starts(with: "HTTP".utf8) { return bytes[...].offset(of: "\r\n\r\n").map { $0 + 4 } }
        guard bytes.count >= 2 else { return nil }
        var (head, length) = (2, Int(bytes[1] & 0x7f))
        if length >= 126 {
            head = length == 126 ? 4 : 10
            guard bytes.count >= head else { return nil }
            length = bytes[2..<head].reduce(0) { $0 << 8 | Int($1) }
        }
        return bytes.count >= head + length ? head + length : nil
    }

    /// The venue has sent a frame of the market's stream; whether it closes a candle.
    mutating func hears(_ frame: ArraySlice<UInt8>) -> Bool {
        guard let symbol = Self.text(after: "\"s\":\"", in: frame) else { return false }
        if frame.offset(of: "\"e\":\"depthUpdate\"") != nil,
            let number = Self.text(after: "\"u\":", in: frame).flatMap({ Int($0) })
        {
            lastUpdates[symbol] = number
        }
        return frame.offset(of: "\"e\":\"kline\"") != nil && frame.offset(of: "\"x\":true") != nil
    }

    /// A frame is about to be written to the worker.
    mutating func goes(_ frame: ArraySlice<UInt8>) {
        guard frame.offset(of: "\"x\":true") != nil, let symbol = Self.text(after: "\"s\":\"", in: frame) else { return }
        closes = (closes.count + 1, closes.bytes + frame.count)
        if let close = last[symbol] { earlier[symbol] = close }
        let now = Machine.now
        (closed[symbol], last[symbol]) = (now, now)
    }

    /// The whole of an order has come from the worker.
    mutating func came(_ request: String, at time: Double) {
        let parameters = request.split { "?&\r\n".contains($0) }
        guard let name = parameters.first(where: { $0.hasPrefix("symbol=") })?.dropFirst(7) else { return }
        let symbol = String(name)
        guard parameters.contains("side=BUY") else { return sold[symbol] = time }
        orders = (orders.count + 1, orders.bytes + request.utf8.count)
        guard let close = closed.removeValue(forKey: symbol), let before = earlier[symbol] else { return }
        // What was sold in the candle that just ended, or since, is locked until the next one is over: then the order waits for that.
        if (sold[symbol] ?? 0) < before { latencies.append(time - close) } else { locked += 1 }
    }

    /// What stands between `text` and the next quotation mark or comma.
    private static func text(after text: StaticString, in bytes: ArraySlice<UInt8>) -> String? {
        guard let offset = bytes.offset(of: text) else { return nil }
        let value = bytes[(bytes.startIndex + offset + text.utf8CodeUnitCount)...].prefix { $0 != 0x22 && $0 != 0x2C }
        return String(decoding: value, as: UTF8.self)
    }
}
