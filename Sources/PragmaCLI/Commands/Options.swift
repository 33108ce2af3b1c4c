internal import ArgumentParser
internal import Configuration
internal import Foundation

/// Options of every command that talks to a fleet.
struct GlobalOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The folder of the fleet's state; else PRAGMA_HOME, a .pragma in this folder or one above, ~/.pragma.",
            valueName: "dir"))
    var home: String?
}

/// Options of every command that prints something.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Print JSON for programs instead of tables.")
    var json = false
}

/// Options of every command that reads a job configuration.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: [.customShort("c"), .long],
        help: ArgumentHelp("A configuration in freqtrade's form; of several, later ones win.", valueName: "file"))
    var config: [String]

    @Option(name: .long, help: ArgumentHelp("The strategy, instead of the configuration's.", valueName: "name"))
    var strategy: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The part of the candles to use: 20240101-20240201, 20240101-, -20240201.", valueName: "start-stop"))
    var timerange: String?

    @Option(name: .long, help: ArgumentHelp("The folder with the candles.", valueName: "dir"))
    var datadir: String?

    @Option(name: .long, help: ArgumentHelp("The pairs, separated by commas or blanks: BTC/USDT,ETH/USDT.", valueName: "pairs"))
    var pairs: [String] = []

    @Option(
        name: .customLong("set"), help: ArgumentHelp("A value of a strategy parameter; may be repeated.", valueName: "name=value")
    )
    var parameters: [String] = []

    /// What the command line says over files and environment.
    var overrides: CommandLineOverrides {
        var result = CommandLineOverrides()
        result.strategy = strategy
        result.timerange = timerange
        result.dataFolder = datadir
        result.pairs = Self.split(pairs)
        result.parameters = parameters
        return result
    }

    /// The parts of comma- or blank-separated lists.
    static func split(_ lists: [String]) -> [String] {
        lists.flatMap { $0.split { $0 == "," || $0 == " " }.map(String.init) }
    }

    /// The process's environment, in which `FREQTRADE__` variables are read.
    static var environment: [String: String] { ProcessInfo.processInfo.environment }
}
