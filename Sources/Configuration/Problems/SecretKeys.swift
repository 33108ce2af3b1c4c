/// The one list of what is secret in a configuration. Values at these paths never reach a message, a job, a hash or a log.
package enum SecretKeys {
    /// Secret key paths in lower case. freqtrade's own list and what it misses.
    static let paths: Set<String> = [
        "exchange.key", "exchange.api_key", "exchange.apikey", "exchange.secret", "exchange.password", "exchange.uid",
        "exchange.account_id", "exchange.accountid", "exchange.wallet_address", "exchange.walletaddress",
        "exchange.private_key", "exchange.privatekey", "exchange.ccxt_config", "exchange.ccxt_sync_config",
        "exchange.ccxt_async_config", "telegram.token", "telegram.chat_id", "discord.webhook_url", "api_server.username",
        "api_server.password", "api_server.jwt_secret_key", "api_server.ws_token", "webhook.url", "coingecko.api_key", "db_url",
        "external_message_consumer.producers", "alerts.telegram", "alerts.email", "alerts.webhook",
    ]

    /// The credential fields of an exchange: what placeholders are looked for in.
    package static let credentialFields = [
        "key", "api_key", "apiKey", "secret", "password", "uid", "account_id", "accountId", "wallet_address", "walletAddress",
        "private_key", "privateKey",
    ]

    /// Names that are secret wherever they stand, without underscores, dashes and case.
    private static let names: Set<String> = [
        "key", "apikey", "secret", "secretkey", "apisecret", "password", "passwd", "passphrase", "privatekey", "token",
        "accesstoken", "refreshtoken", "authtoken", "bearertoken", "wstoken", "jwtsecretkey", "webhookurl", "chatid", "dburl",
        "credentials", "mnemonic", "seedphrase", "authorization",
    ]

    /// Sections that no job needs and that hold secrets in many forms: not part of what leaves the machine of the user.
    package static let localSections: Set<String> = [
        "telegram", "discord", "webhook", "api_server", "external_message_consumer", "coingecko", "db_url", "log_config",
        "logfile", "add_config_files", "config_files", "alerts",
    ]

    /// Whether the value at `path` is secret itself, lies in something secret, or holds something secret.
    package static func isSensitive(_ path: String) -> Bool {
        let plain = withoutIndices(path.lowercased())
        let parts = plain.split(separator: ".")
        if parts.contains(where: { names.contains(simplified($0)) }) { return true }
        return paths.contains { plain == $0 || plain.hasPrefix($0 + ".") || $0.hasPrefix(plain + ".") }
    }

    /// Whether `name` alone says that its value is secret.
    package static func isSecretName(_ name: String) -> Bool { names.contains(simplified(Substring(name.lowercased()))) }

    private static func simplified(_ part: Substring) -> String { String(part.filter { $0 != "_" && $0 != "-" }) }

    private static func withoutIndices(_ path: String) -> String {
        var result = ""
        var depth = 0
        for character in path {
            if character == "[" {
                depth += 1
            } else if character == "]" {
                depth -= 1
            } else if depth == 0 {
                result.append(character)
            }
        }
        return result
    }

    /// A value as it may be shown in a message.
    static func display(_ value: ConfigValue, at path: String) -> String? {
        switch value.kind {
        case .object, .array: return nil
        case _ where isSensitive(path): return "<redacted>"
        case .null: return "null"
        case .boolean(let flag): return flag ? "true" : "false"
        case .number(let number): return shortened(number.text)
        case .string(let text): return "\"" + shortened(text) + "\""
        }
    }

    /// Text for a message: no control characters, at most 60 characters.
    package static func shortened(_ text: String) -> String {
        let printable = text.unicodeScalars.prefix(61).map { $0.properties.generalCategory == .control ? "?" : String($0) }
        return printable.prefix(60).joined() + (printable.count > 60 ? "..." : "")
    }
}

extension ConfigValue {
    /// This configuration without anything secret and without the sections that only concern the user's own machine.
    package func strippedOfSecrets() -> ConfigValue { stripped(path: "") }

    private func stripped(path: String) -> ConfigValue {
        switch kind {
        case .object(let members):
            var kept: Object = [:]
            for (name, value) in members {
                // No secret path is this long: what lies deeper needs no path.
                let inner = path.utf8.count > 64 ? path : ConfigPath.joined(path, name)
                if path.isEmpty, SecretKeys.localSections.contains(name.lowercased()) { continue }
                if SecretKeys.isSecretName(name) || inner.utf8.count <= 64 && SecretKeys.paths.contains(inner.lowercased()) {
                    continue
                }
                kept[name] = value.stripped(path: inner)
            }
            return ConfigValue(.object(kept), at: location)
        case .array(let elements):
            return ConfigValue(.array(elements.map { $0.stripped(path: path) }), at: location)
        default: return self
        }
    }
}
