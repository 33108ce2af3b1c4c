/// What a full queue does with one more element.
package enum FullPolicy: Hashable, Sendable {
    /// It says no and its caller keeps the element.
    case refuse
    /// The new element is lost.
    case dropNewest
    /// The oldest element is lost to make room.
    case dropOldest
}

/// What became of an element that was added to a bounded queue.
package enum PushResult: Hashable, Sendable {
    case accepted
    case refused
    case droppedNewest
    /// The new one is in, the oldest is lost.
    case droppedOldest
}

/// A first-in-first-out queue with a limit, a policy and counts. A ring, so that each operation takes constant time.
package struct BoundedQueue<Element> {
    package let capacity: Int
    package let policy: FullPolicy
    /// Elements lost or refused so far.
    package private(set) var dropped: UInt64 = 0
    package private(set) var refused: UInt64 = 0
    private var ring: [Element?] = []
    private var head = 0
    package private(set) var count = 0

    /// An empty queue; room is taken as it fills. `capacity` must be positive.
    package init(capacity: Int, policy: FullPolicy) {
        precondition(capacity > 0, "a queue needs room for one element")
        self.capacity = capacity
        self.policy = policy
    }

    package var isEmpty: Bool { count == 0 }

    /// The oldest element.
    package var first: Element? { count == 0 ? nil : ring[head] }

    /// Adds an element, or does what the policy says where there is no room.
    package mutating func push(_ element: Element) -> PushResult {
        var result = PushResult.accepted
        if count == capacity {
            switch policy {
            case .refuse:
                refused += 1
                return .refused
            case .dropNewest:
                dropped += 1
                return .droppedNewest
            case .dropOldest:
                dropped += 1
                _ = pop()
                result = .droppedOldest
            }
        }
        if count == ring.count { grow() }
        ring[slot(count)] = element
        count += 1
        return result
    }

    /// Removes and returns the oldest element.
    package mutating func pop() -> Element? {
        guard count > 0 else { return nil }
        let element = ring[head]
        ring[head] = nil
        head = slot(1)
        count -= 1
        return element
    }

    /// Moves everything, oldest first, to the end of an array.
    package mutating func drain(into elements: inout [Element]) {
        elements.reserveCapacity(elements.count + count)
        while let element = pop() { elements.append(element) }
    }

    private func slot(_ offset: Int) -> Int {
        let index = head + offset
        return index < ring.count ? index : index - ring.count
    }

    private mutating func grow() {
        var larger: [Element?] = []
        let room = Swift.min(capacity, Swift.max(16, ring.count * 2))
        larger.reserveCapacity(room)
        for offset in 0..<count { larger.append(ring[slot(offset)]) }
        while larger.count < room { larger.append(nil) }
        ring = larger
        head = 0
    }
}

extension BoundedQueue: Sendable where Element: Sendable {}
