import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// What a user gets wrong: one clear message, and the exit code of `docs/operations.md`.
    @Suite(.serialized) struct BadInput {
        /// A wrong input and what must be said about it.
        struct Case: CustomTestStringConvertible, Sendable {
            var testDescription: String
            /// Words of the command; `CANDLES` stands for the folder of the candles.
            var command: [String]
            var code: Int32
            /// What the message must hold.
            var says: [String]
            /// Replacements in the configuration, `from: to`.
            var edits: [String: String] = [:]
            /// Files of the folder.
            var files: [String: String] = [:]
            var isHomeMade = true
        }

        private static let backtest = ["backtest", "-c", "config.json", "--datadir", "CANDLES", "--local"]
        private static let otherVersion = "{\"format\": 9, \"fleet\": \"old\", \"created\": \"2020-01-01T00:00:00Z\"}"

        static let configurations: [Case] = [
            Case(
                testDescription: "a missing key", command: backtest, code: 2, says: ["stake_currency", "is missing"],
                edits: ["\"stake_currency\": \"USDT\", ": ""]),
            Case(
                testDescription: "a wrong type", command: backtest, code: 2,
                says: ["config.json:", "max_open_trades", "\"three\"", "whole number"],
                edits: ["\"max_open_trades\": 3": "\"max_open_trades\": \"three\""]),
            Case(
                testDescription: "broken JSON", command: backtest, code: 2, says: ["config.json:"],
                edits: ["\"execution\":": "\"execution\""]),
            Case(
                testDescription: "an unknown strategy", command: backtest + ["--strategy", "Nope"], code: 2,
                says: ["Nope", "known are", "EmaCross"]),
            Case(
                testDescription: "an unknown parameter", command: backtest + ["--set", "nope=3"], code: 2,
                says: ["nope", "fast", "slow"]),
            Case(
                testDescription: "a parameter's value of a wrong type", command: backtest + ["--set", "fast=x"], code: 2,
                says: ["fast", "'x'", "whole number"]),
            Case(
                testDescription: "no data for a pair", command: backtest, code: 2, says: ["DOGE/USDT", "CANDLES"],
                edits: ["\"ADA/USDT\"": "\"DOGE/USDT\""]),
            Case(
                testDescription: "a file that is not there", command: ["backtest", "-c", "nothing.json", "--local"], code: 2,
                says: ["nothing.json", "no such file"]),
            Case(
                testDescription: "a folder in place of a file", command: ["backtest", "-c", ".", "--local"], code: 2,
                says: ["is a folder"]),
            Case(
                testDescription: "a time range without candles", command: backtest + ["--timerange", "20300101-20300201"],
                code: 2,
                says: ["20300101-20300201", "no candles"]),
            Case(
                testDescription: "a folder without candles",
                command: ["backtest", "-c", "config.json", "--datadir", ".", "--local"],
                code: 2, says: ["no candle files"]),
            Case(
                testDescription: "no folder of candles", command: ["backtest", "-c", "config.json", "--local"], code: 2,
                says: ["no data folder", "--datadir"]),
        ]

        static let fleets: [Case] = [
            Case(
                testDescription: "no home", command: ["status"], code: 3, says: ["no fleet at", "pragma init"], isHomeMade: false),
            Case(
                testDescription: "no fleet for a backtest", command: ["backtest", "-c", "config.json", "--datadir", "CANDLES"],
                code: 3, says: ["no fleet is running", "pragma up"]),
            Case(
                testDescription: "no fleet for a sweep", command: ["sweep", "farm.yaml", "--datadir", "CANDLES"], code: 3,
                says: ["no fleet is running", "pragma up"]),
            Case(
                testDescription: "no fleet for a list", command: ["jobs", "list"], code: 3, says: ["no fleet is running"]),
            Case(
                testDescription: "a home of another version", command: ["up", "--workers", "1"], code: 2,
                says: ["another version", "9", "1"], files: ["home/pragma.json": otherVersion], isHomeMade: false),
            Case(
                testDescription: "a worker in a home of another version", command: ["worker", "--name", "w"], code: 2,
                says: ["another version", "9", "1"], files: ["home/pragma.json": otherVersion], isHomeMade: false),
            Case(
                testDescription: "a damaged home", command: ["up", "--workers", "1"], code: 2, says: ["pragma.json", "damaged"],
                files: ["home/pragma.json": "{\"form"], isHomeMade: false),
            Case(
                testDescription: "a damaged store", command: ["coordinator"], code: 6, says: ["jobs.sqlite", "damaged"],
                files: ["home/store/jobs.sqlite": String(repeating: "no database at all. ", count: 500)]),
            Case(
                testDescription: "an unencrypted endpoint beyond the machine", command: ["coordinator", "--config", "role.yaml"],
                code: 2, says: ["endpoints.jobs", "tcp://0.0.0.0:45671", "encryption"],
                files: ["role.yaml": "encryption: off\nendpoints: {jobs: \"tcp://0.0.0.0:45671\"}\n"]),
            Case(
                testDescription: "an encrypted endpoint without a key", command: ["coordinator", "--config", "role.yaml"],
                code: 2, says: ["there is no key", "pragma keys new"],
                files: ["role.yaml": "endpoints: {jobs: \"tcp://0.0.0.0:45671\"}\n"]),
            Case(
                testDescription: "an unknown key of a role file", command: ["coordinator", "--config", "role.yaml"], code: 2,
                says: ["leeses", "leases"], files: ["role.yaml": "leeses: {worker: 5s}\n"]),
            Case(
                testDescription: "a duration without a unit", command: ["coordinator", "--config", "role.yaml"], code: 2,
                says: ["leases.worker", "unit"], files: ["role.yaml": "leases: {worker: 5x}\n"]),
            Case(
                testDescription: "a worker without a name", command: ["worker"], code: 2, says: ["--name"]),
        ]

        @Test(arguments: configurations) func `a configuration at fault gets one clear error`(_ item: Case) async throws {
            try await check(item)
        }

        @Test(arguments: fleets) func `a fleet at fault gets one clear error`(_ item: Case) async throws { try await check(item) }

        private func check(_ item: Case) async throws {
            let candles = try await Farm.candles()
            try await withRig { rig in
                if item.isHomeMade { try await rig.succeed(["init"]) }
                _ = try Farm.write(in: rig.folder)
                var text = Farm.configuration
                for (from, to) in item.edits {
                    try #require(text.contains(from))
                    text = text.replacing(from, with: to)
                }
                try rig.write(text, to: "config.json")
                for (path, content) in item.files { try rig.write(content, to: path) }
                let outcome = try await rig.run(item.command.map { $0 == "CANDLES" ? candles : $0 }, within: .seconds(30))
                #expect(outcome.ending == .code(item.code), "\(outcome.errors)")
                for part in item.says {
                    #expect(outcome.errors.contains(part == "CANDLES" ? candles : part), "\(outcome.errors)")
                }
                #expect(outcome.output.isEmpty)
                #expect(outcome.errors.split(separator: "\n").count <= 2, "more than one error: \(outcome.errors)")
                #expect(!outcome.errors.contains("Fatal error"))
            }
        }

        @Test func `a port in use is named`() async throws {
            let (listener, port) = try Loopback.listen()
            defer { close(listener) }
            try await withRig { rig in
                try await rig.succeed(["init"])
                try rig.write("endpoints: {jobs: \"tcp://127.0.0.1:\(port)\"}\n", to: "role.yaml")
                let outcome = try await rig.run(["coordinator", "--config", "role.yaml"], within: .seconds(30))
                #expect(outcome.ending == .code(6))
                #expect(outcome.errors.contains("tcp://127.0.0.1:\(port) is in use"), "\(outcome.errors)")
            }
        }

        /// A second process of a kind is refused, and a child at fault ends `up` with its reason.
        @Test func `one home has one up, and a fleet that cannot start says so`() async throws {
            try await withRig { rig in
                let fleet = try await rig.up(workers: 1)
                let second = try await rig.run(["up", "--workers", "1"])
                #expect(second.ending == .code(6))
                #expect(second.errors.contains("is held by pragma up"), "\(second.errors)")
                try await rig.end(fleet)

                try rig.write(String(repeating: "no database at all. ", count: 500), to: "home/store/jobs.sqlite")
                for suffix in ["-wal", "-shm"] { unlink(rig.home + "/store/jobs.sqlite" + suffix) }
                let broken = try await rig.run(["up", "--workers", "1"])
                #expect(broken.ending == .code(6))
                #expect(broken.errors.contains("coordinator did not start"), "\(broken.errors)")
                let log = try String(contentsOfFile: rig.home + "/logs/coordinator.log", encoding: .utf8)
                #expect(log.contains("jobs.sqlite is damaged"))
                try await rig.nothingRuns()
            }
        }
    }
}

extension Rig {
    /// Writes a file below the test's folder.
    func write(_ text: String, to path: String) throws {
        let file = URL(fileURLWithPath: folder + "/" + path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }
}
