/// The role file of a monitor (`configs/monitor.yaml`).
package struct MonitorConfiguration: Hashable, Sendable {
    /// What all roles have.
    package var settings: RoleSettings
    /// The monitor's name, which is the name of its key.
    package var name = "monitor"
    /// The halt path; nil: in the home.
    package var guardEndpoint: EndpointAddress?
    /// The second path of the halt state; nil: in the home.
    package var beacon: EndpointAddress?
    /// The file with the key that signs halt states; nil: that of the home.
    package var signingKeyFile: String?
    /// The file that keeps the halt state over restarts; nil: that of the home.
    package var latchPath: String?
    /// How often the beacon speaks.
    package var beaconInterval: Duration = .seconds(1)
    /// How often it speaks while there are live jobs.
    package var liveBeaconInterval: Duration = .milliseconds(100)
    /// How long a trading lease opens a gate.
    package var tradingLease: Duration = .seconds(1)
    /// How often a halt state is sent again at first to a member that has not acknowledged it; to a silent one the time doubles up to
    /// a second.
    package var repeatInterval: Duration = .milliseconds(25)
    /// What the user should know.
    package var warnings: [ConfigurationProblem] = []

    private static let keys =
        RoleSettings.keys + ["name", "endpoints", "signing_key", "latch", "beacon", "trading_lease", "halt"]

    /// Reads a role file; nil: defaults and environment only.
    ///
    /// - Throws: `ConfigurationError` with every problem.
    package static func load(
        path: String?, environment: [String: String] = [:], source: FileSource = .disk
    ) throws(ConfigurationError) -> MonitorConfiguration {
        let file = RoleFile(path: path, environment: environment, source: source, collector: ProblemCollector())
        var result = MonitorConfiguration(file.root)
        result.warnings = try file.finish()
        return result
    }

    private init(_ root: SectionReader) {
        root.reportUnknown(.error, known: Self.keys, remedy: "remove it")
        settings = RoleSettings(root)
        name = root.nonEmpty("name") ?? name
        signingKeyFile = root.path("signing_key")
        latchPath = root.path("latch")
        if let section = root.section("endpoints") { readEndpoints(section) }
        settings.checkEncryption(root, endpoints: [])
        if let section = root.section("beacon") { readBeacon(section) }
        if let section = root.section("trading_lease") { readLease(section) }
        if let section = root.section("halt") {
            section.reportUnknown(.error, known: ["repeat"], remedy: "remove it")
            repeatInterval = section.duration("repeat", in: .milliseconds(5)...(.seconds(1))) ?? repeatInterval
        }
    }

    private mutating func readEndpoints(_ section: SectionReader) {
        section.reportUnknown(.error, known: ["guard", "beacon"], remedy: "remove it")
        guardEndpoint = section.endpoint("guard")
        beacon = section.endpoint("beacon")
        settings.checkEncryption(
            section, endpoints: [(section, "guard", guardEndpoint), (section, "beacon", beacon)])
    }

    private mutating func readBeacon(_ section: SectionReader) {
        section.reportUnknown(.error, known: ["interval", "live_interval"], remedy: "remove it")
        beaconInterval = section.duration("interval", in: .milliseconds(10)...(.seconds(60))) ?? beaconInterval
        liveBeaconInterval = section.duration("live_interval", in: .milliseconds(10)...(.seconds(10))) ?? liveBeaconInterval
    }

    private mutating func readLease(_ section: SectionReader) {
        section.reportUnknown(.error, known: ["duration"], remedy: "remove it")
        // Workers ask for it five times a second: below three questions a single lost one would close every gate.
        // Nor believe a worker more than five seconds of it: a longer one would only delay what a stop can prove.
        tradingLease = section.duration("duration", in: .milliseconds(600)...(.seconds(5))) ?? tradingLease
    }
}
