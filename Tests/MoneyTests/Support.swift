import Foundation
import Testing

@testable import Money

/// Numbers that a script took from freqtrade; see Tests/Fixtures/money.
struct Fixture: CustomStringConvertible {
    let fields: [String]

    var description: String { fields.joined(separator: ",") }
    func text(_ index: Int) -> String { fields[index] }
    func number(_ index: Int) throws -> Double { try #require(Double(fields[index])) }

    static func rows(_ name: String) throws -> [Fixture] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: folder.appendingPathComponent("Fixtures/money/" + name), encoding: .utf8)
        return text.split(separator: "\n").map { Fixture(fields: $0.split(separator: ",").map(String.init)) }
    }

    /// Without needless zeros and point.
    static func plain(_ text: String) -> String {
        var text = text
        let sign = text.hasPrefix("-") ? "-" : ""
        if !sign.isEmpty { text.removeFirst() }
        text = String(text.drop { $0 == "0" })
        if text.contains(".") { while text.hasSuffix("0") { text.removeLast() } }
        if text.hasSuffix(".") { text.removeLast() }
        if text.hasPrefix(".") || text.isEmpty { text = "0" + text }
        return text == "0" ? text : sign + text
    }

    /// Scientific notation written out.
    static func expanded(_ text: String) -> String {
        let parts = text.split(separator: "e")
        guard parts.count == 2, let exponent = Int(parts[1]) else { return plain(text) }
        let mantissa = parts[0].split(separator: ".")
        let digits = mantissa.joined()
        let point = mantissa[0].count + exponent
        if point <= 0 { return plain("0." + String(repeating: "0", count: -point) + digits) }
        if point >= digits.count { return plain(digits + String(repeating: "0", count: point - digits.count)) }
        return plain(digits.prefix(point) + "." + digits.dropFirst(point))
    }
}

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

    /// Any finite double.
    mutating func double() -> Double {
        while true {
            let value = Double(bitPattern: next())
            if value.isFinite { return value }
        }
    }

    /// A number above zero as prices and amounts are: few digits or many, small or large.
    mutating func price() -> Double {
        let digits = Double(UInt64.random(in: 1..<1_000_000_000_000_000, using: &self))
        switch Int.random(in: 0..<4, using: &self) {
        case 0:
            return (digits / 1e9).rounded() / Double.powerOfTen(Int.random(in: 0...8, using: &self))
                + 1 / Double.powerOfTen(8)
        case 1: return Double.random(in: 1e-9...1, using: &self)
        case 2: return Double.random(in: 1...1e6, using: &self)
        default: return digits / 1e8
        }
    }

    /// An integer of 1 to 10 limbs.
    mutating func wide() -> BigInteger {
        var value = BigInteger(Int128(truncatingIfNeeded: Int64(bitPattern: next()) | 1))
        for _ in 0..<Int.random(in: 0..<5, using: &self) {
            // Runs of ones and zeros reach the rare branches of division.
            let limb = Bool.random(using: &self) ? next() : (Bool.random(using: &self) ? .max : 0)
            value = value.shiftedLeft(Int.random(in: 1...64, using: &self)) + BigInteger(Int128(limb))
        }
        return value.isZero ? BigInteger(Int128(1)) : value
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
