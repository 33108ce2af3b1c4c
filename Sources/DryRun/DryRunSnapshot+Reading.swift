import Exchange
import Market
import Money
import Orders

/// What is wrong with the stored state of a dry-run.
package struct DryRunSnapshotError: Error, Hashable, CustomStringConvertible {
    /// From 1; nil: the whole.
    package let line: Int?
    package let problem: String

    package var description: String {
        "the stored state of the dry-run cannot be read\(line.map { ", line \($0)" } ?? ""): \(problem); start the job anew to begin with a fresh wallet"
    }
}

extension DryRunVenue {
    /// The state that `snapshot()` stored. Accepts nothing that this version would not have written.
    package init(restoring bytes: [UInt8], rules: DryRunRules) throws(DryRunSnapshotError) {
        guard bytes.count <= DryRunSnapshot.byteLimit else {
            throw DryRunSnapshotError(
                line: nil, problem: "it has \(bytes.count) bytes, at most \(DryRunSnapshot.byteLimit) are read")
        }
        var reader = DryRunSnapshotReader()
        for (index, line) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
            do throws(DryRunSnapshotReader.Problem) {
                try reader.take(line)
            } catch { throw DryRunSnapshotError(line: index + 1, problem: error.text) }
        }
        do throws(DryRunSnapshotReader.Problem) {
            self = try reader.venue(rules)
        } catch { throw DryRunSnapshotError(line: nil, problem: error.text) }
        guard snapshot() == bytes else {
            throw DryRunSnapshotError(line: nil, problem: "it is not in the form that this version writes")
        }
    }

    /// Takes over the state that `snapshot()` stored; rules and books stay. What waits is filled by the next book of its pair.
    package mutating func restore(_ bytes: [UInt8]) throws(DryRunSnapshotError) {
        var restored = try DryRunVenue(restoring: bytes, rules: rules)
        restored.books = books
        self = restored
    }
}

