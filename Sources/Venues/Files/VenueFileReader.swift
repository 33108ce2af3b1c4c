import Configuration
import Connectors
import Exchange
import Kraken
import Web

/// Reads one venue file; every problem goes to the file's collector.
struct VenueFileReader {
    private let root: SectionReader
    private let allowsRemote: Bool
    private let allowsForeign: Bool

    static let keys = [
        "id", "protocol", "rest", "market_stream", "account_stream", "public_data", "roots", "receive_window", "tier", "speed",
        "allow_remote", "allow_foreign_hosts",
    ]

    init(_ root: SectionReader) {
        self.root = root
        allowsRemote = root.boolean("allow_remote") ?? false
        allowsForeign = root.boolean("allow_foreign_hosts") ?? false
    }

    /// Nil where something is wrong; the collector knows what.
    func read(path: String) -> VenueFile? {
        root.reportUnknown(.error, known: Self.keys, remedy: "remove it")
        let id = id(path)
        let name = protocolName()
        let rest = url("rest", [.https, .http], isNeeded: true)
        let market = url("market_stream", [.wss, .ws], isNeeded: true)
        let account = url("account_stream", [.wss, .ws], isNeeded: true)
        let publicData = url("public_data", [.https, .http], isNeeded: false)
        guard let id, let name else { return nil }
        checkHosts(
            [("rest", rest), ("market_stream", market), ("account_stream", account), ("public_data", publicData)], id, name)
        guard let rest, let market, let account else { return nil }
        var file = VenueFile(
            id: id, protocolName: name,
            address: VenueAddress(id, rest: rest, marketStream: market, accountStream: account), publicData: publicData,
            path: path)
        settings(&file)
        return file
    }

    private func settings(_ file: inout VenueFile) {
        if let roots = root.path("roots") { file.roots = .file(roots) }
        if let window = root.duration("receive_window", in: .milliseconds(1)...Duration.seconds(60)) {
            file.receiveWindow = Int(window.wholeMilliseconds)
        }
        if root.member("receive_window") != nil, file.protocolName == .kraken { misplaced("receive_window", "Binance") }
        if root.member("public_data") != nil, file.protocolName == .kraken {
            root.add(.notAllowed, "public_data", "is known of Binance's venues only", remedy: "remove it")
        }
        if let tier = root.choice("tier", of: KrakenTier.allCases.map(\.rawValue)).flatMap(KrakenTier.init) { file.tier = tier }
        if root.member("tier") != nil, file.protocolName != .kraken { misplaced("tier", "Kraken") }
        if let speed = root.number("speed", in: 0.001...10_000) { file.speed = speed }
        if root.member("speed") != nil, !file.id.isPaper {
            root.add(.notAllowed, "speed", "is for paper venues: a real one keeps real time", remedy: "remove it")
        }
    }

    private func misplaced(_ key: String, _ venue: String) {
        root.add(.notAllowed, key, "is a word of \(venue)'s protocol only", remedy: "remove it")
    }

    // MARK: - Names

    private func id(_ path: String) -> VenueID? {
        guard let text = root.nonEmpty("id") else {
            if root.member("id") == nil {
                root.addMissing("id", remedy: "write the name of the venue, that of the file: id: binance")
            }
            return nil
        }
        guard let id = VenueID(text) else {
            root.add(.notAllowed, "id", "is no name of a venue", remedy: "use small letters, digits and dashes, 64 at most")
            return nil
        }
        let stem = VenueFolders.stem(of: path)
        if stem != text, path != "-" {
            root.add(
                .conflict, "id", "is not the name of the file", remedy: "write id: \(stem), or rename the file to \(text).yaml")
        }
        return id
    }

    private func protocolName() -> VenueProtocol? {
        let all = VenueProtocol.allCases.map(\.rawValue)
        if root.member("protocol") == nil { root.addMissing("protocol", remedy: "write one of \(all.joined(separator: ", "))") }
        return root.choice("protocol", of: all).flatMap(VenueProtocol.init)
    }

    // MARK: - Addresses

    private func url(_ key: String, _ schemes: [WebOrigin.Scheme], isNeeded: Bool) -> WebOrigin? {
        guard let text = root.nonEmpty(key) else {
            if isNeeded, root.member(key) == nil {
                root.addMissing(key, remedy: "write an address: \(schemes[0].rawValue)://HOST")
            }
            return nil
        }
        guard let origin = WebOrigin(url: text), schemes.contains(origin.scheme) else {
            root.add(
                .endpoint, key, "is no address that can be used here",
                remedy:
                    "write \(schemes[0].rawValue)://HOST or \(schemes[0].rawValue)://HOST:PORT, without user, query or fragment")
            return nil
        }
        if !origin.scheme.isEncrypted, !origin.isLoopback {
            root.add(
                .endpointUnencrypted, key, "is not encrypted and leaves this machine",
                remedy: "write \(schemes[0].rawValue)://: only an address of this machine, like 127.0.0.1, may do without")
        }
        return origin
    }

    /// Keeps paper and money apart: what is called paper is no real venue, and what is not is the venue that its protocol says.
    private func checkHosts(_ addresses: [(key: String, origin: WebOrigin?)], _ id: VenueID, _ name: VenueProtocol) {
        for (key, origin) in addresses {
            guard let origin else { continue }
            if id.isPaper { checkPaper(key, origin) } else { checkReal(key, origin, name) }
        }
        if !id.isPaper, root.member("allow_remote") != nil {
            root.add(.notAllowed, "allow_remote", "is for paper venues only", remedy: "remove it")
        }
        if id.isPaper, root.member("allow_foreign_hosts") != nil {
            root.add(.notAllowed, "allow_foreign_hosts", "is for real venues only", remedy: "remove it")
        }
    }

    private func checkPaper(_ key: String, _ origin: WebOrigin) {
        if VenueProtocol.isReal(origin.host) {
            root.add(
                .notAllowed, key, "is a host of a real venue, and the id says paper", remedy: "name the venue without paper-")
        } else if !origin.isLoopback, !allowsRemote {
            root.add(
                .notAllowed, key, "is on another machine",
                remedy: "write an address like http://127.0.0.1:8080, or allow_remote: true")
        }
    }

    private func checkReal(_ key: String, _ origin: WebOrigin, _ name: VenueProtocol) {
        guard !name.owns(origin.host) else { return }
        if allowsForeign {
            root.add(
                .notAllowed, key, "is no host of \(name.rawValue), and requests signed with your keys go there",
                remedy: "remove allow_foreign_hosts unless this is a proxy of your own", severity: .warning)
        } else {
            root.add(
                .notAllowed, key, "is no host of \(name.rawValue)",
                remedy:
                    "check the address: signed requests would go there. A paper venue is named paper-...; for a proxy of your "
                    + "own write allow_foreign_hosts: true")
        }
    }
}
