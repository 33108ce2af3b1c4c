package import Configuration
package import Market
package import Money

/// The role file of a paper exchange (`configs/paper-exchange.yaml`).
package struct PaperExchangeConfiguration: Sendable {
    /// The protocols that can be spoken.
    package enum Dialect: String, Sendable, CaseIterable { case binance, kraken }

    /// Where the prices of a venue come from.
    package enum Feed: Hashable, Sendable {
        /// Candles from a seed, without end.
        case synthetic(seed: UInt64)
        /// A folder of candles, which plays from the time `from`, or after the history; nil folder of an exchange: the only one.
        case recorded(folder: String, exchange: String?, timeframe: Timeframe, from: Timestamp?)
    }

    /// An instrument; what is nil follows from the market.
    package struct Instrument: Hashable, Sendable {
        package var pair: Pair
        package var tick: Price?
        package var lot: Quantity?
        package var minimumQuantity: Quantity?
        package var minimumNotional: Amount?
        /// The key path, for messages.
        package var key: String
    }

    /// A client of the venue.
    package struct Account: Sendable {
        package var name: String
        package var key: String
        package var secret: String
        package var balances: [String: Amount]
        package var canTrade: Bool
        package var canWithdraw: Bool
    }

    /// A fault of the script.
    package struct ScriptedFault: Hashable, Sendable {
        package var fault: FaultOrder
        /// Real time after the start.
        package var at: Duration
    }

    package struct Venue: Sendable {
        package var name = ""
        package var dialect = Dialect.binance
        package var listen = ListenAddress.anyLoopback
        package var instruments: [Instrument] = []
        package var feed = Feed.synthetic(seed: 1)
        package var history: Duration = .seconds(10 * 86_400)
        package var accounts: [Account] = []
        /// In parts of 100,000,000 of an order's value.
        package var makerFee: Int64 = 100_000
        package var takerFee: Int64 = 100_000
        package var speed = 1.0
        package var enforcesRateLimits = true
        package var faults: [ScriptedFault] = []
        /// What all chance but that of prices follows from.
        package var seed: UInt64 = 1
    }

    package var venues: [Venue] = []
    /// Where faults and books are asked for.
    package var control = ListenAddress.anyLoopback
    /// The file, for messages.
    package var path = ""
    /// What the user should know.
    package var warnings: [ConfigurationProblem] = []

    /// Reads a role file.
    ///
    /// - Throws: `ConfigurationError` with every problem.
    package static func load(
        path: String, environment: [String: String] = [:], source: FileSource = .disk
    ) throws(ConfigurationError) -> PaperExchangeConfiguration {
        // What a shell has set for the fleet's roles is not meant for this process.
        let own = environment.filter { !RoleSettings.concerns(variable: $0.key) }
        let file = RoleFile(path: path, environment: own, source: source, collector: ProblemCollector())
        var result = PaperExchangeConfiguration()
        result.path = path
        var reader = PaperExchangeReader(source: source)
        reader.read(file.root, into: &result)
        result.warnings = try file.finish()
        return result
    }
}

/// Where a server listens.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// A name or an IP literal, IPv6 without brackets.
    package var host: String
    /// 0: any free port.
    package var port: Int

    package static let anyLoopback = ListenAddress(host: "127.0.0.1", port: 0)

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `127.0.0.1:8080` or `[::1]:8080`.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]"), host.count > 2 {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        let isPlain = host.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "@") }
        guard !host.isEmpty, isPlain else { return nil }
        self.init(host: String(host), port: Int(port))
    }

    /// Whether only this machine can reach it.
    package var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    package var description: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }
}
