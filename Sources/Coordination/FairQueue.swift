/// The jobs of one kind that have units to dispatch: the highest priority first; within a priority the group with the fewest
/// units out, of those the one served longest ago; within a group first come, first served.
///
/// Every operation costs at most the logarithm of the number of groups.
struct FairQueue: Sendable {
    private struct Group: Sendable {
        var name: String
        var priority: Int
        /// Jobs in memory that belong to the group.
        var members = 0
        var inFlight = 0
        var lastServed: UInt64 = 0
        /// First and last job of the list; -1: none.
        var head = -1
        var tail = -1
        /// Its place in the heap of its level; -1: it has no job to dispatch.
        var heapIndex = -1
    }

    private struct Level: Sendable {
        var priority: Int
        /// Groups with jobs to dispatch, as a heap: the one to serve next on top.
        var heap: [Int] = []
    }

    private struct Key: Hashable {
        var name: String
        var priority: Int
    }

    private var groups: [Group] = []
    private var free: [Int] = []
    private var groupOf: [Key: Int] = [:]
    /// The group joined last: jobs come in rows of the same.
    private var lastJoined = 0
    /// Highest priority first.
    private var levels: [Level] = []
    private var serveCount: UInt64 = 0
    private(set) var queuedCount = 0

    var isEmpty: Bool { queuedCount == 0 }

    // MARK: - Membership

    /// Makes a job a member of its group; every `join` needs one `leave`.
    mutating func join(_ name: String, priority: Int) -> Int {
        if lastJoined < groups.count, groups[lastJoined].members > 0, groups[lastJoined].priority == priority,
            groups[lastJoined].name == name
        {
            groups[lastJoined].members += 1
            return lastJoined
        }
        let key = Key(name: name, priority: priority)
        if let group = groupOf[key] {
            groups[group].members += 1
            lastJoined = group
            return group
        }
        var group = Group(name: name, priority: priority)
        group.members = 1
        group.lastServed = serveCount
        let index = free.popLast() ?? groups.count
        if index == groups.count { groups.append(group) } else { groups[index] = group }
        groupOf[key] = index
        lastJoined = index
        return index
    }

    mutating func leave(_ group: Int) {
        groups[group].members -= 1
        guard groups[group].members == 0 else { return }
        precondition(groups[group].head < 0, "group \(groups[group].name) ends with jobs in its list")
        groupOf[Key(name: groups[group].name, priority: groups[group].priority)] = nil
        free.append(group)
    }

    /// How many units of the group are with workers now.
    mutating func changeInFlight(of group: Int, by change: Int) {
        groups[group].inFlight += change
        reorder(group)
    }

    /// The group was given a worker: others of equal standing come first now.
    mutating func markServed(_ group: Int) {
        serveCount += 1
        groups[group].lastServed = serveCount
        reorder(group)
    }

    // MARK: - Jobs

    mutating func enqueue(_ slot: Int, in jobs: inout JobTable, first: Bool) {
        guard !jobs[slot].isQueued else { return }
        let group = jobs[slot].group
        jobs[slot].isQueued = true
        queuedCount += 1
        let neighbour = first ? groups[group].head : groups[group].tail
        jobs[slot].previous = first ? -1 : neighbour
        jobs[slot].next = first ? neighbour : -1
        if neighbour >= 0 {
            if first { jobs[neighbour].previous = slot } else { jobs[neighbour].next = slot }
        }
        if first || neighbour < 0 { groups[group].head = slot }
        if !first || neighbour < 0 { groups[group].tail = slot }
        if groups[group].heapIndex < 0 { addToHeap(group) }
    }

    mutating func dequeue(_ slot: Int, in jobs: inout JobTable) {
        guard jobs[slot].isQueued else { return }
        let group = jobs[slot].group
        let previous = jobs[slot].previous
        let next = jobs[slot].next
        if previous >= 0 { jobs[previous].next = next } else { groups[group].head = next }
        if next >= 0 { jobs[next].previous = previous } else { groups[group].tail = previous }
        jobs[slot].previous = -1
        jobs[slot].next = -1
        jobs[slot].isQueued = false
        queuedCount -= 1
        if groups[group].head < 0 { removeFromHeap(group) }
    }

    /// The job to dispatch next: the first of the best group whose first job needs no more memory than there is. Jobs behind
    /// one that needs more wait, so that a large job is not passed by for ever by small ones of its own group.
    mutating func next(in jobs: JobTable, memory: UInt64) -> Int? {
        for level in levels.indices where !levels[level].heap.isEmpty {
            var passed: [Int] = []
            defer { for group in passed { addToHeap(group) } }
            while let group = levels[level].heap.first {
                if jobs[groups[group].head].memoryEstimate <= memory { return groups[group].head }
                removeFromHeap(group)
                passed.append(group)
            }
        }
        return nil
    }

    // MARK: - Heap

    private func level(of priority: Int) -> Int {
        levels.firstIndex { $0.priority <= priority } ?? levels.count
    }

    private mutating func addToHeap(_ group: Int) {
        let priority = groups[group].priority
        let level = level(of: priority)
        if level == levels.count || levels[level].priority != priority {
            levels.insert(Level(priority: priority), at: level)
        }
        levels[level].heap.append(group)
        groups[group].heapIndex = levels[level].heap.count - 1
        siftUp(groups[group].heapIndex, level)
    }

    private mutating func removeFromHeap(_ group: Int) {
        let level = level(of: groups[group].priority)
        let index = groups[group].heapIndex
        groups[group].heapIndex = -1
        let last = levels[level].heap.removeLast()
        guard last != group else { return }
        levels[level].heap[index] = last
        groups[last].heapIndex = index
        siftUp(index, level)
        siftDown(groups[last].heapIndex, level)
    }

    private mutating func reorder(_ group: Int) {
        guard groups[group].heapIndex >= 0 else { return }
        let level = level(of: groups[group].priority)
        siftUp(groups[group].heapIndex, level)
        siftDown(groups[group].heapIndex, level)
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (groups[left].inFlight, groups[left].lastServed, left) < (groups[right].inFlight, groups[right].lastServed, right)
    }

    private mutating func swap(_ first: Int, _ second: Int, _ level: Int) {
        levels[level].heap.swapAt(first, second)
        groups[levels[level].heap[first]].heapIndex = first
        groups[levels[level].heap[second]].heapIndex = second
    }

    private mutating func siftUp(_ index: Int, _ level: Int) {
        var child = index
        while child > 0, isBefore(levels[level].heap[child], levels[level].heap[(child - 1) / 2]) {
            swap(child, (child - 1) / 2, level)
            child = (child - 1) / 2
        }
    }

    private mutating func siftDown(_ index: Int, _ level: Int) {
        var parent = index
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < levels[level].heap.count {
                if isBefore(levels[level].heap[child], levels[level].heap[smallest]) { smallest = child }
            }
            if smallest == parent { return }
            swap(parent, smallest, level)
            parent = smallest
        }
    }
}
