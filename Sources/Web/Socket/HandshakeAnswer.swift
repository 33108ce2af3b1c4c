import NIOHTTP1

/// The head of a server's answer to the handshake, read by hand.
///
/// The library's decoder hands on what lies behind the head only later, when a connection that closes at once is already gone
/// and the frames with it: a server's reason for closing, for instance.
enum HandshakeAnswer {
    case incomplete
    case malformed(String)
    /// `length`: bytes of the head, to the end of its empty line.
    case head(HTTPResponseHead, length: Int)

    /// Heads longer than this are refused.
    static let longest = 64 << 10

    static func read(_ bytes: [UInt8]) -> HandshakeAnswer {
        let start = Array("HTTP/1.".utf8)
        guard zip(bytes, start).allSatisfy({ $0 == $1 }) else { return .malformed("the answer is no HTTP") }
        guard let length = end(of: bytes) else {
            return bytes.count > longest ? .malformed("the head of the answer is too large") : .incomplete
        }
        guard let text = String(validating: bytes.prefix(length - 4), as: UTF8.self) else {
            return .malformed("the head of the answer is no text")
        }
        // A line break is one Character.
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        let status = lines.first?.split(separator: " ", maxSplits: 2) ?? []
        guard status.count >= 2, status[1].utf8.count == 3, let code = Int(status[1]), (100...999).contains(code) else {
            return .malformed("the answer has no status")
        }
        var headers = HTTPHeaders()
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { return .malformed("the answer has a header without a colon") }
            let value = line[line.index(after: colon)...]
            headers.add(name: String(line[..<colon]), value: String(value.trimmed))
        }
        let reason = status.count > 2 ? String(status[2]) : ""
        return .head(
            .init(version: .http1_1, status: .init(statusCode: code, reasonPhrase: reason), headers: headers), length: length)
    }

    private static func end(of bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (0...(bytes.count - 4)).first {
            bytes[$0] == 13 && bytes[$0 + 1] == 10 && bytes[$0 + 2] == 13 && bytes[$0 + 3] == 10
        }
        .map { $0 + 4 }
    }
}

extension Substring {
    /// Without blanks and tabs at its ends.
    fileprivate var trimmed: Substring {
        var rest = self
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return rest
    }
}
