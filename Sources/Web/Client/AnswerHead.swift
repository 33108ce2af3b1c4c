import Exchange

/// Status and headers of an answer, line by line, and what they say of its body (RFC 9112, 4 to 6).
struct AnswerHead: Equatable {
    /// How the end of the body is known.
    enum Framing: Equatable {
        case none, chunked, untilClose
        case length(Int)
    }

    private(set) var status = 0
    private(set) var headers: [WebHeader] = []
    /// Of HTTP/1.x; connections of HTTP/1.0 end with their answer unless it says otherwise.
    private var minorVersion = 1

    init() {}

    /// `HTTP/1.1 200 OK`; the words may be missing.
    init(statusLine line: [UInt8]) throws(AnswerFault) {
        let start = Array("HTTP/1.".utf8)
        guard line.starts(with: start), line.count >= 12, line[8] == UInt8(ascii: " "), let minor = line[7].digit else {
            throw .malformed("it is no HTTP/1.1")
        }
        guard line.count == 12 || line[12] == UInt8(ascii: " "), let hundreds = line[9].digit, let tens = line[10].digit,
            let ones = line[11].digit, (1...5).contains(hundreds)
        else { throw .malformed("it has no status") }
        minorVersion = minor
        status = hundreds * 100 + tens * 10 + ones
    }

    /// Comes before the answer proper, and has no body.
    var isInformational: Bool { status < 200 && status != 101 }

    mutating func add(_ line: [UInt8]) throws(AnswerFault) {
        if line.first?.isBlank == true { return try extend(line) }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0, line[..<colon].allSatisfy(isTokenByte) else {
            throw .malformed("a header of it has no name")
        }
        headers.append(WebHeader(String(decoding: line[..<colon], as: UTF8.self), try value(line[(colon + 1)...])))
    }

    /// A line that goes on with the header before it, as was once allowed (RFC 9112, 5.2).
    private mutating func extend(_ line: [UInt8]) throws(AnswerFault) {
        guard var last = headers.popLast() else { throw .malformed("a header of it has no name") }
        last.value += " " + (try value(line[...]))
        headers.append(last)
    }

    private func value(_ bytes: ArraySlice<UInt8>) throws(AnswerFault) -> String {
        var bytes = bytes
        while bytes.first?.isBlank == true { bytes.removeFirst() }
        while bytes.last?.isBlank == true { bytes.removeLast() }
        guard bytes.allSatisfy(isValueByte) else { throw .malformed("a header of it has a forbidden character") }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: What follows

    func framing() throws(AnswerFault) -> Framing {
        if status == 101 { throw .malformed("it changes the protocol, which nobody asked for") }
        if status == 204 || status == 304 { return .none }
        let codings = words("transfer-encoding")
        if !codings.isEmpty {
            guard codings == ["chunked"] else { throw .malformed("its transfer encoding is unknown") }
            return .chunked
        }
        let lengths = words("content-length")
        guard let first = lengths.first else { return .untilClose }
        guard lengths.allSatisfy({ $0 == first }), !first.isEmpty, first.utf8.allSatisfy({ $0.digit != nil }) else {
            throw .malformed("its length is no number")
        }
        // A number that does not fit is larger than any limit.
        guard let length = Int(first) else { throw .tooLarge }
        return .length(length)
    }

    /// Whether the other side keeps the connection for further requests, as far as the head says.
    var isKept: Bool {
        let options = words("connection")
        if options.contains("close") { return false }
        // Two ways to say how long it is: somebody between us and the venue may believe the other one.
        if !words("transfer-encoding").isEmpty, !words("content-length").isEmpty { return false }
        return minorVersion >= 1 || options.contains("keep-alive")
    }

    /// The members of a list header, in lower case. An empty value has one empty member.
    private func words(_ name: String) -> [String] {
        var words: [String] = []
        for header in headers where header.name.utf8.count == name.utf8.count && header.name.lowercased() == name {
            for word in header.value.split(separator: ",", omittingEmptySubsequences: false) {
                words.append(word.drop { $0 == " " || $0 == "\t" }.lowercased().trimmedAtEnd)
            }
        }
        return words
    }
}

extension String {
    fileprivate var trimmedAtEnd: String {
        var rest = self
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return rest
    }
}

extension UInt8 {
    fileprivate var digit: Int? { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) ? Int(self - UInt8(ascii: "0")) : nil }
    fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
}
