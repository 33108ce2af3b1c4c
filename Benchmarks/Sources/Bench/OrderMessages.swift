import Foundation

/// Messages of the streams of accounts, made up from a seed in the shape of the venues' documents: of four the first two tell a limit order that came into
/// the book, the third an execution of it, the fourth its cancellation.
struct OrderMessages {
    private var state: UInt64
    private var number = 4_293_153
    private var milliseconds = 1_763_856_000_000
    init(seed: UInt64) { state = seed }

    enum Kind: String, CaseIterable {
        case binance = "Binance execution report"
        case kraken = "Kraken execution"
    }

    mutating func messages(_ kind: Kind, count: Int) -> [[UInt8]] {
        (0..<count).map { index in
            number += 1 + next(4)
            milliseconds += next(200)
            return Array((kind == .binance ? binance(index % 4) : kraken(index % 4)).utf8)
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

    /// As ours are: 32 hexadecimal digits.
    private mutating func clientID() -> String {
        (0..<4).map { _ in
            let text = String(next(1 << 31), radix: 16)
            return String(repeating: "0", count: 8 - text.utf8.count) + text
        }.joined()
    }

    // MARK: - Binance

    private mutating func binance(_ step: Int) -> String {
        let price = "\(60_000 + next(10_000)).\(10 + next(90))000000"
        let (execution, status) = [("NEW", "NEW"), ("NEW", "NEW"), ("TRADE", "PARTIALLY_FILLED"), ("CANCELED", "CANCELED")][step]
        let (client, filled) = (clientID(), step < 2 ? "0.00000000" : "0.0\(10 + next(90))00000")
        let isTrade = step == 2
        let head =
            #"{"subscriptionId":0,"event":{"e":"executionReport","E":\#(milliseconds + 1),"s":"BTCUSDT","c":"\#(step == 3 ? "cancel-\(number)" : client)","#
            + #""S":"\#(next(2) == 0 ? "BUY" : "SELL")","o":"LIMIT","f":"GTC","q":"0.12345000","p":"\#(price)","P":"0.00000000","F":"0.00000000","g":-1,"#
        let middle =
            #""C":"\#(step == 3 ? client : "")","x":"\#(execution)","X":"\#(status)","r":"NONE","i":\#(number),"l":"\#(isTrade ? filled : "0.00000000")","#
            + #""z":"\#(filled)","L":"\#(isTrade ? price : "0.00000000")","n":"\#(isTrade ? "0.00001234" : "0")","N":\#(isTrade ? "\"BNB\"" : "null"),"#
        return head + middle
            + #""T":\#(milliseconds),"t":\#(isTrade ? number / 3 : -1),"I":\#(number * 2),"w":\#(step < 3),"m":\#(isTrade),"M":\#(isTrade),"#
            + #""O":\#(milliseconds - 500),"Z":"\#(step < 2 ? "0.00000000" : "1234.56780000")","Y":"0.00000000","Q":"0.00000000","W":\#(milliseconds - 500),"V":"NONE"}}"#
    }

    // MARK: - Kraken

    private mutating func kraken(_ step: Int) -> String {
        let (execution, status) = [
            ("pending_new", "pending_new"), ("new", "new"), ("trade", "partially_filled"), ("canceled", "canceled"),
        ][step]
        let id = String(number, radix: 36).uppercased()
        var text =
            #"{"channel":"executions","type":"update","data":[{"order_id":"OAAAAA-\#(id)-CCCCCC","cl_ord_id":"\#(clientID())","symbol":"BTC/USD","#
            + #""order_qty":0.12345000,"cum_cost":\#(step < 2 ? "0.0" : "1234.5678"),"cum_qty":\#(step < 2 ? "0.0" : "0.01234500"),"time_in_force":"GTC","#
            + #""exec_type":"\#(execution)","side":"\#(next(2) == 0 ? "buy" : "sell")","order_type":"limit","limit_price":\#(60_000 + next(10_000)).\#(next(10)),"#
        if step == 2 {
            text +=
                #""exec_id":"TBBBBB-\#(id)-222222","trade_id":\#(number),"last_qty":0.01234500,"last_price":\#(60_000 + next(10_000)).\#(next(10)),"#
                + #""liquidity_ind":"m","cost":1234.5678,"fees":[{"asset":"USD","qty":3.08641}],"#
        }
        if step == 3 { text += #""reason":"User requested","# }
        let second = milliseconds / 1000 % 60
        return text
            + #""order_status":"\#(status)","timestamp":"2025-11-23T15:06:\#(second < 10 ? "0" : "")\#(second).\#(100 + next(900))000Z"}],"sequence":\#(number)}"#
    }
}
