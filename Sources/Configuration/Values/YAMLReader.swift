import Foundation
import Yams

/// Reads YAML files (role files and farms) into the same values as JSON, with the line of each.
///
/// Words are read as JSON reads them: `true`, `false`, `null`, numbers; everything else is a text, `yes` and `on` included, so that no
/// text turns into something else. Anchors and aliases work, but few of them: a small file cannot grow without bound.
package enum YAMLReader {
    /// What a file may have at most.
    private static let maximumBytes = 1 << 20
    private static let maximumDepth = 64
    private static let maximumValues = 100_000
    private static let maximumAliases = 10

    /// The value in `bytes`; an empty file is an empty object.
    package static func read(
        _ bytes: [UInt8], origin: SourceLocation.Origin
    ) throws(JSONReader.SyntaxError) -> ConfigValue {
        let place = SourceLocation(origin, line: 1, column: 1)
        guard bytes.count <= maximumBytes else {
            throw error(place, "the file has \(bytes.count) bytes", "keep it under \(maximumBytes) bytes")
        }
        guard let text = String(validating: bytes, as: UTF8.self), !text.contains("\0") else {
            throw error(place, "the file is no UTF-8 text", "save the file as UTF-8")
        }
        guard aliasCount(text) <= maximumAliases else {
            throw error(place, "the file has more than \(maximumAliases) aliases", "write the values out")
        }
        do {
            guard let node = try Yams.compose(yaml: text) else { return ConfigValue(.object([:]), at: place) }
            var budget = maximumValues
            let value = try convert(node, origin: origin, depth: 0, budget: &budget)
            return value.isNull ? ConfigValue(.object([:]), at: place) : value
        } catch let problem as JSONReader.SyntaxError {
            throw problem
        } catch let problem as YamlError {
            throw describe(problem, origin: origin)
        } catch {
            throw Self.error(place, "the file is no YAML", "check its indentation")
        }
    }

    /// Words that begin with `*`: at least as many as there are aliases.
    private static func aliasCount(_ text: String) -> Int {
        var count = 0
        var previous: UInt8 = 0x0A
        for byte in text.utf8 {
            if byte == UInt8(ascii: "*"), [0x20, 0x09, 0x0A, 0x0D, 0x2C, 0x5B, 0x7B, 0x3A].contains(previous) { count += 1 }
            previous = byte
        }
        return count
    }

    private static func error(_ place: SourceLocation, _ problem: String, _ remedy: String) -> JSONReader.SyntaxError {
        JSONReader.SyntaxError(location: place, problem: problem, remedy: remedy)
    }

    /// Yams quotes the file in its own descriptions; here only the place and libyaml's words are taken.
    private static func describe(_ problem: YamlError, origin: SourceLocation.Origin) -> JSONReader.SyntaxError {
        switch problem {
        case .scanner(_, let words, let mark, _), .parser(_, let words, let mark, _), .composer(_, let words, let mark, _):
            let place = SourceLocation(origin, line: mark.line, column: mark.column)
            return error(place, "no YAML: " + words, "check indentation, colons and quotes there")
        case .duplicatedKeysInMapping(let names, let context):
            let place = SourceLocation(origin, line: context.mark.line, column: context.mark.column)
            let list = names.map(SecretKeys.shortened).joined(separator: ", ")
            return error(place, "a key stands twice: \(list)", "remove one of the two")
        default: return error(SourceLocation(origin, line: 1, column: 1), "the file is no YAML", "save it as UTF-8 text")
        }
    }

    private static func convert(
        _ node: Node, origin: SourceLocation.Origin, depth: Int, budget: inout Int
    ) throws(JSONReader.SyntaxError) -> ConfigValue {
        let place = SourceLocation(origin, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
        budget -= 1
        guard budget >= 0 else { throw error(place, "there are more than \(maximumValues) values", "split the file") }
        guard depth <= maximumDepth else { throw error(place, "nested deeper than \(maximumDepth)", "flatten the file") }
        switch node {
        case .scalar(let scalar): return ConfigValue(kind(of: scalar), at: place)
        case .sequence(let sequence):
            var elements: [ConfigValue] = []
            for element in sequence { elements.append(try convert(element, origin: origin, depth: depth + 1, budget: &budget)) }
            return ConfigValue(.array(elements), at: place)
        case .mapping(let mapping):
            var members: ConfigValue.Object = [:]
            for (key, value) in mapping {
                guard let name = key.scalar?.string else { throw error(place, "a key is no text", "write name: value") }
                members[name] = try convert(value, origin: origin, depth: depth + 1, budget: &budget)
            }
            return ConfigValue(.object(members), at: place)
        case .alias: throw error(place, "an alias that leads nowhere", "write the value out")
        }
    }

    private static func kind(of scalar: Node.Scalar) -> ConfigValue.Kind {
        guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
        let text = scalar.string
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .boolean(true)
        case "false", "False", "FALSE": return .boolean(false)
        default: break
        }
        let first = text.utf8.first ?? 0
        guard first == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return .string(text) }
        let plain = text.filter { $0 != "_" }
        let number = try? JSONReader.read(Array(plain.utf8), origin: .none, options: .strict).value
        if let number = number?.number, number.value.isFinite { return .number(number) }
        return .string(text)
    }
}
