import Configuration
import Coordination
import FleetProtocol
import Strategies
import Testing

@testable import Fleet

@Suite struct JobBuilderTests {
    private func configuration(_ mode: String = "dry-run", strategy: String = "EmaCross") throws -> EffectiveConfiguration {
        let text = """
            {"dry_run": true, "stake_currency": "USDT", "stake_amount": 100, "max_open_trades": 2, "strategy": "\(strategy)",
             "exchange": {"name": "binance", "key": "0123456789abcdef0123456789abcdef", "pair_whitelist": ["BTC/USDT"]},
             "execution": {"mode": "\(mode)"}}
            """
        return try EffectiveConfiguration.load(
            files: ["c.json"], registry: try StrategyRegistry(), source: .memory(["c.json": text]))
    }

    private let submission = [UInt8](0..<16)

    @Test func `a dry-run is one unit without candles, and the worker reads what was checked here`() throws {
        let configuration = try configuration()
        let built = try JobBuilder.dryRun(configuration, submission: submission)
        #expect(built.job.kind == .dryRun && built.job.combinationCount == 1 && built.job.unitCount == 1)
        #expect(built.job.group == "EmaCross" && built.job.priority == 0 && built.job.maxAttempts == 100 && !built.job.fresh)
        let specification = try JobSpecification(decoding: built.payload)
        #expect(specification.kind == "dry-run" && specification.engine == "native" && specification.dataFolder.isEmpty)
        #expect(specification.dataFiles.isEmpty && specification.sweep.isEmpty && specification.submission == submission)
        #expect(specification.configuration == configuration.canonicalBytes)
        #expect(built.job.address.description == Hex.text(SHA256Digest.of(specification.addressedBytes())))
        let decoded = try EffectiveConfiguration.decode(canonical: specification.configuration, registry: try StrategyRegistry())
        #expect(
            decoded.mode == .dryRun && decoded.strategy == "EmaCross" && decoded.canonicalBytes == configuration.canonicalBytes)
    }

    @Test func `keys of an exchange are not in what is submitted`() throws {
        let configuration = try configuration()
        #expect(configuration.warnings.contains { $0.code == .credentialInFile })
        let built = try JobBuilder.dryRun(configuration, submission: submission)
        #expect(!String(decoding: built.payload, as: UTF8.self).contains("0123456789abcdef"))
    }

    @Test func `the same configuration is another job with each submission, and the same job when it is sent twice`() throws {
        let configuration = try configuration()
        let first = try JobBuilder.dryRun(configuration, submission: submission, name: "mine", priority: 7)
        #expect(first.job.group == "mine" && first.job.priority == 7)
        let again = try JobBuilder.dryRun(configuration, submission: submission, name: "mine", priority: 7)
        #expect(first.job == again.job && first.payload == again.payload)
        let other = try JobBuilder.dryRun(configuration, submission: submission.reversed())
        #expect(other.job.address != first.job.address)
    }

    @Test func `a configuration for something else, or a submission without its number, makes no dry-run`() throws {
        #expect(throws: FleetError.self) { try JobBuilder.dryRun(try configuration("backtest"), submission: submission) }
        for count in [0, 15, 17] {
            #expect(throws: FleetError.self) {
                try JobBuilder.dryRun(try configuration(), submission: [UInt8](repeating: 1, count: count))
            }
        }
    }
}
