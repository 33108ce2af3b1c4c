internal import ArgumentParser

/// What `--timeout` may be, in seconds.
enum TimeoutOption {
    /// A day: who waits longer has mistyped.
    static let longest = 86_400.0

    /// Throws a usage error for a time that cannot be waited for.
    static func check(_ seconds: Double) throws {
        guard seconds > 0, seconds <= longest else {
            throw ValidationError("--timeout must be more than 0 and at most \(Int(longest)) seconds")
        }
    }
}
