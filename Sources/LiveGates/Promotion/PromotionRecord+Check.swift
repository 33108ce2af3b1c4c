extension PromotionRecord {
    /// How far a record may lie ahead of the clock that checks it, in milliseconds.
    private static let clockTolerance: Int64 = 5_000

    /// Makes a record where the evidence suffices. An override stands in for evidence that is missing or too short, never for evidence of
    /// something else.
    package static func issue(
        for subject: PromotionSubject, backtest: PromotionEvidence?, dryRun: PromotionEvidence?,
        override: PromotionOverride? = nil,
        by name: String, rules: PromotionRules, at now: Int64
    ) throws(PromotionRefusal) -> PromotionRecord {
        for evidence in [backtest, dryRun] {
            if let evidence, let difference = difference(of: evidence.subject, from: subject) { throw difference }
        }
        let (end, overflow) = now.addingReportingOverflow(max(0, rules.validity))
        let record = PromotionRecord(
            subject: subject, backtest: backtest?.job, dryRun: dryRun?.job, dryRunMilliseconds: dryRun?.milliseconds ?? 0,
            issuedAt: now,
            expiresAt: overflow ? .max : end, issuedBy: name, override: override)
        if let refusal = record.refusal(for: subject, rules: rules, at: now) { throw refusal }
        return record
    }

    /// Why the record does not count for a job; nil: it does. `now`: milliseconds since 1970.
    package func refusal(for wanted: PromotionSubject, rules: PromotionRules, at now: Int64) -> PromotionRefusal? {
        if let difference = Self.difference(of: subject, from: wanted) { return difference }
        if issuedBy.isEmpty { return .nobodyNamed }
        let (latest, overflow) = now.addingReportingOverflow(Self.clockTolerance)
        if !overflow, issuedAt > latest { return .notYetValid }
        if now >= expiresAt { return .expired }
        guard let override else { return evidenceRefusal(rules) }
        if override.reason.allSatisfy(\.isWhitespace) { return .overrideWithoutReason }
        return override.by.isEmpty ? .nobodyNamed : nil
    }

    private func evidenceRefusal(_ rules: PromotionRules) -> PromotionRefusal? {
        if backtest == nil { return .noBacktest }
        if dryRun == nil { return .noDryRun }
        guard dryRunMilliseconds >= rules.minDryRun else {
            return .dryRunTooShort(milliseconds: dryRunMilliseconds, needed: rules.minDryRun)
        }
        return nil
    }

    private static func difference(of found: PromotionSubject, from wanted: PromotionSubject) -> PromotionRefusal? {
        if found.strategy != wanted.strategy { return .otherStrategy(found: found.strategy) }
        if found.parameters != wanted.parameters { return .otherParameters }
        return found.executable != wanted.executable ? .otherExecutable : nil
    }
}
