/// The grants that are out: mostly one, which then needs no memory of its own.
struct TokenSet: Sendable {
    private var first: FencingToken?
    private var others: Set<FencingToken> = []

    var isEmpty: Bool { first == nil && others.isEmpty }
    var count: Int { others.count + (first == nil ? 0 : 1) }

    mutating func insert(_ token: FencingToken) {
        if first == token { return }
        if first == nil && others.isEmpty { first = token } else { others.insert(token) }
    }

    mutating func remove(_ token: FencingToken) {
        if first == token { first = nil } else { others.remove(token) }
    }

    func sorted() -> [FencingToken] {
        guard let first else { return others.sorted() }
        return others.isEmpty ? [first] : others.union([first]).sorted()
    }
}

/// The grants of one worker whose reports were accepted lately, each of which comes once. Asked rarely, so that it is searched.
struct RecentTokens: Sendable {
    private static let capacity = 64
    private var ring: [FencingToken] = []
    private var oldest = 0

    func contains(_ token: FencingToken) -> Bool { ring.contains(token) }

    mutating func insert(_ token: FencingToken) {
        guard ring.count == Self.capacity else { return ring.append(token) }
        ring[oldest] = token
        oldest = (oldest + 1) % Self.capacity
    }
}
