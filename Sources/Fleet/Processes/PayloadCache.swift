internal import Coordination

/// Payloads of jobs that are likely to be sent soon, so that a dispatch does not ask the store: bounded in bytes, oldest out
/// first. What is not here is in the store.
struct PayloadCache {
    private let limit: Int
    private var payloads: [JobID: [UInt8]] = [:]
    private var order: [JobID] = []
    private var head = 0
    private var bytes = 0

    /// A cache of at most `limit` bytes.
    init(limit: Int) { self.limit = limit }

    subscript(job: JobID) -> [UInt8]? { payloads[job] }

    mutating func insert(_ payload: [UInt8], for job: JobID) {
        guard payload.count <= limit / 4, payloads.updateValue(payload, forKey: job) == nil else { return }
        order.append(job)
        bytes += payload.count
        while bytes > limit, head < order.count {
            let oldest = order[head]
            head += 1
            remove(oldest)
        }
    }

    /// The job is finished; its payload is not needed again.
    mutating func remove(_ job: JobID) {
        if let payload = payloads.removeValue(forKey: job) { bytes -= payload.count }
        compact()
    }

    /// How many jobs are remembered, those included whose payload is gone.
    var orderCount: Int { order.count }

    /// Forgets the places of payloads that are gone, when they are more than the others.
    private mutating func compact() {
        guard order.count > 2 * payloads.count + 1024 else { return }
        var seen: Set<JobID> = []
        order = order[head...].filter { payloads[$0] != nil && seen.insert($0).inserted }
        head = 0
    }
}
