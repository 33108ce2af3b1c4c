import Exchange
import Foundation
import Market
import Money
import Testing

@testable import Kraken

/// Random numbers from a seed (S. Vigna's SplitMix64).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// The seed of a property test, printed so that a failure can be repeated: PRAGMA_SEED sets it.
enum Seed {
    static func announced(_ name: String) -> UInt64 {
        let seed = ProcessInfo.processInfo.environment["PRAGMA_SEED"].flatMap { UInt64($0) } ?? 20_260_101
        print("\(name): seed \(seed)")
        return seed
    }
}

/// What ccxt made and read; not shipped with the sources.
enum Corpus {
    static func bytes(_ name: String) -> [UInt8]? {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder =
            ProcessInfo.processInfo.environment["PRAGMA_CORPUS"].map { URL(fileURLWithPath: $0) }
            ?? root.deletingLastPathComponent().appendingPathComponent("shared/corpus")
        guard let data = try? Data(contentsOf: folder.appendingPathComponent("exchanges/" + name)) else {
            print("skipped: no corpus at \(folder.path)")
            return nil
        }
        return [UInt8](data)
    }

    static func json(_ name: String) throws -> JSONValue? { try bytes(name).map { try JSONValue(parsing: $0) } }

    /// Kraken's cases of a file that has a list of cases for all exchanges.
    static func cases(_ file: JSONValue) -> [JSONValue] {
        (file["cases"]?.elements ?? file.elements ?? []).filter { $0["exchange"]?.text == "kraken" }
    }
}

enum Sample {
    /// A made-up pair with the rules that Kraken's main pair has.
    static var instrument: TradedInstrument {
        get throws {
            let pair = try #require(Pair("BTC/USD"))
            let tick = Price(units: 1, decimals: 1)
            var instrument = TradedInstrument(
                pair: pair, symbol: "XXBTZUSD", streamSymbol: "BTC/USD", priceTick: tick,
                quantityStep: Quantity(units: 1, decimals: 8))
            instrument.aliases = ["XBTUSD", "XBT/USD"]
            instrument.costDecimals = 5
            return instrument
        }
    }

    static func answer(_ text: String, status: Int = 200, headers: [WebHeader] = []) -> WebResponse {
        WebResponse(status: status, headers: headers, body: Array(text.utf8))
    }

    static func result(_ text: String) -> WebResponse { answer(#"{"error":[],"result":"# + text + "}") }

    static func price(_ text: String) throws -> Price { try #require(Price(text)) }
    static func quantity(_ text: String) throws -> Quantity { try #require(Quantity(text)) }
    static func amount(_ text: String) throws -> Amount { try #require(Amount(text)) }
    static let now = Timestamp(milliseconds: 1_750_000_000_123)

    static func intent(
        _ side: OrderSide, _ kind: OrderKind, _ quantity: String = "0.001", timeInForce: TimeInForce = .goodTilCanceled,
        id: String = "swx0001", reduceOnly: Bool = false, deadline: Timestamp? = nil
    ) throws -> OrderIntent {
        OrderIntent(
            side, kind, quantity: try self.quantity(quantity), timeInForce: timeInForce, clientOrderID: ClientOrderID(id),
            reduceOnly: reduceOnly, deadline: deadline)
    }
}

/// The error that a body throws; records an issue where it throws none.
func venueError(_ body: () throws -> Void) -> VenueError? {
    do {
        try body()
        Issue.record("no error was thrown")
        return nil
    } catch {
        return error as? VenueError
    }
}
