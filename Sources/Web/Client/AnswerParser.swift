import Exchange
import NIOCore

/// Reads the answer to one request, from bytes as they come, up to a limit.
///
/// By hand and not by the library's decoder, since two things must be known exactly: whether bytes are left behind the end of an
/// answer (they would be taken for the beginning of the next one, on a connection that is used again), and that nothing of an
/// earlier one is pending when it begins. No request of ours (`WebRequest.Method`) has an answer whose body is announced and not sent.
struct AnswerParser {
    enum Progress: Equatable {
        case incomplete
        /// `isKept`: the other side expects further requests on this connection.
        case complete(WebResponse, isKept: Bool)
        case failed(AnswerFault)
    }

    /// What is expected next.
    enum Part: Equatable {
        case statusLine, headers
        /// Bytes that are still to come.
        case body(left: Int)
        case bodyUntilClose
        case chunkSize
        case chunk(left: Int)
        case chunkEnd, trailers
        /// Nothing: the answer is complete or cannot be understood.
        case end
    }

    /// All lines that are no body may have this many bytes together, those of trailers and informational answers included.
    static let largestHead = 64 << 10
    /// A line with the size of a chunk has a few bytes; extensions of it are not read.
    static let largestChunkLine = 1 << 10

    /// The largest body that is taken, in bytes.
    let limit: Int
    var part = Part.statusLine
    var head = AnswerHead()
    var body: [UInt8] = []
    /// The beginning of a line whose end has not come.
    private var line: [UInt8] = []
    private var headBytes = 0

    init(limit: Int) { self.limit = limit }

    /// Takes what belongs to the answer from `bytes`; what then is left there lies behind its end.
    mutating func take(_ bytes: inout ByteBuffer) -> Progress {
        do throws(AnswerFault) {
            while part != .end, bytes.readableBytes > 0 {
                switch part {
                case .body(let left): takeBody(&bytes, left)
                case .bodyUntilClose: try takeRest(&bytes)
                case .chunk(let left): takeChunk(&bytes, left)
                default:
                    guard let line = try takeLine(&bytes) else { return .incomplete }
                    try read(line)
                }
            }
            return part == .end ? .complete(answer, isKept: head.isKept) : .incomplete
        } catch {
            part = .end
            return .failed(error)
        }
    }

    /// The connection ended: some answers are complete by that.
    mutating func finish() -> Progress {
        guard part == .bodyUntilClose else { return .incomplete }
        part = .end
        return .complete(answer, isKept: false)
    }

    private var answer: WebResponse { WebResponse(status: head.status, headers: head.headers, body: body) }

    // MARK: Lines

    private mutating func read(_ line: [UInt8]) throws(AnswerFault) {
        switch part {
        case .statusLine:
            head = try AnswerHead(statusLine: line)
            part = .headers
        case .headers:
            if line.isEmpty { try beginBody() } else { try head.add(line) }
        case .chunkSize:
            let size = try ChunkLine.size(line)
            guard size <= limit - body.count else { throw .tooLarge }
            part = size == 0 ? .trailers : .chunk(left: size)
        case .chunkEnd:
            guard line.isEmpty else { throw .malformed("a chunk of it does not end where it should") }
            part = .chunkSize
        case .trailers: if line.isEmpty { part = .end }
        case .body, .bodyUntilClose, .chunk, .end: break
        }
    }

    private mutating func beginBody() throws(AnswerFault) {
        if head.isInformational {
            part = .statusLine
            return
        }
        switch try head.framing() {
        case .none: part = .end
        case .untilClose: part = .bodyUntilClose
        case .chunked: part = .chunkSize
        case .length(let length):
            guard length <= limit else { throw .tooLarge }
            body.reserveCapacity(length)
            part = length == 0 ? .end : .body(left: length)
        }
    }

    /// The next line without its end; nil: it is not complete.
    private mutating func takeLine(_ bytes: inout ByteBuffer) throws(AnswerFault) -> [UInt8]? {
        let view = bytes.readableBytesView
        let end = view.firstIndex(of: UInt8(ascii: "\n"))
        let taken = view[..<(end ?? view.endIndex)]
        try count(taken.count + 1)
        line.append(contentsOf: taken)
        bytes.moveReaderIndex(forwardBy: taken.count + (end == nil ? 0 : 1))
        guard end != nil else { return nil }
        guard line.last == UInt8(ascii: "\r") else { throw .malformed("a line of it does not end as lines do in HTTP") }
        line.removeLast()
        defer { line = [] }
        return line
    }

    /// Lines are bounded before they are kept.
    private mutating func count(_ more: Int) throws(AnswerFault) {
        switch part {
        case .chunkSize, .chunkEnd:
            guard line.count + more <= Self.largestChunkLine else { throw .malformed("a chunk of it has no size") }
        default:
            headBytes += more
            guard headBytes <= Self.largestHead else { throw .malformed("its head is larger than \(Self.largestHead) bytes") }
        }
    }

    // MARK: Bodies

    private mutating func takeBody(_ bytes: inout ByteBuffer, _ left: Int) {
        let rest = left - append(&bytes, atMost: left)
        part = rest == 0 ? .end : .body(left: rest)
    }

    private mutating func takeChunk(_ bytes: inout ByteBuffer, _ left: Int) {
        let rest = left - append(&bytes, atMost: left)
        part = rest == 0 ? .chunkEnd : .chunk(left: rest)
    }

    private mutating func takeRest(_ bytes: inout ByteBuffer) throws(AnswerFault) {
        guard bytes.readableBytes <= limit - body.count else { throw .tooLarge }
        _ = append(&bytes, atMost: bytes.readableBytes)
    }

    private mutating func append(_ bytes: inout ByteBuffer, atMost most: Int) -> Int {
        let count = min(most, bytes.readableBytes)
        body.append(contentsOf: bytes.readableBytesView.prefix(count))
        bytes.moveReaderIndex(forwardBy: count)
        return count
    }
}

/// Why bytes are no answer that can be taken.
enum AnswerFault: Error, Equatable {
    case tooLarge
    /// What is wrong, as a sentence about "it", the answer.
    case malformed(String)
}

/// The line before a chunk (RFC 9112, 7.1): its size in hexadecimal digits, then extensions that nobody uses.
enum ChunkLine {
    static func size(_ line: [UInt8]) throws(AnswerFault) -> Int {
        let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        // More digits than these are no size, and would not fit an integer.
        guard (1...15).contains(digits.count) else { throw .malformed("a chunk of it has no size") }
        var size = 0
        for digit in digits {
            guard let value = Character(UnicodeScalar(digit)).hexDigitValue, digit < 0x80 else {
                throw .malformed("a chunk of it has no size")
            }
            size = size << 4 | value
        }
        return size
    }
}
