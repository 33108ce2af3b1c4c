/// The last elements, up to a limit.
struct Ring<Element: Sendable>: Sendable {
    private var storage: [Element] = []
    private var start = 0
    let limit: Int

    init(limit: Int) { self.limit = max(0, limit) }

    var count: Int { storage.count }

    mutating func append(_ element: Element) {
        guard limit > 0 else { return }
        guard storage.count == limit else { return storage.append(element) }
        storage[start] = element
        start = start + 1 == limit ? 0 : start + 1
    }

    /// Oldest first, 0 to `count - 1`.
    subscript(index: Int) -> Element {
        let place = start + index
        return storage[place < storage.count ? place : place - storage.count]
    }

    /// Oldest first.
    var elements: [Element] { (0..<count).map { self[$0] } }
}
