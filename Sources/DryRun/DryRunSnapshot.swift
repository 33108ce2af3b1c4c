import Exchange
import Market
import Money
import Orders

/// The text in which a dry-run's state is stored: one fact a line, words divided by blanks.
///
/// ```
/// pragma-dry-run 1
/// start =USDT 1000@0                     what the wallet began with, currencies by name
/// balance =USDT 9000@1 1000@1            free and locked
/// last 17                                the highest ticket
/// order 17 3 =BTC/USDT buy limit 12345@2 - 2@3 GTC entry =tag =BTCUSDT 1@2 1@3 2@3 1700000000000
/// end 5                                  how many lines come before
/// ```
/// Numbers are units and decimals; texts begin with `=` and have other bytes than letters, digits and `/:._-` as `%XX`. Books are not stored:
/// a restored venue fills nothing before it has seen new ones.
enum DryRunSnapshot {
    static let header = "pragma-dry-run 1"
    static let byteLimit = 1 << 22
    static let lineLimit = 4096

    static func text(_ value: Amount) -> String { let short = value.trimmed; return "\(short.units)@\(short.decimals)" }

    static func text<Kind>(_ value: FixedPoint<Kind>) -> String {
        let short = value.trimmed; return "\(short.units)@\(short.decimals)"
    }

    static func text(_ value: String) -> String {
        var result = "="
        for byte in value.utf8 {
            if isPlain(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
            }
        }
        return result
    }

    static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "/:._-".utf8.contains(byte)
        }
    }

    /// The kind's name and its prices, trigger first; a dash for what it does not have.
    static func words(of kind: OrderKind) -> String? {
        switch kind {
        case .limit(let price): "limit \(text(price)) -"
        case .postOnly(let price): "post_only \(text(price)) -"
        case .stopLoss(let trigger): "stop \(text(trigger)) -"
        case .stopLossLimit(let trigger, let price): "stop_limit \(text(trigger)) \(text(price))"
        case .market, .marketByCost, .takeProfit, .takeProfitLimit: nil
        }
    }

    static func line(of order: DryRunOrder) -> String? {
        let request = order.request
        guard let kind = words(of: request.kind) else { return nil }
        return [
            "order", "\(request.ticket)", "\(request.trade)", text(request.pair.description), request.side.rawValue, kind,
            text(request.quantity), request.timeInForce.rawValue, request.purpose.rawValue, text(request.tag), text(order.symbol),
            text(order.tick), text(order.fees.maker), text(order.fees.taker), "\(order.placedAt.milliseconds)",
        ].joined(separator: " ")
    }
}

extension DryRunVenue {
    /// The state as text: wallet, waiting orders, last ticket. Equal states have equal bytes.
    package func snapshot() -> [UInt8] {
        var lines = [DryRunSnapshot.header]
        for (asset, amount) in wallet.start.sorted(by: { $0.key < $1.key }) {
            lines.append("start \(DryRunSnapshot.text(asset)) \(DryRunSnapshot.text(amount))")
        }
        for (asset, entry) in wallet.entries.sorted(by: { $0.key < $1.key }) {
            lines.append(
                "balance \(DryRunSnapshot.text(asset)) \(DryRunSnapshot.text(entry.free)) \(DryRunSnapshot.text(entry.locked))")
        }
        lines.append("last \(lastTicket)")
        for ticket in workingTickets { if let line = orders[ticket].flatMap(DryRunSnapshot.line) { lines.append(line) } }
        lines.append("end \(lines.count)")
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }
}
