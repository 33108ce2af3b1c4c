/// Reads the JSON that freqtrade accepts (rapidjson with comments and trailing commas), keeping the place of every value.
///
/// `//` and `/* */` comments, one comma before a closing bracket, `NaN` and `Infinity` are accepted; everything else is
/// strict JSON in UTF-8. Any bytes give a value or a `SyntaxError`; size, depth and number of values are bounded.
package struct JSONReader {
    /// What a reader accepts at most.
    package struct Limits: Sendable {
        /// Bytes of the text.
        package var bytes = 4 << 20
        /// Nested objects and arrays.
        package var depth = 64
        /// Values of all kinds in one text.
        package var values = 200_000
        /// Bytes of a name.
        package var key = 4096
        /// Names that stand twice; further ones are not reported.
        package var duplicates = 100
        /// Limits that fit configuration files.
        package init() {}
    }

    /// The first thing that is no JSON.
    package struct SyntaxError: Error, Hashable, Sendable {
        /// Where it is.
        package var location: SourceLocation
        /// What is wrong; never quotes the text, which may hold secrets.
        package var problem: String
        /// What to do.
        package var remedy: String
    }

    /// A name that stands twice in one object; the later value counts.
    package struct DuplicateKey: Hashable, Sendable {
        /// The name with the names of the objects around it.
        package var path: String
        /// The first place.
        package var first: SourceLocation
        /// The place that counts.
        package var second: SourceLocation
    }

    /// What is accepted beyond strict JSON.
    package enum Options: Sendable {
        /// Comments and trailing commas, as in configuration files.
        case relaxed
        /// Neither of them, as in environment variables.
        case strict
    }

    let bytes: [UInt8]
    let origin: SourceLocation.Origin
    let options: Options
    let limits: Limits
    var position = 0
    var line = 1
    /// Offset of the first byte of the current line.
    var lineStart = 0
    var valueCount = 0
    /// The names of the objects and the numbers of the elements around the current place. They are put together for messages only:
    /// paths made for every value would cost the square of the names' length.
    private var steps: [Step] = []

    private enum Step {
        case name(String)
        case element(Int)
    }
    package private(set) var duplicates: [DuplicateKey] = []

    private init(_ bytes: [UInt8], origin: SourceLocation.Origin, options: Options, limits: Limits) {
        self.bytes = bytes
        self.options = options
        self.origin = origin
        self.limits = limits
    }

    /// The value in `bytes` and the names that stand twice.
    package static func read(
        _ bytes: [UInt8], origin: SourceLocation.Origin, options: Options = .relaxed, limits: Limits = Limits()
    ) throws(SyntaxError) -> (value: ConfigValue, duplicates: [DuplicateKey]) {
        var reader = JSONReader(bytes, origin: origin, options: options, limits: limits)
        guard bytes.count <= limits.bytes else {
            throw reader.error("the file has \(bytes.count) bytes", "keep it under \(limits.bytes) bytes")
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { reader.position = 3 }
        try reader.skipBlanks()
        guard reader.position < bytes.count else {
            throw reader.error("the file is empty", "write a JSON object: { ... }")
        }
        let value = try reader.readValue(depth: 0)
        try reader.skipBlanks()
        guard reader.position == bytes.count else {
            throw reader.error("there is something after the end of the value", "remove it, or a bracket that closes too early")
        }
        return (value, reader.duplicates)
    }

    // MARK: - Values

    mutating func readValue(depth: Int) throws(SyntaxError) -> ConfigValue {
        valueCount += 1
        guard valueCount <= limits.values else {
            throw error("there are more than \(limits.values) values", "split the file")
        }
        guard depth <= limits.depth else {
            throw error("brackets are nested deeper than \(limits.depth)", "flatten the file")
        }
        let start = location
        switch peek ?? 0 {
        case UInt8(ascii: "{"): return ConfigValue(.object(try readObject(depth: depth)), at: start)
        case UInt8(ascii: "["): return ConfigValue(.array(try readArray(depth: depth)), at: start)
        case UInt8(ascii: "\""): return ConfigValue(.string(try readString()), at: start)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return ConfigValue(.number(try readNumber()), at: start)
        default: return ConfigValue(try readWord(), at: start)
        }
    }

    private mutating func readObject(depth: Int) throws(SyntaxError) -> ConfigValue.Object {
        var members: ConfigValue.Object = [:]
        var places: [String: SourceLocation] = [:]
        position += 1
        while true {
            try skipBlanks()
            if options == .relaxed || members.isEmpty, take("}") { return members }
            guard peek == UInt8(ascii: "\"") else {
                throw error("a key in double quotes is expected", "write \"name\": value, or close the bracket with }")
            }
            let place = location
            let name = try readString()
            guard name.utf8.count <= limits.key else {
                throw SyntaxError(
                    location: place, problem: "a key has more than \(limits.key) bytes", remedy: "close its quote, or shorten it")
            }
            steps.append(.name(name))
            try skipBlanks()
            guard take(":") else { throw error("a colon is expected after the key", "write \"name\": value") }
            try skipBlanks()
            let value = try readValue(depth: depth + 1)
            if let first = places.updateValue(place, forKey: name), duplicates.count < limits.duplicates {
                duplicates.append(DuplicateKey(path: path, first: first, second: place))
            }
            steps.removeLast()
            members[name] = value
            try skipBlanks()
            if take("}") { return members }
            guard take(",") else { throw error("a comma or } is expected", "separate the members by commas") }
        }
    }

    private mutating func readArray(depth: Int) throws(SyntaxError) -> [ConfigValue] {
        var elements: [ConfigValue] = []
        position += 1
        while true {
            try skipBlanks()
            if options == .relaxed || elements.isEmpty, take("]") { return elements }
            steps.append(.element(elements.count))
            elements.append(try readValue(depth: depth + 1))
            steps.removeLast()
            try skipBlanks()
            if take("]") { return elements }
            guard take(",") else { throw error("a comma or ] is expected", "separate the elements by commas") }
        }
    }

    /// The key path of the current place.
    private var path: String {
        steps.reduce("") { path, step in
            switch step {
            case .name(let name): ConfigPath.joined(path, name)
            case .element(let index): ConfigPath.joined(path, index)
            }
        }
    }

    // MARK: - Bytes

    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// The place of the next byte. Columns count characters; bytes on very long lines, so that a file of one line is not
    /// read over and over.
    var location: SourceLocation {
        let length = position - lineStart
        let column = length > 500 ? length : bytes[lineStart..<position].count { $0 & 0xC0 != 0x80 }
        return SourceLocation(origin, line: line, column: column + 1)
    }

    func error(_ problem: String, _ remedy: String) -> SyntaxError {
        SyntaxError(location: location, problem: problem, remedy: remedy)
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let byte = peek, byte == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// Skips blanks, line ends and comments.
    mutating func skipBlanks() throws(SyntaxError) {
        while let byte = peek {
            switch byte {
            case 0x20, 0x09, 0x0D: position += 1
            case 0x0A: endLine()
            case UInt8(ascii: "/") where options == .relaxed: try skipComment()
            default: return
            }
        }
    }

    private mutating func endLine() {
        position += 1
        line += 1
        lineStart = position
    }

    private mutating func skipComment() throws(SyntaxError) {
        let next = position + 1 < bytes.count ? bytes[position + 1] : 0
        if next == UInt8(ascii: "/") {
            while let byte = peek, byte != 0x0A { position += 1 }
            return
        }
        guard next == UInt8(ascii: "*") else { throw error("a lone slash", "comments begin with // or /*") }
        let unclosed = error("a comment is not closed", "close it with */")
        position += 2
        while let byte = peek {
            if byte == 0x0A {
                endLine()
                continue
            }
            position += 1
            if byte == UInt8(ascii: "*"), take("/") { return }
        }
        throw unclosed
    }
}
