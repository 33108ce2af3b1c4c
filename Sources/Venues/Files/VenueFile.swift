package import Configuration
package import Connectors
package import Exchange
package import Kraken
package import Web

/// What `configs/venues/NAME.yaml` says: where a venue is and how to talk to it. No keys, and no job ever holds one of these.
package struct VenueFile: Hashable, Sendable {
    package var id: VenueID
    package var protocolName: VenueProtocol
    package var address: VenueAddress
    /// Where the venue offers candles as files (Binance's zips with checksums); nil: nowhere, all candles come over REST.
    package var publicData: WebOrigin?
    /// Whose certificates are believed.
    package var roots = TrustRoots.system
    /// Milliseconds that a request may be under way before the venue refuses it (Binance).
    package var receiveWindow = 5000
    /// Decides the budgets of an account (Kraken).
    package var tier = KrakenTier.starter
    /// How many times as fast as real time a paper venue runs, as its own file (`pragma paper-exchange --config`) says; clients keep step.
    package var speed = 1.0
    /// The file, for messages.
    package var path: String
    /// What the user should know.
    package var warnings: [ConfigurationProblem] = []

    /// The most characters of a file.
    private static let largest = 1 << 20

    /// Reads a venue file. Unknown keys, and addresses that keys must not be sent to, are errors.
    ///
    /// - Throws: `ConfigurationError` with every problem.
    package static func load(path: String, source: FileSource = .disk) throws(ConfigurationError) -> VenueFile {
        // Without an environment: where keys are sent to stands in the file alone.
        let file = RoleFile(path: path, environment: [:], source: source, collector: ProblemCollector())
        let result = file.collector.hasErrors ? nil : VenueFileReader(file.root).read(path: path)
        let warnings = try file.finish()
        guard var result else { throw ConfigurationError(problems: warnings) }
        result.warnings = warnings
        return result
    }
}
