import Coordination
import Money
import SwiftProtobuf

extension WireBudgetSheet {
    init(_ sheet: BudgetSheet) {
        self.init()
        // In the order of the tokens, so that the same sheet always has the same bytes.
        shares = sheet.sorted { $0.key < $1.key }
            .map { token, share in
                .with {
                    $0.token = WireToken(token)
                    $0.exposure = share.exposure.trimmed.description
                    $0.openOrders = UInt32(clamping: share.openOrders)
                    $0.dailyLoss = share.dailyLoss.trimmed.description
                    $0.validNanoseconds = Values.nanoseconds(share.validity)
                }
            }
    }

    func read() throws(ProtocolError) -> BudgetSheet {
        try Values.count(shares.count, "the number of budgets", limit: ProtocolLimits.grants)
        var sheet: BudgetSheet = [:]
        for wire in shares {
            guard wire.hasToken else { throw .missing("the token of a budget") }
            sheet[wire.token.token] = BudgetShare(
                exposure: try Values.money(wire.exposure, "a budget's exposure"),
                openOrders: Int(try Values.inRange(wire.openOrders, 0...UInt32(Int32.max), "a budget's open orders")),
                dailyLoss: try Values.money(wire.dailyLoss, "a budget's daily loss"),
                validity: try Values.duration(wire.validNanoseconds, "a budget's validity"))
        }
        return sheet
    }
}

extension Values {
    /// An amount in decimal text, 0 or above.
    static func money(_ text: String, _ what: String) throws(ProtocolError) -> Amount {
        guard text.utf8.count <= 64, let amount = Amount(text), !amount.isNegative else {
            throw .malformed("\(what) is no amount of money")
        }
        return amount
    }
}
