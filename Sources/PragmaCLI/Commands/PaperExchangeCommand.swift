internal import ArgumentParser
internal import Configuration
internal import Exchange
internal import Fleet
internal import Foundation
internal import Glibc
internal import PaperExchange
internal import PaperServer
internal import Web

/// `pragma paper-exchange`: venues of our own to trade on.
struct PaperExchangeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "paper-exchange", abstract: "Runs venues of our own that answer as Binance and Kraken do; no money is real.",
        discussion: "Without a subcommand it runs: pragma paper-exchange --config configs/paper-exchange.yaml",
        subcommands: [Run.self, Fault.self, Books.self], defaultSubcommand: Run.self)

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run", abstract: "Runs the venues of a file until SIGTERM or Ctrl-C.",
            discussion: """
                Prints where each venue is once all of them listen. What the commands fault and books need is in a file that only \
                this user can read: --ready-file, else paper-exchange.json in the fleet's home. It is there while the venues run.

                Example: pragma paper-exchange run --config configs/paper-exchange.yaml

                JSON keys: ready_file, pid, control (url), venues (name, protocol, url, stream_url, accounts (name, key), pairs, \
                market, speed). Exit code 2: the file or the candles are at fault; 6: an address is in use.
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var file: ReadyFileOption
        @Option(name: [.customShort("c"), .long], help: "The file with the venues (YAML).") var config: String

        func run() async throws {
            let (signals, caught) = AsyncStream<Void>.makeStream()
            let watch = SignalWatch([SIGINT, SIGTERM]) { caught.yield() }
            defer { withExtendedLifetime(watch) {} }
            let environment = ProcessInfo.processInfo.environment
            let configuration = try FleetSetup.checked {
                try PaperExchangeConfiguration.load(path: config, environment: environment)
            }
            for warning in configuration.warnings { Terminal.note("pragma: \(warning)") }
            let path = file.path(global)
            try Files.makeFolder(Files.parent(of: path))
            let lock = try FileLock(path + ".lock", holder: "pragma paper-exchange")
            defer { withExtendedLifetime(lock) {} }
            let surroundings = PaperExchangeServer.Surroundings(wallClock: FleetSetup.wallClock, pid: getpid())
            let server: PaperExchangeServer
            do throws(PaperServerError) { server = try await PaperExchangeServer.start(configuration, surroundings) } catch {
                throw FleetError(error.kind == .system ? .system : .input, error.description)
            }
            do { try await serve(server, path, until: signals) } catch {
                await server.shutdown(grace: .zero)
                throw error
            }
        }

        private func serve(_ server: PaperExchangeServer, _ path: String, until signals: AsyncStream<Void>) async throws {
            try Files.write(server.ready.json(isPublic: false).bytes, to: path, mode: 0o600)
            Notify.send("READY=1", environment: ProcessInfo.processInfo.environment)
            report(server.ready, path)
            for await _ in signals { break }
            if !output.json { Terminal.line("ending") }
            await server.shutdown()
            try Files.remove(path)
        }

        private func report(_ ready: PaperReadyFile, _ path: String) {
            if output.json {
                let value = ConfigValue(ready.json(isPublic: true))
                return Terminal.json(value.adding("ready_file", JSON.text(path)))
            }
            var table = TextTable([.left("venue"), .left("protocol"), .left("requests"), .left("streams"), .left("market")])
            for venue in ready.venues {
                let market = venue.market + (venue.speed == 1 ? "" : ", \(venue.speed) times as fast")
                table.add([venue.name, venue.dialect, venue.url, venue.streamURL, market])
            }
            Terminal.line(table.text)
            for venue in ready.venues {
                Terminal.line("\(venue.name): " + venue.pairs.joined(separator: ", "))
                for account in venue.accounts { Terminal.line("\(venue.name): account \(account.name), key \(account.key)") }
            }
            Terminal.line("ready; commands find it by \(path); Ctrl-C ends it")
        }
    }
}

/// Where the ready file of a paper exchange is.
struct ReadyFileOption: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The file by which commands find the running venues; else paper-exchange.json in the home.", valueName: "path"))
    var readyFile: String?

    func path(_ global: GlobalOptions) -> String {
        readyFile.map(FleetSetup.absolute) ?? FleetSetup.location(global) + "/paper-exchange.json"
    }

    /// Asks the running paper exchange something, and answers what it said.
    func ask(
        _ global: GlobalOptions, _ request: (PaperControl) -> WebRequest
    ) async throws(FleetError) -> JSONValue {
        let path = path(global)
        guard let bytes = try Files.readIfPresent(path, limit: 1 << 20) else {
            throw FleetError(
                .noFleet, "no paper exchange runs here: there is no \(path); start one with 'pragma paper-exchange --config FILE'"
            )
        }
        guard let control = PaperControl(readyFile: bytes) else {
            throw FleetError(.input, "\(path) is not what 'pragma paper-exchange' writes; name its ready file with --ready-file")
        }
        let answer = try await send(request(control), to: control.origin)
        let json = (try? JSONValue(parsing: answer.body)) ?? .null
        guard answer.status != 200 else { return json }
        let text = json["error"]?.text ?? "answered with status \(answer.status)"
        throw FleetError(answer.status == 401 || answer.status == 409 ? .refused : .input, text)
    }

    private func send(_ request: WebRequest, to origin: WebOrigin) async throws(FleetError) -> WebResponse {
        let client: HTTPWebClient
        do throws(WebSetupError) { client = try HTTPWebClient(HTTPWebClient.Configuration(version: PragmaVersion.text)) } catch {
            throw FleetError(.system, "\(error)")
        }
        let result: Result<WebResponse, WebFailure>
        do throws(WebFailure) { result = .success(try await client.send(request, to: origin, timeout: .seconds(10))) } catch {
            result = .failure(error)
        }
        await client.shutdown()
        switch result {
        case .success(let response): return response
        case .failure(.notSent(let text)): throw FleetError(.noFleet, "no paper exchange runs there any more: \(text)")
        case .failure(let failure): throw FleetError(.timeout, "the paper exchange at \(origin) does not answer: \(failure)")
        }
    }
}

extension ConfigValue {
    /// JSON of an exchange as a configuration's, which commands print.
    init(_ json: JSONValue) {
        // The kind is named: without it `.string` would be that of `JSONValue`, and this initializer would call itself.
        let kind: Kind =
            switch json {
            case .object(let members): .object(Dictionary(members.map { ($0.name, ConfigValue($0.value)) }) { $1 })
            case .array(let elements): .array(elements.map { ConfigValue($0) })
            case .string(let text): .string(text)
            case .number(let digits): .number(ConfigNumber(text: digits, value: Double(digits) ?? .nan))
            case .bool(let flag): .boolean(flag)
            case .null: .null
            }
        self.init(kind, at: .none)
    }

    /// The object with one member more.
    func adding(_ name: String, _ value: ConfigValue) -> ConfigValue {
        var members = object ?? [:]
        members[name] = value
        return ConfigValue(.object(members))
    }
}
