internal import ArgumentParser
internal import Connectors
internal import Exchange
internal import Fleet
internal import Foundation
internal import Market
internal import Venues

/// `pragma exchange check NAME`.
struct ExchangeCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Connects to a venue and says what works; places no order.",
        discussion: """
            Looks at the clock, the instruments, candles, trades, book and streams; with --account also at balances, the rights of \
            the key, its stream, and has the venue check an order without placing it. The credentials of account NAME are \
            PRAGMA_NAME_KEY and PRAGMA_NAME_SECRET in the environment, or a file NAME.yaml with mode 0600 in the home's folder \
            credentials or in systemd's CREDENTIALS_DIRECTORY.

            Example: pragma exchange check binance
            Example: pragma exchange check paper-binance --account demo --pair BTC/USDT

            JSON keys: venue, host, account, ok, checks (name, state (ok, warning, failed), text). Exit code 0: everything works; 1: \
            something does not; 2: the venue file, the credentials or an option are at fault.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: VenueOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The venue: the name of its file.") var name: String
    @Option(name: .long, help: "The account whose credentials are used; without one, only what needs no key is looked at.")
    var account: String?
    @Option(name: .long, help: "The pair to look at; else a well-known one.") var pair: String?
    @Option(name: .long, help: "Seconds to wait for the first event of each stream.") var timeout = 20.0

    func validate() throws { try TimeoutOption.check(timeout) }

    private struct Answer: Encodable {
        struct Check: Encodable {
            var name: String
            var state: String
            var text: String
        }
        var venue: String
        var host: String
        var account: String?
        var ok: Bool
        var checks: [Check]
    }

    func run() async throws {
        let file = try options.file(name, global)
        let settings = try settings()
        let credentials = try account.map(credentials)
        let isJSON = output.json
        if !isJSON {
            Terminal.line("\(file.id) (\(file.protocolName.rawValue)) at \(file.address.rest), from \(file.path)")
            if let account { Terminal.line("account \(account)") }
        }
        let lines = try await Self.lines(file, settings, credentials, nonces: FleetSetup.location(global) + "/nonces") { line in
            if !isJSON { Terminal.line("\(line.state.rawValue.padded(to: 8)) \(line.name.padded(to: 15)) \(line.text)") }
        }
        let ok = !lines.contains { $0.state == .failed }
        if isJSON {
            let checks = lines.map { Answer.Check(name: $0.name, state: $0.state.rawValue, text: $0.text) }
            Terminal.json(
                Answer(venue: file.id.name, host: file.address.rest.host, account: account, ok: ok, checks: checks))
        }
        if !ok { throw ExitCode(FleetError.Code.negative.rawValue) }
    }

    private static func lines(
        _ file: VenueFile, _ settings: VenueCheck.Settings, _ credentials: Credentials?, nonces: String,
        report: @escaping VenueCheck.Report
    ) async throws -> [CheckLine] {
        let connectors: ConnectorFactory
        do {
            var patience = ClientSettings()
            patience.attempts = 2
            connectors = try ConnectorFactory(file, version: PragmaVersion.text, clock: ConnectorTime.clock, settings: patience)
        } catch {
            throw FleetError(.input, error.description)
        }
        let market = connectors.market()
        let make = credentials.map { credentials -> VenueCheck.MakeTrading in
            {
                guard connectors.needsNonces else { return try connectors.trading(market, credentials: credentials) }
                try Files.makeFolder(nonces)
                let file = try NonceFile(folder: nonces, credentials: credentials)
                return try connectors.trading(market, credentials: credentials, nonces: NonceKeeper(file))
            }
        }
        let lines = await VenueCheck(market, settings: settings, report: report).run(make)
        await connectors.shutdown()
        return lines
    }

    private func settings() throws(FleetError) -> VenueCheck.Settings {
        var settings = VenueCheck.Settings()
        settings.streamDeadline = .milliseconds(Int64(timeout * 1000))
        guard let pair else { return settings }
        guard let parsed = Pair(pair) else { throw FleetError(.input, "--pair is '\(pair)', it must be like BTC/USDT") }
        settings.pair = parsed
        return settings
    }

    private func credentials(_ text: String) throws(FleetError) -> Credentials {
        guard let account = AccountName(text) else {
            throw FleetError(.input, "--account is no name of an account: letters, digits, - and _, beginning with a letter")
        }
        let source = CredentialSource(
            environment: ProcessInfo.processInfo.environment, home: FleetSetup.location(global))
        do { return try source.credentials(of: account) } catch { throw FleetError(.input, error.description) }
    }
}

/// The clocks by which the command line talks to venues.
enum ConnectorTime {
    static let clock = SystemConnectorClock { Timestamp(milliseconds: FleetSetup.wallClock()) }
}
