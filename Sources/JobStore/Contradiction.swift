import Coordination

/// The texts of contradictions, the same for every store.
enum Contradiction {
    static func noPayload(_ id: JobID) -> String { "job \(id) came without a payload" }
    static func noResult(_ grant: Grant) -> String { "the result of unit \(grant.unit) came without bytes" }
    static func sameID(_ id: JobID) -> String { "job \(id) is stored already" }
    static func noJob(_ id: JobID) -> String { "there is no job \(id)" }
    static func notWaiting(_ unit: UnitID) -> String { "unit \(unit) was dispatched, but it does not wait" }
    static func notOut(_ grant: Grant) -> String { "unit \(grant.unit) is not out under token \(grant.token)" }
    static func recordGap(_ id: JobID, first: UInt64, count: UInt64) -> String {
        "records of job \(id) begin at \(first), and there are \(count)"
    }
    static func tooMany(_ id: JobID) -> String { "job \(id) has more than \(Int64.max) combinations" }
}
