import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// Dry-runs on two exchanges: trades, a worker that is killed, a stop, and the end of a job.
    @Suite(.serialized) struct DryRuns {
        private struct Fee: Decodable, Equatable {
            var asset: String
            var amount: String
        }
        private struct Order: Decodable {
            var job: Int64
            var exchange: String
            var order: UInt64
            var client_order_id: String
            var purpose: String
            var status: String
            var working: Bool
            var filled: String
            var created: String
        }
        private struct Trade: Decodable, Equatable {
            var job: Int64
            var trade: UInt64
            var pair: String
            var profit: String
            var fees: [Fee]
        }
        private struct Part<Row: Decodable>: Decodable {
            var dry_run: Row
            var live: Row
        }

        private func submit(_ rig: Rig, _ venue: String, _ strategy: [String]) async throws {
            let pairs = ["BTC", "ETH", "SOL"].map { "\($0)/\(PaperVenues.currencies[venue] ?? "")" }.joined(separator: ",")
            try await rig.succeed(
                ["dry-run", "-c", Program.packageRoot + "/configs/paper-\(venue).json", "--pairs", pairs, "--detach"] + strategy)
        }

        private func rows<Row: Decodable>(_ rig: Rig, _ command: String) async throws -> [Row] {
            let text = try await rig.succeed([command, "--json"])
            let parts = try JSONDecoder().decode(Part<[Row]>.self, from: Data(text.utf8))
            #expect(parts.live.isEmpty, "\(command): dry and live are mixed")
            return parts.dry_run
        }

        private func trades(_ rig: Rig) async throws -> [Trade] { try await rows(rig, "trades") }
        private func orders(_ rig: Rig) async throws -> [Order] { try await rows(rig, "orders") }

        /// Numbers and ids of a job's orders are there once, and nothing of them is forgotten.
        private func check(_ orders: [Order], after before: [Order]) {
            for job in Set(orders.map(\.job)) {
                let mine = orders.filter { $0.job == job }
                #expect(Set(mine.map(\.order)).count == mine.count && Set(mine.map(\.client_order_id)).count == mine.count)
            }
            for old in before {
                let now = orders.first { $0.job == old.job && $0.order == old.order }
                #expect(
                    now?.client_order_id == old.client_order_id && now?.created == old.created,
                    "order \(old.order) of job \(old.job)")
                if !old.working { #expect(now?.filled == old.filled && now?.status == old.status) }
            }
        }

        /// Lets ten minutes of each venue pass under a stop: no entry may have been made in them (exits go on). Records of
        /// earlier ones may still come.
        private func underStop(_ rig: Rig, _ venues: PaperVenues) async throws {
            var stopped: [String: String] = [:]
            for venue in ["binance", "kraken"] {
                stopped["paper-" + venue] = PaperVenues.text(try await venues.time(of: venue) + 1)
            }
            for venue in ["binance", "kraken"] { try await venues.pass(minutes: 10, of: venue) }
            for order in try await orders(rig) where order.purpose == "entry" {
                let end = try #require(stopped[order.exchange])
                #expect(!order.working && order.created < end, "\(order) was made after \(end), under a stop")
            }
        }

        @Test func `two exchanges trade, a killed worker's job goes on, a stop ends new orders, and a job ends`() async throws {
            try await withRig { rig in
                try await rig.succeed(["init"])
                let venues = try await PaperVenues(rig)
                let fleet = try rig.start(["up", "--workers", "0", "--dry-run-workers", "2"])
                try await fleet.says("is ready after", within: .seconds(60))
                try await submit(
                    rig, "binance",
                    ["--strategy", "RsiReversion", "--set", "rsi_period=5", "--set", "oversold=45"]
                        + ["--set", "band_period=10", "--set", "band_width=1", "--set", "recovered=55"])
                try await submit(rig, "kraken", ["--set", "fast=3", "--set", "slow=20"])
                try await eventually("closed trades of both jobs", within: .seconds(240), every: .milliseconds(500)) {
                    Set(try await trades(rig).map(\.job)).count == 2
                }

                let (before, old) = (try await trades(rig), try await orders(rig))
                for worker in ["dry-worker-1", "dry-worker-2"] { #expect(try await fleet.killChild(worker)) }
                try await eventually("trades after the workers' deaths", within: .seconds(240), every: .milliseconds(500)) {
                    let now = try await trades(rig)
                    return Set(now.filter { !before.contains($0) }.map(\.job)).count == 2
                }
                let after = try await trades(rig)
                for trade in before { #expect(after.contains(trade), "trade \(trade.trade) of job \(trade.job)") }
                check(try await orders(rig), after: old)

                let stop = try await rig.stop("drill")
                #expect(stop.ending == .code(0) && stop.answer?.proved == true)
                let stopped = try await orders(rig)
                #expect(stopped.allSatisfy { !$0.working }, "orders work on under a stop")
                try await underStop(rig, venues)
                let entries = try await orders(rig).count { $0.purpose == "entry" }
                try await rig.rearm("the drill is over")
                try await eventually("entries after the re-arm", within: .seconds(240), every: .milliseconds(500)) {
                    try await orders(rig).count { $0.purpose == "entry" } > entries
                }
                check(try await orders(rig), after: stopped)

                try await rig.succeed(["jobs", "cancel", "1"])
                #expect(try await rig.finished(1).terminalStates == ["canceled"])
                #expect(try await rig.job(2).job.state == "running")
                venues.child.signal(SIGTERM)
                #expect(try await venues.child.ending() == .code(0))
                // Whose venue is gone ends as others do.
                try await rig.end(fleet)
            }
        }

        @Test func `what cannot be a dry-run is refused before it is submitted`() async throws {
            try await withRig { rig in
                let configuration = try String(
                    contentsOfFile: Program.packageRoot + "/configs/paper-binance.json", encoding: .utf8)
                let cases: [(String, String, String)] = [
                    ("\"dry_run\": true", "\"dry_run\": false", "dry_run"),
                    ("\"EmaCross\"", "\"NoSuchStrategy\"", "NoSuchStrategy"),
                    ("\"stake_amount\": 1000", "\"stake_amount\": -1", "stake_amount"), ("\"1m\"", "\"1x\"", "1x"),
                ]
                for (old, new, part) in cases {
                    try rig.write(configuration.replacingOccurrences(of: old, with: new), to: "bad.json")
                    let outcome = try await rig.run(["dry-run", "-c", rig.folder + "/bad.json", "--detach"])
                    #expect(outcome.ending == .code(2) && outcome.errors.contains(part), "\(outcome.ending): \(outcome.errors)")
                }
            }
        }
    }
}
