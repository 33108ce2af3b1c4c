internal import Configuration
package import LiveGates

/// The coordinator's word for a live job that it accepted, as it travels to the worker with every assignment and stands in the store: that live is
/// enabled there, that the confirmation was good, that the account is this job's alone, and the promotion record.
package struct LiveAdmission: Hashable, Sendable {
    package var promotion: PromotionRecord
    /// What the coordinator demanded of the record.
    package var rules: PromotionRules
    /// Who submitted the job.
    package var by: String
    /// Milliseconds since 1970.
    package var at: Int64

    package init(promotion: PromotionRecord, rules: PromotionRules, by: String, at: Int64) {
        self.promotion = promotion
        self.rules = rules
        self.by = by
        self.at = at
    }

    /// Canonical JSON. The record is there as its bytes; what else it says of it is for people who look at the job.
    package var encoded: [UInt8] {
        var members: ConfigValue.Object = [
            "at": Self.number(at), "by": ConfigValue(.string(by)), "promotion": ConfigValue(.string(Hex.text(promotion.encoded))),
            "min_dry_run": Self.number(rules.minDryRun), "validity": Self.number(rules.validity),
            "expires_at": Self.number(promotion.expiresAt),
        ]
        members["override"] = promotion.override.map { ConfigValue(.string($0.reason)) }
        return ConfigValue(.object(members)).canonicalBytes
    }

    /// Nil where the bytes are not exactly what `encoded` makes.
    package init?(decoding bytes: [UInt8]) {
        guard let value = try? JSONReader.read(bytes, origin: .none, options: .strict).value,
            let at = value["at"]?.number?.integer, let by = value["by"]?.string,
            let record = value["promotion"]?.string.flatMap(Hex.bytes), let promotion = try? PromotionRecord(decoding: record),
            let minDryRun = value["min_dry_run"]?.number?.integer, let validity = value["validity"]?.number?.integer
        else { return nil }
        self.promotion = promotion
        self.by = by
        self.at = at
        rules = PromotionRules()
        rules.minDryRun = minDryRun
        rules.validity = validity
        guard encoded == bytes else { return nil }
    }

    private static func number(_ value: Int64) -> ConfigValue { ConfigValue(.number(ConfigNumber(value))) }
}
