import Foundation

/// Market data as venues send it, made up from a seed: members, their order and the decimals of numbers are those of the venues' documents.
struct MarketMessages {
    private var state: UInt64
    /// In tenths of a dollar.
    private var price = 672_345
    private var number = 4_665_846
    private var milliseconds = 1_763_856_000_000
    init(seed: UInt64) { state = seed }

    enum Kind: String, CaseIterable {
        case binanceTrade = "Binance trade"
        case binanceDepth = "Binance depth update"
        case krakenTrade = "Kraken trade"
        case krakenBook = "Kraken book"
    }

    mutating func messages(_ kind: Kind, count: Int) -> [[UInt8]] {
        (0..<count).map { _ in
            price = min(1_000_000, max(100_000, price + next(21) - 10))
            number += 1 + next(4)
            milliseconds += next(200)
            return Array(text(kind).utf8)
        }
    }

    private mutating func text(_ kind: Kind) -> String {
        switch kind {
        case .binanceTrade: binanceTrade()
        case .binanceDepth: binanceDepth()
        case .krakenTrade: krakenTrade()
        case .krakenBook: krakenBook()
        }
    }

    /// SplitMix64.
    private mutating func next(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ (value >> 31)) >> 33) % bound
    }
}

// MARK: - Binance

extension MarketMessages {
    private mutating func binanceTrade() -> String {
        #"{"e":"trade","E":\#(milliseconds + 1),"s":"BTCUSDT","t":\#(number),"p":"\#(dollars(price * 10 + next(10)))","#
            + #""q":"\#(coins())","T":\#(milliseconds),"m":\#(next(2) == 0),"M":true}"#
    }

    /// One to ten levels a side, every fourth of them removed.
    private mutating func binanceDepth() -> String {
        let first = number
        number += next(40)
        return
            #"{"e":"depthUpdate","E":\#(milliseconds),"s":"BTCUSDT","U":\#(first),"u":\#(number),"b":[\#(levels(-1))],"a":[\#(levels(1))]}"#
    }

    private mutating func levels(_ sign: Int) -> String {
        (0..<1 + next(10)).map { level in
            #"["\#(dollars(price * 10 + sign * (1 + level * 3 + next(3))))","\#(next(4) == 0 ? "0.00000000" : coins())"]"#
        }.joined(separator: ",")
    }

    /// Cents, with Binance's eight decimals.
    private func dollars(_ cents: Int) -> String { "\(cents / 100).\(padded(cents % 100, 2))000000" }

    /// Up to some coins in five decimals, written with eight.
    private mutating func coins() -> String {
        let units = 1 + next(next(2) == 0 ? 10_000 : 500_000)
        return "\(units / 100_000).\(padded(units % 100_000, 5))000"
    }

    private func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

// MARK: - Kraken

extension MarketMessages {
    /// Four in five with one trade, the others with two to four.
    private mutating func krakenTrade() -> String {
        let trades = (0..<(next(5) == 0 ? 2 + next(3) : 1)).map { _ in
            number += 1
            return
                #"{"symbol":"BTC/USD","side":"\#(next(2) == 0 ? "buy" : "sell")","price":\#(tenths(price)),"qty":\#(quantity()),"#
                + #""ord_type":"\#(next(2) == 0 ? "limit" : "market")","trade_id":\#(number),"timestamp":"\#(time())"}"#
        }
        return #"{"channel":"trade","type":"update","data":[\#(trades.joined(separator: ","))]}"#
    }

    /// One to three levels, more often on one side only.
    private mutating func krakenBook() -> String {
        var sides = (bids: "", asks: "")
        switch next(4) {
        case 0: sides = (krakenLevels(-1), krakenLevels(1))
        case 1: sides.asks = krakenLevels(1)
        default: sides.bids = krakenLevels(-1)
        }
        return #"{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[\#(sides.bids)],"asks":[\#(sides.asks)],"#
            + #""checksum":\#(next(1 << 31) * 2 + next(2)),"timestamp":"\#(time())"}]}"#
    }

    private mutating func krakenLevels(_ sign: Int) -> String {
        (0..<1 + next(3)).map { level in
            #"{"price":\#(tenths(price + sign * (1 + level * 4 + next(4)))),"qty":\#(next(4) == 0 ? "0.00000000" : quantity())}"#
        }.joined(separator: ",")
    }

    private func tenths(_ price: Int) -> String { "\(price / 10).\(price % 10)" }

    /// Eight decimals, all of them in use.
    private mutating func quantity() -> String {
        let units = 1 + next(next(2) == 0 ? 10_000_000 : 500_000_000)
        return "\(units / 100_000_000).\(padded(units % 100_000_000, 8))"
    }

    /// `2025-11-23T00:00:00.000000Z`, a time of one day.
    private mutating func time() -> String {
        let inDay = milliseconds % 86_400_000
        let second = inDay / 1000
        return "2025-11-23T\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))."
            + "\(padded(inDay % 1000, 3))\(padded(next(1000), 3))Z"
    }
}
