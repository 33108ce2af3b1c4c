extension [HaltEntry] {
    /// All that stops in either, without the entries that another one already implies.
    package func union(_ other: [HaltEntry]) -> [HaltEntry] {
        var result = self
        for entry in other where !result.contains(where: { $0.implies(entry) }) { result.append(entry) }
        return result
    }

    /// The same or wider entries whose encoding has at most `limit` bytes.
    ///
    /// Nothing is ever dropped: what does not fit is replaced by entries for the whole fleet. `flatten` sells, so it is spread to the fleet only
    /// when its own entries alone do not fit; otherwise the others become one `cancel` (or `halt`) of the fleet beside them.
    package func widened(toFit limit: Int) -> [HaltEntry] {
        if encodedBytes <= limit { return self }
        let flattening = filter { $0.action == .flatten }
        let others = filter { $0.action != .flatten }
        if let strongest = others.map(\.action).max() {
            let result = flattening + [fleetEntry(strongest, replacing: others)]
            if result.encodedBytes <= limit { return result }
        }
        return [fleetEntry(flattening.isEmpty ? .cancel : .flatten, replacing: self)]
    }

    /// Bytes that these entries take in an encoded state, with their count.
    package var encodedBytes: Int {
        var writer = HaltByteWriter()
        writer.append(entries: self)
        // A count that does not fit into 16 bits is over every limit.
        return count > Int(UInt16.max) ? .max : writer.bytes.count
    }

    private func fleetEntry(_ action: HaltAction, replacing entries: [HaltEntry]) -> HaltEntry {
        HaltEntry(
            id: entries.map(\.id).max() ?? 0, scope: .fleet, action: action,
            reason: "widened to the fleet: \(entries.count) single stops were too many to hold",
            operator: entries.last?.operator ?? "", wallMilliseconds: entries.map(\.wallMilliseconds).max() ?? 0)
    }
}
