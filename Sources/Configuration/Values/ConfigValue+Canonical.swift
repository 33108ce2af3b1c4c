/// The one byte sequence of a configuration: sorted keys, no blanks, shortest numbers. Two configurations that mean the
/// same have the same bytes, and so the same hash.
extension ConfigValue {
    /// Compact JSON with members sorted by the bytes of their names. A number that is not finite is written as a text.
    package var canonicalBytes: [UInt8] {
        var writer = JSONWriter(indentation: nil)
        writer.write(self, depth: 0)
        return writer.bytes
    }

    /// The same content as `canonicalBytes`, indented for people, with a line feed at the end.
    package var prettyJSON: String {
        var writer = JSONWriter(indentation: 2)
        writer.write(self, depth: 0)
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }
}

/// Writes JSON with sorted members.
struct JSONWriter {
    var bytes: [UInt8] = []
    /// Blanks per level; nil: everything on one line.
    let indentation: Int?

    init(indentation: Int?) { self.indentation = indentation }

    mutating func write(_ value: ConfigValue, depth: Int) {
        switch value.kind {
        case .null: bytes += "null".utf8
        case .boolean(let flag): bytes += (flag ? "true" : "false").utf8
        case .number(let number) where number.value.isFinite: bytes += number.canonicalText.utf8
        case .number(let number): write("\(number.value)")
        case .string(let text): write(text)
        case .array(let elements):
            writeList(open: "[", close: "]", depth: depth, elements) { writer, element in
                writer.write(element, depth: depth + 1)
            }
        case .object(let members):
            let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            writeList(open: "{", close: "}", depth: depth, sorted) { writer, member in
                writer.write(member.key)
                writer.bytes += (writer.indentation == nil ? ":" : ": ").utf8
                writer.write(member.value, depth: depth + 1)
            }
        }
    }

    private mutating func writeList<Element>(
        open: String, close: String, depth: Int, _ elements: [Element], _ body: (inout JSONWriter, Element) -> Void
    ) {
        bytes += open.utf8
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes += ",".utf8 }
            newLine(depth + 1)
            body(&self, element)
        }
        if !elements.isEmpty { newLine(depth) }
        bytes += close.utf8
    }

    private mutating func newLine(_ depth: Int) {
        guard let indentation else { return }
        bytes.append(0x0A)
        bytes += repeatElement(0x20, count: indentation * depth)
    }

    private mutating func write(_ text: String) {
        bytes.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22: bytes += "\\\"".utf8
            case 0x5C: bytes += "\\\\".utf8
            case 0x0A: bytes += "\\n".utf8
            case 0x0D: bytes += "\\r".utf8
            case 0x09: bytes += "\\t".utf8
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                bytes += ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }
}
