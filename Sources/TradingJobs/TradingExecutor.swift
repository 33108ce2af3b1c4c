package import Execution

/// Who answers for a trading job: keeps its figures and health, told by whoever runs it.
package protocol TradingExecutor: Sendable {
    var metrics: ExecutorMetrics { get }
    func health(memoryUsage: UInt64, cpuUsage: UInt64) -> ExecutorHealth
    mutating func begin()
    /// Whether the market of all pairs, and of a live job the account's stream, comes in.
    mutating func note(isConnected: Bool)
    /// Trades that came to their end since the last call.
    mutating func note(closedTrades: Int)
    /// Something went wrong: the venue is away (it goes on), or it is the end (`isFinal`).
    mutating func noteError(isFinal: Bool)
}

extension SimulatedExecutor: TradingExecutor {}
