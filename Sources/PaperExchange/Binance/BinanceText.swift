import Exchange
import Matching
import Money

// Numbers and words as Binance writes them: 8 digits behind the point, capitals.

enum BinanceText {
    /// `units` x 10^-`decimals` with 8 digits behind the point, more only where they are not zero.
    static func number(_ units: Int128, decimals: Int) -> String {
        var (units, decimals) = (units, decimals)
        while decimals > 8, units % 10 == 0 {
            units /= 10
            decimals -= 1
        }
        if decimals < 8 {
            units = units.multipliedReportingOverflow(by: PowersOfTen.wide[8 - decimals]).partialValue
            decimals = 8
        }
        return DecimalText.text(units, decimals: decimals)
    }

    /// A part of 100,000,000 as a decimal.
    static func rate(_ parts: Int64) -> String { number(Int128(parts), decimals: 8) }

    static func side(_ side: Matching.Side) -> String { side == .buy ? "BUY" : "SELL" }

    static func type(_ order: Order) -> String {
        switch order.kind {
        case .limit: order.isPostOnly ? "LIMIT_MAKER" : "LIMIT"
        case .market: "MARKET"
        case .stopLoss: "STOP_LOSS"
        case .takeProfit: "TAKE_PROFIT"
        case .stopLossLimit: "STOP_LOSS_LIMIT"
        case .takeProfitLimit: "TAKE_PROFIT_LIMIT"
        }
    }

    static func status(_ order: Order) -> String {
        switch order.status {
        case .new: "NEW"
        case .partiallyFilled: "PARTIALLY_FILLED"
        case .filled: "FILLED"
        case .canceled: "CANCELED"
        case .expired: order.reason == .selfTrade ? "EXPIRED_IN_MATCH" : "EXPIRED"
        case .rejected: "REJECTED"
        }
    }

    static func timeInForce(_ time: Matching.TimeInForce) -> String {
        switch time {
        case .goodTillCanceled: "GTC"
        case .immediateOrCancel: "IOC"
        case .fillOrKill: "FOK"
        }
    }

    static func selfTrade(_ mode: SelfTradePrevention) -> String {
        switch mode {
        case .none: "NONE"
        case .expireTaker: "EXPIRE_TAKER"
        case .expireMaker: "EXPIRE_MAKER"
        case .expireBoth: "EXPIRE_BOTH"
        }
    }

    static func listID(_ id: OrderListID) -> Int64 { id == .none ? -1 : id.rawValue }
}

extension PaperInstrument {
    var binanceSymbol: String { base + quote }

    func binancePrice(_ ticks: Int64) -> String {
        BinanceText.number(Int128(ticks) * Int128(tick.units), decimals: Int(tick.decimals))
    }

    func binanceQuantity(_ lots: Int64) -> String {
        BinanceText.number(Int128(lots) * Int128(lot.units), decimals: Int(lot.decimals))
    }
}

extension PaperVenue {
    /// Quote units of an instrument.
    func binanceCost(_ units: Int128, _ instrument: PaperInstrument) -> String {
        BinanceText.number(units, decimals: asset(instrument.rules.quote).decimals)
    }

    func binanceAmount(_ units: Int128, _ asset: AssetID) -> String {
        BinanceText.number(units, decimals: self.asset(asset).decimals)
    }

    func binanceInstrument(_ symbol: String) -> PaperInstrument? { instruments.first { $0.binanceSymbol == symbol } }
}
