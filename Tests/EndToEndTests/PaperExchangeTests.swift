import Foundation
import Glibc
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

extension EndToEnd {
    /// The paper exchange as a process of its own.
    @Suite(.serialized) struct PaperExchange {
        private struct Ready: Decodable {
            struct Venue: Decodable {
                struct Account: Decodable {
                    var name: String
                    var key: String
                }
                var name: String
                var `protocol`: String
                var url: String
                var accounts: [Account]
                var pairs: [String]
            }
            var ready_file: String
            var pid: Int32
            var venues: [Venue]
        }
        private struct Books: Decodable {
            struct Faults: Decodable { var struck: [String: Int] }
            var venue: String
            var requests: Int
            var faults: Faults
            var is_conserved: Bool
        }
        private struct ServerTime: Decodable { var serverTime: Int64 }

        private func decode<Value: Decodable>(_ text: String) throws -> Value {
            try JSONDecoder().decode(Value.self, from: Data(text.utf8))
        }

        private static let configuration = Program.packageRoot + "/configs/paper-exchange.yaml"

        /// Starts the venues of the example and waits for what they print.
        private func start(_ rig: Rig) async throws -> (Child, Ready) {
            let child = try rig.start(["paper-exchange", "--config", Self.configuration, "--json"])
            let ready: Ready = try await eventually("the ready line; it said: \(child.errors)", within: .seconds(60)) {
                if !child.isRunning { throw Unexpected(description: child.errors) }
                return try? decode(child.output)
            }
            return (child, ready)
        }

        private func get(_ url: String) async throws -> (status: Int, body: Data) {
            let (body, response) = try await URLSession.shared.data(from: try #require(URL(string: url)))
            return (try #require(response as? HTTPURLResponse).statusCode, body)
        }

        @Test func `the example runs, answers as Binance, fails on command, shows its books, and ends`() async throws {
            try await withRig { rig in
                let (child, ready) = try await start(rig)
                let venue = try #require(ready.venues.first { $0.protocol == "binance" })
                #expect(ready.pid == child.pid && venue.pairs.contains("BTC/USDT"))
                #expect(venue.accounts.allSatisfy { $0.key.hasPrefix("paper") } && !child.output.contains("secret"))
                let before = Int64(Date().timeIntervalSince1970 * 1000)
                let answer = try await get(venue.url + "/api/v3/time")
                #expect(answer.status == 200)
                let time = try JSONDecoder().decode(ServerTime.self, from: answer.body).serverTime
                #expect((before - 60_000...before + 60_000).contains(time))

                let attributes = try FileManager.default.attributesOfItem(atPath: ready.ready_file)
                #expect(attributes[.posixPermissions] as? Int == 0o600)
                let fault = ["paper-exchange", "fault", "--venue", venue.name, "--kind", "outage", "--count", "1"]
                try await rig.succeed(fault)
                #expect(try await get(venue.url + "/api/v3/time").status == 503)
                #expect(try await get(venue.url + "/api/v3/time").status == 200)
                let books: Books = try decode(
                    try await rig.succeed(["paper-exchange", "books", "--venue", venue.name, "--json"]))
                #expect(books.venue == venue.name && books.requests == 3 && books.is_conserved)
                #expect(books.faults.struck == ["outage": 1])
                #expect(try await rig.succeed(["paper-exchange", "books", "--venue", venue.name]).contains("100000"))
                let unknown = try await rig.run(["paper-exchange", "books", "--venue", "paper-none"])
                #expect(unknown.ending == .code(2) && unknown.errors.contains("there is no venue 'paper-none'"))

                let second = try await rig.run(["paper-exchange", "--config", Self.configuration])
                #expect(second.ending == .code(6) && second.errors.contains("is held by"), "\(second.errors)")

                child.signal(SIGTERM)
                #expect(try await child.ending() == .code(0))
                #expect(!FileManager.default.fileExists(atPath: ready.ready_file))
                let gone = try await rig.run(fault)
                #expect(gone.ending == .code(3) && gone.errors.contains("no paper exchange runs"), "\(gone.errors)")
            }
        }

        @Test func `bad files, ports in use and bad options end with their codes`() async throws {
            try await withRig { rig in
                let (child, ready) = try await start(rig)
                let port = try #require(ready.venues[0].url.split(separator: ":").last)
                let venue = "venues: [{name: paper-a, protocol: binance, instruments: [{pair: BTC/USDT}], history: 1h"
                let cases: [(String, Int32, [String])] = [
                    (venue + ", sppeed: 2}]", 2, ["bad.yaml:1:", "venues[0].sppeed", "did you mean \"speed\""]),
                    (venue + ", listen: 127.0.0.1:\(port)}]", 6, ["bad.yaml", "paper-a", "port \(port)", "in use"]),
                    (venue + ", market: {candles: nowhere}}]", 2, ["bad.yaml", "nowhere"]),
                ]
                let file = rig.folder + "/bad.yaml"
                for (text, code, parts) in cases {
                    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
                    let outcome = try await rig.run(
                        ["paper-exchange", "--config", file, "--ready-file", rig.folder + "/other.json"])
                    #expect(outcome.ending == .code(code), "\(outcome.errors)")
                    for part in parts { #expect(outcome.errors.contains(part), "\(outcome.errors)") }
                }
                for options in [["--kind", "fire"], [], ["--kind", "latency"], ["--kind", "outage", "--for", "soon"]] {
                    let outcome = try await rig.run(["paper-exchange", "fault", "--venue", "paper-binance"] + options)
                    #expect(outcome.ending == .code(2), "\(options): \(outcome.errors)")
                }
                child.signal(SIGINT)
                #expect(try await child.ending() == .code(0))
            }
        }
    }
}
