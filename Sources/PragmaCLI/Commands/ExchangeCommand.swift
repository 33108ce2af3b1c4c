internal import ArgumentParser
internal import Connectors
internal import Exchange
internal import Fleet
internal import Foundation
internal import Venues

/// `pragma exchange`: the venues that this machine knows.
struct ExchangeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exchange", abstract: "Lists venues and tries whether they work from here.",
        discussion: """
            A venue is a file NAME.yaml (docs/connectors.md): in the folder of --venues or PRAGMA_VENUES, else in the home's folder \
            venues, else in configs/venues.

              pragma exchange list
              pragma exchange check binance
              pragma exchange check kraken --account main
            """,
        subcommands: [ExchangeList.self, ExchangeCheck.self])
}

/// Options of every command that talks to venues.
struct VenueOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The folder with the venue files; else PRAGMA_VENUES, the home's venues, configs/venues.", valueName: "dir"))
    var venues: String?

    func folders(_ global: GlobalOptions) -> VenueFolders {
        VenueFolders(
            flag: venues, environment: ProcessInfo.processInfo.environment, home: FleetSetup.location(global))
    }

    /// The file of a venue; what is wrong with it ends the command. Warnings go to standard error.
    func file(_ name: String, _ global: GlobalOptions) throws(FleetError) -> VenueFile {
        do {
            let file = try folders(global).load(name)
            for warning in file.warnings { Terminal.note("pragma: \(warning)") }
            return file
        } catch {
            throw FleetError(.input, error.description)
        }
    }
}

/// `pragma exchange list`.
struct ExchangeList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the venues that there are files of, and whether each can be used.",
        discussion: """
            Example: pragma exchange list

            JSON keys: folders, venues (name, path, protocol, rest, market_stream, account_stream, paper, ok, problem). Exit code 2 \
            where a file cannot be used.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: VenueOptions
    @OptionGroup var output: OutputOptions

    /// One venue as it is printed.
    struct Row: Encodable {
        var name: String
        var path: String?
        var `protocol`: String?
        var rest: String?
        var marketStream: String?
        var accountStream: String?
        var paper: Bool
        var ok: Bool
        var problem: String?

        enum CodingKeys: String, CodingKey {
            case name, path, `protocol`, rest, paper, ok, problem
            case marketStream = "market_stream"
            case accountStream = "account_stream"
        }

        init(_ name: String, _ folders: VenueFolders) {
            self.name = name
            paper = name.hasPrefix("paper-")
            do {
                let file = try folders.load(name)
                path = file.path
                `protocol` = file.protocolName.rawValue
                rest = file.address.rest.description
                marketStream = file.address.marketStream.description
                accountStream = file.address.accountStream.description
                ok = true
            } catch {
                path = try? folders.path(of: name)
                ok = false
                problem = error.description
            }
        }
    }

    private struct Answer: Encodable {
        var folders: [String]
        var venues: [Row]
    }

    func run() throws {
        let folders = options.folders(global)
        let rows = folders.list().map { Row($0, folders) }
        if output.json {
            Terminal.json(Answer(folders: folders.folders, venues: rows))
        } else {
            Terminal.line(Self.text(rows, folders: folders.folders))
        }
        for row in rows { if let problem = row.problem { Terminal.note("pragma: \(row.name): \(problem)") } }
        if rows.contains(where: { !$0.ok }) { throw ExitCode(FleetError.Code.input.rawValue) }
    }

    static func text(_ rows: [Row], folders: [String]) -> String {
        guard !rows.isEmpty else { return "no venue files in \(folders.joined(separator: " or "))" }
        var table = TextTable([.left("venue"), .left("protocol"), .left("requests"), .left("file")])
        for row in rows { table.add([row.name, row.protocol ?? "-", row.rest ?? "cannot be used", row.path ?? "-"]) }
        return table.text
    }
}
