/// How patient a client is.
package struct ClientSettings: Hashable, Sendable {
    /// For one whole answer.
    package var timeout = Duration.seconds(10)
    /// For room in the venue's budgets.
    package var budgetPatience = Duration.seconds(60)
    /// Attempts at a request that changes nothing, the first included.
    package var attempts = 4
    /// The wait before the second attempt; doubles with each further one.
    package var firstPause = Duration.milliseconds(250)
    package var longestPause = Duration.seconds(10)
    /// Candle pages of one call at most.
    package var pageLimit = 1000

    package init() {}

    func pause(before attempt: Int, asked: Duration?, random: UInt64) -> Duration {
        let full = min(longestPause, firstPause * (1 << min(max(attempt - 2, 0), 16)))
        let jittered = full / 2 + .microseconds(Int64(random % 1000) * max(full.wholeMillis, 1) / 2)
        return max(jittered, asked ?? .zero)
    }
}

extension Duration {
    fileprivate var wholeMillis: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
