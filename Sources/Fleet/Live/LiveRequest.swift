internal import Configuration
package import Coordination

/// What a live job's submission says of itself, beside its configuration: what it was tried with, and who answers for it.
package struct LiveRequest: Hashable, Sendable {
    /// A backtest of the same strategy, parameters and executable.
    package var backtest: JobID?
    /// A dry-run of them.
    package var dryRun: JobID?
    /// `--override-promotion`: why it goes without a part of the evidence.
    package var override: String?
    /// Who submitted it.
    package var by: String

    package init(backtest: JobID? = nil, dryRun: JobID? = nil, override: String? = nil, by: String) {
        self.backtest = backtest
        self.dryRun = dryRun
        self.override = override
        self.by = by
    }

    /// Canonical JSON: the same request has the same bytes.
    package var encoded: [UInt8] {
        var members: ConfigValue.Object = ["by": ConfigValue(.string(by))]
        members["backtest"] = backtest.map { ConfigValue(.number(ConfigNumber($0.rawValue))) }
        members["dry_run"] = dryRun.map { ConfigValue(.number(ConfigNumber($0.rawValue))) }
        members["override"] = override.map { ConfigValue(.string($0)) }
        return ConfigValue(.object(members)).canonicalBytes
    }

    /// Nil where the bytes are not exactly what `encoded` makes.
    package init?(decoding bytes: [UInt8]) {
        guard let value = try? JSONReader.read(bytes, origin: .none, options: .strict).value, let by = value["by"]?.string else {
            return nil
        }
        self.by = by
        backtest = value["backtest"]?.number?.integer.map { JobID($0) }
        dryRun = value["dry_run"]?.number?.integer.map { JobID($0) }
        override = value["override"]?.string
        guard encoded == bytes else { return nil }
    }
}