/// Collects the lines of a snapshot.
private struct DryRunSnapshotReader {
    struct Problem: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }

    private var lineCount = 0
    private var isEnded = false
    private var start: [String: Amount] = [:]
    private var entries: [String: DryRunWallet.Entry] = [:]
    private var last: UInt64?
    private var orders: [DryRunOrder] = []

    mutating func take(_ bytes: ArraySlice<UInt8>) throws(Problem) {
        guard bytes.count <= DryRunSnapshot.lineLimit else {
            throw Problem("it is longer than \(DryRunSnapshot.lineLimit) bytes")
        }
        if isEnded {
            guard bytes.isEmpty else { throw Problem("something follows the end") }
            return
        }
        guard bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else { throw Problem("it is not plain text") }
        let line = String(decoding: bytes, as: UTF8.self)
        if lineCount == 0 {
            guard line == DryRunSnapshot.header else {
                throw Problem("it is not \"\(DryRunSnapshot.header)\": another program or version")
            }
        } else {
            try take(words: line.split(separator: " ", omittingEmptySubsequences: false))
        }
        lineCount += 1
    }

    private mutating func take(words: [Substring]) throws(Problem) {
        switch (words.first ?? "", words.count) {
        case ("start", 3): start[try text(words[1])] = try amount(words[2])
        case ("balance", 4): entries[try text(words[1])] = .init(free: try amount(words[2]), locked: try amount(words[3]))
        case ("last", 2): last = try number(words[1])
        case ("order", 17): orders.append(try order(words))
        case ("end", 2):
            guard try number(words[1]) == UInt64(lineCount) else { throw Problem("lines are missing before it") }
            isEnded = true
        default: throw Problem("it is none of start, balance, last, order, end with their words")
        }
    }

    private func order(_ words: [Substring]) throws(Problem) -> DryRunOrder {
        guard let pair = Pair(try text(words[3])), pair.settle == nil, pair.base != pair.quote,
            let side = OrderSide(rawValue: String(words[4])),
            let quantity = Quantity(snapshot: words[8]), quantity.isPositive,
            let timeInForce = TimeInForce(rawValue: String(words[9])), let purpose = OrderPurpose(rawValue: String(words[10])),
            let tick = Price(snapshot: words[13]), tick.isPositive, let maker = Amount(snapshot: words[14]),
            let taker = Amount(snapshot: words[15]), let fees = DryRunFees(maker: maker, taker: taker),
            let milliseconds = Int64(words[16])
        else { throw Problem("a word of the order is none of its kind") }
        let request = OrderRequest(
            ticket: OrderTicket(try number(words[1])), trade: TradeNumber(try number(words[2])), pair: pair, side: side,
            kind: try kind(words[5...7], tick: tick), quantity: quantity, timeInForce: timeInForce, purpose: purpose,
            tag: try text(words[11]))
        guard Int(tick.trimmed.decimals) + Int(quantity.trimmed.decimals) <= DryRunRules.moneyDecimals,
            let order = DryRunOrder(
                request, symbol: try text(words[12]), tick: tick, fees: fees, placedAt: Timestamp(milliseconds: milliseconds))
        else { throw Problem("the order is none that could have been placed") }
        return order
    }

    private func kind(_ words: ArraySlice<Substring>, tick: Price) throws(Problem) -> OrderKind {
        let words = Array(words)
        let prices = words[1...].map { Price(snapshot: $0) }
        for price in prices {
            if let price, !(price.isPositive && price.isMultiple(of: tick)) {
                throw Problem("a price is no multiple of the tick")
            }
        }
        switch (String(words[0]), prices[0], prices[1], words[2] == "-") {
        case ("limit", let price?, nil, true): return .limit(price)
        case ("post_only", let price?, nil, true): return .postOnly(price)
        case ("stop", let trigger?, nil, true): return .stopLoss(trigger: trigger)
        case ("stop_limit", let trigger?, let price?, false): return .stopLossLimit(trigger: trigger, price: price)
        default: throw Problem("the kind of order and its prices do not fit")
        }
    }

    func venue(_ rules: DryRunRules) throws(Problem) -> DryRunVenue {
        guard isEnded, let last else { throw Problem("its end is missing") }
        for (asset, entry) in entries {
            guard !entry.free.isNegative, !entry.locked.isNegative, let total = entry.free.adding(entry.locked),
                DryRunWallet.isInRange(total)
            else { throw Problem("the balance of \(asset) is out of range") }
        }
        guard start.values.allSatisfy(DryRunWallet.isInRange) else { throw Problem("the wallet began out of range") }
        var venue = DryRunVenue(wallet: DryRunWallet(start: start, entries: entries), rules: rules)
        venue.lastTicket = OrderTicket(last)
        var locked: [String: Amount] = [:]
        for order in orders {
            let ticket = order.request.ticket
            guard ticket.number <= last, venue.orders.updateValue(order, forKey: ticket) == nil, let reserve = order.reserve,
                let sum = locked[order.paysWith, default: .zero].adding(reserve)
            else { throw Problem("order \(ticket) does not fit the others") }
            locked[order.paysWith] = sum
            venue.waiting[order.request.pair, default: []].append(ticket)
        }
        for asset in Set(entries.keys).union(locked.keys) where entries[asset]?.locked ?? .zero != locked[asset] ?? .zero {
            throw Problem("what is locked of \(asset) is not what the orders need")
        }
        return venue
    }
}

extension DryRunSnapshotReader {
    private func amount(_ word: Substring) throws(Problem) -> Amount {
        guard let amount = Amount(snapshot: word) else { throw Problem("an amount is none") }
        return amount
    }

    private func number(_ word: Substring) throws(Problem) -> UInt64 {
        guard let number = UInt64(word) else { throw Problem("a number is none") }
        return number
    }

    private func text(_ word: Substring) throws(Problem) -> String {
        var bytes: [UInt8] = []
        var rest = word.utf8.dropFirst()
        guard word.utf8.first == UInt8(ascii: "=") else { throw Problem("a text is none") }
        while let byte = rest.popFirst() {
            if DryRunSnapshot.isPlain(byte) {
                bytes.append(byte)
            } else {
                let digits = rest.prefix(2)
                guard byte == UInt8(ascii: "%"), digits.count == 2, let value = UInt8(Substring(digits), radix: 16) else {
                    throw Problem("a text is none")
                }
                bytes.append(value)
                rest = rest.dropFirst(2)
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Problem("a text is not UTF-8") }
        return text
    }
}

extension Amount {
    /// `units@decimals` of a snapshot, with no more decimals than money has.
    fileprivate init?(snapshot word: Substring) {
        let parts = word.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, let units = Int128(parts[0]), let decimals = Int(parts[1]),
            (0...DryRunRules.moneyDecimals).contains(decimals), units != .min
        else { return nil }
        self.init(units: units, decimals: decimals)
    }
}

extension FixedPoint {
    fileprivate init?(snapshot word: Substring) {
        guard let amount = Amount(snapshot: word), let value: FixedPoint<Kind> = amount.fixedPoint() else { return nil }
        self = value
    }
}
