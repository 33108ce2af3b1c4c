internal import LiveGates

/// Keys and secrets in a configuration. They never leave the machine of the user; here they are found and named.
extension ConfigurationResolver {
    func checkCredentials(mode: ExecutionMode) {
        guard let exchange = root.section("exchange") else { return }
        check(exchange, mode: mode)
        for name in ["ccxt_config", "ccxt_sync_config", "ccxt_async_config"] {
            if let section = exchange.section(name) { check(section, mode: mode) }
        }
    }

    private func check(_ section: SectionReader, mode: ExecutionMode) {
        for name in SecretKeys.credentialFields {
            guard let member = section.member(name), member.string != "" else { continue }
            if let text = member.string, CredentialCheck.isPlaceholder(text) {
                section.add(
                    .credentialPlaceholder, name, "is a placeholder or test key",
                    remedy: mode == .live
                        ? "remove it: the credentials of the account belong on the live worker"
                        : "remove it: a \(mode.rawValue) needs no key",
                    severity: mode == .live ? .error : .warning)
            } else {
                section.add(
                    .credentialInFile, name, "is a credential, and is left out of what is submitted",
                    remedy: "remove it here: the credentials of an account belong into the live worker's credential file",
                    severity: .warning)
            }
        }
    }
}
