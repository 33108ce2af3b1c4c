/// The last so many different elements that were put in.
struct RecentSet<Element: Hashable & Sendable>: Sendable {
    private var members: Set<Element> = []
    private var ring: [Element] = []
    private var oldest = 0
    private let capacity: Int

    init(capacity: Int) {
        precondition(capacity > 0, "a set of the last \(capacity) elements")
        self.capacity = capacity
    }

    func contains(_ element: Element) -> Bool { members.contains(element) }

    /// Puts an element in and returns the one that had to go.
    @discardableResult
    mutating func insert(_ element: Element) -> Element? {
        guard members.insert(element).inserted else { return nil }
        guard ring.count == capacity else {
            ring.append(element)
            return nil
        }
        let evicted = ring[oldest]
        members.remove(evicted)
        ring[oldest] = element
        oldest = (oldest + 1) % capacity
        return evicted
    }
}
