import Market
import Money

@testable import Risk

/// A small generator with a seed: the same seed gives the same run on every machine.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }
}

func money(_ text: String) -> Amount {
    guard let amount = Amount(text) else { preconditionFailure("\(text) is no amount") }
    return amount
}

func price(_ text: String) -> Price {
    guard let price = Price(text) else { preconditionFailure("\(text) is no price") }
    return price
}

func quantity(_ text: String) -> Quantity {
    guard let quantity = Quantity(text) else { preconditionFailure("\(text) is no quantity") }
    return quantity
}

func pair(_ text: String) -> Pair {
    guard let pair = Pair(text) else { preconditionFailure("\(text) is no pair") }
    return pair
}

let btc = pair("BTC/USDT")
let eth = pair("ETH/USDT")
let sol = pair("SOL/USDT")

/// Noon of a day, so that an hour more or less is the same day.
let noon = Timestamp(milliseconds: 1_800_000_000_000 / 86_400_000 * 86_400_000 + 43_200_000)

func minutes(_ count: Int64) -> Timestamp { noon.advanced(byMilliseconds: count * 60_000) }

func instant(_ time: Timestamp, clock: Int64 = 0) -> RiskInstant { RiskInstant(time: time, clock: clock) }

/// A state with an equity of 10 000 at noon.
func state(equity: String = "10000", policy: RiskPolicy = RiskPolicy()) -> RiskState {
    var state = RiskState(account: "paper-binance/main", currency: "USDT")
    state.apply(.equity(money(equity)), at: noon, policy: policy)
    return state
}

func buy(_ amount: String) -> OrderProposal { buy(1, btc, amount) }
func buy(_ id: UInt64, _ amount: String) -> OrderProposal { buy(id, btc, amount) }

func buy(
    _ id: UInt64, _ pair: Pair, _ amount: String, at limit: String? = "100", reference: String? = "100",
    stop: String? = "99"
) -> OrderProposal {
    OrderProposal(
        id: id, pair: pair, side: .buy, quantity: quantity(amount), limit: limit.map(price), reference: reference.map(price),
        stop: stop.map(price))
}

func sell(
    _ id: UInt64, _ pair: Pair, _ amount: String, at limit: String? = "100", reference: String? = "100",
    stop: String? = nil
) -> OrderProposal {
    OrderProposal(
        id: id, pair: pair, side: .sell, quantity: quantity(amount), limit: limit.map(price), reference: reference.map(price),
        stop: stop.map(price))
}

extension CircuitBreaker {
    var isOpen: Bool { if case .open = phase { true } else { false } }
    var isHalfOpen: Bool { if case .halfOpen = phase { true } else { false } }
    var reasons: BreakerReasons { if case .open(let trip) = phase { trip.reasons } else { [] } }
}
