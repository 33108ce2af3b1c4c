package import Exchange
import MarketData

/// The protocols that there are connectors for.
package enum VenueProtocol: String, Sendable, CaseIterable {
    case binance
    case binanceUSDM = "binance-usdm"
    case kraken

    /// The exchange as ccxt and freqtrade name it: what stands in `instruments.json`.
    package var exchangeName: String { ExchangeName.canonical(rawValue) }

    /// The domains of the venue itself, with all their hosts: its test systems, too.
    private var domains: [String] {
        switch self {
        case .binance, .binanceUSDM: ["binance.com", "binance.vision", "binancefuture.com"]
        case .kraken: ["kraken.com"]
        }
    }

    /// Whether a host is one of the venue's own.
    func owns(_ host: String) -> Bool {
        let host = host.lowercased()
        return domains.contains { host == $0 || host.hasSuffix("." + $0) }
    }

    /// Whether a host belongs to any real venue that there is a connector for.
    static func isReal(_ host: String) -> Bool { allCases.contains { $0.owns(host) } }
}

extension WebOrigin {
    /// Whether only this machine can answer there.
    package var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// Reads `https://host`, `wss://host:9443`, `http://[::1]:8080/base`; nil for anything with a user, a query or a fragment in it.
    init?(url text: String) {
        guard let colon = text.firstIndex(of: ":"), let scheme = Scheme(rawValue: String(text[..<colon])) else { return nil }
        let rest = text[colon...]
        guard rest.hasPrefix("://"), text.utf8.count <= 300, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        let authority = rest.dropFirst(3).prefix { $0 != "/" }
        let path = rest.dropFirst(3 + authority.count)
        guard !text.contains(where: { "@?#\\%".contains($0) }), let (host, port) = Self.parts(authority) else { return nil }
        var base = String(path)
        while base.hasSuffix("/") { base.removeLast() }
        self.init(scheme: scheme, host: host, port: port, basePath: base)
    }

    /// Host and port; a port that is not there is nil.
    private static func parts(_ authority: Substring) -> (host: String, port: Int?)? {
        var host = authority
        var port: Int?
        let end = authority.lastIndex(of: "]").map { authority.index(after: $0) } ?? authority.startIndex
        if let colon = authority[end...].firstIndex(of: ":") {
            guard let number = UInt16(authority[authority.index(after: colon)...]), number > 0 else { return nil }
            port = Int(number)
            host = authority[..<colon]
        }
        if host.hasPrefix("[") {
            guard host.hasSuffix("]") else { return nil }
            host = host.dropFirst().dropLast()
            guard host.utf8.allSatisfy({ isHexadecimal($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }) else {
                return nil
            }
        } else {
            guard host.utf8.allSatisfy({ isNameByte($0) }) else { return nil }
        }
        return host.isEmpty ? nil : (host.lowercased(), port)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }
}
