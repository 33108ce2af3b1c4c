import Foundation

/// A paper exchange, a relay before it, and a fleet with one worker that trades there: all of them the real processes.
final class TradingVenue {
    /// Of a minute of the venue's time a real one is so many times longer.
    let speed: Int
    let venue: PaperExchangeProcess
    let relay: OrderRelay
    let fleet: Fleet
    private(set) var worker: pid_t = 0
    private let isLive: Bool
    private let pairs: [String]

    /// - Parameters:
    ///   - market: what stands in the venue's `market`.
    ///   - folder: what relative paths in it are meant from; removed at the end.
    ///   - base: where the fleet's home lies; nil: where temporary files are.
    init(
        _ options: Options, _ pairs: [String], market: String, in folder: String, speed: Int, isLive: Bool,
        home base: String? = nil
    ) throws {
        (self.speed, self.isLive, self.pairs) = (speed, isLive, pairs)
        let text = """
            venues:
              - name: paper-bench
                protocol: binance
                history: 1d
                fees: {maker: 0, taker: 0}
                rate_limits: false
                speed: \(speed)
                accounts: [{name: bench, key: \(Self.key), secret: \(Self.secret), balances: {USDT: 1000000}}]
                market: {\(market)}
                instruments: [\(pairs.map { "{pair: \($0)}" }.joined(separator: ", "))]

            """
        venue = try PaperExchangeProcess.start(options, text, in: folder)
        do {
            relay = try OrderRelay(to: venue.port)
        } catch {
            venue.end()
            throw error
        }
        do {
            fleet = try Fleet(options, isEncrypted: isLive, in: base)
        } catch {
            relay.end()
            venue.end()
            throw error
        }
        do { try startFleet() } catch {
            end()
            throw error
        }
    }

    private static let key = "paper-bench-account-key"
    private static let secret = "paper-bench-account-secret"

    private func startFleet() throws {
        let address = "127.0.0.1:\(relay.port)"
        try fleet.write(
            "id: paper-bench\nprotocol: binance\nrest: http://\(address)\nmarket_stream: ws://\(address)\naccount_stream: ws://\(address)\nspeed: \(speed)\n",
            to: "venues/paper-bench.yaml")
        var arguments = ["--workers", "0", isLive ? "--live-workers" : "--dry-run-workers", "1"]
        var environment: [String: String] = [:]
        if isLive {
            try fleet.write("key: \(Self.key)\nsecret: \(Self.secret)\n", to: "credentials/bench.yaml")
            try fleet.write("live: {enabled: true}\n", to: "roles/coordinator.yaml")
            try fleet.write("class: live\nlive: {enabled: true}\nencryption: on\n", to: "roles/live-worker.yaml")
            arguments += ["--roles", fleet.home + "/roles"]
            environment = ["PRAGMA_ALLOW_LIVE": "yes", "PRAGMA_LIVE_CONFIRMATION": "I UNDERSTAND THE RISKS"]
        }
        let up = try fleet.start("up", arguments, environment: environment)
        try fleet.wait(until: "up", says: "is ready after")
        let workers = Machine.family(up).filter { Machine.arguments($0).dropFirst().first == "worker" }
        guard workers.count == 1, let worker = workers.first else { throw BenchError("the fleet has \(workers.count) workers") }
        self.worker = worker
    }

    /// Submits a job that trades the venue's pairs with market orders; what else its configuration has comes from `more`.
    func submit(stake: Int, more: String) throws {
        let account = """
            "account": {"name": "bench", "exclusive": true},
            "risk": {
                "max_drawdown": 0.5, "max_daily_loss": 0.5, "max_position_risk": 0.5, "max_total_exposure": 1, "max_leverage": 1,
                "max_consecutive_losses": 100, "max_volatility_ratio": 100, "kelly_fraction": 0.25, "max_kelly_position": 0.5},
            """
        let text = """
            {
                "strategy": "EmaCross", "timeframe": "1m", "dry_run": \(!isLive), "dry_run_wallet": 1000000, "stake_currency": "USDT",
                "stake_amount": \(stake), "max_open_trades": \(pairs.count), "fee": 0,
                \(more)
                "order_types": {"entry": "market", "exit": "market", "stoploss": "market", "stoploss_on_exchange": false},
                "entry_pricing": {"price_side": "other"}, "exit_pricing": {"price_side": "other"},
                "exchange": {"name": "paper-bench", "pair_whitelist": [\(pairs.map { "\"\($0)\"" }.joined(separator: ", "))]},
                \(isLive ? account : "")
                "execution": {
                    "mode": "\(isLive ? "live" : "dry-run")"
                    \(isLive ? #", "confirm_live": true, "safety_phrase": "I_UNDERSTAND_THE_RISKS""# : "")
                }
            }
            """
        try fleet.write(text, to: "job.json")
        var command = [
            isLive ? "live" : "dry-run", "-c", fleet.home + "/job.json", "--set", "fast=3", "--set", "slow=20", "--detach",
        ]
        if isLive { command += ["--confirm-live", "--yes", "--override-promotion", "a benchmark"] }
        _ = try fleet.command(command)
    }

    /// What the worker has written to its log.
    var log: String {
        let name = isLive ? "live-worker-1" : "dry-worker-1"
        return (try? String(contentsOfFile: "\(fleet.home)/logs/\(name).log", encoding: .utf8)) ?? ""
    }

    func end() {
        fleet.end()
        relay.end()
        venue.end()
    }
}
