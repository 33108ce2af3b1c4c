import Exchange
import Market
import Money

/// Texts that are JSON, and some that are not quite.
private let texts: [String] = [
    "{}", "[]", "0", "-0", "1e999", "-1.5E+10", "1e-400", "170141183460469231731687303715884105727", "null", "true",
    #""\ud83d\ude00\u0000\n\"""#, #"{"a":[1,{"b":"2.50","c":null}],"d":"x","a":false}"#, " [ 1 , 2 ] ", #""\ud800""#,
    "0.000000000000000000000000000000000001", "999999999999999999.999999999999999999", "9223372036854775807", "[[[[[[[[]]]]]]]]",
]

/// The scanner by itself, and the tree that is made with it.
let jsonCases: [FuzzCase] = [
    FuzzCase("JSON tree", seeds: texts.map { Array($0.utf8) }) { bytes in
        var scanner = JSONScanner(bytes)
        let isSkipped = (try? scanner.skip()) != nil && (try? scanner.end()) != nil
        guard let value = try? JSONValue(parsing: bytes) else { return false }
        precondition(isSkipped, "what is a tree can be skipped")
        // What is written can be read and is the same.
        precondition((try? JSONValue(parsing: value.bytes)) == value, "\(value) is written in another way than it is read")
        touch(value)
        return true
    },
    FuzzCase("JSON numbers", seeds: texts.map { Array($0.utf8) }) { bytes in
        var isRead = false
        for kind in 0..<4 {
            var scanner = JSONScanner(bytes)
            switch kind {
            case 0: isRead = touched(try? scanner.fixedPoint(FixedPointKind.Price.self)) || isRead
            case 1: isRead = touched(try? scanner.amount()) || isRead
            case 2: isRead = touched(try? scanner.integer()) || isRead
            default: isRead = touched(try? scanner.string()) || isRead
            }
        }
        return isRead
    },
]

private func touch(_ value: JSONValue) {
    _ = touched(value.integer)
    _ = touched(value.fixedPoint(FixedPointKind.Price.self))
    for element in value.elements ?? [] { touch(element) }
    for member in value.members ?? [] { touch(member.value) }
}

/// Computes with what was read; false for nothing.
func touched(_ value: (some Hashable)?) -> Bool {
    guard let value else { return false }
    _ = value.hashValue
    return true
}
