internal import Configuration
internal import DryRun
internal import DryRunJob
package import Exchange
package import Execution
internal import Money
package import TradingJournal

package typealias LiveSummary = DryRunSummary

/// What a dry-run or a live job came to, for its log and result.
package struct DryRunSummary: Sendable {
    var kind = "dry-run"
    /// Records in the journal.
    package internal(set) var records: UInt64 = 0
    package internal(set) var profit = ProfitSummary()
    package internal(set) var balances: [Balance] = []
    package internal(set) var metrics: ExecutorMetrics
    package internal(set) var health: ExecutorHealth

    /// JSON: `trades` (open, closed, winning), `profit` (realized, unrealized, unvalued), `wallet`, `records`, `metrics`, `health`.
    package var bytes: [UInt8] {
        let value: JSONValue = [
            "kind": .string(kind),
            "trades": [
                "open": .integer(Int64(profit.openTrades)), "closed": .integer(Int64(profit.closedTrades)),
                "winning": .integer(Int64(profit.winningTrades)),
            ],
            "profit": [
                "realized": .string(profit.realized.description),
                "unrealized": .number((profit.unrealized.isFinite ? profit.unrealized : 0).description),
                "unvalued": .integer(Int64(profit.unvalued)),
            ],
            "wallet": .array(
                balances.map {
                    ["asset": .string($0.asset), "free": .string($0.free.description), "locked": .string($0.locked.description)]
                }), "records": .number(String(records)), "metrics": metrics.json, "health": health.json,
        ]
        return value.bytes
    }
}

extension ExecutorMetrics {
    /// The names are the seed's.
    var json: JSONValue {
        [
            "execution_mode": .string(executionMode.rawValue),
            "start_time": startTimeMilliseconds.map { .integer($0) } ?? .null, "uptime": .integer(uptimeMilliseconds),
            "trades_executed": .integer(Int64(tradesExecuted)), "errors": .integer(Int64(errors)),
            "safety_checks_passed": .bool(safetyChecksPassed),
        ]
    }
}

extension ExecutorHealth {
    /// The names are the seed's.
    var json: JSONValue {
        [
            "executor_running": .bool(executorRunning), "freqtrade_connected": freqtradeConnected.map { .bool($0) } ?? .null,
            "exchange_connected": exchangeConnected.map { .bool($0) } ?? .null,
            "safety_checks": .bool(safetyChecks), "memory_usage": .number(String(memoryUsage)),
            "cpu_usage": .number(String(cpuUsage)), "healthy": .bool(isHealthy),
        ]
    }
}
