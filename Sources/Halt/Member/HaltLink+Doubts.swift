extension HaltLink {
    /// The most incarnations that are remembered as doubtful; beyond that the monitor counts as contradicting itself.
    static let doubtLimit = 16

    /// The monitor knows everything that was seen of it, so its present state has taken all of it into account.
    var isKnownWhole: Bool {
        guard doubts.isEmpty else { return false }
        return newest.map { isConfirmed($0.state.epoch, by: confirmer) } ?? true
    }

    /// The monitor, now at `current`, has said that `asked` is in its past. It knows the lower counters of the same incarnation too.
    mutating func confirm(_ asked: HaltEpoch, by current: HaltEpoch) {
        if confirmer != current.incarnation { (confirmer, confirmed) = (current.incarnation, []) }
        for epoch in [asked, current] where epoch != .zero && !isConfirmed(epoch, by: confirmer) {
            confirmed.removeAll { $0.incarnation == epoch.incarnation }
            confirmed.append(epoch)
        }
        if confirmed.count > 4 * Self.doubtLimit { confirmed.removeFirst() }
        doubts = doubts.filter { !isConfirmed($0.state.epoch, by: confirmer) }
    }

    /// Remembers a state that is not the newest until the monitor has said to know it.
    mutating func doubt(_ signed: SignedHaltState) {
        let epoch = signed.state.epoch
        // The newest state is always asked for, and the lower counters of its incarnation are in its past.
        if epoch.incarnation == seen.incarnation || isConfirmed(epoch, by: seen.incarnation) { return }
        if let index = doubts.firstIndex(where: { $0.state.epoch.incarnation == epoch.incarnation }) {
            if doubts[index].state.epoch < epoch { doubts[index] = signed }
        } else if doubts.count < Self.doubtLimit {
            doubts.append(signed)
        } else {
            conflict = true
        }
    }

    private func isConfirmed(_ epoch: HaltEpoch, by incarnation: UInt64) -> Bool {
        confirmer == incarnation
            && confirmed.contains { $0.incarnation == epoch.incarnation && $0.counter >= epoch.counter }
    }

    /// What the monitor has to be asked about: the newest state and every doubtful one.
    var questionable: [HaltEpoch] { [seen] + doubts.map(\.state.epoch) }
}
