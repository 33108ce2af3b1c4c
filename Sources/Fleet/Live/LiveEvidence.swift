internal import Coordination
internal import FleetProtocol
internal import JobStore
internal import LiveGates

/// What the store shows of a strategy: the backtest and the dry-run that a submission names.
struct LiveEvidence {
    let store: any JobStore

    /// Attempts of a dry-run that are looked at: each restart of its worker makes one.
    private static let attemptLimit = 100_000

    /// A promotion of the subject, or why there is none, as a fact.
    struct Outcome {
        var record: PromotionRecord?
        var fact: LiveFacts.Promotion
    }

    /// - Parameter wall: milliseconds since 1970.
    func promotion(of subject: PromotionSubject, _ request: LiveRequest, rules: PromotionRules, at wall: Int64) -> Outcome {
        if request.backtest == nil, request.dryRun == nil, request.override == nil {
            return Outcome(record: nil, fact: .absent)
        }
        do throws(PromotionRefusal) {
            let record = try PromotionRecord.issue(
                for: subject, backtest: request.backtest.flatMap(backtest),
                dryRun: request.dryRun.flatMap { dryRun($0, until: wall) },
                override: request.override.map { PromotionOverride(reason: $0, by: request.by) }, by: request.by, rules: rules,
                at: wall)
            return Outcome(record: record, fact: .present(record.refusal(for: subject, rules: rules, at: wall)))
        } catch { return Outcome(record: nil, fact: .present(error)) }
    }

    /// A single backtest that has succeeded.
    private func backtest(_ job: JobID) -> PromotionEvidence? {
        guard let detail = try? store.detail(of: job, attemptLimit: 0), detail.summary.record.job.kind == .backtest,
            detail.summary.record.state == .succeeded
        else { return nil }
        return evidence(detail.summary.record, milliseconds: 0)
    }

    /// How long a dry-run was with a worker, all its attempts together.
    private func dryRun(_ job: JobID, until wall: Int64) -> PromotionEvidence? {
        guard let detail = try? store.detail(of: job, attemptLimit: Self.attemptLimit), detail.summary.record.job.kind == .dryRun
        else { return nil }
        let milliseconds = detail.attempts.reduce(Int64(0)) { sum, attempt in
            let (span, overflow) = (attempt.endedAtMilliseconds ?? wall).subtractingReportingOverflow(
                attempt.dispatch.dispatchedAtMilliseconds)
            let (next, tooMuch) = sum.addingReportingOverflow(overflow ? 0 : max(0, span))
            return tooMuch ? sum : next
        }
        return evidence(detail.summary.record, milliseconds: milliseconds)
    }

    private func evidence(_ record: JobRecord, milliseconds: Int64) -> PromotionEvidence? {
        guard let payload = try? store.payload(of: record.id), let specification = try? JobSpecification(decoding: payload),
            specification.sweep.isEmpty, let digest = LiveDigest(record.job.address.bytes),
            let subject = LiveSubject.of(configuration: specification.configuration, executable: specification.executable)
        else { return nil }
        return PromotionEvidence(job: digest, subject: subject, milliseconds: milliseconds)
    }
}
