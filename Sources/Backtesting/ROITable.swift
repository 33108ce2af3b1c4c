/// The ROI table in the order of minutes.
package struct ROITable: Hashable, Sendable {
    /// From so many minutes on, a profit above the ratio closes a trade.
    package struct Entry: Hashable, Sendable, BitwiseCopyable {
        package var minutes: Int
        package var ratio: Double
    }

    private let entries: [Entry]

    /// A table as configurations have it: minutes -> ratio.
    package init(_ table: [Int: Double]) {
        entries = table.sorted { $0.key < $1.key }.map { Entry(minutes: $0.key, ratio: $0.value) }
    }

    package var count: Int { entries.count }
    package subscript(index: Int) -> Entry { entries[index] }

    /// How many entries hold after so many minutes; the last of them is the one in force.
    package func due(after minutes: Int) -> Int { entries.firstIndex { $0.minutes > minutes } ?? entries.count }

    /// The ratio in force after so many minutes; nil: none is.
    package func ratio(after minutes: Int) -> Double? {
        let due = due(after: minutes)
        return due == 0 ? nil : entries[due - 1].ratio
    }
}
