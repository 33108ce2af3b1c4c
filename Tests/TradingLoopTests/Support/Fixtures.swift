import Backtesting
import Exchange
import Foundation
import Market
import Money
import Orders
import Strategies
import Testing
import Trading

@testable import TradingLoop

/// Signals written into the volume of a candle: 1 enters, 2 leaves, 3 both; other volumes say nothing.
struct VolumeSignals: Strategy {
    static let name = "VolumeSignals"
    static let parameters: [Parameter] = []
    static let rules = StrategyRules(timeframe: "5m")
    init(values: ParameterValues) {}
    init() {}

    func signals(on frame: Frame) -> Signals {
        var signals = Signals(count: frame.count)
        signals.tagNames = ["", "in", "out"]
        signals.enterTags = Array(repeating: 0, count: frame.count)
        signals.exitTags = Array(repeating: 0, count: frame.count)
        for row in 0..<frame.count {
            let code = frame.volume[row]
            if code == 1 || code == 3 {
                signals.flags[row].insert(.enterLong)
                signals.enterTags[row] = 1
            }
            if code == 2 || code == 3 { signals.flags[row].insert(.exitLong) }
            if code == 2.5 {
                signals.flags[row].insert(.exitLong)
                signals.exitTags[row] = 2
            }
        }
        return signals
    }
}

/// Random numbers (S. Vigna's SplitMix64).
struct Randomness: RandomNumberGenerator {
    var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    mutating func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &self) < probability }
}

func seeds(_ name: String, count: Int) -> [UInt64] {
    let first = ProcessInfo.processInfo.environment["PRAGMA_SEED"].flatMap { UInt64($0) } ?? 4_000
    print("\(name): seeds \(first)..<\(first + UInt64(count))")
    return (0..<UInt64(count)).map { first + $0 }
}

func pair(_ text: String) throws -> Pair { try #require(Pair(text)) }
/// Numbers written out in tests; one that is none fails the test that has it.
func price(_ text: String) -> Price { Price(text) ?? missing(text, .zero) }
func quantity(_ text: String) -> Quantity { Quantity(text) ?? missing(text, .zero) }
func amount(_ text: String) -> Amount { Amount(text) ?? missing(text, .zero) }

private func missing<Value>(_ text: String, _ value: Value) -> Value {
    Issue.record("'\(text)' is no number")
    return value
}

/// A venue's listing with a tick of 0.01, a step of 0.001 and a least order of 5.
func listing(_ text: String) throws -> TradedInstrument {
    let pair = try pair(text)
    var instrument = TradedInstrument(
        pair: pair, symbol: pair.base + pair.quote, streamSymbol: pair.base + pair.quote, priceTick: price("0.01"),
        quantityStep: quantity("0.001"))
    instrument.minimumQuantity = quantity("0.001")
    instrument.minimumNotional = amount("5")
    instrument.makerFee = amount("0.001")
    instrument.takerFee = amount("0.001")
    return instrument
}

/// Rules without ROI, with a far stop: only what a test sets happens.
func quietSettings() -> TradingSettings {
    var rules = BacktestSettings(rules: VolumeSignals.rules)
    rules.minimalROI = [:]
    rules.stoploss = -0.5
    rules.stakeAmount = .fixed(100)
    rules.maxOpenTrades = 3
    rules.dryRunWallet = 1000
    return TradingSettings(rules: rules)
}

extension [TradingDirective] {
    var placed: [OrderRequest] { compactMap { if case .place(let request) = $0 { request } else { nil } } }
    var canceled: [OrderTicket] { compactMap { if case .cancel(let ticket, _) = $0 { ticket } else { nil } } }
    var cancelReasons: [CancelReason] { compactMap { if case .cancel(_, let reason) = $0 { reason } else { nil } } }
    var decisions: [Decision.Kind] { compactMap { if case .decision(let decision) = $0 { decision.kind } else { nil } } }
    var records: [TradingRecord] { compactMap { if case .record(let record) = $0 { record } else { nil } } }
    var reports: [TradeReport] { compactMap { if case .trade(let report) = $0 { report } else { nil } } }
}
