/// A condition that did not come true in time.
struct TimedOut: Error, CustomStringConvertible {
    var description: String
}

/// Asks `probe` again and again until it answers, at most for `limit`.
///
/// There is no other wait in these tests: what they wait for is an event, and how long that takes is the machine's affair.
func eventually<Value>(
    _ what: @autoclosure () -> String, within limit: Duration = .seconds(30), every interval: Duration = .milliseconds(10),
    _ probe: () async throws -> Value?
) async throws -> Value {
    let end = ContinuousClock.now + limit
    while true {
        if let value = try await probe() { return value }
        if ContinuousClock.now >= end { throw TimedOut(description: "not within \(limit): \(what())") }
        try await Task.sleep(for: interval)
    }
}

/// The same for a condition without a value.
func eventually(
    _ what: @autoclosure () -> String, within limit: Duration = .seconds(30), every interval: Duration = .milliseconds(10),
    isTrue condition: () async throws -> Bool
) async throws {
    let _: Bool = try await eventually(what(), within: limit, every: interval) { try await condition() ? true : nil }
}

/// Whether the condition came true within the limit; for waits that may end without it.
func happens(within limit: Duration, _ condition: () async throws -> Bool) async throws -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return try await condition()
}
