import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// A live job on a paper venue: refused until everything is there, killed, stopped, and at its end equal to the venue's books.
    @Suite(.serialized) struct Live {
        private static let variables = [
            "PRAGMA_ALLOW_LIVE": "yes", "PRAGMA_LIVE_CONFIRMATION": "I UNDERSTAND THE RISKS",
        ]
        private static let account =
            "accounts: [{name: demo, key: paper-binance-demo, secret: paper-binance-demo-secret, balances: {USDT: 100000, BTC: 1}}], "
            + "fees: {maker: 0.001, taker: 0.001}, "
        private static let live = ["live", "-c", "live.json", "--yes", "--detach"]

        /// A fleet of which one worker is live, with a lease and a dry-run that are shorter than the example's.
        private func start(_ rig: Rig) async throws -> Child {
            let configs = Program.packageRoot + "/configs/"
            try FileManager.default.copyItem(atPath: configs + "live-paper", toPath: rig.folder + "/roles")
            try rig.write(
                "live: {enabled: true}\nencryption: on\npromotion: {min_dry_run: 1s}\nleases: {heartbeat: 200ms, live: 5s}\n",
                to: "roles/coordinator.yaml")
            try rig.write("{\"add_config_files\": [\"\(configs)live-paper.json\"], \(Self.limits)}", to: "live.json")
            try rig.write(
                "{\"add_config_files\": [\"\(configs)live-paper-backtest.json\"], \"datadir\": \"\(rig.folder)/candles\"}",
                to: "backtest.json")
            try FileManager.default.createDirectory(atPath: rig.home + "/credentials", withIntermediateDirectories: true)
            let credentials = rig.home + "/credentials/demo.yaml"
            try Data("key: paper-binance-demo\nsecret: paper-binance-demo-secret\n".utf8).write(
                to: URL(fileURLWithPath: credentials))
            #expect(chmod(credentials, 0o600) == 0)
            let workers = ["--workers", "1", "--dry-run-workers", "1", "--live-workers", "1"]
            let fleet = try rig.start(["up", "--roles", rig.folder + "/roles"] + workers, Self.variables)
            try await fleet.says("is ready after", within: .seconds(60))
            return fleet
        }

        /// So many losses that the breaker does not end the trading that is to be seen.
        private static let limits = """
            "risk": {"max_drawdown": 0.9, "max_daily_loss": 0.9, "max_position_risk": 0.02, "max_total_exposure": 0.8, "max_leverage": 1, \
            "max_consecutive_losses": 1000, "max_volatility_ratio": 1000, "kelly_fraction": 0.25, "max_kelly_position": 0.2}
            """

        /// A backtest and a dry-run of what is to be traded.
        private func gatherEvidence(_ rig: Rig) async throws {
            try await rig.succeed(
                [
                    "data", "download", "paper-binance", "--pairs", "BTC/USDT,ETH/USDT,SOL/USDT", "--timeframes", "1m", "--days",
                    "1",
                ]
                    + ["--datadir", rig.folder + "/candles"])
            try await rig.succeed(["backtest", "-c", "backtest.json"])
            let configuration = Program.packageRoot + "/configs/live-paper-dry-run.json"
            try await rig.succeed(["dry-run", "-c", configuration, "--detach"])
        }

        private func refused(_ rig: Rig, _ arguments: [String], _ gate: String) async throws {
            let outcome = try await rig.run(arguments)
            #expect(outcome.ending == .code(4) && outcome.errors.contains(gate), "\(arguments): \(outcome.errors)")
        }

        @Test func `a live job outlives its worker, its coordinator and a stop, and its books are the venue's`() async throws {
            try await withRig { rig in
                try await rig.succeed(["init"])
                try await rig.succeed(["keys", "new"])
                let venues = try await PaperVenues(rig, ["binance": Self.account])
                let fleet = try await start(rig)
                let books = LiveBooks(rig)

                try await refused(rig, Self.live, "live.confirmLiveFlag")
                try await refused(rig, Self.live + ["--confirm-live"], "live.promotion")
                try await gatherEvidence(rig)
                try await eventually("a dry-run that is long enough", within: .seconds(60), every: .milliseconds(500)) {
                    try await rig.run(Self.live + ["--confirm-live"]).ending == .code(0)
                }
                try await refused(rig, Self.live + ["--confirm-live"], "live.accountOwned")
                try await books.grow("orders of a new job")

                #expect(try await fleet.killChild("live-worker-1"))
                try await books.grow("orders after the death of the worker")
                #expect(try await fleet.killChild("coordinator"))
                try await eventually("a new coordinator") { try await rig.run(["orders"]).ending == .code(0) }
                try await books.grow("orders after the death of the coordinator")

                let stop = try await rig.stop("drill")
                #expect(stop.ending == .code(0) && stop.answer?.proved == true)
                #expect(try await books.venue().open_orders.isEmpty, "orders work on under a stop")
                let stopped = PaperVenues.text(try await venues.time(of: "binance") + 1)
                try await venues.pass(minutes: 10, of: "binance")
                for order in try await books.orders() where order.purpose == "entry" {
                    #expect(!order.working && order.created < stopped, "\(order) was made after \(stopped), under a stop")
                }
                try await rig.rearm("the drill is over")
                try await books.grow("entries after the re-arm")

                let jobs = try await rig.jobs().filter { $0.kind == "live" }
                let job = try #require(jobs.first).job
                try await rig.succeed(["jobs", "cancel", "\(job)"])
                #expect(try await rig.finished(job).terminalStates == ["canceled"])
                try await books.areEqual()
                venues.child.signal(SIGTERM)
                #expect(try await venues.child.ending() == .code(0))
                try await rig.end(fleet)
            }
        }
    }
}
