import SimulationSupport
import Testing

@testable import Coordination

/// The containers against plain models, on random operations of a printed seed.
@Suite struct ContainerTests {
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `timers fire in the order of their instants, then of their setting`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var heap = TimerHeap<Int>()
        var model: [(Int64, Int)] = []
        for step in 0..<300 {
            if random.chance(0.6) {
                let instant = Int64.random(in: 0..<40, using: &random)
                heap.set(step, at: Instant(nanoseconds: instant))
                model.append((instant, step))
            } else {
                let now = Int64.random(in: 0..<40, using: &random)
                model.sort { $0 < $1 }
                let due = model.first.flatMap { $0.0 <= now ? $0.1 : nil }
                #expect(heap.popDue(at: Instant(nanoseconds: now)) == due, "seed \(seed) step \(step)")
                if due != nil { model.removeFirst() }
            }
            #expect(heap.count == model.count)
            #expect(heap.first?.nanoseconds == model.map(\.0).min())
        }
    }

    @Test func `a recent set forgets the oldest and says which`() {
        var set = RecentSet<Int>(capacity: 3)
        #expect([1, 2, 3, 2].map { set.insert($0) } == [nil, nil, nil, nil])
        #expect(set.insert(4) == 1)
        #expect(set.insert(1) == 2)
        #expect([1, 2, 3, 4].filter(set.contains) == [1, 3, 4])
    }

    @Test func `a queue gives back in order over many wraps`() {
        var queue = RingQueue<Int>()
        var next = 0
        var expected = 0
        for round in 0..<400 {
            for _ in 0..<(round % 7) {
                queue.append(next)
                next += 1
            }
            for _ in 0..<(round % 5) {
                guard let first = queue.popFirst() else { break }
                #expect(first == expected)
                expected += 1
            }
            #expect(queue.count == next - expected)
        }
    }

    @Test func `units that were touched are passed over`() {
        var entry = JobEntry(id: JobID(1), job: job(1, combinations: 20), state: .queued)
        var touched = RangeSet<UInt64>()
        for range in [0..<3, 5..<6, 18..<20] as [Range<UInt64>] { touched.insert(contentsOf: range) }
        entry.restrictUntouched(to: touched)
        entry.ready = [19]
        var taken: [UInt64] = []
        while let unit = entry.takeUnit() { taken.append(unit) }
        #expect(taken == [19, 3, 4] + Array(6...17))
        #expect(!entry.hasReadyUnit)
    }

    /// The queue against an obvious model: sort everything and take the first.
    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `the fair queue agrees with sorting everything`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var model = FairQueueModel()
        var table = JobTable()
        var queue = FairQueue()
        for step in 1...400 {
            switch random.next() % 5 {
            case 0, 1:
                let new = job(
                    UInt64(step), group: "g\(random.next() % 4)", priority: Int.random(in: -1...1, using: &random),
                    memory: random.next() % 3)
                let slot = table.insert(JobEntry(id: JobID(Int64(step)), job: new, state: .queued))
                table[slot].group = queue.join(new.group, priority: new.priority)
                let first = random.chance(0.2)
                queue.enqueue(slot, in: &table, first: first)
                model.add(slot, new, first: first)
            case 2:
                guard let slot = model.queued.randomElement(using: &random) else { continue }
                queue.dequeue(slot, in: &table)
                queue.leave(table[slot].group)
                _ = table.remove(slot)
                model.remove(slot)
            case 3:
                guard let slot = model.queued.randomElement(using: &random) else { continue }
                let change = Int.random(in: 0...2, using: &random)
                queue.changeInFlight(of: table[slot].group, by: change)
                model.inFlight[model.key(slot), default: 0] += change
            default:
                let memory = random.next() % 3
                let next = queue.next(in: table, memory: memory)
                #expect(model.accepts(next, memory: memory), "seed \(seed) step \(step)")
                guard let next else { continue }
                queue.markServed(table[next].group)
                model.serve(next)
            }
            #expect(queue.queuedCount == model.queued.count)
        }
    }
}

private struct FairQueueModel {
    struct Key: Hashable {
        var name: String
        var priority: Int
    }
    var jobs: [Int: NewJob] = [:]
    var order: [Key: [Int]] = [:]
    var inFlight: [Key: Int] = [:]
    var served: [Key: Int] = [:]
    var clock = 0

    var queued: [Int] { jobs.keys.sorted() }
    func key(_ slot: Int) -> Key { Key(name: jobs[slot]?.group ?? "", priority: jobs[slot]?.priority ?? 0) }

    mutating func add(_ slot: Int, _ job: NewJob, first: Bool) {
        jobs[slot] = job
        let key = key(slot)
        if order[key] == nil {
            inFlight[key] = 0
            served[key] = clock
        }
        order[key, default: []].insert(slot, at: first ? 0 : order[key]?.count ?? 0)
    }

    mutating func remove(_ slot: Int) {
        let key = key(slot)
        order[key]?.removeAll { $0 == slot }
        if order[key]?.isEmpty == true { order[key] = nil }
        jobs[slot] = nil
    }

    mutating func serve(_ slot: Int) {
        clock += 1
        served[key(slot)] = clock
    }

    /// Among groups that are equal in everything the queue may choose.
    func accepts(_ slot: Int?, memory: UInt64) -> Bool {
        let heads = order.compactMap { key, slots -> (rank: (Int, Int, Int), slot: Int)? in
            guard let head = slots.first, (jobs[head]?.memoryEstimate ?? 0) <= memory else { return nil }
            return ((-key.priority, inFlight[key] ?? 0, served[key] ?? 0), head)
        }
        guard let best = heads.map(\.rank).min(by: <) else { return slot == nil }
        return heads.contains { $0.slot == slot && $0.rank == best }
    }
}
