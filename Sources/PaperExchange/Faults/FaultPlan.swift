import SyntheticMarket

/// The faults in force, and the chances that decide each.
package struct FaultPlan: Sendable {
    package private(set) var faults: [PaperFault] = []
    private var random: SplitMix64
    /// How often each kind struck, by name, for the operator.
    package private(set) var struck: [String: Int] = [:]
    package static let maximumFaults = 1000

    package init(seed: UInt64) { random = SplitMix64(seed: seed) }

    /// Whether it was taken: a plan holds at most `maximumFaults`.
    package mutating func add(_ fault: PaperFault) -> Bool {
        guard faults.count < Self.maximumFaults else { return false }
        faults.append(fault)
        return true
    }

    package mutating func removeAll() { faults.removeAll() }

    /// What becomes of a request of this kind now.
    mutating func fate(of target: PaperFault.Target, at now: Int64) -> RequestFate {
        var fate = RequestFate()
        // Faults of streams are neither asked nor counted here: a request in between would use them up.
        for index in faults.indices where concerns(faults[index], target) && faults[index].kind.strikesRequests(of: target) {
            guard strikes(index, now) else { continue }
            switch faults[index].kind {
            case .latency(let milliseconds): fate.delay += max(0, min(milliseconds, 600_000))
            case .timeoutAfterAccepting: fate.isSilent = true
            case .backendTimeout: fate.isBackendTimeout = true
            case .cutBefore: fate.isCutBefore = true
            case .cutAfter: fate.isCutAfter = true
            case .rateLimited(let seconds): fate.refusal = .rateLimited(retryAfter: seconds)
            case .banned(let seconds): fate.refusal = .banned(retryAfter: seconds)
            case .outage: fate.refusal = .outage
            case .rejectOrders: fate.refusal = .orderRejected
            case .garbage: fate.isGarbage = true
            default: continue
            }
        }
        forgetSpent(now)
        return fate
    }

    /// What becomes of a stream message now.
    mutating func streamFate(at now: Int64) -> StreamFate {
        var fate = StreamFate.sent
        for index in faults.indices {
            switch faults[index].kind {
            case .loseStreamMessages where strikes(index, now): fate = .lost
            case .duplicateStreamMessages where strikes(index, now): fate = .twice
            case .reorderStreamMessages where strikes(index, now): fate = .late
            default: continue
            }
        }
        forgetSpent(now)
        return fate
    }

    /// Whether a fault of this kind strikes now, and counts it.
    mutating func strikes(at now: Int64, _ matches: (PaperFault.Kind) -> Bool) -> Bool {
        var result = false
        for index in faults.indices where matches(faults[index].kind) && strikes(index, now) { result = true }
        forgetSpent(now)
        return result
    }

    /// The venue's clock is off by this many milliseconds.
    func clockSkew(at now: Int64) -> Int64 {
        faults.reduce(0) { sum, fault in
            guard case .clockSkew(let milliseconds) = fault.kind, isDue(fault, now) else { return sum }
            return sum + max(-86_400_000, min(milliseconds, 86_400_000))
        }
    }

    /// The part of what is offered and of what rests that takes part; 1 without such a fault.
    func fillPart(at now: Int64) -> Double {
        faults.reduce(1) { part, fault in
            guard case .partialFills(let fraction) = fault.kind, isDue(fault, now) else { return part }
            return min(part, max(0, min(fraction, 1)))
        }
    }

    private func isDue(_ fault: PaperFault, _ now: Int64) -> Bool { fault.from <= now && now < fault.until && fault.count != 0 }

    private func concerns(_ fault: PaperFault, _ target: PaperFault.Target) -> Bool {
        fault.target == .any || fault.target == target
    }

    private mutating func strikes(_ index: Int, _ now: Int64) -> Bool {
        guard isDue(faults[index], now) else { return false }
        guard Double(random.next() >> 11) * 0x1p-53 < faults[index].probability else { return false }
        if let count = faults[index].count { faults[index].count = count - 1 }
        struck[Self.name(faults[index].kind), default: 0] += 1
        return true
    }

    private mutating func forgetSpent(_ now: Int64) {
        guard faults.contains(where: { $0.until <= now || $0.count == 0 }) else { return }
        faults.removeAll { $0.until <= now || $0.count == 0 }
    }

    /// The kind's name without its values.
    package static func name(_ kind: PaperFault.Kind) -> String { String("\(kind)".prefix { $0 != "(" }) }
}
