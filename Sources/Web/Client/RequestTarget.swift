import Exchange

/// Where a request goes, checked before it goes over the wire byte for byte: a signature covers the query as it was made.
struct RequestTarget {
    /// Path and query, as they stand in the first line of a request.
    var text: String
    /// The value of the Host header.
    var host: String

    /// Throws `.notSent` where scheme, host, path or query cannot go over the wire as they are.
    init(_ origin: WebOrigin, path: String, query: String) throws(WebFailure) {
        host = try Self.authority(of: origin)
        let whole = origin.basePath + path
        guard whole.utf8.first == UInt8(ascii: "/") else {
            throw .notSent("the path of a request to \(origin) must begin with '/'")
        }
        guard Self.isEncoded(whole, alsoQuestionMark: false) else {
            throw .notSent("the path of a request to \(origin) has a character that must be percent-encoded")
        }
        guard Self.isEncoded(query, alsoQuestionMark: true) else {
            throw .notSent("the query of a request to \(origin) has a character that must be percent-encoded")
        }
        text = query.isEmpty ? whole : whole + "?" + query
    }

    private static func authority(of origin: WebOrigin) throws(WebFailure) -> String {
        guard !origin.host.isEmpty, origin.host.utf8.allSatisfy(isHostByte), (1...65_535).contains(origin.port) else {
            throw .notSent("'\(origin.host)' port \(origin.port) is no host and port")
        }
        let name = origin.host.utf8.contains(UInt8(ascii: ":")) ? "[\(origin.host)]" : origin.host
        let usual = origin.scheme.isEncrypted ? 443 : 80
        return origin.port == usual ? name : "\(name):\(origin.port)"
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "_"): true
        default: false
        }
    }

    /// RFC 3986: `pchar`, "/" and, in a query, "?"; each "%" followed by two hexadecimal digits.
    private static func isEncoded(_ text: String, alsoQuestionMark: Bool) -> Bool {
        var digitsDue = 0
        for byte in text.utf8 {
            if digitsDue > 0 {
                guard isHexadecimal(byte) else { return false }
                digitsDue -= 1
            } else if byte == UInt8(ascii: "%") {
                digitsDue = 2
            } else if !isPathByte(byte), !(alsoQuestionMark && byte == UInt8(ascii: "?")) {
                return false
            }
        }
        return digitsDue == 0
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~!$&'()*+,;=:@/".utf8.contains(byte)
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}

extension [WebHeader] {
    /// The first header that cannot go over the wire; nil: all can. Values may be secrets and are not told.
    var unsendable: String? {
        first { $0.name.isEmpty || !$0.name.utf8.allSatisfy(isTokenByte) || !$0.value.utf8.allSatisfy(isValueByte) }?.name
    }
}

/// A byte that names of headers may have.
func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}

/// A byte that values of headers may have.
func isValueByte(_ byte: UInt8) -> Bool { (byte >= 0x20 && byte != 0x7f) || byte == 0x09 }
