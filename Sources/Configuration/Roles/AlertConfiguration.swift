/// Where and how a process tells people that something is wrong: the section `alerts` of a role file.
package struct AlertConfiguration: Hashable, Sendable {
    /// How urgent news must be.
    package enum Level: String, Sendable, CaseIterable { case info, warning, error, critical }

    /// Who is told beside the log; nil: nobody.
    package var webhook: WebhookAddress?
    package var level = Level.warning
    /// How long the same news is not told again.
    package var interval: Duration = .seconds(300)
    /// Alerts within a minute; critical ones do not wait for room.
    package var perMinute = 20

    package init() {}

    init(_ section: SectionReader) {
        section.reportUnknown(.error, known: ["webhook", "level", "repeat", "per_minute"], remedy: "remove it")
        level = section.choice("level", of: Level.allCases.map(\.rawValue)).flatMap(Level.init) ?? level
        interval = section.duration("repeat", in: .seconds(1)...(.seconds(86_400))) ?? interval
        perMinute = section.integer("per_minute", in: 1...1000) ?? perMinute
        guard let text = section.nonEmpty("webhook") else { return }
        do throws(WebhookAddress.Problem) { webhook = try WebhookAddress(text) } catch {
            section.add(.endpoint, "webhook", error.problem, remedy: error.remedy)
        }
    }
}

/// The URL of a webhook. Whoever knows it may write there, so that its path and query are shown nowhere.
package struct WebhookAddress: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package struct Problem: Error, Hashable {
        package var problem: String
        package var remedy: String
    }

    package let isEncrypted: Bool
    /// A name or an address, IPv6 without brackets.
    package let host: String
    package let port: Int
    /// Begins with "/".
    package let path: String
    /// Without "?"; may be empty.
    package let query: String

    /// Reads `https://host[:port]/path[?query]`. Unencrypted ones only to this machine.
    package init(_ text: String) throws(Problem) {
        func refuse(_ problem: String, _ remedy: String) -> Problem { Problem(problem: problem, remedy: remedy) }
        guard text.utf8.count <= 2048, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw refuse("is longer than 2048 bytes, or has blanks or letters that a URL cannot have", "percent-encode them")
        }
        if text.hasPrefix("https://") {
            isEncrypted = true
        } else if text.hasPrefix("http://") {
            isEncrypted = false
        } else {
            throw refuse("is no URL", "write https://host/path")
        }
        let rest = text.dropFirst(isEncrypted ? 8 : 7)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        guard !rest[..<end].contains("@") else { throw refuse("has a user and a password", "write those into path or query") }
        guard let place = Self.place(rest[..<end]) else {
            throw refuse("has no host, or a port that is none", "write https://host/path")
        }
        host = place.host
        port = place.port ?? (isEncrypted ? 443 : 80)
        let target = rest[end...].prefix { $0 != "#" }
        let mark = target.firstIndex(of: "?") ?? target.endIndex
        path = mark == target.startIndex ? "/" : String(target[..<mark])
        query = mark == target.endIndex ? "" : String(target[target.index(after: mark)...])
        guard isEncrypted || Self.isLocal(host) else {
            throw refuse("would be sent over the network without encryption", "write https://")
        }
    }

    private static func place(_ text: Substring) -> (host: String, port: Int?)? {
        var host = text
        var port: Int?
        if let colon = text.lastIndex(of: ":"), !text[colon...].contains("]") {
            guard let number = UInt16(text[text.index(after: colon)...]), number > 0 else { return nil }
            port = Int(number)
            host = text[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        return host.isEmpty ? nil : (String(host), port)
    }

    private static func isLocal(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return host == "localhost" || host == "::1"
            || parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    package var description: String { "\(isEncrypted ? "https" : "http")://\(host)/..." }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }
}
