import Foundation

/// Messages of Binance's market streams in the shape that dry-runs ask for, as frames of a WebSocket: changes of books, and of every twenty messages one
/// of a candle that goes on.
struct MarketFlood: Sendable {
    let symbols: [String]
    /// A price of each symbol, in ten-thousandths, that its book is not far from.
    let prices: [Int]
    let count: Int
    /// Of the candle that is open.
    let candle: Int
    /// How long it took until they were all written and taken; 0: not yet.
    var seconds = 0.0
    /// Messages to a part.
    private static let part = 2000

    init(_ prices: [String: Int], count: Int, candle: Int) {
        symbols = prices.keys.sorted()
        self.prices = symbols.map { prices[$0] ?? 0 }
        self.count = count
        self.candle = candle
    }

    /// - Parameter last: the number of each book's newest change; theirs follow it, and it is that of the last of theirs then.
    func parts(after last: inout [String: Int]) throws -> [[UInt8]] {
        if let unknown = symbols.first(where: { last[$0] == nil }) {
            throw BenchError("the worker was not shown the book of \(unknown)")
        }
        var maker = Maker(numbers: symbols.map { last[$0] ?? 0 }, flood: self)
        let parts = stride(from: 0, to: count, by: Self.part).map { start in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(Self.part * 480)
            for index in start..<min(start + Self.part, count) { maker.append(index, to: &bytes) }
            return bytes
        }
        for (symbol, number) in zip(symbols, maker.numbers) { last[symbol] = number }
        return parts
    }

    private struct Maker {
        var numbers: [Int]
        let flood: MarketFlood
        var state: UInt64 = 7

        mutating func append(_ index: Int, to bytes: inout [UInt8]) {
            let place = index % flood.symbols.count
            let text = index / flood.symbols.count % 20 == 19 ? candle(place) : depth(place)
            let count = text.utf8.count
            bytes.append(0x81)
            if count < 126 { bytes.append(UInt8(count)) } else { bytes += [126, UInt8(count >> 8), UInt8(count & 0xff)] }
            bytes += text.utf8
        }

        private mutating func depth(_ place: Int) -> String {
            let first = numbers[place] + 1
            numbers[place] = first + next(40)
            return
                #"{"e":"depthUpdate","E":\#(flood.candle + 30_000),"s":"\#(flood.symbols[place])","U":\#(first),"u":\#(numbers[place]),"b":[\#(levels(place, -1))],"a":[\#(levels(place, 1))]}"#
        }

        /// One to ten levels a side, every fourth of them removed, among 300 prices of a side, two percent off the middle.
        private mutating func levels(_ place: Int, _ sign: Int) -> String {
            let price = flood.prices[place]
            return (0..<1 + next(10)).map { _ in
                let level = price + sign * (price / 50 + next(300) * max(1, price / 1_000_000))
                let quantity = next(4) == 0 ? "0.00000000" : "\(next(4)).\(10_000 + next(90_000))000"
                return #"["\#(Self.text(level))","\#(quantity)"]"#
            }.joined(separator: ",")
        }

        /// With Binance's eight decimals.
        private static func text(_ price: Int) -> String {
            let digits = String(price % 10_000 + 10_000).dropFirst()
            return "\(price / 10_000).\(digits)0000"
        }

        private mutating func candle(_ place: Int) -> String {
            let price = Self.text(flood.prices[place])
            return
                #"{"e":"kline","E":\#(flood.candle + 30_000),"s":"\#(flood.symbols[place])","k":{"t":\#(flood.candle),"T":\#(flood.candle + 59_999),"s":"\#(flood.symbols[place])","#
                + #""i":"1m","f":100,"L":200,"o":"\#(price)","c":"\#(price)","h":"\#(price)","l":"\#(price)","v":"12.\#(next(1000))","n":100,"x":false,"#
                + #""q":"1.0000","V":"500","Q":"0.500","B":"123456"}}"#
        }

        /// SplitMix64.
        private mutating func next(_ bound: Int) -> Int {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return Int((value ^ (value >> 31)) >> 33) % max(bound, 1)
        }
    }
}
