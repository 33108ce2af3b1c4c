/// SplitMix64: one seed, one run.
struct SimulationRandom: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// True in `percent` of a hundred cases.
    mutating func chance(_ percent: Int) -> Bool { Int(next() % 100) < percent }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

    /// Nanoseconds between two numbers of milliseconds.
    mutating func milliseconds(_ range: ClosedRange<Int64>) -> Int64 {
        let low = range.lowerBound * 1_000_000
        let width = (range.upperBound - range.lowerBound) * 1_000_000 + 1
        return low + Int64(next() % UInt64(width))
    }

    mutating func pick<T>(_ values: [T]) -> T { values[below(values.count)] }
}

/// Events in order of time, then of making.
struct SimulationQueue<Event> {
    /// The heap holds small places, and the events lie beside it: moving an event costs more than everything else.
    private var heap: [(time: Int64, order: UInt64, place: Int)] = []
    private var events: [Event?] = []
    private var free: [Int] = []
    private var count: UInt64 = 0

    mutating func push(_ event: Event, at time: Int64) {
        let place = free.popLast() ?? events.count
        if place == events.count { events.append(event) } else { events[place] = event }
        heap.append((time, count, place))
        count += 1
        var child = heap.count - 1
        while child > 0, precedes(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The time of the next event.
    var next: Int64? { heap.first?.time }

    mutating func pop() -> Event? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        defer { events[first.place] = nil }
        free.append(first.place)
        return events[first.place]
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var smallest = parent
            for child in (2 * parent + 1)...(2 * parent + 2) where child < heap.count && precedes(child, smallest) {
                smallest = child
            }
            if smallest == parent { return }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }

    private func precedes(_ a: Int, _ b: Int) -> Bool { (heap[a].time, heap[a].order) < (heap[b].time, heap[b].order) }
}
