/// Reads the YAML file of a role with its environment overrides (`PRAGMA__SECTION__KEY`) and collects every problem.
package struct RoleFile {
    package let root: SectionReader
    package var collector: ProblemCollector { root.collector }

    /// The file at `path`; no path: only the environment.
    package init(path: String?, environment: [String: String], source: FileSource, collector: ProblemCollector) {
        var tree = ConfigValue(.object([:]))
        if let path, let value = Self.readFile(path, source: source, collector: collector) { tree = value }
        if let variables = EnvironmentOverrides.object(
            from: environment, prefix: EnvironmentOverrides.pragmaPrefix, collector: collector)
        {
            var conflicts: [ConfigValue.MergeConflict] = []
            tree = tree.merged(with: variables, conflicts: &conflicts)
            for conflict in conflicts {
                collector.add(
                    .error, .mergeConflict, at: conflict.later, key: conflict.path,
                    "is a section here but a plain value in \(conflict.earlier)", remedy: "unset the variable")
            }
        }
        root = SectionReader(tree, collector: collector)
    }

    /// A YAML file as an object; nil, and a problem, where it is none.
    static func readFile(_ path: String, source: FileSource, collector: ProblemCollector) -> ConfigValue? {
        do {
            let value = try YAMLReader.read(try source.read(path, 1 << 20), origin: .file(path))
            if value.object != nil { return value }
            collector.add(
                .error, .notAnObject, at: value.location, key: "", "the file holds \(value.kindName)",
                remedy: "write lines of the form key: value")
        } catch let error as JSONReader.SyntaxError {
            collector.add(.error, .syntax, at: error.location, key: "", error.problem, remedy: error.remedy)
        } catch let error as FileSource.ReadError {
            collector.add(.error, .unreadable, at: SourceLocation(.file(path)), key: "", error.problem, remedy: error.remedy)
        } catch {
            collector.add(
                .error, .unreadable, at: SourceLocation(.file(path)), key: "", "cannot be read", remedy: "check the file")
        }
        return nil
    }

    /// The problems as an error, where one of them is.
    package func finish() throws(ConfigurationError) -> [ConfigurationProblem] {
        let problems = collector.sorted
        guard !collector.hasErrors else { throw ConfigurationError(problems: problems) }
        return problems
    }
}

/// What all roles have in common.
package struct RoleSettings: Hashable, Sendable {
    /// Whether connections are encrypted and peers are known by their keys.
    package enum Encryption: String, Sendable, CaseIterable {
        /// Where live trading is enabled or an endpoint leaves the machine.
        case automatic = "auto"
        case on
        case off
    }

    /// What is written to the log.
    package enum LogLevel: String, Sendable, CaseIterable { case trace, debug, info, notice, warning, error, critical }

    /// The fleet's home; nil: found as for every command.
    package var home: String?
    /// See `Encryption`.
    package var encryption = Encryption.automatic
    /// The file with this process's own key pair; nil: that of the home.
    package var keyFile: String?
    /// The folder with the public keys of the peers; nil: that of the home.
    package var peerKeyFolder: String?
    /// Whether live jobs are possible at all.
    package var liveEnabled = false
    /// Messages that wait at most in each direction of a connection.
    package var highWaterMark = 10_000
    /// The largest message in bytes.
    package var maxMessageBytes: UInt64 = 64 << 20
    /// Connections that wait to be accepted.
    package var backlog = 4096
    /// What is written to the log.
    package var logLevel = LogLevel.info

    /// The keys that every role file has.
    static let keys = ["home", "encryption", "keys", "live", "transport", "log"]

    /// Whether an environment variable sets a key that every role file has.
    package static func concerns(variable: String) -> Bool {
        guard variable.hasPrefix(EnvironmentOverrides.pragmaPrefix) else { return false }
        let name = variable.dropFirst(EnvironmentOverrides.pragmaPrefix.count).lowercased()
        return keys.contains { name == $0 || name.hasPrefix($0 + "__") }
    }

    init(_ root: SectionReader) {
        home = root.path("home")
        encryption = root.choice("encryption", of: Encryption.allCases.map(\.rawValue)).flatMap(Encryption.init) ?? .automatic
        if let keys = root.section("keys") {
            keys.reportUnknown(.error, known: ["own", "peers"], remedy: "own is a file, peers a folder")
            keyFile = keys.path("own")
            peerKeyFolder = keys.path("peers")
        }
        if let live = root.section("live") {
            live.reportUnknown(.error, known: ["enabled"], remedy: "remove it")
            liveEnabled = live.boolean("enabled") ?? false
        }
        if let transport = root.section("transport") { read(transport) }
        if let log = root.section("log") {
            log.reportUnknown(.error, known: ["level"], remedy: "remove it")
            logLevel = log.choice("level", of: LogLevel.allCases.map(\.rawValue)).flatMap(LogLevel.init) ?? .info
        }
    }

    private mutating func read(_ transport: SectionReader) {
        transport.reportUnknown(.error, known: ["high_water_mark", "max_message", "backlog"], remedy: "remove it")
        highWaterMark = transport.integer("high_water_mark", in: 16...10_000_000) ?? highWaterMark
        maxMessageBytes = transport.byteCount("max_message", in: (64 << 10)...(1 << 30)) ?? maxMessageBytes
        backlog = transport.integer("backlog", in: 16...65_535) ?? backlog
    }

    /// Refuses endpoints that leave the machine, and live trading, without encryption.
    func checkEncryption(_ root: SectionReader, endpoints: [(section: SectionReader, name: String, address: EndpointAddress?)]) {
        guard encryption == .off else { return }
        for endpoint in endpoints {
            guard let address = endpoint.address, !address.isLocal else { continue }
            endpoint.section.add(
                .endpointUnencrypted, endpoint.name, "leaves this machine, and encryption is off",
                remedy: "write encryption: auto and make keys with pragma keys new, or bind to 127.0.0.1")
        }
        if liveEnabled, root.path.isEmpty {
            root.add(
                .endpointUnencrypted, "encryption", "is off, and live trading is enabled", remedy: "write encryption: auto")
        }
    }
}

/// A monitor as its peers see it.
package struct MonitorPeer: Hashable, Sendable {
    /// Its name, which is the name of its key.
    package var name: String
    /// Where its halt path is; nil: in the home.
    package var guardEndpoint: EndpointAddress?
    /// Where its beacon is; nil: in the home.
    package var beacon: EndpointAddress?

    /// The monitors of a role file; the home's one monitor where none is named.
    static func list(_ root: SectionReader, settings: RoleSettings) -> [MonitorPeer] {
        guard let sections = root.sections("monitors"), !sections.isEmpty else { return [MonitorPeer(name: "monitor")] }
        var result: [MonitorPeer] = []
        for section in sections {
            section.reportUnknown(.error, known: ["name", "guard", "beacon"], remedy: "remove it")
            if section.member("name") == nil { section.addMissing("name", remedy: "write the name of the monitor's key") }
            let peer = MonitorPeer(
                name: section.nonEmpty("name") ?? "", guardEndpoint: section.endpoint("guard"),
                beacon: section.endpoint("beacon"))
            if result.contains(where: { $0.name == peer.name && !peer.name.isEmpty }) {
                section.add(.conflict, "name", "is the name of two monitors", remedy: "give each its own name")
            }
            settings.checkEncryption(
                section, endpoints: [(section, "guard", peer.guardEndpoint), (section, "beacon", peer.beacon)])
            result.append(peer)
        }
        return result
    }
}
