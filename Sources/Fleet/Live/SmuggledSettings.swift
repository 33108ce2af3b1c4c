package import Configuration

/// Settings that no live job may bring along: where orders go and with which key stands on the worker alone. The command line leaves them out, so
/// that a job which has one was made by something else.
package enum SmuggledSettings {
    private static let addressNames: Set<String> = [
        "url", "urls", "host", "hostname", "endpoint", "endpoints", "rest", "market_stream", "account_stream", "proxy", "proxies",
        "sandbox", "base_url", "ws_url",
    ]
    private static let schemes = ["http:", "https:", "ws:", "wss:", "ipc:", "tcp:"]

    /// What is wrong with the first such setting; nil: there is none. No value is shown.
    package static func problem(in configuration: ConfigValue) -> String? { problem(configuration, path: "") }

    private static func problem(_ value: ConfigValue, path: String) -> String? {
        if let members = value.object {
            for name in members.keys.sorted() {
                guard let member = members[name] else { continue }
                let place = path.isEmpty ? name : path + "." + name
                if let found = problem(member, name: name, path: place) { return found }
            }
            return nil
        }
        for element in value.array ?? [] {
            if let found = problem(element, name: "", path: path) { return found }
        }
        return nil
    }

    private static func problem(_ value: ConfigValue, name: String, path: String) -> String? {
        let shown = SecretKeys.shortened(path)
        if addressNames.contains(name.lowercased()) || isAddress(value.string) {
            return "the job brings an address along (\(shown)): where orders go stands in the worker's own venue file"
        }
        guard value.object == nil, value.array == nil else { return problem(value, path: path) }
        guard SecretKeys.isSensitive(path), value.string != "" else { return nil }
        return "the job brings a credential along (\(shown)): those of an account are on the live worker"
    }

    private static func isAddress(_ text: String?) -> Bool {
        guard let text = text?.lowercased() else { return false }
        return schemes.contains { text.hasPrefix($0) }
    }
}
